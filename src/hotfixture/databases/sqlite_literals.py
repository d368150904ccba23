"""SQLite's literals: spelled from values, and taken apart again, one by one and by whole columns."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from math import isinf, isnan
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

_QUOTE = ord("'")
_NUMBER = r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?"


def spell(value: object) -> str:
    """A Python value as a literal that gives it back."""
    match value:
        case None:
            return "NULL"
        case bool() | int():
            return str(int(value))
        case float():
            return _real(value)
        case Decimal():
            return str(value)
        case bytes():
            return f"X'{value.hex().upper()}'"  # as quote() spells it
        case datetime():
            return text(value.isoformat(" "))
        case date() | time():
            return text(value.isoformat())
        case _:
            return text(str(value))


def text(value: str) -> str:
    """A text literal; a text with a NUL character is spelled by its bytes, since a literal ends there."""
    if "\0" in value:
        return f"CAST(x'{value.encode(errors='surrogateescape').hex().upper()}' AS TEXT)"
    escaped = value.replace("'", "''")
    return f"'{escaped}'"


def _real(value: float) -> str:
    if isnan(value):
        return "NULL"  # SQLite stores NaN as NULL
    if isinf(value):
        return "9e999" if value > 0 else "-9e999"
    return repr(value)


def spelled_by_engine(name: str) -> str:
    """The SQL expression that gives the literal of a quoted column; quote() alone stops at a NUL character."""
    # Numbers sort before all texts, and a comparison costs less than two functions; a blob with a zero byte stays one.
    text_with_nul = f"{name} >= '' COLLATE BINARY AND instr({name}, char(0)) AND typeof({name}) = 'text'"
    return f"CASE WHEN {text_with_nul} THEN 'CAST(x'''||hex({name})||''' AS TEXT)' ELSE quote({name}) END"


def spelled_by_older_engine(name: str) -> str:
    """The same for an older SQLite, whose quote() spells an infinity `Inf`, which is no literal."""
    infinite = f"typeof({name}) = 'real' AND {name} IN (9e999, -9e999)"
    return f"CASE WHEN {infinite} THEN printf('%s9.0e+999', substr('-', {name} < 0, 1)) {spelled_by_engine(name)[5:]}"


def is_number(value: str) -> bool:
    """Whether a text, written bare, is a numeric literal."""
    return re.fullmatch(_NUMBER, value) is not None


def texts(values: pa.Array) -> pa.Array:
    """A column of text as literals; nulls stay null."""
    data, _ = _flat(values)
    if (data == 0).any():
        return pa.array([None if value is None else text(value) for value in values.to_pylist()], pa.string())
    if (data == _QUOTE).any():  # looking first costs next to nothing
        values = pc.replace_substring(values, "'", "''")
    return pc.binary_join_element_wise("'", values, "'", "")


def numbers(values: pa.Array) -> pa.Array:
    """A column of text as bare numbers where it holds numbers, else as text literals; nulls stay null."""
    number = pc.match_substring_regex(values, f"^{_NUMBER}$")
    return pc.if_else(number, values, texts(values))


def read_texts(wire: pa.Array) -> pa.Array:
    """A column of literals as text: text unquoted, numbers as they stand, NULL to null."""
    plain = _unquoted(wire)
    if plain is not None:
        return plain
    quoted = pc.starts_with(wire, "'")
    bare = pc.if_else(quoted, pc.utf8_slice_codeunits(wire, 1, -1), wire)
    values = pc.if_else(quoted, pc.replace_substring(bare, "''", "'"), bare)
    if pc.any(pc.starts_with(wire, "CAST(x'")).as_py():
        pairs = zip(wire.to_pylist(), values.to_pylist(), strict=True)
        values = pa.array([_read_cast(spelled) if spelled == value else value for spelled, value in pairs], pa.string())
    return pc.if_else(pc.equal(wire, "NULL"), pa.scalar(None, pa.string()), values)


def _unquoted(wire: pa.Array) -> pa.Array | None:
    """The texts, where all literals are texts without a quote inside; else None."""
    data, places = _flat(wire)
    if not len(wire) or np.count_nonzero(data == _QUOTE) != 2 * len(wire) or (data[places[:-1]] != _QUOTE).any():
        return None
    # Every second value is a text, those between are what stands from its closing quote to the next opening one.
    spread = np.empty(2 * len(wire) + 1, np.int32)
    spread[:-1:2], spread[1::2], spread[-1] = places[:-1] + 1, places[1:] - 1, places[-1]
    every = pa.StringArray.from_buffers(2 * len(wire), pa.py_buffer(spread), pa.py_buffer(data))
    return every.take(pa.array(np.arange(0, 2 * len(wire), 2, dtype=np.int32)))


def _flat(values: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """The bytes of all values of a text column, and where each begins; nulls may have some."""
    _, offsets, data = values.buffers()
    if data is None or not len(values):
        return np.empty(0, np.uint8), np.zeros(len(values) + 1, np.int32)
    places = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1]
    return np.frombuffer(data, np.uint8)[places[0] : places[-1]], places - places[0]


def read(wire: str) -> str | bytes | int | float | None:
    """One literal as the Python value that the standard module gives."""
    if wire == "NULL":
        return None
    if wire.startswith("'"):
        return wire[1:-1].replace("''", "'")
    if wire.startswith("X'"):
        return bytes.fromhex(wire[2:-1])
    if wire.startswith("CAST(x'"):
        return _read_cast(wire)
    return int(wire) if wire.lstrip("-").isdigit() else float(wire)


def _read_cast(value: str) -> str:
    if not value.startswith("CAST(x'"):
        return value
    return bytes.fromhex(value[7:].partition("'")[0]).decode(errors="replace")


def are_blobs(wire: pa.Array) -> bool:
    """Whether every literal is a blob or NULL."""
    return bool(pc.all(pc.or_(pc.starts_with(wire, "X'"), pc.equal(wire, "NULL"))).as_py())


def read_blobs(wire: pa.Array) -> pa.Array:
    """A column of blob literals as binary, NULL to null."""
    return pa.array([None if v == "NULL" else bytes.fromhex(v[2:-1]) for v in wire.to_pylist()], pa.binary())


def valid(wire: pa.Array) -> pa.Array:
    """The literals (one a field, or several joined), those that are no UTF-8 spelled by their bytes."""
    try:
        wire.validate(full=True)
    except pa.ArrowInvalid:
        return pa.array([_QUOTED.sub(_spell_bytes, value).decode() for value in _bytes(wire)], pa.string())
    return wire


_QUOTED = re.compile(rb"'(?:[^']|'')*'")


def _bytes(wire: pa.Array) -> list[bytes]:
    found: list[bytes] = wire.cast(pa.binary()).to_pylist()
    return found


def _spell_bytes(quoted: re.Match[bytes]) -> bytes:
    try:
        quoted[0].decode()
    except UnicodeDecodeError:
        unquoted = quoted[0][1:-1].replace(b"''", b"'")
        return b"CAST(x'" + unquoted.hex().upper().encode() + b"' AS TEXT)"
    return quoted[0]
