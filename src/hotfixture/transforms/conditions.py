"""Check constraints, judged for values that a mask would give: the simple ones, over one column.

Comparisons, BETWEEN, IN, LIKE, regular expressions, IS NULL, length, lower, upper, trim, AND, OR, NOT. What else stands
in a check makes it one that cannot be judged; nothing is guessed.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlglot import errors, exp, parse_one


class UnjudgedError(Exception):
    """The check holds something that is not understood here."""


_COMPARISONS: Mapping[type[exp.Expression], Callable[[Any, Any], bool]] = {
    exp.EQ: operator.eq, exp.NEQ: operator.ne, exp.GT: operator.gt, exp.GTE: operator.ge, exp.LT: operator.lt,
    exp.LTE: operator.le,
}  # fmt: skip
_FUNCTIONS: Mapping[type[exp.Expression], Callable[[str], Any]] = {
    exp.Length: len, exp.Lower: str.lower, exp.Upper: str.upper, exp.Trim: str.strip,
}  # fmt: skip


def columns_of(condition: str, dialect: str) -> frozenset[str] | None:
    """The names of the columns a check speaks of; None where it cannot be read."""
    try:
        return frozenset(column.name for column in parse_one(condition, dialect=dialect).find_all(exp.Column))
    except errors.SqlglotError:
        return None


def judge(condition: str, dialect: str) -> Callable[[str | None], bool]:
    """A function of the one column's value (text, or None): whether the check lets it pass, as SQL does for unknown.

    Raises UnjudgedError here, or when called, for what is not understood.
    """
    try:
        tree = parse_one(condition, dialect=dialect)
    except errors.SqlglotError as error:
        raise UnjudgedError from error
    return lambda value: _value(tree, value) is not False


def _value(node: Any, value: str | None) -> Any:
    found = _positive(node, value)
    if node.args.get("negate"):  # how the parser spells IS NOT and its like
        return None if found is None else not found
    return found


def _positive(node: Any, value: str | None) -> Any:
    for kind, handler in _HANDLERS:
        if isinstance(node, kind):
            return handler(node, value)
    for kind, compare in _COMPARISONS.items():
        if isinstance(node, kind):
            return _compared(_value(node.this, value), _value(node.expression, value), compare)
    for kind, function in _FUNCTIONS.items():
        if isinstance(node, kind):
            text = _value(node.this, value)
            return None if text is None else function(str(text))
    raise UnjudgedError(type(node).__name__)


def _compared(left: Any, right: Any, compare: Callable[[Any, Any], bool]) -> bool | None:
    """The comparison; numbers where one side is a number; None where a side is null."""
    if left is None or right is None:
        return None
    if isinstance(left, bool) or isinstance(right, bool):
        return compare(_boolean(left), _boolean(right))
    if isinstance(left, str) and isinstance(right, str):
        return compare(left, right)
    try:
        return compare(Decimal(str(left)), Decimal(str(right)))
    except InvalidOperation as error:
        raise UnjudgedError from error


def _boolean(value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).lower() in ("1", "t", "true")


def _literal(node: exp.Literal, _: str | None) -> Any:
    return node.this if node.is_string else Decimal(node.this)


def _and(node: exp.And, value: str | None) -> bool | None:
    sides = [_value(node.left, value), _value(node.right, value)]
    return False if False in sides else None if None in sides else True


def _or(node: exp.Or, value: str | None) -> bool | None:
    sides = [_value(node.left, value), _value(node.right, value)]
    return True if True in sides else None if None in sides else False


def _not(node: exp.Not, value: str | None) -> bool | None:
    held = _value(node.this, value)
    return None if held is None else not held


def _between(node: exp.Between, value: str | None) -> bool | None:
    this = _value(node.this, value)
    low = _compared(this, _value(node.args["low"], value), operator.ge)
    high = _compared(this, _value(node.args["high"], value), operator.le)
    return None if low is None or high is None else low and high


def _in(node: exp.In, value: str | None) -> bool | None:
    this = _value(node.this, value)
    if not node.expressions:
        raise UnjudgedError("a subquery")
    held = [_compared(this, _value(member, value), operator.eq) for member in node.expressions]
    return None if this is None else True in held


def _any(node: exp.EQ, value: str | None) -> bool | None:
    """`column = ANY (ARRAY['a', 'b'])`, as PostgreSQL writes IN."""
    members = [member for array in node.expression.find_all(exp.Array) for member in array.expressions]
    if not members:
        raise UnjudgedError("ANY of something unknown")
    this = _value(node.this, value)
    return None if this is None else any(_compared(this, _value(member, value), operator.eq) for member in members)


def _like(node: exp.Like | exp.ILike, value: str | None) -> bool | None:
    this, pattern = _value(node.this, value), _value(node.expression, value)
    if this is None or pattern is None:
        return None
    expression = "".join({"%": ".*", "_": "."}.get(part, re.escape(part)) for part in str(pattern))
    flags = re.DOTALL | (re.IGNORECASE if isinstance(node, exp.ILike) else 0)
    return re.fullmatch(expression, str(this), flags) is not None


def _regex(node: exp.Expression, value: str | None) -> bool | None:
    this, pattern = _value(node.this, value), _value(node.args["expression"], value)
    if this is None or pattern is None:
        return None
    try:
        return re.search(str(pattern), str(this), re.IGNORECASE if isinstance(node, exp.RegexpILike) else 0) is not None
    except re.error as error:
        raise UnjudgedError from error


def _is(node: exp.Is, value: str | None) -> bool:
    if not isinstance(node.expression, exp.Null):
        raise UnjudgedError("IS")
    return _value(node.this, value) is None


def _negative(node: exp.Neg, value: str | None) -> Any:
    number = _value(node.this, value)
    return None if number is None else -Decimal(str(number))


def _equal(node: exp.EQ, value: str | None) -> bool | None:
    if isinstance(node.expression, exp.Any):
        return _any(node, value)
    return _compared(_value(node.this, value), _value(node.expression, value), operator.eq)


_HANDLERS: tuple[tuple[Any, Callable[[Any, str | None], Any]], ...] = (
    (exp.Column, lambda _, value: value),
    (exp.Literal, _literal),
    (exp.Paren, lambda node, value: _value(node.this, value)),
    (exp.Cast, lambda node, value: _value(node.this, value)),
    (exp.Boolean, lambda node, _: bool(node.this)),
    (exp.Null, lambda *_: None),
    (exp.And, _and),
    (exp.Or, _or),
    (exp.Not, _not),
    (exp.Between, _between),
    (exp.In, _in),
    (exp.EQ, _equal),
    ((exp.Like, exp.ILike), _like),
    ((exp.RegexpLike, exp.RegexpILike), _regex),
    (exp.Is, _is),
    (exp.Neg, _negative),
)
