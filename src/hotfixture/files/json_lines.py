"""JSON: an array with one object a line, or one object a line and nothing else (NDJSON, https://jsonlines.org).

Numbers keep every digit. A reader that holds numbers as floating point (JavaScript among them) rounds integers beyond
2^53 and decimals: `text_numbers` writes those as texts. NaN and infinities, which JSON lacks, are texts always.
Bytes are hexadecimal digits, lists and structures are JSON's own. Reading gives texts unless a schema says more.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import IO, Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.errors import InputError
from hotfixture.files.formats import Format, Options, Writer
from hotfixture.files.text import check_names, from_text, joined, lines, literal, to_text

_ROWS = 10_000
_CHUNK = 1 << 20
_LONGEST_VALUE = 64 << 20
_BLANKS = re.compile(r"[ \t\n\r]*")
_EXACT = 2**53
_SPECIAL = '[\\x00-\\x1f"\\\\\\\\]'
"""What may not stand in a JSON text as it is."""


class Ndjson(Format):
    """One JSON object a line."""

    name = "ndjson"
    suffix = ".ndjson"
    options: ClassVar[Options] = {"text_numbers": bool}

    @classmethod
    def writer(cls, stream: IO[bytes], schema: pa.Schema, *, text_numbers: bool = False) -> NdjsonWriter:
        """A writer; with `text_numbers`, decimals and integers beyond ±2^53 are texts."""
        return NdjsonWriter(stream, schema, text_numbers=text_numbers)

    @classmethod
    def read(cls, stream: IO[bytes], schema: pa.Schema | None = None) -> Iterator[pa.RecordBatch]:
        """The rows; every column is text where no schema is given."""
        return _batches(_lines(stream), schema)


class Json(Format):
    """A JSON array of objects."""

    name = "json"
    suffix = ".json"
    options: ClassVar[Options] = {"text_numbers": bool}

    @classmethod
    def writer(cls, stream: IO[bytes], schema: pa.Schema, *, text_numbers: bool = False) -> JsonWriter:
        """A writer; with `text_numbers`, decimals and integers beyond ±2^53 are texts."""
        return JsonWriter(stream, schema, text_numbers=text_numbers)

    @classmethod
    def read(cls, stream: IO[bytes], schema: pa.Schema | None = None) -> Iterator[pa.RecordBatch]:
        """The rows; every column is text where no schema is given."""
        return _batches(_Array(stream), schema)


class NdjsonWriter(Writer):
    """Writes one object a line."""

    def __init__(self, stream: IO[bytes], schema: pa.Schema, *, text_numbers: bool = False) -> None:
        check_names(schema)
        self._stream = stream
        self._text_numbers = text_numbers

    def write(self, batch: pa.RecordBatch) -> None:
        """Append one batch."""
        if batch.num_rows:
            self._stream.write(joined(lines(self._members(batch), ",", begin="{", end="}\n")))

    def close(self) -> None:
        """Nothing is outstanding."""

    def _members(self, batch: pa.RecordBatch) -> list[pa.Array]:
        names = (json.dumps(name, ensure_ascii=False) for name in batch.schema.names)
        return [
            pc.binary_join_element_wise(literal(f"{name}:"), to_json(column, self._text_numbers), literal(""))
            for name, column in zip(names, batch.columns, strict=True)
        ]


class JsonWriter(NdjsonWriter):
    """Writes an array, one object a line."""

    def __init__(self, stream: IO[bytes], schema: pa.Schema, *, text_numbers: bool = False) -> None:
        super().__init__(stream, schema, text_numbers=text_numbers)
        self._begin = b"[\n"

    def write(self, batch: pa.RecordBatch) -> None:
        """Append one batch."""
        if not batch.num_rows:
            return
        # Every object but the file's first follows a comma: the batch's own begins differ from its first.
        rows = lines(self._members(batch), ",", begin=",\n{", end="}")
        self._stream.write(self._begin or b",\n")
        self._stream.write(joined(rows).slice(2))
        self._begin = b""

    def close(self) -> None:
        """Write the end of the array."""
        self._stream.write((self._begin and b"[") + b"\n]\n")


def to_json(column: pa.Array, text_numbers: bool) -> pa.Array:
    """Each value as JSON text (`large_string`); a null as `null`."""
    kind = column.type
    if pa.types.is_nested(kind) or pa.types.is_boolean(kind):
        text = to_text(column)
    elif pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_floating(kind):
        text = _numbers(column, text_numbers)
    else:
        text = to_text(column)
        text = _texts(pc.replace_substring(text, " ", "T", max_replacements=1) if _is_time(kind) else text)
    return text.fill_null("null")


def _is_time(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind))


def _numbers(column: pa.Array, text_numbers: bool) -> pa.Array:
    text = to_text(column)
    if pa.types.is_floating(column.type):
        as_text = pc.invert(pc.is_finite(column.cast(pa.float64())))
    elif not text_numbers:
        return text
    elif pa.types.is_decimal(column.type):
        return _texts(text)
    else:
        low, high = (pa.scalar(bound, pa.decimal128(20, 0)) for bound in (-_EXACT, _EXACT))
        wide = column.cast(pa.decimal128(20, 0))
        as_text = pc.or_(pc.greater(wide, high), pc.less(wide, low))
    return pc.if_else(as_text, _texts(text), text) if pc.any(as_text).as_py() else text


def _texts(text: pa.Array) -> pa.Array:
    """JSON strings; only those that hold a character to be escaped leave the fast road."""
    special = pc.match_substring_regex(text, _SPECIAL)
    quote = literal('"')
    plain = pc.binary_join_element_wise(quote, text, quote, literal(""))
    if not pc.any(special).as_py():
        return plain
    escaped = [json.dumps(value, ensure_ascii=False) for value in text.filter(special).to_pylist()]
    return pc.replace_with_mask(plain, special.fill_null(False), pa.array(escaped, pa.large_string()))


def _lines(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    """The objects of an NDJSON file, numbers with all their digits."""
    number = 0
    while line := stream.readline(_LONGEST_VALUE):
        number += 1
        if line.strip():
            yield _object(line, number)


_DECODER = json.JSONDecoder(parse_float=Decimal)


def _object(line: bytes, number: int) -> dict[str, Any]:
    try:
        found = _DECODER.decode(line.decode())
    except (ValueError, RecursionError):
        raise InputError(f"line {number}: not JSON") from None
    if not isinstance(found, dict):
        raise InputError(f"line {number}: expected a JSON object")
    return found


class _Array:
    """The objects of a JSON array, read piece by piece: the file may be larger than memory, one object may not."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._text = ""
        self._at = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        try:
            if self._next() != "[":
                raise InputError("expected a JSON array")
            mark = self._next()
            if mark == "]":
                return
            while mark == "{":
                yield self._object()
                if (mark := self._next()) == "]":
                    return
                mark = self._next() if mark == "," else ""
            raise InputError("expected a JSON array of objects")
        except UnicodeDecodeError:
            raise InputError("not UTF-8") from None

    def _fill(self) -> bool:
        """Read one more piece; False at the end of the file."""
        chunk = self._stream.read(_CHUNK)
        self._text, self._at = self._text[self._at :] + self._decode(chunk, not chunk), 0
        return bool(chunk)

    def _next(self) -> str:
        """The next character that is no blank; empty at the end of the file."""
        while True:
            found = _BLANKS.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                self._at += 1
                return self._text[self._at - 1]
            if not self._fill():
                return ""

    def _object(self) -> dict[str, Any]:
        """The object whose brace was the last character read."""
        self._at -= 1
        while True:
            try:
                found, self._at = _DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError):
                if len(self._text) - self._at > _LONGEST_VALUE or not self._fill():
                    raise InputError("not JSON, or an object of more than 64 MiB") from None
            else:
                return found  # type: ignore[no-any-return]  # it began with a brace


def _batches(rows: Iterable[dict[str, Any]], schema: pa.Schema | None) -> Iterator[pa.RecordBatch]:
    """Batches of `schema`, or of the first row's keys as texts; a key that a row lacks is null."""
    remaining = iter(rows)
    names = schema.names if schema is not None else None
    while piece := list(islice(remaining, _ROWS)):
        names = names or list(piece[0])
        known = dict.fromkeys(names).keys()
        if any(row.keys() != known and row.keys() - known for row in piece):
            strangers = {key for row in piece for key in row} - known
            raise InputError(f"unexpected keys {', '.join(sorted(strangers))}")
        columns = ([row.get(name) for row in piece] for name in names)
        texts = [pa.array(map(_text, column), pa.large_string(), size=len(piece)) for column in columns]
        if schema is None:
            yield pa.record_batch(texts, names=names)
        else:
            typed = [_column(text, field.type) for text, field in zip(texts, schema, strict=True)]
            yield pa.record_batch(typed, schema=schema)


def _column(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    return from_text(pc.replace_substring(texts, "T", " ", max_replacements=1) if _is_time(kind) else texts, kind)


def _text(value: object) -> str | None:
    """A JSON value in the spelling of `hotfixture.files.text`."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)
