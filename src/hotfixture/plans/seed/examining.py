"""Whether a plan's rows keep CHECKs and uniques that nothing proves: those of the schema, and of tables that stand.

Some rows are made and the conditions evaluated on them, before one is written. What is broken there is refused; what
cannot be understood, or was looked at in part only, is told as a warning. No value stands in either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from sqlglot import exp

from hotfixture.databases.seeded_types import enforced
from hotfixture.errors import InputError, MissingExtraError, Problem
from hotfixture.plans.seed.conditions import looked_at, parsed
from hotfixture.plans.seed.expressions import engine, query, refused
from hotfixture.plans.seed.fill import flat
from hotfixture.plans.seed.frame import Frame, Rows
from hotfixture.schema import Check, Table, Unique

if TYPE_CHECKING:
    from hotfixture.databases.target import Target
    from hotfixture.errors import Where
    from hotfixture.plans.seed.plan import SeedPlan, TablePlan

SAMPLE = 2000
"""Rows that checks are evaluated on; spread over the table, its first and last among them."""
LOOKED = 50_000
"""Rows from the first on that uniques are looked at in: two alike are found by having both."""
_OTHERWISE = frozenset({"typeof", "pg_typeof"})
"""Functions that say something else elsewhere."""


class NotUnderstoodError(Exception):
    """A condition that cannot be evaluated here; says why."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Columns of some rows, and how the engine sees them."""

    columns: Mapping[str, pa.Array]
    engine: str = ""
    folds: frozenset[str] = frozenset()
    """Columns, in small letters, whose values are equal for the engine where they differ in case only."""

    def sql(self, condition: str) -> str:
        """The condition as DuckDB reads it; NotUnderstoodError where it would mean something else, or nothing."""
        tree = parsed(condition, self.engine)
        if tree is None or not isinstance(tree, exp.Condition):
            raise NotUnderstoodError("it is no condition that can be read")
        if wrong := refused(tree):
            raise NotUnderstoodError(f"a {wrong} in it" if not wrong.startswith("a ") else f"{wrong} in it")
        self._same_meaning(tree)
        return tree.transform(self._spelled).sql(dialect="duckdb")

    def _same_meaning(self, tree: exp.Expr) -> None:
        for part in tree.find_all(exp.Func, exp.Div, exp.Collate):
            name = part.name if isinstance(part, exp.Anonymous) else getattr(part, "sql_name", lambda: "")()
            if name.lower() in _OTHERWISE or isinstance(part, exp.Collate):
                raise NotUnderstoodError(f"{name.lower() or 'a collation'} means something else in each engine")
            whole = all(pa.types.is_integer(self._typed(one)) for one in part.find_all(exp.Column))
            if isinstance(part, exp.Div) and whole and self.engine != "mysql":
                raise NotUnderstoodError("a division of whole numbers, which engines round differently")

    def _typed(self, column: exp.Column) -> pa.DataType:
        return self.columns[self._name(column)].type

    def _name(self, column: exp.Column) -> str:
        for name in self.columns:
            if name.casefold() == column.name.casefold():
                return name
        raise NotUnderstoodError(f"it looks at {column.name}, which the schema does not make")

    def _spelled(self, part: exp.Expr) -> exp.Expr:
        if isinstance(part, exp.Introducer):
            return exp.Literal.string(str(part.expression.this).lower() if self.folds else str(part.expression.this))
        if isinstance(part, exp.Like) and self.engine == "sqlite":
            return exp.ILike(this=part.this, expression=part.expression)
        if isinstance(part, exp.Literal) and part.is_string and self.folds:
            return exp.Literal.string(str(part.this).lower())
        if not isinstance(part, exp.Column):
            return part
        name = self._name(part)
        column = exp.column(exp.to_identifier(name, quoted=True))
        return exp.func("lower", column) if name.casefold() in self.folds else column

    def _asked(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a query over the columns and `_row`; NotUnderstoodError where DuckDB does not take it."""
        try:
            engine()
        except MissingExtraError as error:
            raise NotUnderstoodError(str(error)) from None
        import duckdb

        rows = next(iter(self.columns.values()), pa.array([]))
        try:
            found: list[dict[str, Any]] = query(
                sql, {**self.columns, "_row": pa.array(np.arange(len(rows)))}
            ).to_pylist()
        except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException) as error:
            said = str(error).splitlines()[0].partition(":")[2].strip(" .!")
            raise NotUnderstoodError(said or "it is not understood") from None
        except duckdb.Error:
            raise NotUnderstoodError("it fails for a row") from None  # DuckDB's message may show the value
        return found

    def broken(self, condition: str) -> tuple[int, int]:
        """How many rows break the condition, and the place of the first one; null satisfies it."""
        sql = f"SELECT count(*) AS n, min(_row) AS first FROM given WHERE NOT CAST(({self.sql(condition)}) AS BOOLEAN)"
        found = self._asked(sql)[0]
        return found["n"], found["first"] or 0

    def alike(self, unique: Unique) -> tuple[int, int] | None:
        """The places of two rows that are equal where they may not be; None where there are none."""
        columns = [self._spelled(exp.column(name)).sql(dialect="duckdb") for name in unique.columns]
        among = [f"({self.sql(unique.where)})"] if unique.where else []
        among += [f"{column} IS NOT NULL" for column in columns if unique.nulls_distinct]
        rest = f" WHERE {' AND '.join(among)}" if among else ""
        grouped = f"FROM given{rest} GROUP BY {', '.join(columns)} HAVING count(*) > 1"
        found = self._asked(f"SELECT min(_row) AS a, max(_row) AS b {grouped} ORDER BY a LIMIT 1")
        return (found[0]["a"], found[0]["b"]) if found else None


@dataclass(slots=True)
class Examination:
    """The findings on one table."""

    plan: TablePlan
    engine: str
    found: Table | None
    """The table as it stands in the target."""
    problems: list[Problem]
    warnings: list[str]

    def run(self) -> None:
        """Look at every check and unique that somebody will enforce."""
        own = {check.name: where for check, (_, where) in zip(self.plan.table.checks, self._declared, strict=True)}
        named = {check.name: check for check in (self.found.checks if self.found else ())}
        named |= {check.name: check for check in self.plan.table.checks}
        for check in {check.expression: check for check in named.values()}.values():
            self._check(check, own.get(check.name))
        for unique in self._doubtful():
            self._unique(unique)
        self._told()

    @property
    def _declared(self) -> Sequence[tuple[str, Where]]:
        return self.plan.declaration.checks

    def _seen(self, rows: Rows, wanted: set[str]) -> Seen:
        """The columns that are wanted, by their names in small letters, in some rows."""
        frame = Frame(self.plan, rows)
        names = [name for name in self.plan.columns if name.casefold() in wanted]
        batch = flat(pa.RecordBatch.from_arrays([frame.column(name) for name in names], names=names))
        return Seen(dict(zip(batch.schema.names, batch.columns, strict=True)), self.engine, self._folding(batch.schema))

    def _folding(self, made: pa.Schema) -> frozenset[str]:
        """The columns whose collation sees no case; those that MySQL will make for texts have such a one."""
        if self.found:
            return frozenset(column.name.casefold() for column in self.found.columns if column.ignores_case)
        texts = (field.name.casefold() for field in made if pa.types.is_string(field.type))
        return frozenset(texts) if self.engine == "mysql" else frozenset()

    def _check(self, check: Check, where: Where | None) -> None:
        named = f"{self.plan.name}: check {check.name} ({_short(check.expression)})"
        if check.expression.upper().startswith("EXCLUDE"):
            said = "an exclusion constraint: the database alone says whether the rows keep it"
            self.warnings.append(f"{named}: not evaluated: {said}")
            return
        step = max(1, -(-self.plan.count // SAMPLE))
        rows = np.unique(np.append(np.arange(0, self.plan.count, step), max(self.plan.count - 1, 0))).astype(np.uint64)
        try:
            broken, first = self._seen(rows, looked_at(check.expression, self.engine)).broken(check.expression)
        except NotUnderstoodError as error:
            self.warnings.append(f"{named}: not evaluated: {error}")
            return
        if broken:
            said = f"row {int(rows[first]):,} breaks it, as do {broken:,} of {len(rows):,} rows looked at"
            hint = "Give its columns values that keep it: params, values, after, or an expression."
            self.problems.append(Problem(f"{named}: {said}", where, hint))

    def _doubtful(self) -> Iterator[Unique]:
        """The uniques that do not follow from the plan."""
        uniques = {(one.columns, one.where, one.expression, one.nulls_distinct): one for one in self.plan.table.uniques}
        for one in self.found.uniques if self.found else ():
            uniques.setdefault((one.columns, one.where, one.expression, one.nulls_distinct), one)
        made = {column.name.casefold(): column.name for column in self.plan.table.columns}
        for unique in uniques.values():
            columns = tuple(made.get(name.casefold(), name) for name in unique.columns)
            if not self._proven(unique, columns):
                yield unique

    def _proven(self, unique: Unique, columns: tuple[str, ...]) -> bool:
        """Whether columns among these are told apart in every row by themselves."""
        declared = self.plan.declaration
        keys = [declared.primary_key, *(own for own, _ in declared.uniques)]
        keys += [(column.name,) for column in declared.columns.values() if column.unique]
        keys += [one.columns for one in declared.references if one.options.get("one_to_one")]
        held = [key for key in keys if key and set(key) <= set(columns)]
        if unique.nulls_distinct:
            return bool(held)
        return any(not self.plan.table.column(name).nullable for key in held if len(key) == 1 for name in key)

    def _told(self) -> None:
        """What the engine will not enforce of the schema, since it has nothing of the kind."""
        there = enforced(self.engine, self.plan.table) if self.engine else self.plan.table.uniques
        for unique in self.plan.table.uniques if not self.found else ():
            if unique not in there:
                self.warnings.append(
                    f"{self.plan.name}: unique {unique.name} is not created: {self.engine} has none such"
                )

    def _unique(self, unique: Unique) -> None:
        listed = unique.expression or ", ".join(unique.columns)
        named = f"{self.plan.name}: unique {unique.name} ({_short(listed)})"
        named += f" where {_short(unique.where)}" if unique.where else ""
        looked = min(self.plan.count, LOOKED)
        try:
            if unique.expression:
                raise NotUnderstoodError("it is over an expression")
            wanted = {name.casefold() for name in unique.columns} | looked_at(unique.where, self.engine)
            alike = self._seen(np.arange(looked, dtype=np.uint64), wanted).alike(unique)
        except NotUnderstoodError as error:
            self.warnings.append(f"{named}: not evaluated: {error}")
            return
        if alike:
            hint = "Make a column of it unique, or the condition true in one row of each: `expression: line_no = 1`."
            self.problems.append(
                Problem(f"{named}: rows {alike[0]:,} and {alike[1]:,} are alike", self._place(unique), hint)
            )
        elif looked < self.plan.count:
            self.warnings.append(f"{named}: not proven: no two of the first {looked:,} rows are alike")

    def _place(self, unique: Unique) -> Where:
        places = (one.place for one in self.plan.declaration.partials if one.columns == unique.columns)
        return next(places, self.plan.declaration.where)


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}..."


def examine(plan: SeedPlan, target: Target | None = None) -> list[str]:
    """Warnings of what could not be evaluated or proven; InputError with every condition that rows break.

    With a target, also what its tables that stand there demand.
    """
    problems: list[Problem] = []
    warnings: list[str] = []
    there = target.existing() if target is not None and target.enforces else None
    for table in plan.made:
        found = there.find(table.table.name.name, table.table.name.schema) if there else None
        if table.count:
            Examination(table, target.name if target and there else "", found, problems, warnings).run()
    if problems:
        raise InputError.of(problems)
    return warnings
