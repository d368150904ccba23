"""The contract suite's view of an engine: fresh databases, statements, and the road from one database to another."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.databases.facts import Facts, engines
from tests.engines import anywhere  # noqa: F401 - a fixture of this folder
from tests.servers import rows, run_script

from hotfixture.databases import open_database
from hotfixture.databases.base import Database, Dialect, Load, Select
from hotfixture.databases.script import Script
from hotfixture.errors import MissingExtraError
from hotfixture.flow import move
from hotfixture.schema import Column, Schema, Table, TableName


@dataclass(repr=False)
class Engine:
    """One engine under test."""

    facts: Facts
    folder: Path
    fresh: Callable[[], str]
    """The URL of a new, empty database."""

    def run(self, url: str, statements: Sequence[str]) -> None:
        """Run statements by the engine's own client."""
        run_script(url, ";\n".join([*self.facts.session, *statements, ""]))

    def fingerprint(self, url: str, table: Table) -> str:
        """One value for all rows of the table, computed by the engine."""
        return self.fingerprints(url, [table])[0]

    def fingerprints(self, url: str, tables: Sequence[Table]) -> list[str]:
        """The fingerprint of each table, through a driver that is not set up by us."""
        dialect = next(iter(self.facts.dialects.values()))()
        queries = [
            self.facts.fingerprint(dialect.table(t.name), [dialect.identifier(c.name) for c in t.columns])
            for t in tables
        ]
        return [str(value) for value in rows(url, f"SELECT ({'), ('.join(queries)})")[0]]

    def name(self, schema: str, name: str) -> TableName:
        """The table's name as the catalogue has it; engines whose schema is the database leave it out here."""
        return TableName(schema, name)

    def script(
        self,
        source: Database,
        tables: Sequence[Table],
        dialect: Dialect | None = None,
        *,
        creates: bool = True,
        late: Sequence[Any] = (),
    ) -> Path:
        """A script of the tables' rows, and of their creation."""
        dialect = dialect or source.dialect
        script, load = Script(dialect, self.folder), Load(tuple(tables), tuple(late), creates)
        ddl = source.ddl(tables) if creates else None
        path = self.folder / "script.sql"
        with path.open("wb") as out, source.snapshot():
            script.begin(out, load, ddl=ddl, heading=["a script; with 'quotes\""])
            for table in tables:
                columns = stored(table)
                query = Select(table, tuple(column.name for column in columns))
                apart = None if len(columns) % 2 else frozenset[str]()
                move(source.read(query, columns, apart=apart), [], script.relation(table, columns))
            script.end(load, ddl=ddl)
        script.close()
        return path

    def carry(self, url: str, names: Sequence[tuple[str, str]], dialect: Dialect, *, client: bool = False) -> list[str]:
        """Tables carried from `url` into a fresh database, by us or by the client: those that differ."""
        target = self.fresh()
        with open_database(url) as source:
            schema = source.inspect()
            tables = [schema.tables[self.name(*name)] for name in names]
            path = self.script(source, tables, dialect)
        if client:
            run_script(target, path.read_bytes())
        else:
            with open_database(target, write=True) as database:
                database.load(path)
        pairs = zip(tables, self.fingerprints(url, tables), self.fingerprints(target, tables), strict=True)
        return [str(table.name) for table, before, after in pairs if before != after]


def stored(table: Table) -> tuple[Column, ...]:
    """The columns a script carries."""
    return tuple(column for column in table.columns if not column.generated)


def schema_of(url: str) -> Schema:
    """What inspect says."""
    with open_database(url) as database:
        return database.inspect()


@pytest.fixture(params=list(engines()))
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Each engine in turn; a test marked `needs(capability)` expects the error that the fact sheet names."""
    try:
        facts = engines()[request.param]()
    except (ModuleNotFoundError, MissingExtraError) as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no driver: {error}")
    for marker in request.node.iter_markers("needs"):
        cannot = facts.cannot.get(marker.args[0])
        if cannot:
            reason = f"{cannot.marker}: {cannot.reason}"
            request.applymarker(pytest.mark.xfail(reason=reason, raises=cannot.raises, strict=True))
    with ExitStack() as stack:
        fresh = _maker(facts, request, tmp_path, stack)
        yield Engine(facts.at(_version(facts, request.config.stash, fresh)), tmp_path, fresh)


_VERSIONS = pytest.StashKey[dict[str, tuple[int, ...]]]()


def _version(facts: Facts, stash: pytest.Stash, fresh: Callable[[], str]) -> tuple[int, ...]:
    versions = stash.setdefault(_VERSIONS, {})
    if facts.name not in versions:
        with open_database(fresh(), write=True) as database:
            versions[facts.name] = database.version
    return versions[facts.name]


def _maker(facts: Facts, request: pytest.FixtureRequest, folder: Path, stack: ExitStack) -> Callable[[], str]:
    if not facts.server:
        numbers = iter(range(1000))
        return lambda: _file(facts.name, folder / f"{next(numbers)}.db")
    server = request.getfixturevalue(facts.server)

    def fresh() -> str:
        url = str(server.fresh_database())
        stack.callback(server.drop, url)
        return url

    return fresh


def _file(engine: str, path: Path) -> str:
    path.touch()
    return f"{engine}:///{path}"


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", "needs(capability): the fact sheet may say that an engine has no such thing")
