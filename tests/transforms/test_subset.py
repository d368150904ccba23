"""The closure decides without I/O: here a dictionary answers its requests."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from tests.transforms.tables import name, schema

from hotfixture.schema import Column, Reference, Schema, Table, TableName
from hotfixture.transforms.subset import Reason, Request, Subset
from hotfixture.transforms.subset_plan import Include, Root, SubsetSpec, plan_subset

Rows = dict[str, list[dict[str, str | None]]]


def answer(request: Request, rows: Rows) -> Iterator[dict[str, str | None]]:
    """The rows that a request asks for; `where` is a Python expression over the row."""
    found = [row for row in rows.get(str(request.table.name), []) if not request.where or eval(request.where, {}, row)]
    if request.keys is not None:
        wanted = {tuple(key.values()) for key in request.keys.to_pylist()}
        found = [row for row in found if tuple(row[c] for c in request.key_columns) in wanted]
    found.sort(key=lambda row: tuple(str(row[c]).zfill(9) for c in request.order))
    if request.per_key:
        seen: dict[tuple[str | None, ...], int] = {}
        kept = []
        for row in found:
            key = tuple(row[c] for c in request.key_columns)
            seen[key] = seen.get(key, 0) + 1
            kept += [row] if seen[key] <= request.per_key else []
        found = kept
    yield from found[: request.limit]


def run(subset: Subset, rows: Rows, *, batch: int = 2) -> dict[str, list[str | None]]:
    """The ids that the subset lets in, per table."""
    result: dict[str, list[str | None]] = {}
    for request in subset.requests():
        found = list(answer(request, rows))
        for start in range(0, len(found), batch):
            part = found[start : start + batch]
            keys = pa.RecordBatch.from_pylist(
                [{c: row[c] for c in request.columns} for row in part],
                schema=pa.schema([(c, pa.string()) for c in request.columns]),
            )
            whole = [pa.array([repr(row) for row in part])]
            fresh = subset.feed(request, keys, whole)
            if request.rows:
                let_in = [row["id"] for row, new in zip(part, fresh, strict=True) if new]
                result.setdefault(str(request.table.name), []).extend(let_in)
    return result


def row(number: int, *targets: int | None) -> dict[str, str | None]:
    return {"id": str(number)} | {f"r{n}": None if t is None else str(t) for n, t in enumerate(targets)}


@given(st.lists(st.tuples(st.integers(0, 5), st.none() | st.integers(0, 5)), max_size=6), st.integers(1, 3))
def test_nothing_is_asked_for_twice_and_every_ring_ends(links: list[tuple[int, int | None]], keys: int) -> None:
    tables = schema(a=["b"], b=["a", "b"])
    rows: Rows = {
        "a": [row(n, link[1]) for n, link in enumerate(links)],
        "b": [row(n, *link) for n, link in enumerate(links)],
    }
    subset = Subset(plan_subset(tables, SubsetSpec((Root("a"),))), keys=keys)
    asked: list[tuple[TableName, str]] = []
    for request in subset.requests():
        if request.keys is not None:
            asked += [(request.table.name, str(key["id"])) for key in request.keys.to_pylist()]
        found = list(answer(request, rows))
        subset.feed(
            request, pa.RecordBatch.from_pylist(found, schema=pa.schema([(c, pa.string()) for c in request.columns]))
        )
    assert len(asked) == len(set(asked))
    assert subset.counts[name("a")] == len(links)


def test_parents_that_are_there_already_are_not_asked_for() -> None:
    tables = schema(customers=[], orders=["customers!"])
    rows: Rows = {"customers": [row(1), row(2)], "orders": [row(10, 1), row(11, 1), row(20, 2)]}
    subset = Subset(plan_subset(tables, SubsetSpec((Root("customers"),), {"orders": Include()})))
    requests = []
    for request in subset.requests():
        requests.append(request.table.name.name)
        found = list(answer(request, rows))
        subset.feed(
            request, pa.RecordBatch.from_pylist(found, schema=pa.schema([(c, pa.string()) for c in request.columns]))
        )
    assert requests == ["customers", "orders"]
    assert subset.columns(name("orders")) == ("id", "r0")


def test_a_limit_counts_new_rows_only_however_often_a_row_is_reached() -> None:
    tables = schema(u=[], m=["u", "u"])
    rows: Rows = {"u": [row(1)], "m": [row(n, 1, 1) for n in range(10)]}
    for most in (1, 4, 9, 20):
        subset = Subset(plan_subset(tables, SubsetSpec((Root("u"),), {"m": Include(limit=most)})))
        assert len(run(subset, rows)["m"]) == min(most, 10)


def test_a_sample_asks_for_keys_first_and_for_rows_by_key_then() -> None:
    rows: Rows = {"a": [row(n) for n in range(400)]}
    plan = plan_subset(schema(a=[]), SubsetSpec((Root("a", where="int(id) < 300", sample_rate=0.2),), seed=3))
    found = run(Subset(plan), rows)["a"]
    assert 30 < len(found) < 90
    assert all(int(number or 0) < 300 for number in found)
    again = plan_subset(schema(a=[]), SubsetSpec((Root("a", sample_rate=0.2),), seed=3))
    assert set(found) == {number for number in run(Subset(again), rows)["a"] if int(number or 0) < 300}


def test_a_key_that_its_target_cannot_hold_is_not_asked_for_along_a_virtual_reference() -> None:
    target, child = name("p"), name("c")
    columns = (Column("id", pa.int64(), nullable=False), Column("r0", pa.string()))
    virtual = Reference("v", child, ("r0",), target, ("id",), virtual=True, enforced=False)
    parent = Table(target, (Column("id", pa.int32(), nullable=False),), ("id",))
    tables = Schema({target: parent, child: Table(child, columns, ("id",), references=(virtual,))})
    values = ["7", "-1", "n/a", "", "1.5", "99999999999", "2147483648", "99999999999999999999999"]
    rows: Rows = {"c": [{"id": str(n), "r0": value} for n, value in enumerate(values)]}
    asked: list[str | None] = []
    subset = Subset(plan_subset(tables, SubsetSpec((Root("c"),))))
    for request in subset.requests():
        asked += request.keys.column(0).to_pylist() if request.keys is not None else []
        found = list(answer(request, rows))
        subset.feed(
            request, pa.RecordBatch.from_pylist(found, schema=pa.schema([(c, pa.string()) for c in request.columns]))
        )
    assert asked == ["7", "-1"]
    assert [(orphan.keys, orphan.enforced) for orphan in subset.orphans] == [(2, False)]


def test_case_45_rows_that_row_security_hides_are_counted_as_enforced_and_missing() -> None:
    subset = Subset(plan_subset(schema(a=["b!"], b=[]), SubsetSpec((Root("a"),))))
    run(subset, {"a": [row(1, 5), row(2, 6), row(3, 5)], "b": [row(5)]})
    assert [(orphan.keys, orphan.enforced) for orphan in subset.orphans] == [(1, True)]


def test_equal_rows_of_a_table_without_any_key_are_kept_and_come_once() -> None:
    p, bare = name("p"), name("bare")
    columns = tuple(Column(c, pa.int64()) for c in ("id", "r0", "r1"))
    references = tuple(Reference(c, bare, (c,), p, ("id",)) for c in ("r0", "r1"))
    tables = Schema({**schema(p=[]).tables, bare: Table(bare, columns, references=references)})
    rows: Rows = {"p": [row(1)], "bare": [row(7, 1, 1), row(7, 1, 1), row(7, 1, 1), row(8, 1, None)]}
    reasons: list[Reason] = []
    plan = plan_subset(tables, SubsetSpec((Root("p"),), {"bare": Include()}))
    assert sorted(map(str, run(Subset(plan, explain=reasons.append), rows)["bare"])) == ["7", "7", "7", "8"]
    assert [reason.kind for reason in reasons] == ["root", *["child of"] * 4]
    up = Subset(plan_subset(tables, SubsetSpec((Root("bare"),))), explain=reasons.append)
    assert run(up, rows)["p"] == ["1"]
    assert str(reasons[-1]) == "p(1): parent of bare(1, 1) via r0"


def test_reasons_name_the_row_that_brought_another() -> None:
    reasons: list[Reason] = []
    subset = Subset(plan_subset(schema(a=["b"], b=["b"]), SubsetSpec((Root("a"),))), explain=reasons.append)
    run(subset, {"a": [row(1, 5)], "b": [row(5, 4), row(4, 4), row(3, 5)]})
    assert list(map(str, reasons)) == ["a(1): root", "b(5): parent of a(1) via r0", "b(4): parent of b(5) via r0"]
