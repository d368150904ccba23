"""GET /api/generate/{type}: invented values, a few at once, many in a stream."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.responses import Response, StreamingResponse

from hotfixture import generators
from hotfixture.files import values
from hotfixture.generators.base import PIECE
from hotfixture.server import asked, problems
from hotfixture.server.asked import Asked
from hotfixture.server.fresh import Fresh, again, fresh_seed
from hotfixture.server.front import Receive, Send
from hotfixture.server.metrics import Metrics
from hotfixture.server.settings import ServerSettings
from hotfixture.server.visit import Scope, visit_of

_FEW = 200  # so many values are made in plain Python sooner than by Arrow
_PIECE_BYTES = 4 << 20


class Generate:
    """The endpoint, as bare ASGI."""

    def __init__(self, settings: ServerSettings, metrics: Metrics) -> None:
        self._max_count, self._max_bytes = settings.max_count, settings.max_response
        self._metrics = metrics
        self._keep = f"{settings.kept_by}, max-age=3600"
        self._fresh = Fresh()
        self._known: set[Any] = set()
        self._threads: CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        visit = visit_of(scope)
        if visit.method not in ("GET", "HEAD"):
            answer = problems.answer(405, "only GET is offered here", visit.id, {"allow": "GET, HEAD"})
            await answer(scope, receive, send)
            return
        key = (scope["path"], scope["query_string"])
        found = self._fresh.take(key)
        if found is not None:
            self._metrics.values.inc()
            await _send(send, *found)
            return
        wanted = asked.read(scope, self._max_count)
        if await self._fresh.fill(key, wanted):
            await self(scope, receive, send)
            return
        self._metrics.values.inc(wanted.rows)
        await (await self._response(wanted))(scope, receive, send)

    async def _response(self, wanted: Asked) -> Response:
        seed = fresh_seed() if wanted.seed is None else wanted.seed
        headers = {"cache-control": "no-store" if wanted.seed is None else self._keep}
        if wanted.rows > _FEW:
            return await self._many(wanted, seed, headers)
        # Options that are new may need a table that takes long to make: others do not wait for it.
        known = again(self._known, wanted.kind)
        body = _few(wanted, seed) if known else await to_thread.run_sync(_few, wanted, seed)
        return Response(body, headers=headers, media_type=wanted.media_type)

    async def _many(self, wanted: Asked, seed: int, headers: dict[str, str]) -> Response:
        parts = values.pieces(wanted.form, wanted.short, batches(wanted, seed))
        # One thread for each processor: more would only share the interpreter.
        self._threads = self._threads or CapacityLimiter(max(2, os.cpu_count() or 2))
        body, is_all = await to_thread.run_sync(_pulled, parts, limiter=self._threads)
        if len(body) > self._max_bytes:
            raise problems.HTTPError(413, f"the answer is longer than {self._max_bytes} bytes; ask for fewer values")
        if is_all:
            return Response(body, headers=headers, media_type=wanted.media_type)
        return StreamingResponse(self._stream(body, parts), 200, headers, wanted.media_type)

    async def _stream(self, body: bytes, parts: Iterator[bytes]) -> AsyncIterator[bytes]:
        written, is_all = len(body), False
        yield body
        while not is_all:
            body, is_all = await to_thread.run_sync(_pulled, parts, limiter=self._threads)
            written += len(body)
            if written > self._max_bytes:
                raise OverflowError("the answer is longer than max_response allows")
            yield body


def _pulled(parts: Iterator[bytes]) -> tuple[bytes, bool]:
    """The next megabytes, and whether that was all: one way to a thread for each, however small the parts are."""
    found, size = [], 0
    for part in parts:
        found.append(part)
        size += len(part)
        if size >= _PIECE_BYTES:
            return b"".join(found), False
    return b"".join(found), True


def _few(wanted: Asked, seed: int) -> bytes:
    if wanted.rows == 1:
        value = generators.generate(wanted.made.name, seed=seed, **wanted.options)
        return values.one(wanted.form, wanted.short, value)
    return b"".join(values.pieces(wanted.form, wanted.short, batches(wanted, seed)))


def batches(wanted: Asked, seed: int) -> Iterator[Any]:
    """The values in pieces of some megabytes, whatever their length."""
    name, options = wanted.made.name, wanted.options
    if wanted.rows <= _FEW:
        yield [generators.generate(name, seed=seed, first=row, **options) for row in range(wanted.rows)]
        return
    first, size = 0, 512
    while first < wanted.rows:
        batch = generators.generate(name, count=min(size, wanted.rows - first), seed=seed, first=first, **options)
        first += len(batch)
        size = max(1, min(8 * PIECE, _PIECE_BYTES * len(batch) // max(batch.nbytes, 1)))
        yield batch


async def _send(send: Send, media_type: str, body: bytes) -> None:
    headers = [
        (b"content-type", media_type.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
