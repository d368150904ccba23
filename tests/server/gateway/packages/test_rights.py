"""An owner has the rights of this moment: those of an account that ended are none."""

from __future__ import annotations

import pytest
from tests.server.gateway.packages.production import TEMPLATE, settle

from hotfixture.errors import InputError, RefusedError
from hotfixture.server.gateway.actors import Actor, system
from hotfixture.server.gateway.identity import service_tokens
from hotfixture.server.gateway.packages import rights
from hotfixture.server.gateway.packages.package import Package
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import REVISIONS, TEMPLATES, USERS
from hotfixture.server.gateway.templates.revisions import digest_of
from hotfixture.server.problems import HTTPError
from hotfixture.wire.identity import ServiceTokenAsked

WANTED = {"parameters": {}, "form": "auto", "inserts": False, "today": "2026-11-21", "digest": "d", "address": "x"}


def package(owner: str) -> Package:
    return Package("0" * 32, owner, "daily", 1, digest_of(TEMPLATE), "asked", "reuse", WANTED, ["PROD"])


def test_a_user_acts_with_the_roles_and_teams_of_now(state: State) -> None:
    settle(state)
    found = rights.owner_now(state, package("dev"))
    assert (found.name, found.kind, found.roles, found.teams) == ("dev", "user", {"developer"}, {"payments"})
    assert rights.revision_of(state, found, package("dev"))[1].text == TEMPLATE


def test_a_disabled_user_and_a_stranger_have_none(state: State) -> None:
    settle(state)
    with state.change() as connection:
        connection.execute(USERS.update().where(USERS.c.name == "dev").values(disabled=True))
    for name in ("dev", "nobody", "token:none"):
        with pytest.raises(RefusedError, match="may no longer ask"):
            rights.owner_now(state, package(name))


def test_a_service_token_acts_until_it_is_revoked(state: State) -> None:
    settle(state)
    service_tokens.make(state, system(), ServiceTokenAsked(name="ci", templates=["daily"], ttl="1d"))
    found = rights.owner_now(state, package("token:ci"))
    assert (found.name, found.kind, found.templates) == ("token:ci", "token", ("daily",))
    assert rights.revision_of(state, found, package("token:ci"))[0].name == "daily"
    service_tokens.revoke(state, system(), "ci")
    with pytest.raises(RefusedError):
        rights.owner_now(state, package("token:ci"))


def test_a_template_that_the_owner_may_not_see_any_more_makes_nothing(state: State) -> None:
    settle(state)
    owner = rights.owner_now(state, package("dev"))
    with state.change() as connection:
        connection.execute(TEMPLATES.update().values(team="marketing"))
    with pytest.raises(RefusedError, match="daily"):
        rights.revision_of(state, owner, package("dev"))


def test_a_revision_with_another_text_is_not_what_was_asked_for(state: State) -> None:
    settle(state)
    with state.change() as connection:
        connection.execute(REVISIONS.update().values(digest="0" * 64))
    with pytest.raises(InputError, match="not what was asked for"):
        rights.revision_of(state, rights.owner_now(state, package("dev")), package("dev"))


def test_a_package_is_its_owners_and_an_administrators_but_no_tokens_of_theirs() -> None:
    own = package("dev")
    admin = Actor("boss", "user", frozenset(["admin"]))
    assert rights.check_own(Actor("dev", "user", frozenset(["developer"])), own) is own
    assert rights.check_own(admin, own) is own
    approver = Actor("x", "user", frozenset(["approver"]), frozenset(["payments"]))
    for other in (approver, Actor("token:x", "token", frozenset(["admin"]))):
        with pytest.raises(HTTPError) as caught:
            rights.check_own(other, own)
        assert caught.value.status == 404
