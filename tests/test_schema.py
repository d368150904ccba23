"""Schemas: names are found by the engine's rules, rows are told apart by keys that can."""

from __future__ import annotations

import pyarrow as pa
import pytest

from hotfixture.schema import Column, Reference, Schema, Table, TableName, Unique


def table(name: str, schema: str = "", **more: object) -> Table:
    columns = (Column("id", pa.int64(), nullable=False), Column("code", pa.string()))
    return Table(TableName(schema, name), columns, **more)  # type: ignore[arg-type]  # as given


def schema(*tables: Table, **more: object) -> Schema:
    return Schema({one.name: one for one in tables}, **more)  # type: ignore[arg-type]  # as given


def test_names_are_written_with_their_schema_where_there_is_one() -> None:
    assert (str(TableName("", "t")), str(TableName("s", "t"))) == ("t", "s.t")


def test_a_bare_name_is_looked_for_along_the_search_path() -> None:
    found = schema(table("t", "b"), table("t", "c"), table("u", "c"), default_schema="a", search_path=("b", "c"))
    assert [one and str(one.name) for one in (found.find("t"), found.find("u"), found.find("v"))] == [
        "b.t",
        "c.u",
        None,
    ]
    named = found.find("t", "c")
    assert named is not None
    assert str(named.name) == "c.t"
    assert found.find("t", "a") is None


@pytest.mark.parametrize("folds", [True, False])
def test_case_matters_where_the_engine_says_so(folds: bool) -> None:
    found = schema(table("Orders"), folds_case=folds).find("ORDERS")
    assert (found is not None) == folds


def test_an_exact_name_wins_over_a_folded_one() -> None:
    found = schema(table("orders"), table("Orders"), folds_case=True).find("Orders")
    assert found is not None
    assert found.name.name == "Orders"


@pytest.mark.parametrize(
    ("more", "identity"),
    [
        ({"primary_key": ("id",), "uniques": (Unique("u", ("id",)),)}, ("id",)),
        ({"uniques": (Unique("u", ("code",)), Unique("v", ("id",)))}, ("id",)),
        ({"uniques": (Unique("u", ("code",)),)}, ()),  # NULL stands in it any number of times
        ({"uniques": (Unique("u", ("id",), expression="abs(id)"),)}, ()),
        ({"uniques": (Unique("u", ("id",), where="id > 5"),)}, ()),
        ({}, ()),
    ],
)
def test_rows_are_told_apart_by_keys_that_hold_for_every_row(
    more: dict[str, object], identity: tuple[str, ...]
) -> None:
    assert table("t", **more).identity == identity


def test_a_column_is_found_by_its_exact_name() -> None:
    assert table("t").column("code").arrow == pa.string()
    with pytest.raises(KeyError):
        table("t").column("Code")


def test_declared_references_join_those_of_the_catalogue() -> None:
    own = Reference("r", TableName("", "a"), ("id",), TableName("", "b"), ("id",))
    more = Reference("v", TableName("", "a"), ("code",), TableName("", "b"), ("code",), virtual=True)
    before = schema(table("a", references=(own,)), table("b"))
    after = before.with_references([more])
    assert list(after.references()) == [own, more]
    assert after.referring(TableName("", "b")) == [own, more]
    assert list(before.references()) == [own]
    assert str(own) == "a(id) → b(id)"
