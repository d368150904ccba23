"""Columns made by a generator of the catalogue, or by one that the schema defines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from hotfixture.draws import Draws
from hotfixture.errors import HotFixtureError, OptionError, UnknownNameError
from hotfixture.generators import canonical, find
from hotfixture.generators.base import Generator
from hotfixture.plans.seed.columns import Maker, Site, cast
from hotfixture.plans.seed.distinct import distinct
from hotfixture.plans.seed.drawn import Generated, address

BY_TYPE: Mapping[str, str] = {
    "smallint": "numbers.integer", "integer": "numbers.integer", "bigint": "numbers.integer",
    "unsigned": "numbers.integer", "bigint unsigned": "numbers.integer",
    "float": "distributions.uniform", "double": "distributions.uniform", "decimal": "numbers.decimal",
    "boolean": "numbers.boolean", "text": "text.sentence", "date": "times.date", "time": "times.time",
    "timestamp": "times.timestamp", "timestamp with time zone": "times.timestamp", "interval": "times.interval",
    "uuid": "identifiers.uuid",
}  # fmt: skip
"""What makes a column that only says its type."""


def make(site: Site) -> Maker:
    """The maker of a column with a `generator`, or of one that says no more than its name and type."""
    name = _name(site)
    if name is None:
        return site.problem("nothing says how its values are made", hint="Give it a generator, values or a reference.")
    try:
        generator = find(name)
        options = _options(site, generator)
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
    wanted = site.declared.arrow if site.declared else arrow
    return _made(site, generator, options, wanted)


def _made(site: Site, generator: Generator, options: dict[str, Any], arrow: pa.DataType) -> Maker:
    try:
        cast(generator(Draws(np.zeros(1, np.uint64)), **options), arrow)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        made = generator.arrow_type(**options)
        return site.problem(f"{generator.name} gives {made} values, the column is {site.column.type}")
    if site.column.unique or site.column.primary_key:
        return distinct(site, generator, options, arrow)
    return Generated(generator, options, address(site, generator), arrow)


def _name(site: Site) -> str | None:
    """The generator's name: as written, else the column's own where it is one, else by type."""
    if "generator" in site.fields:
        return site.reader.text(site.fields["generator"], f"generator of {site.what}")
    if site.column.primary_key and (not site.declared or pa.types.is_integer(site.declared.arrow)):
        return "identifiers.sequence"
    try:
        return canonical(site.column.name.rpartition(".")[2])
    except UnknownNameError:
        return BY_TYPE.get(site.declared.name) if site.declared else None


def _options(site: Site, generator: Generator) -> dict[str, Any]:
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
    if generator.name == "identifiers.permutation" and "high" not in given:
        given["high"] = given.get("low", 1) + max(site.build.count(site.table.name), 1) - 1
    generator.settle(given)
    return given
