"""References as a schema writes them: at the column, at the table, or as `relations:` of the whole schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hotfixture.documents import Node, Reader
from hotfixture.errors import Where
from hotfixture.plans.seed.columns import KINDS
from hotfixture.plans.seed.declarations import ReferenceDeclaration, TableDeclaration

_TARGET = re.compile(r"\s*(?P<table>[^()]+?)\s*(?:\(\s*(?P<columns>[^()]+?)\s*\))?\s*")
KEYS = (
    "table", "column", "columns", "to", "name", "distribution", "exponent", "nulls", "roots", "branching", "one_to_one",
)  # fmt: skip
ALSO = {
    "null": "nulls",
    "target": "to",
    "target_columns": "to_columns",
    "referenced_table": "table",
    "collection": "table",
    "field": "column",
}
_RELATION_KEYS = (*(key for key in KEYS if key not in ("table", "column", "columns")), "from", "type")
_RELATION_TYPES = ("many_to_one", "one_to_many", "one_to_one")
DISTRIBUTIONS = ("uniform", "zipf")


def read_reference(
    reader: Reader, node: Node, what: str, columns: tuple[str, ...], beside: Mapping[str, Node] | None = None
) -> ReferenceDeclaration:
    """`users`, `users.id`, `users(tenant, id)`, or a mapping with options; `columns` where the place says them.

    `beside` holds the keys of the column, which may say options too; how often it is null, the column says itself.
    """
    outer = {key: inner for key, inner in (beside or {}).items() if key not in ("nulls", "references")}
    if isinstance(node.value, str):
        target, names = read_target(reader, node, what, len(columns))
        options = _options(reader, outer)
        return ReferenceDeclaration(columns, target, names, node.where, options, columns[0] if columns else target)
    fields = reader.mapping(node, f"reference of {what}", KEYS, also=ALSO)
    own = columns or tuple(reader.texts(fields["columns"], "columns") if "columns" in fields else ())
    if "to" in fields:
        target, names = read_target(reader, fields["to"], what, len(own))
    else:
        target = reader.text(fields["table"], "table") if "table" in fields else ""
        key = "column" if columns else "columns"
        names = tuple(reader.texts(fields[key], key)) if key in fields and columns else ()
    if not own or not target:
        reader.problem(f"reference of {what}: expected columns and where they point ('to: users.id')", node.where)
    name = reader.text(fields["name"], "name") if "name" in fields else ("+".join(own) or target)
    return ReferenceDeclaration(own, target, names, node.where, _options(reader, {**outer, **fields}), name)


def read_target(reader: Reader, node: Node, what: str, count: int) -> tuple[str, tuple[str, ...]]:
    """Table and columns of `users`, `users.id` or `users(tenant, id)`."""
    text = reader.text(node, f"reference of {what}")
    found = _TARGET.fullmatch(text)
    if found is None:
        reader.problem(f"reference of {what}: expected 'table.column' or 'table(column, column)'", node.where)
        return "", ()
    if found["columns"]:
        return found["table"], tuple(part.strip() for part in found["columns"].split(","))
    table, dot, column = found["table"].rpartition(".")
    return (table, (column,)) if dot and count < 2 else (found["table"], ())


def _options(reader: Reader, fields: Mapping[str, Node]) -> dict[str, Any]:
    """How a parent is picked."""
    found: dict[str, Any] = {}
    for name in ("nulls", "roots"):
        if name in fields:
            found[name] = reader.number(fields[name], name, low=0, high=1)
    if "exponent" in fields:
        found["exponent"] = reader.number(fields["exponent"], "exponent", low=0, high=10)
    if "branching" in fields:
        found["branching"] = reader.integer(fields["branching"], "branching", low=1)
    if "one_to_one" in fields:
        found["one_to_one"] = reader.boolean(fields["one_to_one"], "one_to_one")
    if "distribution" in fields:
        found["distribution"] = reader.choice(fields["distribution"], "distribution", DISTRIBUTIONS)
    return found


def read_relations(reader: Reader, node: Node, tables: dict[str, TableDeclaration]) -> dict[str, TableDeclaration]:
    """`relations: [{from: orders.user_id, to: users.id}]` put where they belong."""
    found = dict(tables)
    for item in reader.items(node):
        fields = reader.mapping(
            item, "relation", _RELATION_KEYS, required=("from", "to"), also={"source": "from", "target": "to"}
        )
        if "from" in fields and "to" in fields:
            _relate(reader, fields, item.where, found)
    return found


def _relate(reader: Reader, fields: Mapping[str, Node], where: Where, tables: dict[str, TableDeclaration]) -> None:
    kind = reader.choice(fields["type"], "type of a relation", _RELATION_TYPES) if "type" in fields else "many_to_one"
    ends = ("to", "from") if kind == "one_to_many" else ("from", "to")
    name, columns = read_target(reader, fields[ends[0]], "a relation", 1)
    target, target_columns = read_target(reader, fields[ends[1]], "a relation", len(columns))
    table = tables.get(name)
    if table is None:
        reader.unknown("table", name, list(tables), fields[ends[0]].where)
        return
    for column in columns:
        if column not in table.columns:
            reader.unknown(f"column of {name}", column, list(table.columns), fields[ends[0]].where)
            return
    options = _options(reader, fields) | ({"one_to_one": True} if kind == "one_to_one" else {})
    reference = ReferenceDeclaration(columns, target, target_columns, where, options, columns[0] if columns else target)
    made = {column: replace(table.columns[column], kind=KINDS["references"]) for column in columns}
    tables[name] = replace(table, references=(*table.references, reference), columns={**table.columns, **made})
