"""Subsets out of real databases: closed, minimal, each row once, and they load."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from sqlite3 import connect
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.plans.shapes import Wanted, broken, build, shapes, values

from hotfixture.databases.base import Load
from hotfixture.databases.sqlite import SqliteDatabase
from hotfixture.errors import InputError
from hotfixture.plans.extract import Extracted, extract
from hotfixture.schema import Reference, Schema, Table, TableName
from hotfixture.transforms.subset import Reason
from hotfixture.transforms.subset_plan import Include, Root, SubsetSpec, plan_subset

FEW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


class Kept:
    """A sink that keeps its batches."""

    def __init__(self) -> None:
        self.batches: list[pa.RecordBatch] = []

    def write(self, batch: pa.RecordBatch) -> None:
        self.batches.append(batch)


class Slice:
    """A subset that was read, with every column apart."""

    def __init__(self, url: str, spec: SubsetSpec, *, extra: tuple[Reference, ...] = (), keys: int = 3) -> None:
        self.sinks: dict[TableName, Kept] = {}
        self.reasons: list[Reason] = []
        with SqliteDatabase.open(url) as database, database.snapshot():
            self.dialect = database.dialect
            self.schema: Schema = database.inspect().with_references(extra)
            self.plan = plan_subset(self.schema, spec)
            self.done: Extracted = extract(
                database,
                self.plan,
                lambda table: self.sinks.setdefault(table.name, Kept()),
                apart=lambda table: [column.name for column in table.columns],
                explain=self.reasons.append,
                keys=keys,
            )
            self.ddl = database.ddl(self.done.load).before

    def rows(self, name: str) -> list[tuple[str | None, ...]]:
        table = self.schema.tables[TableName("", name)]
        found: list[tuple[str | None, ...]] = []
        for batch in self.sinks[table.name].batches if table.name in self.sinks else ():
            columns = [self.dialect.decode(table.column(n), batch.column(n)).to_pylist() for n in batch.schema.names]
            found += zip(*columns, strict=True)
        return found

    def column(self, name: str, column: str) -> list[str | None]:
        place = [c.name for c in self.schema.tables[TableName("", name)].columns].index(column)
        return [row[place] for row in self.rows(name)]

    def all_rows(self) -> dict[str, Counter[tuple[str | None, ...]]]:
        return {
            table.name.name: Counter(self.rows(table.name.name))
            for table in self.done.load
            if self.done.rows[table.name]
        }

    def load(self) -> list[tuple[object, ...]]:
        """Load into an empty database in the order given; the references that do not hold."""
        target = connect(":memory:", isolation_level=None)
        target.executescript(self.ddl)
        target.execute("PRAGMA foreign_keys = ON")
        target.execute("BEGIN")
        if self.done.late:
            target.execute("PRAGMA defer_foreign_keys = ON")
        for table in self.done.load:
            for batch in self.sinks[table.name].batches if table.name in self.sinks else ():
                script = b"".join(bytes(p) for p in self.dialect.rows(table, table.columns, batch))
                for statement in script.decode().split(";\n"):
                    target.execute(statement)
        target.execute("COMMIT")
        return broken(target)


@pytest.fixture
def shop(tmp_path: Path):  # type: ignore[no-untyped-def]  # gives a function
    """Makes a SQLite database of a script and gives its URL."""

    def make(script: str) -> str:
        path = tmp_path / "shop.db"
        path.unlink(missing_ok=True)
        with connect(path) as database:
            database.executescript(script)
        database.close()
        return f"sqlite:///{path}"

    return make


def below(random: Random, tables: list[str], roots: list[str]) -> dict[str, tuple[int | None, int | None]]:
    return {
        name: (random.choice([None, 1, 2]), random.choice([None, 0, 1])) for name in tables if random.random() < 0.6
    }


@FEW
@given(st.integers(0, 2**32), st.booleans())
def test_a_subset_is_exactly_what_its_rules_say_for_any_graph_and_any_rows(seed: int, orphans: bool) -> None:
    """Against brute force: closed under parents, no row without a reason, each once, whatever the order of roots."""
    random = Random(seed)
    tables = shapes(random, orphans=orphans)
    roots = [
        (name, random.randint(0, 2)) for name in random.sample(sorted(tables), random.randint(1, min(2, len(tables))))
    ]
    include = below(random, sorted(tables), [name for name, _ in roots])
    with TemporaryDirectory() as folder:
        build(f"{folder}/a.db", tables)
        include = usable(f"sqlite:///{folder}/a.db", roots, include)
        spec = SubsetSpec(
            tuple(Root(name, where=f"v <= {v}") for name, v in roots),
            {
                t: Include(per_parent=most, where=f"v >= {v}" if v is not None else "")
                for t, (most, v) in include.items()
            },
        )
        found = Slice(f"sqlite:///{folder}/a.db", spec)
        backwards = SubsetSpec(spec.roots[::-1], dict(reversed(spec.include.items())))
        again = Slice(f"sqlite:///{folder}/a.db", backwards, keys=2)
    wanted = Wanted(tables, include).rows(roots)
    assert found.all_rows() == values(tables, wanted)
    assert again.all_rows() == found.all_rows()
    assert len(found.reasons) == len(wanted)
    if not orphans:
        assert found.load() == []
        assert found.done.orphans == ()


def usable(url: str, roots: list[tuple[str, int]], include: dict[str, tuple[int | None, int | None]]):  # type: ignore[no-untyped-def]  # as include
    """The included tables that references lead to from the roots."""
    with SqliteDatabase.open(url) as database:
        schema = database.inspect()
    reached = {name for name, _ in roots}
    while more := {
        r.table.name
        for r in schema.references()
        if r.table.name in include and r.target.name in reached and r.table.name not in reached
    }:
        reached |= more
    led = {r.table.name for r in schema.references() if r.target.name in reached}
    return {name: how for name, how in include.items() if name in reached & led}
