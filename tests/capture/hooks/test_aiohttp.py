"""aiohttp: what is its own."""

from __future__ import annotations

import asyncio
import gc

import aiohttp
import pytest
from tests.capture.hooks.recorder import Recorder
from tests.capture.hooks.server import Server

from hotfixture.capture import tapes
from hotfixture.capture.playing.playback import replay
from hotfixture.errors import ReplayMissError


def test_tasks_that_are_cancelled_half_way_are_cancelled_on_the_record(server: Server, recorder: Recorder) -> None:
    """case 3: with what had arrived by then; all others are whole."""

    async def one(session: aiohttp.ClientSession, number: int, begun: set[int]) -> None:
        async with session.get(f"{server.url}/{'forever' if number % 2 else 'echo'}/{number}") as response:
            async for _ in response.content.iter_any():
                begun.add(number)

    async def all_of_them() -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            begun = set[int]()
            tasks = [asyncio.create_task(one(session, number, begun)) for number in range(60)]
            await asyncio.wait(tasks[::2])
            while len(begun) < len(tasks):
                await asyncio.sleep(0.02)
            for task in tasks[1::2]:
                task.cancel()
            await asyncio.gather(*tasks[1::2], return_exceptions=True)

    with tapes.under(recorder.session):
        asyncio.run(all_of_them())
    kept = recorder.interactions
    assert len(kept) == 60
    for one_kept in kept:
        endless = "/forever/" in one_kept.request["url"]
        assert one_kept.status == ("cancelled" if endless else "success")
        assert one_kept.chunks


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("slow", {"total": 0.15}), ("slow", {"sock_read": 0.15}),
        ("slow-body", {"total": 0.15}), ("slow-body", {"sock_read": 0.15}),
    ],
)  # fmt: skip
def test_a_timeout_is_recorded_as_what_the_program_gets(
    path: str, limit: dict[str, float], server: Server, recorder: Recorder
) -> None:
    """case 25: whichever clock ran out, before the answer or in it."""

    def ask() -> str:
        return asyncio.run(_ask(f"{server.url}/{path}", limit))

    bare = ask()
    with tapes.under(recorder.session):
        assert ask() == bare
    (one,) = recorder.interactions
    assert (one.status, one.error_type) == ("error", bare.partition(" ")[0])
    with replay(recorder.folder):
        assert ask() == bare


async def _ask(url: str, limit: dict[str, float]) -> str:
    timeout = aiohttp.ClientTimeout(**{"total": None, **limit})
    async with aiohttp.ClientSession(timeout=timeout) as session:
        with pytest.raises(TimeoutError) as caught:
            async with session.get(url) as response:
                await response.read()
    return f"{type(caught.value).__name__} {caught.value}"


def test_a_websocket_is_left_alone_and_counted(recorder: Recorder) -> None:
    """It is no question with one answer."""
    from aiohttp import web

    async def serve(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(f"heard {message.data}")
        return socket

    async def talk() -> str:
        application = web.Application()
        application.router.add_get("/", serve)
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        async with aiohttp.ClientSession() as session, session.ws_connect(f"http://127.0.0.1:{port}/") as socket:
            await socket.send_str("you")
            said = await socket.receive_str()
        await runner.cleanup()
        return said

    with tapes.under(recorder.session):
        assert asyncio.run(talk()) == "heard you"
    assert recorder.interactions == []
    [said] = recorder.session.unseen.told()
    assert said.startswith("1 websockets: 127.0.0.1:")


def test_a_pool_goes_from_recorded_to_played_and_to_real(server: Server, recorder: Recorder) -> None:
    """One session of aiohttp through it all; nothing that was played is kept for what is real."""

    async def ask(session: aiohttp.ClientSession) -> bytes:
        async with session.get(f"{server.url}/counter/aiohttp") as response:
            return await response.read()

    async def all_of_it() -> None:
        async with aiohttp.ClientSession() as session:
            with tapes.under(recorder.session):
                recorded = [await ask(session), await ask(session)]
            with replay(recorder.folder):
                assert [await ask(session), await ask(session)] == recorded
            assert [await ask(session), await ask(session)] == [b"3", b"4"]

    asyncio.run(all_of_it())


def test_five_megabytes_are_played_back_to_a_slow_reader(server: Server, recorder: Recorder) -> None:
    """case 11: the reader pauses what it does not want yet, and nothing is lost."""

    async def ask() -> int:
        async with aiohttp.ClientSession(read_bufsize=1024) as session, session.get(f"{server.url}/huge") as response:
            size = 0
            async for piece in response.content.iter_chunked(100_000):
                size += len(piece)
                await asyncio.sleep(0)
            return size

    with tapes.under(recorder.session):
        seen = asyncio.run(ask())
    with replay(recorder.folder):
        assert asyncio.run(ask()) == seen == 5 * 2**20


def test_an_answer_that_nobody_reads_is_closed(server: Server, recorder: Recorder) -> None:
    """Released with its connection."""

    async def ask() -> None:
        async with aiohttp.ClientSession() as session:
            response = await session.get(f"{server.url}/huge")
            response.close()
            del response
            gc.collect()

    with tapes.under(recorder.session):
        asyncio.run(ask())
    (one,) = recorder.interactions
    assert (one.status, one.response["status"]) == ("closed", 200)


def test_a_body_that_is_compressed_on_the_way_is_recorded_as_it_went(server: Server, recorder: Recorder) -> None:
    """case 12."""

    async def ask() -> int:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{server.url}/echo", data=b"a" * 1000, compress="deflate") as response,
        ):
            return response.status

    with tapes.under(recorder.session):
        assert asyncio.run(ask()) == 200
    (one,) = recorder.interactions
    assert recorder.sent(one)
    with replay(recorder.folder):
        assert asyncio.run(ask()) == 200


def test_a_miss_is_raised_as_it_is(server: Server) -> None:
    """Not as an error of the network, which would be tried again."""

    async def ask() -> None:
        async with aiohttp.ClientSession() as session:
            await session.get(f"{server.url}/missing")

    with replay([], allow=["misses"]) as playback, pytest.raises(ReplayMissError):
        asyncio.run(ask())
    assert len(playback.tally.misses) == 1
