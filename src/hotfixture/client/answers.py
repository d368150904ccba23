"""What the daemon's answers mean: a value of the call's type, or one of the project's errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from hotfixture.client.calls import JSON, Call
from hotfixture.errors import (
    DatabaseError,
    HotFixtureError,
    InputError,
    Problem,
    RefusedError,
    UnsupportedError,
    Where,
)

T = TypeVar("T")
PROBLEM = "application/problem+json"
LONGEST_PROBLEM = 1 << 20
"""Bytes of an error that are read."""
LONGEST = 64 << 20
"""Bytes of a JSON answer that are read; packages and listings are streamed instead."""
LOG_IN = "Log in: hfit login"
_FIRST_SENTENCES: Mapping[int, tuple[type[HotFixtureError], str, str]] = {
    400: (InputError, "the daemon cannot read what was asked", ""),
    401: (RefusedError, "not logged in", LOG_IN),
    403: (RefusedError, "the daemon's rules forbid it", ""),
    404: (InputError, "there is no such thing here", ""),
    405: (UnsupportedError, "this daemon does not offer that", "Daemon and client may be of different releases."),
    409: (RefusedError, "it contradicts what stands at the daemon", ""),
    410: (HotFixtureError, "it is no longer there", ""),
    412: (RefusedError, "somebody else has changed it meanwhile", "Look again: hfit pkg-tmpl show NAME"),
    413: (InputError, "more than the daemon takes", ""),
    415: (UnsupportedError, "the daemon does not read that", "Daemon and client may be of different releases."),
    422: (InputError, "what was sent cannot be used", ""),
    429: (HotFixtureError, "too many requests", "Try again later."),
    501: (UnsupportedError, "the daemon was installed without that", ""),
    502: (DatabaseError, "the daemon is not reachable behind its proxy", ""),
    503: (DatabaseError, "the daemon cannot answer now", "Try again later."),
    504: (DatabaseError, "the daemon did not answer its proxy in time", ""),
    507: (HotFixtureError, "the daemon's disk quota is used up", ""),
}
"""Status → class, and what is said where the daemon itself says nothing."""


def value(call: Call[T], status: int, headers: Mapping[str, str], body: bytes) -> T:
    """The value of an answer; `headers` by names in lower case. Raises the project's errors."""
    if not 200 <= status < 300:
        raise error(status, headers, body, about=call.about)
    if call.returns is None:
        return None  # type: ignore[return-value]  # `T` is None for such a call
    _check_media(headers, JSON)
    import msgspec

    try:
        return msgspec.json.decode(body, type=call.returns)  # type: ignore[no-any-return]  # `returns` is `T`
    except msgspec.DecodeError as wrong:
        hint = "Daemon and client may be of different releases."
        raise HotFixtureError(f"{call.method} {call.path}: the answer is not understood: {wrong}", hint=hint) from None


def _check_media(headers: Mapping[str, str], wanted: str) -> None:
    found = headers.get("content-type", "").partition(";")[0].strip().lower()
    if found != wanted:
        hint = "Check the URL: hfit config"
        raise HotFixtureError(
            f"this is not the answer of a daemon: {found or 'no type'} in place of {wanted}", hint=hint
        )


def error(status: int, headers: Mapping[str, str], body: bytes, *, about: str = "") -> HotFixtureError:
    """The error that an answer stands for, with all its problems; the request's id is a note of the exception.

    `about` names what was asked for: the daemon itself says of what is not there and of what is not for the asker the
    same.
    """
    if 300 <= status < 400:
        hint = "No redirect is followed, for it could lead the token astray: configure the URL it leads to."
        return HotFixtureError("the daemon's URL redirects elsewhere", hint=hint)
    kind, sentence, hint = _FIRST_SENTENCES.get(status, (HotFixtureError, f"the daemon answered {status}", ""))
    found = _document(headers, body)
    problems = _problems(found) or [Problem(sentence, None, hint)]
    identity = found.get("request_id") or headers.get("x-request-id", "")
    if status == 401 and not any(problem.hint for problem in problems):
        problems[-1] = problems[-1]._replace(hint=LOG_IN)
    if status == 404 and about:
        problems = [problem._replace(message=f"{about}: {problem.message}") for problem in problems]
    if status >= 500 and identity:
        problems[-1] = problems[-1]._replace(hint=f"{problems[-1].hint} The request's id is {identity}.".strip())
    made = kind.of(problems)
    if identity:
        made.add_note(f"request {identity}, status {status}")
    return made


def _document(headers: Mapping[str, str], body: bytes) -> Mapping[str, Any]:
    if headers.get("content-type", "").partition(";")[0].strip().lower() != PROBLEM:
        return {}
    try:
        found = json.loads(body[:LONGEST_PROBLEM])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _problems(found: Mapping[str, Any]) -> list[Problem]:
    listed = found.get("problems")
    problems = [_problem(one) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    if not problems and isinstance(found.get("detail"), str) and found["detail"]:
        return [Problem(_plain(found["detail"]))]
    return problems


def _problem(one: Mapping[str, Any]) -> Problem:
    return problem(*(one.get(name, "") for name in ("message", "source", "line", "column", "hint")))


def problem(message: object, source: object = "", line: object = 0, column: object = 0, hint: object = "") -> Problem:
    """A problem that the daemon names, as one of our own."""
    where = Where(_plain(source), _number(line), _number(column))
    return Problem(_plain(message), where if any(where) else None, _plain(hint))


def _plain(text: object) -> str:
    """Text for a terminal: what a daemon sends cannot move its cursor."""
    return "".join(letter if letter.isprintable() or letter in "\n\t" else "?" for letter in str(text))[:10_000]


def _number(given: object) -> int:
    return given if isinstance(given, int) else 0
