"""Where the rows of an export go: through their masks into the script, and into files of other formats beside it."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hotfixture.errors import HotFixtureError, InputError, UnknownNameError
from hotfixture.files.names import check_segment
from hotfixture.prf import subkey
from hotfixture.transforms.keyset import KeySet, hashed

if TYPE_CHECKING:
    from hotfixture.databases.base import Dialect
    from hotfixture.databases.script import Relation
    from hotfixture.files.formats import FileFormat, Writer
    from hotfixture.files.listing import Entry, Filter
    from hotfixture.files.volumes import Volume
    from hotfixture.flow import Sink, Transform
    from hotfixture.plans.masked_files import FileMasks
    from hotfixture.plans.plan import PlannedFiles
    from hotfixture.schema import Column

Progress = Callable[[str, int], None]
"""Told the table and how many of its rows have been written so far."""


class Through:
    """A sink behind transforms."""

    def __init__(self, transforms: Sequence[Transform], sink: Sink) -> None:
        self._transforms, self._sink = transforms, sink

    def write(self, batch: pa.RecordBatch) -> None:
        """Transform the batch and hand it on, if anything is left of it."""
        for transform in self._transforms:
            batch = transform(batch)
        if batch.num_rows:
            self._sink.write(batch)


class Both:
    """A sink that is several, and says how far the first is."""

    def __init__(self, relation: Relation, others: Sequence[Sink], progress: Progress | None) -> None:
        self._relation, self._others, self._progress = relation, others, progress

    def write(self, batch: pa.RecordBatch) -> None:
        """Hand the batch to each."""
        self._relation.write(batch)
        for sink in self._others:
            sink.write(batch)
        if self._progress:
            self._progress(str(self._relation.table.name), self._relation.rows)


class Once:
    """A transform that lets each row pass once, for a table that several exports fill."""

    def __init__(self, dialect: Dialect, columns: Sequence[Column]) -> None:
        self._dialect, self._columns = dialect, columns
        self._seen = KeySet()

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        keys = [self._dialect.decode(column, batch.column(column.name)) for column in self._columns]
        fresh = self._seen.add_new(keys)
        return batch if fresh.all() else batch.filter(pa.array(fresh))


class Sample:
    """A transform that keeps a share of the rows, chosen by a hash of the row: the same rows whenever they come."""

    def __init__(self, dialect: Dialect, columns: Sequence[Column], share: float) -> None:
        self._dialect, self._columns = dialect, columns
        self._secret = subkey(b"", "sample of a query")
        self._most = int(share * (2**64 - 2**12))

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        texts = [self._dialect.decode(column, batch.column(column.name)) for column in self._columns]
        whole = [text.fill_null(b"" if pa.types.is_binary(text.type) else "") for text in texts]
        drawn = hashed(whole, secret=self._secret)
        return batch.filter(pa.array(drawn[0] <= self._most))


class Files:
    """The files of rows that a package holds beside its script, each opened when its first rows come."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._writers: dict[str, Writer] = {}

    def sink(self, name: str, form: FileFormat, dialect: Dialect, columns: Sequence[Column]) -> Sink:
        """The sink that writes wire batches to `name` in a format, as values of the columns' own types."""
        path = self._folder / f"{_file_name(name)}{form.suffix}"
        if path.name not in self._writers:
            schema = pa.schema([pa.field(column.name, column.arrow) for column in columns])
            stream = self._stack.enter_context(path.open("wb"))
            self._writers[path.name] = self._stack.enter_context(form.writer(stream, schema))
        return _Typed(self._writers[path.name], dialect, columns)

    def close(self) -> None:
        """End every file."""
        self._stack.close()


def _file_name(name: str) -> str:
    """A table's name as the name of a file that is one on every system: what could be anything else is spelled out."""
    plain = re.sub(r"[^\w.-]|^\.|\.$", lambda found: "".join(f"%{byte:02x}" for byte in found[0].encode()), name)
    try:
        return check_segment(plain)
    except InputError:
        return f"table-{hashlib.sha256(name.encode()).hexdigest()[:16]}"


class _Typed:
    """A writer of typed columns behind the engine's wire form."""

    def __init__(self, writer: Writer, dialect: Dialect, columns: Sequence[Column]) -> None:
        self._writer, self._dialect, self._columns = writer, dialect, columns
        self._schema = pa.schema([pa.field(column.name, column.arrow) for column in columns])

    def write(self, batch: pa.RecordBatch) -> None:
        typed = [self._dialect.typed(column, batch.column(at)) for at, column in enumerate(self._columns)]
        self._writer.write(pa.RecordBatch.from_arrays(typed, schema=self._schema))


def copy_files(export: PlannedFiles, place: str | Volume, folder: Path, masks: FileMasks) -> dict[str, Any]:
    """Copy the files that an export names from the volume at `place`, masked; what the manifest says of it."""
    from hotfixture.files.volumes import open_volume

    volume = open_volume(place) if isinstance(place, str) else place
    names = _chosen(export, volume)
    for name in names:
        target = folder / "files" / export.name / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            file.writelines(masks.masked(export.volume, name, volume.read(name)))
    return {"export": export.name, "volume": export.volume, "files": len(names), "treated": dict(masks.treated)}


def _chosen(export: PlannedFiles, volume: Volume) -> list[str]:
    """The names of the files, each once; HotFixtureError where a place that a filter must see cannot be looked at."""
    from hotfixture.files.listing import Filter, arranged

    if not export.filter:
        return [*dict.fromkeys(found.name for pattern in export.patterns for found in volume.find(pattern))]
    wanted = Filter.parse(export.filter, now=time.time())
    found = (_matching(volume, pattern, wanted) for pattern in export.patterns)
    parts = arranged(chain.from_iterable(found), replace(wanted, limit=None) if len(export.patterns) > 1 else wanted)
    names = [*dict.fromkeys(entry.name for part in parts for entry in part)]
    return names[: wanted.limit]


def _matching(volume: Volume, pattern: str, wanted: Filter) -> Iterator[list[Entry]]:
    """What a pattern names, and the filter keeps."""
    from hotfixture.files.globs import matches, until_glob
    from hotfixture.wire.sources import Unlisted

    fixed = "/".join(until_glob(pattern.split("/")[:-1]))
    try:
        parts = volume.walk(fixed, wanted)
    except UnknownNameError:
        return  # no such folder
    for part in parts:
        for entry in part:
            if isinstance(entry, Unlisted):
                raise HotFixtureError(f"{entry.name} {entry.problem}")
        yield [entry for entry in part if matches(entry.name, pattern)]
