"""Plans and inspections as text for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from hotfixture.cli import output
from hotfixture.files.plain import plain_text

if TYPE_CHECKING:
    from hotfixture.databases.base import Estimate
    from hotfixture.files.formats import FileFormat
    from hotfixture.plans.inspection import Inspection
    from hotfixture.plans.plan import Plan, PlannedExport, PlannedRows
    from hotfixture.schema import Table

_UNITS = ("B", "kB", "MB", "GB", "TB")


def size(count: float) -> str:
    """A number of bytes for people: `14.2 MB`."""
    unit = 0
    while count >= 1000 and unit < len(_UNITS) - 1:
        count, unit = count / 1000, unit + 1
    return f"{count:.0f} {_UNITS[unit]}" if not unit else f"{count:.1f} {_UNITS[unit]}"


def show_plan(made: Plan) -> None:
    """Template, parameters, and for each export its SQL, its estimate and what becomes of each column."""
    click.echo(f"{made.template.name}  (template {made.digest[:12]}, masking key {made.key})")
    for name, value in made.parameters.items():
        click.echo(f"  {name} = {plain_text(value)}")
    for name, source in made.sources.items():
        click.echo(f"  {name}: {source.server} {source.version}")
    for export in made.exports:
        _show_export(export)
    for warning in made.warnings:
        output.say(f"warning: {warning}")


def _show_export(export: PlannedExport) -> None:
    from hotfixture.plans.plan import PlannedDdl, PlannedFiles, PlannedQuery, PlannedSubset

    click.echo(f"\n{export.name}")
    match export:
        case PlannedQuery():
            click.echo(f"  {export.sql}")
            if export.sample_rate is not None:
                click.echo(f"  a sample, {export.sample_rate:g} of these rows, each by itself: references may not hold")
            _show_formats(export.formats)
            _show_rows(export.rows)
        case PlannedSubset():
            for line in _subset_lines(export):
                click.echo(f"  {line}")
            _show_formats(export.formats)
            for rows in export.tables.values():
                _show_rows(rows)
        case PlannedDdl():
            click.echo(f"  definitions of the tables above, {export.option}{'' if export.indexes else ', no indexes'}")
        case PlannedFiles():
            for pattern in export.patterns:
                click.echo(f"  {export.volume}:{pattern}{''.join(f'  {word}' for word in export.filter)}")


def _show_formats(formats: Iterable[FileFormat]) -> None:
    for form in formats:
        options = "".join(f", {name} {plain_text(value)}" for name, value in form.options.items())
        click.echo(f"  also as {form.name}{options}")


def _subset_lines(export: PlannedExport) -> Iterator[str]:
    from hotfixture.plans.plan import PlannedSubset

    assert isinstance(export, PlannedSubset)
    for start in export.subset.starts:
        rate = "" if start.root.sample_rate is None else f", a sample, {start.root.sample_rate:g} of these rows"
        yield f"from {start.table}" + (f" where {start.root.where}" if start.root.where else "") + rate
    for relation in export.subset.relations:
        where = relation.include.where
        yield f"down {relation.reference}" + (f" where {where}" if where else "")
    for references in export.subset.parents.values():
        yield from (f"up   {reference}" for reference in references)


def _show_rows(rows: PlannedRows) -> None:
    click.echo(f"  {rows.table.name}{_estimated(rows.estimate)}")
    for planned in rows.columns:
        if planned.shown:
            click.echo(f"    {planned.column.name}: {planned.shown}  ({planned.why})")
    passing = [planned.column.name for planned in rows.columns if not planned.shown]
    if passing:
        click.echo(f"    as they are: {', '.join(passing)}")


def _estimated(estimate: Estimate | None) -> str:
    return f"  about {output.counted(estimate.rows, 'row')}, {size(estimate.bytes)}" if estimate else ""


def show_inspection(found: Inspection) -> None:
    """Tables with their keys and references, then cycles, then what looks sensitive."""
    click.echo(f"{found.server} {found.version}, {output.counted(len(found.schema.tables), 'table')}\n")
    header = ("table", "rows", "size", "key", "refers to")
    output.table((_table(table) for table in found.schema), header)
    if found.cycles:
        click.echo("\ncycles")
        for cycle in found.cycles:
            click.echo(f"  {cycle}")
    for place, meant in [(f"{t.name}.{c.name}", c.points_at) for t in found.schema for c in t.columns if c.points_at]:
        click.echo(f"\n{place} holds numbers of {meant}, which are not carried along")
    if found.suspicions:
        click.echo("\nlooks sensitive")
        columns = ("column", "class", "mask", "sure", "because")
        rows = ((f"{s.table}.{s.column}", s.kind, s.mask, f"{s.confidence:.0%}", s.evidence) for s in found.suspicions)
        output.table(rows, columns)


def _table(table: Table) -> tuple[object, ...]:
    name = f"{table.name}" + (f" ({table.kind})" if table.kind != "table" else "")
    targets = ", ".join(dict.fromkeys(str(reference.target) for reference in table.references))
    return name, f"{table.rows:,}", size(table.bytes), ", ".join(table.primary_key), targets
