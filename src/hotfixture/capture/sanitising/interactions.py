"""A frame made into a clean interaction: one function for each kind, used for recording and for matching alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from hotfixture.capture.records import Frame, Interaction
from hotfixture.capture.sanitising import bodies
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.registry import Registry

Clean = Callable[[Frame, Sanitiser], tuple[Any, Any]]
"""Gives the clean request and response of a frame; the response of a frame that has none is None."""

KINDS: Mapping[str, str] = {
    "http": "hotfixture.capture.sanitising.interactions:http",
    "grpc": "hotfixture.capture.sanitising.messages:grpc",
    "sql": "hotfixture.capture.sanitising.interactions:values",
    "call": "hotfixture.capture.sanitising.interactions:values",
}
_CLEANERS: Registry[Clean] = Registry("kind of call", KINDS)


def interaction_of(frame: Frame, sanitiser: Sanitiser, *, process: int, prefix: str) -> Interaction:
    """The clean interaction. `prefix` and the frame's number make its id."""
    request, response = _CLEANERS.find(frame.kind)(frame, sanitiser)
    failure = frame.failure
    return Interaction(
        id=f"{prefix}-{frame.number}",
        timestamp=datetime.fromtimestamp(frame.started, UTC).isoformat(),
        service=frame.service,
        operation=frame.operation,
        request=request,
        start_time=frame.started,
        duration_ms=frame.duration / 1e6,
        status=frame.status,
        response=response,
        error=sanitiser.text(failure.text) if failure else None,
        error_type=failure.name.rpartition(".")[2] if failure else None,
        kind=frame.kind,
        number=frame.number,
        parent=None if frame.parent is None else f"{prefix}-{frame.parent}",
        process=process,
        thread=frame.thread,
        task=frame.task,
        scope=frame.scope,
        failure=failure,
        chunks=list(zip(frame.times, map(len, frame.received), strict=True)),
        notes=frame.notes,
    )


def request_of(frame: Frame, sanitiser: Sanitiser) -> Any:
    """The clean request alone: what a live call is matched by."""
    return _CLEANERS.find(frame.kind)(frame, sanitiser)[0]


def http(frame: Frame, sanitiser: Sanitiser) -> tuple[Any, Any]:
    """`{method, url, headers, body}` and `{status, reason, version, headers, body, trailers}`."""
    request, response = dict(frame.request), None if frame.response is None else dict(frame.response)
    request["url"] = sanitiser.url(request["url"])
    request["headers"] = sanitiser.headers(request.get("headers", []))
    request["body"] = bodies.form_of(b"".join(frame.sent) if frame.sent else None, request["headers"], sanitiser)
    if response is not None:
        response["headers"] = sanitiser.headers(response.get("headers", []))
        data = b"".join(frame.received) if frame.received else None
        response["body"] = bodies.form_of(data, response["headers"], sanitiser)
    return request, response


def values(frame: Frame, sanitiser: Sanitiser) -> tuple[Any, Any]:
    """Plain values on both sides: whoever makes the frame has applied `values.plain`."""
    return sanitiser.value(frame.request), sanitiser.value(frame.response)
