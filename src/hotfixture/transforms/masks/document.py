"""json: masks what stands at given paths of a JSON document; every other byte of the document stays.

A path is `$` followed by `.name`, `['a name']`, `[0]`, `[*]`, `.*` or `..name` (at any depth). Where it ends at an
object or a list, all texts, numbers and booleans below are masked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from json.decoder import scanstring  # type: ignore[attr-defined]  # what the standard decoder reads strings with
from typing import Any, TypeAlias

import pyarrow as pa

from hotfixture.errors import InputError
from hotfixture.transforms.masks.base import Mask, OwnValue, Site
from hotfixture.transforms.masks.rows import Row
from hotfixture.transforms.masks.spans import Span, splice
from hotfixture.transforms.masks.spec import MaskSpec

Path: TypeAlias = "tuple[str | int, ...]"
State: TypeAlias = "tuple[tuple[Path, Mask], ...]"
"""The paths that may still match below a place: what is left of each, and its mask."""

ANY, DEEP = "*", ".."
_STEP = re.compile(r"\.\.([\w-]+)|\.(\*|[\w-]+)|\[(\*|\d+)\]|\[(?:'([^']*)'|\"([^\"]*)\")\]")
_BLANK = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?\Z")
_LITERAL = re.compile(r"-?\d[-+.\deE]*|true|false|null")
_skip = json.JSONDecoder().raw_decode


def steps(path: str) -> Path:
    """The path as steps; ValueError where it is none."""
    found: list[str | int] = []
    at = 1
    while at < len(path):
        match = _STEP.match(path, at)
        if not match:
            raise ValueError(path)
        deep, plain, bracket, single, double = match.groups()
        if deep:
            found += [DEEP, deep]
        elif bracket:
            found.append(ANY if bracket == ANY else int(bracket))
        else:
            found.append(next(name for name in (plain, single, double) if name is not None))
        at = match.end()
    if not path.startswith("$"):
        raise ValueError(path)
    return tuple(found)


class Json(OwnValue):
    """`{json: {"$.email": email, "$.addresses[*].street": street}}`; a text that is no JSON at all becomes `null`."""

    name = "json"
    NESTED = ("*",)
    uniqueness = "likely"

    def __init__(self, site: Site, options: Mapping[str, Any]) -> None:
        super().__init__(site, options)
        if site.kind not in ("json", "text"):
            raise site.error(f"'json' masks documents, the column holds {site.kind} values")
        if not options:
            raise site.error("'json' needs at least one path", '{json: {"$.email": email}}')
        self.state: State = tuple((self._steps(path), self._inner(spec)) for path, spec in options.items())

    def _steps(self, path: str) -> Path:
        try:
            return steps(path)
        except ValueError:
            raise self.site.error(f"{path!r} is no path", "$.name, $['a name'], $.list[*].name, $..name") from None

    def _inner(self, spec: Any) -> Mask:
        column = replace(self.column, length=None, arrow=pa.string(), native="", choices=())
        mask = self.site.bind(MaskSpec.parse(spec, self.site.where), column)
        if len(mask.reads) > 1:
            raise InputError(f"{mask.name!r} inside 'json' cannot read other columns", where=self.site.where)
        return mask

    def change(self, values: pa.Array, row: Row) -> pa.Array:
        texts = values.to_pylist()
        spans: list[Span] = []
        for index, text in enumerate(texts):
            if text:
                try:
                    spans += Scan(index, text).document(self.state)
                except (ValueError, IndexError, RecursionError):
                    texts[index] = "null"
        return splice(texts, spans, row)


class Scan:
    """Walks one document and gives the spans that paths reach; subtrees no path reaches are skipped by the parser."""

    def __init__(self, index: int, text: str) -> None:
        self.index, self.text = index, text
        self.end = 0
        """Where the value read last ends."""

    def document(self, state: State) -> list[Span]:
        """All spans; ValueError or IndexError where the text is no JSON document."""
        spans = list(self._value(self._blank(0), state))
        if self._blank(self.end) != len(self.text):
            raise ValueError("more than one document")
        return spans

    def _blank(self, at: int) -> int:
        return _BLANK.match(self.text, at).end()  # type: ignore[union-attr]  # it matches nothing as well

    def _value(self, at: int, state: State) -> Iterator[Span]:
        if not state:
            _, self.end = _skip(self.text, at)
            return
        opening = self.text[at]
        if opening == "{":
            yield from self._object(at + 1, state)
        elif opening == "[":
            yield from self._list(at + 1, state)
        else:
            yield from self._scalar(at, state)

    def _object(self, at: int, state: State) -> Iterator[Span]:
        at = self._blank(at)
        while self.text[at] != "}":
            self._expect(at, '"')
            name, at = scanstring(self.text, at + 1, True)
            at = self._blank(at)
            self._expect(at, ":")
            yield from self._value(self._blank(at + 1), below(state, name))
            at = self._next(self._blank(self.end), "}")
        self.end = at + 1

    def _list(self, at: int, state: State) -> Iterator[Span]:
        at, number = self._blank(at), 0
        while self.text[at] != "]":
            yield from self._value(at, below(state, number))
            at, number = self._next(self._blank(self.end), "]"), number + 1
        self.end = at + 1

    def _next(self, at: int, closing: str) -> int:
        """Where the next member begins, or the closing bracket."""
        if self.text[at] == closing:
            return at
        self._expect(at, ",")
        at = self._blank(at + 1)
        if self.text[at] == closing:
            raise ValueError("a comma before the end")
        return at

    def _expect(self, at: int, character: str) -> None:
        if self.text[at] != character:
            raise ValueError("no JSON")

    def _scalar(self, at: int, state: State) -> Iterator[Span]:
        mask = next((mask for path, mask in state if not path), None)
        if self.text[at] == '"':
            value, self.end = scanstring(self.text, at + 1, True)
            spell = _spell_text
        else:
            match = _LITERAL.match(self.text, at)
            if not match:
                raise ValueError("no JSON")
            value, self.end, spell = match[0], match.end(), _spell_other
            _skip(value)
        if (mask and value != "null") or (mask and spell is _spell_text):
            yield Span(self.index, at, self.end, value, mask, spell, self.text[at : self.end])


def below(state: State, step: str | int) -> State:
    """What is left of the paths one step further down; a path that has ended holds for everything below."""
    found: list[tuple[Path, Mask]] = []
    for path, mask in state:
        if not path:
            found.append((path, mask))
        elif path[0] == DEEP:
            found.append((path, mask))
            if path[1] == step:
                found.append((path[2:], mask))
        elif path[0] in (ANY, step):
            found.append((path[1:], mask))
    return tuple(found)


def _spell_text(span: Span, made: str | None) -> str:
    """As a JSON string, escaped as the original was."""
    return "null" if made is None else json.dumps(made, ensure_ascii=span.extra.isascii())


def _spell_other(span: Span, made: str | None) -> str:
    """A number stays a number where the mask gives one (stars count as 0), a boolean becomes false."""
    if made is None:
        return "null"
    if span.value in ("true", "false"):
        return made if made in ("true", "false") else {"1": "true"}.get(made, "false")
    if _NUMBER.match(made):
        return made
    return json.dumps(made) if made.strip("*") else "0"
