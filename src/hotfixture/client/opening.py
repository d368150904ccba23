"""A client of a profile: its token of the environment, or the session that was kept, renewed while the key answers."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from hotfixture.client import origins, sessions
from hotfixture.client.client import Client
from hotfixture.client.credentials import Credentials, Session
from hotfixture.client.profiles import Profile
from hotfixture.client.signing import sign_by
from hotfixture.errors import HotFixtureError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotfixture.identity.signatures import Signer


def open_client(profile: Profile) -> Client:
    """A client that speaks as the profile says; nobody is asked for anything."""
    return Client(profile.url, credentials=credentials(profile), ca=profile.ca, insecure_http=profile.insecure_http)


def credentials(profile: Profile) -> Credentials:
    """The credentials of a profile; new sessions are kept where the old one was."""
    host = origins.read(profile.url, insecure_http=profile.insecure_http).authority
    if profile.token:
        return Credentials(host, Session(profile.token))
    session = sessions.load(profile)
    account = profile.account or (session.account if session else "")
    quiet = (lambda: signer(profile)) if profile.key and account else None
    ended = session is None and sessions.is_ended(profile)
    return Credentials(host, session, account, quiet, lambda new: _kept(profile, new), ended)


def _kept(profile: Profile, session: Session | None) -> None:
    # A disk that is full or read-only costs the next command a login, and this one nothing.
    with suppress(HotFixtureError):
        if session:
            sessions.save(profile, session)
        else:
            sessions.end(profile)


def signer(profile: Profile, ask: Callable[[str], str] | None = None) -> Signer:
    """What signs for a profile; `ask` is called for the passphrase of a key file."""
    return sign_by(profile.key, ask)
