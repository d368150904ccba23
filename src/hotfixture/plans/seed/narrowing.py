"""What CHECK conditions say of columns whose declaration leaves it open becomes part of the declaration.

A column is open where it says no more than its name and type. A least and greatest value become the generator's
params, an enumeration its `values`, `ends_at > starts_at` an `after`. Only the schema's own conditions count: rows are
a function of schema and seed, not of a database.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa

from hotfixture.documents import Node
from hotfixture.plans.seed.columns import KINDS
from hotfixture.plans.seed.types import declared_type

if TYPE_CHECKING:
    from hotfixture.errors import Where
    from hotfixture.plans.seed.conditions import Bound, Said
    from hotfixture.plans.seed.declarations import ColumnDeclaration, TableDeclaration

Ends: TypeAlias = "tuple[Any, Any]"

_INTEGERS = (0, 1_000_000)
_DECIMALS = (Decimal(0), Decimal(1000))
_DIGITS = 2
"""Behind the point, of decimals that say nothing else."""
_DATES = (date(2015, 1, 1), date(2024, 12, 31))
_MOMENTS = (datetime(2015, 1, 1), datetime(2024, 12, 31, 23, 59, 59, 999999))  # noqa: DTZ001 - as the generator's own
"""Between which values a generator draws where nobody says more."""


def narrowed(table: TableDeclaration) -> TableDeclaration:
    """The table, its open columns as its checks have them."""
    if not table.checks:
        return table
    from hotfixture.plans.seed.conditions import said

    found = said(text for text, _ in table.checks)
    where = table.checks[0][1]
    columns = dict(table.columns)
    for name, column in table.columns.items():
        if one := found.get(name.casefold()):
            columns[name] = _narrowed(table, columns, column, one, where)
    return replace(table, columns=columns)


def _narrowed(
    table: TableDeclaration,
    columns: Mapping[str, ColumnDeclaration],
    column: ColumnDeclaration,
    one: Said,
    where: Where,
) -> ColumnDeclaration:
    if column.kind.key != "generator" or column.hidden:
        return column
    column = replace(column, longest=one.longest)
    if {"generator", "params"} & column.fields.keys() or (column.primary_key and len(table.primary_key) == 1):
        return column
    if one.values:
        return _with(column, "values", {"values": _node(list(one.values), where)})
    if one.document and pa.types.is_string(_arrow(column)):
        return _with(column, "value", {"value": _node("{}", where)})
    base = next((other for other in columns.values() if other.name.casefold() == one.after), None)
    told_apart = {*table.primary_key, *(name for unique, _ in table.uniques for name in unique)}
    if base and column.name not in told_apart and _comes_after(columns, column, base):
        days = pa.types.is_date(_arrow(column)) and (one.apart or not pa.types.is_date(_arrow(base)))
        least = "1d" if days else "1us" if one.apart else ""
        said = {"after": _node(base.name, where)} | ({"at_least": _node(least, where)} if least else {})
        if column.nullable is None and not column.nulls.share and _never_null(base):
            column = replace(column, nullable=False)
        return _with(column, "after", said)
    ends = _ends(column, one)
    if ends is None:
        return column
    kind = _arrow(column)
    digits = {"scale": kind.scale} if pa.types.is_decimal(kind) and kind.scale > _DIGITS else {}
    return _with(column, "generator", {"params": _node({"low": ends[0], "high": ends[1], **digits}, where)})


def _never_null(column: ColumnDeclaration) -> bool:
    """Whether a column that others come after has a value in every row."""
    return column.nullable is False or (column.kind.key in ("generator", "every") and not column.nulls.share)


def _with(column: ColumnDeclaration, kind: str, fields: Mapping[str, Node]) -> ColumnDeclaration:
    return replace(column, kind=KINDS[kind], fields={**column.fields, **fields})


def _node(value: Any, where: Where) -> Node:
    """The value as if it stood in the file."""
    if isinstance(value, dict):
        return Node({key: _node(inner, where) for key, inner in value.items()}, where, keys=dict.fromkeys(value, where))
    if isinstance(value, list):
        return Node([_node(inner, where) for inner in value], where)
    plain = str(value) if isinstance(value, Decimal | date) else value
    return Node(plain, where, str(plain))


def _arrow(column: ColumnDeclaration) -> pa.DataType:
    """The declared type; null for none."""
    try:
        return declared_type(column.type).arrow
    except KeyError:
        return pa.null()


def _comes_after(columns: Mapping[str, ColumnDeclaration], column: ColumnDeclaration, base: ColumnDeclaration) -> bool:
    """Whether the one may be drawn after the other: both are times, and the other does not come after this one."""
    times = all(pa.types.is_date(kind) or pa.types.is_timestamp(kind) for kind in map(_arrow, (column, base)))
    required = column.nullable is False and base.nulls.share
    if not times or column.unique or required:
        return False
    seen: ColumnDeclaration | None = base
    while seen is not None and seen.name != column.name:
        seen = columns.get(seen.fields["after"].text) if "after" in seen.fields else None
    return seen is None


def _ends(column: ColumnDeclaration, one: Said) -> Ends | None:
    """The least and greatest value, where there are bounds and the type is one that has them."""
    kind = _arrow(column)
    if not (one.low or one.high):
        return None
    for test, ends in _ENDS:
        if test(kind):
            try:
                return ends(kind, one.low, one.high)
            except (ValueError, TypeError, ArithmeticError):
                return None  # a bound that is no value of the type: what it means, the rows will show
    return None


def _span(low: Any, high: Any, usual: Ends) -> Ends:
    """The bounds, and where one is missing the usual one; or as far away as the usual ones are from each other."""
    width = usual[1] - usual[0]
    if low is None:
        low = usual[0] if usual[0] < high else high - width
    if high is None:
        high = usual[1] if low < usual[1] else low + width
    return low, high


def _integers(kind: pa.DataType, low: Bound | None, high: Bound | None) -> Ends:
    least = None if low is None else math.floor(low.value) + 1 if low.strict else math.ceil(low.value)  # type: ignore[arg-type]  # a text raises TypeError, which is caught
    most = None if high is None else math.ceil(high.value) - 1 if high.strict else math.floor(high.value)  # type: ignore[arg-type]  # as above
    ends = _span(least, most, _INTEGERS)
    signed = pa.types.is_signed_integer(kind)
    largest = (1 << (kind.bit_width - signed)) - 1
    return max(ends[0], -largest - 1 if signed else 0), min(ends[1], largest)


def _decimals(kind: pa.DataType, low: Bound | None, high: Bound | None) -> Ends:
    step = Decimal(1).scaleb(-kind.scale)
    least = None if low is None else Decimal(low.value) + (step if low.strict else 0)
    most = None if high is None else Decimal(high.value) - (step if high.strict else 0)
    largest = (Decimal(10) ** kind.precision - 1).scaleb(-kind.scale)
    ends = _span(least, most, _DECIMALS)
    return max(ends[0], -largest), min(ends[1], largest)


def _floats(_kind: pa.DataType, low: Bound | None, high: Bound | None) -> Ends:
    least = None if low is None else math.nextafter(float(low.value), math.inf) if low.strict else float(low.value)
    most = None if high is None else math.nextafter(float(high.value), -math.inf) if high.strict else float(high.value)
    return _span(least, most, (0.0, 1.0))


def _dates(_kind: pa.DataType, low: Bound | None, high: Bound | None) -> Ends:
    day = timedelta(days=1)
    least = None if low is None else date.fromisoformat(str(low.value)[:10]) + (day if low.strict else 0 * day)
    most = None if high is None else date.fromisoformat(str(high.value)[:10]) - (day if high.strict else 0 * day)
    return _span(least, most, _DATES)


def _moments(_kind: pa.DataType, low: Bound | None, high: Bound | None) -> Ends:
    second = timedelta(seconds=1)
    least = None if low is None else _moment(low) + (second if low.strict else 0 * second)
    most = None if high is None else _moment(high) - (second if high.strict else 0 * second)
    return _span(least, most, _MOMENTS)


def _moment(bound: Bound) -> datetime:
    found = datetime.fromisoformat(str(bound.value))
    if found.tzinfo:
        raise ValueError("a moment with a zone")
    return found


_ENDS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.DataType, Bound | None, Bound | None], Ends]], ...] = (
    (pa.types.is_integer, _integers),
    (pa.types.is_decimal, _decimals),
    (pa.types.is_floating, _floats),
    (pa.types.is_date, _dates),
    (pa.types.is_timestamp, _moments),
)
