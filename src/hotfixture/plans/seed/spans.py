"""Which rows of a table are stored and which are to come: as the marks of one run tell, or of parts side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from hotfixture.plans.seed.plan import TablePlan

PART = 1 << 18
"""Rows of a part: however many processes there are, so that another number of them may go on."""


class Span(NamedTuple):
    """Rows `first` … `last - 1`, and the mark that says how far they are stored; empty for the table's own."""

    first: int
    last: int
    mark: str = ""


def own(table: TablePlan, marks: Mapping[str, int]) -> int:
    """Rows from the start on that are stored without a gap, as the table's own mark has it."""
    return min(marks.get(str(table.table.name), 0), table.count)


def _mark(table: TablePlan, number: int) -> str:
    return f"{table.table.name} part {number}"


def parts(table: TablePlan, marks: Mapping[str, int]) -> list[Span]:
    """What is to come, part by part."""
    begun, found = own(table, marks), []
    for number in range(begun // PART, -(-table.count // PART)):
        first, last = max(number * PART, begun), min((number + 1) * PART, table.count)
        reached = max(first, marks.get(_mark(table, number), 0))
        if reached < last:
            found.append(Span(reached, last, _mark(table, number)))
    return found


def coming(table: TablePlan, marks: Mapping[str, int]) -> list[Span]:
    """What is to come: in one piece, but where parts were begun."""
    begun = own(table, marks)
    numbers = range(begun // PART, -(-table.count // PART))
    if any(marks.get(_mark(table, number), 0) > begun for number in numbers):
        return parts(table, marks)
    return [Span(begun, table.count)] if begun < table.count else []


def stored(table: TablePlan, marks: Mapping[str, int]) -> list[Span]:
    """What is stored, in the order of the rows."""
    begun, found = own(table, marks), []
    if begun:
        found.append(Span(0, begun))
    for number in range(begun // PART, -(-table.count // PART)):
        first = max(number * PART, begun)
        reached = min(marks.get(_mark(table, number), 0), table.count)
        if reached > first:
            found.append(Span(first, reached))
    return found
