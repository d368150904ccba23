"""The names of hotfixture.capture: pinned, sorted, and imported when they are used."""

from __future__ import annotations

import subprocess
import sys

from hotfixture import capture

CONTRACT = {
    "CaptureAnalyzer", "CaptureCollectionReference", "CaptureDocumentReference", "CaptureFirestoreClient",
    "CaptureGeminiClient", "CaptureManager", "RealServiceProvider", "cleanup_old_captures", "create_mock_baseline",
    "get_current_provider", "get_service_provider", "load_capture_data", "reset_global_provider",
    "set_service_provider",
}  # fmt: skip


def test_the_contracts_names_are_there() -> None:
    assert set(capture.__all__) >= CONTRACT


def test_names_are_sorted_and_each_is_something() -> None:
    assert list(capture.__all__) == sorted(capture.__all__)
    assert all(callable(getattr(capture, name)) for name in capture.__all__)


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, hotfixture.capture; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"wrapt", "msgspec", "grpc", "httpx", "numpy", "pytest", "google", "psycopg", "sqlite3", "asyncio"}
    assert not heavy & set(done.stdout.split())


def test_names_stay_calls_after_the_parts_behind_them_are_imported() -> None:
    code = (
        "import hotfixture.capture.playing.playback, hotfixture.capture.session, hotfixture.capture.wrapping\n"
        "from hotfixture.capture import capture, replay, wrap\n"
        "assert callable(capture) and callable(replay) and callable(wrap)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
