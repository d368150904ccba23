"""The client that waits: it carries conversations out on the thread that calls."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from hotfixture.client import conversations
from hotfixture.client.answers import LONGEST_PROBLEM, error
from hotfixture.client.base import Speaker, brought, keyed, landed, tls
from hotfixture.client.calls import Call
from hotfixture.client.connections import Answer, Connections
from hotfixture.client.credentials import Session
from hotfixture.client.steps import Broken, Conversation, Pause, Send, Step
from hotfixture.errors import DatabaseError

if TYPE_CHECKING:
    from hotfixture.client.downloads import Downloaded
    from hotfixture.wire.identity import Whoami
    from hotfixture.wire.sources import Listed

T = TypeVar("T")


class Client(Speaker):
    """Speaks to one daemon; usable from any thread, and as a context manager that closes its connections."""

    def _prepare(self, timeout: float, ca: Path | None) -> None:
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

    def whoami(self) -> Whoami:
        """Who the daemon takes the client for."""
        from hotfixture.client.calls_of_identity import whoami

        return self.do(whoami())

    def login(self, account: str, key: Path | None = None, *, passphrase: str = "") -> Session:
        """Log in with an SSH key: of the agent, else of the file. The session is renewed by itself from then on.

        Raises InputError where the key cannot be used, RefusedError where the daemon refuses it.
        """
        return self.carry(keyed(self.credentials, account, key, passphrase))

    def package(self, template: str, place: Path, **parameters: Any) -> Downloaded:
        """Have a package of a template made, wait for it, and download it to the file `place`.

        Raises RefusedError where the template is not approved, PackageError where the digest is wrong.
        """
        return self.carry(brought(self.credentials, template, place, parameters))

    def files(self, volume: str, *words: str, folder: str = "") -> Iterator[Listed]:
        """The files of a volume as they are found; `words` are filters such as `name:*.log`."""
        from hotfixture.client.calls_of_sources import Entries, files

        entries = Entries()
        with self.pieces(files(volume, words, folder=folder)) as pieces:
            for piece in pieces:
                yield from entries.feed(piece)

    def file(self, volume: str, path: str, place: Path) -> Downloaded:
        """Download a file of a volume, as the policy lets it pass, to the file `place`."""
        from hotfixture.client.calls_of_sources import file

        return self.carry(landed(self.credentials, file(volume, path), place))

    @contextmanager
    def pieces(self, call: Call[Any]) -> Iterator[Iterator[memoryview]]:
        """The body of an answer, piece by piece as it comes. DatabaseError where it breaks off."""
        self.carry(self._ready(call))
        opened = self._connections.open(Send(call, conversations.headers_of(call, self.credentials.token)))
        answer = conversations.whole(opened)
        try:
            if answer.status >= 300:
                raise error(
                    answer.status, answer.headers, b"".join(_pieces(answer))[:LONGEST_PROBLEM], about=call.about
                )
            yield _pieces(answer)
        finally:
            answer.close()


def _pieces(answer: Answer) -> Iterator[memoryview]:
    piece = answer.pieces()
    while not isinstance(found := piece(), Broken):
        if not found:
            return
        yield found
    raise DatabaseError(found.reason)
