"""Sessions of the first framework are played as far as they tell what was asked and answered; of the rest it is said
why not."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from hotfixture.capture import CaptureManager, capture, replay, wrap
from hotfixture.capture.playing.playback import Playback
from hotfixture.errors import ReplayMissError

OWNER = "carla.brandt@bank.example.com"


def old(folder: Path, *told: dict[str, Any]) -> Path:
    """A session as the first framework wrote it: ids are lengths of lists, times are of the machine."""
    interactions = [
        {"id": f"{number}_0", "timestamp": "2025-01-01T00:00:00", "service": "billing", "operation": "charge",
         "request": None, "start_time": 1735689600.0 + number, "duration_ms": 12.5, "status": "success",
         "response": None, "error": None, "error_type": None, **one}
        for number, one in enumerate(told)
    ]  # fmt: skip
    path = folder / "capture_20250101_000000_1735689600000.json"
    path.write_text(json.dumps({"session_id": "1735689600000", "timestamp": "2025-01-01T00:00:00",
                                "total_interactions": len(told), "interactions": interactions}))  # fmt: skip
    return path


class Billing:
    """A service that is not there any more."""

    def charge(self, *args: object, **kwargs: object) -> Any:
        raise AssertionError("it was called")

    async def refund(self, *args: object, **kwargs: object) -> Any:
        raise AssertionError("it was called")


def billing() -> Billing:
    return wrap(Billing(), service="billing")


def test_calls_of_wrapped_objects_get_the_answers_that_were_told(tmp_path: Path) -> None:
    """By the names of arguments, by position, or by nothing; also of methods that are awaited."""
    path = old(
        tmp_path,
        {"request": {"order": 17, "amount": 5}, "response": {"state": "paid"}},
        {"request": {"order": 17, "amount": 5}, "response": {"state": "paid already"}},
        {"request": {"args": [18], "kwargs": {"dry": True}}, "response": [1, None]},
        {"response": "nothing asked"},
        {"operation": "refund", "request": {"order": 17}, "response": True},
    )
    with replay(path):
        assert billing().charge(order=17, amount=5) == {"state": "paid"}
        assert billing().charge(amount=5, order=17) == {"state": "paid already"}
        assert billing().charge(18, dry=True) == [1, None]
        assert billing().charge() == "nothing asked"
        assert asyncio.run(billing().refund(order=17)) is True


def test_another_question_is_a_miss_that_names_the_field(tmp_path: Path) -> None:
    path = old(tmp_path, {"request": {"order": 17}, "response": 1})
    with (
        pytest.raises(ReplayMissError, match=r"body\.kwargs\.order: recorded 17, asked 18"),
        replay(path, allow=["misses", "unplayed"]),
    ):
        billing().charge(order=18)


def test_exchanges_of_http_are_answered_to_any_client(tmp_path: Path) -> None:
    """In the names that clients have for them."""
    path = old(
        tmp_path,
        {"service": "shop", "operation": "GET /orders",
         "request": {"url": "https://shop.example/orders", "method": "get", "params": {"page": 2},
                     "headers": {"Accept": "*/*"}},
         "response": {"status_code": 200, "json": {"orders": [1, 2]}, "headers": {"X-Kept": "yes",
                                                                                  "Content-Encoding": "gzip"}}},
        {"service": "shop", "operation": "POST",
         "request": {"url": "https://shop.example/orders", "json": {"sku": "A"}},
         "response": {"status": 503, "text": "later", "reason": "Busy"}},
    )  # fmt: skip
    with replay(path):
        with urllib.request.urlopen("https://shop.example/orders?page=2") as answer:
            assert (answer.status, answer.headers["X-Kept"], json.load(answer)) == (200, "yes", {"orders": [1, 2]})
        asked = urllib.request.Request("https://shop.example/orders", b'{"sku": "A"}')
        with pytest.raises(urllib.error.HTTPError, match="503: Busy") as caught:
            urllib.request.urlopen(asked)
        assert caught.value.read() == b"later"
        caught.value.close()


def test_exceptions_that_python_has_are_raised(tmp_path: Path) -> None:
    path = old(tmp_path, {"status": "error", "error": "no such order", "error_type": "LookupError"})
    with replay(path), pytest.raises(LookupError, match="no such order") as caught:
        billing().charge()
    assert type(caught.value) is LookupError


def test_prompts_go_to_the_method_that_was_asked(tmp_path: Path) -> None:
    path = old(tmp_path, {"service": "gemini", "operation": "generate_content",
                          "request": {"prompt": "hello", "kwargs": {"temperature": 0}},
                          "response": {"text": "hi", "finish_reason": "STOP"}})  # fmt: skip

    class Model:
        def generate_content(self, prompt: str, **_: object) -> Any:
            raise AssertionError("it was called")

    with replay(path):
        assert wrap(Model(), service="gemini").generate_content("hello", temperature=0)["text"] == "hi"


UNPLAYABLE = [
    ({"service": "firestore", "operation": "collection.add", "request": {"path": "users"}, "response": {}},
     "it tells what the client's method gave, and holds nothing of what the client was sent"),
    ({"service": "gemini", "operation": "generate_content", "request": {"prompt": "p" * 100, "kwargs": {}}},
     "its prompt was cut at 100 characters, and may not be the whole"),
    ({"service": "gemini", "operation": "generate_content", "request": {"prompt": "p", "kwargs": {}},
      "response": {"text": "a" * 503}}, "its answer was cut at 500 characters, and may not be the whole"),
    ({"status": "error", "error": "x", "error_type": "ConnectError"},
     "it failed with ConnectError, of which nothing but the name and the text is known"),
    ({"request": {"url": "https://shop.example/"}}, "it has a URL, and does not tell the method"),
    ({"request": {"url": "https://shop.example/", "method": "GET"}, "response": {"body": "x"}},
     "it does not tell the status of the answer"),
    ({"status": "started"}, "it did not end: its status is 'started'"),
    ({"request": {"url": "https://shop.example/", "method": "GET", "params": 5}, "response": {"status": 200}},
     "what is told of it cannot be read: TypeError"),
]  # fmt: skip


def test_what_cannot_be_played_is_said_one_by_one(tmp_path: Path) -> None:
    path = old(tmp_path, *(one for one, _ in UNPLAYABLE), {"request": {"order": 1}, "response": "the rest is played"})
    with replay(path, allow=["unplayed"]) as playback:
        assert billing().charge(order=1) == "the rest is played"
    count = len(UNPLAYABLE)
    assert str(playback.tally).startswith(f"1 played, {count} unplayed, {count} recordings cannot be played: ")
    for number, (one, reason) in enumerate(UNPLAYABLE):
        named = f"{one.get('service', 'billing')} {one.get('operation', 'charge')} ({number}_0): {reason}"
        assert named in playback.tally.unplayable, playback.tally.unplayable


def test_a_run_of_a_session_that_cannot_be_played_as_a_whole_fails(tmp_path: Path) -> None:
    """Unless that is allowed."""
    path = old(tmp_path, UNPLAYABLE[0][0])
    with pytest.raises(ReplayMissError, match=r"1 unplayed: firestore collection\.add \(0_0\): it tells"), replay(path):
        pass


def test_a_file_of_the_first_framework_is_cleaned_before_it_is_played(tmp_path: Path) -> None:
    """case 16: it hid little; the program meets the same invented person that a recording of today has."""
    path = old(tmp_path, {"request": {"email": OWNER}, "response": {"owner": OWNER, "api_key": "k-1234567890"}},
               {"operation": f"ask {OWNER}", "status": "started"})  # fmt: skip
    with replay(path, allow=["unplayed"]) as playback:
        answer = billing().charge(email=OWNER)
    assert OWNER not in str(answer) + str(playback.tally)
    assert "k-1234567890" not in str(answer)
    with capture("new", directory=tmp_path) as session:
        wrap(Echo(), service="billing").charge(email=OWNER)
    [found] = session.interactions
    assert found.request["kwargs"]["email"] == answer["owner"]


class Echo(Billing):
    def charge(self, **kwargs: object) -> Any:
        return kwargs


def test_what_was_described_to_a_manager_is_played_the_same_way(tmp_path: Path) -> None:
    manager = CaptureManager(tmp_path)
    with manager.capture_interaction("billing", "charge", {"order": 17}) as interaction:
        manager.record_response(interaction["id"], {"tuple": (1, 2)})
    with pytest.raises(ZeroDivisionError), manager.capture_interaction("billing", "charge", {"order": 0}):
        raise ZeroDivisionError("by nothing")
    path = manager.save_captures()
    manager.close()
    for source in (path, manager.session.folder):
        with replay(source):
            assert billing().charge(order=17) == {"tuple": (1, 2)}
            with pytest.raises(ZeroDivisionError, match="by nothing"):
                billing().charge(order=0)


def test_what_hooks_and_wrap_recorded_is_left_as_it_is(tmp_path: Path) -> None:
    with capture(directory=tmp_path) as session:
        wrap(Echo(), service="billing").charge(order=17)
        with pytest.raises(AssertionError):
            billing().charge()
    playback = Playback(session.folder)
    assert playback.interactions == session.interactions
    assert playback.tally.unplayable == []
    playback.close()
