"""Columns made by a generator of the catalogue, or by one that the schema defines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from hotfixture.draws import Draws
from hotfixture.errors import HotFixtureError, OptionError, UnknownNameError
from hotfixture.generators import find, meant
from hotfixture.generators.base import Generator
from hotfixture.plans.seed.columns import Maker, Site, cast
from hotfixture.plans.seed.custom import make_custom
from hotfixture.plans.seed.distinct import Combined, distinct
from hotfixture.plans.seed.drawn import Generated, address
from hotfixture.plans.seed.fitting import Fitted, Whole
from hotfixture.plans.seed.frame import Frame

BY_TYPE: Mapping[str, str] = {
    "smallint": "numbers.integer", "integer": "numbers.integer", "bigint": "numbers.integer",
    "unsigned": "numbers.integer", "bigint unsigned": "numbers.integer",
    "float": "distributions.uniform", "double": "distributions.uniform", "decimal": "numbers.decimal",
    "boolean": "numbers.boolean", "text": "text.sentence", "date": "times.date", "time": "times.time",
    "timestamp": "times.timestamp", "timestamp with time zone": "times.timestamp", "interval": "times.interval",
    "uuid": "identifiers.uuid", "objectid": "identifiers.object_id",
}  # fmt: skip
"""What makes a column that only says its type."""

IMPLIED = frozenset({
    "people.sex", "people.first_name", "people.last_name", "people.full_name", "people.name_prefix",
    "people.birth_date", "places.street", "places.building_number", "places.address_line", "places.city",
    "places.region", "places.postcode", "places.country", "places.country_code", "places.latitude",
    "places.longitude", "contact.phone", "internet.email", "internet.user_name", "internet.domain", "internet.url",
    "internet.ipv4", "internet.ipv6", "internet.mac", "internet.user_agent", "business.company", "business.job",
    "finance.iban", "finance.card", "finance.currency", "identifiers.uuid", "identifiers.ulid",
})  # fmt: skip
"""What makes a column that only says its name. Never add to it: schemas that are in use would change their values."""


def make(site: Site) -> Maker:
    """The maker of a column with a `generator`, or of one that says no more than its name and type."""
    name = generator_name(site)
    if name and name in site.build.declared.generators:
        return make_custom(site, name, make)
    if name is None:
        return site.problem("nothing says how its values are made", hint=_ways(site))
    try:
        generator = find(name)
        options = options_of(site, generator)
        arrow = generator.arrow_type(**options)
    except OptionError as error:
        node = site.fields.get("params")
        place = (node.keys or {}).get(error.option) if node else None
        return site.problem(str(error), place or (node.where if node else None))
    except UnknownNameError as error:
        node = site.fields.get("params" if "option of" in str(error) else "generator")
        problem = error.problems[0]
        return site.problem(problem.message, node.where if node else None, problem.hint)
    except HotFixtureError as error:
        return site.problem(str(error))
    wanted = site.declared.arrow if site.declared and not _document(site, arrow) else arrow
    return _made(site, generator, options, wanted)


def _document(site: Site, arrow: pa.DataType) -> bool:
    """Whether a column of JSON is given values with parts, which become its objects and lists."""
    return bool(site.declared and site.declared.name == "json" and pa.types.is_nested(arrow))


_WAYS: Mapping[str, str] = {
    "json": "Give it fields, a generator whose values have parts (person), or a value such as '{}'.",
    "binary": "Give it a value, or a generator of texts, whose bytes it takes (hex_bytes).",
}
"""What to do about a column that no generator fits by itself, by its type."""


def _ways(site: Site) -> str:
    if site.declared and pa.types.is_list(site.declared.arrow):
        return "Say what its elements are: items: {generator: word}, size: 0..3."
    return _WAYS.get(site.declared.name if site.declared else "", "Give it a generator, values or a reference.")


def _made(site: Site, generator: Generator, options: dict[str, Any], arrow: pa.DataType) -> Maker:
    try:
        cast(generator(Draws(np.zeros(1, np.uint64)), **options), arrow)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        made = generator.arrow_type(**options)
        said = "structured" if pa.types.is_nested(made) else str(made)
        return site.problem(f"{generator.name} gives {said} values, the column is {site.column.type}", hint=_ways(site))
    if site.declared and site.declared.name == "json" and arrow == pa.string() and not _spells(generator, options):
        return site.problem(f"{generator.name} gives values that are no JSON", hint=_ways(site))
    if not _fits(site, generator, options, arrow):
        return site.problem(
            f"{generator.name} gives values that {site.column.type} does not hold",
            site.column.type_where,
            "Give it a wider type, or params with smaller 'low' and 'high'.",
        )
    if site.grid:
        return Combined(generator, options, *site.grid, arrow)
    if (site.column.unique or site.alone) and not site.table.existing:  # whose rows are read, and never made
        return _whole(site, distinct(site, generator, options, arrow), arrow)
    drawn = Generated(generator, options, address(site, generator), arrow)
    fits = not _length(site) or generator.by_row or not pa.types.is_string(arrow)
    return drawn if fits else Fitted(drawn, _length(site), arrow)


_LOOKED = 4096
"""Rows of a unique text whose lengths are looked at before any is made; the last one, with the longest number, too."""


def _whole(site: Site, made: Maker, arrow: pa.DataType) -> Maker:
    """Unique values; those of a column of so many characters are refused here where some are seen to be longer."""
    count = site.build.count(site.table.name)
    if not (_length(site) and made.arrow == arrow and pa.types.is_string(arrow)):
        return made
    whole = Whole(made, _length(site), site.what, site.column.where, arrow)
    rows = np.unique(np.append(np.arange(0, count, max(1, -(-count // _LOOKED))), max(count - 1, 0))).astype(np.uint64)
    if count and (found := whole.too_long(Frame(site.build.tables[site.table.name], rows))):
        return site.problem(
            f"unique, and its values do not fit: row {found[0]:,} has one of {found[1]:,} characters, the column holds "
            f"{_length(site):,}",
            site.column.type_where,
            "Make the column longer, or choose a generator of shorter values.",
        )
    return whole


_DRAWS = (0, (1 << 64) - 1, 0x9E3779B97F4A7C15, 0x3C6EF372FE94F82B)
"""The outermost draws, which give the least and the greatest value, and two between, whose values have all digits."""


def _fits(site: Site, generator: Generator, options: dict[str, Any], arrow: pa.DataType) -> bool:
    """Whether the outermost values go into the type: those of the first and last row, or of the least and most draw."""
    ends = (0, max(site.build.count(site.table.name), 1) - 1) if generator.by_row else _DRAWS
    try:
        cast(generator(Draws(np.array(ends, np.uint64)), **options), arrow)
    except pa.ArrowInvalid:
        return False
    except (pa.ArrowNotImplementedError, OptionError):
        return True  # another kind of value, or a row beyond the last one: said where these are
    return True


def _spells(generator: Generator, options: dict[str, Any]) -> bool:
    """Whether its texts are JSON, as far as a few of them show."""
    texts = generator(Draws(np.array([0] if generator.by_row else _DRAWS, np.uint64)), **options).cast(pa.string())
    try:
        for text in texts.drop_null().to_pylist():
            json.loads(text)
    except ValueError:
        return False
    return True


def _length(site: Site) -> int:
    """The most characters of a text column; 0 where there is no limit."""
    textual = site.declared is None or pa.types.is_string(site.declared.arrow)
    limits = (site.declared.length if site.declared else None, site.column.longest)
    return min((limit for limit in limits if limit and textual), default=0)


def generator_name(site: Site) -> str | None:
    """The generator's name: as written, else the column's own where it is one, else by type."""
    if "generator" in site.fields:
        return site.reader.text(site.fields["generator"], f"generator of {site.what}")
    if site.alone and (not site.declared or pa.types.is_integer(site.declared.arrow)):
        return "identifiers.sequence"
    implied = _implied(site)
    return implied or (BY_TYPE.get(site.declared.name) if site.declared else None)


def _implied(site: Site) -> str | None:
    """The generator of the column's own name, where it is one of IMPLIED and its values go into the declared type."""
    name = meant(site.column.name.rpartition(".")[2])
    if name not in IMPLIED:
        return None
    textual = pa.types.is_string(find(name).arrow_type())
    fits = site.declared is None or pa.types.is_string(site.declared.arrow) == textual
    return name if fits else None


def options_of(site: Site, generator: Generator) -> dict[str, Any]:
    """The options as written, the schema's locale and what the declared type says of numbers."""
    known = {option.name for option in generator.options}
    node = site.fields.get("params")
    given = {name: inner.plain() for name, inner in site.reader.names(node, "params").items()} if node else {}
    if "locale" in site.fields:
        given["locale"] = site.reader.text(site.fields["locale"], "locale")
    if "locale" in known and site.build.declared.locale:
        given.setdefault("locale", site.build.declared.locale)
    if "key" in known and generator.by_row:
        given.setdefault("key", site.build.key(site.address))
    if generator.name == "numbers.decimal" and site.declared and pa.types.is_decimal(site.declared.arrow):
        given |= {} if site.declared.arrow.scale > 1 else {"scale": given.get("scale", site.declared.arrow.scale)}
    generator.settle(given)
    return _bounded(site, generator, given) if given.keys() <= {"locale", "scale"} else given


def _bounded(site: Site, generator: Generator, given: dict[str, Any]) -> dict[str, Any]:
    """The options of a column that only says its type, with a bound where that holds less than the generator gives."""
    arrow = site.declared.arrow if site.declared else None
    if "generator" in site.fields or arrow is None or _fits(site, generator, given, arrow):
        return given
    if generator.name == "numbers.integer" and arrow.bit_width < 64:
        return {**given, "high": (1 << (arrow.bit_width - 1)) - 1}
    if generator.name == "numbers.decimal" and arrow.precision <= 18:
        return {**given, "high": (Decimal(10) ** arrow.precision - 1).scaleb(-arrow.scale)}
    return given
