"""gRPC with asyncio: what a program sees is the same bare, recorded and played, to the text of its errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from tests.capture.hooks.greetings import Running, timeless

from hotfixture.capture.playing.playback import replay
from hotfixture.capture.session import Session, capture
from hotfixture.errors import ReplayMissError

Program = Callable[[Running, Any], Awaitable[Any]]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server's definition is compiled."""
    return tmp_path_factory.mktemp("greetings")


@pytest.fixture
def server(compiled: Path) -> Iterator[Running]:
    """A server of this test's own."""
    running = Running(compiled)
    yield running
    running.stop()


def run(server: Running, program: Program, **options: Any) -> Any:
    """What the program gives, in a loop of its own."""

    async def inside() -> Any:
        async with grpc.aio.insecure_channel(server.target, **options) as channel:
            return await program(server, server.stub(channel))

    return asyncio.run(inside())


def recorded(tmp_path: Path, server: Running, program: Program, **options: Any) -> tuple[Any, Session]:
    """What the program gives while it is recorded, and the session."""
    with capture("recorded", directory=tmp_path, within=True) as session:
        seen = run(server, program, **options)
    assert session.problems == []
    return seen, session


def played(server: Running, program: Program, session: Session, **options: Any) -> Any:
    """What the program gives while the session is played and the server is gone."""
    server.stop()
    with replay(session.folder):
        return run(server, program, **options)


async def unary(server: Running, stub: Any) -> list[Any]:
    call = stub.Greet(server.ask("Bob"), timeout=5)
    called: list[bool] = []
    call.add_done_callback(lambda one: called.append(one.done()))
    seen = [(await call).text, await call.code(), await call.details(), call.done(), call.cancelled(), called]
    return [*seen, str(await call.initial_metadata()), str(await call.trailing_metadata()), (await call).text]


async def failing(server: Running, stub: Any) -> list[Any]:
    seen: list[Any] = []
    for code in ("NOT_FOUND", "UNAVAILABLE"):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Greet(server.ask(fail=code))
        error = caught.value
        seen += [repr(error), error.args, error.code(), error.details(), error.debug_error_string()]
        seen += [str(error.initial_metadata()), str(error.trailing_metadata())]
    return seen


async def streaming(server: Running, stub: Any) -> list[Any]:
    async def questions() -> AsyncIterator[Any]:
        yield server.ask("a", times=2)
        yield server.ask("b", times=1)

    writing = stub.Sum()
    await writing.write(server.ask(times=4))
    await writing.write(server.ask(times=5))
    await writing.done_writing()
    counting = stub.Count(server.ask(times=3))
    return [
        [one.text async for one in counting], await counting.code(), str(await counting.trailing_metadata()),
        (await stub.Sum([server.ask(times=2), server.ask(times=3)])).number,
        (await stub.Sum(questions())).number, (await writing).number,
        [one.text async for one in stub.Talk(questions())],
    ]  # fmt: skip


async def conversation(server: Running, stub: Any) -> list[Any]:
    call, seen = stub.Talk(), []
    for name in ("one", "two", "three"):
        await call.write(server.ask(name, times=1))
        seen.append((await call.read()).text)
    await call.done_writing()
    return [*seen, await call.read() is grpc.aio.EOF, await call.code()]


async def breaking(server: Running, stub: Any) -> list[Any]:
    seen: list[Any] = []
    try:
        async for one in stub.Count(server.ask(times=2, fail="UNAVAILABLE")):
            seen.append(one.text)  # noqa: PERF401 - what came before the error counts
    except grpc.RpcError as error:
        seen += [type(error), repr(error)]
    return seen


async def cancelling(server: Running, stub: Any) -> list[Any]:
    answers = stub.Count(server.ask("endless"))
    seen = [(await answers.read()).text, (await answers.read()).text, answers.cancel(), await answers.code()]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(stub.Greet(server.ask(fail="SLOW")), 0.1)
    task = asyncio.ensure_future(wait_for(stub.Greet(server.ask("task", fail="SLOW"))))
    await asyncio.sleep(0.05)
    seen.append(task.cancel())
    with pytest.raises(asyncio.CancelledError):
        await task
    return seen


async def wait_for(call: Any) -> Any:
    return await call


async def ready(server: Running, stub: Any) -> list[Any]:
    async with grpc.aio.insecure_channel(server.target) as channel:
        await asyncio.wait_for(channel.channel_ready(), 5)
        return [channel.get_state(), (await server.stub(channel).Greet(server.ask())).text]


PROGRAMS = [unary, failing, streaming, conversation, breaking, cancelling, ready]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda one: one.__name__)
def test_a_program_sees_the_same_bare_recorded_and_played(server: Running, tmp_path: Path, program: Program) -> None:
    """Case 8, case 25."""
    bare = run(server, program)
    seen, session = recorded(tmp_path, server, program)
    assert timeless(seen) == timeless(bare)
    asked = len(server.greeter.asked)
    assert played(server, program, session) == seen
    assert len(server.greeter.asked) == asked


class Retrying(grpc.aio.UnaryUnaryClientInterceptor):
    """Asks again until it goes well."""

    async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        for _ in range(5):
            answer = await continuation(details, request)
            if await answer.code() is grpc.StatusCode.OK:
                break
        return answer


def test_interceptors_still_run_and_each_attempt_is_recorded(server: Running, tmp_path: Path) -> None:
    """Case 24: the playback fails as often as the server did."""
    ran = []

    class Counting(Retrying):
        async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
            ran.append(details.method)
            return await super().intercept_unary_unary(continuation, details, request)

    async def program(server: Running, stub: Any) -> str:
        return str((await stub.Greet(server.ask())).text)

    server.greeter.fails_first = 2
    seen, session = recorded(tmp_path, server, program, interceptors=[Counting()])
    assert [one.response["code"] for one in session.interactions] == ["UNAVAILABLE", "UNAVAILABLE", "OK"]
    assert played(server, program, session, interceptors=[Counting()]) == seen
    assert len(ran) == 2


def test_a_record_says_how_a_call_ended(server: Running, tmp_path: Path) -> None:
    _, session = recorded(tmp_path, server, cancelling)
    found = [(one.operation.rpartition("/")[2], one.status) for one in session.interactions]
    assert found == [("Count", "closed"), ("Greet", "cancelled"), ("Greet", "cancelled")]
    assert len(session.interactions[0].response["messages"]) == 2


def test_reading_on_where_the_program_had_stopped_is_a_miss(server: Running, tmp_path: Path) -> None:
    """Case 7."""

    async def some(server: Running, stub: Any, count: int) -> list[str]:
        answers = stub.Count(server.ask())
        seen = [(await answers.read()).text for _ in range(count)]
        answers.cancel()
        return seen

    _, session = recorded(tmp_path, server, lambda server, stub: some(server, stub, 2))
    with pytest.raises(ReplayMissError, match="ends here"):
        played(server, lambda server, stub: some(server, stub, 3), session)


@pytest.mark.parametrize("method", ["Greet", "Count", "Sum", "Talk"])
def test_another_question_is_a_miss_for_every_kind_of_call(server: Running, tmp_path: Path, method: str) -> None:
    """Case 28: raised where the program looks at the answer, and never a hang."""

    async def ask(server: Running, stub: Any, name: str) -> Any:
        question = server.ask(name, times=1)
        call = getattr(stub, method)([question] if method in ("Sum", "Talk") else question)
        return [one async for one in call] if method in ("Count", "Talk") else await call

    _, session = recorded(tmp_path, server, lambda server, stub: ask(server, stub, "Ada"))
    with pytest.raises(ReplayMissError, match="name"):
        played(server, lambda server, stub: asyncio.wait_for(ask(server, stub, "Bob"), 5), session)


def test_a_thousand_calls_with_cancellations_are_each_on_their_own_record(server: Running, tmp_path: Path) -> None:
    """Case 3: some are cancelled half way."""

    async def one(stub: Any, number: int) -> str:
        call = stub.Greet(server.ask(str(number)))
        if number % 5 == 0:
            call.cancel()
        return str((await call).text)

    async def program(server: Running, stub: Any) -> list[Any]:
        return list(await asyncio.gather(*(one(stub, number) for number in range(1000)), return_exceptions=True))

    seen, session = recorded(tmp_path, server, program)
    done = {
        one.request["messages"][0]["data"]["name"]: one.response["messages"][0]["data"]["text"]
        for one in session.interactions
        if one.status == "success"
    }
    assert done == {str(number): f"hello {number}" for number in range(1000) if number % 5}
    assert [isinstance(one, asyncio.CancelledError) for one in seen] == [number % 5 == 0 for number in range(1000)]
    cancelled = [one for one in session.interactions if one.status == "cancelled"]
    assert len(cancelled) == 200
    assert all(one.duration_ms is not None for one in cancelled)
    assert len({one.id for one in session.interactions}) == 1000
