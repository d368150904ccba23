"""Cassettes of VCR.py (https://vcrpy.readthedocs.io), YAML or JSON: version 1, and what its older httpx part wrote."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import yaml

from hotfixture.capture.formats import whole
from hotfixture.capture.formats.documents import document
from hotfixture.capture.formats.exchanges import Exchange, Headers, exchanges, imported
from hotfixture.capture.records import Interaction
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.errors import InputError, Where

Json = dict[str, Any]
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Vcr:
    """Reads and writes cassettes."""

    def recognised(self, path: Path, head: str) -> bool:
        """By its first key; a cassette in JSON by that too."""
        start = head.lstrip("{ \n\t\"'").removeprefix("---").lstrip()
        named = start.startswith("interactions") and ("uri:" in head or '"uri"' in head)
        return named or (path.suffix in (".yaml", ".yml") and "\ninteractions:" in head)

    def read(self, path: Path, sanitiser: Sanitiser) -> Iterator[Interaction]:
        """In the cassette's order. It has no times: all interactions begin at 0."""
        found = _loaded(path)
        yield from imported(found, _exchange, "interaction", path, sanitiser)

    def write(self, interactions: Iterable[Interaction], path: Path) -> list[str]:
        """A cassette of version 1, in JSON where the file's name ends so."""
        lost: list[str] = ["times, and where streamed answers were cut"]
        found = [_recorded(exchange) for _, exchange in exchanges(interactions, lost)]
        cassette = {"interactions": found, "version": 1}
        if path.suffix == ".json":
            if odd := sum(_as_base64(one) for one in found):
                lost.append(f"{odd} exchanges with bodies that are no text, to VCR.py: it reads these from YAML alone")
            whole(path, msgspec.json.format(msgspec.json.encode(cassette), indent=2) + b"\n")
        else:
            whole(path, yaml.dump(cassette, Dumper=_DUMPER, allow_unicode=True, encoding="utf-8", sort_keys=False))
        return lost


def _loaded(path: Path) -> list[Any]:
    found = document(path, "cassette")
    interactions = found.get("interactions") if isinstance(found, dict) else None
    if not isinstance(interactions, list):
        raise InputError("no cassette: `interactions` is no list", where=Where(str(path)))
    return interactions


def _exchange(one: Json) -> Exchange:
    request, response = one["request"], one["response"]
    status = response.get("status_code") or response["status"]["code"]
    reason = "" if "status_code" in response else response["status"].get("message") or ""
    body = response["content"] if "content" in response else response.get("body")
    return Exchange(
        method=request["method"], url=request["uri"], request_headers=_pairs(request.get("headers")),
        request_body=_bytes(request.get("body")), status=int(status), reason=reason,
        version=response.get("http_version") or "HTTP/1.1", headers=_pairs(response.get("headers")),
        body=_bytes(body),
    )  # fmt: skip


def _recorded(exchange: Exchange) -> Json:
    return {
        "request": {"body": _text(exchange.request_body), "headers": _grouped(exchange.request_headers),
                    "method": exchange.method, "uri": exchange.url},
        "response": {"body": {"string": _text(exchange.body or b"")}, "headers": _grouped(exchange.headers),
                     "status": {"code": exchange.status, "message": exchange.reason}},
    }  # fmt: skip


def _as_base64(recorded: Json) -> bool:
    """Put bodies that are no text as JSON can have them; gives whether there are any."""
    asked, answered = recorded["request"], recorded["response"]
    odd = [isinstance(body, bytes) for body in (asked["body"], answered["body"]["string"])]
    if odd[0]:
        asked["body"] = _encoded(asked["body"])
    if odd[1]:
        answered["body"] = _encoded(answered["body"]["string"])
    return any(odd)


def _encoded(data: bytes) -> Json:
    return {"base64_string": base64.b64encode(data).decode()}


def _pairs(headers: Json | None) -> Headers:
    found = []
    for name, values in (headers or {}).items():
        found += [(name, str(value)) for value in (values if isinstance(values, list) else [values])]
    return found


def _grouped(pairs: Headers) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _bytes(body: Any) -> bytes | None:
    if isinstance(body, dict):
        if "base64_string" in body:  # Betamax has it so
            return base64.b64decode(body["base64_string"])
        body = body.get("string")
    return body.encode() if isinstance(body, str) else body


def _text(data: bytes | None) -> str | bytes | None:
    """As the tool has it: a text where it is one."""
    try:
        return None if data is None else data.decode()
    except UnicodeDecodeError:
        return data


VCR = _Vcr()
