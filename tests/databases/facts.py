"""One fact sheet an engine: how to reach it, its types with values, scenes of tables, and what it cannot do.

The contract suite is written once over these sheets. A sheet is data: SQL of its engine and the names of fixtures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from hotfixture.databases.base import Dialect
from hotfixture.errors import HotFixtureError

Marker = Literal["ours", "theirs", "never"]
"""Who would have to do something: we could; the engine must; nobody ever will."""


@dataclass(frozen=True)
class Cannot:
    """Why a capability is missing, and the error that says so."""

    marker: Marker
    reason: str
    raises: type[Exception] = HotFixtureError


@dataclass(frozen=True)
class Sample:
    """One type: how a column of it is declared, and values as SQL expressions (NULL is tried by itself)."""

    declaration: str
    values: Sequence[str]
    setup: Sequence[str] = ()
    """Statements that must have run before: types, extensions."""
    keyed: bool = True
    """Values can be compared for equality."""
    since: tuple[int, ...] = ()
    """The first version that has the type."""


@dataclass(frozen=True)
class Scene:
    """Tables with rows. `tables` are the (schema, name) pairs to carry, in an order that loads them."""

    statements: Sequence[str]
    tables: Sequence[tuple[str, str]]
    since: tuple[int, ...] = ()
    """The first version that can play it."""


@dataclass(frozen=True, repr=False)
class Facts:
    """All that the contract suite wants to know of an engine."""

    name: str
    server: str
    """The session fixture of the server; empty for an engine of files."""
    dialects: Mapping[str, Callable[[], Dialect]]
    """Every script form by name; the first is what a database itself speaks."""
    types: Mapping[str, Sample]
    scenes: Mapping[str, Scene]
    fingerprint: Callable[[str, Sequence[str]], str]
    """A query that gives one value which changes with any value of the (quoted) columns of the (quoted) table."""
    slow_query: str
    """A query that runs for many seconds."""
    many_rows: Callable[[int], str]
    """A query of so many rows, each over 200 bytes."""
    cannot: Mapping[str, Cannot] = field(default_factory=dict)
    schema: str = ""
    """Where tables land without being told."""
    session: Sequence[str] = ()
    """Statements before all others of a run, for values that the server's defaults refuse."""
    names: int = 63
    """Bytes of the longest identifier."""

    def at(self, version: tuple[int, ...]) -> Facts:
        """The sheet less what this version does not have yet."""
        types = {name: sample for name, sample in self.types.items() if sample.since <= version}
        scenes = {name: scene for name, scene in self.scenes.items() if scene.since <= version}
        return replace(self, types=types, scenes=scenes)


def engines() -> Mapping[str, Callable[[], Facts]]:
    """The sheet of each engine, by name; read on use, so that a missing driver stops one engine alone."""
    return {name: _sheet(name) for name in ("postgresql", "mysql", "sqlite")}


def _sheet(name: str) -> Callable[[], Facts]:
    def read() -> Facts:
        from importlib import import_module

        return import_module(f"tests.databases.facts_{name}").FACTS

    return read
