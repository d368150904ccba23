"""CaptureManager: what is described to it is kept, each interaction on its own record."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotfixture.capture.captures import CaptureManager, cleanup_old_captures, load_capture_data
from hotfixture.errors import CaptureError


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[CaptureManager]:
    manager = CaptureManager(tmp_path)
    yield manager
    manager.close()


def test_an_answer_recorded_inside_the_block_is_kept(manager: CaptureManager) -> None:
    """Case 1, defect 1."""
    with manager.capture_interaction("billing", "charge", {"amount": 5}) as interaction:
        manager.record_response(interaction["id"], {"paid": True})
        assert interaction["response"] == {"paid": True}
    (one,) = manager.interactions
    assert (one["response"], one["status"], one["error"]) == ({"paid": True}, "success", None)
    assert one["duration_ms"] >= 0


def test_an_answer_recorded_after_the_block_is_kept(manager: CaptureManager) -> None:
    """Case 1."""
    with manager.capture_interaction("billing", "charge", {"amount": 5}) as interaction:
        pass
    manager.record_response(interaction["id"], [1, 2])
    assert manager.interactions[0]["response"] == [1, 2]
    assert interaction["response"] == [1, 2]
    saved = load_capture_data(manager.save_captures())
    assert [one["response"] for one in saved["interactions"]] == [[1, 2]]


@pytest.mark.parametrize("late", [False, True])
def test_of_two_answers_the_last_counts_and_a_note_says_so(manager: CaptureManager, late: bool) -> None:
    """Case 1."""
    with manager.capture_interaction("billing", "charge") as interaction:
        manager.record_response(interaction["id"], "first")
        if not late:
            manager.record_response(interaction["id"], "second")
    if late:
        manager.record_response(interaction["id"], "second")
    (one,) = manager.interactions
    assert one["response"] == "second"
    assert one["notes"] == ["answered more than once: the last answer is kept"]
    assert manager.get_summary()["total"] == 1


@pytest.mark.parametrize("answer", [0, False, "", [], {}, None])
def test_falsy_answers_are_answers(manager: CaptureManager, answer: object) -> None:
    with manager.capture_interaction("billing", "charge") as interaction:
        manager.record_response(interaction["id"], answer)
    assert manager.interactions[0]["response"] == answer
    assert load_capture_data(manager.save_captures())["interactions"][0]["response"] == answer


def test_an_answer_put_into_the_dict_by_hand_counts(manager: CaptureManager) -> None:
    with manager.capture_interaction("billing", "charge") as interaction:
        interaction["response"] = {"paid": True}
    assert manager.interactions[0]["response"] == {"paid": True}


def test_an_interaction_of_another_manager_is_refused(manager: CaptureManager) -> None:
    with pytest.raises(CaptureError, match="no interaction 'nothing'"):
        manager.record_response("nothing", 1)


def test_an_exception_passes_and_is_recorded(manager: CaptureManager) -> None:
    with pytest.raises(KeyError), manager.capture_interaction("billing", "charge"):
        raise KeyError("gone")
    (one,) = manager.interactions
    assert (one["status"], one["error"], one["error_type"]) == ("error", "'gone'", "KeyError")


def test_nested_and_reentrant_blocks_keep_their_own_answers_and_know_their_parent(manager: CaptureManager) -> None:
    """Case 4, defect 2."""
    with manager.capture_interaction("a", "outer", 1) as outer, manager.capture_interaction("a", "outer", 2) as inner:
        manager.record_response(outer["id"], "of the outer")
        manager.record_response(inner["id"], "of the inner")
    answers = {one["request"]: one["response"] for one in manager.interactions}
    assert answers == {1: "of the outer", 2: "of the inner"}
    first, second = load_capture_data(manager.save_captures())["interactions"]
    assert (first["request"], second["parent"]) == (1, first["id"])


def test_a_block_in_a_generator_that_is_never_finished_breaks_nothing(manager: CaptureManager) -> None:
    """Case 4."""

    def numbers() -> Iterator[int]:
        with manager.capture_interaction("a", "numbers"):
            yield from range(10)

    generator = numbers()
    assert next(generator) == 0
    with manager.capture_interaction("a", "other") as other:
        manager.record_response(other["id"], 1)
    assert [one["status"] for one in manager.interactions] == ["running", "success"]
    saved = load_capture_data(manager.save_captures())
    assert saved["total_interactions"] == 2
    del generator
    assert [one["status"] for one in manager.interactions] == ["cancelled", "success"]


def test_64_threads_of_500_interleaved_calls_each_keep_their_own_answer(manager: CaptureManager) -> None:
    """Case 2, defect 2: ids unique, each answer on its own call, the count exact."""

    def work(thread: int) -> None:
        for number in range(500):
            with manager.capture_interaction("s", "o", [thread, number]) as interaction:
                if number % 2:
                    manager.record_response(interaction["id"], [thread, number])
            if not number % 2:
                manager.record_response(interaction["id"], [thread, number])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    interactions = manager.interactions
    assert len({one["id"] for one in interactions}) == len(interactions) == 64 * 500
    assert all(one["request"] == one["response"] for one in interactions)


def test_1000_tasks_of_which_half_are_cancelled_all_have_a_status(manager: CaptureManager) -> None:
    """Case 3, defect 8."""

    async def one(number: int) -> None:
        async with manager.capture_interaction("s", "wait", number) as interaction:
            manager.record_response(interaction["id"], "so far")
            await asyncio.sleep(60 if number % 2 else 0)

    async def work() -> None:
        tasks = [asyncio.create_task(one(number)) for number in range(1000)]
        await asyncio.sleep(0.1)
        for task in tasks[1::2]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(work())
    assert len(manager.interactions) == 1000
    for entry in manager.interactions:
        assert entry["status"] == ("cancelled" if entry["request"] % 2 else "success")
        assert entry["duration_ms"] > 0
        assert entry["response"] == "so far"


def test_the_summary_is_that_of_the_contract(manager: CaptureManager) -> None:
    for operation in ("charge", "charge", "refund"):
        with manager.capture_interaction("billing", operation):
            pass
    with pytest.raises(ValueError), manager.capture_interaction("mail", "send"):
        raise ValueError("no")
    found = manager.get_summary()
    assert found["total"] == 4
    assert found["services"] == {
        "billing": {"count": 3, "operations": {"charge": 2, "refund": 1}},
        "mail": {"count": 1, "operations": {"send": 1}},
    }
    assert (found["errors"], found["success_rate"]) == (1, 0.75)
    assert found["avg_duration_ms"] == pytest.approx(found["total_duration_ms"] / 4)
    assert set(found) == {"total", "services", "total_duration_ms", "avg_duration_ms", "errors", "success_rate"}


def test_the_summary_of_nothing_has_the_same_fields(manager: CaptureManager) -> None:
    assert manager.get_summary() == {
        "total": 0, "services": {}, "total_duration_ms": 0.0, "avg_duration_ms": 0.0, "errors": 0, "success_rate": 0.0,
    }  # fmt: skip


def test_saving_twice_counts_once_and_what_came_between_is_in_the_second(manager: CaptureManager) -> None:
    """Defect 8."""
    with manager.capture_interaction("a", "b"):
        pass
    first = manager.save_captures()
    with manager.capture_interaction("a", "c"):
        pass
    second = manager.save_captures()
    assert first == second
    document = json.loads(second.read_bytes())
    assert document["total_interactions"] == len(document["interactions"]) == 2
    assert manager.get_summary()["total"] == 2


def test_the_file_is_that_of_the_contract(manager: CaptureManager) -> None:
    with manager.capture_interaction("billing", "charge", {"amount": 5}) as interaction:
        manager.record_response(interaction["id"], {"paid": True})
    path = manager.save_captures()
    document = json.loads(path.read_bytes())
    assert path.name.startswith("capture_20")
    assert path.name.endswith(f"_{manager.capture_session_id}.json")
    assert path.parent == manager.capture_dir
    assert document["session_id"] == manager.capture_session_id
    assert set(document["interactions"][0]) >= {
        "id", "timestamp", "service", "operation", "request", "start_time", "duration_ms", "status", "response",
        "error", "error_type",
    }  # fmt: skip
    assert manager.save_captures("mine.json").name == "mine.json"


def test_sessions_started_in_the_same_millisecond_are_two(tmp_path: Path) -> None:
    """Case 21, defect 8."""
    managers = [CaptureManager(tmp_path) for _ in range(20)]
    assert len({one.capture_session_id for one in managers}) == 20
    assert len({one.save_captures() for one in managers}) == 20
    for one in managers:
        assert one.capture_session_id.isdigit()
        one.close()


def test_what_is_shown_and_written_is_clean(manager: CaptureManager, tmp_path: Path) -> None:
    secret = "s3cr3t-of-the-house-9981"
    with manager.capture_interaction("a", "b", {"password": secret, "monkey": "kept", "page_token_count": 3}) as one:
        manager.record_response(one["id"], {"api_key": secret, "text": f"it is {secret}"})
        assert secret not in repr(one)
    manager.save_captures()
    manager.close()
    assert manager.interactions[0]["request"]["monkey"] == "kept"
    assert manager.interactions[0]["request"]["page_token_count"] == 3
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    """Defect 9."""
    with pytest.raises(FileNotFoundError, match="no recorded session"):
        load_capture_data(tmp_path / "capture_1.json")


def test_a_folder_is_loaded_as_its_file_is(manager: CaptureManager) -> None:
    for number in range(3):
        with manager.capture_interaction("a", "b", number) as interaction:
            manager.record_response(interaction["id"], number)
    folder, path = manager.session.folder, manager.save_captures()
    assert load_capture_data(folder)["interactions"] == load_capture_data(path)["interactions"]
    assert load_capture_data(folder)["session_id"] == load_capture_data(path)["session_id"]


def test_old_sessions_are_removed_and_counted(tmp_path: Path) -> None:
    manager = CaptureManager(tmp_path)
    path = manager.save_captures()
    manager.close()
    (tmp_path / "capture_20200101_000000_1577836800000.json").write_text('{"interactions": []}')
    assert cleanup_old_captures(tmp_path, days_to_keep=7) == 1
    assert path.exists()
    assert cleanup_old_captures(tmp_path, days_to_keep=0) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_records_for_itself_and_overwrites_nothing(tmp_path: Path) -> None:
    """Case 21: the merged count is exact."""
    manager = CaptureManager(tmp_path)

    def record(name: str, count: int) -> Path:
        for number in range(count):
            with manager.capture_interaction("s", name, number) as interaction:
                manager.record_response(interaction["id"], number)
        return manager.save_captures()

    before = record("before", 2)
    child = os.fork()
    if child == 0:
        try:
            saved = record("child", 3)
            ok = saved != before and len(load_capture_data(saved)["interactions"]) == 3
            manager.close()
        finally:
            os._exit(0 if ok else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert record("after", 4) == before
    assert load_capture_data(before)["total_interactions"] == 6
    manager.close()
    merged = load_capture_data(manager.session.folder)["interactions"]
    assert sorted(Counter(one["operation"] for one in merged).items()) == [("after", 4), ("before", 2), ("child", 3)]
    assert len({one["id"] for one in merged}) == 9
