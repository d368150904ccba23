"""Recordings that only describe a call, made into ones that can be played.

The first framework, and a CaptureManager still, keep of a call what somebody told of it: service, operation, a request
and an answer of any form. Where the request has a URL, and the answer a status, it was an exchange of HTTP; else it was
a call of a method, and what is wrapped under that service's name and called so gets the answer. Files of the first
framework are cleaned on the way: it hid little.
"""

from __future__ import annotations

import base64
import builtins
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from hotfixture.capture.hooks.http import names
from hotfixture.capture.playing.kept import Recorded, whole
from hotfixture.capture.records import Failure, Frame, Interaction, Kind
from hotfixture.capture.sanitising.interactions import interaction_of
from hotfixture.capture.sanitising.sanitiser import Sanitiser

_CALL = {"args", "kwargs"}
_PROMPT = {"prompt", "kwargs"}
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_CUT_PROMPT, _CUT_ANSWER = 100, 500
"""Characters after which the first framework cut prompts, and answers to them."""
_OPEN = ("closed", "cancelled")


class _UnplayableError(Exception):
    """Says why."""


def playable(found: Iterable[Recorded], sanitiser: Sanitiser) -> tuple[list[Recorded], list[str]]:
    """What can be played; and a line for each interaction that cannot, with the reason."""
    played: list[Recorded] = []
    told: list[str] = []
    for one in found:
        try:
            played.append(one if one.kind != "call" else _playable(whole(one), sanitiser))
        except _UnplayableError as why:
            told.append(_reason(one, sanitiser, str(why)))
        except (TypeError, ValueError, LookupError, AttributeError) as error:  # it may tell anything
            told.append(_reason(one, sanitiser, f"what is told of it cannot be read: {type(error).__name__}"))
    return played, told


def _playable(one: Interaction, sanitiser: Sanitiser) -> Interaction:
    return one if _is_whole(one) else _made(one, sanitiser)


def _reason(one: Recorded, sanitiser: Sanitiser, why: str) -> str:
    return f"{sanitiser.text(f'{one.service} {one.operation}')} ({one.id}): {why}"


def _is_whole(one: Interaction) -> bool:
    """Whether it was recorded by a hook or by `wrap`, with all that a playback needs."""
    if one.kind != "call":
        return True
    if not isinstance(one.request, dict) or one.request.keys() != _CALL:
        return False
    answered = isinstance(one.response, dict) and "manner" in one.response
    return answered or one.failure is not None or one.status in _OPEN


def _made(one: Interaction, sanitiser: Sanitiser) -> Interaction:
    if one.service == "firestore" and "." in one.operation:
        raise _UnplayableError("it tells what the client's method gave, and holds nothing of what the client was sent")
    if one.status not in ("success", "error"):
        raise _UnplayableError(f"it did not end: its status is {one.status!r}")
    frame = _exchange(one) if _is_http(one.request) else _call(one)
    if one.thread:  # of our own, and clean
        return msgspec.structs.replace(one, request=frame.request, response=frame.response, failure=frame.failure)
    clean = interaction_of(frame, sanitiser, process=0, prefix="old")
    return msgspec.structs.replace(
        one, kind=clean.kind, service=clean.service, operation=clean.operation, request=clean.request,
        response=clean.response, failure=clean.failure, error=clean.error, chunks=clean.chunks,
    )  # fmt: skip


def _frame(
    one: Interaction, request: dict[str, Any], response: Any, sent: bytes | None = None, received: bytes | None = None
) -> Frame:
    kind: Kind = "call"
    service, operation = one.service, one.operation
    if "url" in request:
        kind, (service, operation) = "http", names(request["method"], request["url"])
    duration = round((one.duration_ms or 0) * 1e6)
    return Frame(
        one.number, None, kind, service, operation, request, response, [] if sent is None else [sent],
        [] if received is None else [received], [] if received is None else [duration // 1000], one.start_time,
        duration, "success" if one.status == "success" else "error", _failure(one), "", None, one.scope, [],
    )  # fmt: skip


def _failure(one: Interaction) -> Failure | None:
    if one.status == "success":
        return None
    if one.failure is not None:
        return one.failure
    cls = getattr(builtins, one.error_type or "", None)
    if not (isinstance(cls, type) and issubclass(cls, Exception)):
        raise _UnplayableError(f"it failed with {one.error_type}, of which nothing but the name and the text is known")
    text = one.error or ""
    return Failure(module="builtins", name=cls.__name__, text=text, arguments=[text] if text else [])


# Calls.


def _call(one: Interaction) -> Frame:
    request, response = _arguments(one), None
    if one.status == "success":
        response = {"manner": "value", "value": one.response}
    return _frame(one, request, response)


def _arguments(one: Interaction) -> dict[str, Any]:
    """The arguments that the method was called with: what was told as a dict are their names."""
    asked = one.request
    if isinstance(asked, dict) and asked and asked.keys() <= _CALL:
        return {"args": list(asked.get("args") or ()), "kwargs": dict(asked.get("kwargs") or {})}
    if isinstance(asked, dict) and "prompt" in asked and asked.keys() <= _PROMPT:
        _refuse_cut(one)
        return {"args": [asked["prompt"]], "kwargs": dict(asked.get("kwargs") or {})}
    if isinstance(asked, dict):
        return {"args": [], "kwargs": asked}
    return {"args": [] if asked is None else list(asked) if isinstance(asked, list) else [asked], "kwargs": {}}


def _refuse_cut(one: Interaction) -> None:
    """Prompts and answers of the first framework may be beginnings only."""
    if one.thread:
        return
    if len(str(one.request["prompt"])) >= _CUT_PROMPT:
        raise _UnplayableError(f"its prompt was cut at {_CUT_PROMPT} characters, and may not be the whole")
    text = one.response.get("text") if isinstance(one.response, dict) else None
    if isinstance(text, str) and len(text) >= _CUT_ANSWER:
        raise _UnplayableError(f"its answer was cut at {_CUT_ANSWER} characters, and may not be the whole")


# Exchanges of HTTP.


def _is_http(asked: Any) -> bool:
    return isinstance(asked, dict) and str(asked.get("url", "")).startswith(("http://", "https://"))


def _exchange(one: Interaction) -> Frame:
    asked: Mapping[str, Any] = one.request
    method = str(asked.get("method") or one.operation.partition(" ")[0]).upper()
    if method not in _METHODS:
        raise _UnplayableError("it has a URL, and does not tell the method")
    url = _with_query(str(asked["url"]), asked.get("params"))
    sent, media = _body(asked)
    request = {"method": method, "url": url, "headers": _headers(asked.get("headers"), media)}
    if one.status != "success":
        return _frame(one, request, None, sent)
    return _frame(one, request, *_answer(one.response, sent))


def _answer(told: Any, sent: bytes | None) -> tuple[dict[str, Any], bytes | None, bytes]:
    """The answer, what was sent, and the body that was received."""
    status = next((told[name] for name in ("status_code", "status") if name in told), None) if _is_dict(told) else None
    if not isinstance(status, int):
        raise _UnplayableError("it does not tell the status of the answer")
    body, media = _body(told)
    head = {"status": status, "reason": str(told.get("reason") or ""), "version": "HTTP/1.1"}
    return head | {"headers": _headers(told.get("headers"), media, received=True)}, sent, body or b""


def _is_dict(value: Any) -> bool:
    return isinstance(value, dict)


def _with_query(url: str, given: Any) -> str:
    if not given:
        return url
    return url + ("&" if "?" in url else "?") + (given if isinstance(given, str) else urlencode(given, doseq=True))


def _body(parts: Mapping[str, Any]) -> tuple[bytes | None, str]:
    """The body and what it is, by the names that clients give it."""
    if parts.get("json") is not None:
        return msgspec.json.encode(parts["json"]), "application/json"
    value = next((parts[name] for name in ("body", "content", "text", "data") if parts.get(name) is not None), None)
    if isinstance(value, dict) and value.get("$type") == "bytes":
        return base64.b64decode(value["value"]), ""
    if value is None or isinstance(value, str):
        return None if value is None else value.encode(), ""
    return msgspec.json.encode(value), "application/json"


_CODED = {"content-encoding", "content-length", "transfer-encoding"}
"""Headers of a body as it was on its way; what is told of a body is the body itself."""


def _headers(told: Any, media: str, *, received: bool = False) -> list[tuple[str, str]]:
    pairs = told.items() if isinstance(told, dict) else told if isinstance(told, list) else ()
    found = [(str(name), str(value)) for name, value in pairs if not received or str(name).lower() not in _CODED]
    if media and not any(name.lower() == "content-type" for name, _ in found):
        found.append(("Content-Type", media))
    return found
