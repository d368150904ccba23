"""Where a daemon answers: its URL, taken apart and found safe to send a token to."""

from __future__ import annotations

from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from hotfixture.errors import InputError, RefusedError

_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Scheme, host and port of a daemon, and the path it stands under."""

    scheme: str
    host: str
    """A name or address, IPv6 without brackets."""
    port: int
    base: str = ""
    """The path before `/api`, without a slash at its end."""

    @property
    def url(self) -> str:
        """As it is written."""
        return f"{self.scheme}://{self.authority}{self.base}"

    @property
    def authority(self) -> str:
        """Host and port, without the standard port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine itself."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def read(url: str, *, insecure_http: bool = False) -> Origin:
    """The origin of a URL. InputError where it is none, RefusedError where a token would travel in the clear."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise _wrong(url) from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.query or parts.fragment:
        raise _wrong(url)
    if parts.username is not None:
        raise InputError("the daemon's URL: expected no user in it", hint="hfit config URL ACCOUNT KEYFILE")
    found = Origin(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], parts.path.rstrip("/"))
    if not found.is_loopback and found.scheme == "http" and not insecure_http:
        hint = "Use https, or say --insecure-http where the network itself is safe."
        raise RefusedError(f"{found.url}: a token is not sent over plain http", hint=hint)
    return found


def _wrong(url: str) -> InputError:
    shown = url if "@" not in url else "…"  # what stands before an @ is a password
    return InputError(f"the daemon's URL {shown[:200]!r}: expected one such as https://fixtures.example.com")
