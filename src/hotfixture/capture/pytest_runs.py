"""A run of pytest that records or plays back: what the plugin registers for it, in each process of the run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest

from hotfixture.capture import captures, modes, running
from hotfixture.capture.playing import freshness
from hotfixture.capture.session import checked
from hotfixture.errors import CaptureError, HotFixtureError, InputError

NAME = "pytest"
"""Name of the sessions of test runs."""
_OUTPUT = "hotfixture"
"""Under this name workers of pytest-xdist tell what became of their part."""
_ALONE = "outside of tests"


@contextmanager
def _told_as_usage(mode: str) -> Iterator[None]:
    """What is wrong with the key or the rules ends the run before a test runs."""
    try:
        yield
    except InputError as error:
        raise pytest.UsageError(f"TEST_MODE={mode}: {error}") from None


class Run:
    """Records, or plays, everything that runs in this process. The process that only hands out tests to others does
    neither, and tells what these said."""

    def __init__(self, config: pytest.Config, mode: str) -> None:
        self.config, self.mode = config, mode
        self.is_worker = hasattr(config, "workerinput")
        self.told: list[dict[str, Any]] = []
        """What became of it, of each process."""
        self._session: Any = None
        self._playing: Any = None
        self._tape: Any = None
        self._scopes: set[str] = set()
        if self.is_worker or config.getoption("dist", "no") == "no":
            self._open()
        else:  # said once, before workers die of it one after the other
            with _told_as_usage(mode):
                checked()

    def _open(self) -> None:
        if self.mode == "replay" and self._is_to_record():
            self.mode = "capture"
        if self.mode == "capture":
            run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid4().hex
            with _told_as_usage(self.mode):
                self._tape = self._session = running.record(NAME, run)
        else:
            self._playing = self._opened()
            self._tape = self._playing.playback
            self._tape.scopes = self._scopes
        self._tape.scope = _ALONE
        if self.config.getoption("hfit_sqlite"):
            self._tape.leaves = frozenset()

    def _is_to_record(self) -> bool:
        """Whether the recordings are older than they may be, and are to be made anew."""
        oldest = self.config.getoption("hfit_max_age")
        if not oldest:
            return False
        try:
            at = running.recorded_at(running.chosen(self.config.getoption("hfit_session"), modes.directory(), NAME))
            return freshness.decide(at, freshness.age(oldest), self.config.getoption("hfit_stale")) == "record"
        except HotFixtureError as error:
            raise pytest.UsageError(f"TEST_MODE=replay: {error}") from None

    def _opened(self) -> running.Running:
        option = self.config.getoption
        try:
            return running.Running(
                option("hfit_session"),
                directory=None,
                name=NAME,
                speed=option("hfit_speed"),
                more="repeat" if option("hfit_repeat") else "miss",
                allow=[one.strip() for one in option("hfit_allow").split(",") if one.strip()],
                network=option("hfit_network"),
                learn_from=option("hfit_learn_from"),
            )
        except (CaptureError, InputError) as error:
            raise pytest.UsageError(f"TEST_MODE=replay: {error}") from None

    def close(self) -> None:
        """End what is open; a second time does nothing."""
        tape, self._tape = self._tape, None
        if tape is None:
            return
        if self._session is not None:
            unseen = self._session.unseen.taken()
            outcome = self._session.close()
            self.told.append({
                "place": str(self._session.folder), "count": outcome.count, "lost": outcome.lost,
                "problems": list(outcome.problems), "unseen": unseen,
            })  # fmt: skip
        else:
            found = self._playing.stop()
            self.told.append({"tally": str(self._playing.playback.tally), "problems": found, "lost": len(found)})

    # What pytest calls.

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """From here on, what is called is called by this test."""
        name, _, group = nodeid.rpartition("@")
        if self.config.getoption("loadgroup", False) and "::" in name and not re.search("]|::", group):
            nodeid = name  # pytest-xdist puts the group behind, in its workers and up to pytest 9.1
        if self._tape is not None:
            self._tape.scope = self._tape.scope_of(nodeid) if self._tape.playing else nodeid
            self._scopes.add(self._tape.scope)

    def pytest_runtest_logfinish(self) -> None:
        """What comes between tests belongs to none."""
        if self._tape is not None:
            self._tape.scope = _ALONE

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Close; what was lost, or does not fit, fails the run."""
        self.close()
        if self.is_worker:
            self.config.workeroutput[_OUTPUT] = self.told  # type: ignore[attr-defined]  # of pytest-xdist
        elif exitstatus == 0 and self._fails():
            session.exitstatus = 1

    def _fails(self) -> bool:
        return any(one["lost"] or one["problems"] for one in self.told)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker has ended."""
        told = getattr(node, "workeroutput", {}).get(_OUTPUT)
        if told is None:
            self.told.append({"place": str(node), "count": 0, "lost": 1, "problems": ["the worker died"]})
        else:
            self.told += told

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Where the sessions are, what is in them, and what went wrong."""
        lines = list(self._lines())
        if lines:
            terminalreporter.section("hotfixture")
            for line in lines:
                terminalreporter.write_line(line)

    def _lines(self) -> Iterator[str]:
        for one in self.told:
            if "tally" in one:
                yield f"replay: {one['tally']}"
            else:
                yield f"{one['count']} interactions captured: {one['place']}"
            if self.mode == "capture" and one["lost"]:
                yield f"{one['lost']} calls were not recorded"
            yield from (f"  not recorded: {line}" for line in one.get("unseen", ()))
            yield from (f"  {problem}" for problem in one["problems"])
        if self._fails():  # the line of pytest below says that all tests passed
            played = any("tally" in one for one in self.told)
            yield f"so the run fails{': record anew, or --hfit-allow names what may be' if played else ''}"
        for path, count in captures.saved().items():
            yield f"{count} interactions described: {path}"
