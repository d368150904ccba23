"""The values of a YAML file, each with its place; and the place of anything inside a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

from hotfixture.errors import Where

Scalar: TypeAlias = "bool | int | float | str | None"

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the file and how it stands there, so that a place inside it can be found: see `place`."""

    value: str
    where: Where
    """Where the scalar begins (its quote, its `|`)."""
    block: bool = False
    """Written as a block (`|` or `>`)."""
    raw: str = ""
    """Exactly as it stands in the file, indentation included; empty for a text that came from elsewhere."""
    style: str = ""
    """`'`, `"`, `|`, `>`; empty for a plain scalar."""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One value of the file: a mapping, a list or a scalar."""

    value: dict[str, Node] | list[Node] | Scalar
    where: Where
    text: str = ""
    """The scalar before it became a number, boolean or null: `007`, `1.10`. Empty for mappings and lists."""
    raw: str = ""
    style: str = ""
    keys: Mapping[str, Where] | None = None
    """Where each key of a mapping stands; None for anything else."""

    def __iter__(self) -> Iterator[Node]:
        """The members of a list or the values of a mapping; nothing for a scalar."""
        if isinstance(self.value, dict):
            return iter(self.value.values())
        return iter(self.value if isinstance(self.value, list) else ())

    @property
    def kind(self) -> str:
        """`mapping`, `list`, `text`, `integer`, `number`, `boolean` or `nothing`, as error messages call it."""
        return _KINDS[type(self.value)]

    def plain(self) -> Any:
        """The value as dict, list, str, int, float, bool or None, without places."""
        if isinstance(self.value, dict):
            return {name: node.plain() for name, node in self.value.items()}
        return [node.plain() for node in self.value] if isinstance(self.value, list) else self.value

    def as_text(self) -> Text:
        """The scalar as `Text`, whatever it looks like (`007` stays `007`)."""
        return Text(self.text, self.where, self.style in ("|", ">") and bool(self.style), self.raw, self.style)


_KINDS = {
    dict: "mapping",
    list: "list",
    str: "text",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "nothing",
}


def place(text: Text, line: int, column: int) -> Where:
    """Where in the file line `line`, column `column` (from 1) of the text's value stands; past its end, its end.

    Folding, quoting and indentation change blanks and escapes only, so the n-th character of the value that is not
    blank is the n-th of the source: no engine of our own for five scalar styles.
    """
    if not text.raw:
        return text.where
    lines = text.value.split("\n")
    before = "\n".join(lines[: line - 1]) + (lines[line - 1][: column - 1] if line <= len(lines) else "")
    start = _PROPERTIES.match(text.raw).end()  # type: ignore[union-attr]  # it matches the empty text as well
    index = _nth_visible(text, start, len("".join(before.split())))
    return place_of(text.raw, index, text.where.source, text.where)


def _nth_visible(text: Text, start: int, count: int) -> int:
    """The index in `text.raw` of the visible character number `count` of the value, or the end of the scalar."""
    quotes = int(text.style in ("'", '"'))
    stop = len(text.raw.rstrip()) - quotes
    if text.block:
        start = (text.raw + "\n").index("\n", start)
    units = _UNITS.get(text.style, _PLAIN).finditer(text.raw, start + quotes, stop)
    visible = (unit.start() for unit in units if not _is_blank(unit[0]))
    return next(islice(visible, count, None), max(stop, 0))


_PLAIN = re.compile(r"\S")
_UNITS = {
    "'": re.compile(r"''|\S"),
    '"': re.compile(r"\\(?:x..|u.{4}|U.{8}|\r?\n|.)|\S"),
}


def _is_blank(unit: str) -> bool:
    """Whether a unit of a double-quoted scalar is an escape that stands for a blank, or for nothing."""
    if not unit.startswith("\\") or len(unit) == 1:
        return False
    if unit[1] in "xuU":
        digits = unit[2:]
        return chr(int(digits, 16)).isspace()
    return unit[1] in "\r\n tnrvfNLP_\t"


def place_of(text: str, index: int, source: str, base: Where | None = None) -> Where:
    """The place of `text[index]`, where `text` begins at `base` (default: line 1, column 1)."""
    breaks = text.count("\n", 0, index)
    start = text.rfind("\n", 0, index) + 1
    line, column = (base.line, base.column) if base else (1, 1)
    return Where(source, line + breaks, index - start + (column if not breaks else 1))
