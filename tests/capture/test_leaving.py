"""Forks, other processes and the ends of programs (case 21)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.capture.recordings import ROOT, call, names, only, read, run

from hotfixture.capture import journal
from hotfixture.capture.session import capture


def test_a_fork_after_the_start_writes_a_journal_of_its_own(sessions: Path) -> None:
    """case 21: os.fork, in the midst of a session with threads."""
    program = """
import os, threading, time
from tests.capture.recordings import call
from hotfixture.capture.session import capture
with capture() as session:
    busy = threading.Thread(target=lambda: [call("busy") for _ in range(2000)])
    busy.start()
    call("before")
    children = []
    for number in range(4):
        child = os.fork()
        if not child:
            for step in range(50):
                call(f"child {number}")
            os._exit(0)
        children.append(child)
    call("after")
    for child in children:
        os.waitpid(child, 0)
    busy.join()
outcome = session.close()
print(outcome.count, outcome.lost, outcome.problems)
"""
    done = run(program)
    assert (done.stdout, done.stderr) == ("2202 0 []\n", "")
    found = names(read(sessions))
    assert found == {"before": 1, "after": 1, "busy": 2000, **{f"child {number}": 50 for number in range(4)}}
    assert len(list(only(sessions).glob("*.jsonl"))) == 5
    told = json.loads(only(sessions).with_name(only(sessions).name + ".json").read_text())
    assert told["total_interactions"] == len(told["interactions"]) == 2202
    assert len({one["id"] for one in told["interactions"]}) == 2202


def test_processes_of_multiprocessing_are_counted_in(sessions: Path) -> None:
    """case 21: multiprocessing by fork, ended by its own means."""
    program = """
import multiprocessing
from tests.capture.recordings import call
from hotfixture.capture.session import capture
context = multiprocessing.get_context("fork")
with capture() as session:
    call("parent")
    with context.Pool(3) as pool:
        pool.map(call, ["pooled"] * 60)
        pool.close()
        pool.join()
    child = context.Process(target=call, args=("process",))
    child.start()
    child.join()
print(session.close().count)
"""
    done = run(program)
    assert (done.stdout, done.stderr) == ("62\n", "")
    assert names(read(sessions)) == {"parent": 1, "pooled": 60, "process": 1}


def test_a_fork_does_not_keep_the_scribe_of_its_parent_alive(sessions: Path) -> None:
    """case 21: a daemon that was forked off lives on; the session ends all the same."""
    program = """
import os, sys, time
from tests.capture.recordings import call
from hotfixture.capture.session import capture
with capture() as session:
    call("one")
    child = os.fork()
    if not child:
        os.close(1), os.close(2)
        time.sleep(60)
        os._exit(0)
print(session.close().count, child)
"""
    began = time.perf_counter()
    done = run(program)
    count, child = done.stdout.split()
    os.kill(int(child), 9)
    assert count == "1"
    assert time.perf_counter() - began < 30


def test_ten_processes_that_begin_at_once_write_over_nothing(sessions: Path) -> None:
    """case 21: 8 workers and 2 processes in one millisecond, some sharing it for sure."""
    program = """
import sys, time
from tests.capture.recordings import call
from hotfixture.capture import clocks
from hotfixture.capture.session import capture
clocks.CLOCKS.epoch = lambda: 1700000000.123
with capture(sys.argv[1]) as session:
    for step in range(20):
        call(sys.argv[1])
"""
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda number: run(program, f"worker {number}"), range(10)))
    folders = [path for path in sessions.iterdir() if path.is_dir()]
    assert len(folders) == len([path for path in sessions.iterdir() if path.suffix == ".json"]) == 10
    found = {journal.headers(folder)[0].name: names(journal.read(folder)) for folder in folders}
    assert found == {f"worker {number}": {f"worker {number}": 20} for number in range(10)}
    assert len({journal.headers(folder)[0].session_id for folder in folders}) == 10


def test_a_program_that_is_started_inherits_nothing(sessions: Path) -> None:
    """A child that lives longer than the session does not hold its pipe."""
    with capture() as session:
        call("one")
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], cwd=ROOT, close_fds=False)
    assert session.close().count == 1
    child.kill()
    child.wait()


def test_no_warning_of_anything_left_open(sessions: Path) -> None:
    """Also where the session is dropped, and in a fork; the programs of these tests turn warnings into errors."""
    program = """
import gc, os
from tests.capture.recordings import call
from hotfixture.capture import tapes
from hotfixture.capture.session import Session, capture
with capture() as one:
    call("a")
session = Session()
with tapes.under(session):
    call("b")
    child = os.fork()
    if not child:
        call("c")
        del session
        gc.collect()
        raise SystemExit
    os.waitpid(child, 0)
del one
gc.collect()
"""
    assert run(program).stderr == ""
