"""Which column each literal and each hole of a statement belongs to, in whatever dialect: by the words around it.

Nothing is parsed as a server would; what is not understood belongs to no column, and is told by its look alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<aside>--[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z))|(?P<arrow>->>?|#>>?)"
    r"|(?P<literal>'(?:[^']|'')*')"
    r"|(?P<hole>\?\d*|%s|%\(\w+\)s|\$\d+|(?<![:\w]):\w+|@\w+)"
    r"|(?P<name>[A-Za-z_]\w*|`[^`]+`|\[\w[^\]]{0,128}\])"
    r"|(?P<quoted>\"(?:[^\"]|\"\")*\")"
    r"|(?P<operator><>|!=|<=|>=|=|<|>|~\*?)"
    r"|(?P<mark>[(),;])|\d[\w.]*|\S",
    re.DOTALL,
)
_OPERATORS = frozenset({"like", "ilike", "in", "between", "regexp", "rlike", "glob", "any"})
_ENDS = frozenset({
    "and", "or", "where", "set", "from", "on", "having", "when", "then", "else", "end", "returning", "group", "order",
    "limit", "union", "select", "values", "do", "update", "insert", "delete", "with", "join",
})  # fmt: skip
"""Words after which another expression begins."""
_BESIDE = frozenset(
    {"not", "null", "is", "collate", "escape", "distinct", "all", "cast", "conflict", "duplicate", "key"}
)


class Atom(NamedTuple):
    """A literal, with its quotes, or a hole."""

    start: int
    end: int
    column: str
    """Empty where none is seen."""
    hole: bool
    """Whether a parameter comes here."""


@dataclass(slots=True)
class _Frame:
    """What stands between two parentheses, or in none."""

    columns: tuple[str, ...] = ()
    """Of its items, one after the other; of all of them where there is but one."""
    rows: bool = False
    """Its items are rows of these columns."""
    place: int = 0
    last: tuple[str, ...] = ()
    """The name, or the list of names, that stands before."""
    asked: tuple[str, ...] = ()
    """What an operator compares with."""
    between: bool = False
    atom: int | None = None
    """The atom that stands before."""
    left: int | None = None
    """The atom that an operator compares with."""
    names: list[str] = field(default_factory=list)
    """All names in it, where there is nothing else."""
    plain: bool = True

    def column(self) -> str:
        """That of what stands here."""
        if self.asked:
            return self.asked[0]
        if len(self.columns) == 1:
            return self.columns[0]
        return self.columns[self.place] if self.place < len(self.columns) and not self.rows else ""


def atoms(statement: str) -> tuple[Atom, ...]:
    """All literals and holes, in their order."""
    reader = _Reader()
    for match in _TOKEN.finditer(statement):
        take = reader.takes.get(match.lastgroup or "")
        if take is not None:
            take(match)
    return tuple(reader.found())


class _Reader:
    """Goes through the tokens of a statement."""

    def __init__(self) -> None:
        self.takes: dict[str, Callable[[re.Match[str]], None]] = {
            "literal": self._literal, "hole": partial(self._literal, hole=True), "name": self._name, "mark": self._mark,
            "quoted": self._quoted, "operator": lambda match: self._compare(match[0]), "arrow": self._arrow,
        }  # fmt: skip
        self._atoms: dict[int, tuple[int, str, bool]] = {}
        self._finish()

    def found(self) -> Iterator[Atom]:
        """What was seen."""
        return (Atom(start, end, column, hole) for start, (end, column, hole) in self._atoms.items())

    def _finish(self) -> None:
        """Another statement begins."""
        self._stack = [_Frame()]
        self._before = ""
        """The word or mark before."""
        self._inserted: tuple[str, ...] = ()
        """The columns of an INSERT."""
        self._into = self._values = False

    def _literal(self, match: re.Match[str], *, hole: bool = False) -> None:
        frame = self._stack[-1]
        if self._before == "->" and not hole:  # the key of a value in a document
            frame.last = (match[0].strip("'"),)
            return
        self._atoms[match.start()] = match.end(), frame.column(), hole
        frame.atom, frame.last, frame.plain = match.start(), (), False
        self._before = "'"

    def _quoted(self, match: re.Match[str]) -> None:
        """A name, or in MySQL and SQLite a literal: that where a value is expected."""
        if self._stack[-1].column() and self._before != "as":
            self._literal(match)
        else:
            self._name(match)

    def _arrow(self, _: re.Match[str]) -> None:
        self._before = "->"

    def _compare(self, word: str) -> None:
        frame = self._stack[-1]
        frame.asked, frame.left = frame.last, frame.atom if not frame.last else None
        frame.between, frame.plain, self._before = word == "between", False, word

    def _name(self, match: re.Match[str]) -> None:
        frame, word = self._stack[-1], match[0].lower()
        if word in _OPERATORS:
            self._compare(word)
        elif word in _ENDS:
            self._end(frame, word)
        elif word == "into":
            self._into = True
        elif word not in _BESIDE:
            self._named(frame, match[0].strip('"`[]'))
        self._before = word

    def _named(self, frame: _Frame, name: str) -> None:
        place = frame.atom if self._before in ("as", "'") else frame.left
        if place is not None:
            end, column, hole = self._atoms[place]
            self._atoms[place] = end, name if self._before == "as" else column or name, hole
        frame.left = None
        frame.last = (name,)
        frame.names.append(name)

    def _end(self, frame: _Frame, word: str) -> None:
        if word == "and" and frame.between:
            frame.between = False
            return
        frame.asked, frame.last, frame.left, frame.atom, frame.plain = (), (), None, None, False
        self._into = False
        self._values = word == "values"
        if word == "select":
            frame.columns, frame.place = (self._inserted if len(self._stack) == 1 else ()), 0
        elif word in ("from", "where", "on"):
            frame.columns = ()

    def _mark(self, match: re.Match[str]) -> None:
        {"(": self._open, ")": self._close, ",": self._next, ";": self._finish}[match[0]]()
        self._before = match[0]

    def _open(self) -> None:
        frame, inner = self._stack[-1], _Frame()
        if self._into:
            self._into = False
            inner.rows = True  # names of columns, as long as nothing else comes
        elif self._values and len(self._stack) == 1:
            inner.columns = self._inserted
        elif frame.asked:
            inner.columns, inner.rows = frame.asked, self._before in _OPERATORS and len(frame.asked) > 1
        elif frame.rows and len(frame.columns) > 1:
            inner.columns = frame.columns
        elif column := frame.column():
            inner.columns = (column,)
        self._stack.append(inner)

    def _close(self) -> None:
        if len(self._stack) == 1:
            return
        inner, frame = self._stack.pop(), self._stack[-1]
        if inner.plain and inner.names:
            frame.last = tuple(inner.names)
            if inner.rows and not inner.columns:
                self._inserted = frame.last
        frame.plain = False

    def _next(self) -> None:
        frame = self._stack[-1]
        frame.place += 1
        frame.asked, frame.last, frame.left, frame.atom, frame.between = (), (), None, None, False
