"""Subsets out of PostgreSQL and MariaDB: the same rules, and what only servers have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

import pytest
from tests.plans.shapes import Wanted, shapes, values
from tests.plans.slices import Slice

from hotfixture.databases import open_database
from hotfixture.databases.base import Database
from hotfixture.errors import DatabaseError
from hotfixture.transforms.subset_plan import Include, Root, SubsetSpec

pytestmark = pytest.mark.servers


@dataclass
class Engine:
    """A server, and how to get empty databases on it."""

    name: str
    fresh: Callable[[], str]
    text: str

    def made(self, *statements: str) -> str:
        """A database of these statements."""
        url = self.fresh()
        with open_database(url, write=True) as database:
            for statement in statements:
                database.execute(statement)
        return url


def _engine(request: pytest.FixtureRequest, name: str) -> Iterator[Engine]:
    server = request.getfixturevalue(f"{name}_server")
    made: list[str] = []

    def fresh() -> str:
        made.append(server.fresh_database())
        return made[-1]

    yield Engine(name, fresh, "TEXT" if name == "postgresql" else "VARCHAR(30)")
    for url in made:
        server.drop(url)


@pytest.fixture(params=["postgresql", "mariadb"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    yield from _engine(request, request.param)


@pytest.fixture
def postgresql(request: pytest.FixtureRequest) -> Iterator[Engine]:
    yield from _engine(request, "postgresql")


@pytest.fixture
def mariadb(request: pytest.FixtureRequest) -> Iterator[Engine]:
    yield from _engine(request, "mariadb")


def subset(root: str, where: str = "", **include: Include) -> SubsetSpec:
    return SubsetSpec((Root(root, where),), include)


@pytest.mark.parametrize("seed", range(12))
def test_a_subset_is_exactly_what_its_rules_say(engine: Engine, seed: int) -> None:
    """Random tables, references and rows against brute force, as on SQLite."""
    random = Random(seed)
    tables = shapes(random)
    made = [table.statements(text=engine.text) for table in tables.values()]
    url = engine.made(*(s for first, _ in made for s in first), *(s for _, then in made for s in then))
    roots = [(name, random.randint(0, 2)) for name in random.sample(sorted(tables), min(2, len(tables)))]
    include = usable(url, roots, random)
    include = {
        n: (None if tables[n].key in ("none", "nullable") else most, least) for n, (most, least) in include.items()
    }
    spec = SubsetSpec(
        tuple(Root(name, where=f"v <= {v}") for name, v in roots),
        {t: Include(per_parent=most, where="" if v is None else f"v >= {v}") for t, (most, v) in include.items()},
    )
    found = Slice(url, spec)
    wanted = Wanted(tables, include).rows(roots)
    assert found.all_rows() == values(tables, wanted)
    assert len(found.reasons) == len(wanted)
    again = Slice(url, replace(spec, roots=spec.roots[::-1]), keys=2)
    assert again.all_rows() == found.all_rows()
    assert found.load(engine.fresh()) == []


def usable(url: str, roots: list[tuple[str, int]], random: Random) -> dict[str, tuple[int | None, int | None]]:
    """Tables that references lead to from the roots, with caps and conditions."""
    with open_database(url) as database:
        references = list(database.inspect().references())
    reached = {name for name, _ in roots}
    chosen: dict[str, tuple[int | None, int | None]] = {}
    for _ in range(4):
        for reference in references:
            if reference.target.name in reached and reference.table.name not in chosen and random.random() < 0.7:
                chosen[reference.table.name] = (random.choice([None, 1, 2]), random.choice([None, 0, 1]))
                reached.add(reference.table.name)
    return chosen


def test_case_5_stores_and_staff_that_need_each_other_load(engine: Engine) -> None:
    later = "DEFERRABLE INITIALLY DEFERRED" if engine.name == "postgresql" else ""
    off = [] if later else ["SET foreign_key_checks = 0"]
    url = engine.made(
        *off,
        "CREATE TABLE store (id INTEGER PRIMARY KEY, manager INTEGER NOT NULL)",
        "CREATE TABLE staff (id INTEGER PRIMARY KEY, store INTEGER NOT NULL)",
        "INSERT INTO store VALUES (1, 1), (2, 2), (3, 3)",
        "INSERT INTO staff VALUES (1, 2), (2, 1), (3, 3), (4, 1)",
        f"ALTER TABLE store ADD FOREIGN KEY (manager) REFERENCES staff (id) {later}",
        f"ALTER TABLE staff ADD FOREIGN KEY (store) REFERENCES store (id) {later}",
    )
    found = Slice(url, subset("staff", "id = 4"))
    assert sorted(found.column("staff", "id"), key=str) == ["1", "2", "4"]
    assert sorted(found.column("store", "id"), key=str) == ["1", "2"]
    assert found.load(engine.fresh()) == []


def test_limits_and_samples_hold(engine: Engine) -> None:
    rows = ", ".join(f"({n}, {n % 10})" for n in range(400))
    url = engine.made(
        "CREATE TABLE p (id INTEGER PRIMARY KEY)",
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id))",
        "INSERT INTO p VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)",
        f"INSERT INTO c VALUES {rows}",
    )
    limited = Slice(url, subset("p", "id < 5", c=Include(limit=12, per_parent=3)), keys=2)
    assert len(limited.rows("c")) == 12
    assert {row[1] for row in limited.rows("c")} == {"0", "1", "2", "3"}
    sample = SubsetSpec((Root("c", where="id >= 0", sample_rate=0.2),), seed=1)
    one, other = Slice(url, sample, keys=7), Slice(url, sample, keys=50)
    assert one.rows("c") == other.rows("c")
    assert 40 < len(one.rows("c")) < 130
    assert one.load(engine.fresh()) == []


def test_case_37_keys_with_quotes_backslashes_and_other_alphabets_find_their_parents(engine: Engine) -> None:
    names = ["O''Neil", 'a"b', "x, y", "日本", "Ünï", "%_", " "]
    names += ["back\\slash"] if engine.name == "postgresql" else ["back\\\\slash"]
    url = engine.made(
        f"CREATE TABLE p (id {engine.text} PRIMARY KEY)",
        f"CREATE TABLE c (id INTEGER PRIMARY KEY, p {engine.text} REFERENCES p (id))",
        f"INSERT INTO p VALUES {', '.join(f'({chr(39)}{n}{chr(39)})' for n in [*names, 'other'])}",
        f"INSERT INTO c VALUES {', '.join(f'({i}, {chr(39)}{n}{chr(39)})' for i, n in enumerate(names))}",
    )
    found = Slice(url, subset("c"))
    assert len(found.rows("p")) == len(names)
    assert found.done.orphans == ()
    assert len(Slice(url, subset("p", "id <> 'other'", c=Include())).rows("c")) == len(names)


def test_case_16_references_across_schemas_with_constraints_of_one_name(postgresql: Engine) -> None:
    url = postgresql.made(
        "CREATE SCHEMA sales",
        "CREATE SCHEMA stock",
        "CREATE TABLE stock.item (id INTEGER PRIMARY KEY, up INTEGER CONSTRAINT fk REFERENCES stock.item)",
        "CREATE TABLE sales.item (id INTEGER PRIMARY KEY, it INTEGER CONSTRAINT fk REFERENCES stock.item)",
        "CREATE TABLE sales.line (id INTEGER PRIMARY KEY, it INTEGER CONSTRAINT fk REFERENCES sales.item)",
        "INSERT INTO stock.item VALUES (1, NULL), (2, 1), (3, 1)",
        "INSERT INTO sales.item VALUES (1, 3), (2, 2), (3, NULL)",
        "INSERT INTO sales.line VALUES (1, 1), (2, 2), (3, 3)",
    )
    found = Slice(url, SubsetSpec((Root("sales.item", "id = 2"),), {"sales.line": Include()}))
    assert found.rows("sales.line") == [("2", "2")]
    assert found.rows("sales.item") == [("2", "2")]
    assert sorted(found.column("stock.item", "id"), key=str) == ["1", "2"]


def test_case_33_rows_of_partitions_come_through_their_parent_once(postgresql: Engine) -> None:
    url = postgresql.made(
        "CREATE TABLE p (id INTEGER, d INTEGER, PRIMARY KEY (id, d)) PARTITION BY RANGE (d)",
        "CREATE TABLE p_low PARTITION OF p FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE p_rest PARTITION OF p DEFAULT",
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER, d INTEGER, FOREIGN KEY (p, d) REFERENCES p (id, d))",
        "INSERT INTO p VALUES (1, 5), (2, 50), (3, 6)",
        "INSERT INTO c VALUES (1, 1, 5), (2, 2, 50)",
    )
    up = Slice(url, subset("c"))
    assert sorted(up.rows("p"), key=str) == [("1", "5"), ("2", "50")]
    assert {table.name.name for table in up.done.load} == {"p", "c"}
    assert Slice(url, subset("p", "id = 2", c=Include())).rows("c") == [("2", "2", "50")]


def test_case_33_partitioned_children_come_once_and_load(postgresql: Engine) -> None:
    url = postgresql.made(
        "CREATE TABLE p (id INTEGER PRIMARY KEY)",
        "CREATE TABLE c (id INTEGER, p INTEGER REFERENCES p, PRIMARY KEY (id)) PARTITION BY HASH (id)",
        "CREATE TABLE c_0 PARTITION OF c FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
        "CREATE TABLE c_1 PARTITION OF c FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
        "CREATE VIEW seen AS SELECT * FROM c",
        "INSERT INTO p VALUES (1), (2)",
        "INSERT INTO c VALUES (1, 1), (2, 1), (3, 1), (4, 2)",
    )
    found = Slice(url, subset("p", "id = 1", **{"*": Include()}))
    assert sorted(found.column("c", "id"), key=str) == ["1", "2", "3"]
    assert {table.name.name for table in found.done.load} == {"p", "c"}
    assert found.load(postgresql.fresh()) == []


def test_case_33_rows_of_a_table_do_not_bring_those_of_tables_that_inherit_it(postgresql: Engine) -> None:
    url = postgresql.made(
        "CREATE TABLE base (id INTEGER PRIMARY KEY, v INTEGER)",
        "CREATE TABLE derived (extra INTEGER) INHERITS (base)",
        "INSERT INTO base VALUES (1, 1)",
        "INSERT INTO derived VALUES (2, 2, 2)",
    )
    assert Slice(url, subset("base")).rows("base") == [("1", "1")]


def test_case_45_row_security_that_would_hide_rows_stops_the_extraction(
    postgresql: Engine, postgresql_plain_url: str
) -> None:
    with open_database(postgresql_plain_url, write=True) as database:
        hide(database)
    with pytest.raises(DatabaseError, match="row-level security"):
        Slice(postgresql_plain_url, subset("c"))


def hide(database: Database) -> None:
    for statement in (
        "CREATE TABLE p (id INTEGER PRIMARY KEY)",
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p)",
        "INSERT INTO p VALUES (1), (2)",
        "INSERT INTO c VALUES (1, 1), (2, 2)",
        "ALTER TABLE p ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE p FORCE ROW LEVEL SECURITY",
        "CREATE POLICY one ON p FOR SELECT USING (id = 1)",
    ):
        database.execute(statement)


def test_uuid_numeric_and_date_keys_find_their_rows(postgresql: Engine) -> None:
    for kind, one, other in (
        ("uuid", "00000000-0000-0000-0000-0000000000ab", "00000000-0000-0000-0000-0000000000cd"),
        ("numeric(10,2)", "1.00", "2.50"),
        ("date", "2024-02-29", "0044-03-15 BC"),
        ("bytea", "\\x00ff27", "\\x"),
        ("char(5)", "ab", "cd"),
    ):
        url = postgresql.made(
            f"CREATE TABLE p (id {kind} PRIMARY KEY)",
            f"CREATE TABLE c (id {kind} PRIMARY KEY, p {kind} REFERENCES p)",
            f"INSERT INTO p VALUES ('{one}'), ('{other}')",
            f"INSERT INTO c VALUES ('{one}', '{one}'), ('{other}', NULL)",
        )
        assert len(Slice(url, subset("c")).rows("p")) == 1, kind
        assert len(Slice(url, subset("p", c=Include())).rows("c")) == 1, kind


def test_binary_and_large_unsigned_keys_find_their_rows(mariadb: Engine) -> None:
    for kind, one, other in (
        ("BINARY(4)", "x'00ff2701'", "x'00000000'"),
        ("BIGINT UNSIGNED", "18446744073709551615", "9223372036854775808"),
        ("DECIMAL(20,3)", "1.500", "2"),
        ("DATE", "'2024-02-29'", "'2024-03-01'"),
    ):
        url = mariadb.made(
            f"CREATE TABLE p (id {kind} PRIMARY KEY)",
            f"CREATE TABLE c (id {kind} PRIMARY KEY, p {kind} REFERENCES p (id))",
            f"INSERT INTO p VALUES ({one}), ({other})",
            f"INSERT INTO c VALUES ({one}, {one}), ({other}, NULL)",
        )
        assert len(Slice(url, subset("c")).rows("p")) == 1, kind
        assert len(Slice(url, subset("p", c=Include())).rows("c")) == 1, kind


def test_case_17_orphans_of_checks_that_were_off_are_kept(mariadb: Engine) -> None:
    url = mariadb.made(
        "CREATE TABLE p (id INTEGER PRIMARY KEY)",
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id))",
        "SET foreign_key_checks = 0",
        "INSERT INTO c VALUES (1, 9)",
    )
    found = Slice(url, subset("c"))
    assert found.rows("c") == [("1", "9")]
    assert [orphan.keys for orphan in found.done.orphans] == [1]


def test_case_insensitive_keys_meet_across_case(mariadb: Engine) -> None:
    url = mariadb.made(
        "CREATE TABLE p (id VARCHAR(20) COLLATE utf8mb4_general_ci PRIMARY KEY)",
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p VARCHAR(20) COLLATE utf8mb4_general_ci REFERENCES p (id))",
        "INSERT INTO p VALUES ('Abc'), ('x')",
        "INSERT INTO c VALUES (1, 'ABC'), (2, 'abc'), (3, 'abc ')",
    )
    found = Slice(url, subset("c"), keys=1)
    assert found.rows("p") == [("Abc",)]
    assert found.done.orphans == ()


def test_case_13_equal_rows_without_any_key_are_kept_and_come_once_whatever_bytes_they_hold(mariadb: Engine) -> None:
    url = mariadb.made(
        "CREATE TABLE p (id INTEGER PRIMARY KEY)",
        "CREATE TABLE bare (a INTEGER REFERENCES p (id), b INTEGER REFERENCES p (id), v BLOB)",
        "INSERT INTO p VALUES (1), (2)",
        "INSERT INTO bare VALUES (1, 1, x'ff00'), (1, 1, x'ff00'), (1, 2, x'ff'), (1, 1, NULL), (2, 2, '')",
    )
    assert len(Slice(url, subset("p", "id = 1", bare=Include())).rows("bare")) == 4
    assert len(Slice(url, subset("p", bare=Include()), keys=1).rows("bare")) == 5
