"""One call of the daemon's API as data: nothing here sends it, so that both drivers send the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from hotfixture.errors import InputError

T = TypeVar("T")
JSON = "application/json"
_SAFE_METHODS = ("GET", "HEAD", "PUT", "DELETE")
"""What may be sent again when nobody knows whether it arrived (RFC 9110, section 9.2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[T]):
    """A request, and what its answer is."""

    method: str
    path: str
    """Below the daemon's URL, percent-encoded."""
    returns: Any = None
    """The type of the JSON answer, `T`; None where there is no JSON to read."""
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    media: str = JSON
    """Of the body."""
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = False
    """Whether it may be sent twice though it changes something: it carries an idempotency key."""
    about: str = ""
    """What it is about, for people: `template daily`."""
    open: bool = False
    """Whether it needs nobody's name; no token is sent then."""
    wait: float = 0.0
    """Seconds that the daemon may take on purpose before it answers."""

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    @property
    def may_repeat(self) -> bool:
        """Whether sending it twice does what sending it once does."""
        return self.repeatable or self.method in _SAFE_METHODS


def path(*segments: str) -> str:
    """A path of whole names; each is percent-encoded. InputError for a name that a path cannot hold."""
    for segment in segments:
        if segment in ("", ".", "..") or not segment.isprintable():
            raise InputError(
                f"name {segment!r}: expected one that is not empty, `.` or `..`, without control characters"
            )
    return "/" + "/".join(quote(segment, safe="@:+,=") for segment in segments)


def query(**given: object) -> tuple[tuple[str, str], ...]:
    """Parameters of a query: those that are not None or empty; a list stands as often as it is long."""
    return tuple((name, one) for name, value in given.items() for one in _words(value))


def asked(struct: object) -> tuple[tuple[str, str], ...]:
    """The parameters of a query that a Struct names, as the wire spells them."""
    import msgspec

    return query(**msgspec.to_builtins(struct))


def _words(value: object) -> list[str]:
    if value is None or value in ("", False):
        return []
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return ["true" if value is True else str(value)]


def body(value: object) -> bytes:
    """A Struct, mapping or list as JSON."""
    import msgspec

    return msgspec.json.encode(value)
