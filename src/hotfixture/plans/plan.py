"""The finished plan: everything a run will do, worked out and frozen before it does anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from datetime import date

    from hotfixture.databases.base import DdlOption, Estimate
    from hotfixture.files.formats import FileFormat
    from hotfixture.plans.template import Template
    from hotfixture.schema import Column, Schema, Table, TableName
    from hotfixture.transforms.masks import Mask
    from hotfixture.transforms.subset_plan import SubsetPlan


@dataclass(frozen=True, slots=True)
class PlannedColumn:
    """One column on its way into the package."""

    column: Column
    mask: Mask | None = None
    shown: str = ""
    """The mask as its template or policy writes it; empty where the column passes."""
    why: str = ""
    """Who decided: the place of a rule, `template`, a default."""
    suspected: str = ""
    """The class of sensitive data that the column looks like, where it passes undecided."""


@dataclass(frozen=True, slots=True)
class PlannedRows:
    """Rows for one table."""

    table: Table
    """Where they are loaded; of the source's own shape but for query exports, whose columns are the query's."""
    columns: tuple[PlannedColumn, ...]
    estimate: Estimate | None = None

    @property
    def masks(self) -> dict[str, Mask]:
        """The masks by column."""
        return {planned.column.name: planned.mask for planned in self.columns if planned.mask}

    @property
    def read(self) -> tuple[Column, ...]:
        """The columns to read, in order."""
        return tuple(planned.column for planned in self.columns)


@dataclass(frozen=True, slots=True)
class PlannedQuery:
    """One query, guarded, bound and traced."""

    name: str
    provider: str
    sql: str
    rows: PlannedRows
    formats: tuple[FileFormat, ...] = ()
    sample_rate: float | None = None
    """The share of the query's rows that is kept: each row by itself, whatever refers to it or it refers to."""


@dataclass(frozen=True, slots=True)
class PlannedSubset:
    """A referentially complete slice."""

    name: str
    provider: str
    subset: SubsetPlan
    tables: Mapping[TableName, PlannedRows]
    formats: tuple[FileFormat, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedDdl:
    """The definitions of the tables that the provider's other exports fill."""

    name: str
    provider: str
    option: DdlOption
    indexes: bool
    tables: tuple[TableName, ...] = ()
    """More tables than the others fill."""


@dataclass(frozen=True, slots=True)
class PlannedFiles:
    """Files of a volume."""

    name: str
    volume: str
    patterns: tuple[str, ...]
    filter: tuple[str, ...] = ()
    """Words that choose among the files, by time and size, and say how many of them."""


PlannedExport: TypeAlias = PlannedQuery | PlannedSubset | PlannedDdl | PlannedFiles


@dataclass(frozen=True, slots=True)
class Source:
    """A provider, as it was when the plan was made. Never its URL."""

    engine: str
    """The dialect that it speaks."""
    server: str
    """What the server says it is: `MariaDB` speaks the dialect `mysql`."""
    version: str
    schema: Schema = field(repr=False)

    def plain(self) -> dict[str, str]:
        """What a plan and a manifest say of it."""
        return {"engine": self.engine, "server": self.server, "version": self.version}


@dataclass(frozen=True, slots=True)
class Plan:
    """A template and its parameters, ready to run."""

    template: Template
    text: str
    """The template's own text."""
    digest: str
    """SHA-256 of the text."""
    parameters: Mapping[str, object]
    """As given, completed by defaults."""
    sources: Mapping[str, Source]
    exports: tuple[PlannedExport, ...]
    key: str
    """The identifier of the masking key."""
    today: date
    warnings: tuple[str, ...] = ()
    policy: str = ""
    """SHA-256 of the policy's text; empty where there is none."""

    def __iter__(self) -> Iterator[tuple[str, str, PlannedRows]]:
        """Export, provider and rows of every table."""
        for export in self.exports:
            if isinstance(export, PlannedQuery):
                yield export.name, export.provider, export.rows
            elif isinstance(export, PlannedSubset):
                for rows in export.tables.values():
                    yield export.name, export.provider, rows

    def plain(self) -> dict[str, Any]:
        """The plan as mappings and lists: what `hfit plan --json` shows."""
        return {
            "template": self.template.name,
            "digest": self.digest,
            "parameters": dict(self.parameters),
            "providers": {name: source.plain() for name, source in self.sources.items()},
            "key": self.key,
            "exports": [_plain(export) for export in self.exports],
            "warnings": list(self.warnings),
        }


def _plain(export: PlannedExport) -> dict[str, Any]:
    shown: dict[str, Any]
    match export:
        case PlannedQuery():
            shown = {"type": "query", "provider": export.provider, "sql": export.sql, "tables": [_rows(export.rows)]}
            shown |= _formats(export.formats) | _sample(export.sample_rate)
        case PlannedSubset():
            tables = [_rows(rows) for rows in export.tables.values()]
            shown = {"type": "subset", "provider": export.provider, **_subset(export.subset), "tables": tables}
            shown |= _formats(export.formats)
        case PlannedDdl():
            shown = {"type": "ddl", "provider": export.provider, "option": export.option, "indexes": export.indexes}
        case PlannedFiles():
            shown = {"type": "files", "volume": export.volume, "paths": list(export.patterns)}
            shown |= {"filter": list(export.filter)} if export.filter else {}
    return {"name": export.name, **shown}


def _formats(formats: tuple[FileFormat, ...]) -> dict[str, Any]:
    return {"formats": {form.name: dict(form.options) for form in formats}} if formats else {}


def _sample(rate: float | None) -> dict[str, Any]:
    return {} if rate is None else {"sample_rate": rate}


def _subset(plan: SubsetPlan) -> dict[str, Any]:
    return {
        "roots": [
            {"table": str(s.table), "where": s.root.where, "limit": s.root.limit, **_sample(s.root.sample_rate)}
            for s in plan.starts
        ],
        "children": [{"via": str(r.reference), "where": r.include.where} for r in plan.relations],
        "parents": [str(reference) for references in plan.parents.values() for reference in references],
        "load_order": [str(table) for table in plan.load.tables],
        "late": [str(reference) for reference in plan.load.late],
    }


def _rows(rows: PlannedRows) -> dict[str, Any]:
    estimate = rows.estimate
    return {
        "table": str(rows.table.name),
        "rows": estimate.rows if estimate else None,
        "bytes": estimate.bytes if estimate else None,
        "columns": [
            {"name": c.column.name, "type": c.column.native, "mask": c.shown or None, "why": c.why}
            for c in rows.columns
        ],
    }
