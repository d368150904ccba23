"""Processes that multiprocessing starts go on with the session, or the playback, of whoever starts or feeds them."""

from __future__ import annotations

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import pytest
from tests.capture import spawned
from tests.capture.recordings import names, only, read, run
from tests.test_pytest_plugin import Project

from hotfixture.capture import journal

START = """
import multiprocessing, os, sys
from concurrent.futures import ProcessPoolExecutor
from tests.capture import spawned
from tests.capture.recordings import call
from hotfixture.capture import journal
from hotfixture.capture.session import capture
from tests.capture.recordings import names
method = sys.argv[1]
context = multiprocessing.get_context(method)
"""


class Counting:
    """A server that answers with the path, and `count` with how often it was asked for that."""

    def __enter__(self) -> Self:
        counting, lock = self, threading.Lock()
        self.asked = 0

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with lock:
                    counting.asked += self.path == "/count"
                    said = str(counting.asked) if self.path == "/count" else self.path
                self.send_response(200)
                self.end_headers()
                self.wfile.write(said.encode())

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def twice(*found: str) -> Counter[str]:
    """Each call, and that of its thread."""
    return Counter(name + where for name in found for where in ("", " in a thread"))


@pytest.mark.parametrize("method", ["fork", *spawned.FAR])
def test_a_process_of_any_method_has_its_own_journal_in_the_same_session(sessions: Path, method: str) -> None:
    """case 21: also those that it starts itself, and threads of all of them, and pools."""
    program = """
if __name__ == "__main__":
    with capture("shop") as session:
        call("parent")
        spawned.started(method, "child", 1)
        if method != "forkserver":
            spawned.in_pool(method, ["a", "b"])
            spawned.in_executor(method, ["c", "d"])
    outcome = session.close()
    print(outcome.count, outcome.lost, outcome.problems)
"""
    done = run(START + program, method)
    pooled = "" if method == "forkserver" else "abcd"
    expected = {"parent": 1, **twice("child 1", "child 0", *pooled)}
    assert (done.stdout, done.stderr) == (f"{sum(expected.values())} 0 []\n", "")
    found = read(sessions)
    assert names(found) == expected
    assert {one.scope for one in found} == {"shop"}
    assert len({one.process for one in found}) == len(list(only(sessions).glob("*.jsonl"))) >= (4 if pooled else 2)
    told = json.loads(only(sessions).with_name(only(sessions).name + ".json").read_text())
    assert told["total_interactions"] == len(told["interactions"]) == sum(expected.values())


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_pools_older_than_the_sessions_mix_none_of_them(sessions: Path, method: str) -> None:
    """What is recorded stands in the session when the result is there, though the processes live on."""
    program = """
def feed(pool, name):
    if isinstance(pool, ProcessPoolExecutor):
        pool.submit(spawned.work, name).result(), pool.submit(spawned.nothing).result()
    else:
        pool.apply(spawned.work, (name,)), pool.apply(func=spawned.nothing)
if __name__ == "__main__":
    for made in (lambda: context.Pool(1), lambda: ProcessPoolExecutor(1, mp_context=context)):
        with made() as pool:
            feed(pool, "nobody")
            with capture("a") as first:
                feed(pool, "a")
                with capture("b") as second:
                    feed(pool, "b")
                feed(pool, "a again")
            feed(pool, "nobody")
            for session in (first, second):
                print(session.close().count, sorted(names(journal.read(session.folder))))
"""
    done = run(START + program, method)
    found = ["4 ['a', 'a again', 'a again in a thread', 'a in a thread']", "2 ['b', 'b in a thread']"]
    assert (done.stdout.splitlines(), done.stderr) == (found * 2, "")


def test_what_begins_the_processes_of_a_pool_is_recorded(sessions: Path) -> None:
    """Where they are of a class of the program's own, too."""
    program = """
if __name__ == "__main__":
    with capture() as session:
        with ProcessPoolExecutor(1, mp_context=context, initializer=call, initargs=("executor",)) as pool:
            pool.submit(spawned.nothing).result()
        with context.Pool(1, call, ("pool",)) as pool:
            pool.apply(spawned.nothing)
        child = spawned.Own()
        child.start()
        child.join()
    print(session.close().count, child.exitcode)
"""
    done = run(START + program, "spawn")
    assert (done.stdout, done.stderr) == ("3 0\n", "")
    assert names(read(sessions)) == {"executor": 1, "pool": 1, "own": 1}


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="this system does not show it")
@pytest.mark.parametrize("method", spawned.FAR)
def test_nothing_that_a_process_is_told_stands_where_others_can_read_it(
    sessions: Path, tmp_path: Path, masking_key: str, method: str
) -> None:
    """case 16: neither among its arguments nor in its environment nor in a file; it has the key of its parent."""
    program = """
if __name__ == "__main__":
    with capture() as session:
        call("carla@bank.example")
        os.environ["HFIT_MASKING_KEY"] = "ff" * 32
        child = context.Process(target=spawned.shown, args=(sys.argv[2],))
        child.start()
        child.join()
    print(session.close().count)
"""
    done = run(START + program, method, str(tmp_path))
    assert (done.stdout, done.stderr) == ("2\n", "")
    shown = (tmp_path / "shown").read_bytes()
    assert b"multiprocessing" in shown
    assert b"HFIT_MASKING_KEY=ff" in shown
    assert masking_key.encode() not in shown
    assert bytes.fromhex(masking_key) not in shown
    [(address, count)] = names(read(sessions)).items()
    assert (address != "carla@bank.example", count) == (True, 2)


def test_a_process_that_cannot_be_followed_says_so_and_runs(sessions: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Broken:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.startswith('hotfixture'): raise ImportError\n"
        "sys.meta_path.insert(0, Broken())\n"
    )
    program = """
if __name__ == "__main__":
    with capture() as session:
        os.environ["PYTHONPATH"] = sys.argv[2]
        child = context.Process(target=print, args=("it ran",))
        child.start()
        child.join()
    print(child.exitcode)
"""
    done = run(START + program, "spawn", str(tmp_path))
    assert done.stdout == "it ran\n0\n"
    assert done.stderr == "hotfixture: a process is not followed: ImportError\n"


REPLAY = """
from hotfixture.capture import capture, replay
urls = [sys.argv[3] + path for path in ("a", "b", "c", "count", "count", "count", "count")]
def ask(method):
    yield spawned.fetch(urls[0])
    if method == "forkserver":
        yield from spawned.in_process(method, urls[1:6])
    else:
        yield from spawned.in_pool(method, urls[1:3], spawned.fetch)
        yield from spawned.in_executor(method, urls[3:6], spawned.fetch)
    yield spawned.fetch(urls[6])
"""


@pytest.mark.parametrize("method", ["fork", *spawned.FAR])
def test_processes_play_what_processes_recorded_and_each_answer_once(tmp_path: Path, method: str) -> None:
    """case 23: one sequence for all of them, and no network for any; managers go by another road."""
    record = "\nif __name__ == '__main__':\n    with capture(directory=sys.argv[2]):\n        print(*ask(method))\n"
    play = """
if __name__ == "__main__":
    others = [sys.argv[3] + "nobody", sys.argv[3] + "a"]
    with replay(directory=sys.argv[2], allow=["misses"]) as playback:
        print(*ask(method))
        print(*spawned.in_process(method, others))
        with multiprocessing.get_context("fork").Manager() as manager:
            print(manager.dict(shared=1))
    print(playback.tally)
    print(playback.tally.misses[0].replace(sys.argv[3], ""))
"""
    with Counting() as server:
        recorded = run(START + REPLAY + record, method, str(tmp_path), server.url)
        asked = server.asked
        played = run(START + REPLAY + play, method, str(tmp_path), server.url, check=False)
        assert (server.asked, recorded.stderr, played.stderr) == (asked, "", "")
    first, second, third, tally, missed = played.stdout.splitlines()
    assert sorted(first.split()) == sorted(recorded.stdout.split()) == sorted(["/a", "/b", "/c", *"1234"])
    assert second == "ReplayMissError ReplayMissError"
    assert third == "{'shared': 1}"
    assert tally == "7 played, 2 misses"
    assert "nobody" in missed


TESTS = """
import multiprocessing, os
from concurrent.futures import ProcessPoolExecutor
import pytest
import fetching

@pytest.fixture(scope="module")
def pool():
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as made:
        yield made

def test_a_pool(pool):
    assert pool.submit(fetching.fetch, "a").result() == "/a"

def test_the_same_pool(pool):
    assert pool.submit(fetching.fetch, "b").result() == "/b"

def test_a_process():
    child = multiprocessing.get_context("spawn").Process(target=fetching.checked, args=("c", "/c"))
    child.start()
    child.join()
    assert child.exitcode == 0
"""
FETCHING = """
import os, urllib.request
def fetch(path):
    with urllib.request.urlopen(os.environ["SERVICE"] + path) as answer:
        return answer.read().decode()
def checked(path, expected):
    assert fetch(path) == expected
"""


def test_a_run_of_tests_records_and_plays_what_its_processes_ask(tmp_path: Path) -> None:
    """Each call belongs to the test that fed the pool; in replay there is no service."""
    project = Project(tmp_path)
    project.write(TESTS)
    project.write(FETCHING, "fetching.py")
    with Counting() as server:
        done = project.run("capture", "--import-mode=prepend", SERVICE=server.url)
        assert (done.returncode, "3 interactions captured" in done.stdout) == (0, True), done.stdout + done.stderr
    [kept] = project.sessions()
    scopes = {one.request["url"].rpartition("/")[2]: one.scope for one in journal.read(kept.path)}
    assert scopes == {
        "a": "test_it.py::test_a_pool",
        "b": "test_it.py::test_the_same_pool",
        "c": "test_it.py::test_a_process",
    }
    done = project.run("replay", "--import-mode=prepend", SERVICE=server.url)
    assert (done.returncode, "replay: 3 played\n" in done.stdout) == (0, True), done.stdout + done.stderr
