"""Walks a local folder: filters while it walks, asks the system for no more than a filter needs, follows no link."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from errno import ELOOP
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from hotfixture.errors import InputError
from hotfixture.files.names import LONGEST_PATH, check_segment
from hotfixture.wire.sources import Listed, Unlisted

if TYPE_CHECKING:
    from hotfixture.files.listing import Entry, Filter

DEEPEST = 64
"""Folders within folders: as many are open at once."""
PART = 1000
"""Entries that leave together, unless `PATIENCE` ends before."""
PATIENCE = 0.05
"""Seconds after which a part leaves, however small: whoever waits for it sees the first line soon."""
_GLANCE = 256
"""Entries of a folder between two looks at the clock."""
_PLAIN = re.compile(r"[\w.-](?:[\w .+@=,()-]{0,200}[\w+@=,()-])?", re.ASCII).fullmatch
_MAYBE_NOT = re.compile(r"con|prn|aux|nul|com|lpt|\.+\Z", re.IGNORECASE).match
"""Names that are safe everywhere are told at a glance, but for those that Windows may reserve."""
BY_DESCRIPTOR = os.open in os.supports_dir_fd and os.scandir in os.supports_fd


def is_safe(name: str) -> bool:
    """Whether `check_segment` allows the name."""
    if _PLAIN(name) and not _MAYBE_NOT(name):
        return True
    try:
        check_segment(name)
    except InputError:
        return False
    return True


def open_folder(name: str | Path, above: int | None = None) -> int:
    """A descriptor of a folder, which is no link, relative to an open one. OSError where there is none."""
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)


def descend(root: Path, folder: str) -> int:
    """A descriptor of a folder below the root, reached without following a link at any step; OSError."""
    at = open_folder(root)
    for name in filter(None, folder.split("/")):
        try:
            inner = open_folder(name, at)
        finally:
            os.close(at)
        at = inner
    return at


def _no_link(path: Path) -> Path:
    """The path, where the system opens no folder relative to another (Windows): OSError where it leads elsewhere."""
    if path.resolve(strict=True) != path:
        raise OSError(ELOOP, "it is a link")
    return path


class _Folder:
    """A folder that is open, and how far it has been looked at."""

    def __init__(self, prefix: str, path: Path, descriptor: int | None) -> None:
        self.prefix, self.path, self.descriptor = prefix, path, descriptor
        try:
            self.entries = os.scandir(path if descriptor is None else descriptor)
        except OSError:
            self._release()
            raise

    def inner(self, name: str) -> _Folder:
        """A folder in it: opened relative to it and never through a link, so that no renaming leads elsewhere."""
        path = self.path / name
        descriptor = None if self.descriptor is None else open_folder(name, self.descriptor)
        return _Folder(f"{self.prefix}{name}/", path if descriptor is not None else _no_link(path), descriptor)

    def close(self) -> None:
        """End looking at it."""
        self.entries.close()
        self._release()

    def _release(self) -> None:
        if self.descriptor is not None:
            os.close(self.descriptor)


class Walk:
    """The files below a folder that a filter keeps, in parts, in the order in which the system gives them.

    A part may be empty: time has passed. Folders that cannot be looked at, and files whose names are not safe on every
    system, are said as `Unlisted`; a file that vanished meanwhile is not. Names begin with `folder`. OSError where the
    folder itself cannot be opened.
    """

    def __init__(self, root: Path, folder: str, wanted: Filter) -> None:
        self._wanted = wanted
        self._base, self._path = wanted.base(), wanted.path()
        self._start = len(folder) + 1 if folder else 0
        """Where the part of a name begins that patterns of paths look at."""
        self._found: list[Entry] = []
        first = descend(root, folder) if BY_DESCRIPTOR else None
        path = root / folder if BY_DESCRIPTOR else _no_link(root / folder)
        self._open = [_Folder(f"{folder}/" if folder else "", path, first)]

    def __iter__(self) -> Iterator[list[Entry]]:
        due = monotonic() + PATIENCE
        try:
            while self._open:
                self._look(self._open[-1])
                if len(self._found) >= PART or monotonic() >= due:
                    yield self._part()
                    due = monotonic() + PATIENCE
            yield self._part()
        finally:
            self.close()

    def close(self) -> None:
        """End the walk."""
        while self._open:
            self._open.pop().close()

    def _part(self) -> list[Entry]:
        found, self._found = self._found, []
        return found

    def _look(self, folder: _Folder) -> None:
        """Go on in a folder, for a while, or until it ends, or into the next folder in it."""
        base, files, count = self._base, self._wanted.kind == "file", 0
        try:
            for entry in islice(folder.entries, _GLANCE):
                count += 1
                if entry.is_dir(follow_symlinks=False):
                    self._enter(folder, entry)
                    return
                if files and (base is None or base(entry.name)) and entry.is_file(follow_symlinks=False):
                    self._take(folder.prefix, entry)
        except OSError as error:
            self._missed(folder.prefix, f"cannot be listed: {error.strerror}")
            count = 0
        if count < _GLANCE:
            self._open.pop().close()

    def _take(self, prefix: str, entry: os.DirEntry[str]) -> None:
        """Keep a file whose name matches, if the rest of it does."""
        name = prefix + entry.name
        if self._path and not self._path(name[self._start :]):
            return
        if not is_safe(entry.name):
            self._missed(name, "has no name that is safe on every system")
            return
        try:
            facts = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return
        except OSError as error:
            self._missed(name, f"cannot be looked at: {error.strerror}")
            return
        found = Listed(name, facts.st_size, facts.st_mtime)
        if self._wanted.keeps(found):
            self._found.append(found)

    def _enter(self, folder: _Folder, entry: os.DirEntry[str]) -> None:
        name, wanted = folder.prefix + entry.name, self._wanted
        if not is_safe(entry.name):
            self._missed(name, "has no name that is safe on every system")
            return
        if wanted.kind == "folder" and (self._base(entry.name) if self._base else True):
            self._take_folder(name, entry)
        if wanted.depth is not None and len(self._open) >= wanted.depth:
            return
        if len(name) > LONGEST_PATH or len(self._open) >= DEEPEST:
            self._missed(name, "is nested too deep")
            return
        try:
            self._open.append(folder.inner(entry.name))
        except FileNotFoundError:
            return
        except OSError as error:
            self._missed(name, f"cannot be listed: {error.strerror}")

    def _take_folder(self, name: str, entry: os.DirEntry[str]) -> None:
        found = Listed(name, 0, entry.stat(follow_symlinks=False).st_mtime, "folder")
        if (not self._path or self._path(name[self._start :])) and self._wanted.keeps(found):
            self._found.append(found)

    def _missed(self, name: str, problem: str) -> None:
        self._found.append(Unlisted(name if name.isprintable() else ascii(name)[1:-1], problem))
