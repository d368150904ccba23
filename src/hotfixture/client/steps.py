"""What a conversation with the daemon asks its driver to do, and what it is told of it.

A conversation is a generator: it yields steps, is sent what came of each, and returns its result. It knows no sockets;
`client.Client` carries it out on threads, `asynchronous.AsyncClient` in an event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

from hotfixture.client.calls import Call

T = TypeVar("T")


class Sink(Protocol):
    """Takes the body of an answer as it comes."""

    def begin(self, status: int, headers: Mapping[str, str]) -> bool:
        """Told the head of the answer; False where the body is not for it (then it is read as an error's)."""

    def write(self, piece: memoryview | bytes) -> None:
        """The next piece of the body."""


class Send(NamedTuple):
    """Send a call. The answer's body goes `into` a sink where there is one."""

    call: Call[Any]
    headers: Mapping[str, str]
    into: Sink | None = None


class Pause(NamedTuple):
    """Wait so many seconds."""

    seconds: float


class Work(NamedTuple):
    """Do something that takes long or waits for somebody, such as to sign."""

    do: Callable[[], Any]


class Got(NamedTuple):
    """An answer came; `body` is empty where a sink took it."""

    status: int
    headers: Mapping[str, str]
    """By names in lower case."""
    body: bytes


class Broken(NamedTuple):
    """No whole answer came."""

    reason: str
    sent: bool
    """Whether any of the call can have arrived."""
    final: bool = False
    """Whether another attempt would end the same, as with a certificate that is not accepted."""
    hint: str = ""


Step = Send | Pause | Work
Conversation = Generator[Step, Any, T]
