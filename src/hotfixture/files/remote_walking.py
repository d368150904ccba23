"""Walks a prefix of object storage, page by page, with the filters of local folders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from hotfixture.errors import HotFixtureError
from hotfixture.files.walking import is_safe
from hotfixture.wire.sources import Listed, Unlisted

if TYPE_CHECKING:
    from hotfixture.files.listing import Entry, Filter


def walk_store(
    store: Any, folder: str, wanted: Filter, failing: Callable[[], AbstractContextManager[None]]
) -> Iterator[list[Entry]]:
    """What stands below a folder of the store, one part a page; `failing` makes the store's errors ours.

    A store that fails before its first page is an error; later on it is said as `Unlisted`, for what was found counts.
    """
    pages = iter(store.list(folder or None))
    keep = _Keep(folder, wanted)
    begun = False
    while True:
        try:
            with failing():
                page = next(pages, None)
        except HotFixtureError as error:
            if not begun:
                raise
            yield [Unlisted(folder, error.problems[0].message)]
            return
        if page is None:
            return
        begun = True
        yield [found for item in page for found in keep(item)]


class _Keep:
    """What of each object is wanted: itself, or the folders that its name is the first to show."""

    def __init__(self, folder: str, wanted: Filter) -> None:
        self._wanted = wanted
        self._start = len(folder) + 1 if folder else 0
        self._base, self._path = wanted.base(), wanted.path()
        self._above: list[str] = []
        """The folders above the last object: names come in order."""

    def __call__(self, item: Any) -> Iterator[Entry]:
        name = str(item["path"])
        if self._wanted.kind == "folder":
            yield from self._folders(name)
        elif self._is_near(name) and self._matches(name):
            found = Listed(name, int(item["size"]), item["last_modified"].timestamp())
            yield from self._safe(found)

    def _folders(self, name: str) -> Iterator[Entry]:
        parts = name[self._start :].split("/")[:-1]
        same = 0
        while same < min(len(parts), len(self._above)) and parts[same] == self._above[same]:
            same += 1
        self._above = parts
        for end in range(same + 1, len(parts) + 1):
            folder = name[: self._start] + "/".join(parts[:end])
            if self._is_near(folder) and self._matches(folder):
                yield from self._safe(Listed(folder, 0, 0, "folder"))

    def _is_near(self, name: str) -> bool:
        return self._wanted.depth is None or name.count("/", self._start) < self._wanted.depth

    def _matches(self, name: str) -> bool:
        if self._path:
            return self._path(name[self._start :])
        return not self._base or bool(self._base(name.rpartition("/")[2]))

    def _safe(self, found: Listed) -> Iterator[Entry]:
        if not self._wanted.keeps(found):
            return
        if all(map(is_safe, found.name.split("/"))):
            yield found
        else:
            name = found.name if found.name.isprintable() else ascii(found.name)[1:-1]
            yield Unlisted(name, "has no name that is safe on every system")
