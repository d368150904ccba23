"""What both clients share: who is spoken to and as whom, the kinds of things offered, and what takes several calls."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from hotfixture.client import conversations, origins
from hotfixture.client.calls import Call
from hotfixture.client.credentials import Credentials, Session
from hotfixture.client.steps import Conversation, Work

if TYPE_CHECKING:
    import ssl

    from hotfixture.client.downloads import Downloaded
    from hotfixture.client.resources import Packages, Providers, Templates, Volumes
    from hotfixture.identity.signatures import Signer

TIMEOUT = 60.0
"""Seconds without a byte after which a connection counts as broken."""


class Speaker(ABC):
    """Speaks to one daemon; whoever inherits says by `do` how a call is sent, waited for or awaited."""

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

        Raises InputError for a URL that is none, RefusedError for plain http to another machine; of AsyncClient
        MissingExtraError where httpx is not installed.
        """
        self.origin = origins.read(url, insecure_http=insecure_http)
        self.credentials = credentials or Credentials(self.origin.authority, Session(token) if token else None)
        self._prepare(timeout, ca)

    @abstractmethod
    def _prepare(self, timeout: float, ca: Path | None) -> None:
        """Make ready what connections are opened by; none is opened yet."""

    @property
    def templates(self) -> Templates[Self]:
        """Templates, their revisions and approvals."""
        from hotfixture.client.resources import Templates

        return Templates(self)

    @property
    def packages(self) -> Packages[Self]:
        """Packages: requested, watched, cancelled."""
        from hotfixture.client.resources import Packages

        return Packages(self)

    @property
    def providers(self) -> Providers[Self]:
        """Databases that packages are made of."""
        from hotfixture.client.resources import Providers

        return Providers(self)

    @property
    def volumes(self) -> Volumes[Self]:
        """Places that files are read from."""
        from hotfixture.client.resources import Volumes

        return Volumes(self)

    def _ready(self, call: Call[Any]) -> Conversation[None]:
        if not call.open:
            yield from self.credentials.ready(conversations.sent)


def keyed(credentials: Credentials, account: str, key: Path | None, passphrase: str) -> Conversation[Session]:
    """A login, and what renews it."""
    from hotfixture.client.signing import sign_by

    credentials.account = account
    ask = (lambda _: passphrase) if passphrase else None
    credentials.signer = lambda: sign_by(str(key or ""), ask)
    signer: Signer = yield Work(credentials.signer)
    return (yield from credentials.log_in(signer, conversations.sent))


def brought(
    credentials: Credentials, template: str, place: Path, parameters: Mapping[str, Any]
) -> Conversation[Downloaded]:
    """A package, made and downloaded."""
    from hotfixture.client import calls_of_packages as calls

    told = yield from calls.made(calls.request(template, parameters), credentials)
    return (yield from landed(credentials, calls.file(told), place, sha256=told.sha256 or ""))


def landed(credentials: Credentials, call: Call[Any], place: Path, *, sha256: str = "") -> Conversation[Downloaded]:
    """A file, downloaded beside its place and then put there."""
    from hotfixture.client.downloads import claimed, download

    part = claimed(place.with_name(f".{place.name}.{(sha256 or 'unproven')[:16]}.part"))
    got = yield from download(call, credentials, part, sha256=sha256)
    yield Work(lambda: part.replace(place))
    return got


def tls(ca: Path | None) -> ssl.SSLContext:
    """How daemons are believed: the system's authorities or those of a file, host names checked, TLS 1.2 or newer."""
    import ssl

    from hotfixture.errors import InputError, Where

    try:
        return ssl.create_default_context(cafile=str(ca) if ca else None)
    except (OSError, ssl.SSLError) as wrong:
        reason = getattr(wrong, "strerror", None) or "it holds no certificate"
        raise InputError(f"the authorities cannot be read: {reason}", where=Where(str(ca))) from None
