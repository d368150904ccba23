"""Structured logs on standard error: one JSON object a line; never bodies, tokens, URLs of databases or query values.

An unexpected error is logged by its type and the places of its traceback, without its text: that might quote data.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import traceback
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from time import gmtime, strftime, time
from typing import Any

import structlog

from hotfixture.server.visit import Visit

_as_json = True
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure(level: str = "info", form: str = "json") -> None:
    """Set up the logs of this process."""
    global _as_json  # noqa: PLW0603 - logs are the process's own
    _as_json = form == "json"
    renderer: Any = structlog.dev.ConsoleRenderer() if form == "text" else structlog.processors.JSONRenderer(_dumps)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(_LEVELS[level], logging.WARNING), handlers=[_Libraries()], force=True)


class _Libraries(logging.Handler):
    """What libraries log: where and how bad, without arguments and exceptions, which may quote data."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        log().log(record.levelno, "library", logger=record.name, said=str(record.msg)[:200], error=error)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


def _dumps(value: Any, **_: Any) -> str:
    return _ENCODER(value)


def request_logger() -> Callable[[Visit, float], None]:
    """What logs one answered request: a structured line like all others, spelled out because it is written so often."""
    if not structlog.is_configured():
        return lambda _visit, _seconds: None
    if not _as_json or not log().is_enabled_for(_LEVELS["info"]):
        return _request_event
    lines: list[str] = []

    def flush() -> None:
        sys.stderr.write("".join(lines))
        lines.clear()

    def line(visit: Visit, seconds: float) -> None:
        if not lines:  # what ends in the same turn of the loop is written in one go
            asyncio.get_running_loop().call_soon(flush)
        owner = f',"owner":"{visit.owner}"' if visit.owner else ""
        lines.append(
            f'{{"event":"request","id":"{visit.id}","method":{_ENCODER(visit.method)},"path":{_ENCODER(visit.path)},'
            f'"status":{visit.status},"ms":{seconds * 1000:.3f},"bytes":{visit.written},'
            f'"address":{_ENCODER(visit.address)}{owner},"level":"info","timestamp":"{_now()}"}}\n'
        )

    return line


def _request_event(visit: Visit, seconds: float) -> None:
    facts = {"id": visit.id, "method": visit.method, "path": visit.path, "status": visit.status}
    facts |= {"ms": round(seconds * 1000, 3), "bytes": visit.written, "address": visit.address}
    log().info("request", **facts, **({"owner": visit.owner} if visit.owner else {}))


def _now() -> str:
    moment = time()
    whole = int(moment)
    return f"{_second(whole)}.{int((moment - whole) * 1e6):06d}Z"


@lru_cache(maxsize=2)
def _second(moment: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(moment))


def log() -> Any:
    """The logger."""
    return structlog.get_logger()


def defect(event: str, error: BaseException, **facts: object) -> None:
    """Log an unexpected error, and report it to Sentry where that is set up."""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    log().error(event, error=type(error).__name__, at=places[-12:], **facts)
    sentry = sys.modules.get("sentry_sdk")
    if sentry:
        sentry.capture_exception(error)


def report_to(dsn: str) -> None:
    """Report defects to Sentry; MissingExtraError where its SDK is absent. Sends no bodies and no local variables."""
    if not dsn:
        return
    try:
        sentry_sdk: Any = import_module("sentry_sdk")
    except ModuleNotFoundError as error:
        from hotfixture.errors import MissingExtraError

        raise MissingExtraError("reporting to Sentry", "sentry") from error
    sentry_sdk.init(
        dsn=dsn,
        default_integrations=False,
        include_local_variables=False,
        send_default_pii=False,
        max_request_body_size="never",
    )
