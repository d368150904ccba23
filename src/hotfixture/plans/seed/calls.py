"""The documented calls of seeding: what `mockcraft seed`, `row` and the like do, as Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotfixture.databases import open_target
from hotfixture.databases.addresses import missing_file, no_file
from hotfixture.errors import InputError
from hotfixture.plans.seed import SeedPlan, read
from hotfixture.plans.seed.crew import Crew
from hotfixture.plans.seed.fill import Filled, Filling, Progress
from hotfixture.plans.seed.growth import bound, finished, mark_of, more
from hotfixture.plans.seed.plan import BATCH
from hotfixture.plans.seed.production import refuse_production
from hotfixture.plans.seed.unfill import Removed, unfill
from hotfixture.plans.seed.verify import Finding, verify

if TYPE_CHECKING:
    import pyarrow as pa

    from hotfixture.databases.target import Target


def plan_of(schema: str | Path | SeedPlan, seed: int | None = None) -> SeedPlan:
    """The plan of a schema's file or text; a finished plan is taken as it is."""
    return schema if isinstance(schema, SeedPlan) else read(schema, seed=seed)


def seed(
    schema: str | Path | SeedPlan,
    url: str,
    *,
    seed: int | None = None,
    replace: bool = False,
    append: Mapping[str, int] | None = None,
    batch_size: int = BATCH,
    workers: int = 1,
    production: str = "",
    progress: Progress = lambda _table, _rows: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Filled:
    """Fill the database at `url` with the rows of a schema: tables are created where they are missing.

    A run that was broken off goes on where it was; a finished one adds nothing. `append` adds so many rows to tables
    that are there already, and what hangs on them grows along. With `replace` the tables are dropped first. A database
    that looks like production is refused unless `production` names it. Raises InputError with all problems of the
    schema, RefusedError, DatabaseError. Several `workers` are processes that fill PostgreSQL or MySQL side by side.
    """
    refuse_production(url, production)
    if append and replace:
        raise InputError("append and replace exclude each other", hint="Seed anew first, then append.")
    with open_target(url) as target:
        plan = bound(plan_of(schema, seed), target, anew=replace)
        if append:
            plan = _appended(plan, target, append)
        if replace:
            target.forget(plan.digest)  # first: marks without their rows would be taken for rows that are there
        warnings = examined(plan, None if replace else target)
        target.create([table.table for table in plan.made], replace=replace)
        filling = Filling(plan, target, batch_size, progress, cancelled, done=Filled(warnings=warnings))
        if workers == 1 or target.name not in ("postgresql", "mysql"):
            return filling.run()
        with closing(Crew(plan, url, workers, batch_size, cancelled)) as filling.crew:
            return filling.run()


def examined(schema: str | Path | SeedPlan, target: Target | None = None) -> list[str]:
    """Warnings of checks and uniques that nothing proves; InputError where some of a plan's rows break one.

    Those of the schema, and those of the tables that stand in the target. No row is written.
    """
    plan = plan_of(schema)
    conditioned = any(table.table.checks or table.declaration.partials for table in plan.made)
    there = target.existing() if target is not None and target.enforces else None
    names = [table.table.name for table in plan.made] if there else []
    if not conditioned and not any(there and there.find(name.name, name.schema) for name in names):
        return []  # without the parser
    from hotfixture.plans.seed.examining import examine

    return examine(plan, target)


def check(schema: str | Path | SeedPlan, url: str, *, seed: int | None = None) -> list[str]:
    """What `examined` says of a schema and the database at `url`; InputError also where rows do not fit into it."""
    if missing_file(url):
        return examined(plan_of(schema, seed))
    with open_target(url) as target:
        plan = bound(plan_of(schema, seed), target)
        target.compare([table.table for table in plan.made])
        return examined(plan, target)


def _appended(plan: SeedPlan, target: Target, append: Mapping[str, int]) -> SeedPlan:
    """The plan with more rows, and the target told so; a growth that was broken off is finished without another."""
    marks = target.marks(plan.digest)
    if not marks:
        raise InputError("append: nothing of this schema and seed is there", hint="Seed it first, without append.")
    if plan.epochs and not finished(plan, marks):
        return plan
    larger = more(plan, append, target)
    with target.together() if target.enforces else nullcontext():
        for name, rows in larger.epochs[-1].items():
            target.note(plan.digest, mark_of(len(larger.epochs), name), rows)
    return larger


def unseed(
    schema: str | Path | SeedPlan,
    url: str,
    *,
    seed: int | None = None,
    production: str = "",
    progress: Progress = lambda _table, _rows: None,
) -> Removed:
    """Remove from the database at `url` exactly the rows that seeding this schema wrote there."""
    refuse_production(url, production)
    _refuse_missing(url)
    with open_target(url) as target:
        return unfill(bound(plan_of(schema, seed), target), target, progress=progress)


def compare(schema: str | Path | SeedPlan, url: str, *, seed: int | None = None) -> list[Finding]:
    """Compare the database at `url` with the schema: rows, orphans, uniqueness, shares of nulls and values."""
    _refuse_missing(url)
    with open_target(url) as target:
        return verify(bound(plan_of(schema, seed), target), target)


def _refuse_missing(url: str) -> None:
    """InputError for a file that is not there: only seeding makes one."""
    if path := missing_file(url):
        raise no_file(path)


def table(
    schema: str | Path | SeedPlan, name: str, *, seed: int | None = None, first: int = 0, count: int | None = None
) -> Iterator[pa.RecordBatch]:
    """The rows of one table as record batches: `count` of them from `first` on, all where no number is given."""
    found = plan_of(schema, seed).table(name)
    return found.batches(first, None if count is None else first + count)


def row(schema: str | Path | SeedPlan, name: str, number: int, *, seed: int | None = None) -> dict[str, Any]:
    """One row of a table as plain Python values; any row, at once. Raises OptionError for a row there is not."""
    return plan_of(schema, seed).table(name).row(number)


def drafted(url: str, *, scale: float = 1.0) -> str:
    """The YAML of a schema drafted from the live database at `url`, generators proposed for every column."""
    from hotfixture.plans.seed.introspect import introspect

    return introspect(url, scale=scale)
