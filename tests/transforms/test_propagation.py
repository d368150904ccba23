"""A masked key carries its references along; contradictions name both sides."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from tests.transforms.shops import CUSTOMERS, KEY, ORDERS, SHOP, column, reference, table

from hotfixture.errors import InputError
from hotfixture.schema import Schema, Table, TableName
from hotfixture.transforms.masks import MaskSpec, Row, bind
from hotfixture.transforms.propagation import propagate

PERMUTE = MaskSpec("permute")


def place(name: str, of: str) -> tuple[TableName, str]:
    return TableName("public", name), of


def schema(*tables: Table) -> Schema:
    return Schema({one.name: one for one in tables})


def spread(whole: Schema, **specs: MaskSpec | None) -> dict[str, Any]:
    given = {place(*name.split("__")): spec for name, spec in specs.items()}
    return {f"{table.name}.{of}": spec for (table, of), spec in propagate(whole, given).items()}


@pytest.mark.parametrize("start", ["customers__id", "orders__customer_id"])
def test_a_mask_spreads_both_ways(start: str) -> None:
    assert spread(SHOP, **{start: PERMUTE}) == {"customers.id": PERMUTE, "orders.customer_id": PERMUTE}


def test_what_no_reference_connects_gets_nothing() -> None:
    assert spread(SHOP, customers__email=MaskSpec("email")) == {"customers.email": MaskSpec("email")}


def test_a_chain_a_self_reference_and_a_cycle_are_followed() -> None:
    a = table("a", column("id"), column("b"), column("up"),
              references=(reference("a", "b", "b", "id"), reference("a", "up", "a", "id")))  # fmt: skip
    b = table("b", column("id"), column("c"), references=(reference("b", "c", "c", "id"),))
    c = table(
        "c", column("id"), column("a"), references=(reference("c", "a", "a", "id"), reference("c", "id", "b", "c"))
    )
    made = spread(schema(a, b, c), a__id=PERMUTE)
    assert set(made) == {"a.id", "a.up", "c.a"}
    assert spread(schema(a, b, c), b__c=PERMUTE) == {"b.c": PERMUTE, "c.id": PERMUTE}


def test_composite_references_connect_column_by_column() -> None:
    child = table("child", column("x"), column("y"), references=(reference("child", "y x", "parent", "a b"),))
    parent = table("parent", column("a"), column("b"))
    assert set(spread(schema(child, parent), parent__a=PERMUTE)) == {"parent.a", "child.y"}


def test_keys_stay_joined_after_masking_whatever_the_width_of_their_types() -> None:
    narrow = table(
        "child", column("parent_id", pa.int16()), references=(reference("child", "parent_id", "parent", "id"),)
    )
    wide = table("parent", column("id", pa.int64()))
    specs = propagate(schema(narrow, wide), {place("parent", "id"): PERMUTE})
    values = pa.array([str(number) for number in range(32_000, 32_700)])
    one, other = (
        bind(spec, of).apply(Row({of.name: values}, KEY))
        for spec, of in (
            (specs[place("child", "parent_id")], narrow.columns[0]),
            (specs[place("parent", "id")], wide.columns[0]),
        )
        if spec
    )
    assert one.equals(other)


@pytest.mark.parametrize("other", [None, MaskSpec("hash")])
def test_a_contradiction_names_both_columns(other: MaskSpec | None) -> None:
    with pytest.raises(InputError) as error:
        spread(SHOP, customers__id=PERMUTE, orders__customer_id=other)
    assert "public.customers.id" in str(error.value)
    assert "public.orders.customer_id" in str(error.value)


def test_a_mask_that_would_tear_the_sides_apart_is_refused() -> None:
    child = table(
        "child", column("parent_id", native="text"), references=(reference("child", "parent_id", "parent", "id"),)
    )
    parent = table("parent", column("id", pa.int64(), "bigint"))
    with pytest.raises(InputError, match="types differ"):
        spread(schema(child, parent), parent__id=PERMUTE)
    with pytest.raises(InputError, match="another column"):
        spread(SHOP, customers__id=MaskSpec("noise", {"by": "email"}))


def test_keys_that_compare_without_case_are_masked_without_case() -> None:
    child = table("child", column("code", native="varchar(20)", ignores_case=True),
                  references=(reference("child", "code", "parent", "code"),))  # fmt: skip
    parent = table("parent", column("code", native="varchar(20)", ignores_case=True))
    specs = propagate(schema(child, parent), {place("parent", "code"): MaskSpec("hash")})
    mask = bind(specs[place("child", "code")] or PERMUTE, child.columns[0])
    one, other = mask.apply(Row({"code": pa.array(["AbC", "abc"])}, KEY)).to_pylist()
    assert one == other


def test_a_hash_is_as_long_as_the_shortest_column() -> None:
    child = table(
        "child",
        column("code", native="varchar(8)", length=8),
        references=(reference("child", "code", "parent", "code"),),
    )
    parent = table("parent", column("code", native="text"))
    assert spread(schema(child, parent), parent__code=MaskSpec("hash"))["parent.code"].options == {"length": 8}


def test_a_key_inside_json_follows_its_target() -> None:
    logs = table("logs", column("entry", native="jsonb"), references=(
        reference("logs", "entry", "customers", "id", path="$.user.id", virtual=True),
        reference("logs", "entry", "orders", "id", path="$.orders[*]", virtual=True),
    ))  # fmt: skip
    whole = schema(CUSTOMERS, ORDERS, logs)
    made = spread(whole, customers__id=PERMUTE, orders__id=PERMUTE)
    assert made["logs.entry"] == MaskSpec("json", {"$.user.id": "permute", "$.orders[*]": "permute"})


def test_a_polymorphic_key_follows_each_target_under_its_condition() -> None:
    notes = table("notes", column("kind"), column("target", pa.int64(), "bigint"), references=(
        reference("notes", "target", "customers", "id", when=("kind", "customer"), virtual=True),
        reference("notes", "target", "orders", "id", when=("kind", "order"), virtual=True),
    ))  # fmt: skip
    spec = spread(schema(CUSTOMERS, ORDERS, notes), customers__id=PERMUTE)["notes.target"]
    mask = bind(spec, notes.columns[1])
    made = mask.apply(
        Row({"target": pa.array(["123456"] * 2), "kind": pa.array(["customer", "order"])}, KEY)
    ).to_pylist()
    key = bind(PERMUTE, CUSTOMERS.columns[0]).apply(Row({"id": pa.array(["123456"])}, KEY)).to_pylist()
    assert made == [key[0], "123456"]
