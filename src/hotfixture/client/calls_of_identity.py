"""Calls about who asks: logins, sessions, users, service tokens."""

from __future__ import annotations

from hotfixture.client.calls import Call, body, path
from hotfixture.wire.identity import (
    ChallengeAsked,
    ChallengeTold,
    LoginAsked,
    ServiceTokenAsked,
    ServiceTokenMade,
    SessionTold,
    Whoami,
)


def challenge(account: str, host: str) -> Call[ChallengeTold]:
    """A challenge to sign."""
    asked = body(ChallengeAsked(account=account, host=host))
    return Call(method="POST", path="/auth/challenge", body=asked, returns=ChallengeTold, repeatable=True, open=True)


def login(challenge: str, signature: str) -> Call[SessionTold]:
    """A session for a signed challenge, which holds once."""
    asked = body(LoginAsked(challenge=challenge, signature=signature))
    return Call(method="POST", path="/auth/session", body=asked, returns=SessionTold, open=True)


def renew() -> Call[SessionTold]:
    """A new token for the session."""
    return Call(method="POST", path="/auth/renew", returns=SessionTold)


def logout() -> Call[None]:
    """End the session."""
    return Call(method="DELETE", path="/auth/session")


def whoami() -> Call[Whoami]:
    """Who the daemon takes the asker for."""
    return Call(method="GET", path="/api/whoami", returns=Whoami)


def token(asked: ServiceTokenAsked) -> Call[ServiceTokenMade]:
    """A new service token."""
    return Call(method="POST", path=path("api", "tokens"), body=body(asked), returns=ServiceTokenMade)
