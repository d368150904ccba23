"""The capturing Gemini client: google-genai on a local base URL, and clients of the older kind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from tests.capture.gemini_server import serving

from hotfixture.capture.captures import CaptureManager
from hotfixture.capture.gemini import CaptureGeminiClient

genai = pytest.importorskip("google.genai")


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[CaptureManager]:
    manager = CaptureManager(tmp_path)
    yield manager
    manager.close()


@pytest.fixture
def client(manager: CaptureManager) -> Iterator[Any]:
    with serving() as url:
        made = genai.Client(api_key="AIzaSy-not-a-real-key-000000000000000", http_options={"base_url": url})
        yield CaptureGeminiClient(made, manager)
        made.close()


def test_generate_content_is_the_contracts_operation(client: Any, manager: CaptureManager) -> None:
    assert isinstance(client, genai.Client)
    response = client.models.generate_content(model="m", contents="hello")
    assert response.text == "echo: hello"
    (one,) = manager.interactions
    assert (one["service"], one["operation"], one["status"]) == ("gemini", "generate_content", "success")
    assert one["request"] == {"prompt": "hello", "kwargs": {"model": "m"}}
    assert one["response"] == {
        "text": "echo: hello", "finish_reason": "STOP",
        "usage_metadata": {"prompt_token_count": 3, "candidates_token_count": 5, "total_token_count": 8},
    }  # fmt: skip


def test_prompts_and_answers_are_never_cut(client: Any, manager: CaptureManager) -> None:
    """Defect 4."""
    prompt = "word " * 5_000
    client.models.generate_content(model="m", contents=prompt)
    (one,) = manager.interactions
    assert one["request"]["prompt"] == prompt
    assert one["response"]["text"] == f"echo: {prompt}"


def test_streams_pass_piece_by_piece_and_are_kept_whole(client: Any, manager: CaptureManager) -> None:
    """Defect 6."""
    stream = client.models.generate_content_stream(model="m", contents="one two three")
    assert next(stream).text == "one"
    assert manager.interactions[0]["status"] == "running"
    assert [piece.text for piece in stream] == ["two", "three"]
    (one,) = manager.interactions
    assert one["operation"] == "generate_content_stream"
    assert (one["response"]["text"], one["response"]["chunks"]) == ("onetwothree", ["one", "two", "three"])
    assert one["response"]["usage_metadata"]["total_token_count"] == 8


@pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")  # of google-genai
def test_asyncio_and_chats_are_recorded(client: Any, manager: CaptureManager) -> None:
    """Defect 6."""

    async def work() -> None:
        assert (await client.aio.models.generate_content(model="m", contents="a")).text == "echo: a"
        stream = await client.aio.models.generate_content_stream(model="m", contents="b c")
        assert [piece.text async for piece in stream] == ["b", "c"]
        chat = client.aio.chats.create(model="m")
        assert (await chat.send_message("d")).text == "echo: d"
        await client.__wrapped__.aio.aclose()

    asyncio.run(work())
    chat = client.chats.create(model="m")
    assert chat.send_message("e").text == "echo: e"
    assert [piece.text for piece in chat.send_message_stream("f g")] == ["f", "g"]
    assert len(chat.get_history()) > 3
    assert [(one["operation"], one["request"]["prompt"], one["status"]) for one in manager.interactions] == [
        ("generate_content", "a", "success"), ("generate_content_stream", "b c", "success"),
        ("chat.send_message", "d", "success"), ("chat.send_message", "e", "success"),
        ("chat.send_message_stream", "f g", "success"),
    ]  # fmt: skip


def test_refusals_blocked_answers_and_function_calls_are_recorded(client: Any, manager: CaptureManager) -> None:
    with pytest.raises(genai.errors.ClientError, match="slow down"):
        client.models.generate_content(model="m", contents="too many")
    assert client.models.generate_content(model="m", contents="blocked").text is None
    assert client.models.generate_content(model="m", contents="call").function_calls[0].name == "weather"
    refused, blocked, called = manager.interactions
    assert (refused["status"], refused["error_type"], refused["response"]) == ("error", "ClientError", None)
    assert blocked["response"]["prompt_feedback"] == {"block_reason": "SAFETY"}
    assert called["response"]["function_calls"] == [{"args": {"city": "Bern"}, "name": "weather"}]


def test_the_short_form_asks_the_models(client: Any, manager: CaptureManager) -> None:
    assert client.generate_content("hello").text == "echo: hello"
    assert manager.interactions[0]["request"]["prompt"] == "hello"


class _Older:
    """As `GenerativeModel` of the older package."""

    def generate_content(self, prompt: Any, **kwargs: Any) -> Any:
        usage = SimpleNamespace(prompt_token_count=1, candidates_token_count=2, total_token_count=3)
        candidate = SimpleNamespace(finish_reason=SimpleNamespace(name="STOP"))
        if prompt == "blocked":
            return _Blocked()
        return SimpleNamespace(text=f"older: {prompt}", candidates=[candidate], usage_metadata=usage)


class _Blocked:
    @property
    def text(self) -> str:
        raise ValueError("the answer was blocked")


def test_clients_of_the_older_package_are_recorded(manager: CaptureManager) -> None:
    client = CaptureGeminiClient(_Older(), manager)
    assert client.generate_content("hi", temperature=0).text == "older: hi"
    with pytest.raises(ValueError, match="blocked"):
        _ = client.generate_content("blocked").text
    first, second = manager.interactions
    assert first["request"] == {"prompt": "hi", "kwargs": {"temperature": 0}}
    assert first["response"] == {
        "text": "older: hi", "finish_reason": "STOP",
        "usage_metadata": {"prompt_token_count": 1, "candidates_token_count": 2, "total_token_count": 3},
    }  # fmt: skip
    assert (second["status"], second["response"]["text"]) == ("success", None)


def test_clients_that_are_mocks_are_recorded(manager: CaptureManager) -> None:
    mock = Mock()
    mock.generate_content.return_value = Mock(text="mocked", usage_metadata=Mock(total_token_count=3))
    assert CaptureGeminiClient(mock, manager).generate_content("hi").text == "mocked"
    mock.generate_content.assert_called_once_with("hi")
    (one,) = manager.interactions
    assert one["response"] == {"text": "mocked", "finish_reason": None, "usage_metadata": {"total_token_count": 3}}


@pytest.mark.parametrize("prompt", [None, "", 5, ["a", b"\xff"], {"role": "user"}, object()])
def test_unusual_prompts_reach_the_client_as_they_are(manager: CaptureManager, prompt: Any) -> None:
    """Defect 7."""
    seen: list[Any] = []

    class Client:
        def generate_content(self, prompt: Any) -> Any:
            seen.append(prompt)
            return SimpleNamespace(text="ok")

    assert CaptureGeminiClient(Client(), manager).generate_content(prompt).text == "ok"
    assert seen[0] is prompt
    assert manager.interactions[0]["status"] == "success"
