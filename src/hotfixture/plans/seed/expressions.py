"""Columns computed by SQL expressions over the row, its parents and its children; DuckDB evaluates them.

An expression is SQL as DuckDB reads it (https://duckdb.org/docs/stable/sql/expressions/overview), over `column`,
`users.column` of a parent, and `sum(lines.amount)` over the children of a table whose size is said per this one. What
is not a function of the row (a clock, a random number, a subquery, a file) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from threading import local
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import sqlglot
from sqlglot import exp

from hotfixture.errors import InputError, MissingExtraError, Where
from hotfixture.plans.seed.columns import Maker, Nothing, Site, cast
from hotfixture.plans.seed.frame import Frame
from hotfixture.plans.seed.layout import Laid
from hotfixture.plans.seed.sources import Source, source

if TYPE_CHECKING:
    from hotfixture.documents import Node

_IMPURE = frozenset({
    "random", "rand", "uuid", "gen_random_uuid", "setseed", "now", "today", "current_date", "current_time",
    "current_timestamp", "current_localtimestamp", "current_localtime", "get_current_time", "get_current_timestamp",
    "transaction_timestamp", "age", "nextval", "currval", "current_user", "current_setting", "getenv", "getvariable",
    "version", "txid_current", "read_text", "read_blob", "read_csv", "read_json", "read_parquet", "glob", "pg_typeof",
    "parse_path", "query", "query_table", "uuidv4", "uuidv7", "write_log", "parse_filename",
})  # fmt: skip
"""Functions that are refused: they give another value each time, or look outside."""
_WRONG = (exp.Query, exp.Star, exp.Parameter, exp.Placeholder, exp.Command, exp.DDL, exp.DML, exp.Window)
_thread = local()


def engine() -> Any:
    """This thread's DuckDB, shut off from files and extensions."""
    if not hasattr(_thread, "connection"):
        try:
            import duckdb
        except ModuleNotFoundError as error:
            raise MissingExtraError("an expression in a seed schema", "expressions") from error
        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": 1, "enable_external_access": "false", "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false", "preserve_insertion_order": "true",
        }  # fmt: skip
        _thread.connection = duckdb.connect(config=settings)
        _thread.connection.execute("SET TimeZone = 'UTC'")
        _thread.connection.execute("SET lock_configuration = true")
    return _thread.connection


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A value of all children of a row."""

    table: str
    link: str
    sql: str
    inputs: Mapping[str, Source]
    arrow: pa.DataType
    counts: bool
    """Nothing counts as zero."""


@dataclass(frozen=True, slots=True)
class Expression:
    """SQL over named inputs."""

    sql: str
    inputs: Mapping[str, Source]
    aggregates: Mapping[str, Aggregate]
    arrow: pa.DataType
    what: str
    """The column, as messages call it."""
    where: Where

    def at(self, frame: Frame) -> pa.Array:
        """The value of each row; InputError where the expression fails for one of them."""
        engine()  # says what to install, where DuckDB is absent
        import duckdb

        try:
            return self._at(frame)
        except duckdb.Error as error:
            said = str(error).splitlines()[0].partition(":")[2].partition("(")[0].strip(" .!")
            raise InputError(
                f"{self.what}: expression: {said or 'it fails for a row'}",
                where=self.where,
                hint="It must have a value in every row: cast to a wider type, or use TRY(...), NULLIF, CASE.",
            ) from None

    def _at(self, frame: Frame) -> pa.Array:
        columns = {name: one.at(frame) for name, one in self.inputs.items()}
        columns |= {name: self._over_children(frame, one) for name, one in self.aggregates.items()}
        return evaluate(self.sql, columns, len(frame))

    def _over_children(self, frame: Frame, one: Aggregate) -> pa.Array:
        child = frame.table.children[one.table]
        laid = child.links[one.link]
        assert isinstance(laid, Laid)
        rows, ends = laid.children_of(frame.rows)
        inner = Frame(child, rows)
        columns = {name: given.at(inner) for name, given in one.inputs.items()}
        sizes = np.diff(ends, prepend=0)
        columns["_parent"] = pa.array(np.repeat(np.arange(len(frame)), sizes))
        found = query(f"SELECT _parent, {one.sql} AS v FROM given GROUP BY _parent", columns)
        return _placed(found, len(frame), one)


def _placed(found: pa.Table, rows: int, one: Aggregate) -> pa.Array:
    """The groups' values at the places of their parents; parents without children get null, or zero."""
    place = np.full(rows, -1, np.int64)
    place[found["_parent"].to_numpy()] = np.arange(len(found))
    values = found["v"].combine_chunks().take(pa.array(place, mask=place < 0))
    return values.fill_null(0) if one.counts else values


def query(sql: str, columns: Mapping[str, pa.Array]) -> pa.Table:
    """What a query over the table `given` gives."""
    given = pa.table(dict(columns))
    with engine().cursor() as cursor:
        cursor.register("given", given)
        return cursor.sql(sql).to_arrow_table()


def evaluate(sql: str, columns: Mapping[str, pa.Array], rows: int) -> pa.Array:
    """The expression over the columns, one value a row."""
    found = query(f"SELECT {sql} AS v FROM given", columns or {"_row": pa.array(np.arange(rows))})["v"]
    return (
        found.chunk(0)
        if found.num_chunks == 1
        else pa.concat_arrays(found.chunks)
        if len(found)
        else pa.array([], found.type)
    )


@dataclass(slots=True)
class Computed(Maker):
    """The values of an expression."""

    expression: Expression
    arrow: pa.DataType

    @property
    def may_be_null(self) -> bool:
        return True

    def at(self, frame: Frame) -> pa.Array:
        return cast(self.expression.at(frame), self.arrow)


def make(site: Site) -> Maker:
    """The maker of a column with an `expression`."""
    found = compiled(site, site.fields["expression"])
    if found is None:
        return Nothing()
    return Computed(found, site.declared.arrow if site.declared else found.arrow)


def compiled(site: Site, node: Node) -> Expression | None:
    """The expression that a node writes; None, and a problem, where it is none."""
    text = (
        node.text
        if isinstance(node.value, bool | int | float)
        else site.reader.text(node, f"expression of {site.what}")
    )
    try:
        tree = sqlglot.parse_one(text, dialect="duckdb")
    except sqlglot.errors.SqlglotError as error:
        site.problem(f"expression: {_unread(error)}", node.where, "It is SQL as DuckDB reads it.")
        return None
    wrong = refused(tree)
    if wrong:
        site.problem(f"expression: {wrong} has no place in it", node.where, "It must be a function of the row alone.")
        return None
    return _Compiler(site, node).compile(tree)


def _unread(error: sqlglot.errors.SqlglotError) -> str:
    """What the parser says, less its own insides; a quote or bracket that stays open is said plainly."""
    details = getattr(error, "errors", None) or [{}]
    said = re.sub(" (missing for <class|for <class|but got <Token).*", "", details[0].get("description", ""))
    if said.startswith("Required keyword"):
        return "cannot be read: something is missing in it"
    return said.rstrip(".") or "cannot be read: a quote or bracket stays open"


def refused(tree: exp.Expr) -> str:
    """What in an expression keeps it from being a function of the row alone; empty for nothing."""
    for part in tree.walk():
        if isinstance(part, _WRONG):
            return f"a {type(part).__name__.lower()}"
        if isinstance(part, exp.Func):
            name = (part.name if isinstance(part, exp.Anonymous) else part.sql_name()).lower()
            if name in _IMPURE:
                return f"{name}()"
    return ""


class _Compiler:
    """One expression: its inputs by name, aggregates over children taken out."""

    def __init__(self, site: Site, node: Node) -> None:
        self.site, self.node = site, node
        self.inputs: dict[str, Source] = {}
        self.aggregates: dict[str, Aggregate] = {}
        self.failed = False

    def compile(self, tree: exp.Expr) -> Expression | None:
        tree = tree.transform(lambda part: self._aggregate(part) if isinstance(part, exp.AggFunc) else part)
        tree = tree.transform(lambda part: self._replaced(part, self.inputs, self.site))
        if self.failed:
            return None
        columns = {name: pa.array([], one.arrow) for name, one in self.inputs.items()}
        columns |= {name: pa.array([], one.arrow) for name, one in self.aggregates.items()}
        sql = tree.sql(dialect="duckdb")
        arrow = self._type(f"SELECT {sql} AS v FROM given", columns or {"_row": pa.array([], pa.int64())})
        return (
            None
            if arrow is None
            else Expression(sql, self.inputs, self.aggregates, arrow, self.site.what, self.node.where)
        )

    def _replaced(self, part: exp.Expr, inputs: dict[str, Source], site: Site) -> exp.Expr:
        if not isinstance(part, exp.Column) or part.name in self.aggregates:
            return part
        path = [piece.name for piece in part.parts]
        found = source(site, ".".join(path), self.node.where)
        if found is None:
            self.failed = True
            return part
        name = "__".join(path)
        inputs[name] = found
        return exp.column(exp.to_identifier(name, quoted=True))

    def _aggregate(self, part: exp.AggFunc) -> exp.Expr:
        """The column that stands in the place of `sum(lines.amount)`."""
        child = self._child(part)
        if child is None:
            return exp.null()
        table, link = child
        site = Site(self.site.build, self.site.build.declared.tables[table], self.site.column, None)
        inputs: dict[str, Source] = {}
        for column in part.find_all(exp.Column):
            column.set("table", None)
        inner = part.transform(lambda one: self._replaced(one, inputs, site))
        if self.failed:
            return exp.null()
        empty = {name: pa.array([], one.arrow) for name, one in inputs.items()} | {"_parent": pa.array([], pa.int64())}
        sql = inner.sql(dialect="duckdb")
        arrow = self._type(f"SELECT _parent, {sql} AS v FROM given GROUP BY _parent", empty)
        if arrow is None:
            return exp.null()
        name = f"_a{len(self.aggregates)}"
        self.aggregates[name] = Aggregate(table, link, sql, inputs, arrow, isinstance(part, exp.Count))
        return exp.column(name)

    def _child(self, part: exp.AggFunc) -> tuple[str, str] | None:
        """The table of the children that an aggregate is over, and the link by which they stand under their parent."""
        tables = {column.table for column in part.find_all(exp.Column)}
        name = next(iter(tables)) if len(tables) == 1 else ""
        declared = self.site.build.declared.tables.get(name)
        link = self.site.build.laid(name) if declared and declared.size.per == self.site.table.name else None
        if link is None:
            self.site.problem(
                f"expression: {part.sql(dialect='duckdb')} is over no children of {self.site.table.name}",
                self.node.where,
                f"Name one table, and give that table the size 'count: 1..5 per {self.site.table.name}'.",
            )
            self.failed = True
            return None
        return name, link

    def _type(self, sql: str, columns: Mapping[str, pa.Array]) -> pa.DataType | None:
        """The type of the value; None, and a problem, where DuckDB does not take the expression."""
        engine()  # says what to install, where DuckDB is absent
        import duckdb

        try:
            return query(sql, columns).schema.field("v").type
        except duckdb.Error as error:
            said = str(error).splitlines()[0].partition(":")[2].strip()
            self.site.problem(f"expression: {said}", self.node.where)
            self.failed = True
            return None
