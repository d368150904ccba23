"""The process that cleans and writes what another records: `python -m hotfixture.capture.scribe`.

It reads packets from its standard input until that ends, and then says what became of them. The recorded program pays
for one write into a pipe; and when it is killed, what it had handed over is still written.
"""

from __future__ import annotations

import signal
import sys
from typing import BinaryIO

import msgspec

from hotfixture.capture import packets
from hotfixture.capture.handover import Outcome, Setup, named
from hotfixture.capture.packets import Packet, Source
from hotfixture.capture.spools import Reader
from hotfixture.capture.writer import Writer


def serve(source: Source, answers: BinaryIO) -> None:
    """Write what comes until the pipe ends."""
    stream = packets.read(source)
    first = next(stream, None)
    if first is None:
        return
    try:
        writer = Writer(msgspec.msgpack.decode(first.head, type=Setup))
    except OSError as error:
        _say(answers, Outcome(problems=[named(error)]))
        return
    closed = False
    for packet in stream:
        if packet.sort == packets.FLUSH:
            _say(answers, Outcome())
        elif packet.sort == packets.END:
            closed = True
        else:
            _take(writer, packet)
    _say(answers, writer.close(closed=closed))


def _take(writer: Writer, packet: Packet) -> None:
    try:
        frame = packets.to_frame(packet)
    except (msgspec.DecodeError, TypeError) as error:
        writer.lose(error)
        return
    if packet.sort == packets.PART:
        writer.part(frame)
    else:
        writer.write(frame)


def _say(answers: BinaryIO, outcome: Outcome) -> None:
    try:
        answers.write(msgspec.json.encode(outcome) + b"\n")
        answers.flush()
    except BrokenPipeError:
        pass  # the program that recorded is gone; its records stand


def main(spool: int | None = None) -> None:
    """Serve the pipe, or the file in memory that it wakes for. An interrupt of the terminal is for the program that
    records, not for this."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    serve(sys.stdin.buffer if spool is None else Reader(spool, sys.stdin.fileno()), sys.stdout.buffer)


if __name__ == "__main__":
    main()
