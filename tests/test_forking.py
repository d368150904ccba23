"""What is forked is a process of its own: its folder, environment, exit code, signals, and its end with ours."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.forking import CAN_FORK, begin, run, stand_ins

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="forked on Linux alone")


def here(**more: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("HFIT")} | more


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("words", [["--version"], ["usr"], ["check"], ["init", "place"], ["user", "list", "--json"]])
def test_a_command_says_and_does_what_it_does_when_it_is_begun_anew(tmp_path: Path, words: list[str]) -> None:
    found = []
    for name in ("forked", "anew"):
        (tmp_path / name).mkdir()
        command = [str(Path(sys.executable).parent / "hfitd"), *words]
        if name == "forked":
            done = run(command, tmp_path / name, here(COLUMNS="60"), timeout=60)
        else:
            done = subprocess.run(
                command, cwd=tmp_path / name, env=here(COLUMNS="60"), capture_output=True, text=True, check=False
            )
        said = [text.replace(str(tmp_path / name), "") for text in (done.stdout, done.stderr)]
        files = sorted(str(path.relative_to(tmp_path / name)) for path in (tmp_path / name).rglob("*"))
        found.append((done.returncode, said, files))
    assert found[0] == found[1]


SERVING = "mockcraft server --port 0 --data data 2> log & until grep -qs serving log; do sleep 0.05; done;"


@pytest.mark.parametrize(
    "script",
    [
        "hfit frobnicate; echo $?",
        "echo 'tables: {}' | hfitd check; echo $? \"$ONE\"",
        "mockcraft generate integer --count 3 --seed 1 | tail -n 1",
        "mockcraft generate integer --count 90000 --seed 1 | head -n 2",
        "echo 'CREATE TABLE t (a INTEGER)' | hfit run - --dialect sqlite 2>&1 | tail -n 1",
        f"{SERVING} kill %1; wait %1; echo $?",
        f"{SERVING} kill -9 %1; wait %1; echo $?",
    ],
)
def test_a_shell_is_served_by_a_stand_in_as_by_the_command(tmp_path: Path, script: str) -> None:
    found = []
    for commands in (stand_ins(), Path(sys.executable).parent):
        (folder := tmp_path / f"in-{len(found)}").mkdir()
        environment = here(PATH=f"{commands}{os.pathsep}{os.environ['PATH']}", ONE="é", COLUMNS="60")
        words = ["bash", "-c", script]
        done = subprocess.run(
            words, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        found.append((done.returncode, done.stdout, re.sub(r" +\d+ Killed", " Killed", done.stderr)))
    assert found[0] == found[1]
    assert found[0][1]


def test_a_signal_ends_it_and_its_exit_code_says_so(tmp_path: Path) -> None:
    ended = []
    for number in (signal.SIGTERM, signal.SIGKILL):
        with (tmp_path / "log").open("w+b") as log:
            words = ["mockcraft", "server", "--port", "0", "--data", "data"]
            process = begin(words, tmp_path, here(), out=log, err=log)
            assert process.pid != os.getpid()
            until(lambda: b"serving" in (tmp_path / "log").read_bytes())
            assert process.poll() is None
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.01)
            process.send_signal(number)
            ended.append((process.wait(30), process.poll()))
            process.kill()  # nothing: it has ended
    assert ended == [(0, 0), (-signal.SIGKILL, -signal.SIGKILL)]


def test_what_is_forked_ends_with_who_asked_for_it(tmp_path: Path) -> None:
    code = f"""
import os, sys, time
from pathlib import Path
from tests.forking import begin
place = Path({str(tmp_path)!r})
with (place / "log").open("wb") as log:
    words = ["mockcraft", "server", "--port", "0", "--data", "data"]
    begun = begin(words, place, dict(os.environ), out=log, err=log)
    print(begun.pid, flush=True)
time.sleep(60)
"""
    asking = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent)
    assert asking.stdout
    with asking.stdout:
        pid = int(asking.stdout.readline())
    assert Path(f"/proc/{pid}").exists()
    asking.kill()
    asking.wait()
    until(lambda: not Path(f"/proc/{pid}").exists())
