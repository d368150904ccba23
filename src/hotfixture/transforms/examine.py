"""Before the run: do the masked values fit the table? Uniqueness, NULL, length, choices and simple checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import pyarrow as pa

from hotfixture.errors import HotFixtureError, Problem
from hotfixture.schema import Column, Table, Unique
from hotfixture.transforms.conditions import UnjudgedError, columns_of, judge
from hotfixture.transforms.kinds import integer_bounds, kind_of
from hotfixture.transforms.masks import Mask, MaskingKey, Row

Severity = Literal["error", "warning"]

ACCEPTED = 0.001
"""A collision this improbable over the whole table is let pass."""
SAMPLE = 512

_SAMPLES: Mapping[str, Callable[[int], str]] = {
    "integer": lambda i: str(i % 100 + 1),
    "decimal": lambda i: f"{i % 100}.25",
    "float": lambda i: f"{i % 100}.25",
    "date": lambda i: f"19{50 + i % 50}-0{1 + i % 9}-15",
    "timestamp": lambda i: f"20{10 + i % 10}-0{1 + i % 9}-15 12:00:00",
    "boolean": lambda i: str(i % 2),
}
"""Invented originals of a kind, for masks that need some; a mask that follows the original's form needs real ones."""


_WHOLE = re.compile(r"-?\d+")
_PLAIN = re.compile(r"""(?:(?:lower|upper|btrim|trim)\s*\(|[\w"`.]+(?!\s*[\w(])|::\s*\w+|[\s(),])*""", re.IGNORECASE)
"""Expressions that keep apart what the columns keep apart: `lower(email)`, `lower((email)::text), tenant_id`."""


class Finding(NamedTuple):
    """Something about one masked column; an error means that the load would fail, or might well."""

    severity: Severity
    column: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Examination:
    """What is known when the masks of one table are examined."""

    table: Table
    masks: Mapping[str, Mask]
    rows: int
    dialect: str = ""
    samples: Mapping[str, pa.Array] | None = None


def examine(
    table: Table,
    masks: Mapping[str, Mask],
    *,
    rows: int | None = None,
    dialect: str = "",
    samples: Mapping[str, pa.Array] | None = None,
) -> list[Finding]:
    """All that does not fit, in the order of the columns.

    `rows` is how many rows will be exported (default: the engine's estimate of the table); `dialect` is sqlglot's name
    for the engine, to read checks; `samples` are some real values by column (decoded): without them, masks that follow
    the original's form are not tried on checks.
    """
    known = Examination(table, masks, table.rows if rows is None else rows, dialect, samples)
    found = [*_uniqueness(known), *_columns(known), *_checks(known)]
    order = {column.name: number for number, column in enumerate(table.columns)}
    return sorted(found, key=lambda finding: order.get(finding.column, len(order)))


def _finding(mask: Mask, message: str, hint: str, severity: Severity = "error") -> Finding:
    return Finding(severity, mask.column.name, Problem(message, mask.site.where, hint))


def _columns(known: Examination) -> Iterator[Finding]:
    for column in known.table.columns:
        mask = known.masks.get(column.name)
        if mask is not None:
            yield from _nulls(known.table, column, mask)
            yield from _length(known.table, column, mask)
            yield from _choices(known.table, column, mask)
            yield from _range(known, column, mask)


def _nulls(table: Table, column: Column, mask: Mask) -> Iterator[Finding]:
    if mask.name == "null" and not column.nullable:
        yield _finding(mask, f"{table.name}.{column.name} may not be null", "Use redact, or a fixed value.")


def _length(table: Table, column: Column, mask: Mask) -> Iterator[Finding]:
    longest = mask.max_length()
    if kind_of(column) == "text" and column.length and longest and longest > column.length:
        yield _finding(
            mask,
            f"{table.name}.{column.name} holds {column.length} characters, {mask.name!r} gives up to {longest}",
            f"Write {{{mask.name}: {{max_length: {column.length}}}}}, or use a mask that keeps the length: permute.",
        )


def _choices(table: Table, column: Column, mask: Mask) -> Iterator[Finding]:
    if not column.choices or mask.name in ("null", "redact"):
        return
    made = _tried(mask, pa.array(list(column.choices)))
    if made is None or not set(made.drop_null().to_pylist()) <= set(column.choices):
        yield _finding(
            mask,
            f"{table.name}.{column.name} takes only its {len(column.choices)} choices, {mask.name!r} gives others",
            "Use redact (the first choice), a fixed choice, or {choice: {values: […]}}.",
        )


def _range(known: Examination, column: Column, mask: Mask) -> Iterator[Finding]:
    """Integers that an invented or fixed value would overflow."""
    made = _tried(mask, pa.array(["1", "2", "3"] * 50)) if kind_of(column) == "integer" else None
    low, high = integer_bounds(column)
    numbers = [int(text) for text in made.to_pylist() if text and _WHOLE.fullmatch(text)] if made is not None else []
    if numbers and not low <= min(numbers) <= max(numbers) <= high:
        yield _finding(
            mask,
            f"{known.table.name}.{column.name} holds {low} to {high}, {mask.name!r} gives up to {max(numbers)}",
            "Give the generator bounds that fit, or use permute.",
        )


def _uniqueness(known: Examination) -> Iterator[Finding]:
    table = known.table
    uniques = list(table.uniques)
    if table.primary_key:
        uniques.append(Unique("primary key", table.primary_key))
    for unique in uniques:
        masked = [known.masks[name] for name in unique.columns if name in known.masks]
        if masked and unique.expression and not _PLAIN.fullmatch(unique.expression.strip()):
            message = f"{unique.name} is unique over {unique.expression}; whether masked values are is not known"
            yield _finding(masked[0], message, _UNIQUE_HINT, "warning")
        elif masked:
            yield from _unique(known, unique, masked)


def _unique(known: Examination, unique: Unique, masked: list[Mask]) -> Iterator[Finding]:
    """One unique key: every masked column must keep distinct what was distinct."""
    for mask in masked:
        name = f"{known.table.name}.{mask.column.name}"
        if mask.name == "null":
            yield from _unique_null(unique, mask, name)
        elif mask.uniqueness == "lost":
            yield _lost(unique, mask, name, len(unique.columns) > len(masked))
        elif mask.uniqueness == "likely":
            yield from _likely(known, unique, mask, name)


def _unique_columns(table: Table) -> set[str]:
    """The columns whose values are unique by themselves."""
    keys = [table.primary_key, *(unique.columns for unique in table.uniques if not unique.where)]
    return {columns[0] for columns in keys if len(columns) == 1}


def _unique_null(unique: Unique, mask: Mask, name: str) -> Iterator[Finding]:
    if not unique.nulls_distinct:
        yield _finding(mask, f"nulls in {name} are not distinct to {unique.name}", "Use permute or hash.")


def _lost(unique: Unique, mask: Mask, name: str, partly: bool) -> Finding:
    where = f" (where {unique.where})" if unique.where else ""
    message = f"{name} is part of {unique.name}, which is unique{where}; {mask.name!r} gives equal values"
    return _finding(mask, message, _UNIQUE_HINT, "warning" if partly or unique.where else "error")


def _likely(known: Examination, unique: Unique, mask: Mask, name: str) -> Iterator[Finding]:
    """The birthday bound: n rows in a space of s values collide with a probability of about n² / 2s."""
    space, by = mask.space(), mask.options.get("by")
    partly = len(unique.columns) > 1
    if by and by not in _unique_columns(known.table):
        yield _finding(mask, f"{name} is unique ({unique.name}), its mask is the same for all rows of one {by}",
                       "Leave 'by' out.")  # fmt: skip
        return
    if space is None:
        yield _finding(mask, f"whether {mask.name!r} keeps {name} unique ({unique.name}) is not known",
                       _UNIQUE_HINT, "warning")  # fmt: skip
        return
    expected = known.rows * known.rows / (2 * space)
    if known.rows > space and not partly:
        yield _finding(mask, f"{name} is unique ({unique.name}): {known.rows} rows, {mask.name!r} has {space} values",
                       _UNIQUE_HINT)  # fmt: skip
    elif expected > ACCEPTED:
        yield _finding(
            mask,
            f"{name} is unique ({unique.name}): among {known.rows} rows {mask.name!r} gives some {expected:.2g} pairs "
            f"of equal values out of {space}",
            _UNIQUE_HINT,
            "warning" if partly else "error",
        )


_UNIQUE_HINT = "Use permute (keeps every value distinct), hash, or a generator with 'unique: true' (email, user_name)."


def _checks(known: Examination) -> Iterator[Finding]:
    for check in known.table.checks:
        columns = columns_of(check.expression, known.dialect)
        masked = [name for name in known.masks if columns is None or name in columns]
        if not masked:
            continue
        mask = known.masks[masked[0]]
        if columns is None or len(columns) != 1:
            if columns is not None:
                yield _finding(mask, f"the check {check.name} ties masked columns to others; it is not examined",
                               f"It says: {check.expression}", "warning")  # fmt: skip
            continue
        yield from _check(known, check.name, check.expression, mask)


def _check(known: Examination, name: str, expression: str, mask: Mask) -> Iterator[Finding]:
    values = _originals(known, mask)
    made = _tried(mask, values) if values is not None else None
    if made is None:
        return
    try:
        holds = judge(expression, known.dialect)
        broken = sum(not holds(value) for value in made.to_pylist())
    except UnjudgedError:
        yield _finding(mask, f"the check {name} on {known.table.name}.{mask.column.name} is not understood",
                       f"It says: {expression}", "warning")  # fmt: skip
        return
    if broken:
        yield _finding(
            mask,
            f"{broken} of {len(made)} values that {mask.name!r} gave for {known.table.name}.{mask.column.name} break "
            f"the check {name}",
            f"It says: {expression}. Choose a mask or options whose values it takes.",
        )


def _originals(known: Examination, mask: Mask) -> pa.Array | None:
    """Real values where there are some, invented ones where the kind or the mask allows; None where neither."""
    if known.samples and mask.column.name in known.samples:
        return known.samples[mask.column.name]
    make = _SAMPLES.get(kind_of(mask.column))
    if make:
        return pa.array([make(number) for number in range(SAMPLE)])
    if mask.space() is None and mask.name in (
        "permute",
        "replace",
        "json",
        "scrub",
        "partial",
        "keep_first",
        "keep_last",
    ):
        return None
    return pa.array([f"value {number}" for number in range(SAMPLE)])


def _tried(mask: Mask, values: pa.Array) -> pa.Array | None:
    """What the mask makes of some values under a key of no meaning; None where it cannot be tried."""
    others = dict.fromkeys(mask.reads, values)
    try:
        made = mask.apply(Row({**others, mask.column.name: values}, MaskingKey(bytes(32))))
    except (HotFixtureError, pa.ArrowException):
        return None
    return made if pa.types.is_string(made.type) else None
