"""GET /api/generate/{type}: invented values, a few at once, many in a stream.

Requests without a seed and for one value are the most frequent: their values are made in blocks of a fresh seed and
handed out one by one, each once, so that an answer costs a list's pop.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from time import perf_counter
from typing import Any, NamedTuple
from urllib.parse import unquote

from anyio import CapacityLimiter, to_thread
from starlette.responses import Response, StreamingResponse

from hotfixture import generators
from hotfixture.generators.base import PIECE, Generator
from hotfixture.server import forms, problems, queries
from hotfixture.server.front import Receive, Send
from hotfixture.server.metrics import Metrics
from hotfixture.server.settings import ServerSettings
from hotfixture.server.visit import Scope, visit_of

PREFIX = "/api/generate/"
OWN = ("count", "seed", "format")
"""Parameters of the endpoint itself; all others are the generator's."""
SEEDS = (-(2**63), 2**64 - 1)
_FEW = 200  # so many values are made in plain Python sooner than by Arrow
_BLOCK = 256
_KINDS = 512  # of requests whose fresh values are kept ready
_QUICK = 0.02  # seconds: a block made so fast is made at once from then on, without a thread
_LONG = 256  # bytes of a value that is not kept
_PIECE_BYTES = 4 << 20


class Asked(NamedTuple):
    """What a request asks for, validated."""

    made: Generator
    options: Mapping[str, Any]
    form: str
    rows: int
    seed: int | None

    @property
    def short(self) -> str:
        """The name of the column."""
        return self.made.name.partition(".")[2]


class Generate:
    """The endpoint, as bare ASGI."""

    def __init__(self, settings: ServerSettings, metrics: Metrics) -> None:
        self._max_count, self._max_bytes = settings.max_count, settings.max_response
        self._metrics = metrics
        self._keep = f"{'private' if settings.token_file else 'public'}, max-age=3600"
        self._ready: dict[tuple[str, bytes], tuple[str, list[bytes]]] = {}
        self._seen: set[Any] = set()
        self._cheap: set[Any] = set()
        self._filling: set[tuple[str, bytes]] = set()
        self._quick: set[tuple[str, bytes]] = set()
        self._threads: CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        visit = visit_of(scope)
        if visit.method not in ("GET", "HEAD"):
            answer = problems.answer(405, "only GET is offered here", visit.id, {"allow": "GET, HEAD"})
            await answer(scope, receive, send)
            return
        key = (scope["path"], scope["query_string"])
        found = self._ready.get(key)
        if found is not None:
            media_type, bodies = found
            body = bodies.pop()
            if not bodies:
                del self._ready[key]
            self._metrics.values.inc()
            await _send(send, media_type, body)
            return
        asked = self._asked(scope)
        if asked.rows == 1 and await self._pooled(key, asked):
            await self(scope, receive, send)
            return
        self._metrics.values.inc(asked.rows)
        await (await self._response(asked))(scope, receive, send)

    def _asked(self, scope: Scope) -> Asked:
        made = generators.find(unquote(scope["path"].removeprefix(PREFIX))[:200])
        given = queries.read(scope)
        count = queries.integer(given, "count", 1, 0, self._max_count)
        seed = queries.integer(given, "seed", 0, *SEEDS) if "seed" in given else None
        form = queries.choice(given, "format", "json", forms.MEDIA_TYPES)
        options = {name: value for name, value in given.items() if name not in OWN}
        made.settle(options)
        return Asked(made, options, form, count, seed)

    async def _pooled(self, key: tuple[str, bytes], asked: Asked) -> bool:
        """Whether fresh values for such a request were made ready; from its second time on, where that is right."""
        if asked.seed is not None or asked.made.by_row or not _again(self._seen, key):
            return False
        if key in self._quick:
            self._keep_ready(key, asked, _block(asked))
            return True
        if key in self._filling:  # one request makes the block, the others make their own value meanwhile
            return False
        self._filling.add(key)
        try:
            begun = perf_counter()
            bodies = await to_thread.run_sync(_block, asked)
        finally:
            self._filling.discard(key)
        if max(map(len, bodies)) > _LONG:
            return False
        if perf_counter() - begun < _QUICK and len(self._quick) < _KINDS:
            self._quick.add(key)
        self._keep_ready(key, asked, bodies)
        return True

    def _keep_ready(self, key: tuple[str, bytes], asked: Asked, bodies: list[bytes]) -> None:
        while len(self._ready) >= _KINDS:
            del self._ready[next(iter(self._ready))]
        self._ready[key] = (forms.MEDIA_TYPES[asked.form], bodies)

    async def _response(self, asked: Asked) -> Response:
        seed = _fresh() if asked.seed is None else asked.seed
        media_type = forms.MEDIA_TYPES[asked.form]
        headers = {"cache-control": "no-store" if asked.seed is None else self._keep}
        if asked.rows > _FEW:
            parts = forms.pieces(asked.form, asked.short, batches(asked, seed))
            # One thread for each processor: more would only share the interpreter.
            self._threads = self._threads or CapacityLimiter(max(2, os.cpu_count() or 2))
            return StreamingResponse(_stream(parts, self._threads, self._max_bytes), 200, headers, media_type)
        if _again(self._cheap, (asked.made.name, *sorted(asked.options.items()))):
            return Response(_few(asked, seed), headers=headers, media_type=media_type)
        # Options that are new may need a table that takes long to make: others do not wait for it.
        return Response(await to_thread.run_sync(_few, asked, seed), headers=headers, media_type=media_type)


def _again(seen: set[Any], key: Any) -> bool:
    """Whether the key was there before; it is from now on."""
    if key in seen:
        return True
    if len(seen) >= _KINDS:
        seen.clear()
    seen.add(key)
    return False


def _block(asked: Asked) -> list[bytes]:
    """Fresh values, each as a whole answer."""
    made = generators.generate(asked.made.name, count=_BLOCK, seed=_fresh(), **asked.options)
    return [forms.one(asked.form, asked.short, value) for value in made.to_pylist()]


def _few(asked: Asked, seed: int) -> bytes:
    if asked.rows == 1:
        return forms.one(asked.form, asked.short, generators.generate(asked.made.name, seed=seed, **asked.options))
    return b"".join(forms.pieces(asked.form, asked.short, batches(asked, seed)))


def batches(asked: Asked, seed: int) -> Iterator[Any]:
    """The values in pieces of some megabytes, whatever their length."""
    if asked.rows <= _FEW:
        yield [generators.generate(asked.made.name, seed=seed, first=row, **asked.options) for row in range(asked.rows)]
        return
    first, size = 0, 512
    while first < asked.rows:
        batch = generators.generate(
            asked.made.name, count=min(size, asked.rows - first), seed=seed, first=first, **asked.options
        )
        first += len(batch)
        size = max(1, min(4 * PIECE, _PIECE_BYTES * len(batch) // max(batch.nbytes, 1)))
        yield batch


async def _stream(parts: Iterator[bytes], threads: CapacityLimiter, most: int) -> Any:
    written = 0
    while (part := await to_thread.run_sync(next, parts, None, limiter=threads)) is not None:
        written += len(part)
        if written > most:
            raise OverflowError("the answer is longer than max_response allows")
        yield part


async def _send(send: Send, media_type: str, body: bytes) -> None:
    headers = [
        (b"content-type", media_type.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _fresh() -> int:
    return int.from_bytes(os.urandom(8))
