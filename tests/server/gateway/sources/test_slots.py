"""Slots: all processes together never hold more than allowed, and what dies gives back what it held."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock

import pytest

from hotfixture.errors import DatabaseError
from hotfixture.server.gateway.sources import slots as module
from hotfixture.server.gateway.sources.slots import Slots
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import SLOTS


@contextmanager
def process(state: State) -> Iterator[Slots]:
    """The slots of one process; the tests make several in one."""
    made = Slots(state)
    try:
        yield made
    finally:
        made.close()


def test_no_more_slots_than_allowed_are_given_and_those_given_back_are_free(state: State):
    with process(state) as one, process(state) as other:
        held = [one.attempt("PROD", 3), other.attempt("PROD", 3), one.attempt("PROD", 3)]
        assert None not in held
        assert len({slot.number for slot in held if slot}) == 3
        assert other.attempt("PROD", 3) is None
        assert other.attempt("OTHER", 3) is not None
        assert held[1] is not None
        other.give_back(held[1])
        assert one.attempt("PROD", 3) is not None
        assert one.attempt("PROD", 3) is None


def test_many_that_hurry_never_exceed_the_limit_and_all_get_one(state: State):
    lock, now, most = Lock(), 0, 0

    def work(mine: Slots) -> None:
        nonlocal now, most
        with mine.reserved("PROD", 2, wait=60):
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.02)
            with lock:
                now -= 1

    with process(state) as one, process(state) as other, ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(work, (one, other)[number % 2]) for number in range(24)]:
            future.result()
    assert most == 2


def test_who_waits_in_vain_is_told_for_how_long(state: State):
    with process(state) as mine, mine.reserved("PROD", 1, wait=1):
        second = mine.reserved("PROD", 1, wait=0.3)
        with pytest.raises(DatabaseError, match=r"all 1 connections to PROD were in use for 0.3 seconds"):
            second.__enter__()


def test_waiting_can_be_stopped(state: State):
    class StoppedError(Exception):
        pass

    def stop() -> None:
        raise StoppedError

    with process(state) as mine, mine.reserved("PROD", 1, wait=1):
        second = mine.reserved("PROD", 1, wait=60, check=stop)
        with pytest.raises(StoppedError):
            second.__enter__()


def test_a_lease_is_renewed_while_its_process_lives(state: State, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "LEASE", 1.5)
    monkeypatch.setattr(module, "RENEWED", 0.1)
    with process(state) as mine, process(state) as other:
        slot = mine.attempt("PROD", 1)
        time.sleep(2)
        assert other.attempt("PROD", 1) is None
        assert slot is not None
        assert not slot.is_lost


def test_the_slot_of_a_process_that_died_is_free_when_its_lease_ends(state: State, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "LEASE", 1.0)
    monkeypatch.setattr(module, "RENEWED", 60)
    with process(state) as dead, process(state) as other:
        slot = dead.attempt("PROD", 1)
        assert other.attempt("PROD", 1) is None
        time.sleep(1.1)
        assert other.attempt("PROD", 1) is not None
        dead.renew()
        assert slot is not None
        assert slot.is_lost
        dead.give_back(slot)  # what is somebody else's stays theirs
        with state.read() as connection:
            assert connection.execute(SLOTS.select()).one().holder != ""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process number says too little")
def test_the_slot_of_a_killed_process_is_free_at_once_on_its_own_machine(state: State):
    if state.is_shared:
        pytest.skip("the process is told a folder")
    program = (
        "import sys, time; from pathlib import Path\n"
        "from hotfixture.server.gateway.state import State\n"
        "from hotfixture.server.gateway.sources.slots import Slots\n"
        "slots = Slots(State('', Path(sys.argv[1])))\n"
        "print(slots.attempt('PROD', 1).number, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(state.folder)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"1\n"
        with process(state) as mine:
            assert mine.attempt("PROD", 1) is None
            child.kill()
            child.wait()
            assert mine.attempt("PROD", 1) is not None
            assert mine.attempt("PROD", 1) is None


@pytest.mark.parametrize("holder", ["elsewhere:1:a", "?host:999999:a", "", "nonsense"])
def test_the_slot_of_a_process_that_cannot_be_seen_is_kept_until_its_lease_ends(state: State, holder: str):
    with process(state) as mine:
        assert mine.attempt("PROD", 1) is not None
        with state.change() as connection:
            connection.execute(SLOTS.update().values(holder=holder))
        assert mine.attempt("PROD", 1) is None
