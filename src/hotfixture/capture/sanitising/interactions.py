"""A frame made into a clean interaction: one function for each kind, used for recording and for matching alike.

What cannot be cleaned is not kept: where cleaning itself fails, the interaction is kept without what was sent and
answered, and a note says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from hotfixture.capture.records import NAMES, Failure, Frame, Interaction
from hotfixture.capture.sanitising import bodies, messages, statements
from hotfixture.capture.sanitising.cuts import recut
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.registry import Registry

Clean = Callable[[Frame, Sanitiser], tuple[Any, Any]]
"""Gives the clean request and response of a frame; the response of a frame that has none is None."""

KINDS: Mapping[str, str] = {
    "http": "hotfixture.capture.sanitising.interactions:http",
    "grpc": "hotfixture.capture.sanitising.messages:grpc",
    "sql": "hotfixture.capture.sanitising.interactions:sql",
    "call": "hotfixture.capture.sanitising.interactions:values",
}
_CLEANERS: Registry[Clean] = Registry("kind of call", KINDS)
_NUMBER = re.compile(r"\s*\d+\s*")


def interaction_of(frame: Frame, sanitiser: Sanitiser, *, process: int, prefix: str) -> Interaction:
    """The clean interaction. `prefix` and the frame's number make its id."""
    request, response = _cleaned(frame, sanitiser)
    text = sanitiser.text
    failure = None if frame.failure is None else _failure(frame.failure, sanitiser)
    chunks = _chunks(frame, response)
    return Interaction(
        id=f"{prefix}-{frame.number}",
        timestamp=datetime.fromtimestamp(frame.started, UTC).isoformat(),
        service=text(frame.service),
        operation=text(frame.operation),
        request=request,
        start_time=frame.started,
        duration_ms=frame.duration / 1e6,
        status=frame.status,
        response=response,
        error=failure.text if failure else None,
        error_type=failure.name.rpartition(".")[2] if failure else None,
        kind=frame.kind,
        number=frame.number,
        parent=None if frame.parent is None else f"{prefix}-{frame.parent}",
        process=process,
        thread=text(frame.thread),
        task=None if frame.task is None else text(frame.task),
        scope=None if frame.scope is None else text(frame.scope),
        failure=failure,
        chunks=chunks,
        notes=[text(note) for note in frame.notes],
    )


def request_of(frame: Frame, sanitiser: Sanitiser) -> Any:
    """The clean request alone: what a live call is matched by."""
    return _cleaned(frame, sanitiser)[0]


def question_of(frame: Frame, sanitiser: Sanitiser) -> Any:
    """What of the clean request a recording is known by: the same values as in `request_of`, not the same bytes; those
    of messages of gRPC are to be had from `messages.content`."""
    ask = _QUESTIONS.get(frame.kind)
    if ask is None:
        return request_of(frame, sanitiser)
    try:
        before = sanitiser.secrets.count
        request = ask(frame, sanitiser)
        return request if sanitiser.secrets.count == before else sanitiser.again(request)
    except Exception:  # noqa: BLE001 - as a recording that cannot be cleaned
        return _withheld(frame)[0]


def _of_http(frame: Frame, sanitiser: Sanitiser) -> dict[str, Any]:
    parts, sent = frame.request, frame.sent
    url = sanitiser.url(parts["url"])  # in the order of `http`: what one teaches the next is cleaned of
    raw = parts.get("headers", [])
    headers = sanitiser.headers(raw)
    body = bodies.form_of(b"".join(sent) if sent else None, raw, sanitiser, exact=False)
    return {**parts, "url": url, "headers": headers, "body": body}


def _of_grpc(frame: Frame, sanitiser: Sanitiser) -> Any:
    from hotfixture.capture.sanitising import messages

    return messages.question(frame, sanitiser)


_QUESTIONS: Mapping[str, Callable[[Frame, Sanitiser], Any]] = {"http": _of_http, "grpc": _of_grpc}


def _cleaned(frame: Frame, sanitiser: Sanitiser) -> tuple[Any, Any]:
    """The clean request and response; where they cannot be cleaned, what is harmless of them."""
    try:
        before = sanitiser.secrets.count
        request, response = _CLEANERS.find(frame.kind)(frame, sanitiser)
        if sanitiser.secrets.count != before:
            request = sanitiser.again(request)  # a secret of the answer, or of the body, may stand before it
    except Exception as error:  # noqa: BLE001 - nothing unclean is ever kept
        frame.notes.append(f"left out, for it could not be cleaned: {type(error).__name__}")
        return _withheld(frame)
    return request, response


def _withheld(frame: Frame) -> tuple[Any, Any]:
    """Of a call that could not be cleaned: method, scheme and host, status."""
    if frame.kind != "http":
        return {}, None if frame.response is None else {}
    url = urlsplit(str(frame.request.get("url", "")))
    host = url.hostname or ""
    request = {"method": frame.request.get("method", ""), "url": f"{url.scheme}://{host}/", "headers": [], "body": None}
    if not isinstance(frame.response, dict):
        return request, None
    return request, {"status": frame.response.get("status"), "headers": [], "body": None}


def _failure(failure: Failure, sanitiser: Sanitiser, depth: int = 0) -> Failure:
    """The failure without secrets, and those it came from."""
    cause, context = failure.cause, failure.context
    deep = depth < 20
    attributes = failure.attributes
    if "rpc" in attributes:  # of gRPC, whose bytes are messages
        attributes = {**attributes, "rpc": messages.told(attributes["rpc"], sanitiser)}
    return msgspec.structs.replace(
        failure,
        text=sanitiser.text(failure.text),
        arguments=sanitiser.value(failure.arguments),
        attributes=sanitiser.value(attributes),
        cause=_failure(cause, sanitiser, depth + 1) if cause is not None and deep else None,
        context=_failure(context, sanitiser, depth + 1) if context is not None and deep else None,
    )


def _chunks(frame: Frame, response: Any) -> list[tuple[int, int]]:
    """When each piece came and how large it is, cut where it was cut, whatever cleaning has made of the body."""
    sizes = list(map(len, frame.received))
    body = response.get("body") if isinstance(response, dict) and frame.kind == "http" else None
    if body is not None and sizes:
        old, new = b"".join(frame.received), bodies.raw_of(body)
        sizes = recut(sizes, old, new)
    return list(zip(frame.times, sizes, strict=True))


def http(frame: Frame, sanitiser: Sanitiser) -> tuple[Any, Any]:
    """`{method, url, headers, body}` and `{status, reason, version, headers, body, trailers}`."""
    request, response = dict(frame.request), None if frame.response is None else dict(frame.response)
    request["url"] = sanitiser.url(request["url"])
    _message(request, frame.sent, sanitiser)
    if response is not None:
        _message(response, frame.received, sanitiser)
        if response.get("trailers"):
            response["trailers"] = sanitiser.headers(response["trailers"])
        if response.get("reason"):
            response["reason"] = sanitiser.text(response["reason"])
    return request, response


def _message(parts: dict[str, Any], pieces: Sequence[bytes], sanitiser: Sanitiser) -> None:
    """Headers and body; where the body became longer or shorter, its length in the headers, too."""
    raw = parts.get("headers", [])
    headers = sanitiser.headers(raw)
    data = b"".join(pieces) if pieces else None
    body = bodies.form_of(data, raw, sanitiser)
    if data and body is not None:
        size = len(bodies.raw_of(body))
        if size != len(data):
            headers = [(name, _length(name, value, len(data), size)) for name, value in headers]
    parts["headers"], parts["body"] = headers, body


def _length(name: str, value: str, old: int, new: int) -> str:
    if name.lower() == "content-length" and _NUMBER.fullmatch(value) and int(value) == old:
        return str(new)
    return value


def fitted(old: Interaction, new: Interaction) -> Interaction:
    """`new`, that was made of `old` by cleaning once more, with lengths and cuts that fit its bodies."""
    if new.kind != "http":
        return new
    for side in ("request", "response"):
        before, after = getattr(old, side), getattr(new, side)
        if not isinstance(after, dict) or not after.get("body") or after["body"] == before.get("body"):
            continue
        was, now = bodies.raw_of(before["body"]), bodies.raw_of(after["body"])
        headers = [(name, _length(name, value, len(was), len(now))) for name, value in after.get("headers", [])]
        chunks = new.chunks
        if side == "response" and sum(size for _, size in chunks) == len(was):
            sizes = recut([size for _, size in chunks], was, now)
            chunks = [(at, size) for (at, _), size in zip(chunks, sizes, strict=True)]
        new = msgspec.structs.replace(new, **{side: {**after, "headers": headers}}, chunks=chunks)
    return new


def sql(frame: Frame, sanitiser: Sanitiser) -> tuple[Any, Any]:
    """A statement's parameters and rows, by the columns that they belong to."""
    return statements.request(frame.request, sanitiser), statements.response(frame.response, frame.operation, sanitiser)


def values(frame: Frame, sanitiser: Sanitiser) -> tuple[Any, Any]:
    """Plain values on both sides: whoever makes the frame has applied `values.plain`."""
    request = frame.request
    if isinstance(request, dict) and NAMES in request:
        request = _by_name(request, sanitiser)
    return sanitiser.value(request), sanitiser.value(frame.response)


def _by_name(request: dict[str, Any], sanitiser: Sanitiser) -> dict[str, Any]:
    """Arguments by position, cleaned as if they had been given by name."""
    names, args = request[NAMES], list(request["args"])
    for place, (name, value) in enumerate(zip(names, args, strict=False)):
        args[place] = next(iter(sanitiser.value({name: value}).values()))
    return {key: inner for key, inner in request.items() if key != NAMES} | {"args": args}
