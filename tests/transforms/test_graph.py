"""Components, load order, cycles and pictures of any graph of tables."""

from __future__ import annotations

import re
import time
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from tests.transforms.tables import name, schema

from hotfixture.schema import Schema, TableName
from hotfixture.transforms import graph

GRAPHS = st.integers(1, 9).flatmap(
    lambda n: st.lists(
        st.lists(st.tuples(st.integers(0, n - 1), st.sampled_from(["", "!", "?"])), max_size=3), min_size=n, max_size=n
    )
)


def made(links: list[list[tuple[int, str]]]) -> Schema:
    return schema(**{f"t{n}": [f"t{target}{mark}" for target, mark in targets] for n, targets in enumerate(links)})


def reaches(links: list[list[tuple[int, str]]], start: int) -> set[int]:
    found: set[int] = set()
    work = [target for target, _ in links[start]]
    while work:
        if (node := work.pop()) not in found:
            found.add(node)
            work += [target for target, _ in links[node]]
    return found


@given(GRAPHS)
def test_two_tables_share_a_component_if_and_only_if_each_reaches_the_other(links: list[list[tuple[int, str]]]) -> None:
    reach = {name(f"t{n}"): {name(f"t{m}") for m in reaches(links, n)} for n in range(len(links))}
    found = graph.components(made(links))
    assert sorted(table for members in found for table in members) == sorted(reach)
    home = {table: members for members in found for table in members}
    for one, below_one in reach.items():
        for other, below_other in reach.items():
            assert (home[one] == home[other]) == (one == other or (other in below_one and one in below_other))


@given(GRAPHS)
def test_components_stand_parents_first(links: list[list[tuple[int, str]]]) -> None:
    tables = made(links)
    rank = {table: number for number, members in enumerate(graph.components(tables)) for table in members}
    assert all(rank[r.target] <= rank[r.table] for r in tables.references())


@given(GRAPHS)
def test_the_load_order_leaves_late_exactly_what_it_does_not_satisfy_and_only_inside_cycles(
    links: list[list[tuple[int, str]]],
) -> None:
    tables = made(links)
    order, late = graph.load_order(tables)
    place = {table: number for number, table in enumerate(order)}
    assert sorted(order) == sorted(tables.tables)
    assert list(late) == [r for r in tables.references() if place[r.target] >= place[r.table]]
    rank = {table: number for number, members in enumerate(graph.components(tables)) for table in members}
    assert all(rank[r.target] == rank[r.table] for r in late)


@given(GRAPHS, st.randoms(use_true_random=False))
def test_the_order_in_which_tables_are_listed_changes_nothing(
    links: list[list[tuple[int, str]]], random: Random
) -> None:
    tables = made(links)
    listed = list(tables.tables.items())
    random.shuffle(listed)
    other = Schema(dict(listed))
    assert graph.components(other) == graph.components(tables)
    assert graph.load_order(other).tables == graph.load_order(tables).tables
    assert graph.dot(other) == graph.dot(tables)


def test_a_chain_and_a_ring_of_ten_thousand_tables_are_ordered_within_seconds() -> None:
    count = 10_000
    chain = schema(**{f"t{n}": [f"t{n + 1}"] if n < count - 1 else [] for n in range(count)})
    ring = schema(**{f"t{n}": [f"t{(n + 1) % count}!"] for n in range(count)})
    start = time.thread_time()
    assert graph.load_order(chain).tables[0] == name("t9999")
    assert len(graph.load_order(ring).late) == 1
    assert [cycle.rigid for cycle in graph.cycles(ring)] == [True]
    assert time.thread_time() - start < 10


def test_case_5_a_ring_that_is_not_null_all_the_way_round_is_rigid_and_one_deferrable_reference_unlocks_it() -> None:
    assert [cycle.rigid for cycle in graph.cycles(schema(store=["staff!"], staff=["store!"]))] == [True]
    assert [cycle.rigid for cycle in graph.cycles(schema(store=["staff?"], staff=["store!"]))] == [False]
    assert [cycle.rigid for cycle in graph.cycles(schema(store=["staff"], staff=["store!"]))] == [False]
    assert "NOT NULL" in str(graph.cycles(schema(store=["staff!"], staff=["store!"]))[0])


def test_of_a_ring_the_reference_that_may_be_null_or_deferred_is_the_late_one() -> None:
    for mark in ("", "?"):
        tables = schema(a=["b!"], b=["c!"], c=["d" + mark], d=["a!"])
        assert [r.table for r in graph.load_order(tables).late] == [name("c")]


def test_case_4_several_groups_of_cycles_are_several_cycles() -> None:
    tables = schema(a=["b", "c"], b=["a"], c=["d", "a"], d=["c", "e"], e=["f"], f=["e"], g=["g", "a"], h=["g"])
    assert [tuple(map(str, cycle.tables)) for cycle in graph.cycles(tables)] == [
        ("e", "f"),
        ("a", "b", "c", "d"),
        ("g",),
    ]


def test_a_self_reference_is_late_but_never_rigid() -> None:
    tables = schema(person=["person!", "person"])
    assert len(graph.load_order(tables).late) == 2
    assert [cycle.rigid for cycle in graph.cycles(tables)] == [False]


def test_virtual_references_bind_no_load() -> None:
    tables = schema(a=["b~"], b=["a"])
    assert graph.load_order(tables) == ((name("a"), name("b")), ())
    assert len(graph.cycles(tables)) == 1


def test_case_16_tables_of_one_name_in_two_schemas_are_two_tables() -> None:
    tables = schema(sales__item=["stock.item"], stock__item=[], stock__lot=["stock.item", "sales.item"])
    assert graph.load_order(tables).tables == (name("stock.item"), name("sales.item"), name("stock.lot"))
    assert graph.load_order(tables, [name("sales.item")]) == ((name("sales.item"),), ())


def test_ancestors_and_descendants_reach_all_the_way() -> None:
    tables = schema(a=[], b=["a"], c=["b"], d=["b", "x"], x=[])
    up, down = graph.targets(tables.tables, tables.references()), graph.below(tables.references())
    assert graph.closure([name("d")], up) == {name(n) for n in "dbax"}
    assert graph.closure([name("b")], down) == {name(n) for n in "bcd"}


def test_a_reference_to_a_table_that_is_not_there_is_left_out() -> None:
    tables = schema(a=["gone"])
    assert graph.load_order(tables) == ((name("a"),), ())
    assert graph.cycles(tables) == []


def test_the_picture_quotes_names_and_marks_cycles_and_virtual_references() -> None:
    tables = schema(a=["b"], b=["a"], c=["a~"])
    picture = graph.dot(tables)
    assert picture.startswith("digraph")
    assert len(re.findall("color=", picture)) == 2
    assert len(re.findall("dashed", picture)) == 1
    odd = graph.dot(Schema({TableName("", 'we"ird\\'): next(iter(schema(**{'we"ird\\': []})))}))
    assert '"we\\"ird\\\\"' in odd
