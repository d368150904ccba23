"""Teams and who is in them."""

from __future__ import annotations

import pytest
from tests.server.gateway.templates.acting import ADMIN, DEV, EVERYBODY, STRANGER, Acting

from hotfixture.server.gateway.actors import Actor, system
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.templates import teams
from hotfixture.server.problems import HTTPError


def test_a_team_is_made_joined_left_and_removed(acting: Acting) -> None:
    made = acting.ask(ADMIN, "POST", "teams", json={"name": "web"})
    assert (made.status_code, made.json()["members"]) == (201, [])
    assert acting.ask(ADMIN, "POST", "teams", json={"name": "web"}).status_code == 409
    assert acting.ask(ADMIN, "PUT", f"teams/web/members/{DEV.name}").json()["members"] == [DEV.name]
    assert acting.ask(ADMIN, "PUT", f"teams/web/members/{DEV.name}").status_code == 200
    with acting.state.read() as connection:
        assert teams.of(connection, DEV.name) == {"payments", "web"}
    assert acting.ask(ADMIN, "DELETE", f"teams/web/members/{DEV.name}").status_code == 204
    assert acting.ask(ADMIN, "DELETE", f"teams/web/members/{DEV.name}").status_code == 404
    assert acting.ask(ADMIN, "DELETE", "teams/web").status_code == 204
    assert acting.ask(ADMIN, "GET", "teams/web").status_code == 404
    assert [kind for kind, _, subject in acting.audited("team.") if subject == "web"] == [
        "team.created", "team.joined", "team.left", "team.deleted",
    ]  # fmt: skip


@pytest.mark.parametrize("actor", EVERYBODY, ids=lambda actor: actor.name)
def test_administrators_alone_manage_teams(acting: Acting, actor: Actor) -> None:
    member = f"teams/payments/members/{DEV.name}"
    asked = [("GET", "teams"), ("POST", "teams"), ("GET", "teams/payments"), ("DELETE", "teams/payments")]
    for method, path in [*asked, ("PUT", member), ("DELETE", member)]:
        options = {"json": {"name": "new"}} if (method, path) == ("POST", "teams") else {}
        answer = acting.ask(actor, method, path, **options)
        assert (answer.status_code == 403) is (actor is not ADMIN), (method, path, answer.text)


@pytest.mark.parametrize("name", ["", "a b", "../x", "*", "é", "x" * 64, "\x00", "Upper"])
def test_a_teams_name_is_plain(acting: Acting, name: str) -> None:
    assert acting.ask(ADMIN, "POST", "teams", json={"name": name}).status_code == 400


@pytest.mark.parametrize("path", ["teams/web/members/dev@x", "teams/payments/members/nobody@x",
                                  "teams/payments/members/token:none", "teams/%00/members/dev@x"])  # fmt: skip
def test_teams_and_accounts_that_are_not_there_are_404(acting: Acting, path: str) -> None:
    for method in ("PUT", "DELETE"):
        assert acting.ask(ADMIN, method, path).status_code == 404


def test_a_team_that_owns_templates_stays(acting: Acting) -> None:
    acting.create("a")
    refused = acting.ask(ADMIN, "DELETE", "teams/payments")
    assert (refused.status_code, "owns 1 templates" in refused.text) == (409, True)
    assert acting.ask(ADMIN, "GET", "teams/payments").json()["templates"] == 1
    acting.ask(ADMIN, "DELETE", "templates/a")
    assert acting.ask(ADMIN, "DELETE", "teams/payments").status_code == 204


def test_a_new_team_of_an_old_name_sees_nothing_of_what_the_old_one_saw(acting: Acting) -> None:
    acting.create("a")
    acting.ask(ADMIN, "PATCH", "templates/a", json={"shared": ["logistics"]})
    assert acting.ask(STRANGER, "GET", "templates/a").status_code == 200
    assert acting.ask(ADMIN, "DELETE", "teams/logistics").status_code == 204
    assert acting.ask(ADMIN, "POST", "teams", json={"name": "logistics"}).status_code == 201
    assert acting.ask(STRANGER, "GET", "templates/a").status_code == 404


def test_the_teams_are_listed_by_name(acting: Acting) -> None:
    for name in ("web", "api"):
        acting.ask(ADMIN, "POST", "teams", json={"name": name})
    first = acting.ask(ADMIN, "GET", "teams?limit=3").json()
    assert ([one["name"] for one in first["items"]], first["next"]) == (["api", "logistics", "payments"], "payments")
    rest = acting.ask(ADMIN, "GET", "teams?limit=3&after=payments").json()
    assert ([one["name"] for one in rest["items"]], rest["next"]) == (["web"], None)
    assert acting.ask(ADMIN, "GET", "teams?limit=0").status_code == 400


def test_who_joins_a_team_that_is_not_there_makes_it(state: State) -> None:
    with state.change() as connection:
        assert teams.join(state, connection, system(), "web", "a@x")
        assert not teams.join(state, connection, system(), "web", "a@x")
        assert teams.of(connection, "a@x") == {"web"}
        assert teams.told(connection, "web").members == ["a@x"]
    with pytest.raises(HTTPError, match="there is a team"):
        teams.create(state, system(), "web")


def test_accounts_enter_and_quit_a_team_together_or_not_at_all(acting: Acting) -> None:
    both = [DEV.name, STRANGER.name]
    with pytest.raises(HTTPError, match="no account 'ghost'"):
        teams.enter(acting.state, ADMIN, "web", [*both, "ghost"])
    assert acting.ask(ADMIN, "GET", "teams/web").status_code == 404
    teams.enter(acting.state, ADMIN, "web", both)
    with pytest.raises(HTTPError, match="'ghost' is not in team"):
        teams.quit_by(acting.state, ADMIN, "web", [*both, "ghost"])
    assert acting.ask(ADMIN, "GET", "teams/web").json()["members"] == sorted(both)
    teams.quit_by(acting.state, ADMIN, "web", both)
    assert acting.ask(ADMIN, "GET", "teams/web").json()["members"] == []
    teams.enter(acting.state, ADMIN, "bare", [])
    assert acting.ask(ADMIN, "GET", "teams/bare").json()["members"] == []
