"""What a subset follows, and what is refused, before anything is read."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest
from tests.transforms.tables import name, schema

from hotfixture.errors import InputError
from hotfixture.schema import Column, Reference, Schema, Table, Unique
from hotfixture.transforms.subset_plan import Include, Root, SubsetPlan, SubsetSpec, identity, plan_subset

SHOP = {
    "countries": [],
    "customers": ["countries!"],
    "orders": ["customers!", "customers"],
    "lines": ["orders!", "products!"],
    "products": ["countries"],
    "reviews": ["products!"],
}


def planned(*roots: str, exclude: dict[str, str] | None = None, **include: Include) -> SubsetPlan:
    return plan_subset(schema(**SHOP), SubsetSpec(tuple(map(Root, roots)), include, exclude or {}))


def refusal(*roots: str, exclude: dict[str, str] | None = None, **include: Include) -> str:
    with pytest.raises(InputError) as caught:
        planned(*roots, exclude=exclude, **include)
    return str(caught.value)


def followed(plan: SubsetPlan) -> list[str]:
    return [str(relation.reference) for relation in plan.relations]


def test_only_tables_that_may_get_rows_are_in_the_plan_parents_first() -> None:
    assert [str(table) for table in planned("orders").load.tables] == ["countries", "customers", "orders"]
    assert name("reviews") not in planned("lines").load.tables


def test_children_are_followed_along_every_reference_from_included_tables() -> None:
    plan = planned("customers", orders=Include(), lines=Include())
    assert followed(plan) == ["orders(r0) → customers(id)", "orders(r1) → customers(id)", "lines(r0) → orders(id)"]


def test_the_order_of_roots_and_of_included_tables_changes_nothing() -> None:
    one = planned("customers", "products", orders=Include(), reviews=Include())
    other = planned("products", "customers", reviews=Include(), orders=Include())
    assert (one.starts, one.relations, one.load) == (other.starts, other.relations, other.load)


def test_a_star_takes_what_hangs_below_the_roots_and_stops_at_excluded_tables() -> None:
    assert followed(planned("customers", **{"*": Include()}))[-1] == "lines(r0) → orders(id)"
    assert followed(planned("countries", exclude={"orders": "", "lines": ""}, **{"*": Include()})) == [
        "customers(r0) → countries(id)",
        "products(r0) → countries(id)",
        "reviews(r0) → products(id)",
    ]


def test_via_chooses_by_column_by_table_and_column_or_by_name() -> None:
    for via in ("r1", "orders.r1", "(r1)"):
        assert followed(planned("customers", orders=Include(via=(via,)))) == ["orders(r1) → customers(id)"]
    assert len(followed(planned("customers", orders=Include(via=("fk",))))) == 2
    assert "its references" in refusal("customers", orders=Include(via=("nope",))).lower()


def test_an_included_table_that_nothing_leads_to_is_refused_with_what_could_be_meant() -> None:
    said = refusal("customers", lines=Include())
    assert "include.lines" in said
    assert "orders, products" in said
    assert "references:" in said
    assert "all: true" in refusal("customers", countries=Include())


def test_all_problems_are_said_at_once() -> None:
    said = refusal("custmers", orders=Include(), itmes=Include())
    assert "customers" in said
    assert "itmes" in said
    said = refusal("customers", orders=Include(limit=0, depth=2), lines=Include(all=True, limit=3))
    assert all(word in said for word in ("limit=0", "depth", "include.lines"))


@pytest.mark.parametrize(
    ("root", "word"),
    [
        (Root("customers", sample_rate=0.0), "sample_rate=0.0"),
        (Root("customers", sample_rate=1.5), "sample_rate=1.5"),
        (Root("customers", limit=0), "limit=0"),
        (Root("nobody"), "no table 'nobody'"),
    ],
)
def test_a_root_that_means_nothing_is_refused(root: Root, word: str) -> None:
    with pytest.raises(InputError, match=word):
        plan_subset(schema(**SHOP), SubsetSpec((root,)))


def test_case_15_an_excluded_parent_is_refused_by_name_unless_its_columns_shall_become_null() -> None:
    assert "exclude.countries: customers(r0)" in refusal("customers", exclude={"countries": "set null"})
    said = refusal("products", exclude={"countries": ""})
    assert "products(r0)" in said
    assert "set null" in said
    assert planned("products", exclude={"countries": "set null"}).nulled == {name("products"): ("r0",)}
    assert "expected nothing or 'set null'" in refusal("countries", exclude={"orders": "delete"})
    assert "also a root or included" in refusal("countries", exclude={"countries": ""})


def test_case_15_of_a_shared_column_the_one_that_serves_no_other_reference_becomes_null() -> None:
    columns = tuple(Column(c, pa.int64(), nullable=c != "id") for c in ("id", "tenant", "team"))
    tenants, teams, users = name("tenants"), name("teams"), name("users")
    base = schema(tenants=[], teams=[])
    both = Table(
        users,
        columns,
        ("id",),
        references=(
            Reference("a", users, ("tenant",), tenants, ("id",)),
            Reference("b", users, ("tenant", "team"), teams, ("tenant", "id")),
        ),
    )
    tables = Schema({**base.tables, users: both})
    plan = plan_subset(tables, SubsetSpec((Root("users"),), exclude={"teams": "set null"}))
    assert plan.nulled == {users: ("team",)}
    assert [r.name for r in plan.parents[users]] == ["a"]


def test_case_16_tables_of_one_name_are_told_apart_by_their_schema() -> None:
    tables = replace(schema(sales__item=["stock.item"], stock__item=[], public__item=[]), default_schema="public")
    for said, wanted in (("sales.item", ["stock.item", "sales.item"]), ("item", ["public.item"])):
        plan = plan_subset(tables, SubsetSpec((Root(said),)))
        assert [str(table) for table in plan.load.tables] == wanted


def test_case_13_rows_are_told_apart_by_a_key_without_null_else_by_the_hidden_key() -> None:
    def made(key: tuple[str, ...], *, nullable: bool, uniques: tuple[Unique, ...] = ()) -> Table:
        columns = (Column("a", pa.int64(), nullable=nullable), Column("b", pa.int64(), nullable=False))
        return Table(name("t"), columns, key, uniques, hidden_key="rowid")

    assert identity(made(("a",), nullable=False)) == ("a",)
    assert identity(made(("a",), nullable=True)) == ("rowid",)
    assert identity(made(("a",), nullable=True, uniques=(Unique("u", ("b",)),))) == ("b",)
    assert identity(made((), nullable=True, uniques=(Unique("u", ("b",), where="a > 0"),))) == ("rowid",)
    assert identity(replace(made((), nullable=True), hidden_key="")) == ()


def test_a_table_without_any_key_gives_no_sample() -> None:
    bare = Table(name("bare"), (Column("v", pa.int64()),))
    with pytest.raises(InputError, match="a sample needs a key"):
        plan_subset(Schema({bare.name: bare}), SubsetSpec((Root("bare", sample_rate=0.5),)))


def test_case_55_every_reference_between_tables_of_the_plan_is_followed_or_nulled() -> None:
    plan = planned("orders", lines=Include())
    for table in plan.load.tables:
        assert set(plan.parents[table]) == set(plan.schema.tables[table].references)


def test_a_reference_inside_json_leads_to_parents_only_and_that_is_said() -> None:
    log, users = name("log"), name("users")
    inside = Reference("j", log, ("entry",), users, ("id",), virtual=True, path="$.user.id")
    columns = (Column("id", pa.int64(), nullable=False), Column("entry", pa.string()))
    tables = Schema({**schema(users=[]).tables, log: Table(log, columns, ("id",), references=(inside,))})
    assert [str(t) for t in plan_subset(tables, SubsetSpec((Root("log"),))).load.tables] == ["log", "users"]
    with pytest.raises(InputError) as caught:
        plan_subset(tables, SubsetSpec((Root("users"),), {"log": Include()}))
    (problem,) = caught.value.problems
    assert problem.message.endswith("users(id) stands inside JSON, which brings parents, never children")
    assert "log: {all: true}" in problem.hint
    assert "references:" not in problem.hint  # it is declared already


def test_views_are_no_tables_and_partitions_come_through_their_parent() -> None:
    base = schema(p=[], part=["p"], view=["p"], c=["p"])
    kinds = {"part": "partition", "view": "view"}
    tables = {n: replace(t, kind=kinds.get(n.name, "table")) for n, t in base.tables.items()}
    plan = plan_subset(Schema(tables), SubsetSpec((Root("p"),), {"*": Include()}))
    assert {table.name for table in plan.load.tables} == {"p", "c"}
