"""What an interaction was answered, in a shape that two sides can be compared in."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from hotfixture.capture.comparing import rpc
from hotfixture.capture.comparing.differences import Difference, Severity, compare_values
from hotfixture.capture.comparing.paths import Ignored
from hotfixture.capture.comparing.requests import body, said
from hotfixture.capture.comparing.tolerances import DEFAULT, Tolerance
from hotfixture.capture.records import Interaction

HTTP_KEYS = {"status", "reason", "version", "headers", "body", "trailers"}
TELLING = {"content-type", "location", "retry-after", "www-authenticate", "allow"}
"""Headers by which programs act."""
PASSING = {
    "age", "alt-svc", "cf-ray", "connection", "content-encoding", "content-length", "date", "etag", "expires",
    "keep-alive", "last-modified", "nel", "report-to", "server", "server-timing", "set-cookie", "traceparent",
    "transfer-encoding", "vary", "via", "x-amz-cf-id", "x-amzn-requestid", "x-amzn-trace-id", "x-cache",
    "x-cloud-trace-context", "x-request-id", "x-runtime", "x-served-by", "x-timer",
}  # fmt: skip
"""Headers of the connection, the moment, or the server: no part of an answer."""
KEPT = {"set-cookie"}
"""Of the passing headers, those that programs need of a mock."""
COMPACT = "cc||u||"
"""How the JSON of a body is spelled that says nothing of it."""
LIKELY: Severity = "likely"


def is_http_answer(value: Any) -> bool:
    """Whether this is the whole answer of HTTP, rather than its body alone."""
    return isinstance(value, Mapping) and isinstance(value.get("status"), int) and value.keys() <= HTTP_KEYS


def headers_of(pairs: Any) -> dict[str, str]:
    """The headers that are part of an answer, by their names in small letters."""
    given = pairs.items() if isinstance(pairs, Mapping) else pairs or ()
    found: dict[str, str] = {}
    for name, value in given:
        lower = str(name).lower()
        if lower not in PASSING:
            found[lower] = f"{found[lower]}, {value}" if lower in found else str(value)
    return found


def answered(one: Interaction) -> Any:
    """What an interaction was answered, as `compare_answers` names its places."""
    response = one.response
    if one.kind == "grpc":
        return rpc.answer(response)
    if one.kind != "http" or not is_http_answer(response):
        return response
    headers, content = headers_of(response.get("headers")), said(response.get("body"))
    return {"status": response["status"], "headers": headers, "body": content}


def compare_answers(
    kind: str, real: Any, mock: Any, *, tolerance: Tolerance = DEFAULT, ignore: Iterable[str] | Ignored = ()
) -> list[Difference]:
    """The differences of two answers. Of HTTP: status, headers that the mock names, and body by what it says; a mock
    that is no whole answer is a body, under any status that means success."""
    ignored = ignore if isinstance(ignore, Ignored) else Ignored(ignore)
    if kind == "grpc":
        return compare_values(rpc.answer(real), rpc.answer(mock), tolerance=tolerance, ignore=ignored)
    if kind != "http" or not is_http_answer(real):
        return compare_values(real, mock, tolerance=tolerance, ignore=ignored)
    if not is_http_answer(mock):
        mock = {"status": real["status"] if real["status"] < 300 else 200, "body": mock}
    found = list(_status(real["status"], mock["status"], ignored))
    found += _headers(headers_of(real.get("headers")), mock.get("headers"), ignored)
    sides = {"body": said(real.get("body"))}, {"body": body(mock.get("body"))}
    return found + compare_values(*sides, tolerance=tolerance, ignore=ignored)


def _status(real: int, mock: int, ignored: Ignored) -> Iterable[Difference]:
    if real != mock and "status" not in ignored:
        yield Difference("status_mismatch", "status", real, mock, "breaking" if real // 100 != mock // 100 else LIKELY)


def _headers(real: dict[str, str], mock: Any, ignored: Ignored) -> Iterable[Difference]:
    for name, value in headers_of(mock).items():
        path = f"headers.{name}"
        if path not in ignored and _meant(name, real.get(name)) != _meant(name, value):
            yield Difference("header_mismatch", path, real.get(name), value, LIKELY if name in TELLING else "cosmetic")


def _meant(name: str, value: str | None) -> str | None:
    """A header's value by what it means: the spelling of a media type is free."""
    return value.replace(" ", "").lower() if value is not None and name == "content-type" else value


def response_of(one: Interaction) -> Any:
    """The response as a mock gives it: complete, but for what only that connection or moment had."""
    response = one.response
    if one.kind != "http" or not is_http_answer(response):
        return response
    headers = [
        [name, value]
        for name, value in response.get("headers") or ()
        if name.lower() not in PASSING or name.lower() in KEPT
    ]
    return {"status": response["status"], "headers": headers, "body": plain_form(response.get("body"))}


def plain_form(form: Any) -> Any:
    """A body that is not compressed any more, and stands where it is read: as JSON (and how that was spelled), text, or
    base64."""
    value = said(form)
    if value is None:
        return {"text": form["text"]} if isinstance(form, dict) and form.get("text") else None
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    charset = {"charset": form["charset"]} if isinstance(form, dict) and "charset" in form else {}
    if isinstance(value, str) and "json" not in form:
        return {"text": value, **charset}
    style = form.get("style", COMPACT) if isinstance(form, dict) else COMPACT
    return {"json": value, **({} if style == COMPACT else {"style": style}), **charset}
