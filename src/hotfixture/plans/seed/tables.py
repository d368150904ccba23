"""What the tables of a plan look like to a database, and in which order they are filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotfixture.schema import Check, Column, Reference, Table, TableName, Unique

if TYPE_CHECKING:
    from hotfixture.plans.seed.compile import Build
    from hotfixture.plans.seed.declarations import PartialDeclaration, TableDeclaration
    from hotfixture.plans.seed.plan import TablePlan


def described(plan: TablePlan, build: Build) -> Table:
    """The table with its columns, keys, uniques, references and checks."""
    declared = plan.declaration
    name = TableName(declared.schema, declared.name)
    uniques = [
        Unique(f"{declared.name}_{column.name}_key", (column.name,))
        for column in declared.columns.values()
        if column.unique and declared.primary_key != (column.name,)
    ]
    uniques += [Unique(f"{declared.name}_{'_'.join(columns)}_key", columns) for columns, _ in declared.uniques]
    uniques += [_partial(declared.name, one) for one in declared.partials]
    return Table(
        name,
        tuple(_column(plan, column, build) for column in plan.columns),
        declared.primary_key,
        tuple(uniques),
        tuple(_reference(plan, build, index) for index in range(len(declared.references))),
        tuple(
            Check(declared.check_names.get(text) or f"{declared.name}_check{number}", text)
            for number, (text, _) in enumerate(declared.checks, 1)
        ),
        rows=plan.count,
        comment=declared.description,
    )


def _partial(table: str, one: PartialDeclaration) -> Unique:
    name = one.name or f"{table}_{'_'.join(one.columns)}_partial"
    return Unique(name, one.columns, where=one.where, nulls_distinct=one.nulls_distinct)


def _column(plan: TablePlan, name: str, build: Build) -> Column:
    column, made = plan.declaration.columns[name], plan.makers[name]
    nullable = column.nullable
    if nullable is None:
        nullable = name not in plan.declaration.primary_key and _may_be_null(plan, name)
    written = _written(plan.declaration, name, build)
    return Column(name, made.maker.arrow, written, nullable, _length(written), comment=column.description)


def _written(table: TableDeclaration, name: str, build: Build, seen: tuple[tuple[str, str], ...] = ()) -> str:
    """The type as the schema writes it; a reference that says none has that of what it points at."""
    column = table.columns[name]
    reference = next((one for one in table.references if name in one.columns), None)
    if column.type or reference is None or (table.name, name) in seen:
        return column.type
    names = build.target_columns(reference)
    target = build.declared.tables[reference.target]
    return _written(target, names[reference.columns.index(name)], build, (*seen, (table.name, name)))


def _length(written: str) -> int | None:
    from hotfixture.plans.seed.types import declared_type

    return declared_type(written).length if written and written not in ("object", "array") else None


def _may_be_null(plan: TablePlan, name: str) -> bool:
    from hotfixture.plans.seed.links import Tree

    links = [
        plan.links[one.name] for one in plan.declaration.references if name in one.columns and one.name in plan.links
    ]
    mask = plan.makers[name].nulls
    if mask or plan.makers[name].maker.may_be_null:
        return True
    return any(link.null_share or (isinstance(link, Tree) and not link.rooted) for link in links)


def _reference(plan: TablePlan, build: Build, index: int) -> Reference:
    one = plan.declaration.references[index]
    target = build.declared.tables[one.target]
    return Reference(
        f"{plan.name}_{'_'.join(one.columns)}_fkey",
        TableName(plan.declaration.schema, plan.name),
        one.columns,
        TableName(target.schema, target.name),
        build.target_columns(one),
    )


def ordered(tables: list[TablePlan]) -> tuple[TablePlan, ...]:
    """Parents first; what hangs together in a ring in the order it stands in the schema."""
    from hotfixture.schema import Schema
    from hotfixture.transforms.graph import load_order

    by_name = {table.table.name: table for table in tables}
    order = load_order(Schema({name: table.table for name, table in by_name.items()}))
    return tuple(by_name[name] for name in order.tables)
