"""The client that is awaited: it carries the same conversations out in an event loop, over httpx."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from hotfixture.client import conversations, origins
from hotfixture.client.answers import LONGEST, LONGEST_PROBLEM, error
from hotfixture.client.base import Speaker, brought, keyed, landed, tls
from hotfixture.client.calls import Call
from hotfixture.client.credentials import Session
from hotfixture.client.steps import Broken, Conversation, Got, Pause, Send, Step
from hotfixture.errors import DatabaseError, MissingExtraError

if TYPE_CHECKING:
    import httpx

    from hotfixture.client.downloads import Downloaded
    from hotfixture.wire.identity import Whoami
    from hotfixture.wire.sources import Listed

T = TypeVar("T")


class AsyncClient(Speaker):
    """Speaks to one daemon in one event loop; an asynchronous context manager that closes its connections."""

    def _prepare(self, timeout: float, ca: Path | None) -> None:
        self._timeout = timeout
        self._http = _http(self.origin, ca, timeout)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def do(self, call: Call[T]) -> T:
        """Send a call; its value, or one of the project's errors."""
        return await self.carry(conversations.ask(call, self.credentials))

    async def carry(self, conversation: Conversation[T]) -> T:
        """Carry a conversation out to its result."""
        try:
            step = next(conversation)
            while True:
                try:
                    done = await self._done(step)
                except Exception as wrong:  # noqa: BLE001 - it is raised again, in the conversation that asked for it
                    step = conversation.throw(wrong)
                else:
                    step = conversation.send(done)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]  # what a generator returns is not typed here

    async def _done(self, step: Step) -> Any:
        if isinstance(step, Send):
            return await self._sent(step)
        if isinstance(step, Pause):
            return await asyncio.sleep(step.seconds)
        return await asyncio.to_thread(step.do)

    async def _sent(self, step: Send) -> Got | Broken:
        import httpx

        try:
            async with self._stream(step) as answer:
                return await _read(answer, step)
        except httpx.HTTPError as wrong:
            return _broken(wrong, self.origin)

    def _stream(self, step: Send) -> Any:
        import httpx

        patient = httpx.Timeout(self._timeout, read=self._timeout + step.call.wait)
        url = f"{self.origin.url}{step.call.target}"
        content, headers = step.call.body, dict(step.headers)
        return self._http.stream(step.call.method, url, content=content, headers=headers, timeout=patient)

    async def whoami(self) -> Whoami:
        """Who the daemon takes the client for."""
        from hotfixture.client.calls_of_identity import whoami

        return await self.do(whoami())

    async def login(self, account: str, key: Path | None = None, *, passphrase: str = "") -> Session:
        """Log in with an SSH key: of the agent, else of the file. The session is renewed by itself from then on.

        Raises InputError where the key cannot be used, RefusedError where the daemon refuses it.
        """
        return await self.carry(keyed(self.credentials, account, key, passphrase))

    async def package(self, template: str, place: Path, **parameters: Any) -> Downloaded:
        """Have a package of a template made, wait for it, and download it to the file `place`.

        Raises RefusedError where the template is not approved, PackageError where the digest is wrong.
        """
        return await self.carry(brought(self.credentials, template, place, parameters))

    async def files(self, volume: str, *words: str, folder: str = "") -> AsyncIterator[Listed]:
        """The files of a volume as they are found; `words` are filters such as `name:*.log`."""
        from hotfixture.client.calls_of_sources import Entries, files

        entries = Entries()
        async with self.pieces(files(volume, words, folder=folder)) as pieces:
            async for piece in pieces:
                for found in entries.feed(piece):
                    yield found

    async def file(self, volume: str, path: str, place: Path) -> Downloaded:
        """Download a file of a volume, as the policy lets it pass, to the file `place`."""
        from hotfixture.client.calls_of_sources import file

        return await self.carry(landed(self.credentials, file(volume, path), place))

    @asynccontextmanager
    async def pieces(self, call: Call[Any]) -> AsyncIterator[AsyncIterator[bytes]]:
        """The body of an answer, piece by piece as it comes. DatabaseError where it breaks off."""
        import httpx

        await self.carry(self._ready(call))
        step = Send(call, conversations.headers_of(call, self.credentials.token))
        try:
            async with self._stream(step) as answer:
                if answer.status_code >= 300:
                    body = await answer.aread()
                    raise error(answer.status_code, _headers(answer), body[:LONGEST_PROBLEM], about=call.about)
                yield answer.aiter_bytes()
        except httpx.HTTPError as wrong:
            raise DatabaseError(_broken(wrong, self.origin).reason) from None


def _http(origin: origins.Origin, ca: Path | None, timeout: float) -> httpx.AsyncClient:
    try:
        import httpx
    except ModuleNotFoundError as wrong:
        raise MissingExtraError("the asynchronous client", "async") from wrong
    verify = tls(ca) if origin.scheme == "https" else True
    # A token for this machine itself is shown to no proxy.
    return httpx.AsyncClient(timeout=timeout, verify=verify, trust_env=not origin.is_loopback, follow_redirects=False)


async def _read(answer: httpx.Response, step: Send) -> Got | Broken:
    headers = _headers(answer)
    taken = step.into is not None and step.into.begin(answer.status_code, headers)
    body = bytearray()
    async for piece in answer.aiter_bytes():
        if taken and step.into is not None:
            await asyncio.to_thread(step.into.write, piece)
        elif len(body) + len(piece) > LONGEST:
            return Broken(f"the answer is longer than {LONGEST:,} bytes", sent=True, final=True)
        else:
            body += piece
    return Got(answer.status_code, headers, bytes(body))


def _headers(answer: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def _broken(wrong: httpx.HTTPError, origin: origins.Origin) -> Broken:
    import httpx

    unseen = isinstance(wrong, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    reason = "no answer in time" if isinstance(wrong, httpx.TimeoutException) else str(wrong) or type(wrong).__name__
    final = "CERTIFICATE_VERIFY_FAILED" in reason
    return Broken(f"{origin.authority} does not answer: {reason}", sent=not unseen, final=final)
