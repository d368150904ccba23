"""The planned columns of tables and queries: what is decided about each, whether its mask fits, what is doubtful."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from hotfixture.errors import InputError, Problem, RefusedError
from hotfixture.plans.plan import PlannedColumn, PlannedRows
from hotfixture.schema import Column, Schema, Table, TableName
from hotfixture.transforms.decisions import Decisions, bind_all
from hotfixture.transforms.detect import suspect
from hotfixture.transforms.examine import examine
from hotfixture.transforms.outputs import output_specs

if TYPE_CHECKING:
    from hotfixture.plans.plan import Plan
    from hotfixture.schema import TableName
    from hotfixture.transforms.lineage import Lineage, Origin

LIKELY = 0.5
"""A column is warned of from this confidence on: it is more likely sensitive than not."""


def table_columns(decisions: Decisions, provider: str, table: Table) -> tuple[PlannedColumn, ...]:
    """The columns of a whole table, all but those the engine computes."""
    stored = [column for column in table.columns if not column.generated]
    names = [column.name for column in stored]
    specs = decisions.specs(provider, table, names)
    masks = bind_all(specs, stored)
    return tuple(
        PlannedColumn(c, masks.get(c.name), str(specs.get(c.name, "")), decisions.of(provider, table.name, c.name).why)
        for c in stored
    )


def query_columns(
    decisions: Decisions, provider: str, columns: Sequence[Column], lineage: Lineage
) -> tuple[PlannedColumn, ...]:
    """The columns of a query, each masked as the one it copies; RefusedError where the policy forbids one."""
    # An engine may have renamed the second of two: the query's own names tell.
    named = (output.name or column.name for column, output in zip(columns, lineage.columns, strict=True))
    twice = [name for name, count in Counter(named).items() if count > 1]
    if twice:
        raise InputError(f"two columns are called {twice[0]!r}", hint="Give one of them an alias.")
    specs = output_specs(decisions, provider, lineage, columns)
    masks = bind_all(specs, columns)
    origins = [output.origins for output in lineage.columns]
    return tuple(
        PlannedColumn(c, masks.get(c.name), str(specs.get(c.name, "")), _why(decisions, provider, came_from))
        for c, came_from in zip(columns, origins, strict=True)
    )


def check_condition(decisions: Decisions, provider: str, lineage: Lineage) -> None:
    """RefusedError where a subset's condition looks at what the policy lets nobody filter by."""
    output_specs(decisions, provider, lineage, [Column("1", pa.int64())])


def traceable_views(decisions: Decisions, provider: str, schema: Schema) -> dict[TableName, str]:
    """The definitions of the views to see through: all but those about whose every column somebody has decided."""
    return {t.name: t.definition for t in schema if t.definition and not _is_decided(decisions, provider, t)}


def check_views(decisions: Decisions, provider: str, schema: Schema, lineage: Lineage) -> None:
    """RefusedError where a view hides what it shows: no definition, and columns that nobody has decided about."""
    anything = any(decision.mask for decision in decisions if decision.provider == provider)
    hidden = [name for name in sorted(lineage.views) if not _is_decided(decisions, provider, schema.tables[name])]
    if hidden and anything:
        raise RefusedError.of(
            Problem(
                f"view {name} cannot be traced to its tables", hint="Decide about each of its columns: mask, or keep."
            )
            for name in hidden
        )


def _is_decided(decisions: Decisions, provider: str, table: Table) -> bool:
    states = {decisions.of(provider, table.name, column.name).state for column in table.columns}
    return states <= {"masked", "kept"}


def _why(decisions: Decisions, provider: str, origins: Collection[Origin]) -> str:
    return decisions.of(provider, *min(origins)).why if origins else ""


def misfits(rows: PlannedRows, dialect: str) -> tuple[list[Problem], list[Problem]]:
    """Errors and warnings: masks whose values would break a unique key, a length, a check or NOT NULL; what stays."""
    count = rows.estimate.rows if rows.estimate else None
    found = examine(rows.table, rows.masks, rows=count, dialect=dialect)
    errors = [finding.problem for finding in found if finding.severity == "error"]
    return errors, [*(finding.problem for finding in found if finding.severity == "warning"), *_left_behind(rows)]


def _left_behind(rows: PlannedRows) -> Iterator[Problem]:
    """Columns whose values are of no use where the rows are loaded, since what they point at stays."""
    for planned in rows.columns:
        place, meant = f"{rows.table.name}.{planned.column.name}", planned.column.points_at
        if meant and not planned.mask:
            message = f"{place} holds numbers of {meant}, which are not carried along"
            yield Problem(message, hint=f'Carry them by yourself, or empty the column: {place}: "null"')


def conflicts(plan: Plan) -> Iterator[Problem]:
    """Exports that fill one table of one script, and do not agree on its columns or come from different databases."""
    first: dict[tuple[str, TableName], tuple[str, str, PlannedRows]] = {}
    for export, provider, rows in plan:
        place = plan.sources[provider].engine, rows.table.name
        other, source, before = first.setdefault(place, (export, provider, rows))
        names = [[column.name for column in one.read] for one in (before, rows)]
        where = plan.template.exports[export].where
        if source != provider:
            message = f"exports {other!r} ({source}) and {export!r} ({provider}) both fill table {rows.table.name}"
            yield Problem(message, where, "Name another with `table:`, or make a template for each provider.")
        elif names[0] != names[1]:
            said = f"{', '.join(names[0])} against {', '.join(names[1])}"
            message = f"exports {other!r} and {export!r} fill table {rows.table.name} with different columns: {said}"
            yield Problem(message, where, "Select the same columns in the same order, or name another with `table:`.")


def passing(plan: Plan) -> Iterator[Problem]:
    """The columns that look sensitive by their names, and pass although nobody has decided about them."""
    for _, _, rows in plan:
        passed = {c.column.name for c in rows.columns if not c.shown and c.why in ("", "default: pass")}
        for one in suspect(Table(rows.table.name, rows.read)):
            if one.column in passed and one.confidence >= LIKELY:
                yield Problem(f"{one}, and passes as it is", hint=f"Mask it: {one.table}.{one.column}: {one.mask}")
