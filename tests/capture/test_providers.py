"""Service providers: the mock, real, captured or replayed service, by TEST_MODE; within limits."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.capture.gemini_server import serving

from hotfixture.capture import (
    CaptureFirestoreClient,
    CaptureManager,
    MockServiceProvider,
    RealServiceProvider,
    ReplayServiceProvider,
    get_current_provider,
    get_service_provider,
    load_capture_data,
    register_service,
    reset_global_provider,
    retention,
    set_service_provider,
    tapes,
    unregister_service,
)
from hotfixture.capture.costs import Guard, Price
from hotfixture.capture.mock_services import MockGemini
from hotfixture.errors import CaptureError, OptionError, RefusedError, ReplayMissError, UnknownNameError


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("TEST_MODE", "TEST_GEMINI_API_KEY", "TEST_FIRESTORE_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEST_CAPTURE_DIR", str(tmp_path / "captures"))
    yield
    reset_global_provider()


@pytest.mark.parametrize(
    ("mode", "cls", "real", "capturing"),
    [
        ("mock", MockServiceProvider, False, False),
        ("real", RealServiceProvider, True, False),
        ("capture", RealServiceProvider, True, True),
    ],
)
def test_the_mode_decides_the_provider(
    mode: str, cls: type, real: bool, capturing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_MODE", mode)
    with get_service_provider() as provider:
        assert type(provider) is cls
        assert (provider.is_real_service, provider.capture_mode) == (real, capturing)


def test_mock_is_the_default_and_other_modes_are_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert type(get_service_provider()) is MockServiceProvider
    monkeypatch.setenv("TEST_MODE", "live")
    with pytest.raises(ValueError, match=r"'live'.*mock, real, capture, replay"):
        get_service_provider()
    with pytest.raises(ValueError, match="mock, real, capture, replay"):
        get_service_provider("nonsense")


def test_one_provider_belongs_to_the_process_until_it_is_reset() -> None:
    first = get_current_provider()
    assert get_current_provider() is first
    other = MockServiceProvider()
    set_service_provider(other)
    assert get_current_provider() is other
    reset_global_provider()
    assert get_current_provider() is not other


@pytest.mark.parametrize("mode", ["real", "capture"])
def test_the_key_of_gemini_is_needed_when_gemini_is_asked_for_and_not_before(mode: str) -> None:
    with get_service_provider(mode) as provider:
        provider.get_auth()
        with pytest.raises(ValueError, match="TEST_GEMINI_API_KEY"):
            provider.get_gemini()


def test_in_mock_and_replay_mode_no_key_is_needed() -> None:
    pytest.importorskip("google.genai")
    assert get_service_provider("mock").get_gemini().generate_content("x").text
    manager = CaptureManager()
    manager.close()
    with ReplayServiceProvider(manager.session.folder) as provider:
        assert provider.get_gemini() is not None


def test_a_session_that_has_no_traffic_says_that_it_cannot_be_replayed() -> None:
    manager = CaptureManager()
    with manager.capture_interaction("firestore", "document.get", {"path": "a/b"}):
        pass
    path = manager.save_captures()
    manager.close()
    provider = ReplayServiceProvider(path)
    with pytest.raises(CaptureError, match="has not their traffic"):
        provider.get_firestore()
    with pytest.raises(ReplayMissError, match="unplayed"):
        provider.cleanup()


def test_the_mock_firestore_does_what_tests_do_with_firestore() -> None:
    client = MockServiceProvider().get_firestore()
    people = client.collection("test_people")
    _, ada = people.add({"name": "Ada", "born": {"year": 1815}, "tags": ["a"]})
    people.document("grace").set({"name": "Grace", "born": {"year": 1906}})
    people.document("grace").update({"born.year": 1907})
    people.document("grace").set({"rank": "admiral"}, merge=True)
    assert people.document("grace").get().to_dict() == {
        "name": "Grace", "born": {"year": 1907}, "rank": "admiral",
    }  # fmt: skip
    assert [one.id for one in people.order_by("born.year", "DESCENDING").limit(1).stream()] == ["grace"]
    assert [one.id for one in people.where("born.year", "<", 1900).stream()] == [ada.id]
    assert [one.id for one in people.where("tags", "array_contains", "a").get()] == [ada.id]
    assert people.count().get()[0][0].value == 2
    with client.batch() as batch:
        batch.delete(ada)
        batch.set(people.document("ada2"), {"name": "Ada"})
    assert not ada.get().exists
    assert [one.exists for one in client.get_all([ada, people.document("ada2")])] == [False, True]
    client.collection("other").document("x").collection("below").add({})
    assert [one.id for one in client.collections()] == ["test_people", "other"]
    assert len(people.get()) == 2


def test_the_mock_gemini_answers_in_all_its_ways() -> None:
    client = MockServiceProvider().get_gemini()
    assert client.generate_content("a").usage_metadata.total_token_count > 0
    assert client.models.generate_content(model="m", contents="b").text
    assert "".join(one.text for one in client.models.generate_content_stream(model="m", contents="c"))
    assert asyncio.run(client.aio.models.generate_content(model="m", contents="d")).text
    assert client.prompts == ["a", "b", "c", "d"]


def test_tokens_of_the_auth_service_are_its_own() -> None:
    auth, other = MockServiceProvider().get_auth(), MockServiceProvider().get_auth()
    user = auth.create_user("a@example.com", role="admin")
    token = auth.create_token(user["uid"])
    assert auth.verify_token(token) == user
    other.create_user("a@example.com")
    for wrong in (other, auth):
        with pytest.raises(RefusedError):
            wrong.verify_token(token if wrong is other else token + "x")
    auth.delete_user(user["uid"])
    with pytest.raises(RefusedError):
        auth.verify_token(token)


class Billing:
    def charge(self, amount: int) -> dict[str, int]:
        return {"charged": amount}


def test_a_service_of_ones_own_is_given_in_every_mode_and_captured(tmp_path: Path) -> None:
    register_service("billing", real=Billing, mock=lambda: "a mock")
    try:
        assert get_service_provider("mock").get_service("billing") == "a mock"
        provider = RealServiceProvider(capture_mode=True)
        billing = provider.get_service("billing")
        assert isinstance(billing, Billing)
        assert billing.charge(5) == {"charged": 5}
        assert provider.get_capture_summary()["services"] == {"billing": {"count": 1, "operations": {"charge": 1}}}
        path = provider.save_capture_data("mine.json")
        provider.cleanup()
    finally:
        unregister_service("billing")
    assert path is not None
    (one,) = load_capture_data(path)["interactions"]
    assert (one["request"], one["response"]) == ({"args": [5], "kwargs": {}}, {"charged": 5})
    with pytest.raises(UnknownNameError, match="billing"):
        get_service_provider("mock").get_service("billing")


def test_a_service_of_ones_own_is_played_and_not_called() -> None:
    """Also one that asks no network: a playback must never reach the real one."""
    called: list[str] = []

    class Ledger:
        def book(self, amount: int) -> dict[str, int]:
            called.append("book")
            return {"booked": amount}

        def refuse(self) -> None:
            called.append("refuse")
            raise LookupError("no such account")

        def lines(self) -> Iterator[int]:
            called.append("lines")
            yield from (1, 2)

        async def later(self) -> str:
            called.append("later")
            return "done"

    def use(service: Any) -> list[Any]:
        with pytest.raises(LookupError, match="no such account"):
            service.refuse()
        return [service.book(5), list(service.lines()), asyncio.run(service.later())]

    register_service("ledger", real=Ledger, mock=Ledger)
    try:
        with get_service_provider("capture") as provider:
            real = use(provider.get_service("ledger"))
            assert provider.get_capture_summary()["total"] == 4
        assert called == ["refuse", "book", "lines", "later"]
        with get_service_provider("replay") as provider:
            assert use(provider.get_service("ledger")) == real
            with pytest.raises(ReplayMissError):
                provider.get_service("ledger").book(6)
            provider._playing.playback.tally.misses.clear()
        assert len(called) == 4
    finally:
        unregister_service("ledger")


def test_the_first_thing_that_a_program_does_may_be_a_captured_call(tmp_path: Path) -> None:
    """Nothing of what is patched was imported before: a hook that is met while the writer is imported must not need
    it."""
    code = """
from hotfixture.capture import get_service_provider, register_service
class Echo:
    def say(self, text): return text
register_service("echo", real=Echo, mock=Echo)
with get_service_provider("capture") as provider:
    provider.get_service("echo").say("hi")
    assert provider.get_capture_summary()["total_duration_ms"] > 0
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, "not recorded" in done.stderr) == (0, False), done.stderr


def test_of_a_provider_that_saw_no_traffic_no_empty_session_stays(tmp_path: Path) -> None:
    with get_service_provider("capture") as provider:
        provider.get_auth()
    (kept,) = retention.sessions(tmp_path / "captures")
    assert kept.name == ""


def test_cleanup_saves_the_capture_and_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    register_service("billing", real=Billing, mock=Billing)
    try:
        provider = RealServiceProvider(capture_mode=True)
        provider.get_service("billing").charge(1)
        provider.cleanup()
        provider.cleanup()
    finally:
        unregister_service("billing")
    said = capsys.readouterr().err
    assert said.count("1 interactions captured: ") == 1
    path = Path(said.partition("captured: ")[2].strip())
    assert load_capture_data(path)["total_interactions"] == 1


def test_tracked_collections_are_deleted_and_no_others(firestore_project: str, monkeypatch: pytest.MonkeyPatch) -> None:
    firestore = pytest.importorskip("google.cloud.firestore")
    from google.auth.credentials import AnonymousCredentials

    monkeypatch.setenv("TEST_FIRESTORE_PROJECT", firestore_project)
    bare = firestore.Client(project=firestore_project, credentials=AnonymousCredentials())
    for name in ("test_people", "test_other", "people"):
        for number in range(3):
            bare.collection(name).document(str(number)).set({"n": number})
    provider = RealServiceProvider(capture_mode=True)
    assert isinstance(provider.get_firestore(), CaptureFirestoreClient)
    provider.track_test_collection("test_people")
    with pytest.raises(RefusedError, match="'people' is not deleted"):
        provider.track_test_collection("people")
    provider.get_firestore().collection("test_other").document("0").get()
    provider.cleanup()
    assert [len(bare.collection(name).get()) for name in ("test_people", "test_other", "people")] == [0, 3, 3]
    bare.close()


def test_the_mock_firestore_merges_and_compares_as_the_real_one_does() -> None:
    people = MockServiceProvider().get_firestore().collection("test_people")
    people.document("a").set({"born": {"year": 1815, "place": "London"}, "rank": None})
    people.document("a").set({"born": {"year": 1816}, "tags": {"x": 1}}, merge=True)
    assert people.document("a").get().to_dict() == {
        "born": {"year": 1816, "place": "London"}, "rank": None, "tags": {"x": 1},
    }  # fmt: skip
    people.document("b").set({"rank": "admiral"})
    people.document("c").set({"other": 1})
    found = {word: [one.id for one in people.where("rank", word, wanted).stream()]
             for word, wanted in (("==", None), ("!=", "x"), ("not-in", ["x"]), ("in", ["admiral"]))}  # fmt: skip
    assert found == {"==": ["a"], "!=": ["b"], "not-in": ["b"], "in": ["b"]}


def test_the_mock_gemini_streams_and_chats_as_the_real_one_does() -> None:
    client = MockGemini("one two  three", "four", "five six", "seven", "eight nine")
    pieces = [piece.text for piece in client.models.generate_content_stream(model="m", contents="x")]
    assert (len(pieces) > 1, "".join(pieces)) == (True, "one two  three")
    chat = client.chats.create(model="m")
    assert chat.send_message("a").text == "four"
    assert "".join(piece.text for piece in chat.send_message_stream("b")) == "five six"
    assert [(one.role, one.parts[0].text) for one in chat.get_history()] == [
        ("user", "a"), ("model", "four"), ("user", "b"), ("model", "five six"),
    ]  # fmt: skip

    async def later() -> list[str]:
        talk = client.aio.chats.create(model="m")
        first = await talk.send_message("c")
        stream = await client.aio.models.generate_content_stream(model="m", contents="d")
        return [first.text, "".join([piece.text async for piece in stream])]

    assert asyncio.run(later()) == ["seven", "eight nine"]
    assert client.prompts == ["x", "a", "b", "c", "d"]


def test_tokens_that_a_model_thinks_with_cost_as_those_that_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    guard = Guard(prices={"gemini": Price(0, 1, 10)})
    guard.before("gemini")
    usage = {"prompt_token_count": 1_000_000, "candidates_token_count": 200_000, "thoughts_token_count": 300_000}
    guard.after("gemini", {"usage_metadata": usage})
    assert guard.money["gemini"] == pytest.approx(1 + 2 + 3)
    monkeypatch.setenv("TEST_MAX_COST", "nan")
    with pytest.raises(OptionError, match="TEST_MAX_COST=nan"):
        Guard().before("gemini")


def test_calls_over_the_limit_are_refused_before_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    class Counted:
        def ask(self) -> None:
            made.append(1)

    register_service("counted", real=Counted, mock=Counted)
    monkeypatch.setenv("TEST_MAX_CALLS_COUNTED", "2")
    try:
        for capturing in (False, True):
            made.clear()
            with RealServiceProvider(capture_mode=capturing) as provider:
                service = provider.get_service("counted")
                service.ask()
                service.ask()
                with pytest.raises(RefusedError, match="counted: 2 calls were made, the limit is 2") as refused:
                    service.ask()
            assert "TEST_MAX_CALLS_COUNTED" in str(refused.value)
            assert made == [1, 1]
    finally:
        unregister_service("counted")


def test_money_is_counted_by_tokens_and_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    guard = Guard(money={"gemini": 0.01}, prices={"gemini": Price(0.0, 1_000.0, 2_000.0)}, environment={})
    guard.before("gemini")
    guard.after("gemini", {"usage_metadata": {"prompt_token_count": 4, "candidates_token_count": 3}})
    assert guard.money["gemini"] == pytest.approx(0.01)
    with pytest.raises(RefusedError, match=r"gemini: about \$0.0100 was spent, the limit is \$0.01"):
        guard.before("gemini")
    with pytest.raises(OptionError, match="TEST_MAX_COST=much"):
        Guard(environment={"TEST_MAX_COST": "much"}).before("anything")
    limited = Guard(environment={"TEST_MAX_CALLS": "1"})
    limited.before("a")
    with pytest.raises(RefusedError, match="all services: 1 calls"):
        limited.before("b")


def _gemini_work(provider: Any) -> list[Any]:
    client = provider.get_gemini()
    found = [client.models.generate_content(model="m", contents="hello").text]
    return found + [one.text for one in client.models.generate_content_stream(model="m", contents="one two")]


def test_what_a_provider_captured_a_provider_replays_without_key_or_network(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("google.genai")
    with serving() as url:
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", url)
        monkeypatch.setenv("TEST_GEMINI_API_KEY", "AIzaSy-not-a-real-key-000000000000000")
        with RealServiceProvider(capture_mode=True) as provider:
            recorded = _gemini_work(provider)
            assert provider.get_capture_summary()["services"]["gemini"]["count"] == 2
    monkeypatch.delenv("TEST_GEMINI_API_KEY")
    with get_service_provider("replay") as provider:
        assert not provider.is_real_service
        assert _gemini_work(provider) == recorded == ["echo: hello", "one", "two"]
    assert tapes.peek() is None
    unplayed = get_service_provider("replay")
    with pytest.raises(ReplayMissError, match="unplayed"):
        unplayed.cleanup()
