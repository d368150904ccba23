"""A small application on a real server, for the client to speak to: what it answers is the test's own choice."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Answer = Callable[[Request], Awaitable[Response]]


@dataclass
class Daemon:
    """A running server; `seen` holds every request that came."""

    answers: dict[str, Any] = field(default_factory=dict)
    """`METHOD /path` → a response, or a function of the request that makes one."""
    seen: list[Request] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: Request) -> Response:
        """What the test wants answered; 404 otherwise."""
        self.seen.append(request)
        await request.body()
        found = self.answers.get(f"{request.method} {request.url.path}")
        if found is None:
            return problem(404, "there is no such thing here")
        if callable(found) and not isinstance(found, Response):
            made = found(request)
            return await made if asyncio.iscoroutine(made) else made
        return found

    def paths(self) -> list[str]:
        """Method and path of each request."""
        return [f"{request.method} {request.url.path}" for request in self.seen]


def problem(status: int, *messages: str, **headers: str) -> Response:
    """A problem document as the daemon writes it."""
    listed = [{"message": message} for message in messages]
    content = {"type": "urn:x", "title": "t", "status": status, "detail": messages[0], "problems": listed}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return JSONResponse(content | {"request_id": "r-1"}, status, named, "application/problem+json")


@contextmanager
def running(certificate: tuple[Path, Path] | None = None) -> Iterator[Daemon]:
    """A daemon on a free loopback port, with TLS where there is a certificate and its key."""
    daemon = Daemon()
    app = Starlette(routes=[Route("/{path:path}", daemon.answer, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])])
    tls = {"ssl_certfile": str(certificate[0]), "ssl_keyfile": str(certificate[1])} if certificate else {}
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off", **tls))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            threading.Event().wait(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        daemon.url = f"{'https' if certificate else 'http'}://localhost:{port}"
        yield daemon
    finally:
        server.should_exit = True
        thread.join()
