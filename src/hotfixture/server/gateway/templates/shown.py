"""Plans as the API shows them: SQL, masks, lineage, estimates, and nothing that was read from production.

What preparations found stands as literals in the SQL that will run; in the SQL that is shown it does not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from hotfixture.plans.plan import PlannedDdl, PlannedFiles, PlannedQuery, PlannedSubset
from hotfixture.server.gateway.templates.drift import lineage_of, reads, seen
from hotfixture.wire.templates import (
    ApprovalTold,
    PlannedColumnTold,
    PlannedExportTold,
    PlannedTableTold,
    PlanTold,
)

if TYPE_CHECKING:
    from sqlglot import exp

    from hotfixture.plans.plan import PlannedExport, PlannedRows, Source
    from hotfixture.server.gateway.templates.planning import Planned
    from hotfixture.server.gateway.templates.revisions import Revision

NOT_READ = "the revision is not approved: no preparation ran and nothing was estimated"


def told(made: Planned, revision: Revision, approval: ApprovalTold, *, read: bool = True) -> PlanTold:
    """The plan for somebody who may see its template; `read` as it was planned."""
    plan = made.plan
    notes = () if read else (NOT_READ,)
    shown = _Shown(made, read=read)
    return PlanTold(
        template=revision.template,
        revision=revision.number,
        digest=revision.digest,
        parameters={name: _plain(value) for name, value in plan.parameters.items()},
        stand_ins=list(made.stand_ins),
        providers={name: f"{source.server} {source.version}" for name, source in plan.sources.items()},
        key=plan.key,
        policy=plan.policy,
        exports=[shown.export(export) for export in plan.exports],
        warnings=[*plan.warnings, *notes],
        approval=approval,
        seen=seen(plan, reads(plan, made.policy.policy)),
    )


def _plain(value: object) -> Any:
    """A parameter's value in JSON."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, bool | int | str | None) else str(value)


class _Shown:
    def __init__(self, made: Planned, *, read: bool) -> None:
        self._made = made
        self._read = read
        self._plan = made.plan
        self._given = {str(item) for value in self._plan.parameters.values() for item in _items(value)}

    def export(self, export: PlannedExport) -> PlannedExportTold:
        match export:
            case PlannedQuery():
                return self._query(export)
            case PlannedSubset():
                return self._subset(export)
            case PlannedDdl():
                return PlannedExportTold(
                    name=export.name, type="ddl", provider=export.provider, definitions=export.option,
                    paths=tuple(map(str, export.tables)),
                )  # fmt: skip
            case PlannedFiles():
                return PlannedExportTold(
                    name=export.name, type="files", volume=export.volume, paths=export.patterns, filter=export.filter
                )

    def _query(self, export: PlannedQuery) -> PlannedExportTold:
        source = self._plan.sources[export.provider]
        lineage = lineage_of(export.sql, source.schema, source.engine, self._made.policy.policy)
        origins = [_names(output.origins) for output in lineage.columns]
        return PlannedExportTold(
            name=export.name,
            type="query",
            provider=export.provider,
            sql=self._without_prepared(export.sql, source),
            tables=(_table(export.rows, origins),),
            formats=tuple(form.name for form in export.formats),
            sample_rate=export.sample_rate,
        )

    def _subset(self, export: PlannedSubset) -> PlannedExportTold:
        tables = (
            _table(rows, [[f"{name}.{column.name}"] for column in rows.read]) for name, rows in export.tables.items()
        )
        rates = [start.root.sample_rate for start in export.subset.starts]
        return PlannedExportTold(
            name=export.name,
            type="subset",
            provider=export.provider,
            tables=tuple(tables),
            steps=tuple(self._steps(export)),
            formats=tuple(form.name for form in export.formats),
            sample_rate=rates[0] if rates else None,
        )

    def _steps(self, export: PlannedSubset) -> Iterator[str]:
        source = self._plan.sources[export.provider]
        for start in export.subset.starts:
            yield f"from {start.table}{self._where(start.root.where, source)}"
        for relation in export.subset.relations:
            yield f"down {relation.reference}{self._where(relation.include.where, source)}"
        for name, where in export.subset.whole.items():
            yield f"all of {name}{self._where(where, source)}"
        for references in export.subset.parents.values():
            yield from (f"up {reference}" for reference in references)

    def _where(self, condition: str, source: Source) -> str:
        if not condition:
            return ""
        begin = "SELECT 1 WHERE "
        return f" where {self._without_prepared(f'{begin}{condition}', source).removeprefix(begin)}"

    def _without_prepared(self, sql: str, source: Source) -> str:
        """The SQL in which lists of literals say only how many there are, where they may be what preparations found.

        Lists stand inside `IN (…)` alone; one whose every member is a parameter's value is shown as it is.
        """
        if not self._plan.template.prepare:
            return sql
        from sqlglot import exp

        from hotfixture.transforms.dialects import regenerate
        from hotfixture.transforms.guard import parse

        tree = parse(sql, source.engine)
        for node in tree.find_all(exp.In):
            literals = [member for member in node.expressions if not member.find(exp.Column)]
            if literals and not {_text(member) for member in literals} <= self._given:
                kept = [member for member in node.expressions if member not in literals]
                count = f"{len(literals)} prepared values" if self._read else "prepared values"
                node.set("expressions", [*kept, exp.Var(this=count)])
        return regenerate(tree, source.engine)


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else [value]


def _text(member: exp.Expr) -> str:
    """A literal as its value is written; what is no plain literal equals no parameter."""
    return str(member.this) if member.key == "literal" else "\0"


def _names(origins: Collection[Any]) -> list[str]:
    return sorted(f"{table}.{column}" for table, column in origins)


def _table(rows: PlannedRows, origins: list[list[str]]) -> PlannedTableTold:
    return PlannedTableTold(
        table=str(rows.table.name),
        rows=rows.estimate.rows if rows.estimate else None,
        bytes=rows.estimate.bytes if rows.estimate else None,
        columns=[
            PlannedColumnTold(
                name=planned.column.name, type=planned.column.native, mask=planned.shown or None, why=planned.why,
                comes_from=came_from,
            )
            for planned, came_from in zip(rows.columns, origins, strict=True)
        ],
    )  # fmt: skip
