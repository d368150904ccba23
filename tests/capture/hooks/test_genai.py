"""google-genai against a server of the tests' own: recorded, and played when it is gone, on each of its backends."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from google import genai
from google.genai import errors, types
from tests.capture.hooks.gemini_server import KEY, WORDS, Gemini

from hotfixture.capture.playing.playback import replay
from hotfixture.capture.session import Session, capture

MODEL = "gemini-test"
pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")
Program = Callable[[Any], Any]


@pytest.fixture
def gemini() -> Iterator[Gemini]:
    """A server of this test's own."""
    server = Gemini()
    yield server
    server.stop()


def client(url: str, backend: str, monkeypatch: pytest.MonkeyPatch) -> genai.Client:
    """A client whose synchronous and asynchronous sides go through this backend (`aiohttp`: its asynchronous one)."""
    monkeypatch.setenv("GOOGLE_GENAI_HTTP_CLIENT", "auto" if backend == "aiohttp" else backend)
    transport: dict[str, Any] = {}
    if backend != "aiohttp":
        module = __import__(backend)
        transport = {"transport": module.AsyncHTTPTransport()}
    options = types.HttpOptions(
        base_url=url, async_client_args=transport, retry_options=types.HttpRetryOptions(attempts=3, initial_delay=0.01)
    )
    return genai.Client(api_key=KEY, http_options=options)


def weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


def generating(made: genai.Client) -> list[Any]:
    told = made.models.generate_content(model=MODEL, contents="what is it")
    counted = made.models.count_tokens(model=MODEL, contents="how many")
    return [told.text, told.usage_metadata, told.candidates, counted.total_tokens]


def streaming(made: genai.Client) -> list[Any]:
    return [one.text for one in made.models.generate_content_stream(model=MODEL, contents="go on")]


def chatting(made: genai.Client) -> list[Any]:
    chat = made.chats.create(model=MODEL)
    seen = [chat.send_message(text).text for text in ("one", "two")]
    seen.append("".join(one.text for one in chat.send_message_stream("three")))
    return [*seen, len(chat.get_history())]


def calling_functions(made: genai.Client) -> list[Any]:
    config = types.GenerateContentConfig(tools=[weather])
    told = made.models.generate_content(model=MODEL, contents="weather?", config=config)
    return [told.text, len(told.automatic_function_calling_history or [])]


def uploading(made: genai.Client) -> list[Any]:
    data = io.BytesIO(b"some text " * 840_000)  # more than one piece of 8 MB
    file = made.files.upload(file=data, config={"mime_type": "text/plain"})
    again = made.files.get(name=file.name)
    told = made.models.generate_content(model=MODEL, contents=[file, "what is in it"])
    return [file, again.size_bytes, told.text]


def refused(made: genai.Client) -> list[Any]:
    with pytest.raises(errors.ClientError) as caught:
        made.models.generate_content(model=MODEL, contents="too much")
    error = caught.value
    return [type(error), error.code, error.status, error.message, str(error)]


def blocked(made: genai.Client) -> list[Any]:
    """Its `text` is None; in older versions of the package it raises."""
    told = made.models.generate_content(model=MODEL, contents="forbidden")
    return [told.text, told.prompt_feedback, told.candidates]


def asynchronous(made: genai.Client) -> list[Any]:
    async def program() -> list[Any]:
        models = made.aio.models
        told = await models.generate_content(model=MODEL, contents="what is it")
        stream = await models.generate_content_stream(model=MODEL, contents="go on")
        chat = made.aio.chats.create(model=MODEL)
        file = await made.aio.files.upload(file=io.BytesIO(b"text"), config={"mime_type": "text/plain"})
        seen = [told.text, [one.text async for one in stream], (await chat.send_message("one")).text, file]
        await made.aio.aclose()
        return seen

    return asyncio.run(program())


PROGRAMS = [generating, streaming, chatting, calling_functions, uploading, refused, blocked]
CASES = [(program, "httpx2") for program in PROGRAMS]
CASES += [(program, "httpx") for program in (generating, streaming, uploading)]
CASES += [(asynchronous, backend) for backend in ("httpx2", "httpx", "aiohttp")]


def both(
    tmp_path: Path, gemini: Gemini, program: Program, make: Callable[[], genai.Client]
) -> tuple[Any, Any, Session]:
    """What the program gives while it is recorded and while it is played with nobody there, and the session."""
    gemini.refusals = 3 if program is refused else 0
    with capture("recorded", directory=tmp_path, within=True) as session:
        seen = program(make())
    assert session.problems == []
    gemini.stop()
    with replay(session.folder):
        again = program(make())
    return seen, again, session


@pytest.mark.parametrize(("program", "backend"), CASES, ids=lambda one: getattr(one, "__name__", one))
def test_what_a_program_does_with_gemini_is_played_without_it(
    tmp_path: Path, gemini: Gemini, monkeypatch: pytest.MonkeyPatch, program: Program, backend: str
) -> None:
    """Case 27."""
    seen, again, session = both(tmp_path, gemini, program, lambda: client(gemini.url, backend, monkeypatch))
    assert seen
    assert again == seen
    assert len(session.interactions) == len(gemini.asked)


def test_each_refusal_is_recorded(tmp_path: Path, gemini: Gemini, monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 24: the client asks three times, and three answers are played."""
    _, _, session = both(tmp_path, gemini, refused, lambda: client(gemini.url, "httpx2", monkeypatch))
    assert [one.response["status"] for one in session.interactions] == [429, 429, 429]


def test_a_stream_is_played_in_the_pieces_it_came_in(
    tmp_path: Path, gemini: Gemini, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, again, session = both(tmp_path, gemini, streaming, lambda: client(gemini.url, "httpx2", monkeypatch))
    assert seen == again == WORDS
    assert len(session.interactions[0].chunks) >= len(WORDS)


def test_the_key_reaches_no_file(tmp_path: Path, gemini: Gemini, monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 16."""
    both(tmp_path, gemini, chatting, lambda: client(gemini.url, "httpx2", monkeypatch))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
