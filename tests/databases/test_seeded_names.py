"""Names that an engine would cut or refuse are refused by name, or made shorter where nobody has chosen them."""

from __future__ import annotations

import pyarrow as pa
import pytest
from tests.engines import Anywhere

from hotfixture.databases import open_database
from hotfixture.databases.seeded_names import LIMITS, named
from hotfixture.errors import InputError
from hotfixture.plans.seed import read
from hotfixture.plans.seed.calls import compare, seed, unseed
from hotfixture.schema import Column, Table, TableName, Unique

LONG = "é" * 31
"""62 bytes, 31 characters."""


def table(name: str, *columns: str, uniques: tuple[Unique, ...] = ()) -> Table:
    return Table(TableName("", name), tuple(Column(one, pa.int64()) for one in columns), uniques=uniques)


def test_a_name_that_would_be_cut_is_refused_with_the_one_it_would_be_taken_for() -> None:
    with pytest.raises(InputError) as raised:
        named([table("t", f"{LONG}ab", f"{LONG}ac", f"{LONG}a")], "postgresql")
    said = str(raised.value)
    assert f"column of t '{LONG}ab': a name of 64 bytes, and the database keeps 63" in said
    assert f"the same as '{LONG}ac'" in said
    assert len(raised.value.problems) == 2


@pytest.mark.parametrize(("engine", "longest"), [("postgresql", 63), ("mysql", 64), ("sqlite", 200)])
def test_a_name_is_taken_up_to_the_limit(engine: str, longest: int) -> None:
    assert named([table("t" * longest, "c" * longest)], engine)
    if engine in LIMITS:
        for wrong in (table("t" * (longest + 1), "c"), table("t", "c" * (longest + 1))):
            with pytest.raises(InputError, match="keeps"):
                named([wrong], engine)


@pytest.mark.parametrize("engine", ["postgresql", "mysql"])
def test_names_of_keys_are_made_to_fit_and_to_differ(engine: str) -> None:
    """`a_b_c_key` is that of a (b_c) and of a_b (c); long ones keep their beginnings and get a digest."""
    keys = [Unique(f"{'x' * 60}_{n}_key", ("c",)) for n in range(20)] + [Unique("a_b_c_key", ("c",))]
    found = named([table(name, "c", uniques=tuple(keys)) for name in ("a", "a_b", "a_b_c_key")], engine)
    names = [one.name for each in found for one in each.uniques]
    assert len({*names, "a", "a_b", "a_b_c_key"}) == len(names) + 3
    assert all(LIMITS[engine].cut(name) == name for name in names)
    assert named(found[:1], engine) == found[:1]


def test_short_names_stay_what_they_are() -> None:
    plan = (
        read("tables: {t: {count: 1, columns: {a: {type: integer, unique: true}}, checks: [a >= 0]}}\n").tables[0].table
    )
    assert named([plan], "postgresql") == [plan]


WIDE = f"""
tables:
  {"p" * 50}: {{count: 20, columns: {{{"k" * 60}: {{type: integer, primary_key: true}}}}}}
  {"c" * 60}:
    count: 60
    columns:
      id: {{type: integer, primary_key: true}}
      {"d" * 60}: {{references: {"p" * 50}.{"k" * 60}}}
      {"d" * 60}x: {{references: {"p" * 50}.{"k" * 60}}}
      {"u" * 62}: {{type: integer, unique: true}}
    checks: ["{"u" * 62} >= 0"]
"""


def test_tables_of_the_longest_names_are_made_filled_and_emptied(anywhere: Anywhere) -> None:
    url = anywhere.fresh()
    assert sum(seed(WIDE, url).rows.values()) == 80
    with open_database(url) as database:
        found = database.inspect().find("c" * 60)
    assert found
    assert [one.columns for one in sorted(found.references, key=lambda one: one.columns)] == [
        ("d" * 60,),
        ("d" * 60 + "x",),
    ]
    assert not [one for one in compare(WIDE, url) if not one.holds]
    assert sum(unseed(WIDE, url).rows.values()) == 80


def test_a_name_that_the_engine_does_not_hold_stops_seeding_before_anything_is_made(postgresql_url: str) -> None:
    with pytest.raises(InputError, match="a name of 64 bytes"):
        seed(f"tables: {{t: {{count: 1, columns: {{{LONG}ab: integer}}}}}}\n", postgresql_url)
    with open_database(postgresql_url) as database:
        assert not database.inspect().tables
