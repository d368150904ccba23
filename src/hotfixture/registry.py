"""A name to the thing it means: a literal table first, installed entry points second, imported on use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Generic, TypeVar, cast

from hotfixture.errors import MissingExtraError, UnknownNameError

T = TypeVar("T")


class Registry(Generic[T]):
    """Finds things by name.

    `table` maps a name to `module:attribute`, or to `module:attribute extra` where an optional dependency must be
    installed. `group` names the entry points through which other packages add theirs; a built-in name wins.
    """

    def __init__(self, kind: str, table: Mapping[str, str], *, group: str = "") -> None:
        self.kind = kind
        self.table = table
        self._group = group
        self._found: dict[str, T] = {}
        self._points: dict[str, str] | None = None

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self.table, *self._entry_points()}))

    def __contains__(self, name: str) -> bool:
        return name in self.table or name in self._entry_points()

    def find(self, name: str) -> T:
        """The thing `name` means; UnknownNameError suggests the nearest, MissingExtraError says what to install."""
        if name not in self._found:
            self._found[name] = self._load(name)
        return self._found[name]

    def _load(self, name: str) -> T:
        if name not in self.table:
            points = self._entry_points()
            if name not in points:
                raise UnknownNameError(self.kind, name, list(self))
            return cast("T", _attribute(points[name]))
        path, _, extra = self.table[name].partition(" ")
        try:
            return cast("T", _attribute(path))
        except ModuleNotFoundError as error:
            if extra and not (error.name or "").startswith("hotfixture"):
                raise MissingExtraError(f"{self.kind} {name!r}", extra) from error
            raise

    def _entry_points(self) -> dict[str, str]:
        """Names and paths that installed packages offer; asked for once, for that takes 20 ms and more."""
        if self._points is None:
            self._points = _installed(self._group) if self._group else {}
        return self._points


def _installed(group: str) -> dict[str, str]:
    from importlib.metadata import entry_points

    return {point.name: point.value for point in entry_points(group=group)}


def _attribute(path: str) -> object:
    module, _, attribute = path.partition(":")
    return getattr(import_module(module), attribute)
