"""A plan into files: one file a table or several shards of it, each written aside and renamed when it is whole.

A shard is a range of rows, so who writes it and when makes no difference to its bytes.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from hotfixture.errors import InputError, MissingExtraError
from hotfixture.files.formats import FORMATS, Writer
from hotfixture.files.names import check_segment
from hotfixture.files.volumes import open_volume
from hotfixture.flow import ahead
from hotfixture.plans.seed.fill import CancelledError, Progress
from hotfixture.plans.seed.plan import BATCH, PIECE, SeedPlan, TablePlan
from hotfixture.plans.seed.script import SqlWriter

if TYPE_CHECKING:
    import pyarrow as pa

COMPRESSIONS = {"": "", "gzip": ".gz", "zstd": ".zst"}
SQL = "sql"
PARQUET = "parquet"
"""Compresses its own pages: readers know no Parquet inside another compression."""
AUTOMATIC = 1_000_000
"""Rows of a file where the plan is spread over workers: the table's size alone says how many files there are."""


@dataclass(frozen=True, slots=True)
class Filing:
    """How files are written."""

    format: str = "csv"
    """One of FORMATS, or `sql`."""
    compress: str = ""
    """Nothing, `gzip` or `zstd`."""
    dialect: str = "postgresql"
    """Whose SQL, for scripts."""
    shards: int = 1
    """Files for each table; 0 for one for each AUTOMATIC rows."""
    batch_size: int = BATCH

    @property
    def around(self) -> str:
        """The compression around the whole file."""
        return "" if self.format == PARQUET else self.compress


@dataclass(frozen=True, slots=True)
class Shard:
    """Some rows of one table, and the name of the file they go to."""

    table: str
    first: int
    end: int
    name: str


def shards(plan: SeedPlan, filing: Filing) -> list[Shard]:
    """The files of a plan: `users.csv`, or `users-00001-of-00004.csv` and so on where a table is cut.

    SQL scripts are numbered, so that their order is that of their names: parents first.
    """
    for table in plan.tables:
        if table.declaration.existing:
            raise InputError(
                f"table {table.name!r} is said to exist, and files have none that do",
                where=table.declaration.where,
                hint="Seed the database that has it, or leave 'existing' out.",
            )
    suffix = ".sql" if filing.format == SQL else FORMATS.find(filing.format).suffix
    found = []
    for place, table in enumerate(plan.made, 1):
        check_segment(table.name)
        stem = f"{place:03d}-{table.name}" if filing.format == SQL else table.name
        count = filing.shards or max(1, -(-table.count // AUTOMATIC))
        cuts = [table.count * part // count for part in range(count + 1)]
        for number in range(count):
            part = f"-{number + 1:05d}-of-{count:05d}" if count > 1 else ""
            name = f"{stem}{part}{suffix}{COMPRESSIONS[filing.around]}"
            found.append(Shard(table.name, cuts[number], cuts[number + 1], name))
    return found


def write_files(
    plan: SeedPlan,
    place: str | Path,
    filing: Filing,
    *,
    progress: Progress = lambda _table, _rows: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[str]:
    """Write every table of the plan to a folder or object store; the files' names, parents' tables first."""
    volume = open_volume(str(place), create=True)
    wanted = shards(plan, filing)
    for shard in wanted:
        with volume.write(shard.name) as stream:
            write_shard(plan, shard, filing, stream, progress=progress, cancelled=cancelled, threads=True)
    return [shard.name for shard in wanted]


def write_shard(
    plan: SeedPlan,
    shard: Shard,
    filing: Filing,
    stream: IO[bytes],
    *,
    progress: Progress = lambda _table, _rows: None,
    cancelled: Callable[[], bool] = lambda: False,
    threads: bool = False,
) -> None:
    """Write one shard into a binary stream; with `threads`, rows are made by one thread while another writes.

    Where processes write side by side, each keeps to one processor: threads would only take turns.
    """
    table = plan.table(shard.table)
    batches = _batches(table, shard, filing)
    with compressed(stream, filing.around) as packed:
        writer = _writer(plan, table, shard, filing, packed)
        for batch in ahead(batches) if threads else batches:
            if cancelled():
                raise CancelledError(f"cancelled while {shard.name} was written")
            writer.write(batch)
            progress(table.name, batch.num_rows)
        writer.close()


def _batches(table: TablePlan, shard: Shard, filing: Filing) -> Iterator[pa.RecordBatch]:
    """The rows as they are made, piece by piece; a script's statements are as long as its batches."""
    size = filing.batch_size if filing.format == SQL else min(filing.batch_size, PIECE)
    return table.batches(shard.first, shard.end, size=size)


def _writer(plan: SeedPlan, table: TablePlan, shard: Shard, filing: Filing, stream: IO[bytes]) -> Writer:
    if filing.format == SQL:
        before = [one.table.name for one in plan.tables[: plan.tables.index(table)]]
        return SqlWriter(stream, table.table, filing.dialect, creates=shard.first == 0, before=before)
    inside = {"compression": filing.compress} if filing.format == PARQUET and filing.compress else {}
    return FORMATS.find(filing.format).writer(stream, table.schema, **inside)


@contextmanager
def compressed(stream: IO[bytes], compress: str) -> Iterator[Any]:
    """The stream, or one that compresses into it; the same bytes every time."""
    if not compress:
        yield stream
    elif compress == "gzip":
        with gzip.GzipFile("", "wb", 6, stream, mtime=0) as packed:
            yield packed
    else:
        try:
            import zstandard
        except ModuleNotFoundError as error:
            raise MissingExtraError("compression with zstd", "zstd") from error
        with zstandard.ZstdCompressor(level=3).stream_writer(stream, closefd=False) as packed:
            yield packed
