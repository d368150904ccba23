"""The policy as the daemon notices it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Timer

import pytest
from tests.server.gateway.templates.acting import POLICY, Acting

from hotfixture.errors import HotFixtureError
from hotfixture.server.gateway import templates
from hotfixture.server.gateway.audits import chain
from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.templates import lifespan, policies
from hotfixture.server.metrics import Metrics


def changes(acting: Acting) -> list[tuple[object, object]]:
    """The digests before and after, of every change that was audited."""
    events = [event for event in chain.events(acting.state) if event.kind == "policy.changed"]
    return [(event.facts["before"], event.facts["after"]) for event in events]


def test_a_change_is_audited_once_with_both_digests(acting: Acting) -> None:
    """However many daemons see it, and however often."""
    other = Gateway(acting.gateway.settings, acting.state, Metrics())
    first = policies.current(acting.gateway)
    assert policies.current(other) == first
    acting.policy.write_text(POLICY + "#\n", encoding="utf-8")
    second = policies.current(other)
    assert policies.current(acting.gateway) == second
    assert first.digest != second.digest
    assert first.since <= second.since
    assert changes(acting) == [(None, first.digest), (first.digest, second.digest)]


def test_a_policy_that_cannot_be_used_is_not_taken_for_none(acting: Acting) -> None:
    acting.policy.write_text("default: whatever\n", encoding="utf-8")
    with pytest.raises(HotFixtureError, match="its log says why"):
        policies.current(acting.gateway)
    acting.policy.unlink()
    with pytest.raises(HotFixtureError, match="cannot be read"):
        policies.current(acting.gateway)


def test_without_a_policy_nobody_has_decided_about_anything(acting: Acting) -> None:
    acting.settings(policy=None)
    found = policies.current(acting.gateway)
    assert (found.policy.default, found.digest) == ("deny", "")


async def _running(gateway: Gateway, seconds: float, write: Callable[[], object]) -> None:
    async with lifespan(gateway):
        write()
        await asyncio.sleep(seconds)


def test_a_daemon_that_starts_notices_what_changed_while_none_ran(acting: Acting) -> None:
    acting.policy.write_text(POLICY + "#\n", encoding="utf-8")
    before = len(changes(acting))
    asyncio.run(_running(Gateway(acting.gateway.settings, acting.state, Metrics()), 0, bool))
    assert len(changes(acting)) == before + 1


def test_a_daemon_notices_a_change_that_nobody_asks_about(acting: Acting, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy that cannot be used for a while does not end the watch."""
    monkeypatch.setattr(templates, "LOOKED", 0.02)
    before = len(changes(acting))
    texts = iter(("default: whatever\n", POLICY + "#\n"))

    def write() -> None:
        acting.policy.write_text(next(texts), encoding="utf-8")
        Timer(0.2, lambda: acting.policy.write_text(next(texts), encoding="utf-8")).start()

    asyncio.run(_running(acting.gateway, 1.0, write))
    assert len(changes(acting)) == before + 1
