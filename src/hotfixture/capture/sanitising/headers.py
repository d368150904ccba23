"""Headers of HTTP, and metadata of gRPC: credentials, cookies, addresses, and what stands in any other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hotfixture.capture.sanitising import urls
from hotfixture.capture.sanitising.decisions import Decision

if TYPE_CHECKING:
    from hotfixture.capture.sanitising.cleaning import Cleaner

_PLAIN = frozenset({
    "accept", "accept-encoding", "accept-language", "access-control-allow-credentials", "access-control-allow-headers",
    "access-control-allow-methods", "access-control-allow-origin", "access-control-expose-headers",
    "access-control-max-age", "access-control-request-headers", "age", "allow", "cache-control", "connection",
    "content-encoding", "content-length", "content-type", "date", "etag", "expect", "expires", "if-match",
    "if-modified-since", "if-none-match", "keep-alive", "last-modified", "range", "retry-after", "server", "te",
    "trailer", "transfer-encoding", "upgrade", "user-agent", "vary", "via", "www-authenticate", "proxy-authenticate",
    "content-language", "accept-ranges", "strict-transport-security", "x-content-type-options", "x-frame-options",
})  # fmt: skip
"""Headers whose names are never those of secrets; what they hold is looked at all the same."""
_URLS = frozenset({"location", "content-location", "referer", "origin", "refresh", "link", "x-original-url"})
_ADDRESSES = frozenset({
    "x-forwarded-for", "x-real-ip", "forwarded", "cf-connecting-ip", "true-client-ip", "x-client-ip",
    "fastly-client-ip",
})  # fmt: skip
_COOKIES = frozenset({"cookie", "set-cookie", "cookie2", "set-cookie2"})
_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}")
_BAKED = re.compile(r"(\s*[^=;\s]+\s*=\s*\"?)([^;\"]*)(\"?)")
_ATTRIBUTES = frozenset({
    "path", "domain", "expires", "max-age", "samesite", "version", "comment", "priority", "secure", "httponly",
    "partitioned",
})  # fmt: skip
_PARAMETER = re.compile(r'([\w-]+)=("?)([^",\s]+)\2')
_ADDRESSED = Decision("ip", hides=True)


def cleaned(pairs: Sequence[tuple[str, str]], cleaner: Cleaner) -> list[tuple[str, str]]:
    """Headers in their order and case."""
    return [(name, _value(name, value, cleaner)) for name, value in pairs]


def _value(name: str, value: str, cleaner: Cleaner) -> str:
    lower = name.lower()
    if lower in _PLAIN:
        return cleaner.text(value)
    decision = cleaner.decisions.of(name)
    if lower in _COOKIES:
        return _cookies(value, cleaner, first_only=lower.startswith("set")) if decision.hides else cleaner.text(value)
    if lower in _URLS:
        return urls.cleaned(value, cleaner)
    if lower in _ADDRESSES:
        return _ADDRESS.sub(lambda match: str(cleaner.instead.of(_ADDRESSED, match[0])), cleaner.text(value))
    if decision.hides and value:
        return _hidden(value, decision, cleaner)
    return cleaner.text(value)


def _hidden(value: str, decision: Decision, cleaner: Cleaner) -> str:
    """Credentials; of those with parameters (`Digest`, `AWS4-HMAC-SHA256`) each parameter that is one."""
    scheme, blank, rest = value.partition(" ")
    if blank and "=" in rest and "," in rest:
        made = _PARAMETER.sub(lambda match: _parameter(match, cleaner), rest)
        return f"{scheme} {made}"
    return str(cleaner.instead.of(decision, value))


_OPEN_PARAMETERS = frozenset({
    "realm", "algorithm", "qop", "nc", "uri", "signedheaders", "stale", "charset", "oauth_version", "version",
    "oauth_signature_method", "oauth_timestamp", "scope", "error", "headers", "created", "expires",
})  # fmt: skip


def _parameter(match: re.Match[str], cleaner: Cleaner) -> str:
    if match[1].lower() in _OPEN_PARAMETERS:
        return match[0]
    key, slash, scope = match[3].partition("/")
    made = cleaner.instead.secret(key) + slash + scope if match[1] == "Credential" else cleaner.instead.secret(match[3])
    return f"{match[1]}={match[2]}{made}{match[2]}"


def _cookies(value: str, cleaner: Cleaner, *, first_only: bool) -> str:
    """The values of all cookies, whatever they are called; of a cookie that is set, not its attributes."""
    pieces = value.split(";")
    hidden = [
        _cookie(piece, cleaner) if not (first_only and number) else cleaner.text(piece)
        for number, piece in enumerate(pieces)
    ]
    return ";".join(hidden)


def _cookie(piece: str, cleaner: Cleaner) -> str:
    match = _BAKED.fullmatch(piece)
    if match is None or not match[2].strip():
        return cleaner.text(piece)
    return f"{match[1]}{cleaner.instead.cookie(match[2])}{match[3]}"
