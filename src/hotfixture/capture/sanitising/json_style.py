"""How a JSON document is spelled, so that a changed one can be spelled alike; and documents of no known style, in which
single literals are replaced and every other byte stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

import msgspec

from hotfixture.capture.sanitising.places import Renamed

Spell = Callable[[Any], str]
_ENCODE, _FORMAT = msgspec.json.Encoder().encode, msgspec.json.format
_BLANKS = b" \t\r\n"
_INDENT = re.compile(r"[\[{]\r?\n([ \t]+)")
_BETWEEN = re.compile(r'"(\s*):(\s*)')
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d[-+.\deE]*|true|false|null|NaN|-?Infinity|[{}\[\],:]', re.DOTALL)


class Style(NamedTuple):
    """A way of spelling that gives back the very text; `name` goes into the form of a body."""

    name: str

    def spell(self, value: Any) -> str:
        """The value in this style."""
        return _spelled(self.name, value)


def style_of(text: str, value: Any) -> Style | None:
    """The style in which the value is exactly the text; None where none of those known does it."""
    for name in chain((_quick(text),), _candidates(text)):
        try:
            if name and _spelled(name, value) == text:
                return Style(name)
        except (ValueError, RecursionError, msgspec.MsgspecError):
            continue
    return None


def plainly(text: str, value: Any) -> bool:
    """Whether the text spells the value, and nothing more (no key twice), however blanks stand between; told quickly,
    so it may miss it."""
    try:
        made = _ENCODE(value)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return False
    return made.translate(None, _BLANKS) == text.encode("utf-8", "surrogatepass").translate(None, _BLANKS)


def _quick(text: str) -> str:
    """The likeliest of the styles that are quick to spell; empty where it is none."""
    end = _ENDS.get(text[-2:], "n" if text[-1:] == "\n" else "") if text[-1:] == "\n" else ""
    if text[1:2] == "\n":
        indent = _INDENT.match(text)
        return f"m|{'s' * len(indent[1])}|||{end}" if indent and "\t" not in indent[1] else ""
    between = _BETWEEN.search(text, 0, 256)
    wide = between[2] == " " if between else ", " in text
    return f"{'mw' if wide else 'm'}||||{end}"


def _candidates(text: str) -> Iterator[str]:
    """Styles worth trying: `separators indent ascii escapes tail`. Separators that begin with `m` are msgspec's way of
    spelling, which differs from Python's in numbers."""
    body = text.rstrip()
    tail = text[len(body) :]
    if tail not in ("", "\n", "\r\n"):
        return
    end = {"": "", "\n": "n", "\r\n": "r"}[tail]
    indent = _INDENT.match(body)
    between = _BETWEEN.search(body, 0, 4096)
    colon = between[2] if between and not between[1] else ""
    if colon not in ("", " "):
        return
    comma = "," if indent or not re.search(r'[\]}"\dtruefalsn], ["\[{\d\-tfn]', body[:4096]) else ", "
    spaces = indent[1].replace("\t", "t").replace(" ", "s") if indent else ""
    ascii_only = body.isascii()
    escapes = ("h" if "\\u003" in body or "\\u0026" in body else "") + ("p" if "\\/" in body else "")
    for kind in ("a", "u")[0 if ascii_only and "\\u" in body else 1 :]:
        yield f"{'w' if comma == ', ' else 'c'}{'w' if colon else 'c'}|{spaces}|{kind}|{escapes}|{end}"


_ENDS = {"\r\n": "r"}
_TAILS = {"": "", "n": "\n", "r": "\r\n"}
_HTML = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def _spelled(name: str, value: Any) -> str:
    how, spaces, kind, escapes, end = name.split("|")
    if how[0] == "m":
        made = _ENCODE(value).decode()
        return (_FORMAT(made, indent=len(spaces)) if spaces or how == "mw" else made) + _TAILS[end]
    comma, colon = ", " if how[0] == "w" else ",", ": " if how[1] == "w" else ":"
    indent = spaces.replace("s", " ").replace("t", "\t") or None
    text = json.dumps(value, ensure_ascii=kind == "a", separators=(comma, colon), indent=indent)
    if "h" in escapes:
        text = text.translate(_HTML)
    if "p" in escapes:
        text = text.replace("/", "\\/")
    return text + _TAILS[end]


def spelled(name: str, value: Any) -> str:
    """A value in the style of that name."""
    return _spelled(name, value)


class Spans:
    """The value of a JSON document, and where each of its literals stands: one that comes twice under a key is kept
    twice, under a key with a mark. The document must be valid."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at: dict[tuple[int, Any], tuple[int, int]] = {}
        self._stack: list[Any] = [[]]
        self._keys: list[str | None] = [None]
        root = self._stack[0]
        for match in _TOKEN.finditer(text):
            self._take(match[0], match.span())
        self.value = root[0]

    def _take(self, piece: str, span: tuple[int, int]) -> None:
        container = self._stack[-1]
        if piece in "}]":
            self._stack.pop()
            self._keys.pop()
        elif piece == ",":
            self._keys[-1] = None
        elif piece != ":":
            if isinstance(container, dict) and self._keys[-1] is None:
                self._name(container, json.loads(piece), span)
            else:
                self._value(container, piece, span)

    def _name(self, container: dict[str, Any], name: str, span: tuple[int, int]) -> None:
        while name in container:
            name += _AGAIN
        self._keys[-1] = name
        container[name] = None
        self.at[id(container), Renamed(name)] = span

    def _value(self, container: Any, piece: str, span: tuple[int, int]) -> None:
        value = {} if piece == "{" else [] if piece == "[" else json.loads(piece)
        key = self._keys[-1]
        if key is None:
            key = len(container)  # type: ignore[assignment]  # of a list
            container.append(value)
        else:
            container[key] = value
        if piece in "{[":
            self._stack.append(value)
            self._keys.append(None)
        else:
            self.at[id(container), key] = span

    def with_changes(self, changes: Iterable[tuple[Any, Any, Any]]) -> str:
        """The text with other literals at places (container, key, value)."""
        edits: dict[tuple[int, int], str] = {}
        for container, key, value in changes:
            span = self.at.get((id(container), key))
            if span is not None:
                edits[span] = json.dumps(value, ensure_ascii=self.text.isascii())
            elif isinstance(value, dict | list):
                edits.update(((start, end), literal) for start, end, literal in self._deep(container[key], value))
        pieces, done = [], 0
        for (start, end), literal in sorted(edits.items()):
            pieces += [self.text[done:start], literal]
            done = end
        return "".join((*pieces, self.text[done:]))

    def _deep(self, old: Any, new: Any) -> list[tuple[int, int, str]]:
        """What differs between two values of one shape."""
        found = []
        for key in old if isinstance(old, dict) else range(len(old)):
            if isinstance(old[key], dict | list):
                found += self._deep(old[key], new[key])
            elif old[key] != new[key] or repr(old[key]) != repr(new[key]):  # of zeros, that with another sign
                found.append((*self.at[id(old), key], json.dumps(new[key], ensure_ascii=self.text.isascii())))
        return found


_AGAIN = "\x00"
