"""The analysis of sessions: the contract's keys, every session once, bounded memory."""

from __future__ import annotations

import os
import time
import tracemalloc
from pathlib import Path

import pytest
from tests.capture.made import call, failed, http, journal, session

from hotfixture.capture.analysis import reading
from hotfixture.capture.analysis.analyzer import CaptureAnalyzer, Gathered
from hotfixture.capture.analysis.reading import sessions
from hotfixture.capture.analysis.tallies import OPERATIONS, Tallies
from hotfixture.errors import CaptureError

OLD_FILE = [
    {
        "id": 0, "service": "firestore", "operation": "get", "request": {"collection": "c"}, "response": {"docs": []},
        "status": "success", "duration_ms": 100,
    },
    {
        "id": 1, "service": "gemini", "operation": "generate", "request": {"prompt": "p"}, "response": {"text": "t"},
        "status": "success", "duration_ms": 200,
    },
    {
        "id": 2, "service": "firestore", "operation": "set", "request": {"doc": "d"}, "response": {}, "status": "error",
        "error": "no", "duration_ms": 50,
    },
]  # fmt: skip
"""As the first framework wrote them: numbers as ids, no times."""


def test_the_analysis_has_the_keys_of_the_contract(tmp_path: Path) -> None:
    session(tmp_path / "capture_old.json", OLD_FILE)
    found = CaptureAnalyzer(tmp_path).analyze_captures(days_back=7)
    assert found["total_interactions"] == 3
    assert found["success_rate"] == pytest.approx(2 / 3)
    assert found["by_service"]["firestore"] == {
        "count": 2,
        "operations": {"get": 1, "set": 1},
        "avg_duration": 75,
        "errors": 1,
    }
    assert found["by_service"]["gemini"]["count"] == 1
    performance = found["performance"]
    assert (performance["total_duration"], performance["avg_duration"]) == (350, 350 / 3)
    assert (performance["min_duration"], performance["max_duration"]) == (50, 200)
    assert [one["operation"] for one in performance["slowest_operations"]] == ["generate", "get", "set"]
    assert [one["operation"] for one in performance["fastest_operations"]] == ["set", "get", "generate"]
    (error,) = found["errors"]
    assert (error["service"], error["operation"], error["error"], error["id"]) == ("firestore", "set", "no", 2)
    assert {"most_used_operations", "least_used_operations"} <= found["patterns"].keys()


def test_of_every_operation_count_errors_by_class_statuses_and_percentiles_are_told() -> None:
    calls = [http(n, "GET", f"/things/{n}", 200 if n % 4 else 503, duration_ms=float(n)) for n in range(1, 101)]
    found = CaptureAnalyzer("x").analyze_interactions([*calls, failed(101), failed(102, "ReadTimeout"), failed(103)])
    (one,) = found["operations"]
    assert (one["count"], one["errors"], one["error_types"]) == (103, 3, {"ConnectError": 2, "ReadTimeout": 1})
    assert one["http_statuses"] == {"200": 75, "503": 25}
    assert one["statuses"] == {"success": 100, "error": 3}
    assert (one["min_duration"], one["max_duration"], one["percentiles_exact"]) == (1, 100, True)
    assert one["p95"] == pytest.approx(94.9)
    assert one["slowest"][0] == {"id": "a-100", "duration_ms": 100}


def test_the_status_of_an_answer_is_its_own_wherever_it_stands() -> None:
    """Another tool may have sorted the keys, so that the body comes first."""
    one = http(1, "GET", "/things/1", 200, headers=[["x", '{"status":418']])
    one["response"] = {"body": {"json": {"status": 404}}, "headers": [], "status": 200}
    (found,) = CaptureAnalyzer("x").analyze_interactions([one])["operations"]
    assert found["http_statuses"] == {"200": 1}


def test_most_and_least_used_are_in_order() -> None:
    calls = [call(n, operation) for n, operation in enumerate("aaabbc")]
    patterns = CaptureAnalyzer("x").analyze_interactions(calls)["patterns"]
    assert [one["operation"] for one in patterns["most_used_operations"]] == ["a", "b", "c"]
    assert [one["operation"] for one in patterns["least_used_operations"]] == ["c", "b", "a"]


def test_a_session_in_both_forms_counts_once(tmp_path: Path) -> None:
    calls = [call(n) for n in range(5)]
    folder = journal(tmp_path / "capture_20261121_000000_17", calls)
    file = session(tmp_path / "capture_20261121_000000_17.json", calls)
    file.write_text(file.read_text().replace("capture_20261121_000000_17", "17", 1))
    assert [one.path for one in sessions(tmp_path)] == [folder]
    assert CaptureAnalyzer(tmp_path).analyze_captures()["total_interactions"] == 5


def test_all_journals_of_a_session_count_and_a_torn_line_does_not(tmp_path: Path) -> None:
    folder = journal(tmp_path / "capture_1_1", [call(1), call(2)])
    journal(folder, [call(3)], "2-bbbbbbbb")
    with (folder / "2-bbbbbbbb.jsonl").open("a") as file:
        file.write('{"id":"a-9","service":"x","opera')
    assert CaptureAnalyzer(tmp_path).analyze_captures()["total_interactions"] == 3


def test_sessions_that_are_older_than_asked_are_left_out(tmp_path: Path) -> None:
    old = session(tmp_path / "capture_old.json", OLD_FILE)
    session(tmp_path / "capture_new.json", OLD_FILE[:1])
    session(tmp_path / "other.json", OLD_FILE)
    ago = time.time() - 10 * 86_400
    os.utime(old, (ago, ago))
    assert CaptureAnalyzer(tmp_path).analyze_captures(days_back=7)["total_interactions"] == 1
    assert CaptureAnalyzer(tmp_path).analyze_captures(days_back=30)["total_interactions"] == 4


def test_of_a_folder_without_sessions_nothing_is_told(tmp_path: Path) -> None:
    for directory in (tmp_path, tmp_path / "missing"):
        found = CaptureAnalyzer(directory).analyze_captures()
        assert (found["total_interactions"], found["success_rate"], found["by_service"]) == (0, 0, {})
        assert "Total Interactions: 0" in CaptureAnalyzer(directory).generate_report(found)


def test_a_file_that_is_no_session_is_named(tmp_path: Path) -> None:
    (tmp_path / "capture_x.json").write_text("[1, 2")
    with pytest.raises(CaptureError, match=r"capture_x\.json"):
        CaptureAnalyzer(tmp_path).analyze_captures()
    with pytest.raises(CaptureError, match="found none"):
        reading.session(tmp_path / "nothing")


def test_later_sessions_are_held_against_earlier_ones(tmp_path: Path) -> None:
    for number, duration in enumerate((10.0, 11.0, 40.0)):
        path = session(
            tmp_path / f"capture_{number}.json", [call(n, duration_ms=duration + n / 100) for n in range(30)]
        )
        os.utime(path, (time.time() - 100 + number,) * 2)
    (one,) = CaptureAnalyzer(tmp_path).analyze_captures()["trends"]["regressions"]
    assert one["operation"] == "charge"
    assert one["medians"] == pytest.approx([10.145, 11.145, 40.145])


def test_journals_are_analysed_in_bounded_memory(tmp_path: Path) -> None:
    """case 22: twelve megabytes of journals take not a quarter of that."""
    calls = [http(n, "GET", f"/things/{n}", said={"text": "x" * 6000}, scope=f"test {n // 10}") for n in range(2000)]
    folder = journal(tmp_path / "capture_1_1", calls)
    del calls
    assert sum(path.stat().st_size for path in folder.iterdir()) > 12_000_000
    tracemalloc.start()
    try:
        found = CaptureAnalyzer(tmp_path).analyze_captures()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found["total_interactions"] == 2000
    assert peak < 3_000_000


def test_the_number_of_operations_that_are_told_apart_is_bounded() -> None:
    tallies = Tallies()
    for seen in reading.glimpses(call(n, f"operation {n}", service=f"service {n}") for n in range(3 * OPERATIONS)):
        tallies.add(seen, None)
    assert len(tallies.by_name) <= 2 * OPERATIONS + 1
    assert sum(one.count for one in tallies) == 3 * OPERATIONS


def test_what_was_gathered_of_memory_has_no_sessions() -> None:
    gathered = Gathered()
    gathered.journal(reading.glimpses([call(1)]))
    assert gathered.analysis()["sessions"] == []
