"""Columns of bytes: one value a row, put together from parts by one Arrow kernel, without a Python object a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Part: TypeAlias = bytes | Any
"""Bytes that all rows have in common, or one `large_binary` value a row, none of them null."""


def join(parts: Sequence[Part], rows: int) -> pa.Array:
    """One value a row: its parts, one after the other; neighbouring common parts are joined first."""
    merged: list[Any] = []
    for part in parts:
        if isinstance(part, bytes) and merged and isinstance(merged[-1], bytes):
            merged[-1] += part
        else:
            merged.append(part)
    if all(isinstance(part, bytes) for part in merged):
        return pa.repeat(pa.scalar(b"".join(merged), pa.large_binary()), rows)
    scalars = [pa.scalar(part, pa.large_binary()) if isinstance(part, bytes) else part for part in merged]
    return pc.binary_join_element_wise(*scalars, pa.scalar(b"", pa.large_binary()))


def fixed(values: Any) -> pa.Array:
    """A numpy array of numbers, or of rows of bytes, as one `large_binary` value a row."""
    width = values.itemsize * (values.shape[1] if values.ndim == 2 else 1)
    offsets = np.arange(0, len(values) * width + 1, width or 1, dtype=np.int64)
    buffers = [None, held(offsets), held(np.ascontiguousarray(values))]
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(values), buffers)


def held(values: Any) -> pa.Buffer:
    """The memory of a numpy array as a buffer."""
    return pa.py_buffer(values)


def filled(column: pa.Array) -> pa.Array:
    """The column with an empty value in place of each null."""
    return column.fill_null(b"") if column.null_count else column


def bounds(column: pa.Array) -> Any:
    """Where each value begins in the data buffer, and where the last one ends."""
    if not len(column):
        return np.zeros(1, np.int64)
    return np.frombuffer(column.buffers()[1], np.int64)[column.offset : column.offset + len(column) + 1]


def lengths(column: pa.Array) -> Any:
    """How many bytes each value has."""
    return np.diff(bounds(column))


def joined(rows: pa.Array) -> bytes:
    """The bytes of all rows, one after the other."""
    if not len(rows):
        return b""
    ends = bounds(rows)
    return bytes(memoryview(rows.buffers()[2])[ends[0] : ends[-1]])


def digits(column: pa.Array, size: int) -> Any:
    """Rows of `size` bytes, from bytes or from hexadecimal digits with or without hyphens and braces."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = pc.replace_substring_regex(column.cast(pa.large_string()), "[-{}]", "").cast(pa.large_binary())
        width = 2 * size
    else:
        column, width = column.cast(pa.large_binary()), size
    whole = column.fill_null(b"0" * width) if column.null_count else column
    if not bool((lengths(whole) == width).all()):
        raise ValueError(f"expected {size} bytes or {2 * size} hexadecimal digits")
    start = int(bounds(whole)[0])
    raw = np.frombuffer(whole.buffers()[2] or b"", np.uint8)[start : start + width * len(whole)].reshape(-1, width)
    return raw if width == size else _from_hexadecimal(raw)


def _from_hexadecimal(raw: Any) -> Any:
    nibbles = np.full(256, 0xFF, np.uint8)
    for value, digit in enumerate("0123456789abcdef"):
        nibbles[[ord(digit), ord(digit.upper())]] = value
    found = nibbles[raw]
    if bool((found == 0xFF).any()):
        raise ValueError("a character is no hexadecimal digit")
    return found[:, ::2] << 4 | found[:, 1::2]
