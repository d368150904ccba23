"""References that no catalogue knows: between any columns, across schemas, polymorphic, or from inside JSON.

Each item of `references:` is one of::

    orders.customer_id -> customers.id
    sales.lines(tenant_id, order_id) -> sales.orders(tenant_id, id)
    {from: orders.customer_id, to: customers.id}
    {table: comments, columns: [subject_id], target: posts, target_columns: [id], when: {subject_type: post}}
    {table: audit, column: data, path: $.user.id, target: users}     # the key stands inside the JSON of the column

A mapping `orders.customer_id: customers.id` says the same as the first. Without target columns the target's primary key
is meant. A name that holds a dot or a bracket takes the long form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hotfixture.documents import Node, Reader, Text
from hotfixture.errors import Where

_KEYS = ("from", "to", "table", "columns", "target", "target_columns", "when", "path", "provider")
_ALSO = {
    "column": "columns",
    "source": "from",
    "references": "to",
    "to_table": "target",
    "target_table": "target",
    "to_columns": "target_columns",
    "target_column": "target_columns",
    "to_column": "target_columns",
    "json_path": "path",
}
_ARROW = re.compile(r"\s*(?:->|→)\s*")
_END = re.compile(r"(?P<table>[^().]+(?:\.[^().]+)?)(?:\.(?P<column>[^().]+)|\((?P<columns>[^()]+)\))")
_PATH = re.compile(r"\$(?:\.[\w-]+|\[(?:\*|\d+)\]|\[\"[^\"]+\"\])+")


@dataclass(frozen=True, slots=True)
class VirtualReference:
    """A reference that a template declares; names as written, looked up in the provider's schema later."""

    where: Where
    table: str
    """`table` or `schema.table`."""
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...] = ()
    """Empty where the target's primary key is meant."""
    when: tuple[str, str] | None = None
    """Holds only in rows whose column (first) has the value (second)."""
    path: str = ""
    """The key stands inside the JSON of the one column, at this JSON path."""
    provider: str = ""
    """Empty: every provider that has both tables."""

    def __str__(self) -> str:
        return f"{self.table}({', '.join(self.columns)}) → {self.target}({', '.join(self.target_columns)})"


def read_references(reader: Reader, node: Node) -> tuple[VirtualReference, ...]:
    """The references of a list, or of a mapping `from: to`."""
    if isinstance(node.value, dict):
        keys = node.keys or {}
        pairs = [(_written(name, keys[name]), value) for name, value in node.value.items()]
        found = [_short(reader, source, reader.placed(target, "target of the reference")) for source, target in pairs]
    else:
        found = [_read(reader, item) for item in reader.items(node)]
    return tuple(reference for reference in found if reference)


def _written(name: str, where: Where) -> Text:
    return Text(name, where)


def _read(reader: Reader, node: Node) -> VirtualReference | None:
    if isinstance(node.value, str):
        parts = _ARROW.split(node.value.strip())
        if len(parts) != 2:
            reader.problem("reference: expected table.column -> table.column", node.where)
            return None
        return _short(reader, *(Text(part, node.where) for part in parts))
    fields = reader.mapping(node, "reference", _KEYS, also=_ALSO)
    short = {"from", "to"} & set(fields)
    if short and len(short) < 2:
        reader.problem(f"reference: {({'from', 'to'} - short).pop()!r} is missing", node.where)
        return None
    if short:
        ends = (reader.placed(fields[name], f"reference: {name}") for name in ("from", "to"))
        base = _short(reader, *ends)
    else:
        base = _long(reader, fields, node.where)
    return _with_conditions(reader, base, fields) if base else None


def _short(reader: Reader, source: Text, target: Text) -> VirtualReference | None:
    """From `table.column` and `table.column` (or `table`, for its primary key)."""
    left, right = _END.fullmatch(source.value.strip()), _END.fullmatch(target.value.strip())
    if not left:
        reader.problem("reference: expected table.column or table(column, column)", source.where)
        return None
    bare = target.value.strip()
    if not bare:  # it was no text, which has been said
        return None
    if not right and not re.fullmatch(r"[^().]+", bare):
        reader.problem("reference: expected table.column, table(column, column) or table", target.where)
        return None
    table, columns = (right["table"].strip(), _columns(right)) if right else (bare, ())
    return _checked(reader, VirtualReference(source.where, left["table"].strip(), _columns(left), table, columns))


def _columns(end: re.Match[str]) -> tuple[str, ...]:
    if end["column"]:
        return (end["column"].strip(),)
    return tuple(column.strip() for column in end["columns"].split(","))


def _long(reader: Reader, fields: dict[str, Node], where: Where) -> VirtualReference | None:
    missing = [name for name in ("table", "columns", "target") if name not in fields]
    for name in missing:
        reader.problem(f"reference: {name!r} is missing", where)
    if missing:
        return None
    targets = reader.texts(fields["target_columns"], "target column") if "target_columns" in fields else []
    reference = VirtualReference(
        where,
        reader.text(fields["table"], "table of the reference"),
        tuple(reader.texts(fields["columns"], "column of the reference")),
        reader.text(fields["target"], "target of the reference"),
        tuple(targets),
    )
    return _checked(reader, reference)


def _checked(reader: Reader, reference: VirtualReference) -> VirtualReference:
    count, targets = len(reference.columns), len(reference.target_columns)
    if not count or not all((*reference.columns, *reference.target_columns)):
        reader.problem("reference: a column is missing", reference.where)
    elif targets and targets != count:
        reader.problem(f"reference: expected {count} target columns, found {targets}", reference.where)
    return reference


def _with_conditions(reader: Reader, base: VirtualReference, fields: dict[str, Node]) -> VirtualReference:
    from dataclasses import replace

    path = reader.text(fields["path"], "path of the reference") if "path" in fields else ""
    if path and not _PATH.fullmatch(path):
        reader.problem("path: expected a JSON path, as in $.user.id or $.items[*].sku", fields["path"].where)
    if path and len(base.columns) != 1:
        reader.problem("path: expected one column, the JSON that is looked into", fields["path"].where)
    return replace(
        base,
        path=path,
        when=_when(reader, fields["when"]) if "when" in fields else None,
        provider=reader.text(fields["provider"], "provider of the reference") if "provider" in fields else "",
    )


def _when(reader: Reader, node: Node) -> tuple[str, str] | None:
    """From `{column: subject_type, value: post}`, `{subject_type: post}` or `subject_type = post`."""
    if isinstance(node.value, str):
        column, equals, value = (part.strip() for part in node.value.partition("="))
        if equals and column and value:
            return column, value.strip("'\"")
    elif isinstance(node.value, dict) and set(node.value) == {"column", "value"}:
        return reader.text(node.value["column"], "when: column"), node.value["value"].text
    elif isinstance(node.value, dict) and len(node.value) == 1:
        column, held = next(iter(node.value.items()))
        return column, held.text
    reader.problem("when: expected {column: …, value: …}", node.where)
    return None
