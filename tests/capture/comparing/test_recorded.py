"""Recordings are read from wherever they are, in an order that does not depend on the scheduler."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from tests.capture.made import call, http, journal, session

from hotfixture.capture.comparing.recorded import interactions
from hotfixture.capture.records import Interaction
from hotfixture.errors import CaptureError


def test_a_folder_a_file_and_memory_give_the_same(tmp_path: Path) -> None:
    calls = [http(1, "GET", "/a", said={"a": 1}), call(2, response=[1])]
    first = interactions(calls)
    assert all(isinstance(one, Interaction) for one in first)
    assert (
        first
        == interactions(journal(tmp_path / "capture_1_1", calls))
        == interactions(session(tmp_path / "c.json", calls))
    )
    assert interactions(first) == first


def test_files_of_the_first_framework_are_read(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text('{"interactions": [{"service": "s", "operation": "o", "status": "success", "response": {"a": 1}}]}')
    (one,) = interactions(path)
    assert (one.service, one.operation, one.response, one.kind) == ("s", "o", {"a": 1}, "call")
    assert interactions([{"id": 0, "service": "s", "operation": "o"}])[0].id == "0"


def test_what_is_no_session_is_an_error(tmp_path: Path) -> None:
    for text in ("[", '{"interactions": 1}'):
        (tmp_path / "c.json").write_text(text)
        with pytest.raises(CaptureError, match=r"c\.json"):
            interactions(tmp_path / "c.json")
    with pytest.raises(CaptureError, match="not an interaction"):
        interactions([{"duration_ms": "long"}])
    with pytest.raises(CaptureError):
        interactions(tmp_path / "missing.json")


def test_parallel_calls_that_ask_the_same_are_ordered_by_their_answers() -> None:
    """case 15: whichever of them was answered first; those that follow each other keep their order."""
    told = set()
    for order in permutations([1, 2, 3]):
        parallel = [
            call(n, response=answer, start_time=1 + n / 1000, duration_ms=100.0 + n) for n, answer in enumerate(order)
        ]
        later = [call(9, response=0, start_time=9.0), call(10, "other", response=7, start_time=1.0015)]
        told.add(tuple(one.response for one in interactions([*parallel, *later])))
    assert told == {(1, 2, 7, 3, 0)}
    polled = [call(n, response=3 - n, start_time=float(n), duration_ms=1.0) for n in range(3)]
    assert [one.response for one in interactions(polled)] == [3, 2, 1]
