"""A program that is killed keeps what it recorded (case 20)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.capture.recordings import ROOT, only

from hotfixture.capture import journal, recovery, retention

SECRET = "hunter2Xy7Qw9Zk4Rt6"
PROGRAM = f"""
import os, time
from hotfixture.capture.session import capture
from hotfixture.capture import tapes
with capture() as session:
    for number in range(100_000):
        size = 120_000 if number % 20 == 7 else 50 * (number % 40)
        request = {{"method": "POST", "url": f"http://a/{{number}}", "headers": [["Authorization", "Bearer {SECRET}"]]}}
        one = session.begin("http", "a", "POST /", request)
        one.send(b'{{"password": "{SECRET}"}}')
        one.answered(status=200, headers=[["Content-Type", "application/json"], ["Set-Cookie", "sid={SECRET}; Path=/"]])
        one.chunk(b'{{"api_key": "{SECRET}", "fill": "' + b"x" * size + b'"}}')
        one.done()
        os.write(1, b".")
        time.sleep(0.002)  # as if something had answered
"""


def start(sessions: Path) -> subprocess.Popen[bytes]:
    """The program, in the midst of its recording."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    program = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, env=environment)
    assert program.stdout is not None
    assert program.stdout.read(1) == b"."
    return program


def kill(program: subprocess.Popen[bytes]) -> int:
    """End it at once; gives how many calls it had ended by then."""
    os.kill(program.pid, signal.SIGKILL)
    assert program.stdout is not None
    done = 1 + len(program.stdout.read())
    program.wait()
    program.stdout.close()
    return done


def settled(folder: Path) -> Path:
    """The journal of a session, when its scribe is through with it."""
    (path,) = folder.glob(journal.JOURNALS)
    until = time.monotonic() + 60
    while recovery.is_written(path) or not path.stat().st_size:
        assert time.monotonic() < until
        time.sleep(0.01)
    return path


def clean(directory: Path) -> None:
    for path in directory.rglob("*"):
        assert path.is_dir() or SECRET.encode() not in path.read_bytes(), path


def killed(sessions: Path, seed: int) -> None:
    """One kill at random: readable, complete but for one record at most, and clean."""
    program = start(sessions)
    time.sleep(random.Random(seed).uniform(0, 0.4))
    done = kill(program)
    folder = only(sessions)
    path = settled(folder)
    numbers = [one.number for one in journal.read(folder)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= done - 1
    end = journal.trailer(path)
    assert end is not None
    assert (end.count, end.lost, end.closed) == (len(numbers), 0, False)
    clean(sessions)


@pytest.mark.parametrize("seed", range(15))
def test_a_killed_program_loses_one_record_at_most(sessions: Path, seed: int) -> None:
    """case 20: fifteen of the two hundred."""
    killed(sessions, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(15, 215))
def test_two_hundred_killed_programs_lose_one_record_at_most(sessions: Path, seed: int) -> None:
    """case 20: all of them."""
    killed(sessions, seed)


def scribe_of(program: subprocess.Popen[bytes]) -> int:
    return int(Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()[0])


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the scribe in /proc")
@pytest.mark.parametrize("seed", range(6))
def test_where_the_scribe_is_killed_too_what_it_wrote_can_be_recovered(sessions: Path, seed: int) -> None:
    """case 20: both die, the scribe first; the last line may be torn, and nothing unclean stands in it."""
    program = start(sessions)
    scribe = scribe_of(program)
    (path,) = only(sessions).glob(journal.JOURNALS)
    while not path.stat().st_size:
        time.sleep(0.01)
    time.sleep(random.Random(seed).uniform(0, 0.3))
    os.kill(scribe, signal.SIGKILL)
    kill(program)
    folder = only(sessions)
    path = settled(folder)
    with path.open("ab") as file:  # a line that was being written
        file.write(b'{"id":"torn","timestamp":"2024')
    before = list(journal.read(folder))
    clean(sessions)
    (kept,) = retention.sessions(sessions)
    assert (kept.state, kept.count) == ("broken", len(before))
    recovered = recovery.recover(folder)
    assert recovered is not None
    assert (recovered.count, recovered.torn) == (len(before), 30)
    assert list(journal.read(folder)) == list(journal.read(recovery.file_of(folder))) == before
    (kept,) = retention.sessions(sessions)
    assert (kept.state, kept.count) == ("complete", len(before))
    assert recovery.recover(folder) is None
    clean(sessions)


def test_a_session_whose_scribe_never_began_can_be_recovered(sessions: Path) -> None:
    folder, _ = journal.create(sessions, 1_700_000_000.0)
    (folder / f"{2**22 + 1}-abcdef01.jsonl").touch()
    recovered = recovery.recover(folder)
    assert recovered is not None
    assert recovered.count == 0
    assert list(journal.read(recovery.file_of(folder))) == list(journal.read(folder)) == []


def test_a_program_that_ends_in_the_midst_of_a_long_call_keeps_its_beginning(sessions: Path) -> None:
    program = """
import os
from hotfixture.capture.session import capture
with capture() as session:
    one = session.begin("http", "a", "GET /", {"method": "GET", "url": "http://a/", "headers": []})
    one.answered(status=200, headers=[])
    for _ in range(40):
        one.chunk(b"x" * 100_000)
    os._exit(9)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    assert subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode == 9
    settled(only(sessions))
    (found,) = journal.read(only(sessions))
    assert found.status == "closed"
    assert found.notes == ["the program ended before this call did"]
    assert 2 * 2**20 < sum(size for _, size in found.chunks) <= 4_000_000


"""The pieces that were not handed over yet are gone with the program."""
