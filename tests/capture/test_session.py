"""A session keeps what is called within it, and never disturbs the program."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from tests.capture.recordings import call, names, only, read, run

from hotfixture.capture import channels, journal, running, tapes, writer
from hotfixture.capture.session import Session, capture
from hotfixture.errors import CaptureError


def test_all_that_is_called_within_is_kept_in_both_forms(sessions: Path) -> None:
    with capture("checkout", labels={"branch": "main"}) as session:
        call("one", {"a": (1,)} and [1])
        call("two")
    outcome = session.close()
    assert (outcome.count, outcome.lost, outcome.problems) == (2, 0, [])
    assert names(journal.read(session.folder)) == names(session.interactions) == {"one": 1, "two": 1}
    told = json.loads(session.folder.with_name(f"{session.folder.name}.json").read_text())
    assert told["name"] == "checkout"
    assert told["labels"] == {"branch": "main"}
    assert told["total_interactions"] == 2
    assert session.folder.parent == sessions


@pytest.mark.parametrize("within", [True, False])
def test_what_is_kept_can_be_seen_while_the_session_runs(sessions: Path, within: bool) -> None:
    with capture(within=within) as session:
        for number in range(3):
            call(str(number))
            assert len(session.interactions) == number + 1


def test_a_session_without_calls_is_a_session(sessions: Path) -> None:
    with capture("empty") as session:
        pass
    assert session.close().count == 0
    assert list(journal.read(session.folder)) == []
    assert [one.name for one in journal.headers(session.folder)] == ["empty"]


def test_a_session_without_calls_says_of_itself_what_any_other_says(
    sessions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run is found by the labels of any of its processes, though one of them called nothing; its name is clean."""
    secret = "quiet-" + "harbour-of-the-east"
    monkeypatch.setenv("SERVICE_API_TOKEN", secret)
    busy = Session("run", labels={journal.RUN: "one"})
    with tapes.under(busy):
        call("x")
    idle = Session("run", labels={journal.RUN: "one", "of": secret})
    busy.close()
    idle.close()
    assert running.chosen(None, sessions, "run") == [busy.folder, idle.folder]
    (busy_header,), (header,) = journal.headers(busy.folder), journal.headers(idle.folder)
    assert (header.name, header.key, header.tool) == ("run", busy_header.key, busy_header.tool)
    assert secret.encode() not in b"".join(path.read_bytes() for path in sessions.rglob("*") if path.is_file())


def test_captures_within_captures_keep_apart(sessions: Path) -> None:
    """case 4: nested and re-entrant."""
    with capture("outer") as outer:
        call("a")
        with capture("inner") as inner:
            call("b")
            with tapes.under(outer):
                call("c")
        call("d")
        with tapes.paused():
            call("never")
    assert names(journal.read(outer.folder)) == {"a": 1, "c": 1, "d": 1}
    assert names(journal.read(inner.folder)) == {"b": 1}


def test_a_call_within_a_call_names_its_parent(sessions: Path) -> None:
    """case 4: the parent's id is right, also when the parent ends first."""
    with capture() as session:
        outer = session.begin("call", "svc", "outer", {"name": "outer"})
        with outer.inside():
            inner = session.begin("call", "svc", "inner", {"name": "inner"})
            with inner.inside():
                call("innermost")
        call("beside")
        outer.done(name="outer")
        inner.done(name="inner")
    found = {one.request["name"]: one for one in journal.read(session.folder)}
    assert found["outer"].parent is found["beside"].parent is None
    assert found["inner"].parent == found["outer"].id
    assert found["innermost"].parent == found["inner"].id


def test_a_generator_that_is_left_unfinished_does_not_leave_its_session_behind(sessions: Path) -> None:
    """case 4: a context that a generator entered."""

    def recording() -> Any:
        with capture("generator") as session:
            yield session
            yield session

    generator = recording()
    session = next(generator)
    call("within")

    async def ends_it_elsewhere() -> None:
        generator.close()

    asyncio.run(ends_it_elsewhere())
    call("after")
    gc.collect()
    assert tapes.current() is None
    assert names(journal.read(session.folder)) == {"within": 1}


def test_blocks_may_end_in_any_order(sessions: Path) -> None:
    """case 4: not nested, but overlapping."""
    first, second = capture("first"), capture("second")
    one, other = first.__enter__(), second.__enter__()
    first.__exit__(None, None, None)
    call("a")
    second.__exit__(None, None, None)
    call("b")
    assert tapes.current() is None
    assert names(journal.read(one.folder)) == {}
    assert names(journal.read(other.folder)) == {"a": 1}


def test_a_call_that_still_runs_at_the_end_is_kept_as_far_as_it_is(sessions: Path) -> None:
    with capture() as session:
        running = session.begin("http", "svc", "GET /", {"method": "GET", "url": "http://a/", "headers": []})
        running.answered(status=200, headers=[])
        running.chunk(b"part")
    running.chunk(b"too late")
    running.done()
    (found,) = journal.read(session.folder)
    assert found.status == "closed"
    assert found.notes == ["it still ran when the session ended"]
    assert [size for _, size in found.chunks] == [4]
    late = session.begin("call", "svc", "x", {"name": "late"})
    late.done(name="late")
    assert session.close().count == 1


def test_long_bodies_are_handed_over_in_parts_and_come_together(sessions: Path) -> None:
    pieces = [bytes([65 + number % 26]) * 300_000 for number in range(20)]
    for within in (True, False):
        with capture(within=within) as session:
            one = session.begin("http", "svc", "GET /", {"method": "GET", "url": "http://a/", "headers": []})
            one.answered(status=200, headers=[])
            for piece in pieces:
                one.chunk(piece)
                assert sum(map(len, one.received)) < 2 * 2**20
            one.done()
        (found,) = journal.read(session.folder)
        assert found.response["body"]["text"].encode() == b"".join(pieces)
        assert [size for _, size in found.chunks] == [300_000] * 20


def test_of_a_stream_without_an_end_the_beginning_is_kept(sessions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotfixture.capture.calls.LARGEST", 1000)
    with capture() as session:
        one = session.begin("http", "svc", "GET /", {"method": "GET", "url": "http://a/", "headers": []})
        one.answered(status=200, headers=[])
        one.send(b"y" * 900)
        for _ in range(100):
            one.chunk(b"x" * 100)
        one.chunk(b"the end is left out"[:10])
        one.done()
    (found,) = journal.read(session.folder)
    assert len(found.response["body"]["text"]) == 1000
    assert found.notes == ["the first 1000 bytes of a body are kept, 9010 more were left out"]


def test_a_frame_that_no_message_can_hold_is_kept(sessions: Path) -> None:
    """case 18: what hooks forgot to make plain never reaches the caller."""
    deep: Any = "x"
    for _ in range(5000):
        deep = [deep]
    with capture() as session:
        for value in (2**70, "\ud800", deep, object, {1, 2}, {(1, 2): 3}):
            call("odd", value)
    assert session.close().lost == 0
    assert len(list(journal.read(session.folder))) == 6


def broken(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_without_room_does_not_reach_the_program(
    sessions: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """case 19: no space, in the midst of a session."""
    with capture(within=True) as session:
        call("kept")
        monkeypatch.setattr(journal.Journal, "_line", broken)
        call("lost")
        call("lost too")
    monkeypatch.undo()
    outcome = session.close()
    assert (outcome.count, outcome.lost) == (1, 2)
    assert outcome.problems == ["OSError: No space left on device"]
    assert "2 calls not recorded: OSError: No space left on device" in capsys.readouterr().err
    assert names(journal.read(session.folder)) == {"kept": 1}


def test_a_full_disk_is_told_by_the_scribe(sessions: Path) -> None:
    """case 19: a real limit of the system, in the scribe's own process."""
    program = """
import os, resource, signal, sys
sys.dont_write_bytecode = True  # else the limit cuts compiled modules short, that all later processes fail at
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
from tests.capture.recordings import call
from hotfixture.capture.session import capture
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))
with capture() as session:
    for number in range(100):
        call(str(number))
outcome = session.close()
print(outcome.count, outcome.lost, outcome.problems)
"""
    done = run(program)
    count, lost, said = done.stdout.split(maxsplit=2)
    assert int(count) + int(lost) == 100
    assert 0 < int(count) < 30
    assert "File too large" in said
    assert "calls not recorded" in done.stderr
    assert len(read(sessions)) == int(count)


@pytest.mark.parametrize("strict", [False, True])
def test_a_directory_that_cannot_be_written_is_told_at_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], strict: bool
) -> None:
    """case 19: permission denied, no directory, and `strict` fails the block."""
    (tmp_path / "file").write_text("")
    seen = []
    fails = pytest.raises(CaptureError, match="2 calls not recorded") if strict else contextlib.nullcontext()
    with fails, capture(directory=tmp_path / "file" / "below", strict=strict) as session:
        call("one")
        call("two")
        seen.append("all of the block ran")
    assert seen
    assert session.close().lost == 2
    assert "NotADirectoryError" in capsys.readouterr().err
    assert session.interactions == []


def test_a_read_only_folder_is_told_at_the_end(sessions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """case 19: a file system that is read-only."""
    real = Path.touch

    def touch(path: Path, *args: Any, **kwargs: Any) -> None:
        if path.suffix == ".jsonl":
            raise OSError(errno.EROFS, "Read-only file system")
        real(path, *args, **kwargs)

    monkeypatch.setattr(Path, "touch", touch)
    with capture() as session:
        call("one")
    outcome = session.close()
    assert (outcome.count, outcome.lost) == (0, 1)
    assert outcome.problems == ["OSError: Read-only file system"]


def test_the_block_s_own_exception_comes_first(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ZeroDivisionError), capture(directory=tmp_path / "file", strict=True):
        call(str(1 / 0))


def test_a_sanitiser_that_fails_loses_that_record_alone(sessions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """case 19: a hook of the user's raises; nothing unclean is written, nothing of its text is told."""
    real = writer.interaction_of

    def interaction_of(frame: Any, *args: Any, **kwargs: Any) -> Any:
        if frame.request["name"] == "bad":
            raise RuntimeError("the secret is hunter2")
        return real(frame, *args, **kwargs)

    monkeypatch.setattr(writer, "interaction_of", interaction_of)
    with capture(within=True) as session:
        for name in ("good", "bad", "fine"):
            call(name)
    outcome = session.close()
    assert (outcome.count, outcome.lost, outcome.problems) == (2, 1, ["RuntimeError"])
    assert names(journal.read(session.folder)) == {"good": 1, "fine": 1}


def test_a_scribe_that_dies_is_told_and_what_it_lost_is_counted(sessions: Path) -> None:
    """case 19: the scribe itself is killed."""
    with capture() as session:
        call("kept")
        assert len(session.interactions) == 1
        process = session._sink._channel.process  # type: ignore[union-attr]
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        for number in range(20):
            call(f"lost {number}")
        assert len(session.interactions) == 1
    outcome = session.close()
    assert (outcome.count, outcome.lost) == (1, 20)
    assert any("scribe ended" in said for said in outcome.problems)
    assert names(journal.read(session.folder)) == {"kept": 1}


def test_without_a_process_to_be_had_the_program_writes_itself(sessions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any, **__: Any) -> Any:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    channels.dismiss()
    monkeypatch.setattr("subprocess.Popen", none)
    with capture() as session:
        call("one")
        assert len(session.interactions) == 1
    assert session.close().count == 1


def test_a_frozen_program_writes_itself(sessions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with capture() as session:
        call("one")
    assert type(session._sink).__name__ == "Within"
    assert session.close().count == 1


def test_a_finaliser_that_records_within_a_recording_does_no_harm(sessions: Path) -> None:
    """What is dropped half read is ended by the collector, at any moment and in any thread."""
    with capture(threads="all") as session:  # other tests' threads may be the ones that collect
        call("first")

        class Dropped:
            def __init__(self) -> None:
                self.itself = self

            def __del__(self) -> None:
                call("finaliser")

        gc.set_threshold(20)
        try:
            for _ in range(500):
                Dropped()
                call("direct", [[] for _ in range(20)])
            gc.collect()
        finally:
            gc.set_threshold(700)
    assert session.close().lost == 0
    found = names(one for one in journal.read(session.folder) if one.service == "svc")
    assert found == {"first": 1, "direct": 500, "finaliser": 500}


def test_a_signal_handler_that_records_does_no_harm(sessions: Path) -> None:
    with capture() as session:
        before = signal.signal(signal.SIGVTALRM, lambda *_: call("signal"))
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0005, 0.0005)
        try:
            until, count = time.perf_counter() + 1, 0
            while time.perf_counter() < until:
                call("direct")
                count += 1
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)
    assert session.close().lost == 0
    found = names(journal.read(session.folder))
    assert found["direct"] == count
    assert found["signal"] > 20


def test_a_forgotten_session_is_ended_with_the_program(sessions: Path) -> None:
    program = """
from tests.capture.recordings import call
from hotfixture.capture import tapes
from hotfixture.capture.session import Session
session = Session("forgotten")
block = tapes.under(session)
block.__enter__()
for number in range(50):
    call(str(number))
"""
    done = run(program)
    assert done.stderr == ""
    assert len(read(sessions)) == 50
    assert journal.outcome_of(only(sessions))["count"] == 50
    assert only(sessions).with_name(only(sessions).name + ".json").exists()


@pytest.mark.parametrize("strict", ["0", "1"])
def test_the_exit_status_tells_where_that_was_asked_for(tmp_path: Path, strict: str) -> None:
    """case 19: a plain script, whose result stays its own by default."""
    (tmp_path / "file").write_text("")
    program = """
import sys
from tests.capture.recordings import call
from hotfixture.capture import tapes
from hotfixture.capture.session import Session
block = tapes.under(Session(directory=sys.argv[1]))
block.__enter__()
call("one")
print("done")
"""
    done = run(program, str(tmp_path / "file" / "x"), check=False, TEST_CAPTURE_STRICT=strict)
    assert done.stdout == "done\n"
    assert "1 calls not recorded" in done.stderr
    assert done.returncode == int(strict)


def test_closing_from_many_threads_at_once_gives_one_answer(sessions: Path) -> None:
    session = Session()
    with tapes.under(session):
        call("one")
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(session.close())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(one is found[0] for one in found)
    assert found[0].count == 1


def test_the_key_is_not_shown(masking_key: str, sessions: Path) -> None:
    with capture("n") as session:
        call("one")
        setup = session._sink._setup  # type: ignore[union-attr]
        assert str(bytes.fromhex(masking_key))[2:-1] not in repr((setup, session))
    for path in [*session.folder.rglob("*"), session.folder.with_name(session.folder.name + ".json")]:
        assert path.is_dir() or masking_key not in path.read_text()
