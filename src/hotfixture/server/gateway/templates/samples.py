"""Masked samples: a package of few rows, made, masked and scanned as every package is, and then looked into."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from hotfixture.files.formats import FileFormat
from hotfixture.plans import orders
from hotfixture.plans.plan import PlannedQuery, PlannedSubset
from hotfixture.server.gateway.templates.revisions import Revision
from hotfixture.server.problems import HTTPError
from hotfixture.wire.templates import SampledTable, SampleTold

if TYPE_CHECKING:
    from hotfixture.plans.plan import Plan
    from hotfixture.server.gateway.templates.planning import Planned

ROWS = 20
"""Of a table at most, and roots of a subset."""
MOST = 20_000
"""Rows of the whole: a root may bring very many with it."""
_LONGEST = 200
_FORM = FileFormat("ndjson", {"text_numbers": True})


def sample(made: Planned, revision: Revision) -> SampleTold:
    """The rows; `made` is a plan with `row_limit` `ROWS`, inside its snapshots.

    RefusedError as for a package: where the rules or the scan for originals forbid it. HTTPError 422 where the roots
    bring too many rows with them.
    """
    plan = _plan(made.plan)
    with TemporaryDirectory(prefix="hotfixture-sample-") as place:
        ordered = orders.Planned(plan, made.databases, made.snapshots, made.key, made.policy.policy, {})
        with orders.building(ordered, Path(place), progress=_Bound()) as build:
            manifest = build.run()
        written = Path(place) / "package"
        tables = [_read(path, manifest) for path in sorted(written.glob(f"*{_FORM.suffix}"))]
    return SampleTold(
        template=revision.template, revision=revision.number, digest=revision.digest, stand_ins=list(made.stand_ins),
        tables=tables,
    )  # fmt: skip


def _plan(plan: Plan) -> Plan:
    """The plan's rows alone, each table in a form that is read easily."""
    rows = [export for export in plan.exports if isinstance(export, PlannedQuery | PlannedSubset)]
    return replace(plan, exports=tuple(replace(export, formats=(_FORM,)) for export in rows))


class _Bound:
    """Stops a sample that grows too large."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}

    def __call__(self, table: str, rows: int) -> None:
        self._rows[table] = rows
        if sum(self._rows.values()) > MOST:
            raise HTTPError(422, f"{ROWS} roots bring more than {MOST} rows with them: give narrower parameters")


def _read(path: Path, manifest: Mapping[str, Any]) -> SampledTable:
    """The first rows of a table's file."""
    name = unquote(path.name.removesuffix(_FORM.suffix))
    found = list(islice(_rows(path), ROWS + 1))
    entry = next((one for one in manifest["tables"] if one["table"] == name), None)
    columns = entry["columns"] if entry else list(found[0]) if found else []
    rows = [[_short(row.get(column)) for column in columns] for row in found[:ROWS]]
    return SampledTable(table=name, columns=columns, rows=rows, more=len(found) > ROWS)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _short(value: object) -> object:
    return f"{value[:_LONGEST]}…" if isinstance(value, str) and len(value) > _LONGEST else value
