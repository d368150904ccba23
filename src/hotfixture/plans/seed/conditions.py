"""CHECK conditions as syntax trees: read as their engine reads them, and what they say of single columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, TypeAlias

import sqlglot
from sqlglot import exp

Literal: TypeAlias = "str | int | bool | Decimal"

DIALECTS: Mapping[str, tuple[str, ...]] = {
    "postgresql": ("postgres",), "mysql": ("mysql",), "sqlite": ("sqlite",), "": ("postgres", "mysql", "sqlite"),
}  # fmt: skip
"""What the parser calls the dialect of an engine; all of them where the engine is not known."""
_TURNED: Mapping[type[exp.Expr], type[exp.Expr]] = {
    exp.LT: exp.GT, exp.GT: exp.LT, exp.LTE: exp.GTE, exp.GTE: exp.LTE, exp.EQ: exp.EQ,
}  # fmt: skip
"""The comparison that says the same with its sides exchanged."""


_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_WORDS = frozenset(sqlglot.tokens.Tokenizer.KEYWORDS)


class Bound(NamedTuple):
    """A least or greatest value."""

    value: str | int | Decimal
    strict: bool
    """The value itself is outside."""


@dataclass(slots=True)
class Said:
    """What conditions say of one column, as far as it is simple."""

    low: Bound | None = None
    high: Bound | None = None
    values: tuple[Literal, ...] | None = None
    longest: int | None = None
    """Most characters."""
    after: str = ""
    """A column, in small letters, that this one is not less than."""
    apart: bool = False
    """It is not equal to that one either."""
    document: bool = False
    """A text of JSON."""

    @property
    def decides(self) -> bool:
        """Whether values can be made that keep what is said."""
        return bool(self.values or self.after or self.low or self.high or self.document)


def parsed(text: str, engine: str = "") -> exp.Expr | None:
    """The condition as the engine reads it, or as the first engine that can; None where none does."""
    for dialect in DIALECTS[engine]:
        try:
            return sqlglot.parse_one(text, dialect=dialect)
        except sqlglot.errors.SqlglotError:
            continue
    return None


def said(texts: Iterable[str], engine: str = "") -> dict[str, Said]:
    """What conditions that all hold say of columns, by their names in small letters."""
    found: dict[str, Said] = {}
    for text in texts:
        tree = parsed(text, engine)
        for part in _conjuncts(tree) if tree is not None else ():
            _take(part, found)
    return found


def portable(text: str, engine: str) -> str:
    """The condition without what only its engine writes, where it has no need of it; empty for none."""
    tree = parsed(text, engine)
    if tree is None:
        return ""
    # Engines quote names in ways of their own: a name that needs it leaves the whole as it is.
    if not all(_NAME.fullmatch(one.name) and one.name.upper() not in _WORDS for one in tree.find_all(exp.Identifier)):
        return text
    return tree.transform(_plain).sql(dialect="postgres")


def _plain(part: exp.Expr) -> exp.Expr:
    while isinstance(part, exp.Cast | exp.Paren | exp.Introducer) and _is_leaf(_bare(part)):
        part = _bare(part)
    if isinstance(part, exp.EQ) and isinstance(part.expression, exp.Any) and (among := _listed(part)):
        return exp.In(this=part.this.transform(_plain), expressions=[exp.convert(value) for value in among])
    if isinstance(part, exp.Identifier):
        return exp.to_identifier(part.name, quoted=False)
    return part


def _is_leaf(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Column | exp.Literal)


def looked_at(text: str, engine: str = "") -> set[str]:
    """The columns that a condition looks at, in small letters."""
    tree = parsed(text, engine) if text else None
    return {column.name.casefold() for column in tree.find_all(exp.Column)} if tree is not None else set()


def _conjuncts(tree: exp.Expr) -> Iterator[exp.Expr]:
    """The parts that hold each by itself; `x IS NULL OR …` says what … says, since a null satisfies that, too."""
    tree = _bare(tree)
    if isinstance(tree, exp.And):
        yield from _conjuncts(tree.left)
        yield from _conjuncts(tree.right)
        return
    if isinstance(tree, exp.Or):
        arms = [_bare(arm) for arm in tree.flatten()]
        absent = {_column(arm.this) for arm in arms if _is_null(arm)}
        rest = [arm for arm in arms if not _is_null(arm)]
        if len(rest) == 1 and absent <= {_column(one) for one in rest[0].find_all(exp.Column)}:
            yield from _conjuncts(rest[0])
            return
    yield tree


def _is_null(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Is) and isinstance(tree.expression, exp.Null) and not tree.args.get("negate")


def _bare(tree: exp.Expr) -> exp.Expr:
    """Without the parentheses, casts and character sets around it."""
    while isinstance(tree, exp.Paren | exp.Cast | exp.Introducer):
        tree = tree.expression if isinstance(tree, exp.Introducer) else tree.this
    return tree


def _column(tree: exp.Expr) -> str:
    tree = _bare(tree)
    return tree.name.casefold() if isinstance(tree, exp.Column) else ""


def _literal(tree: exp.Expr) -> Literal | None:
    tree = _bare(tree)
    if isinstance(tree, exp.Boolean):
        return bool(tree.this)
    if isinstance(tree, exp.Neg):
        inner = _literal(tree.this)
        return -inner if isinstance(inner, int | Decimal) else None
    if not isinstance(tree, exp.Literal):
        return None
    if tree.is_string:
        return str(tree.this)
    number = Decimal(tree.this)
    return int(number) if number == number.to_integral_value() else number


def _take(part: exp.Expr, found: dict[str, Said]) -> None:
    """Note what one condition says; nothing of one that is not simple."""
    if isinstance(part, exp.Between):
        _compare(exp.GTE, part.this, part.args["low"], found)
        _compare(exp.LTE, part.this, part.args["high"], found)
        return
    if (name := _column(part.this) if isinstance(part, exp.In) else _alternative(part)) and (among := _listed(part)):
        one = found.setdefault(name, Said())
        one.values = tuple(value for value in among if one.values is None or value in one.values)
    elif (
        isinstance(part, exp.Anonymous) and part.name.lower() == "json_valid" and (name := _column(part.expressions[0]))
    ):
        found.setdefault(name, Said()).document = True
    elif type(part) in _TURNED:
        _compare(type(part), part.args["this"], part.args["expression"], found)


def _alternative(part: exp.Expr) -> str:
    """The one column that `x = 1 OR x = 2`, `x = 1` or `x = ANY(…)` is about."""
    arms = [_bare(arm) for arm in part.flatten()] if isinstance(part, exp.Or) else [part]
    names = {_column(arm.this) if isinstance(arm, exp.EQ) else "" for arm in arms}
    return names.pop() if len(names) == 1 else ""


def _listed(part: exp.Expr) -> list[Literal] | None:
    """The values that are named; None where one of them is no literal."""
    if isinstance(part, exp.Or):
        members = [_bare(arm).args["expression"] for arm in part.flatten()]
    elif isinstance(part, exp.In):
        members = part.expressions
    elif isinstance(part, exp.EQ) and isinstance(part.expression, exp.Any):
        array = _bare(part.expression.this)
        members = array.expressions if isinstance(array, exp.Array) else []
    else:
        members = [part.args["expression"]]
    values = [_literal(member) for member in members]
    return [value for value in values if value is not None] if values and None not in values else None


def _compare(kind: type[exp.Expr], left: exp.Expr, right: exp.Expr, found: dict[str, Said]) -> None:
    if _literal(left) is not None:
        kind, left, right = _TURNED[kind], right, left
    value, bare = _literal(right), _bare(left)
    if isinstance(bare, exp.Length) and not bare.args.get("binary") and _column(bare.this):
        if kind in (exp.LT, exp.LTE, exp.EQ) and isinstance(value, int):
            one = found.setdefault(_column(bare.this), Said())
            one.longest = min(value - (kind is exp.LT), value if one.longest is None else one.longest)
    elif (name := _column(left)) and value is not None and not isinstance(value, bool):
        _bound(found.setdefault(name, Said()), kind, value)
    elif (name := _column(left)) and (other := _column(right)) and kind is not exp.EQ:
        lower, upper = (name, other) if kind in (exp.LT, exp.LTE) else (other, name)
        one = found.setdefault(upper, Said())
        one.after = one.after or lower
        one.apart |= one.after == lower and kind in (exp.LT, exp.GT)


def _bound(one: Said, kind: type[exp.Expr], value: str | int | Decimal) -> None:
    """The nearer one of the bound that is known and of the one that is found."""
    bound = Bound(value, kind in (exp.LT, exp.GT))
    if kind in (exp.GT, exp.GTE) and (one.low is None or _nearer(bound, one.low, 1)):
        one.low = bound
    if kind in (exp.LT, exp.LTE) and (one.high is None or _nearer(bound, one.high, -1)):
        one.high = bound


def _nearer(bound: Bound, known: Bound, sign: int) -> bool:
    if isinstance(bound.value, str) or isinstance(known.value, str):
        return type(bound.value) is type(known.value) and (str(bound.value) > str(known.value)) == (sign > 0)
    return (bound.value - known.value) * sign > 0 or (bound.value == known.value and bound.strict)
