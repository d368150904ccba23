"""`mockcraft seed`, `check` and `row`: a schema into databases and files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hotfixture.cli import output
from hotfixture.cli.completion import tables

if TYPE_CHECKING:
    from hotfixture.plans.seed import SeedPlan

Command = TypeVar("Command", bound=Callable[..., Any])
Progress = Callable[[str, int], None]

SEED = click.option("--seed", metavar="S", type=int, help="Stands in for the schema's own seed.")
_PLACE = "output"
FORMATS = ("csv", "json", "ndjson", "sql", "parquet")


def _appends(_: click.Context, parameter: click.Parameter, words: tuple[str, ...]) -> dict[str, int]:
    """`TABLE=N` words, or one `N`, as a mapping; the table's name is empty where none is given."""
    found: dict[str, int] = {}
    for word in words:
        table, _sign, number = word.rpartition("=")
        if not number.isdigit() or table in found:
            raise click.BadParameter("expected TABLE=N, or N where one table is meant", param=parameter)
        found[table] = int(number)
    return found


def _added(plan: SeedPlan, given: dict[str, int]) -> dict[str, int]:
    """How many rows to add to which table; a bare number means the only table that has a size of its own."""
    own = [table.name for table in plan.tables if not table.declaration.size.per]
    if "" in given and len(own) != 1:
        raise click.UsageError(f"--append N: say which table, one of {', '.join(own)}: --append {own[0]}=N")
    return {table or own[0]: rows for table, rows in given.items()}


@click.command(short_help="Fill a database, or files, with the rows of a schema.")
@click.option("--config", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The schema (YAML).")
@click.option("--db", "url", metavar="URL", help="The database to fill; also MOCKCRAFT_DB in the environment.")
@click.option("--output", "form", type=click.Choice(FORMATS), help="Write files of this format.")
@click.option(
    "--dir", "place", default=_PLACE, show_default=True, metavar="PLACE", help="A folder, or s3://, gs://, az://."
)
@click.option("--compress", type=click.Choice(["gzip", "zstd"]), help="Compress the files.")
@click.option(
    "--shards", type=click.IntRange(min=1), help="Files for each table; one, or with workers one per million rows."
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes that write; any number writes the same rows, and files of the same bytes.",
)
@click.option("--dask", metavar="ADDRESS", default="", help="A dask scheduler whose workers write the files.")
@click.option(
    "--dialect",
    type=click.Choice(["postgresql", "mysql", "sqlite"]),
    default="postgresql",
    show_default=True,
    help="Whose SQL, for --output sql.",
)
@SEED
@click.option(
    "--batch-size", type=click.IntRange(min=1), default=65_536, show_default=True, help="Rows stored at once."
)
@click.option(
    "--append",
    multiple=True,
    metavar="[TABLE=]N",
    callback=_appends,
    help="Add N rows to a table that was seeded before; what hangs on it grows along.",
)
@click.option("--replace", is_flag=True, help="Drop the schema's tables first, with all that is in them.")
@click.option(
    "--production", metavar="NAME", default="", help="Yes, this database: needed where it looks like production."
)
@click.option("--backup", is_flag=True, help="Back up the database first, and prove that the backup restores.")
@click.option(
    "--backup-path",
    default="backup",
    show_default=True,
    metavar="PLACE",
    help="The folder that backups go to, each into one of its own.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be made; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def seed(
    config: Path, url: str | None, form: str | None, seed: int | None, *, dry_run: bool, as_json: bool, **given: Any
) -> None:
    """Fill a database (--db) or files (--output) with the rows of a schema."""
    import os

    from hotfixture.plans.seed import read

    url = url or (None if form else os.environ.get("MOCKCRAFT_DB"))
    if bool(url) == bool(form):
        raise click.UsageError("say where the rows go: --db URL, or --output FORMAT")
    if given["backup"] and not url:
        raise click.UsageError("--backup: files are not backed up, a database is: --db URL")
    for option in ("shards", "compress", "dask") if url else ("append", "replace", "production"):
        if given[option]:
            raise click.UsageError(f"--{option} means nothing for {'a database' if url else 'files'}")
    plan = read(config, seed=seed)
    if dry_run:
        _describe(plan, as_json=as_json)
        return
    if given["backup"]:
        _back_up(str(url), given["backup_path"], given["production"])
    begun = monotonic()
    with _progress(plan) as progress:
        rows = _into_database(plan, str(url), given, progress) if url else _into_files(plan, str(form), given, progress)
    if as_json:
        seconds = monotonic() - begun
        rate = {"seconds": round(seconds, 3), "rows_per_second": round(sum(rows.values()) / max(seconds, 1e-3))}
        output.write_json({"rows": rows, "seed": plan.seed, "digest": plan.digest, **rate})
    else:
        where = f", in {_PLACE}/" if form and given["place"] == _PLACE else ""  # a place that nobody named
        output.say(f"{output.counted(sum(rows.values()), 'row')} in {output.counted(len(rows), 'table')}{where}")


def _back_up(url: str, place: str, production: str) -> None:
    """A database that will be refused is not backed up first."""
    from hotfixture.plans.backup import before_seeding
    from hotfixture.plans.seed.production import refuse_production

    refuse_production(url, production)
    made = before_seeding(url, place)
    output.say(f"backed up into {made}" if made else "nothing to back up: the database is empty")


def _into_database(plan: SeedPlan, url: str, given: dict[str, Any], progress: Progress) -> dict[str, int]:
    from hotfixture.plans.seed import calls

    done = calls.seed(
        plan,
        url,
        replace=given["replace"],
        append=_added(plan, given["append"]),
        batch_size=given["batch_size"],
        workers=given["workers"] or 1,
        production=given["production"],
        progress=progress,
    )
    _warn(done.warnings)
    if there := sum(done.resumed.values()):
        _say_resumed(there, went_on=any(done.rows.values()) and not given["append"])
    return done.rows


def _say_resumed(rows: int, *, went_on: bool) -> None:
    """A run that was broken off went on; one that had finished, and a table that grows, did not."""
    found, were = output.counted(rows, "row"), "was" if rows == 1 else "were"
    output.say(f"went on after {found} that {were} there already" if went_on else f"{found} {were} there already")


def _warn(warnings: Iterable[str]) -> None:
    for warning in warnings:
        output.say(f"warning: {warning}")


def _into_files(plan: SeedPlan, form: str, given: dict[str, Any], progress: Progress) -> dict[str, int]:
    from hotfixture.plans.seed.calls import examined
    from hotfixture.plans.seed.files import Filing, write_files

    _warn(examined(plan))
    several = given["workers"] is not None or given["dask"]
    shards = given["shards"] or (0 if several else 1)
    filing = Filing(form, given["compress"] or "", given["dialect"], shards, given["batch_size"])
    if several:
        from hotfixture.plans.seed.spread import spread

        spread(plan, given["place"], filing, workers=given["workers"] or 2, dask=given["dask"], progress=progress)
    else:
        write_files(plan, given["place"], filing, progress=progress)
    return {table.name: table.count for table in plan.tables}


@contextmanager
def _progress(plan: SeedPlan) -> Iterator[Progress]:
    """A bar over all rows, with rate and remaining time, where standard error is a terminal."""
    with output.progress("seeding", plan.rows) as advance:
        yield lambda _table, rows: advance(rows)


def _describe(plan: SeedPlan, *, as_json: bool) -> None:
    """What would be made, and what it would take."""
    from hotfixture.plans.seed.estimate import estimates, memory

    found, held = estimates(plan), memory(plan)
    if as_json:
        tables = {one.table: {"rows": one.rows, "bytes": one.bytes, "seconds": round(one.seconds, 3)} for one in found}
        facts = {"seed": plan.seed, "digest": plan.digest, "tables": tables, "memory": held}
        output.write_json({**facts, "warnings": list(plan.warnings)})
        return
    rows = [
        (one.table, f"{one.rows:,}", _bytes(one.bytes), _seconds(one.seconds), ", ".join(plan.table(one.table).columns))
        for one in found
    ]
    output.table(rows, ("TABLE", "ROWS", "SIZE", "TIME", "COLUMNS"))
    total = sum(one.seconds for one in found)
    made, size = output.counted(plan.rows, "row"), _bytes(sum(one.bytes for one in found))
    said = f"{made}, about {size}, {_seconds(total)} to make"
    output.say(f"{said}, {_bytes(held)} of memory")
    _warn(plan.warnings)


def _bytes(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _seconds(time: float) -> str:
    if time < 1:
        return "< 1 s"
    return f"{time:.0f} s" if time < 120 else f"{time / 60:.0f} min" if time < 7200 else f"{time / 3600:.1f} h"


@click.command(short_help="Check a schema: every problem with its place, sizes and time estimated.")
@click.argument("schema", type=click.Path(path_type=Path))
@click.option("--db", "url", metavar="URL", help="Also whether its rows fit into the tables of this database.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def check(schema: Path, url: str | None, *, as_json: bool) -> None:
    """Check a schema and say what it would make; every problem is shown with line and column.

    CHECK conditions and partial uniques are tried on some of the rows. Nothing is written.
    """
    from hotfixture.plans.seed import calls, read

    plan = read(schema)
    _warn(calls.check(plan, url) if url else calls.examined(plan))
    _describe(plan, as_json=as_json)


@click.command(short_help="Print any one row of a schema's table, at once.")
@click.argument("schema", type=click.Path(path_type=Path))
@click.argument("table", shell_complete=tables)
@click.argument("number", type=click.IntRange(min=0))
@SEED
def row(schema: Path, table: str, number: int, seed: int | None) -> None:
    """Print row NUMBER (from 0) of TABLE as JSON."""
    from hotfixture.plans.seed import calls

    output.write_json(calls.row(schema, table, number, seed=seed))


@click.command(short_help="Compare a database with the schema it was seeded from.")
@click.argument("schema", type=click.Path(path_type=Path))
@click.option("--db", "url", required=True, metavar="URL", envvar="MOCKCRAFT_DB", help="The database that was seeded.")
@SEED
@click.option("--json", "as_json", is_flag=True, help="Print every comparison as JSON.")
def verify(schema: Path, url: str, seed: int | None, *, as_json: bool) -> int:
    """Compare a database with the schema it was seeded from: rows, orphans, uniqueness, nulls, distributions."""
    from hotfixture.plans.seed import calls

    found = calls.compare(schema, url, seed=seed)
    wrong = [one for one in found if not one.holds]
    if as_json:
        output.write_json([one.plain() for one in found])
    else:
        rows = [(one.table, one.check, one.expected, one.found) for one in wrong]
        if rows:
            output.table(rows, ("TABLE", "CHECK", "EXPECTED", "FOUND"))
        output.say(f"{len(found) - len(wrong)} of {len(found)} comparisons hold")
    return 1 if wrong else 0


@click.command(short_help="Remove exactly the rows that seeding a schema wrote.")
@click.argument("schema", type=click.Path(path_type=Path))
@click.option("--db", "url", required=True, metavar="URL", envvar="MOCKCRAFT_DB", help="The database that was seeded.")
@SEED
@click.option("--production", metavar="NAME", default="", help="Yes, this database: where it looks like production.")
def unseed(schema: Path, url: str, seed: int | None, production: str) -> None:
    """Remove from a database exactly the rows that seeding this schema wrote there; all others stay."""
    from hotfixture.plans.seed import calls

    plan = calls.plan_of(schema, seed)
    with _progress(plan) as progress:
        removed = calls.unseed(plan, url, production=production, progress=progress)
    output.say(f"{output.counted(sum(removed.rows.values()), 'row')} removed")


@click.command(short_help="Draft a schema from a live database.")
@click.argument("url", envvar="MOCKCRAFT_DB")
@click.option(
    "--scale",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="Times the rows that are there.",
)
@click.option("-o", "--output", "path", metavar="FILE", help="Write to a file instead of standard output.")
def introspect(url: str, scale: float, path: str | None) -> None:
    """Draft a schema from the catalogue of a live database; a generator is proposed for every column.

    URL may stand in MOCKCRAFT_DB: other users of the machine can read command lines.
    """
    from hotfixture.plans.seed import calls

    text = calls.drafted(url, scale=scale)
    with output.destination(path) as stream:
        stream.write(text)


@click.command(short_help="Print the JSON Schema of the format, for editors.")
def schema() -> None:
    """Print the JSON Schema (draft 2020-12) of seed schemas; editors complete and check files by it."""
    from hotfixture.plans.seed.json_schema import json_schema

    output.write_json(json_schema())
