"""CSV files on their way through masks: only masked fields are touched, every other byte stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from hotfixture.errors import Problem, RefusedError
from hotfixture.plans.masked_text import LONGEST, batches, lines
from hotfixture.schema import Column
from hotfixture.transforms.coherence import cohere
from hotfixture.transforms.decisions import bind_all
from hotfixture.transforms.masks import MaskSpec

if TYPE_CHECKING:
    from hotfixture.plans.witness import Maskers

DELIMITERS = (",", ";", "\t", "|")
_HINT = "Name it in the rule's columns, with a mask or with keep."

Decide = Callable[[str], "tuple[bool, MaskSpec | None]"]
"""Whether the policy decides about a column, and its mask."""


def masked(texts: Iterator[str], decide: Decide, delimiter: str, maskers: Maskers) -> Iterator[str]:
    """The file, its header as it is, each decided column masked.

    RefusedError for a column that nobody has decided about, a record of more or fewer fields than the header has, a
    quote that is not closed.
    """
    found = records(lines(texts))
    header = next(found, "")
    if not header.strip("\r\n"):
        yield header
        return
    table = _table(header, decide, delimiter or _delimiter(header), maskers)
    yield header
    number = 2
    for batch in batches(found):
        yield table.masked(batch, number)
        number += len(batch)


def records(found: Iterable[str]) -> Iterator[str]:
    """The records, each with its line end; lines inside quotes belong together."""
    waiting: list[str] = []
    length = 0
    for line in found:
        odd = line.count('"') % 2 == 1
        if not waiting:
            if not odd:
                yield line
                continue
        elif odd:
            yield "".join([*waiting, line])
            waiting, length = [], 0
            continue
        waiting.append(line)
        length += len(line)
        if length > LONGEST:
            break
    if waiting:
        raise RefusedError("it is no CSV: a quote is not closed")


def _delimiter(header: str) -> str:
    """The one that stands in the header most often; a comma where none does."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(DELIMITERS, key=bare.count)


@dataclass(frozen=True, slots=True)
class _Table:
    """What every record goes through."""

    names: Sequence[str]
    delimiter: str
    field: re.Pattern[str]
    reads: Sequence[int]
    """The places of the fields that masks look at."""
    writes: Sequence[int]
    apply: Callable[[dict[str, pa.Array]], dict[str, pa.Array]]

    def masked(self, batch: Sequence[str], first: int) -> str:
        """The records, masked; `first` is the number of the first of them."""
        bodies = [record.rstrip("\r\n") for record in batch]
        rows = [self._split(body, first + at) for at, body in enumerate(bodies)]
        if self.writes:
            self._mask([row for row in rows if row])
        joined = map(self.delimiter.join, rows)
        return "".join(line + record[len(body) :] for line, record, body in zip(joined, batch, bodies, strict=True))

    def _mask(self, rows: list[list[str]]) -> None:
        columns = {self.names[at]: pa.array([_plain(row[at]) for row in rows], pa.string()) for at in self.reads}
        made = self.apply(columns)
        for at in self.writes:
            for row, value in zip(rows, made[self.names[at]].to_pylist(), strict=True):
                row[at] = _spelled(value, row[at], self.delimiter)

    def _split(self, body: str, number: int) -> list[str]:
        """The fields as they stand there, quotes included; none for an empty line."""
        if not body:
            return []
        fields = body.split(self.delimiter) if '"' not in body else self._quoted(body, number)
        if len(fields) != len(self.names):
            raise RefusedError(f"record {number} has {len(fields)} fields, the header {len(self.names)}")
        return fields

    def _quoted(self, body: str, number: int) -> list[str]:
        fields: list[str] = []
        at, match = 0, self.field.match
        while True:
            found = match(body, at)
            if not found:
                raise RefusedError(f"record {number} is no CSV: a quote stands where none may")
            fields.append(found[1])
            at = found.end()
            if found.end() == found.end(1):
                return fields


def _table(header: str, decide: Decide, delimiter: str, maskers: Maskers) -> _Table:
    mark = re.escape(delimiter)
    field = re.compile(rf'((?:"(?:[^"]++|"")*+")|(?:[^"{mark}][^{mark}]*+)|)(?:{mark}|\Z)')
    blank = _Table((), delimiter, field, (), (), lambda columns: columns)
    names = [_plain(name).strip() for name in blank._quoted(header.rstrip("\r\n"), 1)]
    if len(set(names)) < len(names):
        raise RefusedError("two columns of the header have one name")
    decided = {name: decide(name) for name in names}
    undecided = [name for name, (known, _) in decided.items() if not known]
    if undecided:
        raise RefusedError.of(
            Problem(f"nobody has decided about its column {name!r}", hint=_HINT) for name in undecided
        )
    specs = cohere({name: spec for name, (_, spec) in decided.items() if spec is not None})
    masks = bind_all(specs, [Column(name, pa.string()) for name in names])
    reads = {name for mask in masks.values() for name in mask.reads}
    return _Table(
        names,
        delimiter,
        field,
        [at for at, name in enumerate(names) if name in reads],
        [at for at, name in enumerate(names) if name in masks],
        maskers.of(masks),
    )


def _plain(field: str) -> str:
    """The value of a field."""
    return field[1:-1].replace('""', '"') if field.startswith('"') else field


def _spelled(value: str | None, original: str, delimiter: str) -> str:
    """A value as a field: in quotes where it needs them, or where the original had them."""
    if value is None:
        return ""
    if original.startswith('"') or delimiter in value or any(mark in value for mark in '"\r\n'):
        return '"' + value.replace('"', '""') + '"'
    return value
