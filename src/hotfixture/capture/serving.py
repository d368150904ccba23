"""Mocks as an HTTP server, for programs in any language: `hfit capture serve mocks.json --port 9000`.

Where the mocks are of several services, a request says which it means by `X-Mock-Service`; without, any that answers
does. `X-Mock-Variant: 1` asks for the first of the other answers that were recorded (errors, mostly). Below
`/__hotfixture` the server tells of itself: `mocks`, `calls` (what was asked, and answered or not), and `reset`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from hotfixture.capture.comparing.requests import is_form
from hotfixture.capture.hooks.http import names
from hotfixture.capture.mocks import Answer, Found, Mocks
from hotfixture.capture.records import Frame
from hotfixture.capture.sanitising import bodies
from hotfixture.capture.sanitising.interactions import request_of
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.errors import InputError, MissingExtraError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[str, str]]
ADMIN = "/__hotfixture/"
LARGEST = 64 << 20
"""Bytes of a request's body."""
_REMEMBERED = 10_000
_OWN = {"content-length", "transfer-encoding", "connection", "keep-alive", "date", "server"}
"""Headers that the server makes itself."""
_PARTS = {"status", "reason", "version", "headers", "body", "trailers"}


class MockServer:
    """The ASGI application. `calls` are the latest requests, oldest first; `missed` counts those without an answer."""

    def __init__(self, mocks: Mocks, sanitiser: Sanitiser) -> None:
        self.mocks, self._sanitiser = mocks, sanitiser
        self.calls: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED)
        self.answered = self.missed = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        if scope["path"].startswith(ADMIN):
            await self._tell(scope, send)
            return
        body = await _body(receive)
        if body is None:
            await _json(send, 413, {"title": "The body is too large", "detail": f"at most {LARGEST >> 20} MB"})
            return
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        await self._answer(scope["method"], _url(scope), headers, body, send)

    async def _answer(self, method: str, url: str, headers: Headers, body: bytes, send: Send) -> None:
        asked = {name.lower(): value for name, value in headers}
        found = self.find(method, url, headers, body, asked.get("x-mock-service", ""))
        self.calls.append({"method": method, "url": self._sanitiser.url(url), "answered": found is not None})
        if found is None:
            self.missed += 1
            await _json(send, 404, self._unknown(self._operation(method, url)), media="application/problem+json")
            return
        self.answered += 1
        answer = _variant(found, asked.get("x-mock-variant", ""))
        response = found.response if answer is found.answer else found.beside(answer=answer)
        await _respond(send, response, answer, bodiless=method == "HEAD")

    def _unknown(self, operation: str) -> dict[str, Any]:
        known = sorted({rule.operation for rule in self.mocks.rules} | set(self.mocks.flat))
        detail = f"{operation} is not among the {len(self.mocks)} mocks, or none fits its body and query"
        return {"type": "about:blank", "title": "No mock answers this", "status": 404, "detail": detail,
                "known": known[:50]}  # fmt: skip

    def find(self, method: str, url: str, headers: Headers, body: bytes, service: str) -> Found | None:
        """The mock that answers a request; the request is cleaned first, as those were that the mocks are made of."""
        operation = self._operation(method, url)
        parts = {"method": method, "url": url, "headers": headers}
        frame = Frame(0, None, "http", service, operation, parts, None, [body] if body else [], [], [],
                      0.0, 0, "success", None, "", None, None, [])  # fmt: skip
        return self.mocks.find("http", service, operation, request_of(frame, self._sanitiser))

    def _operation(self, method: str, url: str) -> str:
        """What the request is called, as it would be in a recording."""
        return self._sanitiser.text(names(method, url)[1])

    async def _tell(self, scope: Scope, send: Send) -> None:
        wanted = scope["path"].removeprefix(ADMIN)
        if wanted == "mocks":
            operations = [{"service": rule.service, "operation": rule.operation, "confidence": rule.confidence,
                           "seen": rule.seen} for rule in self.mocks.rules]  # fmt: skip
            await _json(send, 200, {"rules": operations, "flat": sorted(self.mocks.flat)})
        elif wanted == "calls":
            told = {"answered": self.answered, "missed": self.missed, "calls": list(self.calls)}
            await _json(send, 200, told)
        elif wanted == "reset" and scope["method"] == "POST":
            self.mocks.rewind()
            self.calls.clear()
            self.answered = self.missed = 0
            await _json(send, 200, {})
        else:
            await _json(send, 404, {"title": f"Known: {ADMIN}mocks, {ADMIN}calls, POST {ADMIN}reset"})


def serve(server: MockServer, *, host: str, port: int, ready: Callable[[int], None]) -> None:
    """Answer until interrupted; `ready` is told the port, which is a free one where 0 was asked for.

    MissingExtraError without an HTTP server, InputError where the port is taken.
    """
    try:
        import uvicorn
    except ModuleNotFoundError:
        raise MissingExtraError("serving mocks", "server") from None
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise InputError(f"cannot listen on {host}:{port}: {error.strerror}", hint="Take another --port.") from None
    with listener:
        ready(listener.getsockname()[1])
        config = uvicorn.Config(server, log_level="error", access_log=False, lifespan="off", server_header=False)
        uvicorn.Server(config).run(sockets=[listener])


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None where it is too large."""
    pieces, size, more = [], 0, True
    while more:
        message = await receive()
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        more = message.get("more_body", False) and size <= LARGEST
    return b"".join(pieces) if size <= LARGEST else None


def _url(scope: Scope) -> str:
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    try:
        _ = urlsplit(f"//{host or '['}").port  # ValueError where it is none
    except ValueError:
        host = "localhost"
    path = scope.get("raw_path") or quote(scope["path"]).encode()
    query = scope["query_string"]
    return f"{scope['scheme']}://{host}{path.decode('latin-1')}{'?' + query.decode('latin-1') if query else ''}"


def _variant(found: Found, wanted: str) -> Answer:
    """The usual answer, or the one that the request asks for by its number."""
    variants = found.rule.variants
    return variants[int(wanted) - 1] if wanted.isdecimal() and 0 < int(wanted) <= len(variants) else found.answer


async def _respond(send: Send, response: Any, answer: Answer, *, bodiless: bool) -> None:
    if answer.failure is not None or answer.error_type:
        told = {"title": "The recorded call failed before it was answered", "error_type": answer.error_type}
        await _json(send, 502, told)
        return
    if not _is_answer(response):
        await _json(send, 200, response)
        return
    try:
        headers = list(_headers(response.get("headers") or ()))
        data, media = _content(response.get("body"), _header(headers, "content-type"))
    except (ValueError, TypeError, LookupError) as error:  # somebody wrote it by hand
        await _json(send, 500, {"title": "The mock cannot be sent", "detail": f"{type(error).__name__}: {error}"})
        return
    if media and not _header(headers, "content-type"):
        headers.append(("content-type", media))
    length = _header(headers, "content-length") if bodiless else None
    headers = [(name, value) for name, value in headers if name.lower() not in _OWN]
    await _send(send, int(response["status"]), headers, data, length)


def _headers(given: Any) -> Iterator[tuple[str, str]]:
    """Pairs, or by name one value or several; each on one line."""
    for name, held in given.items() if isinstance(given, Mapping) else given:
        for value in held if isinstance(held, list) else [held]:
            yield str(name), " ".join(str(value).splitlines())


def _header(headers: Headers, wanted: str) -> str | None:
    return next((value for name, value in headers if name.lower() == wanted), None)


def _content(body: Any, media: str | None) -> tuple[bytes, str]:
    """The bytes of a body, and the type to be said where the mock says none: of a form those it stands for; else a text
    is a text, and anything else JSON."""
    if body is None:
        return b"", ""
    if is_form(body):
        return bodies.raw_of(body), ""
    if isinstance(body, str) and "json" not in (media or ""):
        return body.encode(), "text/plain; charset=utf-8"
    return msgspec.json.encode(body), "application/json"


def _is_answer(response: Any) -> bool:
    """Whether it is an answer of HTTP; a flat mock may be any value, also one with a `status` of its own."""
    if not isinstance(response, Mapping) or not response.keys() <= _PARTS:
        return False
    status = response.get("status")
    return isinstance(status, int) and 100 <= status <= 599


async def _json(send: Send, status: int, value: Any, *, media: str = "application/json") -> None:
    await _send(send, status, [("content-type", media)], msgspec.json.encode(value))


async def _send(
    send: Send, status: int, headers: list[tuple[str, str]], data: bytes, length: str | None = None
) -> None:
    """An answer; `length` is what an answer to HEAD says of the body that it does not have."""
    raw = [(_spelled(name), _spelled(value)) for name, value in headers]
    bodiless = status in (204, 304) or status < 200
    raw += [] if bodiless else [(b"content-length", (length or str(len(data))).encode())]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if bodiless else data})


def _spelled(text: str) -> bytes:
    """As recordings have headers; UTF-8 where somebody wrote what no recording can hold."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()
