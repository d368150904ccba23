"""Audits what somebody was refused for want of a right: once a minute for each of them, method and path."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock

from hotfixture.server.gateway import audit
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.gateway import Gateway

_AGAIN = 60.0
_MOST = 10_000


@dataclass(slots=True)
class _Seen:
    """When each was audited last; bounded, so that nobody fills the memory by trying."""

    times: dict[tuple[str, str, str], float] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def is_new(self, key: tuple[str, str, str]) -> bool:
        """Whether it was not seen within the minute; it is now."""
        now = time.monotonic()
        with self.lock:
            if self.times.get(key, float("-inf")) > now - _AGAIN:
                return False
            if len(self.times) >= _MOST:
                self.times.clear()
            self.times[key] = now
        return True


def note(gateway: Gateway, actor: Actor, method: str, path: str, reason: str) -> None:
    """Write `access.refused` into the audit; DatabaseError where it cannot be written."""
    seen: _Seen = gateway.parts.setdefault("refusals", _Seen())
    if seen.is_new((actor.name, method, path)):
        audit.note(gateway.state, actor, "access.refused", path, method=method, reason=reason[:300])
