"""Rows are cut out of the protocol's packets exactly, however the bytes arrive."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymysql.err import MySQLError, OperationalError

from hotfixture.databases import mysql_wire

Row = list[bytes | None]

_LONG = st.integers(200, 70_000).map(lambda size: b"x" * size)
_FIELD = st.none() | st.binary(max_size=40) | st.sampled_from([b"", b"\xfb", b"\xff" * 250, b"y" * 251]) | _LONG


class _Stream:
    """A connection's stream that gives at most so many bytes at a time, the first of them read ahead."""

    def __init__(self, data: bytes, piece: int, ahead: int) -> None:
        self.data, self.piece, self.ahead, self.raw = data, piece, ahead, self
        self.asked_past_the_end = False

    def _take(self, size: int) -> bytes:
        taken, self.data = self.data[:size], self.data[size:]
        return taken

    def read1(self) -> bytes:
        return self._take(max(1, self.ahead))

    def readinto(self, view: memoryview) -> int:
        self.asked_past_the_end |= not self.data
        taken = self._take(min(self.piece, len(view)))
        view[: len(taken)] = taken
        return len(taken)


class _Result:
    unbuffered_active, connection = True, None

    def __init__(self, fields: int) -> None:
        self.fields = [None] * fields
        self.ended = False

    def _check_packet_is_eof(self, packet: object) -> bool:
        self.ended = True
        return True


class _Connection:
    encoding = "utf8"

    def __init__(self, stream: _Stream) -> None:
        self._rfile = stream


def _prefixed(value: bytes | None) -> bytes:
    if value is None:
        return b"\xfb"
    size = len(value)
    for limit, mark, width in ((0xFB, b"", 1), (1 << 16, b"\xfc", 2), (1 << 24, b"\xfd", 3)):
        if size < limit:
            return mark + size.to_bytes(width, "little") + value
    return b"\xfe" + size.to_bytes(8, "little") + value


def _packets(payload: bytes, number: int) -> bytes:
    """The payload in packets of the protocol, each at most 0xFFFFFF bytes."""
    out = b""
    while True:
        part, payload = payload[:0xFFFFFF], payload[0xFFFFFF:]
        out += len(part).to_bytes(3, "little") + bytes([number % 256]) + part
        if len(part) < 0xFFFFFF:
            return out


_END = b"\x05\0\0\x07\xfe\0\0\x02\0"


def _read(rows: list[Row], piece: int, ahead: int, end: bytes = _END) -> tuple[list[Row], _Result, _Stream]:
    data = b"".join(_packets(b"".join(map(_prefixed, row)), number) for number, row in enumerate(rows)) + end
    stream, result = _Stream(data, piece, ahead), _Result(len(rows[0]) if rows else 2)
    connection: Any = _Connection(stream)
    found: list[Row] = []
    for arrays in mysql_wire.columns(connection, result):
        found += [list(row) for row in zip(*(array.to_pylist() for array in arrays), strict=True)]
    return found, result, stream


@settings(max_examples=150, deadline=None)
@given(st.data(), st.integers(1, 6), st.integers(1, 300_000), st.integers(1, 8192))
def test_every_field_of_every_row_comes_out_however_the_bytes_arrive(
    data: st.DataObject, fields: int, piece: int, ahead: int
) -> None:
    rows = data.draw(st.lists(st.lists(_FIELD, min_size=fields, max_size=fields), max_size=30))
    found, result, stream = _read(rows, max(piece, sum(map(len, (f or b"" for r in rows for f in r))) // 500), ahead)
    assert found == rows
    assert result.ended
    assert not stream.asked_past_the_end, "waited for bytes after the last packet"


@pytest.mark.parametrize("size", [0xFFFFFF - 5, 0xFFFFFF - 4, 0xFFFFFF, 0xFFFFFF + 1, 2 * 0xFFFFFF - 9, 40 << 20])
def test_a_row_larger_than_a_packet_is_joined(size: int) -> None:
    rows: list[Row] = [[b"1", b"a"], [b"2", b"z" * size], [b"3", None]]
    found, _, _ = _read(rows, 1 << 20, 100)
    assert found == rows


def test_many_rows_come_in_several_batches() -> None:
    rows: list[Row] = [[b"%d" % number, b"v" * 100] for number in range(100_000)]
    stream = _Stream(b"".join(_packets(b"".join(map(_prefixed, r)), n) for n, r in enumerate(rows)) + _END, 65536, 8192)
    connection: Any = _Connection(stream)
    batches = [len(arrays[0]) for arrays in mysql_wire.columns(connection, _Result(2))]
    assert sum(batches) == len(rows)
    assert max(batches) < len(rows) // 2


def test_an_error_after_some_rows_is_raised_after_them() -> None:
    message = b"\xff" + (1317).to_bytes(2, "little") + b"#70100Query execution was interrupted"
    end = len(message).to_bytes(3, "little") + b"\x02" + message
    with pytest.raises(MySQLError, match="interrupted"):
        _read([[b"1"], [b"2"]], 1000, 5, end)


def test_a_connection_that_breaks_off_is_an_error() -> None:
    with pytest.raises(OperationalError, match="Lost connection"):
        _read([[b"1"], [b"2"]], 1000, 5, b"\x09\0\0")
