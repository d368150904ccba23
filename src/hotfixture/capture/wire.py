"""HTTP/1 bytes that the caller's side only collects as they go by: taken apart where the record is cleaned and written.

A frame of such a call has the bytes of whole messages in the place of bodies, or bytes in the place of texts, and under
`WIRE` what else is known.
"""

from __future__ import annotations

from typing import Any

from hotfixture.capture import failures
from hotfixture.capture.hooks.framing import Message
from hotfixture.capture.records import Frame

WIRE = "wire"
"""Of the request, where its bytes are those of the wire: the body that would have been sent where nothing was, and
whether the other side had closed. None where only the heads are bytes."""


def opened(frame: Frame) -> None:
    """Make the frame what it would be, had its messages been taken apart as they went by."""
    told = frame.request.pop(WIRE)
    if told is None:
        for parts in (frame.request, frame.response):
            _decode(parts or {})
        return
    wanted, closed = told
    _open_request(frame, wanted)
    _open_answer(frame, closed)


def _decode(parts: dict[str, Any]) -> None:
    """Every byte stands for one character (latin-1), as HTTP has it."""
    for name, value in parts.items():
        if name == "headers":
            parts[name] = [(key.decode("latin-1"), said.decode("latin-1")) for key, said in value]
        elif isinstance(value, bytes):
            parts[name] = value.decode("latin-1")


def _open_request(frame: Frame, wanted: bytes | None) -> None:
    pieces: list[bytes] = []
    message = Message(head=_seen, piece=pieces.append)
    for data in frame.sent:
        message.feed(data)
    if message.begun:
        frame.request["headers"] = message.headers
    frame.sent = pieces or ([] if wanted is None else [wanted])


def _open_answer(frame: Frame, closed: bool) -> None:
    received: list[bytes] = []
    times: list[int] = []
    at = 0

    def took(piece: bytes) -> None:
        received.append(piece)
        times.append(at)

    message = Message(head=_seen, piece=took, asked=frame.request["method"], hints=False)
    for at, data in zip(frame.times, frame.received, strict=True):  # noqa: B007 - `took` looks at it
        message.feed(data)
    if closed:
        message.eof()
    message.flush()
    frame.response = _parts(message) if message.begun else None
    frame.received, frame.times = received, times
    if frame.status == "closed":
        _judge(frame, message, closed)


def _judge(frame: Frame, message: Message, closed: bool) -> None:
    """What the program let go of may have been complete, or have been cut short by the other side."""
    if message.ended:
        frame.status = "success"
    elif closed and message.begun:
        from http.client import IncompleteRead  # at the top its hook would come here while this is being imported

        frame.status, frame.failure = "error", failures.describe(IncompleteRead(b"", message.missing))


def _parts(message: Message) -> dict[str, Any]:
    parts = {
        "status": message.status,
        "reason": message.reason,
        "version": message.version,
        "headers": message.headers,
    }
    return parts | ({"trailers": message.trailers} if message.ended and message.trailers else {})


def _seen(message: Message) -> None:
    """It stays in the message."""
