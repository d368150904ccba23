"""Conversations with the daemon: a call with its token, repeated where that is right; the session behind it."""

from __future__ import annotations

from collections.abc import Mapping
from time import time
from typing import Any, TypeVar

from hotfixture.client import answers, retries
from hotfixture.client.calls import Call
from hotfixture.client.credentials import Credentials
from hotfixture.client.steps import Broken, Conversation, Got, Pause, Send, Sink
from hotfixture.errors import DatabaseError

T = TypeVar("T")


def ask(call: Call[T], credentials: Credentials, into: Sink | None = None) -> Conversation[T]:
    """Send a call until it is answered; its value. Raises what `answers.value` raises, DatabaseError where none comes.

    An answer of 401 to a session that can be renewed is asked again once with the new one.
    """
    got = yield from answered(call, credentials, into)
    return answers.value(call, got.status, got.headers, got.body)


def answered(call: Call[Any], credentials: Credentials, into: Sink | None = None) -> Conversation[Got]:
    """As `ask`: the answer, whatever its status."""
    if not call.open:
        yield from credentials.ready(sent)
    got = yield from sent(call, credentials.token, into)
    if got.status == 401 and not call.open and (yield from credentials.again(sent)):
        got = yield from sent(call, credentials.token, into)
    return got


def sent(call: Call[Any], token: str, into: Sink | None = None) -> Conversation[Got]:
    """An answer, after as many attempts as the call allows."""
    attempt = 0
    while True:
        attempt += 1
        result: Got | Broken = yield Send(call, headers_of(call, token), into)
        status, headers = (result.status, result.headers) if isinstance(result, Got) else (None, {})
        final = isinstance(result, Broken) and result.final
        seconds = None if final else retries.pause(call, attempt, status, headers, time(), sent=was_sent(result))
        if seconds is None:
            return whole(result)
        yield Pause(seconds)


def was_sent(result: Got | Broken) -> bool:
    """Whether the daemon can have begun what was asked."""
    return not isinstance(result, Broken) or result.sent


def whole(result: T | Broken) -> T:
    """The answer; DatabaseError where it is broken."""
    if isinstance(result, Broken):
        raise DatabaseError(result.reason, hint=result.hint)
    return result


def headers_of(call: Call[Any], token: str) -> Mapping[str, str]:
    """What is sent with a call; the token only where the call needs a name."""
    from hotfixture import __version__

    made = {
        "User-Agent": f"hfit/{__version__}",
        "Accept": "application/json, application/problem+json, */*;q=0.5",
        "Accept-Encoding": "identity",
        **call.headers,
    }
    if call.body is not None:
        made["Content-Type"] = call.media
    if token and not call.open:
        made["Authorization"] = f"Bearer {token}"
    return made
