"""The contract that users of the first framework rely on, name by name, from a program that changes only its import."""

from __future__ import annotations

import inspect
import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

import hotfixture.capture as framework
from hotfixture.capture import (
    CaptureAnalyzer,
    CaptureManager,
    RealServiceProvider,
    ServiceProvider,
    cleanup_old_captures,
    create_mock_baseline,
    get_current_provider,
    get_service_provider,
    load_capture_data,
    reset_global_provider,
    set_service_provider,
)

NAMES = (
    "get_service_provider", "set_service_provider", "get_current_provider", "reset_global_provider",
    "RealServiceProvider", "CaptureManager", "CaptureFirestoreClient", "CaptureCollectionReference",
    "CaptureDocumentReference", "CaptureGeminiClient", "load_capture_data", "cleanup_old_captures",
    "create_mock_baseline", "CaptureAnalyzer",
)  # fmt: skip


def test_every_name_of_the_contract_is_there() -> None:
    assert [name for name in NAMES if name not in framework.__all__ or not hasattr(framework, name)] == []


@pytest.mark.parametrize(
    ("call", "parameters"),
    [
        (get_service_provider, {"mode": None}),
        (RealServiceProvider, {"capture_mode": False}),
        (CaptureManager, {"capture_dir": None}),
        (CaptureManager.capture_interaction, {}),
        (CaptureManager.save_captures, {"filename": None}),
        (cleanup_old_captures, {"days_to_keep": 7}),
        (CaptureAnalyzer.analyze_captures, {"days_back": 7}),
        (CaptureAnalyzer.generate_report, {"output_file": None}),
        (ServiceProvider.save_capture_data, {"filename": None}),
    ],
)
def test_parameters_have_the_contracts_names_and_defaults(call: Any, parameters: dict[str, Any]) -> None:
    found = inspect.signature(call).parameters
    assert {name: found[name].default for name in parameters} == parameters


def session(manager: CaptureManager) -> Path:
    """A session as the first framework's users make one."""
    with manager.capture_interaction("billing", "charge", {"amount": 5}) as interaction:
        manager.record_response(interaction["id"], {"charged": 5, "fee": 0.5})
    with pytest.raises(ValueError, match="no"), manager.capture_interaction("billing", "refund", {"amount": 5}):
        raise ValueError("no")
    path = manager.save_captures()
    assert isinstance(path, str | os.PathLike)
    return Path(path)


def test_the_file_of_a_session_is_the_contracts(tmp_path: Path) -> None:
    manager = CaptureManager(tmp_path)
    assert manager.capture_session_id.isdigit()
    assert abs(int(manager.capture_session_id) / 1000 - time.time()) < 60
    path = session(manager)
    assert re.fullmatch(rf"capture_\d{{8}}_\d{{6}}_{manager.capture_session_id}\.json", path.name)
    read = json.loads(path.read_text())
    assert {"session_id", "timestamp", "total_interactions", "interactions"} <= read.keys()
    assert read["total_interactions"] == len(read["interactions"]) == 2
    wanted = {"id", "timestamp", "service", "operation", "request", "start_time", "duration_ms", "status", "response",
              "error", "error_type"}  # fmt: skip
    assert all(wanted <= one.keys() for one in read["interactions"])
    assert [(one["status"], one["error"], one["error_type"]) for one in read["interactions"]] == [
        ("success", None, None), ("error", "no", "ValueError")]  # fmt: skip
    assert load_capture_data(path)["total_interactions"] == 2
    named = Path(manager.save_captures("mine.json"))
    assert (named.name, load_capture_data(named)["total_interactions"]) == ("mine.json", 2)


def test_summary_analysis_comparison_baseline_and_report_have_the_contracts_keys(tmp_path: Path) -> None:
    manager = CaptureManager(tmp_path)
    path = session(manager)
    summary = manager.get_summary()
    assert {"total", "services", "total_duration_ms", "avg_duration_ms", "errors", "success_rate"} <= summary.keys()
    assert summary["services"]["billing"]["operations"] == {"charge": 1, "refund": 1}
    assert (summary["total"], summary["errors"], summary["success_rate"]) == (2, 1, 0.5)
    analyzer = CaptureAnalyzer(tmp_path)
    analysis = analyzer.analyze_captures(days_back=7)
    assert {"total_interactions", "success_rate", "by_service", "performance", "errors", "patterns"} <= analysis.keys()
    assert {"count", "operations", "avg_duration", "errors"} <= analysis["by_service"]["billing"].keys()
    assert {"total_duration", "avg_duration", "slowest_operations", "fastest_operations"} <= (
        analysis["performance"].keys()
    )
    assert create_mock_baseline(path, tmp_path / "mocks.json") == 1
    assert json.loads((tmp_path / "mocks.json").read_text()) == {"billing.charge": {"charged": 5, "fee": 0.5}}
    wrong = {"billing.charge": {"charged": "5", "added": 1}}
    result = analyzer.compare_with_mock(path, wrong)
    assert {"total_comparisons", "matches", "differences", "missing_mocks", "accuracy_score"} <= result.keys()
    (difference,) = result["differences"]
    assert {"service", "operation", "differences", "real_sample", "mock_sample"} <= difference.keys()
    assert {one["type"] for one in difference["differences"]} == {
        "type_mismatch", "missing_key_in_mock", "extra_key_in_mock"}  # fmt: skip
    missing = analyzer.compare_with_mock(path, {})["missing_mocks"]
    assert {"service", "operation", "real_response_sample"} <= missing[0].keys()
    report = analyzer.generate_report(analysis, str(tmp_path / "report.md"))
    assert (tmp_path / "report.md").read_text() == report
    headings = ("# Capture Analysis Report", "Generated:", "## Summary", "Total Interactions:", "## Service Breakdown",
                "### billing", "## Performance Analysis", "### Slowest Operations", "## Errors")  # fmt: skip
    places = [report.index(heading) for heading in headings]
    assert places == sorted(places)


def test_old_sessions_go_and_young_ones_stay(tmp_path: Path) -> None:
    manager = CaptureManager(tmp_path)
    young = session(manager)
    manager.close()
    old = tmp_path / "capture_20250101_000000_1735689600000.json"  # as the first framework wrote it
    old.write_text(json.dumps({"session_id": "1735689600000", "timestamp": "2025-01-01T00:00:00",
                               "total_interactions": 0, "interactions": []}))  # fmt: skip
    assert cleanup_old_captures(tmp_path, days_to_keep=7) == 1
    assert (old.exists(), young.exists()) == (False, True)
    assert cleanup_old_captures(tmp_path) == 0


def test_providers_go_by_the_mode_and_the_process_has_one(monkeypatch: pytest.MonkeyPatch, sessions: Path) -> None:
    reset_global_provider()
    monkeypatch.delenv("TEST_MODE", raising=False)
    provider = get_current_provider()
    assert (provider.is_real_service, provider.capture_mode) == (False, False)
    assert get_current_provider() is provider
    mine = RealServiceProvider(capture_mode=True)
    set_service_provider(mine)
    assert get_current_provider() is mine
    assert (mine.is_real_service, mine.capture_mode) == (True, True)
    assert mine.get_capture_summary()["total"] == 0
    reset_global_provider()
    assert get_current_provider() is not mine
    reset_global_provider()
    with pytest.raises(ValueError, match=r"mock.*real.*capture"):
        get_service_provider("live")
    assert sessions.is_dir()
