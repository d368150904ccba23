"""What a played answer must say in the place of what was recorded, so that it fits the request of this run.

A client that asks for a document of a made-up id wants that id in the answer; and where a recording has surrogates, the
program still asks with the originals, and knows only them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from hotfixture.capture.playing.known import AUTO_ID
from hotfixture.capture.sanitising import messages
from hotfixture.capture.sanitising.protobuf import Names, NotAMessageError, Rewriter

_known: WeakKeyDictionary[Any, Likeness] = WeakKeyDictionary()


def of(tape: Any) -> Likeness:
    """That of a playback."""
    found = _known.get(tape)
    return found if found is not None else _known.setdefault(tape, Likeness())


class Likeness:
    """Recorded texts and those of this run that stand for the same."""

    def __init__(self) -> None:
        self._live: dict[str, str] = {}
        self._recorded: dict[str, str] = {}
        """Made-up ids of this run, and those that were recorded in their place."""

    def asked(self, sent: Sequence[bytes], kind: str | None) -> list[bytes]:
        """Requests with the ids that were recorded."""
        return _changed(sent, kind, self._recorded)

    def told(self, received: Sequence[bytes], kind: str | None) -> list[bytes]:
        """Answers with the texts of this run."""
        return _changed(received, kind, self._live)

    def learn(self, recorded: Sequence[bytes], live: Sequence[bytes], kind: str | None) -> None:
        """A request of this run, and the recorded one that answers to it."""
        for old, new in zip(recorded, live, strict=False):
            if old != new:
                before, now = _apart(_texts(old, kind), _texts(new, kind))
                if len(before) == len(now):
                    for one, other in zip(before, now, strict=True):
                        self._pair(one, other)

    def _pair(self, recorded: str, live: str) -> None:
        if recorded == live:
            return
        before, now = recorded.split("/"), live.split("/")
        if len(before) != len(now):
            before, now = [recorded], [live]
        for one, other in zip(before, now, strict=True):
            if one != other and one:
                self._live[one] = other
                if AUTO_ID.fullmatch(one) and AUTO_ID.fullmatch(other):
                    self._recorded[other] = one


def _apart(before: list[str], now: list[str]) -> tuple[list[str], list[str]]:
    """The texts that only one of both has: entries of a map come in another order in each process."""
    return [one for one in before if one not in now], [one for one in now if one not in before]


def _changed(data: Sequence[bytes], kind: str | None, table: dict[str, str]) -> list[bytes]:
    if not table:
        return list(data)
    rewriter = Rewriter(lambda _names, value: _instead(value, table), messages.find)
    descriptor = messages.find(kind) if kind else None
    return [_rewritten(rewriter, one, descriptor) for one in data]


def _rewritten(rewriter: Rewriter, data: bytes, descriptor: Any) -> bytes:
    try:
        return rewriter.message(data, descriptor)
    except NotAMessageError:
        return data


def _instead(text: Any, table: dict[str, str]) -> Any:
    if not isinstance(text, str):
        return text
    found = table.get(text)
    if found is None and "/" in text:
        return "/".join(table.get(one, one) for one in text.split("/"))
    return text if found is None else found


def _texts(data: bytes, kind: str | None) -> list[str]:
    """All texts of a message in their order."""
    found: list[str] = []

    def see(_names: Names, value: Any) -> Any:
        if isinstance(value, str):
            found.append(value)
        return value

    _rewritten(Rewriter(see, messages.find), data, messages.find(kind) if kind else None)
    return found
