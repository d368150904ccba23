"""The binary fields of SSH (RFC 4251, section 5): lengths are 32 bits, big-endian; numbers are two's complement."""

from __future__ import annotations

import struct

from hotfixture.errors import InputError


class Fields:
    """Reads fields one after the other; InputError where what stands there is cut off, too long or not canonical."""

    def __init__(self, data: bytes, what: str) -> None:
        """`what` names the thing in messages."""
        self._data, self._what, self._at = data, what, 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        end = self._at + count
        if end > len(self._data):
            raise InputError(f"{self._what}: cut off at byte {len(self._data)}")
        found = self._data[self._at : end]
        self._at = end
        return found

    def byte(self) -> int:
        """One byte."""
        return self.take(1)[0]

    def uint32(self) -> int:
        """A number of 32 bits."""
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        """Bytes with their length before them."""
        return self.take(self.uint32())

    def text(self) -> str:
        """As `string`, of printable ASCII: names of algorithms and the like."""
        found = self.string()
        if not found.isascii() or not found.decode("ascii").isprintable():
            raise InputError(f"{self._what}: expected a name in ASCII")
        return found.decode("ascii")

    def natural(self) -> int:
        """A number ≥ 0 of any size, in its shortest form: a key must not have two spellings, thus two fingerprints."""
        found = self.string()
        number = int.from_bytes(found, "big", signed=True)
        if number < 0 or found != _shortest(number):
            raise InputError(f"{self._what}: a number is not in its shortest form")
        return number

    def end(self) -> None:
        """Nothing may follow."""
        left = len(self._data) - self._at
        if left:
            raise InputError(f"{self._what}: {left} bytes too many")


def string(value: bytes | str) -> bytes:
    """The field of bytes, or of a text in UTF-8."""
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack(">I", len(raw)) + raw


def natural(number: int) -> bytes:
    """The field of a number ≥ 0 of any size."""
    return string(_shortest(number))


def _shortest(number: int) -> bytes:
    # One bit more than the number has: the first bit is the sign.
    return number.to_bytes((number.bit_length() + 8) // 8, "big") if number else b""
