"""Uniques and checks as a schema writes them: of a table, or in the `constraints` of a table or of the whole schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hotfixture.documents import Node, Reader
from hotfixture.errors import Where
from hotfixture.plans.seed.declarations import PartialDeclaration, TableDeclaration

KEYS = ("name", "type", "unique", "check", "columns", "expression", "where", "nulls_distinct")
"""What a constraint may say; one of the whole schema says its table, too."""
_UNIQUE_KEYS = ("columns", "where", "nulls_distinct", "name")


def read_uniques(reader: Reader, node: Node | None, what: str) -> list[tuple[tuple[str, ...], Where]]:
    """`unique: [[a, b], [c]]`, or `unique: [a, b]` for one over both."""
    if node is None:
        return []
    if isinstance(node.value, list) and any(isinstance(item.value, list) for item in node.value):
        return [(tuple(reader.texts(item, f"unique of {what}")), item.where) for item in node.value]
    return [(tuple(reader.texts(node, f"unique of {what}")), node.where)]


def read_constraints(reader: Reader, node: Node, tables: Mapping[str, TableDeclaration]) -> dict[str, TableDeclaration]:
    """`constraints: [{table: …, unique: […]}, {table: …, check: …}]` put where they belong."""
    found = dict(tables)
    for item in reader.items(node):
        fields = reader.mapping(item, "constraint", (*KEYS, "table"), required=("table",))
        if "table" not in fields:
            continue
        name = reader.text(fields["table"], "table of a constraint")
        if name not in found:
            reader.unknown("table", name, list(found), fields["table"].where)
            continue
        found[name] = _constrained(reader, fields, item.where, found[name])
        check_names(reader, found[name])
    return found


def read_constraint(reader: Reader, node: Node, table: TableDeclaration) -> TableDeclaration:
    """The table with one of its own `constraints`."""
    return _constrained(reader, reader.mapping(node, f"constraint of {table.name!r}", KEYS), node.where, table)


def _constrained(reader: Reader, fields: Mapping[str, Node], where: Where, table: TableDeclaration) -> TableDeclaration:
    unique, check = fields.get("unique") or fields.get("columns"), fields.get("check") or fields.get("expression")
    name = reader.text(fields["name"], "name of a constraint") if "name" in fields else ""
    if unique is None and check is None:
        reader.problem(f"constraint of {table.name!r}: expected 'unique' or 'check', found neither", where)
    if check is not None:
        text = reader.text(check, f"check of {table.name!r}")
        table = replace(table, checks=(*table.checks, (text, check.where)))
        table = replace(table, check_names={**table.check_names, text: name}) if name else table
    if unique is None:
        return table
    said = {key: fields[key] for key in ("where", "nulls_distinct", "name") if key in fields}
    if isinstance(unique.value, dict):
        said |= reader.mapping(unique, f"unique of {table.name!r}", _UNIQUE_KEYS, required=("columns",))
        unique = said.get("columns", unique)
    if not said.keys() & {"where", "nulls_distinct"}:
        return replace(table, uniques=table.uniques + tuple(read_uniques(reader, unique, f"table {table.name!r}")))
    return replace(table, partials=(*table.partials, _partial(reader, said, unique, table.name)))


def _partial(reader: Reader, fields: Mapping[str, Node], columns: Node, table: str) -> PartialDeclaration:
    return PartialDeclaration(
        tuple(reader.texts(columns, f"unique of {table!r}")),
        columns.where,
        reader.text(fields["where"], f"where of a unique of {table!r}") if "where" in fields else "",
        reader.boolean(fields["nulls_distinct"], "nulls_distinct") if "nulls_distinct" in fields else True,
        reader.text(fields["name"], "name of a unique") if "name" in fields else "",
    )


def check_names(reader: Reader, table: TableDeclaration) -> None:
    """Keys, uniques and references name columns that there are."""
    places = [(table.primary_key, table.where), *table.uniques]
    places += [(one.columns, one.where) for one in table.references]
    places += [(_named(reader, one, table), one.place) for one in table.partials]
    for columns, where in places:
        for column in columns:
            if column not in table.columns:
                reader.unknown(f"column of {table.name}", column, list(table.columns), where)


def _named(reader: Reader, one: PartialDeclaration, table: TableDeclaration) -> tuple[str, ...]:
    """The columns of a partial unique, and those that its condition looks at."""
    if not one.where:
        return one.columns
    from sqlglot import exp

    from hotfixture.plans.seed.conditions import parsed

    tree = parsed(one.where)
    if tree is None:
        reader.problem(f"unique of {table.name!r}: 'where' is no SQL condition", one.place)
        return one.columns
    known = {name.casefold(): name for name in table.columns}
    looked = (column.name for column in tree.find_all(exp.Column))
    return (*one.columns, *(known.get(name.casefold(), name) for name in looked))
