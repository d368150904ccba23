"""Starts the server: logs, checks, uvicorn; returns when it has been told to stop and has drained."""

from __future__ import annotations

import signal
import socket
import sys
from importlib import import_module
from types import FrameType
from typing import Any

from hotfixture.errors import HotFixtureError, MissingExtraError
from hotfixture.server.settings import ServerSettings


def serve(settings: ServerSettings) -> None:
    """Serve until SIGTERM or SIGINT: no new connections then, running requests end, running jobs are handed back.

    Raises InputError, DatabaseError or MissingExtraError before anything is served.
    """
    check_installed("mockcraft server")
    from hotfixture.server import logs
    from hotfixture.server.app import build

    logs.configure(settings.log_level, settings.log_form)
    logs.report_to(settings.sentry_dsn)
    app = build(settings)
    run(app, settings, listen(settings))


def check_installed(what: str) -> None:
    """MissingExtraError where the parts that serving needs are not installed."""
    try:
        for name in ("uvicorn", "starlette.applications", "structlog", "sqlalchemy", "jwt"):
            import_module(name)
    except ModuleNotFoundError as error:
        raise MissingExtraError(what, "server") from error


def run(app: Any, settings: ServerSettings, listening: socket.socket, **more: Any) -> None:
    """Serve an application until told to stop; `more` goes to uvicorn (TLS)."""
    import uvicorn

    from hotfixture.server import logs
    from hotfixture.server.connections import patient

    config = uvicorn.Config(
        app,
        http=patient(settings.request_timeout),
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies) or None,
        root_path=settings.root_path,
        timeout_graceful_shutdown=max(1, round(settings.shutdown)),
        timeout_keep_alive=15,
        lifespan="on",
        ws="none",
        **more,
    )
    host, port = listening.getsockname()[:2]
    logs.log().info("serving", host=host, port=port, data=str(settings.folder))
    # uvicorn raises the signal that stopped it once more when it has drained: that is a good end.
    signal.signal(signal.SIGTERM, _end)
    uvicorn.Server(config).run(sockets=[listening])


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def listen(settings: ServerSettings) -> socket.socket:
    """The socket that is served; HotFixtureError where the address is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform != "win32":  # there it would let two servers have one port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(2048)  # whoever reads the line `serving` may connect
    except OSError as error:
        listening.close()
        raise HotFixtureError(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}") from None
    listening.set_inheritable(False)
    return listening
