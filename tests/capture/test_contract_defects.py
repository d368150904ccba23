"""The nine defects of the framework that users come from, each as a test; where another test has it, by name."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hotfixture.capture import CaptureGeminiClient, CaptureManager, create_mock_baseline, load_capture_data


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[CaptureManager]:
    manager = CaptureManager(tmp_path)
    yield manager
    manager.close()


def test_1_a_response_recorded_inside_the_block_is_not_lost(manager: CaptureManager) -> None:
    with manager.capture_interaction("a", "b") as interaction:
        manager.record_response(interaction["id"], {"kept": True})
    assert manager.interactions[0]["response"] == {"kept": True}


def test_2_responses_of_threads_and_nested_calls_land_on_their_own_operation(manager: CaptureManager) -> None:
    def work(number: int) -> None:
        with manager.capture_interaction("s", f"outer{number}") as outer:
            with manager.capture_interaction("s", f"inner{number}") as inner:
                pass
            manager.record_response(outer["id"], f"outer{number}")
            manager.record_response(inner["id"], f"inner{number}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one["id"] for one in manager.interactions}) == 200
    assert all(one["operation"] == one["response"] for one in manager.interactions)


class Slotted:
    __slots__ = ("api_key", "monkey")

    def __init__(self) -> None:
        self.api_key, self.monkey = "sl0tted-s3cret-4711", "banana"


def test_3_what_is_hidden_is_what_is_secret(manager: CaptureManager, tmp_path: Path) -> None:
    """Case 17: counts and page tokens' neighbours stay; headers, cookies, `pwd`, tuples, slots, exception texts go."""
    secrets = [f"s3cret-number-{number}-xyzzy" for number in range(8)]
    request = {
        "headers": {"Authorization": f"Bearer {secrets[0]}", "Cookie": f"session={secrets[1]}",
                    "x-api-key": secrets[2]},
        "pwd": secrets[3], "pairs": ({"password": secrets[4]},), "slotted": Slotted(),
        "monkey": "see", "keyboard": "qwertz", "turkey": "bird", "usage": {"prompt_token_count": 12},
    }  # fmt: skip
    with pytest.raises(RuntimeError), manager.capture_interaction("s", "o", request):
        raise RuntimeError(f"refused: password={secrets[5]}")
    with manager.capture_interaction("s", "o", {"url": f"https://u:{secrets[6]}@h/x?access_token={secrets[7]}"}):
        pass
    path = manager.save_captures()
    manager.close()
    kept = load_capture_data(path)["interactions"][0]["request"]
    assert (kept["monkey"], kept["keyboard"], kept["turkey"]) == ("see", "qwertz", "bird")
    assert kept["usage"] == {"prompt_token_count": 12}
    shown = repr(manager.interactions)
    written = b"".join(one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
    for secret in [*secrets, "sl0tted-s3cret-4711"]:
        assert secret not in shown, secret
        assert secret.encode() not in written, secret
    assert b"banana" in written


def test_4_prompts_and_answers_are_whole_and_so_are_the_baselines(manager: CaptureManager, tmp_path: Path) -> None:
    prompt, answer = "p" * 5_000, "a" * 20_000

    class Client:
        def generate_content(self, prompt: str) -> Any:
            return SimpleNamespace(text=answer)

    CaptureGeminiClient(Client(), manager).generate_content(prompt)
    assert manager.interactions[0]["request"]["prompt"] == prompt
    path = manager.save_captures()
    assert create_mock_baseline(path, tmp_path / "mocks.json") == 1
    assert answer.encode() in (tmp_path / "mocks.json").read_bytes()


def test_5_and_6_are_held_by_the_tests_of_the_clients() -> None:
    """Defect 5 stands in test_firestore.py, defect 6 in test_gemini.py; here: that they do."""
    folder = Path(__file__).parent
    assert "Defect 5" in (folder / "test_firestore.py").read_text()
    assert "Defect 6" in (folder / "test_gemini.py").read_text()


@pytest.mark.parametrize("kind", ["deep", "cycle", "odd prompt", "raising repr"])
def test_7_recording_never_breaks_the_caller(manager: CaptureManager, kind: str) -> None:
    class Raising:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    deep: Any = []
    for _ in range(20_000):
        deep = [deep]
    cycle: list[Any] = []
    cycle.append(cycle)
    value = {"deep": deep, "cycle": cycle, "odd prompt": {b"\xff": {1, 2}}, "raising repr": Raising()}[kind]
    with manager.capture_interaction("s", "o", {"value": value}) as interaction:
        manager.record_response(interaction["id"], value)
    assert manager.interactions[0]["status"] == "success"
    assert manager.save_captures().exists()


def test_8_a_cancelled_call_has_a_status_and_sessions_do_not_overwrite_each_other(tmp_path: Path) -> None:
    managers = [CaptureManager(tmp_path) for _ in range(10)]

    async def work() -> None:
        async def wait() -> None:
            with managers[0].capture_interaction("s", "wait"):
                await asyncio.sleep(60)

        task = asyncio.create_task(wait())
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(work())
    (one,) = managers[0].interactions
    assert (one["status"], one["duration_ms"] > 0) == ("cancelled", True)
    for manager in managers:
        manager.save_captures()
        manager.save_captures()
        manager.close()
    saved = [load_capture_data(path) for path in tmp_path.glob("capture_*.json")]
    assert len(saved) == 10
    assert sum(one["total_interactions"] for one in saved) == 1


def test_9_a_missing_file_is_an_error_of_the_commands(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hotfixture.capture", "--capture-dir", str(tmp_path)]
    done = subprocess.run([*command, "compare", "no.json", "m.json"], capture_output=True, check=False, text=True)
    assert done.returncode != 0
    assert "no.json" in done.stderr
