"""Subsets out of real databases: closed, minimal, each row once, and they load; the hard cases by their numbers."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random
from sqlite3 import connect
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.plans.shapes import Wanted, build, shapes, values
from tests.plans.slices import Kept, Slice

from hotfixture.databases import open_database
from hotfixture.databases.sqlite import SqliteDatabase
from hotfixture.errors import InputError
from hotfixture.plans.extract import extract
from hotfixture.schema import Reference, TableName
from hotfixture.transforms.subset_plan import Include, Root, SubsetSpec, plan_subset

FEW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
ROOT = Path(__file__).parent.parent.parent


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


def below(random: Random, tables: list[str]) -> dict[str, tuple[int | None, int | None]]:
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
    include = below(random, sorted(tables))
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


def subset(root: str, where: str = "", *, exclude: dict[str, str] | None = None, **include: Include) -> SubsetSpec:
    return SubsetSpec((Root(root, where),), include, exclude or {})


def test_case_1_two_self_references_bring_all_ancestors_and_no_siblings(shop) -> None:
    url = shop("""
        CREATE TABLE nodes (id INTEGER PRIMARY KEY,
            parent_id INTEGER REFERENCES nodes, root_id INTEGER REFERENCES nodes);
        INSERT INTO nodes VALUES (1, NULL, 1), (2, 1, 1), (3, 2, 9), (4, 2, 1), (8, NULL, 8), (9, 8, 8);
    """)
    found = Slice(url, subset("nodes", "id = 3"))
    assert sorted(found.column("nodes", "id")) == ["1", "2", "3", "8", "9"]
    assert found.load() == []
    assert len(found.done.late) == 2


def test_case_1_descendants_of_a_self_reference_come_only_if_included_and_no_deeper_than_said(shop) -> None:
    rows = ", ".join(f"({n}, {n - 1 if n > 1 else 'NULL'})" for n in range(1, 9))
    url = shop(
        f"CREATE TABLE staff (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES staff); INSERT INTO staff VALUES {rows}"
    )
    assert sorted(Slice(url, subset("staff", "id = 4")).column("staff", "id")) == ["1", "2", "3", "4"]
    deep = Slice(url, subset("staff", "id = 4", staff=Include(depth=2)))
    assert sorted(deep.column("staff", "id")) == ["1", "2", "3", "4", "5", "6"]
    assert len(Slice(url, subset("staff", "id = 4", staff=Include())).column("staff", "id")) == 8


def test_case_2_references_to_unique_columns_that_are_no_primary_key(shop) -> None:
    url = shop("""
        CREATE TABLE places (id INTEGER PRIMARY KEY, code TEXT UNIQUE, x INTEGER, y INTEGER, UNIQUE (x, y));
        CREATE TABLE visits (id INTEGER PRIMARY KEY, code TEXT REFERENCES places (code), x INTEGER, y INTEGER,
            FOREIGN KEY (y, x) REFERENCES places (y, x));
        INSERT INTO places VALUES (1, 'it''s', 1, 2), (2, 'b', 2, 1), (3, 'c', 3, 3), (4, NULL, NULL, NULL);
        INSERT INTO visits VALUES (1, 'it''s', 2, 1), (2, 'b', 1, 2), (3, 'c', NULL, NULL);
    """)
    found = Slice(url, subset("visits", "id < 3"))
    assert sorted(found.column("places", "id")) == ["1", "2"]
    assert found.load() == []
    down = Slice(url, subset("places", "id = 1", visits=Include(via=("visits.code",))))
    assert down.column("visits", "id") == ["1"]


def test_case_3_a_composite_reference_in_another_order_than_the_key(shop) -> None:
    url = shop("""
        CREATE TABLE p (a INTEGER NOT NULL, b TEXT NOT NULL, PRIMARY KEY (a, b));
        CREATE TABLE c (id INTEGER PRIMARY KEY, b2 TEXT, a2 INTEGER, FOREIGN KEY (b2, a2) REFERENCES p (b, a));
        INSERT INTO p VALUES (1, '1'), (1, '2'), (2, '1'), (2, '2');
        INSERT INTO c VALUES (1, '2', 1), (2, '1', 2), (3, '1', 2);
    """)
    assert Slice(url, subset("c", "id = 1")).rows("p") == [("1", "2")]
    assert sorted(Slice(url, subset("p", "a = 2", c=Include())).column("c", "id")) == ["2", "3"]


CYCLES = """
    CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b, c INTEGER REFERENCES c);
    CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a);
    CREATE TABLE c (id INTEGER PRIMARY KEY, d INTEGER REFERENCES d, a INTEGER REFERENCES a);
    CREATE TABLE d (id INTEGER PRIMARY KEY, c INTEGER REFERENCES c, e INTEGER REFERENCES e);
    CREATE TABLE e (id INTEGER PRIMARY KEY, f INTEGER REFERENCES f);
    CREATE TABLE f (id INTEGER PRIMARY KEY, e INTEGER REFERENCES e);
    INSERT INTO a VALUES (1, 1, 1), (2, 2, 2); INSERT INTO b VALUES (1, 2), (2, NULL), (3, 1);
    INSERT INTO c VALUES (1, 1, 2), (2, NULL, NULL), (3, 3, 1); INSERT INTO d VALUES (1, 2, 1), (3, 3, 2);
    INSERT INTO e VALUES (1, 1), (2, 2); INSERT INTO f VALUES (1, 1), (2, 2);
"""


def test_case_4_several_groups_of_cycles(shop) -> None:
    found = Slice(shop(CYCLES), subset("a", "id = 1"))
    assert {name: sorted(found.column(name, "id")) for name in "abcdef"} == {
        "a": ["1", "2"], "b": ["1", "2"], "c": ["1", "2"], "d": ["1"], "e": ["1"], "f": ["1"]
    }  # fmt: skip
    assert found.load() == []


def test_case_5_stores_and_staff_that_need_each_other(shop) -> None:
    url = shop("""
        CREATE TABLE store (id INTEGER PRIMARY KEY,
            manager INTEGER NOT NULL REFERENCES staff DEFERRABLE INITIALLY DEFERRED);
        CREATE TABLE staff (id INTEGER PRIMARY KEY,
            store INTEGER NOT NULL REFERENCES store DEFERRABLE INITIALLY DEFERRED);
        CREATE TABLE rental (id INTEGER PRIMARY KEY, staff INTEGER NOT NULL REFERENCES staff);
        INSERT INTO store VALUES (1, 1), (2, 2), (3, 3);
        INSERT INTO staff VALUES (1, 2), (2, 1), (3, 3), (4, 1);
        INSERT INTO rental VALUES (1, 4), (2, 3);
    """)
    found = Slice(url, subset("rental", "id = 1"))
    assert sorted(found.column("staff", "id")) == ["1", "2", "4"]
    assert sorted(found.column("store", "id")) == ["1", "2"]
    assert len(found.done.late) == 1
    assert found.load() == []


def test_case_6_nine_tables_in_one_ring_among_104(shop) -> None:
    script = [
        f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY, r INTEGER REFERENCES t{(n + 1) % 9 if n < 9 else n - 1});"
        f"INSERT INTO t{n} VALUES (1, 1), (2, 2), (3, NULL);"
        for n in range(104)
    ]
    found = Slice(shop("".join(script)), subset("t103", "id = 1"))
    assert all(found.column(f"t{n}", "id") == ["1"] for n in range(104) if n != 8)
    assert found.load() == []
    assert len(found.done.late) == 1


def test_case_7_a_composite_key_with_the_reference_in_it_and_a_manager_of_himself(shop) -> None:
    url = shop("""
        CREATE TABLE firm (id INTEGER PRIMARY KEY);
        CREATE TABLE person (firm INTEGER NOT NULL REFERENCES firm, no TEXT NOT NULL, boss TEXT NOT NULL,
            PRIMARY KEY (firm, no), FOREIGN KEY (firm, boss) REFERENCES person (firm, no));
        INSERT INTO firm VALUES (1), (2);
        INSERT INTO person VALUES (1, 'x', 'x'), (1, 'y', 'x'), (1, 'z', 'y'), (2, 'y', 'y'), (2, 'x', 'y');
    """)
    found = Slice(url, subset("person", "firm = 1 AND no = 'y'"))
    assert sorted(found.rows("person")) == [("1", "x", "x"), ("1", "y", "x")]
    assert found.column("firm", "id") == ["1"]
    assert found.load() == []


def test_case_8_a_partly_null_composite_key_wants_no_parent(shop) -> None:
    url = shop("""
        CREATE TABLE p (a INTEGER NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (a, b));
        CREATE TABLE c (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, FOREIGN KEY (a, b) REFERENCES p);
        INSERT INTO p VALUES (1, 1), (1, 2);
        INSERT INTO c VALUES (1, 1, NULL), (2, NULL, 2), (3, NULL, NULL), (4, 7, NULL);
    """)
    found = Slice(url, subset("c"))
    assert found.rows("p") == []
    assert len(found.rows("c")) == 4
    assert found.done.orphans == ()


def test_case_9_a_row_on_two_ways_comes_once(shop) -> None:
    url = shop("""
        CREATE TABLE top (id INTEGER PRIMARY KEY);
        CREATE TABLE l (id INTEGER PRIMARY KEY, t INTEGER REFERENCES top);
        CREATE TABLE r (id INTEGER PRIMARY KEY, t INTEGER REFERENCES top);
        CREATE TABLE leaf (id INTEGER PRIMARY KEY,
            l INTEGER REFERENCES l, r INTEGER REFERENCES r, r2 INTEGER REFERENCES r);
        INSERT INTO top VALUES (1); INSERT INTO l VALUES (1, 1), (2, 1); INSERT INTO r VALUES (1, 1), (2, 1);
        INSERT INTO leaf VALUES (1, 1, 1, 2), (2, 2, 2, 2), (3, 1, NULL, 1);
    """)
    down = Slice(url, subset("top", l=Include(), r=Include(), leaf=Include()), keys=1)
    assert {name: sorted(down.column(name, "id")) for name in ("top", "l", "r", "leaf")} == {
        "top": ["1"], "l": ["1", "2"], "r": ["1", "2"], "leaf": ["1", "2", "3"]
    }  # fmt: skip
    up = Slice(url, subset("leaf", "id = 1"))
    assert sorted(up.column("r", "id")) == ["1", "2"]
    assert up.column("top", "id") == ["1"]


SHOP = """
    CREATE TABLE countries (code TEXT NOT NULL PRIMARY KEY);
    CREATE TABLE customers (id INTEGER PRIMARY KEY, country TEXT NOT NULL REFERENCES countries);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customers, day TEXT);
    CREATE TABLE lines (id INTEGER PRIMARY KEY, "order" INTEGER NOT NULL REFERENCES orders);
    CREATE TABLE payments (id INTEGER PRIMARY KEY,
        customer INTEGER REFERENCES customers, "order" INTEGER REFERENCES orders);
    INSERT INTO countries VALUES ('at'), ('de'), ('fr');
    INSERT INTO customers VALUES (1, 'de'), (2, 'de'), (3, 'fr');
    INSERT INTO orders VALUES (10, 1, '2024-01'), (11, 1, '2024-02'), (12, 1, '2024-03'),
        (20, 2, '2024-02'), (30, 3, '2024-02');
    INSERT INTO lines VALUES (100, 10), (110, 11), (111, 11), (120, 12), (200, 20);
    INSERT INTO payments VALUES (1, 1, 10), (2, 1, 20), (3, 2, 11), (4, NULL, 12);
"""
CHILDREN = {"orders": Include(where="day = '2024-02'"), "lines": Include(), "payments": Include()}


def test_case_10_two_roots_on_one_table_in_any_order_give_the_same_rows_in_the_same_order(shop) -> None:
    roots = (Root("customers", "id = 1"), Root("customers", "id < 3"), Root("orders", "id = 30"))
    one, other = (Slice(shop(SHOP), SubsetSpec(order, CHILDREN)) for order in (roots, roots[::-1]))
    assert sorted(one.column("customers", "id")) == ["1", "2", "3"]
    names = ("countries", "customers", "orders", "lines", "payments")
    assert [one.rows(name) for name in names] == [other.rows(name) for name in names]


def test_a_row_whose_parent_fails_a_condition_brings_the_parent_but_not_the_parents_children(shop) -> None:
    found = Slice(shop(SHOP), SubsetSpec((Root("customers", "id = 1"),), CHILDREN))
    assert sorted(found.column("payments", "id")) == ["1", "2", "3"]
    assert sorted(found.column("orders", "id")) == ["10", "11", "20"]  # 10 and 20 for their payments alone
    assert sorted(found.column("lines", "id")) == ["110", "111"]
    assert sorted(found.column("customers", "id")) == ["1", "2"]
    assert found.load() == []


def test_every_row_is_explained_by_its_first_reason(shop) -> None:
    found = Slice(shop(SHOP), SubsetSpec((Root("customers", "id = 1"),), CHILDREN))
    said = {str(reason) for reason in found.reasons}
    assert len(found.reasons) == sum(found.done.rows.values()) == len(said)
    assert {
        "customers(1): root",
        "orders(11): child of customers(1) via customer",
        "lines(110): child of orders(11) via order",
        "payments(3): child of orders(11) via order",
        "orders(20): parent of payments(2) via order",
        "customers(2): parent of payments(3) via customer",
        "countries(de): parent of customers(1) via country",
    } <= said


def test_limits_hold_for_the_whole_table_and_caps_for_each_parent(shop) -> None:
    url = shop(SHOP)
    capped = Slice(url, SubsetSpec((Root("customers"),), {"orders": Include(per_parent=1)}))
    assert sorted(capped.column("orders", "id")) == ["10", "20", "30"]
    limited = Slice(url, SubsetSpec((Root("customers"),), {"orders": Include(limit=4)}), keys=1)
    assert sorted(limited.column("orders", "id")) == ["10", "11", "12", "20"]
    both = Slice(url, SubsetSpec((Root("customers"),), {"orders": Include(limit=2, per_parent=1)}), keys=1)
    assert sorted(both.column("orders", "id")) == ["10", "20"]
    two_ways = Slice(url, SubsetSpec((Root("customers"),), {"orders": Include(), "payments": Include(limit=3)}), keys=1)
    assert len(two_ways.rows("payments")) == 3
    first = Slice(url, SubsetSpec((Root("customers", limit=2),), {}))
    assert first.column("customers", "id") == ["1", "2"]


def test_a_query_asks_for_as_many_keys_as_suit_the_engine(shop, monkeypatch: pytest.MonkeyPatch) -> None:
    url = shop(SHOP)
    needed = {}
    for number in (1, 100):
        monkeypatch.setattr(SqliteDatabase, "keys_at_once", number)
        needed[number] = Slice(url, SubsetSpec((Root("customers"),), {"orders": Include()}), keys=None).done.requests
    assert needed[1] > needed[100]


POLYMORPHIC = """
    CREATE TABLE posts (id INTEGER PRIMARY KEY); CREATE TABLE videos (id INTEGER PRIMARY KEY);
    CREATE TABLE comments (id INTEGER PRIMARY KEY, on_type TEXT, on_id INTEGER);
    INSERT INTO posts VALUES (1), (2), (3); INSERT INTO videos VALUES (1), (2), (4);
    INSERT INTO comments VALUES (1, 'Post', 1), (2, 'Video', 2), (3, 'Post', 4), (4, 'Other', 3),
        (5, NULL, 3), (6, 'Video', 1);
"""
ON = tuple(
    Reference(
        f"on {name}", TableName("", "comments"), ("on_id",), TableName("", f"{name.lower()}s"), ("id",),
        enforced=False, virtual=True, when=("on_type", name),
    )
    for name in ("Post", "Video")
)  # fmt: skip


def test_case_11_polymorphic_references_neither_mix_types_nor_stumble_over_a_missing_row(shop) -> None:
    up = Slice(shop(POLYMORPHIC), subset("comments"), extra=ON)
    assert up.column("posts", "id") == ["1"]
    assert sorted(up.column("videos", "id")) == ["1", "2"]
    down = Slice(shop(POLYMORPHIC), subset("videos", "id = 1", comments=Include()), extra=ON)
    assert down.column("comments", "id") == ["6"]
    assert down.rows("posts") == []
    assert [orphan.keys for orphan in up.done.orphans] == [1]
    assert not up.done.orphans[0].enforced


def test_case_12_a_reference_inside_json(shop) -> None:
    url = shop("""
        CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE products (sku TEXT NOT NULL PRIMARY KEY);
        CREATE TABLE log (id INTEGER PRIMARY KEY, entry TEXT);
        INSERT INTO users VALUES (1), (2), (3); INSERT INTO products VALUES ('a'), ('b'), ('c');
        INSERT INTO log VALUES (1, '{"user": {"id": 2}, "items": [{"sku": "a"}, {"sku": "c"}, {}]}'), (2, NULL),
            (3, 'no json'), (4, '{"user": {"id": "n/a"}, "items": {"sku": "b"}}'), (5, '{"user": {"id": true}}');
    """)
    name = TableName("", "log")
    inside = (
        Reference("u", name, ("entry",), TableName("", "users"), ("id",), virtual=True, path="$.user.id"),
        Reference("p", name, ("entry",), TableName("", "products"), ("sku",), virtual=True, path="$.items[*].sku"),
    )
    found = Slice(url, subset("log"), extra=inside)
    assert found.column("users", "id") == ["2"]
    assert sorted(found.column("products", "sku")) == ["a", "c"]
    assert "products(c): parent of log(1) via entry" in {str(reason) for reason in found.reasons}


def test_case_13_tables_without_a_key_keep_their_equal_rows_and_get_none_twice(shop) -> None:
    url = shop("""
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE bare (p INTEGER REFERENCES p, q INTEGER REFERENCES p, v TEXT);
        CREATE TABLE loose (id TEXT PRIMARY KEY, p INTEGER REFERENCES p);
        CREATE TABLE only (code TEXT NOT NULL UNIQUE, p INTEGER REFERENCES p);
        INSERT INTO p VALUES (1), (2);
        INSERT INTO bare VALUES (1, 2, 'x'), (1, 2, 'x'), (1, 1, NULL), (2, 2, 'x'), (NULL, NULL, 'x');
        INSERT INTO loose VALUES (NULL, 1), (NULL, 1), ('a', 1); INSERT INTO only VALUES ('a', 1), ('b', 2);
    """)
    children = {"bare": Include(), "loose": Include(), "only": Include()}
    found = Slice(url, SubsetSpec((Root("p", "id = 1"),), children))
    assert sorted(found.rows("bare"), key=str) == [("1", "1", None), ("1", "2", "x"), ("1", "2", "x")]
    assert sorted(found.rows("loose"), key=str) == [("a", "1"), (None, "1"), (None, "1")]
    assert found.column("only", "code") == ["a"]
    assert len(Slice(url, SubsetSpec((Root("p"),), children)).rows("bare")) == 4


def test_case_14_a_parent_that_many_share_does_not_bring_them_all_and_a_lookup_table_comes_whole(shop) -> None:
    found = Slice(shop(SHOP), subset("customers", "id = 1", countries=Include(all=True)))
    assert found.column("customers", "id") == ["1"]
    assert sorted(found.column("countries", "code")) == ["at", "de", "fr"]
    part = Slice(shop(SHOP), subset("customers", "id = 1", countries=Include(all=True, where="code < 'b'")))
    assert sorted(part.column("countries", "code")) == ["at", "de"]


def test_case_15_an_excluded_parent_empties_its_references_where_that_is_said_and_else_is_refused(shop) -> None:
    url = shop(SHOP)
    found = Slice(url, subset("payments", "id = 1", exclude={"orders": "set null"}))
    assert found.rows("payments") == [("1", "1", None)]
    assert found.rows("customers") == [("1", "de")]
    assert found.load() == []
    for exclude in ({"orders": ""}, {"customers": "set null"}):
        with pytest.raises(InputError, match=f"exclude.{next(iter(exclude))}"):
            Slice(url, subset("orders" if "customers" in exclude else "payments", exclude=exclude))


def test_case_15_an_excluded_child_stays_out_and_its_neighbours_stay_in(shop) -> None:
    found = Slice(shop(SHOP), SubsetSpec((Root("customers", "id = 1"),), {"*": Include()}, {"lines": ""}))
    assert sorted(found.column("payments", "id")) == ["1", "2", "3", "4"]
    assert TableName("", "lines") not in found.done.rows


def test_case_17_rows_whose_parent_is_missing_in_the_source_are_kept_and_counted(shop) -> None:
    url = shop("""
        CREATE TABLE p (id INTEGER PRIMARY KEY, up INTEGER REFERENCES p);
        CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p);
        INSERT INTO p VALUES (1, 77); INSERT INTO c VALUES (1, 1), (2, 99), (3, 99), (4, 98);
    """)
    found = Slice(url, subset("c"), keys=1)
    assert len(found.rows("c")) == 4
    assert found.rows("p") == [("1", "77")]
    assert sum(orphan.keys for orphan in found.done.orphans) == 3


def test_case_18_375_tables_with_762_references_are_planned_and_read_in_seconds(shop) -> None:
    random = Random(18)
    links: list[list[int]] = [[n] if n < 56 else [] for n in range(375)]
    for _ in range(762 - 56):
        child = random.randrange(1, 375)
        links[child].append(random.randrange(child))
    script = []
    for n, targets in enumerate(links):
        columns = "".join(f", r{i} INTEGER REFERENCES t{target}" for i, target in enumerate(targets))
        rows = ",".join(f"({row}{''.join(f', {random.randint(1, 3)}' for _ in targets)})" for row in (1, 2, 3))
        script.append(f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY{columns}); INSERT INTO t{n} VALUES {rows};")
    url = shop("".join(script))
    start = time.perf_counter()
    found = Slice(url, SubsetSpec((Root("t0", "id = 1"),), {"*": Include()}))
    assert time.perf_counter() - start < 20
    assert found.load() == []
    assert len(found.done.late) == 56


def test_a_sample_is_closed_and_the_same_for_the_same_seed(shop) -> None:
    rows = ",".join(f"({n}, {n % 50})" for n in range(1, 2001))
    url = shop(f"""
        CREATE TABLE g (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, g INTEGER REFERENCES g);
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 49) INSERT INTO g SELECT i FROM n;
        INSERT INTO c VALUES {rows};
    """)

    def drawn(seed: int, limit: int | None = None) -> list[str | None]:
        found = Slice(url, SubsetSpec((Root("c", sample_rate=0.1, limit=limit),), seed=seed), keys=50)
        assert found.load() == []
        return found.column("c", "id")

    assert drawn(7) == drawn(7) != drawn(8)
    assert 140 < len(drawn(7)) < 260
    assert drawn(7, limit=20) == drawn(7)[:20]


def test_a_reference_between_two_is_chosen_by_via(shop) -> None:
    url = shop("""
        CREATE TABLE u (id INTEGER PRIMARY KEY);
        CREATE TABLE m (id INTEGER PRIMARY KEY, sender INTEGER REFERENCES u, receiver INTEGER REFERENCES u);
        INSERT INTO u VALUES (1), (2); INSERT INTO m VALUES (1, 1, 2), (2, 2, 1), (3, 2, 2);
    """)
    for via, wanted in (((), ["1", "2"]), (("m.sender",), ["1"]), (("receiver",), ["2"])):
        assert sorted(Slice(url, subset("u", "id = 1", m=Include(via=via))).column("m", "id")) == wanted


def test_text_keys_with_quotes_and_a_case_insensitive_column_find_their_parents(shop) -> None:
    url = shop("""
        CREATE TABLE p (id TEXT NOT NULL PRIMARY KEY COLLATE NOCASE);
        CREATE TABLE c (id INTEGER PRIMARY KEY, p TEXT COLLATE NOCASE REFERENCES p);
        INSERT INTO p VALUES ('O''Neil'), ('x"y'), ('Abc'), ('');
        INSERT INTO c VALUES (1, 'o''NEIL'), (2, 'x"y'), (3, 'ABC'), (4, 'aBC'), (5, '');
    """)
    found = Slice(url, subset("c"), keys=1)
    assert sorted(found.column("p", "id")) == ["", "Abc", "O'Neil", 'x"y']
    assert found.done.orphans == ()
    assert found.load() == []


def test_chinook_one_customer_with_all_descendants_loads(tmp_path: Path) -> None:
    source = ROOT.parent / "shared" / "data" / "chinook" / "chinook.sqlite"
    if not source.exists():
        pytest.skip("the Chinook database is not here")
    found = Slice(f"sqlite:///{source}", subset("Customer", "CustomerId = 5", **{"*": Include()}), keys=1000)
    with connect(source) as database:
        lines = database.execute(
            "SELECT InvoiceLineId FROM InvoiceLine JOIN Invoice USING (InvoiceId) WHERE CustomerId = 5"
        ).fetchall()
    database.close()
    assert {int(line or 0) for line in found.column("InvoiceLine", "InvoiceLineId")} == {line for (line,) in lines}
    assert len(found.column("Customer", "CustomerId")) == 1
    assert found.load() == []


def test_a_chain_of_ancestors_is_followed_to_its_end(shop) -> None:
    url = shop("""
        CREATE TABLE n (id INTEGER PRIMARY KEY, up INTEGER REFERENCES n);
        WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 2000)
            INSERT INTO n SELECT i, nullif(i - 1, 0) FROM i;
    """)
    assert len(Slice(url, subset("n", "id = 2000")).rows("n")) == 2000


def test_columns_that_nobody_names_arrive_fused_with_the_same_text(tmp_path: Path, shop) -> None:
    url = shop("""
        CREATE TABLE p (id INTEGER PRIMARY KEY, a TEXT, b REAL);
        CREATE TABLE c (a TEXT, b BLOB, id INTEGER PRIMARY KEY, p INTEGER REFERENCES p, d TEXT, e TEXT,
            twice INTEGER GENERATED ALWAYS AS (p * 2) STORED REFERENCES p (id));
        INSERT INTO p VALUES (1, 'x,y', 0.1), (2, NULL, 2e300), (4, '', 1);
        INSERT INTO c (a, b, id, p, d, e) VALUES ('it''s', x'00ff', 7, 1, NULL, ''), (NULL, NULL, 8, 2, 'd', 'e');
    """)
    kept: dict[str, Kept] = {}
    with open_database(url) as database, database.snapshot():
        plan = plan_subset(database.inspect(), subset("c"))
        done = extract(database, plan, lambda table: kept.setdefault(table.name.name, Kept()))
    (batch,) = kept["c"].batches
    assert batch.num_columns == 4
    assert batch.to_pylist()[0] == dict(zip(batch.schema.names, ["'it''s',X'00FF'", "7", "1", "NULL,''"], strict=True))
    assert done.rows == {TableName("", "p"): 3, TableName("", "c"): 2}  # 1 and 2, and 2 and 4 of the generated column


def test_case_13_a_hidden_key_tells_rows_apart_and_does_not_reach_the_sink(shop) -> None:
    url = shop("""
        CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE bare (p INTEGER REFERENCES p, v TEXT);
        INSERT INTO p VALUES (1); INSERT INTO bare VALUES (1, 'x'), (1, 'x');
    """)
    found = Slice(url, subset("p", bare=Include(per_parent=1)))
    assert found.sinks[TableName("", "bare")].batches[0].schema.names == ["p", "v"]
    assert found.rows("bare") == [("1", "x")]
