"""What a schema promises and its columns cannot keep: uniqueness nobody can give, references to what is not unique."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotfixture.plans.seed.grid import Gridded

if TYPE_CHECKING:
    from sqlglot import exp

    from hotfixture.plans.seed.compile import Build
    from hotfixture.plans.seed.declarations import ColumnDeclaration, ReferenceDeclaration, TableDeclaration
    from hotfixture.plans.seed.plan import SeedPlan, TablePlan

REPEATED = frozenset({"fields", "items", "states", "series", "after", "type_of", "references_any"})
"""Kinds of columns whose values repeat, or may."""


def check_promises(build: Build) -> None:
    """Problems of all tables, left with the reader."""
    for table in build.declared.tables.values():
        if table.existing:
            continue
        _shown(build, table)
        _checks(build, table)
        for column in table.columns.values():
            if column.unique or table.primary_key == (column.name,):
                _unique(build, table, column)
        for reference in table.references:
            _reference(build, table, reference)


def growing(plan: SeedPlan) -> list[str]:
    """A warning for each table that cannot be appended to once its parents have grown: old rows would repeat."""
    return [
        f"{table.name} cannot grow (--append) any more once {' or '.join(targets)} has grown: its references are "
        "unique together over the whole table. Give it a size per one of them."
        for table in plan.made
        if (targets := _fixed(table))
    ]


def _fixed(table: TablePlan) -> list[str]:
    """The tables whose number of rows decides every combination of this one."""
    links = [link for link in table.links.values() if isinstance(link, Gridded) and link.grid and not link.grid.laid]
    return list(dict.fromkeys(link.target.name for link in links))


def _shown(build: Build, table: TableDeclaration) -> None:
    """Something of each row is written, its key and what others point at among it."""
    hidden = {column.name for column in table.columns.values() if column.hidden}
    if table.columns and hidden >= set(table.columns):
        build.reader.problem(f"{table.name}: all its columns are hidden", table.where)
    for name in hidden & set(table.primary_key):
        build.reader.problem(f"{table.name}.{name}: a hidden column is no part of a key", table.columns[name].where)
    for reference in table.references:
        target = build.declared.tables.get(reference.target)
        for name in build.target_columns(reference) if target and not hidden & set(reference.columns) else ():
            if target and name in target.columns and target.columns[name].hidden:
                build.reader.problem(
                    f"{table.name}: a reference to {target.name}.{name}, which is hidden", reference.where
                )


def _checks(build: Build, table: TableDeclaration) -> None:
    """Checks are SQL over columns of their table."""
    if not table.checks:
        return
    from sqlglot import exp

    columns = {name.casefold() for name in table.columns}
    for text, where in table.checks:
        tree = _parsed(text)
        if tree is None:
            build.reader.problem(f"check of {table.name!r}: is no SQL condition", where)
            continue
        for column in tree.find_all(exp.Column):
            if column.name.casefold() not in columns:
                build.reader.unknown(f"column of {table.name}", column.name, list(table.columns), where)


def _parsed(text: str) -> exp.Expr | None:
    """The condition as one of the engines reads it; None where none does."""
    import sqlglot

    for dialect in ("postgres", "mysql", "sqlite"):
        try:
            return sqlglot.parse_one(text, dialect=dialect)
        except sqlglot.errors.SqlglotError:
            continue
    return None


def _unique(build: Build, table: TableDeclaration, column: ColumnDeclaration) -> None:
    rows, kind = build.count(table.name), column.kind.key
    once = kind == "value" and rows > 1
    lines = kind == "line_no" and table.size.per in build.tables and build.count(table.size.per) > 1
    if kind in REPEATED or once or (lines and table.size.high):
        build.reader.problem(
            f"{table.name}.{column.name}: unique, but {kind!r} gives values that repeat",
            column.where,
            "Use a generator, values or a reference.",
        )


def _reference(build: Build, table: TableDeclaration, reference: ReferenceDeclaration) -> None:
    target = build.declared.tables.get(reference.target)
    columns = build.target_columns(reference)
    if target is None or not columns or any(name not in target.columns for name in columns):
        return  # said where the reference is resolved
    named = f"{target.name}({', '.join(columns)})"
    if not (table.document or target.document or target.existing or _told_apart(target, columns)):
        build.reader.problem(
            f"{table.name}: a reference to {named}, which is not unique",
            reference.where,
            "Refer to a primary key or to unique columns.",
        )
    required = [name for name in reference.columns if table.columns[name].nullable is False]
    absent = [name for name in columns if target.columns[name].nulls.share]
    if (required or table.primary_key == reference.columns) and absent:
        build.reader.problem(
            f"{table.name}: {', '.join(reference.columns)} may not be null, {named} is in some rows",
            reference.where,
        )


def _told_apart(table: TableDeclaration, columns: tuple[str, ...]) -> bool:
    """Whether one row at most has these values: they hold a key, or columns that are unique."""
    keys = [table.primary_key, *(unique for unique, _ in table.uniques)]
    keys += [(column.name,) for column in table.columns.values() if column.unique]
    keys += [one.columns for one in table.references if one.options.get("one_to_one")]
    return any(key and set(key) <= set(columns) for key in keys)
