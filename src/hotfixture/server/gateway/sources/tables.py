"""The tables of a provider, and what the policy makes of their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from hotfixture.errors import InputError
from hotfixture.transforms.decisions import Decisions, decide
from hotfixture.transforms.detect import suspect
from hotfixture.wire.sources import ColumnTold, DatabaseTold, TableTold

if TYPE_CHECKING:
    from hotfixture.databases.base import Database
    from hotfixture.schema import Schema, Table
    from hotfixture.transforms.policy import Policy

_DATABASES = {
    "postgresql": (
        "SELECT datname, datname = current_database() FROM pg_database"
        " WHERE NOT datistemplate AND has_database_privilege(datname, 'CONNECT') ORDER BY datname"
    ),
    "mysql": (
        "SELECT SCHEMA_NAME, SCHEMA_NAME = DATABASE() FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN"
        " ('mysql', 'sys', 'information_schema', 'performance_schema') ORDER BY SCHEMA_NAME"
    ),
    "sqlite": "SELECT name, name = 'main' FROM pragma_database_list ORDER BY name",
}


def databases(database: Database) -> list[DatabaseTold]:
    """The databases of the server that the account may connect to, then the schemas of the one that is read."""
    rows = database.fetch(_DATABASES[database.dialect.name])
    found = [DatabaseTold(name=str(row[0]), kind="database", is_current=bool(row[1])) for row in rows]
    schema = database.inspect()
    names = sorted({name.schema for name in schema.tables} - {""})
    return found + [DatabaseTold(name=n, kind="schema", is_current=n == schema.default_schema) for n in names]


def decided(policy: Policy, provider: str, schema: Schema) -> Decisions | None:
    """What the policy makes of one provider by itself; None where it does not fit.

    Rules that mean nothing here are no error: they may be for another provider.
    """
    lenient = replace(policy, rules=tuple(replace(rule, optional=True) for rule in policy.rules))
    try:
        return decide(lenient, {provider: schema})
    except InputError:
        return None


def told(policy: Policy, provider: str, schema: Schema) -> list[TableTold]:
    """Every table, by name."""
    decisions = decided(policy, provider, schema)
    return [_table(table, provider, decisions) for table in sorted(schema, key=lambda table: str(table.name))]


def _table(table: Table, provider: str, decisions: Decisions | None) -> TableTold:
    suspected = {one.column: one.kind for one in suspect(table)}
    return TableTold(
        name=str(table.name), kind=table.kind, rows=table.rows, bytes=table.bytes,
        columns=_columns(table, provider, decisions, suspected),
    )  # fmt: skip


def _columns(
    table: Table, provider: str, decisions: Decisions | None, suspected: Mapping[str, str]
) -> list[ColumnTold]:
    found = []
    for column in table.columns:
        one = decisions.of(provider, table.name, column.name) if decisions else None
        made = ColumnTold(
            name=column.name,
            type=column.native,
            nullable=column.nullable,
            fate=one.state if one else "unknown",
            mask=one.mask.plain() if one and one.mask else None,
            suspected=suspected.get(column.name),
        )
        found.append(made)
    return found
