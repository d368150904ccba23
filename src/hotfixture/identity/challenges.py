"""What is signed to log in: a text for people that names host, account and purpose, and the namespace that binds it.

The daemon writes the text, the client reads it before it signs: a daemon that passes on another daemon's challenge is
found out, because the client takes host and account from its own configuration, not from the text.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import NamedTuple
from urllib.parse import urlsplit

from hotfixture.errors import InputError, RefusedError

LIFETIME = 300.0
"""Seconds a challenge may be answered."""
NONCE = re.compile(r"[A-Za-z0-9_-]{43}")
ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._+-]{0,63}(@[a-z0-9][a-z0-9.-]{0,126})?")
"""Names of accounts: lower case, so that no two differ by case alone, and ASCII, so that no two look alike."""
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?)(:[0-9]{1,5})?")
_TITLE = "Hot Fixture Tool: log in"
_WARNING = "Sign this only if you have just asked to log in to this host."
_STANDARD = {"http": ":80", "https": ":443"}


class Challenge(NamedTuple):
    """One attempt to log in: 256 random bits, for one account at one host, until a time (seconds since 1970)."""

    host: str
    account: str
    nonce: str
    expires: float

    @property
    def text(self) -> str:
        """The text to sign."""
        until = datetime.fromtimestamp(int(self.expires), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        facts = {"Host": self.host, "Account": self.account, "Challenge": self.nonce, "Expires": until}
        return "\n".join([_TITLE, *(f"{name}: {value}" for name, value in facts.items()), _WARNING, ""])


def make(host: str, account: str, now: float) -> Challenge:
    """A fresh challenge; host and account as `host_of` and `account_of` give them."""
    return Challenge(host, account, token_urlsafe(32), float(int(now + LIFETIME)))


def namespace(host: str) -> str:
    """The SSHSIG namespace of a login."""
    return f"hotfixture-login@{host}"


def read(text: str, *, host: str, account: str) -> Challenge:
    """The challenge that a text states, if it is one for this host and account, to the last character.

    Raises RefusedError otherwise: it is not to be signed. Whether it has expired is the daemon's clock to say.
    """
    values = [line.partition(": ")[2] for line in text.split("\n")[1:5]]
    if len(values) == 4 and NONCE.fullmatch(values[2]):
        try:
            until = datetime.strptime(values[3], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            until = datetime.fromtimestamp(0, UTC)
        found = Challenge(host, account, values[2], until.timestamp())
        if found.text == text:
            return found
    hint = "Somebody may stand between you and the daemon; tell its administrator."
    raise RefusedError(f"the text to sign is no login of {account} to {host}: not signed", hint=hint)


def host_of(text: str) -> str:
    """The host of a URL or `host:port` as it stands in challenges: lower case, without the standard port.

    Raises InputError where it is no host.
    """
    whole = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(whole)
        host = parts.netloc.rpartition("@")[2].lower().removesuffix(_STANDARD.get(parts.scheme, "-"))
    except ValueError:
        host = ""
    if not _HOST.fullmatch(host):
        raise InputError(f"host {text[:100]!r}: expected a name or address, with or without a port")
    return host


def account_of(text: str) -> str:
    """The name of an account, in lower case; InputError where it cannot be one."""
    name = text.strip().lower()
    if not ACCOUNT.fullmatch(name):
        raise InputError("account: expected a name such as dev@example.com, of letters, digits, `.`, `_`, `+` and `-`")
    return name
