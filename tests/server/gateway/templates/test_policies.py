"""The policy as the daemon notices it."""

from __future__ import annotations

import pytest
from tests.server.gateway.templates.acting import POLICY, Acting

from hotfixture.errors import HotFixtureError
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


async def _started(acting: Acting, gateway: Gateway) -> None:
    async with lifespan(gateway):
        pass


def test_a_daemon_that_starts_notices_what_changed_while_none_ran(acting: Acting) -> None:
    import asyncio

    acting.policy.write_text(POLICY + "#\n", encoding="utf-8")
    before = len(changes(acting))
    asyncio.run(_started(acting, Gateway(acting.gateway.settings, acting.state, Metrics())))
    assert len(changes(acting)) == before + 1
