"""What a job writes: files of a plan as one ZIP file, or rows in a database; it can stop at any batch, and go on.

A job's folder has `files/`, where finished files keep their names over attempts, and the ZIP file of the attempt that
finished. Files are written aside and renamed, so whatever stands under its name is whole.
"""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from hotfixture.files.archives import aside, files_of
from hotfixture.plans.seed import SeedPlan
from hotfixture.plans.seed.files import Filing, shards, write_shard
from hotfixture.plans.seed.fill import Progress
from hotfixture.plans.seed.plan import BATCH

_PIECE = 1 << 20
_TIME = (1980, 1, 1, 0, 0, 0)
_PACKED = (".gz", ".zst", ".parquet")

Check = Callable[[], None]
"""Raises where the job is to stop."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told of rows, and asked whether to go on."""

    found: Progress
    """Rows that an earlier attempt had written."""
    progress: Progress
    cancelled: Callable[[], bool]


def write_files(plan: SeedPlan, folder: Path, wanted: Any, listener: Listener) -> None:
    """All files of a plan below `folder`; those that an earlier attempt finished are kept."""
    from hotfixture.plans.seed.calls import examined

    examined(plan)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.glob(".*.partial"):
        left.unlink(missing_ok=True)
    filing = Filing(wanted["format"], wanted["compress"], wanted["dialect"], wanted["shards"])
    for shard in shards(plan, filing):
        if (folder / shard.name).exists():
            listener.found(shard.table, shard.end - shard.first)
            continue
        with aside(folder / shard.name) as path, path.open("wb") as stream:
            write_shard(plan, shard, filing, stream, progress=listener.progress, cancelled=listener.cancelled)


def bundle(folder: Path, path: Path, check: Check) -> tuple[int, str]:
    """The files of `folder` in the ZIP file `path`, written aside; its size and its SHA-256. Same files, same bytes."""
    beside = path.with_suffix(".partial")
    with beside.open("wb") as stream:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
            for name, member in files_of(folder):
                _add(packed, name, member, check)
        stream.flush()
        os.fsync(stream.fileno())
    size, digest = beside.stat().st_size, _digest(beside, check)
    beside.replace(path)
    return size, digest


def _add(packed: zipfile.ZipFile, name: str, path: Path, check: Check) -> None:
    info = zipfile.ZipInfo(name, _TIME)
    info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o644) << 16
    # What is compressed already would only take time.
    info.compress_type = zipfile.ZIP_STORED if name.endswith(_PACKED) else zipfile.ZIP_DEFLATED
    with path.open("rb") as file:
        info.file_size = os.fstat(file.fileno()).st_size
        with packed.open(info, "w") as member:
            for piece in _pieces(file):
                check()
                member.write(piece)


def _digest(path: Path, check: Check) -> str:
    digest = sha256()
    with path.open("rb") as file:
        for piece in _pieces(file):
            check()
            digest.update(piece)
    return digest.hexdigest()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def fill(plan: SeedPlan, url: str, listener: Listener) -> None:
    """All rows of a plan in a database, from where an earlier attempt had come."""
    from hotfixture.databases import open_target
    from hotfixture.plans.seed.calls import examined
    from hotfixture.plans.seed.fill import Filling
    from hotfixture.plans.seed.growth import bound
    from hotfixture.plans.seed.production import refuse_production

    refuse_production(url)
    with open_target(url) as target:
        whole = bound(plan, target, anew=False)
        marks = target.marks(whole.digest)
        for table in whole.made:
            listener.found(table.name, min(marks.get(str(table.table.name), 0), table.count))
        examined(whole, target)
        target.create([table.table for table in whole.made], replace=False)
        Filling(whole, target, BATCH, listener.progress, listener.cancelled).run()


def used(folder: Path) -> int:
    """Bytes of all files below a folder; what vanishes meanwhile counts nothing."""
    total = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                total += _size(entry)
    except OSError:
        pass
    return total


def _size(entry: os.DirEntry[str]) -> int:
    try:
        if entry.is_dir(follow_symlinks=False):
            return used(Path(entry.path))
        return entry.stat(follow_symlinks=False).st_size
    except OSError:
        return 0


def remove(folder: Path) -> None:
    """Remove a folder or a file of a job; what a reader still holds open goes at the next sweep."""
    if folder.is_dir():
        shutil.rmtree(folder, ignore_errors=True)
        return
    with suppress(OSError):
        folder.unlink(missing_ok=True)


def keep_only(folder: Path, file: str | None) -> None:
    """Remove everything in the folder of a job but its file, where it has one; the folder stays."""
    with suppress(OSError):  # the folder may go meanwhile
        for path in folder.iterdir():
            if path.name != file:
                remove(path)
