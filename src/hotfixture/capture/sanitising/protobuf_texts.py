"""The texts of a message whose definition is known, with what they are called: what `protobuf.Rewriter` would be asked
about, in the same order, several times as fast. Most messages hold nothing that is to be changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from hotfixture.capture.sanitising.protobuf import (
    BOXES,
    BYTES,
    DEEPEST,
    MESSAGE,
    NUMBERS,
    STRING,
    Names,
    NotAMessageError,
    Rewriter,
    read_varint,
)

_VARINT, _FIXED64, _SIZED, _FIXED32 = 0, 1, 2, 5
_Field = tuple[int, int, int, int]
"""Number, wire type, where its value begins, where it ends."""


class _Sort(NamedTuple):
    """What of the definition of a message matters here."""

    kind: Any
    fields: dict[int, tuple[str, int, Any]]
    """Name, type, and the definition of its messages, by number."""
    key: int
    """The number of the field that says what `value` is called; 0 where none does."""
    packed: bool
    """Whether it is an Any."""
    box: bool


@lru_cache(maxsize=1 << 12)
def _sort_of(kind: Any) -> _Sort:
    names = kind.fields_by_name
    key = names.get("key") or names.get("name")
    keyed = key is not None and "value" in names and key.type == STRING
    fields = {one.number: (str(one.name), one.type, one.message_type) for one in kind.fields}
    return _Sort(kind, fields, key.number if keyed else 0, kind.full_name == "google.protobuf.Any",
                 kind.full_name in BOXES)  # fmt: skip


class Texts:
    """Collects the texts and numbers of a message, and what is neither text nor message."""

    def __init__(self, find: Callable[[str], Any]) -> None:
        self.found: dict[tuple[Names, Any], Any] = {}
        self.opaque: dict[bytes, bytes] = {}
        self._find = find
        self._rewriter = Rewriter(self._see, find, lambda value: self.opaque.setdefault(value, value))

    def _see(self, names: Names, value: Any) -> Any:
        self.found[names, value] = value
        return value

    def message(self, data: bytes, kind: Any) -> None:
        """Take in a message; NotAMessageError where it is none. `kind` is its descriptor, or None."""
        if kind is None:
            self._rewriter.message(data)
        else:
            self._message(data, (0, len(data)), kind, ("", ""), 0)

    def _message(self, data: bytes, span: tuple[int, int], kind: Any, name: Names, depth: int) -> None:
        if depth > DEEPEST:
            raise NotAMessageError
        found = _fields(data, *span)
        if found is None:  # groups, which nobody sends any more
            self._rewriter.message(data[span[0] : span[1]], kind, name, depth)
            return
        sort = _sort_of(kind)
        inner = self._inner(data, sort, found)
        for number, wire, start, end in found:
            field = sort.fields.get(number)
            if field is None:
                if wire == _SIZED:
                    self._rewriter.guessed(data[start:end], name, depth)
                continue
            called, holds, of = field
            if wire == _SIZED:
                names = name if sort.box else _called(name, called, inner)
                if holds == STRING:
                    text = data[start:end].decode(errors="surrogateescape")
                    self.found[names, text] = text
                elif holds == MESSAGE:
                    self._message(data, (start, end), of, names, depth + 1)
                elif holds == BYTES:
                    self._bytes(data, (start, end), inner, names, depth)
            elif wire == _VARINT and holds in NUMBERS:
                self._see(name if sort.box else _called(name, called, inner), read_varint(data, start)[0])

    def _bytes(self, data: bytes, span: tuple[int, int], inner: Any, names: Names, depth: int) -> None:
        if inner is not None and not isinstance(inner, str):
            self._message(data, span, inner, names, depth + 1)
        else:
            self._rewriter.guessed(data[span[0] : span[1]], names, depth)

    def _inner(self, data: bytes, sort: _Sort, found: list[_Field]) -> Any:
        """The definition of what is in an Any; the key of an entry of a map."""
        if sort.packed:
            url = next((data[start:end] for number, _, start, end in found if number == 1), b"")
            return self._find(url.decode(errors="replace").rpartition("/")[2])
        key = None
        if sort.key:
            for number, wire, start, end in found:
                if number == sort.key and wire == _SIZED:
                    key = data[start:end]
        return None if key is None else key.decode(errors="replace")


def _called(outer: Names, name: str, inner: Any) -> Names:
    return (outer[0], inner) if name == "value" and isinstance(inner, str) else (outer[1], name)


def _fields(data: bytes, at: int, end: int) -> list[_Field] | None:
    """The fields that stand there; None where there are groups among them. NotAMessageError where it is no message."""
    found = []
    try:
        while at < end:
            tag = data[at]
            at += 1
            if tag > 0x7F:
                tag, at = read_varint(data, at - 1)
            wire, start = tag & 7, at
            if wire == _SIZED:
                size = data[at]
                start = at + 1
                if size > 0x7F:
                    size, start = read_varint(data, at)
                at = start + size
            elif wire == _VARINT:
                at += 1
                if data[start] > 0x7F:
                    at = read_varint(data, start)[1]
            elif wire in (_FIXED64, _FIXED32):
                at += 8 if wire == _FIXED64 else 4
            else:
                return None
            if at > end or tag < 8:
                raise NotAMessageError
            found.append((tag >> 3, wire, start, at))
    except IndexError:
        raise NotAMessageError from None
    return found
