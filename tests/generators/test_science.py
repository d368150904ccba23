"""Science: numbers, symbols and names of one draw belong together; sequences use their alphabet."""

from __future__ import annotations

import re

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.errors import UnknownNameError
from hotfixture.generators import find, generate
from hotfixture.generators.pools import table

DRAWS = Draws.from_rows(4, "science", 0, 300)


def made(name, **options):
    return find(name)(DRAWS, **options).to_pylist()


def test_number_symbol_and_name_are_those_of_one_element():
    rows = made("science.element")
    assert [row["symbol"] for row in rows] == made("element_symbol")
    assert [row["number"] for row in rows] == made("element_number")
    columns = table("science/elements")
    assert columns["number"].lines == list(range(1, 119))
    assert dict(zip(columns["symbol"].lines, columns["name"].lines, strict=True))["W"] == "Tungsten"


def test_formulas_are_made_of_elements():
    symbols = set(table("science/elements")["symbol"].lines)
    for formula in table("science/compounds")["formula"].lines:
        assert set(re.findall(r"[A-Z][a-z]?", formula)) <= symbols


def test_prefixes_are_powers_of_ten():
    rows = {row["name"]: row["power"] for row in find("si_prefix")(Draws.from_rows(1, "si", 0, 3000)).to_pylist()}
    assert (rows["kilo"], rows["nano"], len(rows)) == (3, -9, 24)


@pytest.mark.parametrize(("name", "alphabet"), [("dna", "ACGT"), ("rna", "ACGU"), ("protein", "ACDEFGHIKLMNPQRSTVWY")])
@pytest.mark.parametrize("length", [2, 61])
def test_sequences_use_their_whole_alphabet(name, alphabet, length):
    values = agreed(f"{name}_sequence", length=length)
    assert {len(value) for value in values} == {length}
    assert set("".join(values)) <= set(alphabet)
    assert length == 2 or set("".join(values)) == set(alphabet)


def test_measurements_carry_the_unit_of_the_same_draws():
    assert [value.partition(" ")[2] for value in made("measurement")] == made("unit_symbol")
    assert {value.partition(" ")[2] for value in made("measurement", quantity="pressure")} <= {"Pa", "hPa", "bar"}
    with pytest.raises(UnknownNameError):
        generate("measurement", quantity="beauty")


def test_all_88_constellations_are_there():
    assert len(set(table("science/constellations")["name"].lines)) == 88
