"""The process that cleans and writes what another records: `python -m hotfixture.capture.scribe`.

It reads packets from its standard input until that ends, and then says what became of them. The recorded program pays
for one write into a pipe; and when it is killed, what it had handed over is still written.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable
from typing import BinaryIO

import msgspec

from hotfixture.capture import packets
from hotfixture.capture.handover import Outcome, Setup, named
from hotfixture.capture.packets import Packet
from hotfixture.capture.spools import TURN, Reader, ahead
from hotfixture.capture.writer import Writer


def serve(source: Iterable[Packet], answers: BinaryIO) -> None:
    """Write what comes, one session after the other, until there is no more."""
    writer: Writer | None = None
    failed = Outcome()
    for packet in source:
        if packet.sort == packets.SETUP:
            failed = Outcome()
            writer = _writer(packet, failed)
        elif packet.sort == packets.FLUSH:
            _say(answers, Outcome())
        elif packet.sort == packets.END:
            _say(answers, failed if writer is None else writer.close())
            writer = None
        elif packet.sort == packets.ENVIRONMENT:
            if writer is not None:
                writer.environment(msgspec.msgpack.decode(packet.head, type=dict[str, str]))
        elif writer is not None:
            _take(writer, packet)
        else:
            failed.lost += packet.sort == packets.FRAME
    if writer is not None:
        _say(answers, writer.close(closed=False))


def _writer(packet: Packet, failed: Outcome) -> Writer | None:
    try:
        return Writer(msgspec.msgpack.decode(packet.head, type=Setup))
    except Exception as error:  # noqa: BLE001 - the session is told at its end; the next one may go through
        failed.say(named(error))
        return None


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
    sys.setswitchinterval(TURN)
    source = packets.read(sys.stdin.buffer) if spool is None else ahead(Reader(spool, sys.stdin.fileno()))
    serve(source, sys.stdout.buffer)


if __name__ == "__main__":
    main()
