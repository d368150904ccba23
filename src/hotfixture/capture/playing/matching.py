"""What a request is known by: an exact key, and a loose one that forgives what changes from run to run.

Both are made of the *clean* request, so that a live request, cleaned by the same rules and key, meets its recording.
The loose key takes all surrogates for equal, for a replay may use other credentials than the recording did; it forgives
values that look like UUIDs or points in time (not in the path), fields that were learned to be noise, and the port of
this machine. Boundaries of multipart bodies count in neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from hotfixture.capture.playing import known
from hotfixture.capture.sanitising.bodies import value_of
from hotfixture.capture.sanitising.sanitiser import Sanitiser

Parts = dict[str, Any]
Noise = frozenset[tuple[str, str]]
"""Pairs of an operation and the path of a field in `Parts` (`body.sent_at`, `query.nonce`); `[]` is any item."""

_ENCODE = msgspec.json.Encoder(order="deterministic").encode
_LOOPBACK = re.compile(r"(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)(:\d+)?$")
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}"
_TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d:?\d\d)?"
_HTTP_TIME = r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
_PASSING = re.compile(f"(?:{_UUID}|{_TIME}|{_HTTP_TIME})", re.IGNORECASE)
_MAY_PASS = (
    re.compile(rb"-(?:[0-9a-fA-F]{4}-|\d\d-\d\d)"),
    re.compile(rb'"[0-9a-fA-F]{32}"'),
    re.compile(rb"GMT"),
    re.compile(rb"//(?:localhost|127\.|\[::1)"),
)
"""One of them is found in every spelled request that has anything to forgive. Each begins with a literal: searching for
them takes a fifth of the time of one pattern, and that is much cheaper than a walk."""
_WHOLE = re.compile(rb"\.0(?=[,}\]])")
"""What makes a whole number's spelling differ: 1 and 1.0 are the same question."""
_BOUNDARY = re.compile(r"boundary=\"?([^\";,\s]+)")
PASSING = "⟨passing⟩"
"""Stands for a UUID or a time in a loose key."""


def parts_of(kind: str, service: str, operation: str, request: Any) -> Parts:
    """What of a clean request takes part in matching."""
    make = _PARTS.get(kind, _of_values)
    return {"kind": kind, "operation": operation, **make(service, request)}


def _of_http(_service: str, request: Mapping[str, Any]) -> Parts:
    url = urlsplit(request["url"])
    return {
        "method": request["method"],
        "host": f"{url.scheme}://{url.netloc.rpartition('@')[2].lower()}",
        "path": url.path or "/",
        "query": sorted(parse_qsl(url.query, keep_blank_values=True)),
        "body": _body(request),
    }


def _body(request: Mapping[str, Any]) -> Any:
    value = value_of(request.get("body"))
    if value in (None, "", b""):
        return None  # no body and an empty one are the same question
    if isinstance(value, str | bytes) and (boundary := _boundary(request)):
        whole = value.decode("latin-1") if isinstance(value, bytes) else value
        return whole.replace(boundary, "boundary")
    return value


def _boundary(request: Mapping[str, Any]) -> str:
    for name, value in request.get("headers", ()):
        if name.lower() == "content-type" and (found := _BOUNDARY.search(value)):
            return found[1]
    return ""


def _of_grpc(_service: str, request: Mapping[str, Any]) -> Parts:
    messages = request.get("messages", ())
    method = request["method"]
    return {"method": method, "body": [known.asked(method, one.get("data", one.get("raw"))) for one in messages]}


def _of_sql(service: str, request: Mapping[str, Any]) -> Parts:
    statement = " ".join(str(request.get("statement", "")).split())
    others = {name: value for name, value in request.items() if name != "statement"}
    return {"service": service, "statement": statement, "body": others}


def _of_values(service: str, request: Any) -> Parts:
    return {"service": service, "body": request}


_PARTS: Mapping[str, Callable[[str, Any], Parts]] = {"http": _of_http, "grpc": _of_grpc, "sql": _of_sql}


def exact_key(parts: Parts) -> bytes:
    """Equal for requests that ask the same with the same credentials."""
    return _spelled(parts)


def loose_key(parts: Parts, sanitiser: Sanitiser, noise: Noise = frozenset()) -> bytes:
    """Equal for requests that differ in credentials, passing values and noise alone."""
    quiet = frozenset(path for operation, path in noise if operation == parts["operation"]) if noise else frozenset()
    if quiet or any(one.search(_spelled(parts)) for one in _MAY_PASS):
        parts = _loosened_parts(parts, quiet)
    return _spelled(sanitiser.wild(parts))


def _spelled(parts: Parts) -> bytes:
    return _WHOLE.sub(b"", _ENCODE(parts))


def _loosened_parts(parts: Parts, quiet: frozenset[str]) -> Parts:
    kept = dict(parts)
    if "host" in kept:
        kept["host"] = _LOOPBACK.sub(r"\1", kept["host"])
    for name in ("query", "body"):
        if name in kept:
            kept[name] = _loosened(kept[name], name, quiet)
    return kept


def _loosened(value: Any, path: str, quiet: frozenset[str]) -> Any:
    if path in quiet:
        return PASSING
    if isinstance(value, str):
        return PASSING if passing(value) else value
    if isinstance(value, dict):
        return {name: _loosened(inner, f"{path}.{name}", quiet) for name, inner in value.items()}
    if path == "query":
        return [(name, _loosened(inner, f"query.{name}", quiet)) for name, inner in value]
    if isinstance(value, list):
        return [_loosened(inner, f"{path}[]", quiet) for inner in value]
    return value


def passing(value: Any) -> bool:
    """Whether it looks like a UUID or a point in time: another run has another."""
    return isinstance(value, str) and _PASSING.fullmatch(value) is not None
