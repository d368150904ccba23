"""Work for processes that tests start anew: it must be found by its name there."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from tests.capture.recordings import call

from hotfixture.errors import HotFixtureError

FAR = ["spawn", "forkserver"]
"""Methods that start a process which has nothing of its parent."""


def work(name: str) -> str:
    """One call, one more in a thread; gives the process that did it."""
    call(name)
    thread = threading.Thread(target=call, args=(f"{name} in a thread",))
    thread.start()
    thread.join()
    return f"{name} {os.getpid()}"


def nothing() -> int:
    """No call at all."""
    return os.getpid()


def started(method: str, name: str, depth: int = 1) -> None:
    """The same in a process, which starts one itself, and so on."""
    work(f"{name} {depth}")
    if depth:
        child = multiprocessing.get_context(method).Process(target=started, args=(method, name, depth - 1))
        child.start()
        child.join()


class Own(multiprocessing.get_context("spawn").Process):  # type: ignore[name-defined,misc]  # it has that attribute
    """A process of a program's own class, that says itself how it is pickled."""

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_popen": None}

    def run(self) -> None:
        call("own")


def in_pool(method: str, names: list[str], what: Callable[[str], str] = work) -> list[str]:
    """By a pool of that method."""
    with multiprocessing.get_context(method).Pool(2) as pool:
        return pool.map(what, names)


def in_executor(method: str, names: list[str], what: Callable[[str], str] = work) -> list[str]:
    """By an executor of that method."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as pool:
        return list(pool.map(what, names))


def fetch(url: str) -> str:
    """What a server answers, or what went wrong."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return str(answer.read().decode())
    except (OSError, HotFixtureError) as error:
        return type(error).__name__


def program() -> None:
    """Start one that is not of multiprocessing."""
    subprocess.run([sys.executable, "-c", ""], check=True)


def shown(folder: str) -> None:
    """All that others of this machine can see of this process; and one call with somebody's address."""
    own = Path("/proc/self")
    (Path(folder) / "shown").write_bytes((own / "cmdline").read_bytes() + (own / "environ").read_bytes())
    call("carla@bank.example")


def in_process(method: str, urls: list[str]) -> list[str]:
    """What a process gets of these; one that asks for nothing is not started."""
    if not urls:
        return []
    context = multiprocessing.get_context(method)
    results = context.Queue()
    child = context.Process(target=fetched, args=(urls, results))
    child.start()
    found: list[str] = results.get(timeout=60)
    child.join()
    return found


def fetched(urls: list[str], results: Any) -> None:
    """The answers, put into a queue."""
    results.put([fetch(url) for url in urls])
