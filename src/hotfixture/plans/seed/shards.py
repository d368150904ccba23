"""A plan into files: one file a table or several shards of it, each written aside and renamed when it is whole.

A shard is a range of rows, so who writes it and when makes no difference to its bytes; one that is there already is
not written again, which makes a run that was broken off go on where it was.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from hotfixture.errors import MissingExtraError
from hotfixture.files.archives import aside
from hotfixture.files.formats import FORMATS, Writer
from hotfixture.files.names import check_segment
from hotfixture.plans.seed.fill import CancelledError, Progress
from hotfixture.plans.seed.plan import BATCH, SeedPlan, TablePlan

COMPRESSIONS = {"": "", "gzip": ".gz", "zstd": ".zst"}


@dataclass(frozen=True, slots=True)
class Shard:
    """Some rows of one table, and the file they go to."""

    table: str
    first: int
    end: int
    path: Path


@dataclass(frozen=True, slots=True)
class Filing:
    """How files are written."""

    format: str = "csv"
    compress: str = ""
    batch_size: int = BATCH


def shards(plan: SeedPlan, folder: Path, filing: Filing, *, shards_of: int = 1) -> list[Shard]:
    """The files of a plan: `users.csv`, or `users-00001-of-00004.csv` and so on where a table is cut."""
    suffix = FORMATS.find(filing.format).suffix + COMPRESSIONS[filing.compress]
    found = []
    for table in plan.tables:
        check_segment(table.name)
        cuts = [table.count * part // shards_of for part in range(shards_of + 1)]
        for number in range(shards_of):
            part = f"-{number + 1:05d}-of-{shards_of:05d}" if shards_of > 1 else ""
            found.append(Shard(table.name, cuts[number], cuts[number + 1], folder / f"{table.name}{part}{suffix}"))
    return found


def write_files(
    plan: SeedPlan,
    folder: Path,
    filing: Filing,
    *,
    shards_of: int = 1,
    progress: Progress = lambda _table, _rows: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[Path]:
    """Write every table of the plan under `folder`; the paths, parents' tables first."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = shards(plan, folder, filing, shards_of=shards_of)
    for shard in wanted:
        write_shard(plan.table(shard.table), shard, filing, progress=progress, cancelled=cancelled)
    return [shard.path for shard in wanted]


def write_shard(
    table: TablePlan,
    shard: Shard,
    filing: Filing,
    *,
    progress: Progress = lambda _table, _rows: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Write one shard, aside first."""
    with aside(shard.path) as path, path.open("wb") as raw, compressed(raw, filing.compress) as stream:
        writer = FORMATS.find(filing.format).writer(stream, table.schema)
        for batch in table.batches(shard.first, shard.end, size=filing.batch_size):
            if cancelled():
                raise CancelledError(f"cancelled while {shard.path.name} was written")
            _write(writer, batch, progress, shard.table)
        writer.close()


def _write(writer: Writer, batch: pa.RecordBatch, progress: Progress, table: str) -> None:
    writer.write(batch)
    progress(table, batch.num_rows)


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
