"""YAML text to nodes, within bounds: nothing of a file is executed, expanded without limit or silently dropped."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from hotfixture.documents.nodes import Node, Scalar, place_of
from hotfixture.errors import InputError, Problem, Where

if TYPE_CHECKING:
    from pathlib import Path


MAX_CHARACTERS = 8 << 20
MAX_DEPTH = 64
MAX_NODES = 500_000
"""Values after every alias is counted as often as it stands there."""

_TAG = "tag:yaml.org,2002:"
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_LONGEST_NUMBER = 400

_BRACKETED = re.compile(r"(?<=\w)\[[\w *]*\]|\$\{[\w.]*\}")
_HIDE = str.maketrans("[]{}", "\U0010fff0\U0010fff1\U0010fff2\U0010fff3")
_SHOW = str.maketrans("\U0010fff0\U0010fff1\U0010fff2\U0010fff3", "[]{}")


def parse(text: str, source: str = "template.yaml") -> Node:
    """The one document of `text`; an empty text gives a node whose value is None.

    Raises InputError with file, line and column of every problem; `source` is what errors call the file.
    """
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"a file of {len(text)} characters; at most {MAX_CHARACTERS} are read", where=Where(source))
    if bad := _UNPRINTABLE.search(text):
        name = f"U+{ord(bad[0]):04X}"
        raise InputError(f"the character {name} may not stand in YAML", where=place_of(text, bad.start(), source))
    return _Builder(text, source).document()


def read(path: Path, *, source: str = "") -> Node:
    """The document of a file (UTF-8); `source` is what errors call it (default: the path as given)."""
    name = source or str(path)
    try:
        with path.open("rb") as file:
            data = file.read(4 * MAX_CHARACTERS + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", where=Where(name)) from error
    try:
        return parse(data.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError("not UTF-8", where=Where(name, line), hint="Save the file as UTF-8.") from error


def _hidden(text: str) -> str:
    """The text with the brackets of `list[integer]`, `items[*]` and `${name}` hidden, character for character.

    Inside `{…}` and `[…]` YAML refuses them unless they are quoted, so no document changes its meaning by this.
    """
    if _keeps_brackets(text):
        return text
    return _BRACKETED.sub(lambda found: found[0].translate(_HIDE), text)


def _keeps_brackets(text: str) -> bool:
    """Whether the text itself uses one of the four private characters that would hide brackets."""
    return any(chr(hidden) in text for hidden in _SHOW)


class _Builder:
    """Builds nodes out of the parser's events, with its own bounds: nothing of PyYAML's constructors runs."""

    def __init__(self, text: str, source: str) -> None:
        import yaml

        self._yaml = yaml
        self._text = text
        self._source = source
        self._parser = (yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)(_hidden(text))
        self._show = {} if _keeps_brackets(text) else _SHOW
        self._anchors: dict[str, tuple[Node, int, int]] = {}
        self._count = 0
        self._problems: list[Problem] = []

    def document(self) -> Node:
        try:
            node = self._document()
        except self._yaml.MarkedYAMLError as error:
            raise self._syntax_error(error) from None
        finally:
            self._parser.dispose()
        if self._problems:
            raise InputError.of(self._problems)
        return node

    def _document(self) -> Node:
        self._parser.get_event()  # the stream's start
        event = self._parser.get_event()
        if isinstance(event, self._yaml.StreamEndEvent):
            return Node(None, Where(self._source, 1, 1))
        node, _ = self._node(self._parser.get_event(), 0)
        self._parser.get_event()  # the document's end
        event = self._parser.get_event()
        if not isinstance(event, self._yaml.StreamEndEvent):
            self._problem("a second document begins here; one is expected", self._where(event))
        return node

    def _syntax_error(self, error: Any) -> InputError:
        mark = error.problem_mark or error.context_mark
        where = Where(self._source, mark.line + 1, mark.column + 1)
        tab = self._text[mark.index : mark.index + 1] == "\t"
        message = ", ".join(part for part in (error.context, error.problem) if part)
        return InputError(f"not YAML: {message}", where=where, hint="Indent with spaces, not tabs." if tab else "")

    def _problem(self, message: str, where: Where, hint: str = "") -> None:
        self._problems.append(Problem(message, where, hint))

    def _where(self, event: Any) -> Where:
        return Where(self._source, event.start_mark.line + 1, event.start_mark.column + 1)

    def _node(self, event: Any, depth: int) -> tuple[Node, int]:
        """The node that begins with `event`, and its height."""
        if isinstance(event, self._yaml.AliasEvent):
            return self._alias(event, depth)
        before = self._count
        self._grow(1, depth, event)
        if isinstance(event, self._yaml.ScalarEvent):
            node, height = self._scalar(event), 0
        elif isinstance(event, self._yaml.SequenceStartEvent):
            node, height = self._sequence(event, depth)
        else:
            node, height = self._mapping(event, depth)
        if event.anchor:
            self._anchors[event.anchor] = (node, self._count - before, height)
        return node, height

    def _grow(self, count: int, depth: int, event: Any) -> None:
        self._count += count
        if self._count > MAX_NODES:
            raise InputError(f"more than {MAX_NODES} values, aliases counted", where=self._where(event))
        if depth > MAX_DEPTH:
            raise InputError(f"nested deeper than {MAX_DEPTH}", where=self._where(event))

    def _alias(self, event: Any, depth: int) -> tuple[Node, int]:
        found = self._anchors.get(event.anchor)
        if not found:
            where = self._where(event)
            hint = "An anchor (&) stands before its aliases, and not around them."
            raise InputError(f"no anchor is named {event.anchor!r} before this", where=where, hint=hint)
        node, size, height = found
        self._grow(size, depth + height, event)
        return node, height

    def _tag(self, event: Any, allowed: Collection[str]) -> str:
        """The tag's short name; empty where none is written."""
        tag: str = event.tag or ""
        if tag in ("", "!"):
            return "str" if tag else ""
        short = tag.removeprefix(_TAG)
        if short not in allowed:
            self._problem(f"the tag {tag!r} is not allowed here", self._where(event), "Write the value without a tag.")
            return ""
        return short

    def _scalar(self, event: Any) -> Node:
        tag = self._tag(event, ("str", "int", "float", "bool", "null"))
        style = event.style or ""
        text: str = event.value.translate(self._show)
        value: Scalar = text
        if (not tag and not style) or tag not in ("", "str"):
            value = self._core(text, event)
        if tag not in ("", "str") and not isinstance(value, _TAGGED[tag]):
            self._problem(f"not a value of the tag {tag!r}", self._where(event))
        raw = self._text[event.start_mark.index : event.end_mark.index]
        return Node(value, self._where(event), text, raw, style)

    def _core(self, text: str, event: Any) -> Scalar:
        if text in _WORDS:
            return _WORDS[text]
        integer = _INTEGER.fullmatch(text)
        if not integer and not _FLOAT.fullmatch(text):
            return text
        if len(text) > _LONGEST_NUMBER:
            self._problem(f"a number of {len(text)} characters", self._where(event), "Put quotes around a text.")
            return 0
        if integer:
            return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
        return float(text if text[-1] in "0123456789." else text.lower().replace(".", ""))

    def _sequence(self, event: Any, depth: int) -> tuple[Node, int]:
        self._tag(event, ("seq",))
        items, tallest = [], 0
        while not isinstance(inner := self._parser.get_event(), self._yaml.SequenceEndEvent):
            node, height = self._node(inner, depth + 1)
            items.append(node)
            tallest = max(tallest, height + 1)
        return Node(items, self._where(event)), tallest

    def _mapping(self, event: Any, depth: int) -> tuple[Node, int]:
        self._tag(event, ("map",))
        items: dict[str, Node] = {}
        keys: dict[str, Where] = {}
        tallest = 0
        while not isinstance(inner := self._parser.get_event(), self._yaml.MappingEndEvent):
            name = self._key(inner, keys, depth)
            node, height = self._node(self._parser.get_event(), depth + 1)
            items.setdefault(name, node)
            tallest = max(tallest, height + 1)
        return Node(items, self._where(event), keys=keys), tallest

    def _key(self, event: Any, keys: dict[str, Where], depth: int) -> str:
        """The key's text as written, noted in `keys`."""
        where = self._where(event)
        node, _ = self._node(event, depth + 1)
        if isinstance(node.value, dict | list):
            self._problem(f"expected a text as key, found a {node.kind}", where)
        elif node.text == "<<" and not node.style:
            self._problem("merge keys (<<) are not part of YAML 1.2", where, "Write the merged keys out.")
        elif node.text in keys:
            self._problem(f"the key {node.text!r} stands here twice, first in line {keys[node.text].line}", where)
        keys.setdefault(node.text, where)
        return node.text


_TAGGED: dict[str, Any] = {"int": int, "float": int | float, "bool": bool, "null": type(None)}
