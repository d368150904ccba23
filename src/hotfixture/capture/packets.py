"""What goes through the pipe from the recorded program to its scribe: one packet after the other.

A packet is its size (eight bytes, little-endian), its sort (one byte), the size of its head (eight bytes), the head in
MessagePack, and the bytes of bodies as they are, so that a body of megabytes is never copied into a message.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from struct import Struct
from typing import Any, NamedTuple, Protocol, runtime_checkable

import msgspec

from hotfixture.capture.records import Frame
from hotfixture.capture.values import plain

SETUP, FRAME, PART, FLUSH, END, ENVIRONMENT = b"S", b"F", b"P", b"?", b".", b"E"
"""The sorts: what a writer must know; a finished call; a part of the bodies of one that runs; a wish to hear when all
before it is written; the proper end; variables that were set."""
AWAY = b"@"
"""A packet that says where another lies, and how long it is."""
_FRONT = Struct("<QcQ")
_PLACE = Struct("<QQ")


class Source(Protocol):
    """Where packets are read from: gives less than was asked for only at its end."""

    def read(self, size: int, /) -> bytes:
        """So many bytes."""


@runtime_checkable
class Shared(Source, Protocol):
    """One beside which packets lie in memory."""

    def taken(self, at: int, size: int) -> bytes:
        """What lies there; it can be read once."""


class Packet(NamedTuple):
    """One packet as it was read."""

    sort: bytes
    head: bytes
    rest: memoryview


class Head(Frame, array_like=True):
    """A frame or a part without its bodies: in their place are the sizes of their pieces in the order sent."""

    sent: list[int]  # type: ignore[assignment]  # sizes
    received: list[int]  # type: ignore[assignment]  # sizes


_encode = msgspec.msgpack.Encoder(enc_hook=plain).encode
_decode = msgspec.msgpack.Decoder(Head).decode


def packed(sort: bytes, head: bytes, pieces: Sequence[bytes] = ()) -> list[bytes]:
    """The buffers of a packet, to be written one after the other."""
    rest = sum(map(len, pieces))
    return [_FRONT.pack(_FRONT.size - 8 + len(head) + rest, sort, len(head)) + head, *pieces]


def away(at: int, size: int) -> bytes:
    """A packet in the place of one that lies elsewhere."""
    return _FRONT.pack(_FRONT.size - 8 + _PLACE.size, AWAY, _PLACE.size) + _PLACE.pack(at, size)


def of_frame(sort: bytes, frame: Frame) -> list[bytes]:
    """The buffers of a frame; takes its bodies out of it."""
    sent, received = frame.sent, frame.received
    frame.sent, frame.received = list(map(len, sent)), list(map(len, received))  # type: ignore[arg-type]  # a `Head`
    rest = sum(frame.sent) + sum(frame.received)  # type: ignore[arg-type]  # sizes
    try:
        head = _encode(frame)
    except (TypeError, ValueError, OverflowError, RecursionError):  # half characters, huge numbers, endless depth
        frame.request, frame.response = plain(frame.request), plain(frame.response)
        head = _encode(frame)
    frame.sent, frame.received = [], []
    return [_FRONT.pack(_FRONT.size - 8 + len(head) + rest, sort, len(head)), head, *sent, *received]


def to_frame(packet: Packet) -> Frame:
    """The frame of a packet, its bodies in place; msgspec.DecodeError where it is none."""
    head = _decode(packet.head)
    pieces = _cut(packet.rest, [*head.sent, *head.received])
    sent, received = pieces[: len(head.sent)], pieces[len(head.sent) :]
    return Frame(**msgspec.structs.asdict(head) | {"sent": sent, "received": received})


def _cut(data: memoryview, sizes: Sequence[int]) -> list[bytes]:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(bytes(data[at : at + size]))
        at += size
    return pieces


def environment(variables: Mapping[str, str]) -> list[bytes]:
    """The buffers of what was set."""
    return packed(ENVIRONMENT, _encode(variables))


def setup(value: Any) -> list[bytes]:
    """The buffers of the first packet."""
    return packed(SETUP, _encode(value))


def read(stream: Source) -> Iterator[Packet]:
    """The packets of a pipe; one that is torn at its end is left out."""
    while len(front := stream.read(_FRONT.size)) == _FRONT.size:
        size, sort, head = _FRONT.unpack(front)
        data = stream.read(size - _FRONT.size + 8)
        if len(data) < size - _FRONT.size + 8:
            return
        if sort == AWAY and isinstance(stream, Shared):
            yield _fetched(stream.taken(*_PLACE.unpack(data)))
        else:
            yield Packet(sort, data[:head], memoryview(data)[head:])


def _fetched(data: bytes) -> Packet:
    _, sort, head = _FRONT.unpack_from(data)
    after = _FRONT.size + head
    return Packet(sort, data[_FRONT.size : after], memoryview(data)[after:])
