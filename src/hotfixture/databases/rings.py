"""Rings of references that are NOT NULL all the way round: no order of the tables lets their rows in one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from hotfixture.errors import InputError, Problem

if TYPE_CHECKING:
    from hotfixture.schema import Reference, Schema, Table

LARGEST = 1_000_000
"""Rows of the tables of one ring: they are stored in one transaction."""


def closing(tables: Sequence[Table]) -> list[Reference]:
    """The references to a table that comes later, by columns of which none may be null."""
    place = {table.name: number for number, table in enumerate(tables)}
    return [
        one
        for table in tables
        for one in table.references
        if place.get(one.target, -1) > place[table.name] and not any(table.column(c).nullable for c in one.columns)
    ]


def spans(tables: Sequence[Table]) -> list[tuple[int, int]]:
    """The tables in runs, as first and last place: those of a ring together, every other by itself."""
    place = {table.name: number for number, table in enumerate(tables)}
    reach = {place[one.table]: place[one.target] for one in sorted(closing(tables), key=lambda r: place[r.target])}
    found: list[tuple[int, int]] = []
    first = 0
    while first < len(tables):
        last = here = first
        while here <= last:
            last, here = max(last, reach.get(here, 0)), here + 1
        found.append((first, last))
        first = last + 1
    return found


def refuse(tables: Sequence[Table], engine: str) -> None:
    """InputError with every ring that the engine, or the size of its tables, does not let in."""
    problems = []
    for first, last in spans(tables):
        ring = tables[first : last + 1]
        names = " → ".join(str(table.name) for table in (*ring, ring[0]))
        said = f"the references {names} are NOT NULL all the way round: none of the rows can come first"
        if len(ring) > 1 and engine == "mysql":
            hint = f"Let one of them be null: {', '.join(map(str, closing(ring)))}."
            problems.append(Problem(f"{said}, and MySQL cannot put references off", hint=hint))
        elif len(ring) > 1 and sum(table.rows for table in ring) > LARGEST:
            hint = f"Let one of them be null, or make no more than {LARGEST:,} rows of these tables together."
            problems.append(Problem(said, hint=hint))
    if problems:
        raise InputError.of(problems)


def deferred(tables: Sequence[Table]) -> list[Table]:
    """The tables, the references that close such a ring marked as deferrable."""
    closed = set(closing(tables))
    return [
        replace(
            table, references=tuple(replace(one, deferrable=True) if one in closed else one for one in table.references)
        )
        for table in tables
    ]


def rigid(tables: Sequence[Table], there: Schema) -> list[Problem]:
    """References of tables that stand, which close such a ring and can wait for nothing."""
    problems = []
    for reference in closing(tables):
        found = there.tables.get(reference.table)
        for real in found.references if found else ():
            if real.columns == reference.columns and not real.deferrable:
                hint = f"ALTER TABLE … ALTER CONSTRAINT {real.name} DEFERRABLE, or let its columns be null."
                problems.append(Problem(f"{real}: closes a ring that is NOT NULL all the way round", hint=hint))
    return problems
