"""Messages of protobuf on the wire: texts in them changed, and nothing else; with their definition or without.

All that is not changed stays byte for byte as it was sent, in its order: fields that the definition does not know, too.
https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

_VARINT, _FIXED64, _SIZED, _OPEN, _CLOSE, _FIXED32 = range(6)
STRING, MESSAGE, BYTES = 9, 11, 12
"""Types of fields, as FieldDescriptorProto numbers them."""
NUMBERS = frozenset({3, 4, 5, 8, 13, 14, 17, 18})
"""Types that are sent as varints."""
BOXES = frozenset({
    "google.protobuf.Value", "google.protobuf.ListValue", "google.protobuf.StringValue", "google.protobuf.BytesValue",
    "google.protobuf.Int32Value", "google.protobuf.Int64Value", "google.protobuf.UInt32Value",
    "google.protobuf.UInt64Value", "google.firestore.v1.Value", "google.firestore.v1.ArrayValue",
    "google.datastore.v1.Value", "google.datastore.v1.ArrayValue",
})  # fmt: skip
"""Messages that only hold a value: what it is called stands outside of them."""
_ENTRY = (1, 2)
"""Numbers of the key and the value in an entry of a map."""
_KEY = re.compile(rb"[A-Za-z][\w.-]{1,63}")
DEEPEST = 100
"""Levels, as protobuf's own parsers have it."""

Names = tuple[str, str]
"""What a value is called, after what holds it: `("user", "email")`; empty where that is not known."""
Change = Callable[[Names, Any], Any]
"""Given the names and the text (or whole number) of a field: what stands in its place."""


class Part(NamedTuple):
    """One field on the wire: where it begins, where its value begins, where both end."""

    number: int
    wire: int
    start: int
    value: int
    end: int


class NotAMessageError(ValueError):
    """These bytes are no message of protobuf."""


def parts(data: bytes) -> Iterator[Part]:
    """The fields of a message in their order; NotAMessageError where it is none."""
    at, size = 0, len(data)
    opened: list[int] = []
    while at < size:
        start = at
        tag, at = read_varint(data, at)
        number, wire = tag >> 3, tag & 7
        if not number or wire > _FIXED32:
            raise NotAMessageError
        value = at
        if wire == _VARINT:
            _, at = read_varint(data, at)
        elif wire == _SIZED:
            length, value = read_varint(data, at)
            at = value + length
        elif wire in (_FIXED64, _FIXED32):
            at += 8 if wire == _FIXED64 else 4
        elif wire == _OPEN:
            opened.append(number)
        if at > size or (wire == _CLOSE and (not opened or opened.pop() != number)):
            raise NotAMessageError
        yield Part(number, wire, start, value, at)
    if opened:
        raise NotAMessageError


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins there, and where it ends."""
    result = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, at
        shift += 7
    raise NotAMessageError


def varint(number: int) -> bytes:
    """A number as it is sent."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def text_of(data: bytes) -> str | None:
    """The text that these bytes are; None where they are no readable one."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() or all(one.isprintable() or one in "\t\r\n" for one in text) else None


class Rewriter:
    """Changes the texts of messages. `find` gives the definition of a message by its full name, or None; `opaque` is
    given what is neither text nor message."""

    def __init__(
        self, change: Change, find: Callable[[str], Any] = lambda _: None, opaque: Callable[[bytes], bytes] = bytes
    ) -> None:
        self._change, self._find, self._opaque = change, find, opaque

    def message(self, data: bytes, kind: Any = None, name: Names = ("", ""), depth: int = 0) -> bytes:
        """The message with its texts changed; NotAMessageError where it is none. `kind` is its descriptor."""
        if depth > DEEPEST:
            raise NotAMessageError
        found = list(parts(data))
        inner = self._packed(data, kind, found) or self._key(data, kind, found)
        out, opened = [], 0
        for part in found:
            opened += (part.wire == _OPEN) - (part.wire == _CLOSE)
            field = kind.fields_by_number.get(part.number) if kind is not None and not opened else None
            called = self._called(kind, field, name, inner if kind is not None or part.number == _ENTRY[1] else None)
            out.append(self._part(data, part, field, called, (inner, depth)))
        return b"".join(out)

    def _part(self, data: bytes, part: Part, field: Any, name: Names, within: tuple[Any, int]) -> bytes:
        if part.wire == _VARINT and field is not None and field.type in NUMBERS:
            return self._number(data, part, name)
        if part.wire != _SIZED:
            return data[part.start : part.end]
        value = data[part.value : part.end]
        changed = self._sized(value, field, name, *within)
        if changed == value:
            return data[part.start : part.end]
        return varint(part.number << 3 | _SIZED) + varint(len(changed)) + changed

    def _sized(self, value: bytes, field: Any, name: Names, inner: Any, depth: int) -> bytes:
        if field is None:
            return self.guessed(value, name, depth)
        if field.type == MESSAGE:
            return self.message(value, field.message_type, name, depth + 1)
        if field.type == STRING:
            text = value.decode(errors="surrogateescape")
            return str(self._change(name, text)).encode(errors="surrogateescape")
        if field.type != BYTES:
            return value  # packed numbers
        if inner is not None and not isinstance(inner, str):
            return self.message(value, inner, name, depth + 1)
        return self.guessed(value, name, depth)

    def guessed(self, value: bytes, name: Names = ("", ""), depth: int = 0) -> bytes:
        """Bytes of which is not known what they are: a text, a message, or something else."""
        text = text_of(value)
        changed = b"" if text is None else str(self._change(name, text)).encode()
        if text is not None and changed == value:
            return value
        try:
            made = self.message(value, None, name, depth + 1)
        except NotAMessageError:
            return self._opaque(value) if text is None else changed
        return made if text is None or made != value else changed  # many a text is a message by accident

    def _number(self, data: bytes, part: Part, name: Names) -> bytes:
        """A number may be a secret by its name alone."""
        number = read_varint(data, part.value)[0]
        changed = self._change(name, number)
        if changed == number:
            return data[part.start : part.end]
        return data[part.start : part.value] + varint(changed if isinstance(changed, int) and changed > 0 else 0)

    def _called(self, kind: Any, field: Any, outer: Names, inner: Any) -> Names:
        """What the value of a field is called."""
        if kind is None and isinstance(inner, str):
            return outer[0], inner
        if field is None or kind.full_name in BOXES:
            return outer
        if isinstance(inner, str) and field.name == "value":
            return outer[0], inner
        return outer[1], str(field.name)

    def _packed(self, data: bytes, kind: Any, found: list[Part]) -> Any:
        """The definition of what is in an Any."""
        if kind is None or kind.full_name != "google.protobuf.Any":
            return None
        url = next((data[part.value : part.end] for part in found if part.number == 1), b"")
        return self._find(url.decode(errors="replace").rpartition("/")[2])

    def _key(self, data: bytes, kind: Any, found: list[Part]) -> str | None:
        """The key of an entry of a map, and of messages that are shaped like one."""
        if kind is None:
            return _entry(data, found)
        names = kind.fields_by_name
        field = names.get("key") or names.get("name")
        if field is None or "value" not in names or field.type != STRING:
            return None
        keys = [data[part.value : part.end] for part in found if part.number == field.number and part.wire == _SIZED]
        return keys[-1].decode(errors="replace") if keys else None


def _entry(data: bytes, found: list[Part]) -> str | None:
    """The key of what may be an entry of a map, where no definition says so."""
    if tuple(part.number for part in found) != _ENTRY or any(part.wire != _SIZED for part in found):
        return None
    key = data[found[0].value : found[0].end]
    return key.decode() if _KEY.fullmatch(key) else None


def readable(data: bytes, depth: int = 0) -> Any:
    """A message without its definition, by the numbers of its fields; what stands there more than once is a list."""
    out: dict[str, Any] = {}
    for part in parts(data):
        if part.wire in (_OPEN, _CLOSE):
            continue
        name, value = str(part.number), _readable(data, part, depth)
        if name in out:
            out[name] = [*(out[name] if isinstance(out[name], list) else [out[name]]), value]
        else:
            out[name] = value
    return out


def _readable(data: bytes, part: Part, depth: int) -> Any:
    value = data[part.value : part.end]
    if part.wire == _VARINT:
        return read_varint(data, part.value)[0]
    if part.wire != _SIZED:
        return int.from_bytes(value, "little")
    text = text_of(value)
    if text is not None or depth > DEEPEST:
        return text if text is not None else value.hex()
    try:
        return readable(value, depth + 1)
    except NotAMessageError:
        return value.hex()
