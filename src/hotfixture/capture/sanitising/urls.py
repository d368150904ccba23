"""URLs: passwords, parameters with telling names, and what stands in paths; all else stays letter for letter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from hotfixture.capture.sanitising.keys import SECRET

if TYPE_CHECKING:
    from hotfixture.capture.sanitising.cleaning import Cleaner

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:)?(//)?([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_SHORTEST = 16
_KEYS = {"key": 16, "code": 12, "k": 20, "t": 24, "s": 24, "h": 24}
"""Parameters that are secrets where they are as long as that."""


def cleaned(url: str, cleaner: Cleaner) -> str:
    """The URL with surrogates in the places of what was secret or personal."""
    match = _URL.fullmatch(url)
    if match is None or not match[2]:
        return cleaner.text(url)
    scheme, slashes, place, path, query, fragment = (part or "" for part in match.groups())
    made = (
        scheme + slashes + _authority(place, cleaner) + _path(path, cleaner)
        + _query(query, cleaner) + _query(fragment, cleaner)
    )  # fmt: skip
    return cleaner.secrets.text(made)


def _authority(place: str, cleaner: Cleaner) -> str:
    user, at, host = place.rpartition("@")
    if not at:
        return place
    name, colon, password = user.partition(":")
    if not colon:
        return quote(cleaner.instead.secret(unquote(name)), safe="") + at + host
    made = quote(cleaner.instead.secret(unquote(password)), safe="") if password else ""
    return _piece(name, cleaner) + colon + made + at + host


def _path(path: str, cleaner: Cleaner) -> str:
    if len(path) < 6:
        return path
    segments = cleaner.text(path).split("/")
    return "/".join(_segment(one, before, cleaner) for before, one in zip(["", *segments], segments, strict=False))


def _segment(segment: str, before: str, cleaner: Cleaner) -> str:
    """One segment: what stands behind the name of a secret, as in `/reset/token/…`, is one where it is no word."""
    if _is_mixed(segment) and (decision := cleaner.decisions.of(before)).kind == SECRET and decision.hides:
        plain = unquote(segment)
        made = cleaner.instead.secret(plain)
        return segment if made == plain else quote(made, safe="")
    return _piece(segment, cleaner)


def _is_mixed(segment: str) -> bool:
    """Whether it is no word: digits among letters of both cases, or three of them among letters."""
    digits = sum(map(str.isdigit, segment))
    letters = segment.upper() != segment, segment.lower() != segment
    return len(segment) >= _SHORTEST and digits > 0 and (all(letters) or (any(letters) and digits > 2))


def _piece(piece: str, cleaner: Cleaner) -> str:
    if "%" not in piece:
        return cleaner.text(piece)
    plain = unquote(piece)
    made = cleaner.text(plain)
    return piece if made == plain else quote(made, safe="")


def _query(query: str, cleaner: Cleaner) -> str:
    """A query or fragment with its mark."""
    if len(query) < 2:
        return query
    return query[0] + form(query[1:], cleaner)


def form(text: str, cleaner: Cleaner) -> str:
    """`name=value&name=value`, as URLs and forms have it (application/x-www-form-urlencoded)."""
    return "".join(
        piece if number % 2 else _pair(piece, cleaner) for number, piece in enumerate(re.split("([&;])", text))
    )


def _pair(pair: str, cleaner: Cleaner) -> str:
    name, equals, value = pair.partition("=")
    if not equals:
        return _piece(pair, cleaner)
    if not value:
        return pair
    plain, called = unquote_plus(value), unquote_plus(name)
    decision = cleaner.decisions.of(called)
    if decision.hides:
        made = str(cleaner.instead.of(decision, plain))
    elif len(plain) >= _KEYS.get(called.lower(), 1 << 30):
        made = cleaner.instead.secret(plain)
    else:
        made = cleaner.text(plain)
    if made == plain:
        return pair
    return f"{name}={(quote_plus if '+' in value else quote)(made, safe='')}"
