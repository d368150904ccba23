"""Indexes of a collection, from the keys, uniques and references of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hotfixture.errors import InputError, UnsupportedError

if TYPE_CHECKING:
    from hotfixture.schema import Table, Unique

_STRENGTH_WITHOUT_CASE = 2
"""ICU's second strength: letters and accents differ, upper and lower case do not."""
_ALIASES = ["double", "string", "object", "array", "binData", "objectId", "bool", "date", "int", "long", "decimal"]
"""Every type but null: an index over fields of these types leaves null fields out, as SQL's unique does."""


@dataclass(frozen=True, slots=True)
class Options:
    """What `Table.storage` may say to MongoDB."""

    nulls: bool = True
    """A null is a field that holds null (`nulls: field`), else there is no field (`nulls: missing`)."""


def options_of(table: Table) -> Options:
    """The options of a table; InputError where a name or a value is none of MongoDB's."""
    options = dict(table.storage)
    nulls = options.pop("nulls", "field")
    if options or nulls not in {"field", "missing"}:
        wrong = next(iter(options), f"nulls={nulls}")
        raise InputError(f"{table.name}: storage {wrong}: MongoDB knows nulls=field and nulls=missing")
    return Options(nulls=nulls == "field")


def bring_indexes(collection: Any, table: Table) -> None:
    """The unique indexes, before any row: a row that breaks one is refused where it stands."""
    _check_names(table)
    options = options_of(table)
    if table.primary_key not in {(), ("_id",)}:
        collection.create_index([(name, 1) for name in table.primary_key], unique=True)
    for unique in table.uniques:
        if unique.columns not in {table.primary_key, ("_id",)}:
            _unique(collection, table, unique, options)


def late_indexes(collection: Any, table: Table) -> None:
    """Indexes over the columns that refer to other collections."""
    own = {table.primary_key, *(unique.columns for unique in table.uniques), ("_id",)}
    for reference in table.references:
        if reference.columns not in own and not reference.path:
            collection.create_index([(name, 1) for name in reference.columns])


def _unique(collection: Any, table: Table, unique: Unique, options: Options) -> None:
    columns = [table.column(name) for name in unique.columns]
    folded = f"lower({', '.join(unique.columns)})" == unique.expression.replace('"', "").lower()
    if (unique.expression and not folded) or unique.where:
        what = unique.expression or unique.where
        raise UnsupportedError(f"{table.name}: unique {unique.name}: MongoDB has no unique index over {what}")
    more: dict[str, Any] = {}
    if folded or any(column.ignores_case for column in columns):
        more["collation"] = {"locale": "en", "strength": _STRENGTH_WITHOUT_CASE}
    nullable = [column.name for column in columns if column.nullable]
    if nullable and unique.nulls_distinct:
        if len(columns) == 1 and not options.nulls:
            more["sparse"] = True
        else:
            present = {"$type": _ALIASES} if options.nulls else {"$exists": True}
            more["partialFilterExpression"] = dict.fromkeys(nullable, present)
    collection.create_index([(column.name, 1) for column in columns], unique=True, **more)


def _check_names(table: Table) -> None:
    """Names that a query could not reach are refused: `a.b` means b inside a, `$a` an operator."""
    for column in table.columns:
        if "." in column.name or column.name.startswith("$") or "\0" in column.name or not column.name:
            raise InputError(
                f"{table.name}: {column.name!r} cannot name a field of MongoDB",
                hint="No dot, no leading dollar sign; nested fields make a document inside the document.",
            )
