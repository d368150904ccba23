"""Interactions as OpenTelemetry spans, in a program that uses its API already; in others this costs nothing.

Spans carry what tells nobody anything: service, operation, status, kinds of errors; of paths only plain words. URLs,
statements, headers and bodies stay in the session, where they are clean; `hotfixture.session` and
`hotfixture.number` say which interaction it is.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

from hotfixture.capture.records import Frame

Emit = Callable[[Frame], None]
_PLAIN = re.compile(r"[A-Za-z]+(?:[._-][A-Za-z]+){0,3}|v\d{1,2}|\{id\}|")
"""A segment of a path that names a thing; any other may be somebody's, or a secret."""
_LONGEST = 32
_SYSTEMS = {"http": "http", "grpc": "grpc", "sql": "db", "call": "call"}


def emitter(session_id: str) -> Emit | None:
    """What makes a span of each finished call of a session; None where the program has imported no OpenTelemetry, or
    has set up no provider of tracers (https://opentelemetry.io/docs/specs/otel/trace/api/#tracerprovider)."""
    trace: Any = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return None
    provider = trace.get_tracer_provider()
    if type(provider).__name__ in ("ProxyTracerProvider", "NoOpTracerProvider"):
        return None
    tracer = provider.get_tracer("hotfixture.capture")

    def emit(frame: Frame) -> None:
        start = round(frame.started * 1e6) * 1000  # a float holds microseconds of this century, not nanoseconds
        span = tracer.start_span(
            f"{frame.service} {_operation(frame)}",
            kind=trace.SpanKind.CLIENT,
            start_time=start,
            attributes=_attributes(frame, session_id),
        )
        if frame.status == "error":
            span.set_status(trace.Status(trace.StatusCode.ERROR))
        span.end(end_time=start + frame.duration)

    return emit


def _operation(frame: Frame) -> str:
    """What was asked for. Nobody has cleaned it yet: that is done elsewhere, later."""
    if frame.kind != "http":
        return frame.operation
    method, _, path = frame.operation.partition(" ")
    return f"{method} {'/'.join(map(_segment, path.split('/')))}"


def _segment(text: str) -> str:
    return text if len(text) <= _LONGEST and _PLAIN.fullmatch(text) else "{id}"


def _attributes(frame: Frame, session_id: str) -> dict[str, str | int]:
    """Names by the semantic conventions where there is one."""
    found: dict[str, str | int] = {
        "hotfixture.session": session_id,
        "hotfixture.number": frame.number,
        "hotfixture.kind": _SYSTEMS[frame.kind],
        "hotfixture.status": frame.status,
        "server.address": frame.service,
    }
    if frame.kind == "http":
        found["http.request.method"] = str(frame.request.get("method", ""))
        status = (frame.response or {}).get("status")
        found |= {"http.response.status_code": status} if isinstance(status, int) else {}
    if frame.failure is not None:
        found["error.type"] = f"{frame.failure.module}.{frame.failure.name}"
    return found
