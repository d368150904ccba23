"""The client that waits: it carries conversations out on the thread that calls."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from hotfixture.client import conversations, origins
from hotfixture.client.answers import LONGEST_PROBLEM, error
from hotfixture.client.calls import Call
from hotfixture.client.connections import Answer, Connections
from hotfixture.client.credentials import Credentials, Session
from hotfixture.client.steps import Broken, Conversation, Pause, Send, Step
from hotfixture.errors import DatabaseError

if TYPE_CHECKING:
    import ssl

T = TypeVar("T")
TIMEOUT = 60.0
"""Seconds without a byte after which a connection counts as broken."""


class Client:
    """Speaks to one daemon; usable from any thread, and as a context manager that closes its connections."""

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        credentials: Credentials | None = None,
        timeout: float = TIMEOUT,
        ca: Path | None = None,
        insecure_http: bool = False,
    ) -> None:
        """`token` is a service token or a session's; `ca` a file of certificates to trust in place of the system's.

        Raises InputError for a URL that is none, RefusedError for plain http to another machine.
        """
        self.origin = origins.read(url, insecure_http=insecure_http)
        self.credentials = credentials or own_credentials(self.origin, token)
        self._connections = Connections(self.origin, lambda: tls(ca), timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()

    def do(self, call: Call[T]) -> T:
        """Send a call; its value, or one of the project's errors."""
        return self.carry(conversations.ask(call, self.credentials))

    def carry(self, conversation: Conversation[T]) -> T:
        """Carry a conversation out to its result."""
        try:
            step = next(conversation)
            while True:
                try:
                    done = self._done(step)
                except Exception as wrong:  # noqa: BLE001 - it is raised again, in the conversation that asked for it
                    step = conversation.throw(wrong)
                else:
                    step = conversation.send(done)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]  # what a generator returns is not typed here

    def _done(self, step: Step) -> Any:
        if isinstance(step, Send):
            return self._connections.send(step)
        if isinstance(step, Pause):
            return time.sleep(step.seconds)
        return step.do()

    @contextmanager
    def pieces(self, call: Call[Any]) -> Iterator[Iterator[memoryview]]:
        """The body of an answer, piece by piece as it comes. DatabaseError where it breaks off."""
        self.carry(self._ready(call))
        opened = self._connections.open(Send(call, conversations.headers_of(call, self.credentials.token)))
        answer = _whole(opened)
        try:
            if answer.status >= 300:
                raise error(answer.status, answer.headers, b"".join(_pieces(answer))[:LONGEST_PROBLEM])
            yield _pieces(answer)
        finally:
            answer.close()

    def _ready(self, call: Call[Any]) -> Conversation[None]:
        if not call.open:
            yield from self.credentials.ready(conversations.sent)


def own_credentials(origin: origins.Origin, token: str) -> Credentials:
    """The credentials of a client that is only given a token."""
    return Credentials(origin.authority, Session(token) if token else None)


def tls(ca: Path | None) -> ssl.SSLContext:
    """How daemons are believed: the system's authorities or those of a file, host names checked, TLS 1.2 or newer."""
    import ssl

    from hotfixture.errors import InputError, Where

    try:
        return ssl.create_default_context(cafile=str(ca) if ca else None)
    except (OSError, ssl.SSLError) as wrong:
        reason = getattr(wrong, "strerror", None) or "it holds no certificate"
        raise InputError(f"the authorities cannot be read: {reason}", where=Where(str(ca))) from None


def _whole(opened: Answer | Broken) -> Answer:
    if isinstance(opened, Broken):
        raise DatabaseError(opened.reason, hint=opened.hint)
    return opened


def _pieces(answer: Answer) -> Iterator[memoryview]:
    piece = answer.pieces()
    while not isinstance(found := piece(), Broken):
        if not found:
            return
        yield found
    raise DatabaseError(found.reason)
