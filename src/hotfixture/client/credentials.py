"""What a client proves itself with: a service token, or a session that a key opens, renews and opens again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import time
from typing import TYPE_CHECKING, Any

from hotfixture.client.answers import LOG_IN, value
from hotfixture.client.calls import Call
from hotfixture.client.steps import Conversation, Got, Work
from hotfixture.errors import HotFixtureError, RefusedError

if TYPE_CHECKING:
    from hotfixture.identity.signatures import Signer

Sent = Callable[[Call[Any], str], Conversation[Got]]


@dataclass(slots=True)
class Session:
    """A token and how long it holds (seconds since 1970; 0 where that is not known)."""

    token: str = field(repr=False)
    account: str = ""
    expires: float = 0.0
    renew_at: float = 0.0
    """When three quarters of its time are over: none ends within the first minutes of a download."""
    renewable_until: float = 0.0


@dataclass(slots=True)
class Credentials:
    """The session of one client; `host` is the daemon's, as challenges name it."""

    host: str
    session: Session | None = None
    account: str = ""
    signer: Callable[[], Signer] | None = None
    """Gives what signs for the account, or raises where that would have to ask somebody; None where nothing does."""
    changed: Callable[[Session | None], None] = lambda _: None
    """Told each new session, to keep it; None at a logout."""
    ended: bool = False
    """Somebody logged out: until they log in again, no key opens a session by itself."""

    @property
    def token(self) -> str:
        """What stands behind `Bearer`; empty where nobody is logged in."""
        return self.session.token if self.session else ""

    def ready(self, sent: Sent) -> Conversation[None]:
        """Renew the session where it ends soon, open one where there is none. RefusedError where no key answers."""
        session = self.session
        if session and (not session.expires or session.renew_at > time()):
            return
        if session is None or session.expires <= time():
            yield from self._opened_again(sent)
        elif not (yield from self._renewed(session, sent)) and self.signer is not None:
            try:
                yield from self._opened_again(sent)
            except HotFixtureError:  # it still holds for some minutes; what is asked now shall not fail for it
                return

    def again(self, sent: Sent) -> Conversation[bool]:
        """After a refused token: whether there is a new session now. A service token stays as it is."""
        if self.signer is None or self.ended or (self.session and not self.session.expires):
            return False
        yield from self._opened_again(sent)
        return True

    def log_in(self, signer: Signer, sent: Sent) -> Conversation[Session]:
        """Open a session by a signature.

        Raises RefusedError where the daemon refuses, or where what it wants signed is no login to this host.
        """
        from hotfixture.client.calls_of_identity import challenge, login
        from hotfixture.identity import challenges, signatures

        account = challenges.account_of(self.account)
        wanted = challenge(account, self.host)
        got = yield from sent(wanted, "")
        told = value(wanted, got.status, got.headers, got.body)
        challenges.read(told.text, host=self.host, account=account)
        namespace = challenges.namespace(self.host)
        signature = yield Work(lambda: signatures.sign(signer, told.text.encode(), namespace))
        return (yield from self._taken(login(told.challenge, signature), "", sent))

    def end(self, sent: Sent) -> Conversation[None]:
        """End the session at the daemon, where it answers, and forget it."""
        from hotfixture.client.calls_of_identity import logout

        session, self.session, self.ended = self.session, None, True
        self.changed(None)
        if session and session.expires:
            yield from sent(logout(), session.token)

    def _opened_again(self, sent: Sent) -> Conversation[None]:
        ended = "the session has ended" if self.session else "not logged in"
        if self.signer is None or self.ended:
            raise RefusedError(ended, hint=LOG_IN)
        try:
            signer = yield Work(self.signer)
        except HotFixtureError as error:
            raise RefusedError(f"{ended}, and no key answers: {error.problems[0].message}", hint=LOG_IN) from None
        yield from self.log_in(signer, sent)

    def _renewed(self, session: Session, sent: Sent) -> Conversation[bool]:
        """Whether it holds longer now."""
        from hotfixture.client.calls_of_identity import renew

        if session.renewable_until - session.expires < 1.0:
            return False
        try:
            yield from self._taken(renew(), session.token, sent)
        except HotFixtureError:
            return False
        return True

    def _taken(self, call: Call[Any], token: str, sent: Sent) -> Conversation[Session]:
        got = yield from sent(call, token)
        told = value(call, got.status, got.headers, got.body)
        now, ahead = time(), _ahead(got.headers.get("date", ""))
        until = _seconds(told.expires) + ahead
        renew_at = now + 0.75 * (until - now)
        self.session = Session(told.token, told.account, until, renew_at, _seconds(told.renewable_until) + ahead)
        self.ended = False
        self.changed(self.session)
        return self.session


def _ahead(date: str) -> float:
    """Seconds that this machine's clock is ahead of the daemon's, as its `Date` tells; 0 where they hardly differ."""
    try:
        told = datetime.strptime(date, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
    found = time() - told
    return found if abs(found) > 5 else 0.0


def _seconds(text: str) -> float:
    """Seconds since 1970 of an ISO 8601 time."""
    return datetime.fromisoformat(text).timestamp()
