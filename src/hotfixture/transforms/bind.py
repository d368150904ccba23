"""Puts parameter values into SQL: `${name}` becomes a literal of the syntax tree, never text.

Each placeholder is read by the parser as one identifier that occurs nowhere else. Where it turns out to stand for a
bare column, and nowhere else, a literal takes its place: not inside strings, names, tables, ORDER BY or types.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlglot import exp

from hotfixture.errors import InputError, Problem, UnknownNameError, Where
from hotfixture.schema import TableName
from hotfixture.transforms.dialects import dialect as dialect_of
from hotfixture.transforms.dialects import place
from hotfixture.transforms.guard import parse

_PLACEHOLDER = re.compile(r"\$\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\}|\$\{", re.ASCII)

_MARK = "\ua66e"
"""A letter (Cyrillic multiocular O) that no query contains; a query that does is refused."""

_PLAIN_HINT = "A value can stand where a number or text could: x = ${name}, x IN (${names}), LIMIT ${name}."


_NO_VALUES = (exp.Ordered, exp.Group, exp.Cube, exp.Rollup, exp.GroupingSets, exp.Dot, exp.DataTypeParam)
"""Where a number would mean a position, or no value can stand."""


class _List(exp.Tuple):
    """The members of a list parameter, until they are put into their IN."""


class Placeholder(NamedTuple):
    """One `${name}`, with its line and column in the SQL text, from 1, and its width."""

    name: str
    line: int
    column: int
    width: int


def placeholders(sql: str) -> list[Placeholder]:
    """Every `${name}` of a SQL text in order, those in strings and comments included; malformed ones have no name."""
    found = []
    for match in _PLACEHOLDER.finditer(sql):
        before = sql[: match.start()]
        line_start = before.rfind("\n") + 1
        found.append(Placeholder(match[1] or "", before.count("\n") + 1, match.start() - line_start + 1, len(match[0])))
    return found


def bind(sql: str, values: Mapping[str, object], dialect: str, where: Where | None = None) -> exp.Expr:
    """The tree of a query with a literal in place of every `${name}`; still to be checked by `guard.check`.

    Values: int, Decimal, float, str, bool, date, datetime, None; lists and tuples of them, inside `IN (…)` alone. An
    empty list makes `IN` false and `NOT IN` true. A datetime with a zone is a point in time: PostgreSQL gets it with
    its offset, MySQL and SQLite get the UTC wall clock (the session's time zone has to be UTC).

    InputError names all misplaced, malformed or unknown placeholders and unfit values, each with line and column;
    RefusedError where the text is no single query. `where` is the place of the SQL text in the user's file.
    """
    found = placeholders(sql)
    if _MARK in sql:
        raise InputError(f"the letter U+{ord(_MARK):04X} cannot stand in a query", where=where)
    problems = [problem for item in found for problem in _unknown(item, values, where)]
    if problems:
        raise InputError.of(problems)
    numbers = iter(range(len(found)))
    marked = _PLACEHOLDER.sub(lambda match: _token(next(numbers), len(match[0])), sql)
    tree = parse(marked, dialect, where=where)
    columns = {column.name: column for column in tree.find_all(exp.Column) if column.name.startswith(_MARK)}
    spots = [(item, columns.get(_token(number, item.width))) for number, item in enumerate(found)]
    if None in [column for _, column in spots]:
        noted = _in_comments(marked, dialect)
        spots = [spot for number, spot in enumerate(spots) if _token(number, spot[0].width) not in noted]
    problems = [problem for item, column in spots for problem in _misplaced(item, column, values, where)]
    if problems:
        raise InputError.of(problems)
    for item, column in spots:
        assert column is not None
        at = place(where, item.line, item.column)
        value = values[item.name]
        members = [_literal(item.name, one, dialect, at) for one in value] if isinstance(value, list | tuple) else None
        literal = _List(expressions=members) if members is not None else _literal(item.name, value, dialect, at)
        if isinstance(column.parent, exp.Interval) and isinstance(value, int):
            literal = exp.Literal.string(str(int(value)))  # as the parser has the number in `INTERVAL 5 DAY`
        column.replace(literal)
    _open_lists(tree)
    return tree


def bind_condition(
    condition: str, table: TableName, values: Mapping[str, object], dialect: str, where: Where | None = None
) -> exp.Select:
    """`SELECT 1 FROM table WHERE condition` with a literal in place of every `${name}`; errors as in `bind`.

    Still to be checked by `guard.check`; the condition alone is `.args["where"].this`.
    """
    begin = "SELECT 1 WHERE "
    start = where or Where("condition", 1, 1)
    tree = bind(begin + condition, values, dialect, Where(start.source, max(start.line, 1), start.column - len(begin)))
    if not isinstance(tree, exp.Select) or [key for key, value in tree.args.items() if value] != [
        "expressions",
        "where",
    ]:
        raise InputError("expected one condition, without clauses after it", where=where)
    name = exp.to_identifier(table.name, quoted=True)
    schema = exp.to_identifier(table.schema, quoted=True) if table.schema else None
    tree.set("from_", exp.From(this=exp.Table(this=name, db=schema)))
    return tree


def _token(number: int, width: int) -> str:
    """An identifier as wide as the placeholder that it stands for, so that places in messages stay right."""
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return _MARK + digits + _MARK * max(width - len(digits) - 1, 1)


def _in_comments(marked: str, dialect: str) -> set[str]:
    """The identifiers that stand in comments, where they do no harm: comments are not sent."""
    notes = "\n".join(note for token in dialect_of(dialect).tokenize(marked) for note in token.comments)
    return set(re.findall(f"{_MARK}[0-9a-z]+{_MARK}+", notes))


def _unknown(item: Placeholder, values: Mapping[str, object], where: Where | None) -> list[Problem]:
    at = place(where, item.line, item.column)
    if not item.name:
        return [Problem("expected ${name}, found ${ without a name", at, "A name is letters, digits, _ and dots.")]
    if item.name not in values:
        return list(UnknownNameError("parameter", item.name, list(values), where=at).problems)
    return []


def _misplaced(
    item: Placeholder, column: exp.Column | None, values: Mapping[str, object], where: Where | None
) -> list[Problem]:
    at = place(where, item.line, item.column)
    value = values[item.name]
    wrong = _wrong_place(column, isinstance(value, list | tuple))
    if wrong:
        return [Problem(f"${{{item.name}}} cannot stand {wrong}", at, _PLAIN_HINT)]
    assert column is not None
    if isinstance(column.parent, exp.Limit | exp.Offset | exp.Fetch) and not _is_count(value):
        return [Problem(f"${{{item.name}}} must be a whole number from 0 on here", at)]
    return []


def _wrong_place(column: exp.Column | None, is_list: bool) -> str:
    """Why a value cannot stand in the place of this column, for a sentence; empty where it can."""
    if column is None:
        return "inside a string, a comment, or a name"
    parent = column.parent
    if set(column.args) - {"this"} and any(value for key, value in column.args.items() if key != "this"):
        return "inside a name"
    if column.this.args.get("quoted"):
        return "inside quotes"
    if isinstance(
        parent, exp.Ordered | exp.Group | exp.Cube | exp.Rollup | exp.GroupingSets | exp.Dot | exp.DataTypeParam
    ):
        return "in ORDER BY, GROUP BY, a type, or before a dot"
    if isinstance(parent, exp.Distinct | exp.Table | exp.Lateral | exp.Alias) and column.arg_key != "this":
        return "in place of a name"
    if isinstance(parent, exp.In) and column.arg_key == "field":
        return "after IN without parentheses"
    in_list = isinstance(parent, exp.In) and column.arg_key == "expressions"
    if is_list and not in_list:
        return "here, because it is a list; a list belongs inside IN (…)"
    return ""


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _open_lists(tree: exp.Expr) -> None:
    """Put the members of lists into their IN; an IN without any member is false."""
    for node in list(tree.find_all(exp.In)):
        members = []
        for member in node.expressions:
            members += member.expressions if isinstance(member, _List) else [member]
        if members or not node.expressions:
            node.set("expressions", members)
        else:
            negated = isinstance(node.parent, exp.Not)
            always = exp.EQ(this=exp.Literal.number(1), expression=exp.Literal.number(1 if negated else 0))
            (node.parent if negated and node.parent else node).replace(exp.Paren(this=always))


def _literal(name: str, value: object, dialect: str, at: Where) -> exp.Expr:
    """The literal of one value in the engine's dialect; InputError for what has none."""
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Literal.number(int(value)) if dialect == "sqlite" else exp.Boolean(this=value)
    if isinstance(value, int | Decimal | float):
        return _number(name, value, at)
    if isinstance(value, datetime):
        return _timestamp(value, dialect)
    if isinstance(value, date):
        return _typed(value.isoformat(), "DATE", dialect)
    if isinstance(value, str):
        return _text(name, value, dialect, at)
    raise InputError(f"parameter {name}: a value of type {type(value).__name__} cannot stand in SQL", where=at)


def _number(name: str, value: int | Decimal | float, at: Where) -> exp.Expr:
    if not isinstance(value, int) and not math.isfinite(value):
        raise InputError(f"parameter {name}: expected a finite number", where=at)
    text = format(value, "f") if isinstance(value, Decimal) else repr(value)
    literal = exp.Literal.number(text.lstrip("-"))
    negative = text.startswith("-")
    # In parentheses: a minus sign before another operator could bind otherwise, or begin a comment.
    return exp.Paren(this=exp.Neg(this=literal)) if negative else literal


def _timestamp(value: datetime, dialect: str) -> exp.Expr:
    if value.tzinfo is None or dialect == "postgresql":
        zone = "TIMESTAMP" if value.tzinfo is None else "TIMESTAMPTZ"
        return _typed(value.isoformat(" "), zone, dialect)
    return _typed(value.astimezone(UTC).replace(tzinfo=None).isoformat(" "), "TIMESTAMP", dialect)


def _typed(text: str, kind: str, dialect: str) -> exp.Expr:
    """A date or time: as text in SQLite, which has no such types; cast to its type elsewhere."""
    literal = exp.Literal.string(text)
    if dialect == "sqlite":
        return literal
    if kind == "DATE" or dialect == "postgresql":
        return exp.Cast(this=literal, to=exp.DataType.build(kind, dialect="postgres"))
    return exp.Cast(this=literal, to=exp.DataType.build("DATETIME(6)", dialect="mysql"))


def _text(name: str, value: str, dialect: str, at: Where) -> exp.Expr:
    if dialect == "postgresql" and "\0" in value:
        raise InputError(f"parameter {name}: PostgreSQL has no text with a NUL character", where=at)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InputError(f"parameter {name}: the text holds half a character (a surrogate)", where=at) from None
    first, *rest = value.split("\0")
    joined: exp.Expr = exp.Literal.string(first)
    if dialect == "sqlite":  # a text of SQL cannot hold NUL, a text of SQLite can
        for part in rest:
            nul = exp.Anonymous(this="char", expressions=[exp.Literal.number(0)])
            joined = exp.DPipe(this=joined, expression=nul, safe=True)
            joined = exp.DPipe(this=joined, expression=exp.Literal.string(part), safe=True)
        return exp.Paren(this=joined) if rest else joined
    return exp.Literal.string(value)
