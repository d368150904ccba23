"""Frames go to the scribe without keeping the caller, in order, and none is lost or torn."""

from __future__ import annotations

import itertools
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.capture.recordings import call, names

from hotfixture.capture import channels, journal, packets, pipes, rings, spools
from hotfixture.capture.pipes import Pipe
from hotfixture.capture.records import Frame
from hotfixture.capture.session import capture
from hotfixture.capture.spools import Reader, Spool, ahead
from hotfixture.errors import CaptureError

linux = pytest.mark.skipif(sys.platform != "linux", reason="files in memory are Linux's")


def frame(number: int, *received: bytes) -> Frame:
    return Frame(number, None, "http", "s", "o", {"n": number}, None, [b"a", b""], list(received), [1] * len(received),
                 1.0, 2, "success", None, "t", None, None, [])  # fmt: skip


def spooled() -> tuple[Spool, Reader, int]:
    """Both ends of a road through memory, and the descriptor that the reader waits at."""
    spool = Spool()
    reading, writing = os.pipe()
    reader = Reader(os.dup(spool.file), reading)
    spool.start(writing)
    return spool, reader, reading


def no_memory_files() -> Any:
    raise OSError(38, "Function not implemented")


@pytest.fixture(params=["spool", "pipe"])
def road(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Both roads to a scribe."""
    channels.dismiss()
    if request.param == "pipe":
        monkeypatch.setattr(channels, "Spool", no_memory_files)
    elif sys.platform != "linux":
        pytest.skip("files in memory are Linux's")
    yield str(request.param)
    channels.dismiss()


def test_a_frame_comes_out_of_its_packet_as_it_went_in(tmp_path: Path) -> None:
    path = tmp_path / "packets"
    path.write_bytes(b"".join(packets.of_frame(packets.FRAME, frame(7, b"x" * 100, b"", b"\0y"))) + b"\x05\0\0")
    with path.open("rb") as stream:
        (packet,) = packets.read(stream)
    assert packets.to_frame(packet) == frame(7, b"x" * 100, b"", b"\0y")


def test_both_roads_keep_every_record_and_its_order(sessions: Path, road: str) -> None:
    with capture() as session:
        for number in range(3000):
            call(str(number), "x" * (number % 700))
        assert type(session._sink._channel.pipe).__name__.lower() == road  # type: ignore[union-attr]
        assert len(session.interactions) == 3000
    assert session.close().count == 3000
    numbers = [msgspec.json.decode(line)["number"] for _, _, line in journal.lines(next(session.folder.glob("*.jsonl")))
               if line.startswith(b'{"id"')]  # fmt: skip
    assert numbers == list(range(1, 3001))


def test_a_scribe_that_is_stopped_does_not_keep_the_caller(sessions: Path, road: str) -> None:
    """The pipe is full and nobody reads it: the program goes on, and all is written in the end."""
    with capture() as session:
        call("first")
        assert len(session.interactions) == 1
        process = session._sink._channel.process  # type: ignore[union-attr]
        os.kill(process.pid, signal.SIGSTOP)
        took = []
        for number in range(400):
            one = session.begin("http", "svc", "GET /", {"method": "GET", "url": f"http://a/{number}", "headers": []})
            began = time.perf_counter()
            one.answered(status=200, headers=[])
            one.chunk(b"number %d " % number + b"x" * 20_000)
            one.done()
            took.append(time.perf_counter() - began)
        os.kill(process.pid, signal.SIGCONT)
        assert sorted(took)[200] < 0.002
        assert sum(took) < 3
    assert session.close().lost == 0
    for one in list(journal.read(session.folder))[1:]:
        number = one.request["url"].rpartition("/")[2]
        assert one.response["body"]["text"] == f"number {number} {'x' * 20_000}"


def test_a_scribe_that_takes_nothing_is_given_up_and_told(
    sessions: Path, road: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (pipes, spools):
        monkeypatch.setattr(module, "MOST", 3 * 2**20)
        monkeypatch.setattr(module, "PATIENCE", 0.2)
    with capture() as session:
        call("first")
        assert len(session.interactions) == 1
        process = session._sink._channel.process  # type: ignore[union-attr]
        os.kill(process.pid, signal.SIGSTOP)
        began = time.perf_counter()
        for _ in range(200):
            one = session.begin("http", "svc", "GET /", {"method": "GET", "url": "http://a/", "headers": []})
            one.chunk(b"x" * 100_000)
            one.done()
        assert time.perf_counter() - began < 5
        os.kill(process.pid, signal.SIGCONT)
    outcome = session.close()
    assert outcome.count + outcome.lost == 201
    assert outcome.lost > 60
    assert outcome.problems


def test_many_threads_write_whole_packets_into_a_small_pipe() -> None:
    """Partial writes, a slow reader, and packets from a byte to many times the pipe."""
    reading, writing = os.pipe()
    pipe = Pipe(writing)
    found: dict[int, list[int]] = {}
    sizes = random.Random(1)
    plans = [[sizes.choice([1, 5000, 70_000, 1_500_000]) for _ in range(12)] for _ in range(6)]

    def read() -> None:
        with os.fdopen(reading, "rb") as stream:
            for packet in packets.read(stream):
                made = packets.to_frame(packet)
                assert made.received == [bytes([made.number]) * plans[made.number][len(found.get(made.number, []))]]
                found.setdefault(made.number, []).append(len(made.received[0]))

    def write(number: int) -> None:
        for size in plans[number]:
            pipe.put(packets.of_frame(packets.FRAME, frame(number, bytes([number]) * size)))

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in [reader, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    pipe.close()
    reader.join(20)
    assert found == dict(enumerate(plans))


@linux
def test_what_was_read_is_given_back_to_the_system() -> None:
    spool, reader, reading = spooled()
    for number in range(3000):
        spool.put(packets.of_frame(packets.FRAME, frame(number % 256, bytes([number % 256]) * 10_000)))
        packet = next(packets.read(reader))
        assert packets.to_frame(packet).received == [bytes([number % 256]) * 10_000]
    assert os.fstat(spool.file).st_size > 30_000_000
    assert os.fstat(spool.file).st_blocks * 512 < 10_000_000
    assert spool.behind() < 2_000_000
    spool.close()
    assert reader.read(1) == b""
    os.close(reading)


@linux
def test_large_bodies_go_by_the_ring_while_there_is_room_and_else_are_appended() -> None:
    """Every body comes out as it went in, in order, whether the reader keeps up or not."""
    spool, reader, reading = spooled()
    source = packets.read(reader)
    before = os.fstat(spool.file).st_size
    sizes = random.Random(2)
    plan = [sizes.choice([100, 16_384, 70_000, 200_000, 1_500_000, rings.SOME + 1]) for _ in range(150)]
    for behind in (0, 60):
        waiting: list[int] = []
        for number, size in enumerate(plan):
            spool.put(packets.of_frame(packets.FRAME, frame(number, bytes([number]) * size, b"end")))
            waiting.append(number)
            while len(waiting) > behind:
                one = packets.to_frame(next(source))
                assert (one.number, one.sent) == (waiting[0], [b"a", b""])
                assert one.received == [bytes([one.number]) * plan[one.number], b"end"]
                waiting.pop(0)
        for _ in waiting:
            assert packets.to_frame(next(source)).received[1] == b"end"
        appended, before = os.fstat(spool.file).st_size - before, os.fstat(spool.file).st_size
        large = sum(size for size in plan if size > rings.SOME)
        assert (appended < large + 1_000_000) is (behind == 0)
    spool.close()
    os.close(reading)


@linux
def test_threads_and_signal_handlers_that_meet_in_the_ring_do_not_wait_and_lose_nothing() -> None:
    """One that comes in while another is at it appends."""
    spool, reader, reading = spooled()
    found: dict[int, list[bytes]] = {}

    def put(number: int, turn: int) -> None:
        body = bytes([number, turn]) * (10_000 + 997 * turn)
        spool.put(packets.of_frame(packets.FRAME, frame(number, body)))

    def read() -> None:
        for packet in ahead(reader):
            made = packets.to_frame(packet)
            found.setdefault(made.number, []).append(made.received[0])

    handled = itertools.count()
    before = signal.signal(signal.SIGVTALRM, lambda *_: put(9, next(handled) % 90))
    reads = threading.Thread(target=read)
    writers = [threading.Thread(target=lambda n=n: [put(n, turn) for turn in range(90)]) for n in range(4)]
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.001, 0.001)
    try:
        for thread in [reads, *writers]:
            thread.start()
        for turn in range(90):
            put(8, turn)
        for thread in writers:
            thread.join()
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    spool.close()
    reads.join(60)
    for number, bodies in found.items():
        turns = [body[1] for body in bodies]
        assert all(
            body == bytes([number, turn]) * (10_000 + 997 * turn) for body, turn in zip(bodies, turns, strict=True)
        )
        assert turns == [turn % 90 for turn in range(len(turns))] or number == 9
    assert {number: len(bodies) for number, bodies in found.items()} == dict.fromkeys((0, 1, 2, 3, 8), 90) | (
        {9: count} if (count := next(handled)) else {}
    )
    os.close(reading)


@linux
def test_what_a_system_without_room_for_a_ring_records_is_all_appended(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: int) -> Any:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(spools, "Ring", none)
    spool, reader, reading = spooled()
    spool.put(packets.of_frame(packets.FRAME, frame(1, b"x" * 100_000)))
    assert packets.to_frame(next(packets.read(reader))).received == [b"x" * 100_000]
    spool.close()
    os.close(reading)


@linux
def test_a_packet_that_is_torn_at_the_end_is_left_out() -> None:
    spool, reader, reading = spooled()
    spool.put(packets.of_frame(packets.FRAME, frame(1, b"x" * 1000)))
    os.write(spool.file, b"".join(packets.of_frame(packets.FRAME, frame(2, b"y" * 1000)))[:-1])
    spool.close()
    assert [packets.to_frame(packet).number for packet in packets.read(reader)] == [1]
    os.close(reading)


@linux
def test_a_system_without_memory_is_told() -> None:
    spool = Spool()
    reading, writing = os.pipe()
    spool.start(writing)
    read_only = os.open(f"/proc/self/fd/{spool.file}", os.O_RDONLY)
    os.dup2(read_only, spool.file)
    with pytest.raises(OSError):
        spool.put([b"x"])
    with pytest.raises(CaptureError):
        spool.put([b"x"])
    for one in (read_only, reading):
        os.close(one)
    spool.close()


def test_the_scribe_runs_in_a_folder_full_of_traps(
    sessions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files of the program's folder that are called like modules are not imported by the scribe."""
    for name in ("json", "types", "signal", "msgspec", "random"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('trap')")
    monkeypatch.chdir(tmp_path)
    channels.dismiss()
    with capture() as session:
        call("one")
    assert session.close().count == 1


def test_an_interrupt_of_the_terminal_does_not_end_the_scribe(sessions: Path) -> None:
    with capture() as session:
        call("one")
        assert len(session.interactions) == 1
        process = session._sink._channel.process  # type: ignore[union-attr]
        assert os.getpgid(process.pid) != os.getpgid(0)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(process.pid, number)
        call("two")
    assert names(journal.read(session.folder)) == {"one": 1, "two": 1}


def test_a_scribe_serves_the_next_session_too(sessions: Path) -> None:
    """To start one takes longer than most tests do."""
    seen = []
    for number in range(5):
        with capture(str(number)) as session:
            call(str(number))
            seen.append(session._sink._channel.process.pid)  # type: ignore[union-attr]
            with capture("inner") as inner:
                call("inner")
        assert session.close().count == inner.close().count == 1
        assert names(journal.read(session.folder)) == {str(number): 1}
    assert len(set(seen)) <= 2


def test_a_scribe_that_died_while_it_waited_is_not_used(sessions: Path) -> None:
    with capture() as first:
        call("one")
        process = first._sink._channel.process  # type: ignore[union-attr]
    process.kill()
    process.wait()
    with capture() as second:
        call("two")
    assert (second.close().count, second.close().lost) == (1, 0)
    assert names(journal.read(second.folder)) == {"two": 1}


@pytest.mark.skipif(sys.platform == "win32", reason="no process can be stopped for a while")
def test_a_session_whose_journal_cannot_be_opened_does_not_spoil_the_next(sessions: Path) -> None:
    with capture() as earlier:
        call("none")
        process = earlier._sink._channel.process  # type: ignore[union-attr]
    process.send_signal(signal.SIGSTOP)  # so that it opens the journal after that is spoiled
    with capture() as first:
        call("one")
        assert first._sink._channel.process is process  # type: ignore[union-attr]
        path = next(first.folder.glob("*.jsonl"))
        path.unlink()
        path.mkdir()
        process.send_signal(signal.SIGCONT)
    assert first.close().lost == 1
    with capture() as second:
        call("two")
    assert second.close().count == 1
