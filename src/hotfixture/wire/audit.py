"""Audit events, heads and verdicts as the API says them."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from hotfixture.wire import Asked, Told

MOST = 2**63 - 1


class AuditEvent(Told, frozen=True, kw_only=True):
    """One event of the chain."""

    seq: int
    at: str
    """ISO 8601, UTC."""
    kind: str
    actor: str
    actor_kind: str
    address: str
    request: str
    subject: str
    facts: dict[str, Any]
    previous: str
    hash: str


class AuditQuery(Asked, frozen=True, kw_only=True):
    """Which events; `after` is the `seq` of the last one that is known."""

    after: Annotated[int, Meta(ge=0, le=MOST)] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    kind: str = ""
    """The whole kind, or its beginning with a dot at the end: `package.`"""
    actor: str = ""
    subject: str = ""


class AuditHead(Told, frozen=True, kw_only=True):
    """A signed head: that the chain had this hash at this place at this time."""

    seq: int
    hash: str
    at: str
    key: str
    """The id of the public key."""
    public_key: str
    """Ed25519, base64."""
    signature: str
    """Of `hotfixture audit head 1\\n<seq>\\n<hash>\\n<at>\\n`, base64."""


class AuditVerdict(Told, frozen=True, kw_only=True):
    """What a verification found."""

    whole: bool
    events: int
    heads: int
    last: int
    problems: list[str]
    """Each names the event where the chain does not hold; at most 100."""
