"""Science: elements, compounds, units, prefixes, the sky; sequences of DNA and proteins, genes that do not exist."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, Generator, generator
from hotfixture.generators.drawn import counted, entry, letters, matching, text_of
from hotfixture.generators.options import Option
from hotfixture.generators.pools import Pool, table
from hotfixture.generators.records import Records
from hotfixture.generators.vocabularies import vocabulary

_ELEMENTS = Records(
    "science/elements", lane=lanes.own("science.element"), source="IUPAC, Periodic Table of the Elements"
)
element = _ELEMENTS.record("science.element", "number symbol name", doc="A chemical element: number, symbol and name.")
element_name = _ELEMENTS.column("science.element_name", "name", doc="The name of the element of the same draws.")
element_symbol = _ELEMENTS.column(
    "science.element_symbol", "symbol", doc="The symbol of the element of the same draws."
)
element_number = _ELEMENTS.column(
    "science.element_number", "number", doc="The atomic number of the element of the same draws.", type="int64"
)

_UNITS = Records(
    "science/units",
    lane=lanes.own("science.unit"),
    source="BIPM, The International System of Units, 9th edition",
    by=("quantity",),
)
unit = _UNITS.record(
    "science.unit", "quantity name symbol", doc="A unit of measurement: what it measures, name, symbol."
)
unit_name = _UNITS.column("science.unit_name", "name", doc="The name of the unit of the same draws.")
unit_symbol = _UNITS.column("science.unit_symbol", "symbol", doc="The symbol of the unit of the same draws.")
quantity = _UNITS.column("science.quantity", "quantity", doc="What the unit of the same draws measures.")

_PREFIXES = Records(
    "science/prefixes",
    lane=lanes.own("science.si_prefix"),
    source="BIPM, The International System of Units, 9th edition",
)
si_prefix = _PREFIXES.record("science.si_prefix", "name symbol power", doc="A prefix of units and its power of ten.")
si_prefix_name = _PREFIXES.column("science.si_prefix_name", "name", doc="The name of the prefix of the same draws.")
si_prefix_symbol = _PREFIXES.column(
    "science.si_prefix_symbol", "symbol", doc="The symbol of the prefix of the same draws."
)

_SKY = Records(
    "science/constellations",
    lane=lanes.own("science.constellation"),
    source="the 88 constellations of the International Astronomical Union",
)
constellation = _SKY.column("science.constellation", "name", doc="A constellation.")
constellation_abbreviation = _SKY.column(
    "science.constellation_abbreviation", "abbreviation", doc="Three letters of the constellation of the same draws."
)
planet = vocabulary(
    "science.planet", "science/planet", doc="A planet of the sun.", source="International Astronomical Union, 2006"
)
discipline = vocabulary("science.discipline", "science/discipline", doc="A field of science.")

_COMPOUNDS = Records(
    "science/compounds", lane=lanes.own("science.compound"), source="well-known compounds, our own list"
)
compound = _COMPOUNDS.record("science.compound", "formula name", doc="A chemical compound: formula and name.")
compound_name = _COMPOUNDS.column("science.compound_name", "name", doc="The name of the compound of the same draws.")
chemical_formula = _COMPOUNDS.column(
    "science.chemical_formula", "formula", doc="The formula of the compound of the same draws."
)

_ALPHABETS: Mapping[str, tuple[str, str]] = {
    "dna": ("ACGT", "A sequence of DNA, every base alike."),
    "rna": ("ACGU", "A sequence of RNA, every base alike."),
    "protein": (
        "ACDEFGHIKLMNPQRSTVWY",
        "A sequence of amino acids; the first is methionine (M), the others are alike.",
    ),
}


def _sequence(name: str) -> Generator:
    """The generator `science.<name>_sequence`: letters of IUPAC's codes."""
    alphabet, doc = _ALPHABETS[name]
    start = "M" if name == "protein" else ""

    def sequence(draws: AnyDraws, *, length: int) -> Column:
        tail = text_of(letters(draws.lane(0), alphabet, length - len(start)))
        return values.join(start, tail) if start else tail

    sequence.__doc__ = doc
    made = generator(
        f"science.{name}_sequence",
        options=(Option("length", "integer", 60, "How many letters.", low=2, high=1000),),
        source="IUPAC-IUB codes of nucleotides and amino acids",
        holds=lambda value, length: len(value) == length and value.startswith(start) and set(value) <= set(alphabet),
        capacity=lambda length: len(alphabet) ** (length - len(start)),
    )
    return made(sequence)


dna_sequence, rna_sequence, protein_sequence = (_sequence(name) for name in _ALPHABETS)


@generator(
    "science.gene_symbol",
    source="capitals and a number, as HGNC spells them; ZZ at the start, with which no human gene begins",
    holds=matching(r"ZZ[A-Z]{2}\d{1,2}[A-Z]?"),
    capacity=676 * 99 * 27,
)
def gene_symbol(draws: AnyDraws) -> Column:
    """The symbol of a gene that does not exist."""
    two = text_of(letters(draws.lane(0), "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 2))
    return values.join("ZZ", two, entry(draws.lane(1), counted(1, 99)), entry(draws.lane(2), _gene_ends()))


@cache
def _gene_ends() -> Pool:
    return Pool(["", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ"])


def _is_measurement(value: Any, *, quantity: str | None) -> bool:
    import re

    number, _, symbol = value.partition(" ")
    columns = table("science/units")
    fitting = {
        found
        for kind, found in zip(columns["quantity"].lines, columns["symbol"].lines, strict=True)
        if quantity is None or kind.casefold() == quantity.casefold()
    }
    return re.fullmatch(r"\d{1,3}\.\d", number) is not None and symbol in fitting


@generator(
    "science.measurement",
    options=_UNITS.options,
    check=_UNITS.check,
    source="BIPM, The International System of Units, 9th edition: a number, a blank, a unit",
    holds=_is_measurement,
)
def measurement(draws: AnyDraws, *, quantity: str | None) -> Column:
    """A measured value with its unit: that of the same draws."""
    symbol = _UNITS.at(_UNITS.index(draws, quantity=quantity), "symbol")
    whole, tenth = entry(draws.lane(0), counted(0, 999)), entry(draws.lane(1), counted(0, 9))
    return values.join(whole, ".", tenth, " ", symbol)
