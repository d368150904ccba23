"""PostgreSQL's COPY text form: cut into fields, escaped and unescaped, joined to lines, always by whole columns.

The rules are those of "COPY, Text Format" in the PostgreSQL manual: fields part at tabs, rows at line feeds, `\\N` is
null, and backslash, backspace, form feed, line feed, carriage return, tab and vertical tab inside a value arrive as a
backslash and a letter. No value holds a NUL byte, which the unescaping below relies on.
"""

from __future__ import annotations

from binascii import hexlify, unhexlify
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

SHORT = 8_000
"""Bytes up to which splitting in Python is quicker than beginning to read CSV, which uses threads."""
NULL = b"\\N"
_BACKSLASH, _BLANK = ord("\\"), ord(" ")
_BOM = b"\xef\xbb\xbf"
_LETTERS = ((b"b", b"\b"), (b"f", b"\f"), (b"n", b"\n"), (b"r", b"\r"), (b"t", b"\t"), (b"v", b"\v"))
_HEX = b"\\\\x"
"""How the hex form of bytea begins, its backslash escaped."""


def split(piece: bytes, names: Sequence[str]) -> pa.RecordBatch:
    """Whole COPY lines as one batch of binary fields, still escaped, `\\N` still spelled out.

    One name alone takes whole lines: fields would part at a vertical tab, which always arrives escaped.
    """
    if len(piece) < SHORT:
        return _split_short(piece, names)
    if piece.startswith(_BOM):
        piece = _BOM + piece  # the reader drops one mark at the start; this one is a value's own
    places = [str(number) for number in range(len(names))]
    types = dict.fromkeys(places, pa.binary())
    table = csv.read_csv(
        pa.BufferReader(piece),
        read_options=csv.ReadOptions(use_threads=False, column_names=places, block_size=len(piece) + 1),
        parse_options=csv.ParseOptions(
            delimiter="\t" if len(names) > 1 else "\v", quote_char=False, escape_char=False, ignore_empty_lines=False
        ),
        convert_options=csv.ConvertOptions(check_utf8=False, strings_can_be_null=False, column_types=types),
    )
    return pa.RecordBatch.from_arrays([column.combine_chunks() for column in table.columns], names=list(names))


def _split_short(piece: bytes, names: Sequence[str]) -> pa.RecordBatch:
    lines = piece.split(b"\n")[:-1]
    fields = zip(*(line.split(b"\t") for line in lines), strict=True) if len(names) > 1 else [lines]
    return pa.RecordBatch.from_arrays([pa.array(field, pa.binary()) for field in fields], names=list(names))


def gather(batch: pa.RecordBatch, groups: Sequence[Sequence[str]]) -> pa.RecordBatch:
    """The batch with the fields of each group joined into one, named by their names with tabs between."""
    arrays = [
        batch.column(group[0])
        if len(group) == 1
        else pc.binary_join_element_wise(*(batch.column(name) for name in group), _scalar(b"\t"))
        for group in groups
    ]
    return pa.RecordBatch.from_arrays(arrays, names=["\t".join(group) for group in groups])


def join(fields: Sequence[pa.Array]) -> pa.Buffer | bytes:
    """The batch as COPY lines, ready to be written; Arrow nulls become `\\N`."""
    nulls: dict[str, Any] = {"null_handling": "replace", "null_replacement": NULL}
    last = pc.binary_join_element_wise(fields[-1], _scalar(b""), _scalar(b"\n"), **nulls)
    if len(fields) > 1:
        last = pc.binary_join_element_wise(*fields[:-1], last, _scalar(b"\t"), **nulls)
    return data_of(last)


def _scalar(value: bytes) -> pa.Scalar:
    return pa.scalar(value, pa.binary())


def data_of(array: pa.Array) -> pa.Buffer | bytes:
    """The bytes of all values of a binary array, one after the other, without a copy."""
    data = array.buffers()[2]
    if data is None or not len(array):
        return b""
    offsets = _offsets(array)
    return data.slice(int(offsets[0]), int(offsets[-1] - offsets[0]))


def _offsets(array: pa.Array) -> np.ndarray[Any, np.dtype[np.int32]]:
    return np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array) + 1]


def unescape(wire: pa.Array) -> pa.Array:
    """The values as binary; `\\N` as null. Only values that hold a backslash are touched."""
    if not _holds(wire, _BACKSLASH):
        return wire
    marked = pc.match_substring(wire, b"\\")
    found = nulls(wire.filter(marked))
    found = pc.replace_substring(found, b"\\\\", b"\0")
    if _any(pc.match_substring(found, b"\\")):
        for letter, meant in _LETTERS:
            found = pc.replace_substring(found, b"\\" + letter, meant)
    return pc.replace_with_mask(wire, _sure(marked), pc.replace_substring(found, b"\0", b"\\"))


def escape(values: pa.Array) -> pa.Array:
    """Binary values as COPY fields; null as `\\N`. Only values that need it are touched."""
    if _holds(values, _BACKSLASH, control=True):
        marked = _sure(pc.match_substring_regex(values, "[\\\\\b\f\n\r\t\v]"))
        found = pc.replace_substring(values.filter(marked), b"\\", b"\\\\")
        for letter, meant in _LETTERS:
            found = pc.replace_substring(found, meant, b"\\" + letter)
        values = pc.replace_with_mask(values, marked, found)
    return pc.fill_null(values, NULL) if values.null_count else values


def _holds(array: pa.Array, byte: int, *, control: bool = False) -> bool:
    """Whether any value holds the byte, or a control character: two quick passes, where a pattern takes ten."""
    data = np.frombuffer(data_of(array), np.uint8)
    return bool(len(data)) and bool((control and data.min() < _BLANK) or (data == byte).any())


def nulls(wire: pa.Array) -> pa.Array:
    """The fields as they are, but `\\N` as null."""
    return pc.if_else(pc.equal(wire, NULL), pa.scalar(None, wire.type), wire)


def unhex(wire: pa.Array) -> pa.Array:
    """Fields of type bytea (hex form) as the bytes they stand for; `\\N` as null."""
    none = pc.equal(pc.fill_null(wire, NULL), NULL)
    digits = pc.binary_replace_slice(pc.if_else(none, _HEX, wire), 0, len(_HEX), b"")
    return pc.if_else(none, pa.scalar(None, pa.binary()), _rescaled(digits, unhexlify, lambda places: places // 2))


def to_hex(values: pa.Array) -> pa.Array:
    """Bytes as fields of type bytea; null as `\\N`."""
    digits = _rescaled(values, hexlify, lambda places: places * 2)
    digits = pc.binary_join_element_wise(_scalar(_HEX), digits, _scalar(b""))
    return pc.fill_null(digits, NULL) if digits.null_count else digits


def _rescaled(array: pa.Array, convert: Callable[[Any], bytes], scale: Callable[[Any], Any]) -> pa.Array:
    """The array with all its bytes converted at once; the values' places follow by `scale`."""
    offsets = _offsets(array)
    places = scale(offsets.astype(np.int64) - offsets[0]).astype(np.int32)
    valid = pc.is_valid(array).buffers()[1] if array.null_count else None
    data = pa.py_buffer(convert(memoryview(data_of(array))))
    return pa.Array.from_buffers(pa.binary(), len(array), [valid, pa.py_buffer(places), data])


def _any(marks: pa.Array) -> bool:
    return bool(pc.any(marks).as_py())


def _sure(marks: pa.Array) -> pa.Array:
    return pc.fill_null(marks, fill_value=False) if marks.null_count else marks
