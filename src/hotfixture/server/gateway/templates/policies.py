"""The masking policy as the daemon reads it now, and since when it says what it says.

A policy that changes puts every approval back, so the change is noticed wherever the policy is needed, and audited.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from hotfixture.documents import parse
from hotfixture.errors import HotFixtureError, InputError
from hotfixture.server.gateway import audit
from hotfixture.server.gateway.actors import system
from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.state import fact, set_fact
from hotfixture.server.logs import log
from hotfixture.transforms.policy import Policy

NOBODY_DECIDED = Policy(default="deny")
"""Without a policy file a column leaves only where its template masks it."""
_FACT = "policy"
_PART = "policy"


@dataclass(frozen=True, slots=True)
class Current:
    """The policy of this moment."""

    policy: Policy
    digest: str
    """SHA-256 of its text; empty where the settings name no file."""
    since: float
    """When a daemon first saw it."""


def current(gateway: Gateway) -> Current:
    """The policy; HotFixtureError where its file cannot be used.

    May write to the store: call it outside of transactions.
    """
    path = gateway.settings.policy
    text = _text(path)
    digest = sha256(text.encode()).hexdigest() if text is not None else ""
    known: Current | None = gateway.parts.get(_PART)
    if known is not None and known.digest == digest:
        return known
    with misconfigured("the masking policy"):
        policy = NOBODY_DECIDED if text is None else Policy.read(parse(text, path.name if path else ""))
    gateway.parts[_PART] = found = Current(policy, digest, _noticed(gateway, digest))
    return found


def _noticed(gateway: Gateway, digest: str) -> float:
    """Since when the policy has this digest; the change is audited by the daemon that sees it first."""
    state = gateway.state
    with state.change() as connection:
        said = fact(connection, _FACT)
        before: dict[str, Any] = json.loads(said) if said else {"digest": None, "since": 0.0}
        if before["digest"] == digest:
            return float(before["since"])
        now = state.now()
        set_fact(connection, _FACT, json.dumps({"digest": digest, "since": now}))
        audit.record(
            state, connection, system(), "policy.changed", "policy", before=before["digest"], after=digest or None
        )
        return now


def _text(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        log().error("the masking policy cannot be read", problem=type(error).__name__)
        raise HotFixtureError("the daemon's masking policy cannot be read; its log says why") from None


@contextmanager
def misconfigured(what: str) -> Iterator[None]:
    """A fault of the daemon's own files: told to its log in full, to who asks only that there is one."""
    try:
        yield
    except InputError as error:
        log().error(f"{what} cannot be used", problems=[str(problem) for problem in error.problems])
        raise HotFixtureError(f"{what} of this daemon cannot be used; its log says why") from None
