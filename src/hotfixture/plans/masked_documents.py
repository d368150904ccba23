"""JSON and NDJSON files on their way through masks: what paths reach is masked, every other byte stays."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hotfixture.errors import InputError, Problem, RefusedError, Where
from hotfixture.plans.masked_text import BATCH, LONGEST, batches, lines
from hotfixture.schema import Column
from hotfixture.transforms.masks import Mask, MaskSpec, Row, bind
from hotfixture.transforms.masks.document import Scan, below, steps
from hotfixture.transforms.masks.spans import splice

if TYPE_CHECKING:
    from hotfixture.plans.witness import Maskers
    from hotfixture.transforms.masks.document import State
    from hotfixture.transforms.masks.spans import Span

_BLANK = " \t\r\n"
_PLAIN = re.compile(r"[A-Za-z_][\w-]{0,63}").fullmatch
_SHOWN = 5
_DECODER = json.JSONDecoder()

Decided = Sequence["tuple[str, MaskSpec | None]"]
"""Paths and their masks; None is kept."""


class Documents:
    """Masks documents by paths; the first path that reaches a value decides about it.

    `otherwise` is what becomes of values that no path reaches: a mask, `keep`, or `refuse`.
    """

    def __init__(
        self, decided: Decided, otherwise: MaskSpec | str, maskers: Maskers, *, where: Where | None = None
    ) -> None:
        self._column = Column("value", pa.string())
        self._kept, self._undecided = _Marker(self._column), _Marker(self._column)
        last = {"keep": self._kept, "refuse": self._undecided}.get(otherwise) if isinstance(otherwise, str) else None
        self._state: State = tuple((_steps(path, where), self._mask(spec)) for path, spec in decided)
        self._all: State = (*self._state, ((), last or self._mask(otherwise)))  # type: ignore[arg-type]  # a word has its marker
        self._maskers = maskers

    def _mask(self, spec: MaskSpec | None) -> Mask:
        return self._kept if spec is None else bind(spec, self._column)

    def lines(self, texts: Iterable[str]) -> Iterator[str]:
        """NDJSON; RefusedError for a line that is no JSON, and for what nobody has decided about."""
        number = 1
        for batch in batches(lines(texts)):
            yield "".join(self._masked(batch, [self._all] * len(batch), number, "line"))
            number += len(batch)

    def whole(self, texts: Iterable[str]) -> Iterator[str]:
        """A JSON document; of a list at its top, each member by itself, so that the list may be of any length."""
        reading = _Reading(texts)
        opening = reading.blanks()
        if reading.peek() != "[":
            yield opening
            yield from self._masked([reading.rest()], [self._all], 1, "the document")
            return
        yield opening + reading.take(1) + reading.blanks()
        yield from self._members(reading)

    def _members(self, reading: _Reading) -> Iterator[str]:
        number, size = 0, 0
        before: list[str] = []
        members: list[str] = []
        while reading.peek() != "]":
            before.append(reading.comma() if number + len(members) else "")
            members.append(reading.value())
            size += len(members[-1])
            if size > BATCH or len(members) >= _MEMBERS:
                yield self._joined(before, members, number)
                number, size, before, members = number + len(members), 0, [], []
        yield self._joined(before, members, number)
        yield reading.take(1) + reading.blanks()
        if reading.peek():
            raise RefusedError("it is no JSON: something follows its end")

    def _joined(self, before: list[str], members: list[str], number: int) -> str:
        """The members, masked, each behind what stands before it; `number` is that of the first."""
        states = [below(self._all, number + at) for at in range(len(members))]
        made = self._masked(members, states, number + 1, "member")
        return "".join(text for pair in zip(before, made, strict=True) for text in pair)

    def _masked(self, texts: Sequence[str], states: Sequence[State], first: int, what: str) -> list[str]:
        spans: list[Span] = []
        for at, text in enumerate(texts):
            if text.strip(_BLANK):
                spans += self._spans(at, text, states[at], f"{what} {first + at}" if what != "the document" else what)
        found = [span for span in spans if span.mask is not self._kept]
        if not found:
            return [*texts]
        row = self._maskers.row({"value": pa.array(texts, pa.string())})
        return [str(text) for text in splice(texts, found, row).to_pylist()]

    def _spans(self, at: int, text: str, state: State, place: str) -> list[Span]:
        try:
            spans = Scan(at, text).document(state)
        except (ValueError, IndexError, RecursionError):
            raise RefusedError(f"{place} is no JSON") from None
        if any(span.mask is self._undecided for span in spans):
            raise RefusedError.of(self._undecided_in(text, state, "$[*]" if place.startswith("member") else "$"))
        return spans

    def _undecided_in(self, text: str, state: State, start: str) -> Iterator[Problem]:
        """The paths of a document that nobody has decided about."""
        paths = dict.fromkeys(path for path, own in _leaves(json.loads(text), start, state) if own is self._undecided)
        hint = "Name it in the rule's paths, with a mask or with keep."
        for path in [*paths][:_SHOWN]:
            yield Problem(f"nobody has decided about its value at {path}", hint=hint)


_MEMBERS = 2000
"""Members of a list that go through the masks together."""


class _Marker(Mask):
    """Marks values that no mask is for."""

    name = "keep"

    def __init__(self, column: Column) -> None:
        self.column, self.options = column, {}

    def make(self, values: pa.Array, row: Row) -> pa.Array:  # noqa: ARG002 - a mask is given it
        """The values as they are."""
        return values


def _steps(path: str, where: Where | None) -> Any:
    try:
        return steps(path)
    except ValueError:
        raise InputError(f"{path!r} is no path", where=where, hint="$.name, $['a name'], $[*].name, $..name") from None


def _leaves(value: Any, path: str, state: State) -> Iterator[tuple[str, Mask | None]]:
    """Every text, number and boolean: its path as somebody would write it, and who decides about it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            # A name may be somebody's, too (an address as a key): only what looks like a field is said.
            shown = f".{name}" if _PLAIN(name) else ".*"
            yield from _leaves(inner, path + shown, below(state, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[*]", below(state, number))
    elif value is not None:
        yield path, next((mask for rest, mask in state if not rest), None)


class _Reading:
    """Text that comes in pieces, taken value by value."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = iter(texts)
        self._text = ""
        self._at = 0

    def _more(self) -> bool:
        piece = next(self._texts, None)
        if piece is None:
            return False
        self._text, self._at = self._text[self._at :] + piece, 0
        if len(self._text) > LONGEST:
            raise RefusedError(f"a value of more than {LONGEST} characters")
        return True

    def peek(self) -> str:
        """The next character; empty at the end."""
        while self._at >= len(self._text):
            if not self._more():
                return ""
        return self._text[self._at]

    def take(self, count: int) -> str:
        """The next characters, which are there."""
        found = self._text[self._at : self._at + count]
        self._at += count
        return found

    def blanks(self) -> str:
        """All blanks that follow."""
        found = ""
        while self.peek() and self._text[self._at] in _BLANK:
            found += self.take(1)
        return found

    def comma(self) -> str:
        """A comma and the blanks after it."""
        if self.peek() != ",":
            raise RefusedError("it is no JSON: expected a comma between members")
        found = self.take(1) + self.blanks()
        if self.peek() == "]":
            raise RefusedError("it is no JSON: a comma before the end")
        return found

    def value(self) -> str:
        """One value and the blanks after it."""
        size = 1 << 16
        while True:
            try:
                _, end = _DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError):
                end = 0
            # A number that ends where the text ends so far may go on.
            if 0 < end < len(self._text) or not self._grow(size):
                break
            size *= 2
        if not end:
            raise RefusedError("it is no JSON")
        return self.take(end - self._at) + self.blanks()

    def _grow(self, size: int) -> bool:
        """At least so many characters more, so that a long value is not read again for every piece."""
        start = len(self._text) - self._at
        grown = False
        while len(self._text) - self._at < start + size and self._more():
            grown = True
        return grown

    def rest(self) -> str:
        """Everything that follows."""
        while self._more():
            pass
        return self.take(len(self._text) - self._at)
