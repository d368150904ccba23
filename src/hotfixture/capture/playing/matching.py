"""What a request is known by: an exact key, and a loose one that forgives what changes from run to run.

Both are made of the *clean* request, so that a live request, cleaned by the same rules and key, meets its recording.
The loose key takes all surrogates for equal, for a replay may use other credentials than the recording did; it forgives
values that look like UUIDs or points in time (not in the path), fields that were learned to be noise, and the port of
this machine. Boundaries of multipart bodies count in neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from hotfixture.capture.playing import known
from hotfixture.capture.sanitising import marks, messages
from hotfixture.capture.sanitising.bodies import value_of
from hotfixture.capture.sanitising.decisions import Decisions
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
_NAMED = ("kind", "method", "host", "path", "service", "statement")
_SHORT = 16
"""Characters of the shortest text that may be forgiven."""
_FEW = 8
"""Items of a list that is looked into."""
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
    forms = request.get("messages", ())
    method = request["method"]
    return {"method": method, "body": [known.asked(method, _content(one)) for one in forms]}


def _content(form: Mapping[str, Any]) -> Any:
    """What a message says; of bytes that say nothing to anybody, the bytes."""
    data = form["data"] if "data" in form else messages.content(form) if "type" in form else None
    return form.get("raw") if data is None else data


def _of_sql(service: str, request: Mapping[str, Any]) -> Parts:
    statement = " ".join(str(request.get("statement", "")).split())
    others = {name: value for name, value in request.items() if name != "statement"}
    return {"service": service, "statement": statement, "body": others}


def _of_values(service: str, request: Any) -> Parts:
    return {"service": service, "body": request}


_PARTS: Mapping[str, Callable[[str, Any], Parts]] = {"http": _of_http, "grpc": _of_grpc, "sql": _of_sql}


def exact_key(parts: Parts) -> bytes:
    """Equal for requests that ask the same with the same credentials."""
    return _digest(_spelled(parts))


def raw_key(kind: str, operation: str, request: Any) -> bytes | None:
    """Equal for requests that ask the same in the very same bytes; None where the bytes are not at hand."""
    if kind != "grpc" or not isinstance(request, dict):
        return None
    raws = [one.get("raw") for one in request.get("messages", ()) if isinstance(one, dict)]
    if not raws or not all(isinstance(one, str) for one in raws):
        return None
    return _digest(_ENCODE([operation, request.get("method"), raws]))


def rough_key(parts: Parts, sanitiser: Sanitiser, noisy: frozenset[str] = frozenset()) -> int:
    """Equal for requests whose loose keys are equal, told with far less work; for many others, too. `noisy` are the
    operations some of whose fields are noise, as `marks.text` has them."""
    decisions = sanitiser.cleaner.decisions
    marked = {name: marks.text(value) for name in _NAMED if isinstance(value := parts.get(name), str)}
    if "host" in marked:
        marked["host"] = marks.text(_LOOPBACK.sub(r"\1", parts["host"]))
    known = None
    if marks.text(parts["operation"]) not in noisy:
        asked = [one for one in parts.get("query", ()) if len(one[1]) < _SHORT and not marks.marked(one[0], decisions)]
        known = frozenset((*asked, *_plain(parts["body"], decisions, 3)))
    return hash((*marked.items(), known))


def _plain(value: Any, decisions: Decisions, depth: int) -> Iterator[Any]:
    """Short texts and numbers near the top of a value, with their names: no loose key forgives them."""
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = (one for one in value.items() if not marks.marked(one[0], decisions))
    elif isinstance(value, list) and len(value) <= _FEW:
        pair = len(value) == 2 and isinstance(value[0], str)  # perhaps a name and what stands under it
        items = (("", one) for one in value[: 1 if pair else None])
    for name, inner in items:
        if isinstance(inner, dict | list):
            if depth > 1:
                yield from _plain(inner, decisions, depth - 1)
        elif not isinstance(inner, str) or len(inner) < _SHORT:
            yield name, inner


def loose_key(parts: Parts, sanitiser: Sanitiser, noise: Noise = frozenset()) -> bytes:
    """Equal for requests that differ in credentials, passing values and noise alone."""
    quiet = frozenset(path for operation, path in noise if operation == parts["operation"]) if noise else frozenset()
    spelled = _spelled(parts)
    loosened = parts
    if quiet or any(one.search(spelled) for one in _MAY_PASS):
        loosened = _loosened_parts(parts, quiet)
    made = sanitiser.wild(loosened)
    return _digest(spelled if made is parts else _spelled(made))


def _spelled(parts: Parts) -> bytes:
    data = _ENCODE(parts)
    return _WHOLE.sub(b"", data) if b".0" in data else data


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()


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
