"""Logins, sessions, users, their keys, and service tokens as the API says them. Times are ISO 8601, UTC."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from hotfixture.wire import Asked, Told


class ChallengeAsked(Asked, frozen=True, kw_only=True):
    """Who wants to log in, and the host that they believe to speak to: `fixtures.example.com`, `localhost:8090`."""

    account: str
    host: str


class ChallengeTold(Told, frozen=True, kw_only=True):
    """What is to be signed. A client compares the text with its own host and account before it signs."""

    challenge: str
    """The random part, which the answer repeats."""
    text: str
    """To be signed, as UTF-8."""
    namespace: str
    """The namespace of the SSH signature: `hotfixture-login@HOST`."""
    expires: str


class LoginAsked(Asked, frozen=True, kw_only=True):
    """The answer to a challenge."""

    challenge: str
    signature: str
    """SSHSIG in its armour, as `ssh-keygen -Y sign` writes it."""


class SessionTold(Told, frozen=True, kw_only=True):
    """A session's token, for `Authorization: Bearer`."""

    token: str
    account: str
    expires: str
    renewable_until: str
    """When even renewed tokens end, and a key must sign again."""


class Whoami(Told, frozen=True, kw_only=True):
    """Who asks, as the daemon knows them."""

    name: str
    """A user's name, or `token:NAME` of a service token."""
    kind: str
    """`user` or `token`."""
    roles: list[str]
    teams: list[str]
    templates: list[str]
    """Globs of the templates that may be asked for."""
    expires: str
    """When the session's token or the service token ends."""


class KeyTold(Told, frozen=True, kw_only=True):
    """A user's public key."""

    fingerprint: str
    """As `ssh-keygen -l` prints it."""
    kind: str
    """`Ed25519`, `ECDSA 256`, `RSA 4096` …"""
    public_key: str
    """The OpenSSH line."""
    comment: str
    added: str
    last_used: str | None


class KeyAsked(Asked, frozen=True, kw_only=True):
    """A public key for a user: an OpenSSH line or PEM."""

    public_key: str


class UserTold(Told, frozen=True, kw_only=True):
    """A user."""

    name: str
    roles: list[str]
    teams: list[str]
    disabled: bool
    created: str
    keys: list[KeyTold]


class UserAsked(Asked, frozen=True, kw_only=True):
    """A new user; teams that are not there yet are made."""

    name: str
    roles: tuple[str, ...] = ("developer",)
    teams: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    """Public keys: OpenSSH lines or PEM."""


class UserChanged(Asked, frozen=True, kw_only=True):
    """What becomes of a user; what is not said stays."""

    roles: tuple[str, ...] | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET
    """A disabled user keeps keys and teams, and cannot log in."""


class ServiceTokenAsked(Asked, frozen=True, kw_only=True):
    """A new service token."""

    name: str
    roles: tuple[str, ...] = ("developer",)
    """Of `developer` and `author`."""
    teams: tuple[str, ...] = ()
    templates: tuple[str, ...] = ("*",)
    """Globs of the template names it may ask for."""
    addresses: tuple[str, ...] = ()
    """Addresses or networks it may come from; any where empty."""
    ttl: str = "90d"
    """How long it holds."""


class ServiceTokenTold(Told, frozen=True, kw_only=True):
    """A service token, without the token itself."""

    id: str
    name: str
    roles: list[str]
    teams: list[str]
    templates: list[str]
    addresses: list[str]
    made_by: str
    created: str
    expires: str
    last_used: str | None
    """To the minute."""
    revoked: str | None


class ServiceTokenMade(ServiceTokenTold, frozen=True, kw_only=True):
    """A new service token; `token` is shown this once."""

    token: str


class SigningKeyTold(Told, frozen=True, kw_only=True):
    """A public key of the daemon's, as a JSON Web Key (RFC 8037)."""

    kty: str
    crv: str
    x: str
    kid: str
    alg: str
    use: str


class SigningKeysTold(Told, frozen=True, kw_only=True):
    """The keys with which sessions' tokens are verified: the one in use, the next, and those still needed."""

    keys: list[SigningKeyTold]
