"""The YAML of a seed schema into declarations, with all its problems at once; both customary spellings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from hotfixture.documents import Node, Reader
from hotfixture.errors import Where
from hotfixture.plans.declarations import named
from hotfixture.plans.seed.columns import KINDS, Kind
from hotfixture.plans.seed.constraints import check_names, read_constraint, read_constraints, read_uniques
from hotfixture.plans.seed.declarations import (
    ColumnDeclaration,
    Nulls,
    ReferenceDeclaration,
    SchemaDeclaration,
    TableDeclaration,
)
from hotfixture.plans.seed.narrowing import narrowed
from hotfixture.plans.seed.relations import read_reference, read_relations
from hotfixture.plans.seed.sizes import read_size

SCHEMA_KEYS = (
    "name", "description", "version", "seed", "locale", "tables", "collections", "relations", "constraints",
    "generators",
)  # fmt: skip
SCHEMA_ALSO = {"relationships": "relations", "custom_generators": "generators"}
TABLE_KEYS = (
    "count", "columns", "primary_key", "unique", "checks", "constraints", "references", "seed_key", "schema",
    "existing", "redis", "mongodb", "description",
)  # fmt: skip
TABLE_ALSO = {"fields": "columns", "size": "count", "rows": "count", "foreign_keys": "references", "check": "checks"}
COLUMN_KEYS = (
    "type", "primary_key", "unique", "nulls", "null_group", "nullable", "seed_key", "group", "hidden", "description",
)  # fmt: skip
COLUMN_ALSO = {
    "options": "params", "null": "nulls", "null_share": "nulls", "null_probability": "nulls", "reference": "references",
    "foreign_key": "references", "expr": "expression", "enum": "values", "choices": "values", "constant": "value",
    "nested_fields": "fields", "pk": "primary_key",
}  # fmt: skip
ENGINES = ("redis", "mongodb")
"""Engines that need to be told how rows are stored."""
_NAME = re.compile(r"[^\x00-\x1f]{1,128}")


def read_schema(reader: Reader, root: Node, source: str) -> SchemaDeclaration:
    """The declarations of a whole schema; problems are left with the reader."""
    fields = reader.mapping(root, "schema", SCHEMA_KEYS, also=SCHEMA_ALSO)
    nothing = Node(None, root.where)
    tables: dict[str, TableDeclaration] = {}
    for key in ("tables", "collections"):
        for name, where, inner in named(reader, fields.get(key, nothing), key):
            if name in tables:
                reader.problem(f"{key}: the name {name!r} stands here twice", where)
            tables[name] = _table(reader, name, where, inner, document=key == "collections")
    if not tables:
        reader.problem("schema: expected 'tables' or 'collections', found neither", root.where)
    tables = read_relations(reader, fields.get("relations", nothing), tables)
    tables = read_constraints(reader, fields.get("constraints", nothing), tables)
    tables = {name: narrowed(table) for name, table in tables.items()}
    generators = fields.get("generators", nothing)
    return SchemaDeclaration(
        source,
        tables,
        {name: inner for name, _, inner in named(reader, generators, "generators")},
        reader.integer(fields["seed"], "seed") if "seed" in fields else 0,
        reader.text(fields["locale"], "locale") if "locale" in fields else "",
        reader.text(fields["name"], "name") if "name" in fields else "",
        reader.text(fields["description"], "description") if "description" in fields else "",
    )


def _table(reader: Reader, name: str, where: Where, node: Node, *, document: bool) -> TableDeclaration:
    what = f"table {name!r}"
    if not _NAME.fullmatch(name):
        reader.problem(f"{what}: expected a name of 1 to 128 characters", where)
    fields = reader.mapping(node, what, TABLE_KEYS, also=TABLE_ALSO)
    nothing = Node(None, where)
    written = named(reader, fields.get("columns", nothing), f"columns of {what}")
    columns = {inner: read_column(reader, f"{name}.{inner}", inner, place, one) for inner, place, one in written}
    if not columns:
        reader.problem(f"{what}: expected 'columns', found none", where)
    key = tuple(reader.texts(fields["primary_key"], f"primary key of {what}")) if "primary_key" in fields else ()
    references = [
        read_reference(reader, column.fields["references"], f"{name}.{inner}", (inner,), column.fields)
        for inner, column in columns.items()
        if "references" in column.fields
    ]
    references += [read_reference(reader, one, what, ()) for one in _references(reader, fields.get("references"))]
    table = TableDeclaration(
        name,
        where,
        read_size(reader, fields.get("count"), what, where),
        _referring(columns, references),
        tuple(references),
        tuple(read_uniques(reader, fields.get("unique"), what)),
        tuple((reader.text(one, f"check of {what}"), one.where) for one in reader.items(fields.get("checks", nothing))),
        key or tuple(inner for inner, column in columns.items() if column.primary_key),
        reader.text(fields["seed_key"], "seed_key") if "seed_key" in fields else name,
        reader.text(fields["schema"], "schema") if "schema" in fields else "",
        document,
        reader.boolean(fields["existing"], "existing") if "existing" in fields else False,
        {engine: _storage(reader, fields[engine], engine) for engine in ENGINES if engine in fields},
        {engine: fields[engine].where for engine in ENGINES if engine in fields},
        reader.text(fields["description"], "description") if "description" in fields else "",
    )
    for one in reader.items(fields.get("constraints", nothing)):
        table = read_constraint(reader, one, table)
    check_names(reader, table)
    return replace(table, columns=_keyed(table))


def _storage(reader: Reader, node: Node, engine: str) -> dict[str, str]:
    """How an engine stores rows, as texts; what they may say, the engine knows."""
    found = {}
    for name, inner in reader.names(node, engine).items():
        found[name] = ", ".join(reader.texts(inner, name)) if isinstance(inner.value, list) else inner.text
    return found


def _keyed(table: TableDeclaration) -> Mapping[str, ColumnDeclaration]:
    """A single column that the table's `primary_key` names is one itself."""
    if len(table.primary_key) != 1 or table.primary_key[0] not in table.columns:
        return table.columns
    key = table.primary_key[0]
    return {**table.columns, key: replace(table.columns[key], primary_key=True)}


def _references(reader: Reader, node: Node | None) -> list[Node]:
    return reader.items(node) if node else []


def read_column(reader: Reader, what: str, name: str, where: Where, node: Node) -> ColumnDeclaration:
    """One column or field; `what` is what messages call it."""
    if isinstance(node.value, str):
        node = Node({"type": node}, node.where)
    known = (*COLUMN_KEYS, *dict.fromkeys(key for kind in KINDS.values() for key in (kind.key, *kind.keys)))
    fields = reader.mapping(node, what, known, also=COLUMN_ALSO)
    share = reader.number(fields["nulls"], f"nulls of {what}", low=0, high=1) if "nulls" in fields else 0.0
    key = "primary_key" in fields and reader.boolean(fields["primary_key"], f"primary_key of {what}")
    if key and share:
        reader.problem(f"{what}: a primary key is never null", fields["nulls"].where)
    nullable = reader.boolean(fields["nullable"], f"nullable of {what}") if "nullable" in fields else None
    if nullable is False and share:
        reader.problem(f"{what}: 'nullable: false', but a share of nulls", fields["nulls"].where, "Leave one out.")
    return ColumnDeclaration(
        name,
        where,
        _kind(reader, fields, what, where),
        fields,
        reader.text(fields["type"], f"type of {what}") if "type" in fields else "",
        fields["type"].where if "type" in fields else None,
        key,
        "unique" in fields and reader.boolean(fields["unique"], f"unique of {what}"),
        Nulls(share, reader.text(fields["null_group"], "null_group") if "null_group" in fields else ""),
        nullable,
        reader.text(fields["seed_key"], "seed_key") if "seed_key" in fields else name,
        reader.text(fields["group"], "group") if "group" in fields else "",
        "hidden" in fields and reader.boolean(fields["hidden"], f"hidden of {what}"),
        reader.text(fields["description"], "description") if "description" in fields else "",
    )


def _kind(reader: Reader, fields: Mapping[str, Node], what: str, where: Where) -> Kind:
    """The one kind whose key the column has; the first of KINDS where it has none."""
    chosen = [kind for kind in KINDS.values() if kind.key in fields]
    if len(chosen) > 1:
        keys = " and ".join(repr(kind.key) for kind in chosen)
        reader.problem(f"{what}: {keys} both say how its values are made; keep one", where)
    kind = chosen[0] if chosen else next(iter(KINDS.values()))
    for key in fields:
        if key not in COLUMN_KEYS and key not in (kind.key, *kind.keys) and len(chosen) < 2:
            reader.problem(f"{what}: {key!r} means nothing beside {kind.key!r}", fields[key].where)
    return kind


def _referring(
    columns: Mapping[str, ColumnDeclaration], references: list[ReferenceDeclaration]
) -> dict[str, ColumnDeclaration]:
    """Columns that take part in a reference are made by it."""
    inside = {name for reference in references for name in reference.columns}
    kind = KINDS["references"]
    return {name: replace(column, kind=kind) if name in inside else column for name, column in columns.items()}
