"""What all hooks on database drivers share: how a statement is named, and its record while rows are read."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from hotfixture.capture.calls import Call
from hotfixture.capture.values import plain, restored

_ASIDE = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_NAME = r"(?:\"[^\"]+\"|`[^`]+`|\[[^\]]+\]|[\w$]+)"
_TABLE = re.compile(
    rf"\b(?:from|join|into|update|table|call)\s+(?:only\s+|if\s+(?:not\s+)?exists\s+)?({_NAME}(?:\.{_NAME})*)",
    re.IGNORECASE,
)
_INNERMOST = re.compile(r"\([^()]*\)")
_DEEPEST = 50
_DEFINED = re.compile(r"(?:\bwith|\brecursive|,)\s*([\w$]+)\s+as\b", re.IGNORECASE)
_VERB = re.compile(r"\b(?:select|insert|update|delete|merge|values)\b", re.IGNORECASE)
_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_NOT_TABLES = {"select", "set", "values", "lateral", "unnest", "as", "where", "on"}
TABLES = 3
"""So many tables at most stand in the name of an operation."""
CONNECT = "CONNECT"


def operation(statement: Any) -> str:
    """Verb and main tables of a statement, as `SELECT orders, customers`: light, for it runs in the caller's time.

    Tables within parentheses count only where there are no others; names that a WITH defines do not count. What is no
    text is for the driver to refuse.
    """
    return _operation(statement) if isinstance(statement, str) else "EMPTY"


@lru_cache(maxsize=2048)
def _operation(statement: str) -> str:
    text = _ASIDE.sub(" ", statement)
    outer = _without_parentheses(text)
    word = _WORD.search(outer)
    verb = word[0].upper() if word else "EMPTY"
    defined: set[str] = set()
    if verb == "WITH":
        defined = {name.lower() for name in _DEFINED.findall(outer)}
        main = _VERB.search(outer)
        verb = main[0].upper() if main else verb
    named = _tables(outer, defined) or _tables(text, defined)
    return " ".join([verb, ", ".join(named[:TABLES])]).rstrip()


def _without_parentheses(text: str) -> str:
    for _ in range(_DEEPEST):
        text, count = _INNERMOST.subn(" ", text)
        if not count:
            break
    return text


def _tables(text: str, defined: set[str]) -> list[str]:
    names = (re.sub(r"[\"`\[\]]", "", found) for found in _TABLE.findall(text))
    return [name for name in dict.fromkeys(names) if name.lower() not in defined | _NOT_TABLES]


def asked(statement: Any, parameters: Any, *, many: bool = False) -> dict[str, Any]:
    """The request of a statement, in plain values."""
    taken = [_set(one) for one in parameters] if many else _set(parameters)
    request: dict[str, Any] = {"statement": statement, "parameters": taken}
    return request | {"many": True} if many else request


def _set(parameters: Any) -> Any:
    """One set of parameters: a tuple and a list are the same to a driver."""
    return plain(list(parameters) if isinstance(parameters, tuple) else parameters)


def kept(parameters: Iterable[Any], call: Call) -> Iterator[Any]:
    """Sets of parameters as the driver takes them, recorded as they pass."""
    taken: list[Any] = []
    call.asked(parameters=taken)
    for one in parameters:
        taken.append(_set(one))
        yield one


class Reading:
    """The open record of a statement whose rows the program reads bit by bit.

    The rows stand in the call from the first on, so that they are there whoever ends it.
    """

    __slots__ = ("__weakref__", "_rows", "call")

    def __init__(self, call: Call, columns: Sequence[str], **parts: Any) -> None:
        self.call = call
        self._rows: list[Any] = []
        call.answered(columns=list(columns), rows=self._rows, **parts)

    def row(self, values: Sequence[Any]) -> None:
        """One more row went to the program."""
        self._rows.append(plain(list(values)))

    def finish(self, **parts: Any) -> None:
        """There are no more rows."""
        self.call.done(**parts)

    def leave(self) -> None:
        """The program reads no further."""
        self.call.closed()


class Result:
    """A recorded answer to a statement, as it is given to the program."""

    def __init__(self, played: Any, part: Mapping[str, Any] | None = None) -> None:
        """`part` is one of several answers to one statement."""
        response = played.response if part is None else part
        self._finish = played.finish
        self.columns: list[str] | None = response.get("columns")
        self.rows: list[Any] = [tuple(row) for row in restored(response.get("rows") or [])]
        self.rowcount: int = response.get("rowcount", -1)
        self.lastrowid: Any = response.get("lastrowid")
        self.parts: Mapping[str, Any] = response
        self.position = 0

    def next(self) -> Any:
        """The next row; StopIteration after the last, or what ended the recorded reading."""
        if self.position >= len(self.rows):
            self._finish()
            raise StopIteration
        self.position += 1
        return self.rows[self.position - 1]


_failures: WeakKeyDictionary[Any, dict[str, int]] = WeakKeyDictionary()
_lock = threading.Lock()


def play_connecting(tape: Any, service: str) -> None:
    """Raise what connecting failed with when it was recorded, as often as it did; connections that stood are not
    recorded, for pools open as many as they like."""
    with _lock:
        left = _failures.setdefault(tape, {})
        if service not in left:
            left[service] = sum(
                1 for one in tape.interactions if one.service == service and one.operation == CONNECT
            )  # fmt: skip
        if not left[service]:
            return
        left[service] -= 1
    tape.play("sql", service, CONNECT, {}).finish()
