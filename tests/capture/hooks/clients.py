"""Every HTTP client in one shape: a small adapter each, with all the ways in which programs read an answer.

`ask` gives what a program can see of the answer (or of the exception), as plain values that can be compared.
"""

from __future__ import annotations

import asyncio
import http.client
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, ClassVar
from urllib.parse import urlsplit

import aiohttp
import httpx
import httpx2
import requests
import urllib3

from hotfixture.errors import CaptureError

Seen = dict[str, Any]
PIECE = 7
_ADDRESS = re.compile(r"0x[0-9a-f]+")
TRUSTED: list[ssl.SSLContext] = [ssl.create_default_context()]
"""What clients trust beside the usual, when the test says so."""
TRUSTED_FILE: list[str] = []
"""The same, for clients that want a file."""
ARRIVED: list[float] = []
"""When pieces of answers arrived."""


def failure(error: BaseException | None) -> Any:
    """An exception with all that is behind it; addresses of objects are left out, for they are never the same."""
    if error is None:
        return None
    attributes = {name: str(getattr(error, name, None)) for name in ("errno", "strerror", "reason", "status")}
    return (
        f"{type(error).__module__}.{type(error).__qualname__}",
        _ADDRESS.sub("", str(error)),
        _ADDRESS.sub("", repr([str(one) for one in error.args])),
        _ADDRESS.sub("", repr(attributes)),
        failure(error.__cause__),
    )


class Client:
    """One library. `ways` are the names of the ways to read."""

    name: ClassVar[str]
    ways: ClassVar[dict[str, Callable[..., Any]]] = {}

    def ask(self, method: str, url: str, way: str = "", **options: Any) -> Seen:
        """What a program sees. Options: headers, body (bytes, or an iterator), timeout, proxy, take (pieces)."""
        try:
            return self.seen(method, url, way or next(iter(self.ways)), **options)
        except Exception as error:
            if isinstance(error, AssertionError | CaptureError):
                raise
            return {"error": failure(error)}

    def seen(self, method: str, url: str, way: str, **options: Any) -> Seen:
        """The same, with its exceptions raised."""
        raise NotImplementedError


def _read_pieces(read: Callable[[int], bytes], size: int = PIECE) -> list[bytes]:
    pieces = []
    while piece := read(size):
        pieces.append(piece)
    return pieces


def _readinto(response: Any) -> list[bytes]:
    pieces, buffer = [], bytearray(PIECE)
    while count := response.readinto(buffer):
        pieces.append(bytes(buffer[:count]))
    return pieces


def taken(pieces: Iterator[bytes], count: int | None) -> list[Any]:
    """Pieces of an answer, all or the first few; an exception on the way is the last."""
    found: list[Any] = []
    try:
        for piece in pieces:
            ARRIVED.append(time.perf_counter())
            found.append(piece)
            if count is not None and len(found) == count:
                break
    except CaptureError:
        raise
    except Exception as error:  # noqa: BLE001 - it is compared, whatever it is
        found.append(failure(error))
    return found


class HttpClient(Client):
    """http.client itself."""

    name = "http.client"
    ways: ClassVar = {
        "read": lambda r: [r.read()],
        "read some": lambda r: _read_pieces(r.read),
        "read1": lambda r: _read_pieces(r.read1),
        "readinto": _readinto,
        "readline": lambda r: iter(r.readline, b""),
        "iterate": iter,
        "peek": lambda r: [b"" if r.length == 0 else r.peek(1)[:1], r.read()],
    }

    def seen(self, method, url, way, *, headers=(), body=None, timeout=10, take=None, proxy=None):
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        options = {"context": TRUSTED[-1]} if parts.scheme == "https" and TRUSTED else {}
        target = parts.path
        if proxy and parts.scheme == "https":
            connection = kind(urlsplit(proxy).netloc, timeout=timeout, **options)
            connection.set_tunnel(parts.hostname, parts.port)
        elif proxy:
            connection = http.client.HTTPConnection(urlsplit(proxy).netloc, timeout=timeout)
            target = url
        else:
            connection = kind(parts.netloc, timeout=timeout, **options)
        try:
            connection.request(method, target, body, dict(headers))
            response = connection.getresponse()
            pieces = taken(iter(self.ways[way](response)), take)
            seen = {
                "status": response.status, "reason": response.reason, "version": response.version,
                "headers": response.getheaders(), "pieces": pieces, "closed": response.isclosed(),
            }  # fmt: skip
            response.close()
            return seen
        finally:
            connection.close()


class Urllib(Client):
    """urllib.request."""

    name = "urllib"
    ways: ClassVar = {"read": lambda r: [r.read()], "read some": lambda r: _read_pieces(r.read), "lines": iter}

    def seen(self, method, url, way, *, headers=(), body=None, timeout=10, take=None, proxy=None):
        request = urllib.request.Request(url, body, dict(headers), method=method)
        handlers: list[Any] = [urllib.request.ProxyHandler({"http": proxy, "https": proxy} if proxy else {})]
        if TRUSTED:
            handlers.append(urllib.request.HTTPSHandler(context=TRUSTED[-1]))
        opener = urllib.request.build_opener(*handlers)
        try:
            response = opener.open(request, timeout=timeout)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            return {
                "status": response.status, "reason": response.reason, "headers": response.headers.items(),
                "url": response.url, "pieces": taken(iter(self.ways[way](response)), take),
            }  # fmt: skip


class Urllib3(Client):
    """urllib3."""

    name = "urllib3"
    ways: ClassVar = {
        "data": lambda r: [r.data, r.data],
        "stream": lambda r: r.stream(PIECE),
        "stream all": lambda r: r.stream(None),
        "raw": lambda r: [r.read(decode_content=False)],
        "read1": lambda r: iter(lambda: r.read1(PIECE), b""),
        "read some": lambda r: _read_pieces(r.read),
        "readinto": _readinto,
        "iterate": iter,
    }
    retries: Any = False

    def seen(self, method, url, way, *, headers=(), body=None, timeout=10, take=None, proxy=None):
        options = {"ssl_context": TRUSTED[-1]} if TRUSTED else {}
        pool: Any = urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)
        with pool:
            response = pool.request(
                method, url, body=body, headers=dict(headers), timeout=timeout, retries=self.retries,
                preload_content=False,
            )  # fmt: skip
            pieces = taken(iter(self.ways[way](response)), take)
            seen = {
                "status": response.status, "reason": response.reason, "version": response.version_string,
                "headers": list(response.headers.iteritems()), "pieces": pieces, "tell": response.tell(),
            }  # fmt: skip
            response.close()
            return seen


class Requests(Client):
    """requests."""

    name = "requests"
    ways: ClassVar = {
        "content": lambda r: [r.content, r.content, r.text],
        "pieces": lambda r: r.iter_content(PIECE),
        "as it comes": lambda r: r.iter_content(None),
        "lines": lambda r: r.iter_lines(),
        "raw": lambda r: [r.raw.read()],
        "raw decoded": lambda r: [r.raw.read(decode_content=True)],
        "raw stream": lambda r: r.raw.stream(),
    }

    def seen(self, method, url, way, *, headers=(), body=None, timeout=10, take=None, proxy=None):
        with requests.Session() as session:
            session.trust_env = False
            response = session.request(
                method, url, data=body, headers=dict(headers), timeout=timeout, stream=way != "content",
                proxies={"http": proxy, "https": proxy} if proxy else None,
                verify=TRUSTED_FILE[-1] if TRUSTED_FILE else True,
            )  # fmt: skip
            pieces = taken(iter(self.ways[way](response)), take)
            seen = {
                "status": response.status_code, "reason": response.reason, "headers": list(response.headers.items()),
                "url": response.url, "hops": [one.status_code for one in response.history], "pieces": pieces,
                "cookies": sorted(session.cookies.items()),
            }  # fmt: skip
            response.close()
            return seen


class Httpx(Client):
    """httpx and httpx2."""

    ways: ClassVar = {
        "content": lambda r: [r.read(), r.content, r.text],
        "raw": lambda r: r.iter_raw(),
        "raw pieces": lambda r: r.iter_raw(PIECE),
        "bytes": lambda r: r.iter_bytes(),
        "lines": lambda r: r.iter_lines(),
    }

    def __init__(self, module: Any) -> None:
        self.module, self.name = module, module.__name__

    def seen(self, method, url, way, *, headers=(), body=None, timeout=10, take=None, proxy=None):
        options = {"verify": TRUSTED[-1]} if TRUSTED else {}
        with self.module.Client(
            timeout=timeout, proxy=proxy, follow_redirects=True, trust_env=False, **options
        ) as client, client.stream(method, url, headers=dict(headers), content=body) as response:  # fmt: skip
            pieces = taken(iter(self.ways[way](response)), take)
            return _of_httpx(response, client, pieces)


def _of_httpx(response: Any, client: Any, pieces: list[Any]) -> Seen:
    return {
        "status": response.status_code, "reason": response.reason_phrase, "version": response.http_version,
        "headers": response.headers.raw, "url": str(response.url), "pieces": pieces,
        "hops": [one.status_code for one in response.history], "cookies": sorted(client.cookies.items()),
        "read": response.num_bytes_downloaded, "stream": type(response.stream).__name__,
        "extensions": sorted(response.extensions),
    }  # fmt: skip


async def ataken(pieces: AsyncIterator[bytes], count: int | None) -> list[Any]:
    """As `taken`, of an asynchronous answer."""
    found: list[Any] = []
    try:
        async for piece in pieces:
            ARRIVED.append(time.perf_counter())
            found.append(piece)
            if count is not None and len(found) == count:
                break
    except CaptureError:
        raise
    except Exception as error:  # noqa: BLE001 - it is compared, whatever it is
        found.append(failure(error))
    return found


async def _once(*reads: Callable[[], Any]) -> AsyncIterator[Any]:
    for read in reads:
        yield await read()


class HttpxAsync(Client):
    """httpx and httpx2 in asyncio."""

    ways: ClassVar = {
        "content": lambda r: _once(r.aread, r.aread),
        "raw": lambda r: r.aiter_raw(),
        "raw pieces": lambda r: r.aiter_raw(PIECE),
        "bytes": lambda r: r.aiter_bytes(),
        "lines": lambda r: r.aiter_lines(),
    }

    def __init__(self, module: Any) -> None:
        self.module, self.name = module, f"{module.__name__} async"

    def seen(self, method, url, way, **options):
        return asyncio.run(self.aseen(method, url, way, **options))

    async def aseen(self, method, url, way, *, headers=(), body=None, timeout=10, take=None, proxy=None):
        options = {"verify": TRUSTED[-1]} if TRUSTED else {}
        content = _async_pieces(body) if isinstance(body, Iterator) else body
        async with self.module.AsyncClient(
            timeout=timeout, proxy=proxy, follow_redirects=True, trust_env=False, **options
        ) as client, client.stream(method, url, headers=dict(headers), content=content) as response:  # fmt: skip
            pieces = await ataken(self.ways[way](response), take)
            return _of_httpx(response, client, pieces)


async def _async_pieces(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def _chunks(response: aiohttp.ClientResponse) -> AsyncIterator[Any]:
    if response.content is aiohttp.EMPTY_PAYLOAD:
        return  # which gives empty chunks without end
    async for piece, end in response.content.iter_chunks():
        yield piece, end


class Aiohttp(Client):
    """aiohttp."""

    name = "aiohttp"
    ways: ClassVar = {
        "read": lambda r: _once(r.read, r.read),
        "chunks": _chunks,
        "any": lambda r: r.content.iter_any(),
        "pieces": lambda r: r.content.iter_chunked(PIECE),
        "lines": lambda r: aiter(r.content),
    }

    def seen(self, method, url, way, **options):
        return asyncio.run(self.aseen(method, url, way, **options))

    async def aseen(self, method, url, way, *, headers=(), body=None, timeout=10, take=None, proxy=None):
        limit = aiohttp.ClientTimeout(total=None, sock_read=timeout, sock_connect=timeout)
        options: Any = {"ssl": TRUSTED[-1]} if TRUSTED else {}
        data = _async_pieces(body) if isinstance(body, Iterator) else body
        expect = any(name.lower() == "expect" for name, _ in headers)
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.request(
                method, url, headers=dict(headers), data=data, proxy=proxy, expect100=expect, **options
            ) as response,
        ):
            pieces = await ataken(self.ways[way](response), take)
            return {
                "status": response.status, "reason": response.reason, "version": response.version,
                "headers": response.raw_headers, "url": str(response.url), "pieces": pieces,
                "hops": [one.status for one in response.history],
                "cookies": sorted(cookie.value for cookie in session.cookie_jar),
            }  # fmt: skip


CLIENTS: list[Client] = [
    HttpClient(), Urllib(), Urllib3(), Requests(), Httpx(httpx), Httpx(httpx2),
    HttpxAsync(httpx), HttpxAsync(httpx2), Aiohttp(),
]  # fmt: skip
