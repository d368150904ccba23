"""HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/): what browsers and proxies save.

Fields of ours stand in `_hotfixture` of each entry, as the format allows names that begin with an underscore.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from hotfixture import __version__
from hotfixture.capture.formats import bounded, whole
from hotfixture.capture.formats.exchanges import Exchange, Headers, exchanges, header, imported, text_or_base64
from hotfixture.capture.records import Interaction
from hotfixture.capture.sanitising import bodies
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.errors import InputError, Where

_FIELD = "_hotfixture"
Json = dict[str, Any]


class _Har:
    """Reads and writes HAR files."""

    def recognised(self, path: Path, head: str) -> bool:
        """By its ending, or by the `log` that everything stands in."""
        return path.suffix == ".har" or head.lstrip().replace(" ", "").startswith('{"log":')

    def read(self, path: Path, sanitiser: Sanitiser) -> Iterator[Interaction]:
        """Entry by entry, in the file's order."""
        try:
            found = msgspec.json.decode(bounded(path))
            entries = found["log"]["entries"]
        except (msgspec.DecodeError, KeyError, TypeError, RecursionError) as error:
            raise InputError(f"no HAR file: {type(error).__name__}", where=Where(str(path))) from None
        yield from imported(entries, _exchange, "entry", path, sanitiser)

    def write(self, interactions: Iterable[Interaction], path: Path) -> list[str]:
        """All exchanges in one file."""
        lost: list[str] = []
        entries = [_entry(exchange) for _, exchange in exchanges(interactions, lost)]
        log = {"version": "1.2", "creator": {"name": "Hot Fixture Tool", "version": __version__}, "entries": entries}
        whole(path, msgspec.json.format(msgspec.json.encode({"log": log}), indent=2) + b"\n")
        return lost


def _entry(exchange: Exchange) -> Json:
    extra: Json = dict(exchange.ours)
    extra |= {"chunks": exchange.chunks} if exchange.chunks else {}
    extra |= {"trailers": exchange.trailers} if exchange.trailers else {}
    extra |= {"no_body": True} if exchange.body is None else {}
    raw, body = _content(exchange)
    extra |= {"raw": base64.b64encode(raw).decode()} if raw is not None else {}
    return {
        "startedDateTime": datetime.fromtimestamp(exchange.started, UTC).isoformat().replace("+00:00", "Z"),
        "time": exchange.duration_ms,
        "request": _request(exchange),
        "response": {
            "status": exchange.status, "statusText": exchange.reason, "httpVersion": exchange.version,
            "cookies": _cookies(exchange.headers, "set-cookie"), "headers": _named(exchange.headers), "content": body,
            "redirectURL": header(exchange.headers, "location"), "headersSize": -1,
            "bodySize": len(exchange.body or b""),
        },
        "cache": {},
        "timings": {"send": 0, "wait": exchange.duration_ms, "receive": 0},
        _FIELD: extra,
    }  # fmt: skip


def _request(exchange: Exchange) -> Json:
    made: Json = {
        "method": exchange.method, "url": exchange.url, "httpVersion": exchange.version,
        "cookies": _cookies(exchange.request_headers, "cookie"), "headers": _named(exchange.request_headers),
        "queryString": _named(parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)),
        "headersSize": -1, "bodySize": len(exchange.request_body or b""),
    }  # fmt: skip
    if exchange.request_body is not None:
        text, encoded = text_or_base64(exchange.request_body)
        media = header(exchange.request_headers, "content-type") or "application/octet-stream"
        made["postData"] = {"mimeType": media, "text": text} | ({"encoding": "base64"} if encoded else {})
    return made


def _content(exchange: Exchange) -> tuple[bytes | None, Json]:
    """The answer's body as HAR has it: decompressed. The bytes as they were sent come first, where they differ."""
    sent = exchange.body or b""
    plain = bodies.decompressed(sent, exchange.headers)
    text, encoded = text_or_base64(plain)
    media = header(exchange.headers, "content-type") or "application/octet-stream"
    made: Json = {"size": len(plain), "mimeType": media, "text": text} | ({"encoding": "base64"} if encoded else {})
    return (sent if plain != sent else None), made


def _named(pairs: Iterable[tuple[str, str]]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in pairs]


def _cookies(headers: Headers, name: str) -> list[Json]:
    found = []
    for value in (value for one, value in headers if one.lower() == name):
        try:
            found += [{"name": one.key, "value": one.value} for one in SimpleCookie(value).values()]
        except CookieError:  # the header itself is there all the same
            continue
    return found


def _exchange(entry: Json) -> Exchange:
    request, response, extra = entry["request"], entry["response"], dict(entry.get(_FIELD) or {})
    content = response.get("content") or {}
    headers = _pairs(response)
    no_body, raw = extra.pop("no_body", False), extra.pop("raw", None)
    body = None if no_body or "text" not in content else _bytes(content)
    if raw is not None:
        body = base64.b64decode(raw)
    elif body is not None and header(headers, "content-encoding"):
        headers = _uncompressed(headers, len(body))
    return Exchange(
        method=request["method"], url=request["url"], request_headers=_pairs(request),
        request_body=_bytes(request["postData"]) if "text" in (request.get("postData") or {}) else None,
        status=response["status"] or None, reason=response.get("statusText", ""),
        version=response.get("httpVersion") or "HTTP/1.1", headers=headers, body=body,
        trailers=[(name, value) for name, value in extra.pop("trailers", ())],
        started=_seconds(entry["startedDateTime"]), duration_ms=float(entry.get("time") or 0),
        chunks=[(at, size) for at, size in extra.pop("chunks", ())], ours=extra,
    )  # fmt: skip


def _uncompressed(headers: Headers, size: int) -> Headers:
    """Headers of a body that other tools saved decompressed: they must say what it is now."""
    kept = [(name, value) for name, value in headers if name.lower() not in ("content-encoding", "transfer-encoding")]
    return [(name, str(size) if name.lower() == "content-length" else value) for name, value in kept]


def _pairs(side: Json) -> Headers:
    return [(str(one["name"]), str(one["value"])) for one in side.get("headers", ())]


def _bytes(content: Json) -> bytes:
    text = content.get("text") or ""
    return base64.b64decode(text) if content.get("encoding") == "base64" else text.encode()


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


HAR = _Har()
