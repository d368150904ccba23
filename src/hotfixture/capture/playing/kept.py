"""Recordings that are played: in memory as the lines they stand in, read as far as they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from hotfixture.capture import blobs, journal, one_file
from hotfixture.capture.journal import Place
from hotfixture.capture.records import VERSION, Interaction
from hotfixture.errors import CaptureError, Where


class _Head(msgspec.Struct):
    """What is read of every line."""

    id: str
    service: str
    operation: str
    start_time: float
    status: str
    kind: str = "call"
    number: int = 0
    parent: str | None = None
    process: int = 0
    scope: str | None = None


class _Question(msgspec.Struct):
    request: Any = None


class _Answered(Interaction):
    """All but the request, which the one who asks has."""

    request: msgspec.Raw


_answered = msgspec.json.Decoder(_Answered).decode
_head = msgspec.json.Decoder(_Head).decode
_SEARCHES = 50
"""Searches that cost as much as reading everything."""
_question = msgspec.json.Decoder(_Question).decode


class Kept:
    """An interaction: what most ask of it is at hand, and all else is read from its line each time."""

    __slots__ = (
        "_folder", "_line", "_path", "_row", "id", "kind", "number", "operation", "parent", "process", "scope",
        "service", "start_time", "status",
    )  # fmt: skip

    def __init__(self, line: bytes, path: Path, row: int, folder: Path | None) -> None:
        """CaptureError says where a line stands that is no interaction. `folder` holds the blobs."""
        self._line, self._path, self._row = line, path, row
        self._folder = folder if b'"blob"' in line else None
        try:
            head = _head(line)
        except (msgspec.MsgspecError, RecursionError, ValueError) as error:
            raise CaptureError(f"no interaction: {error}", where=Where(str(path), row)) from None
        self.id, self.service, self.operation, self.kind = head.id, head.service, head.operation, head.kind
        self.start_time, self.status, self.number = head.start_time, head.status, head.number
        self.parent, self.process, self.scope = head.parent, head.process, head.scope

    def whole(self) -> Interaction:
        """The interaction; CaptureError where it cannot be read, or one of its blobs."""
        made = journal.decoded(self._line, VERSION, self._where())
        return made if self._folder is None else blobs.whole(made, self._folder)

    def answer(self) -> Interaction:
        """The same without its request."""
        if self._folder is not None:
            return self.whole()
        try:
            return _answered(self._line)
        except (msgspec.MsgspecError, RecursionError, ValueError) as error:
            raise CaptureError(f"no interaction: {error}", where=self._where()) from None

    def may_answer(self, text: bytes) -> bool:
        """Whether a text, as JSON spells it, may stand in it."""
        return self._folder is not None or text in self._line

    def _where(self) -> Where:
        return Where(str(self._path), self._row)

    def asked(self) -> Any:
        """The request."""
        try:
            found = _question(self._line).request
        except (msgspec.MsgspecError, RecursionError, ValueError) as error:
            raise CaptureError(f"no interaction: {error}", where=self._where()) from None
        return found if self._folder is None else blobs.side(self.kind, found, self._folder)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.whole(), name)


Recorded = Interaction | Kept


def whole(one: Recorded) -> Interaction:
    """The interaction itself."""
    return one if isinstance(one, Interaction) else one.whole()


def answer(one: Recorded) -> Interaction:
    """What was answered, and all that is told of it; perhaps without the request."""
    return one if isinstance(one, Interaction) else one.answer()


def asked(one: Recorded) -> Any:
    """Its request."""
    return one.request if isinstance(one, Interaction) else one.asked()


class Answers:
    """What was answered in recordings, by the texts in it: each answer is given once."""

    def __init__(self, recorded: Iterable[Recorded]) -> None:
        self._left = list(recorded)
        self._asked = 0

    def __call__(self, text: str) -> list[Any]:
        """The answers that may hold the text, and have not been given; all of them where much has been asked."""
        self._asked += 1
        if self._asked > _SEARCHES or "e+" in text:  # a number may be spelled otherwise
            found, self._left = self._left, []
        else:
            spelled = msgspec.json.encode(text)[1:-1]
            found, left = list[Recorded](), list[Recorded]()
            for one in self._left:
                held = isinstance(one, Interaction) or one.may_answer(spelled)
                (found if held else left).append(one)
            self._left = left
        return [answer(one).response for one in found]


def read(path: Path) -> Iterator[Recorded]:
    """All interactions of a session, in the order they began, as `journal.read` gives them; each line is in memory."""
    if not path.is_dir():
        for row, line in one_file.lines(path):
            yield line if isinstance(line, Interaction) else Kept(line, path, row, None)
        return
    journals = sorted(path.glob(journal.JOURNALS))
    if any(journal.header(one).version != VERSION for one in journals):
        yield from journal.read(path)
        return
    found: dict[Place, Kept] = {}
    for number, one in enumerate(journals):
        for row, offset, line in journal.lines(one):
            if not line.startswith(b'{"type"'):
                made = Kept(line, one, row, path)
                found[Place(made.start_time, made.process, made.number, number, offset, len(line), row)] = made
    for place in journal.last(sorted(found)):
        yield found[place]
