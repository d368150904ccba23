"""The process that cleans and writes what another records: `python -m hotfixture.capture.scribe`.

It reads frames from its standard input until that ends, and then says what became of them. The recorded program pays
for one write into a pipe; and when it is killed, what it had handed over is still written.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from hotfixture.capture.records import Frame
from hotfixture.capture.writer import Outcome, Setup, Writer

LENGTH = 4
FLUSH = b""
"""A frame of no bytes asks for a word as soon as all before it is written."""


def frames(stream: BinaryIO) -> Iterator[bytes]:
    """The frames of a pipe; what is torn at its end is left out."""
    while len(head := stream.read(LENGTH)) == LENGTH:
        length = int.from_bytes(head, "little")
        data = stream.read(length)
        if len(data) < length:
            return
        yield data


def serve(source: BinaryIO, answers: BinaryIO) -> None:
    """Write what comes until the pipe ends."""
    pieces = frames(source)
    writer = Writer(msgspec.msgpack.decode(next(pieces), type=Setup))
    decode = msgspec.msgpack.Decoder(Frame).decode
    for data in pieces:
        if data == FLUSH:
            _say(answers, Outcome())
            continue
        try:
            frame = decode(data)
        except msgspec.DecodeError as error:
            writer.lose(error)
        else:
            writer.write(frame)
    _say(answers, writer.close())


def _say(answers: BinaryIO, outcome: Outcome) -> None:
    try:
        answers.write(msgspec.json.encode(outcome) + b"\n")
        answers.flush()
    except BrokenPipeError:
        pass  # the program that recorded is gone; its records stand


def main() -> None:
    """Serve the pipe; an interrupt of the terminal is for the program that records, not for this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
