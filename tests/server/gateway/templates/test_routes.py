"""The routes of templates: what each does, and to whose templates."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from tests.server.gateway.templates.acting import (
    ADMIN,
    APPROVER,
    AUTHOR,
    CI,
    COLLEAGUE,
    DEV,
    EVERYBODY,
    QUERY,
    SECOND,
    STRANGER,
    SUBSET,
    Acting,
    problems,
    who,
)

from hotfixture.server.gateway import templates
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.audits import chain
from hotfixture.server.gateway.templates import revisions


def text(name: str = "a", description: str = "") -> str:
    """A template's text."""
    return QUERY.format(name=name) + (f"description: {description}\n" if description else "")


def test_a_template_is_created_and_shown_with_its_parameters(acting: Acting) -> None:
    answer = acting.send(DEV, "POST", "templates?message=first", SUBSET.format(name="a"))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["done"], made["revision"], made["team"]) == ("created", 1, "payments")
    assert answer.headers["etag"] == f'"{made["digest"]}"'
    shown = acting.show("a", DEV)
    assert (shown["owner"], shown["author"], shown["message"]) == (DEV.name, DEV.name, "first")
    assert shown["description"] == "Customers with orders"
    assert shown["text"] == SUBSET.format(name="a")
    assert shown["digest"] == made["digest"] == revisions.digest_of(shown["text"])
    assert [(one["name"], one["type"], one["default"]) for one in shown["parameters"]] == [("least", "integer", "0")]
    assert shown["providers"] == ["SHOP"]
    assert acting.audited("template.") == [("template.created", DEV.name, "a")]


def test_every_problem_of_a_text_is_said_at_its_place(acting: Acting) -> None:
    answer = acting.send(DEV, "POST", "templates", "templateName: a b\nexports:\n  x: {type: nothing}\nfoo: 1\n")
    assert answer.status_code == 422
    places = {(problem.get("line"), problem.get("column")) for problem in answer.json()["problems"]}
    assert {(1, 15), (3, 13), (4, 1)} <= places
    assert acting.audited("template.") == []


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (b"\xff", "application/yaml", 422),
        (b"a: [", "application/yaml", 422),
        (b"# " + b"x" * (257 << 10), "application/yaml", 413),
        (b"{}", "application/json", 415),
        (text("x" * 201).encode(), "text/plain", 422),
        (text("CON").encode(), "text/yaml", 422),
    ],
)
def test_what_is_no_template_is_refused(acting: Acting, body: bytes, media: str, status: int) -> None:
    answer = acting.ask(DEV, "POST", "templates", content=body, headers={"content-type": media})
    assert answer.status_code == status, answer.text
    assert problems(answer)


def test_a_name_is_taken_for_everybody_and_stays_so(acting: Acting) -> None:
    acting.create("a")
    for actor in (STRANGER, COLLEAGUE):
        answer = acting.send(actor, "POST", "templates", text("a", "mine"))
        assert (answer.status_code, problems(answer)) == (409, ["the name 'a' is taken"])
    assert acting.ask(DEV, "DELETE", "templates/a").status_code == 204
    assert acting.ask(DEV, "GET", "templates/a").status_code == 404
    assert acting.send(DEV, "POST", "templates", text("a")).status_code == 409


def test_the_same_text_again_changes_nothing(acting: Acting) -> None:
    acting.create("a")
    before = acting.audited()
    for method, path in (("POST", "templates"), ("PUT", "templates/a")):
        answer = acting.send(DEV, method, path, text("a"))
        assert (answer.status_code, answer.json()["done"], answer.json()["revision"]) == (200, "unchanged", 1)
        assert answer.json()["diff"] == ""
    assert acting.audited() == before


def test_revisions_are_numbered_and_never_change(acting: Acting) -> None:
    """Whatever is done to a template, what a revision said it says for ever, under its digest."""
    acting.create("a")
    seen: dict[int, tuple[str, str]] = {}

    def look() -> None:
        for one in acting.ask(ADMIN, "GET", "templates/a/revisions").json():
            found = acting.ask(ADMIN, "GET", f"templates/a/revisions/{one['number']}").json()
            assert revisions.digest_of(found["text"]) == found["digest"] == one["digest"]
            assert seen.setdefault(one["number"], (found["text"], found["created"])) == (
                found["text"],
                found["created"],
            )

    look()
    for number, word in enumerate(("x", "y", "x", "z"), 2):
        answer = acting.send(DEV, "PUT", "templates/a?message=m", text("a", word))
        assert (answer.json()["revision"], answer.json()["done"]) == (number, "revised")
        look()
    acting.ask(ADMIN, "PATCH", "templates/a", json={"shared": ["*"], "team": "logistics"})
    look()
    assert acting.ask(ADMIN, "DELETE", "templates/a").status_code == 204
    look()
    assert sorted(seen) == [1, 2, 3, 4, 5]
    assert acting.ask(DEV, "GET", "templates/a/revisions").status_code == 404


def test_a_revision_keeps_the_name(acting: Acting) -> None:
    acting.create("a")
    answer = acting.send(DEV, "PUT", "templates/a", f"# hello\n{text('b')}")
    assert (answer.status_code, problems(answer)) == (422, ["templateName: expected 'a', found 'b'"])
    assert answer.json()["problems"][0]["line"] == 2


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_who_saw_an_older_text_is_stopped(acting: Acting, method: str) -> None:
    tag = acting.create("a")["digest"]
    options: dict[str, Any] = {"json": {"description": "mine"}} if method == "PATCH" else {}
    if method == "PUT":
        options = {"content": text("a", "mine"), "headers": {"content-type": "application/yaml"}}

    def asked(match: str) -> int:
        headers = {**options.get("headers", {}), "if-match": match}
        return acting.ask(
            COLLEAGUE if match == "x" else DEV, method, "templates/a", **options | {"headers": headers}
        ).status_code

    acting.send(DEV, "PUT", "templates/a", text("a", "first"))
    assert asked(f'"{tag}"') == 412
    assert asked(f'W/"{tag}"') == 412
    now = acting.show("a")["digest"]
    assert asked(f'"{tag}", "{now}"') in (200, 204)


def test_a_patch_changes_single_things_and_shows_how(acting: Acting) -> None:
    acting.create("a", AUTHOR, SUBSET)
    patch = {"description": None, "defaults": {"least": 5}, "shared": ["logistics"], "message": "five"}
    answer = acting.ask(AUTHOR, "PATCH", "templates/a?dry_run=true", json=patch)
    assert (answer.status_code, answer.json()["revision"]) == (200, 2)
    assert acting.show("a")["revision"] == 1
    assert [kind for kind, _, _ in acting.audited()] == ["policy.changed", "template.created"]
    answer = acting.ask(
        AUTHOR, "PATCH", "templates/a", json=patch, headers={"content-type": "application/merge-patch+json"}
    )
    made = answer.json()
    assert (made["done"], made["revision"], made["shared"]) == ("revised", 2, ["logistics"])
    assert "+description: null" in made["diff"].splitlines()
    assert "-  least: {type: integer, description: the least total, default: 0}" in made["diff"].splitlines()
    shown = acting.show("a", STRANGER)
    assert (shown["description"], shown["parameters"][0]["default"], shown["message"]) == ("", "5", "five")
    assert [kind for kind, _, _ in acting.audited("template.")] == [
        "template.created", "template.shared", "template.revised",
    ]  # fmt: skip


def test_a_patch_of_the_sharing_alone_makes_no_revision(acting: Acting) -> None:
    acting.create("a", AUTHOR)
    answer = acting.ask(AUTHOR, "PATCH", "templates/a", json={"shared": ["*"]})
    assert (answer.json()["done"], answer.json()["revision"], answer.json()["diff"]) == ("changed", 1, "")
    assert acting.show("a", who("x@x", teams=()))["shared"] == ["*"]
    answer = acting.ask(AUTHOR, "PATCH", "templates/a", json={"shared": None})
    assert answer.json()["shared"] == []
    assert acting.ask(STRANGER, "GET", "templates/a").status_code == 404


@pytest.mark.parametrize(
    ("patch", "status"),
    [
        ({"shared": ["nowhere"]}, 404),
        ({"team": "logistics"}, 403),
        ({"team": "Not A Team"}, 400),
        ({"defaults": {"what": 1}}, 422),
        ({"defaults": {"least": "many"}}, 422),
        ({"text": "templateName: b\nexports: {}\n"}, 422),
        ({"text": QUERY.format(name="b")}, 422),
        ({"nothing": 1}, 400),
        ({"message": "x" * 501}, 400),
        ({"text": "x" * (300 << 10)}, 413),
    ],
)
def test_a_patch_that_cannot_be_made_changes_nothing(acting: Acting, patch: dict[str, object], status: int) -> None:
    acting.create("a", AUTHOR, SUBSET)
    before = acting.show("a")
    answer = acting.ask(AUTHOR, "PATCH", "templates/a", json={"description": "x", **patch})
    assert answer.status_code == status, answer.text
    assert acting.show("a") == before


def test_the_diff_of_two_revisions(acting: Acting) -> None:
    acting.create("a")
    for word in ("x", "y"):
        acting.send(DEV, "PUT", "templates/a", text("a", word))
    found = acting.ask(DEV, "GET", "templates/a/diff").json()
    assert (found["from"], found["to"]) == (2, 3)
    assert found["diff"].splitlines()[:2] == ["--- revision 2", "+++ revision 3"]
    whole = acting.ask(DEV, "GET", "templates/a/diff?from=1&to=3").json()["diff"].splitlines()
    assert [line for line in whole if line.startswith(("+d", "-d"))] == ["+description: y"]
    assert acting.ask(DEV, "GET", "templates/a/diff?from=1&to=1").json()["diff"] == ""
    assert acting.ask(DEV, "GET", "templates/a/diff?from=9").status_code == 404


@pytest.mark.parametrize("path", ["templates/a", "templates/%00", "templates/..", "templates/x%2fy", "templates/é"])
def test_what_is_not_there_is_404(acting: Acting, path: str) -> None:
    for method in ("GET", "DELETE"):
        assert acting.ask(DEV, method, path).status_code == 404
    assert acting.ask(DEV, "GET", f"{path}/revisions/1").status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", "2", "x", "9999999999", "٣"])
def test_revisions_that_are_not_there_are_404(acting: Acting, number: str) -> None:
    acting.create("a")
    assert acting.ask(DEV, "GET", f"templates/a/revisions/{number}").status_code == 404


# ---- who may do what to whose templates

_OWN, _SEES, _NOTHING = "own", "sees", "nothing"
RELATION: dict[str, str] = {
    DEV.name: _OWN, COLLEAGUE.name: _SEES, AUTHOR.name: _OWN, APPROVER.name: _SEES, SECOND.name: _OWN,
    ADMIN.name: _OWN, STRANGER.name: _NOTHING, CI.name: _NOTHING,
}  # fmt: skip
"""To a template that DEV wrote in the team `payments`."""
CHANGES = {"PUT": ("", 200), "PATCH": ("", 200), "DELETE": ("", 204)}
READS = ("", "/revisions", "/revisions/1", "/diff")


@pytest.mark.parametrize("actor", EVERYBODY, ids=lambda actor: actor.name)
def test_who_may_read_a_template(acting: Acting, actor: Actor) -> None:
    """What may not be seen answers exactly as what is not there."""
    acting.create("a")
    for part in READS:
        found, missing = (acting.ask(actor, "GET", f"templates/{name}{part}") for name in ("a", "b"))
        assert found.status_code == (404 if RELATION[actor.name] == _NOTHING else 200)
        if found.status_code == 404:
            assert problems(found) == problems(missing)


def _named(one: Any) -> str:
    return str(getattr(one, "name", one))


@pytest.mark.parametrize(("actor", "method"), list(itertools.product(EVERYBODY, CHANGES)), ids=_named)
def test_who_may_change_a_template(acting: Acting, actor: Actor, method: str) -> None:
    acting.create("a")
    if method == "PUT":
        answer = acting.send(actor, method, "templates/a", text("a", "new"))
    else:
        answer = acting.ask(
            actor, method, "templates/a", **({"json": {"description": "x"}} if method == "PATCH" else {})
        )
    expected = {_OWN: CHANGES[method][1], _SEES: 403, _NOTHING: 404}[RELATION[actor.name]]
    if actor is APPROVER:
        expected = 403
    assert answer.status_code == expected, answer.text


@pytest.mark.parametrize("actor", EVERYBODY, ids=lambda actor: actor.name)
def test_who_may_share_a_template(acting: Acting, actor: Actor) -> None:
    acting.create("a")
    answer = acting.ask(actor, "PATCH", "templates/a", json={"shared": ["*"]})
    allowed = actor in (AUTHOR, SECOND, ADMIN)
    assert (answer.status_code == 200) is allowed, answer.text
    assert (acting.show("a")["shared"] == ["*"]) is allowed


def test_a_service_token_reaches_only_its_globs(acting: Acting) -> None:
    acting.create("ci-a")
    acting.create("b")
    assert acting.ask(CI, "GET", "templates/ci-a").status_code == 200
    assert acting.ask(CI, "GET", "templates/b").status_code == 404
    assert [one["name"] for one in acting.ask(CI, "GET", "templates").json()["items"]] == ["ci-a"]
    assert acting.send(CI, "POST", "templates", text("ci-b")).status_code == 201
    assert acting.send(CI, "POST", "templates", text("c")).status_code == 403


def test_a_template_belongs_to_a_team_of_its_writer(acting: Acting) -> None:
    cases = ((who("n@x", teams=()), "", 403), (DEV, "?team=logistics", 403), (ADMIN, "?team=logistics", 201),
             (ADMIN, "?team=nowhere", 404), (who("t@x", teams=("payments", "logistics")), "", 400))  # fmt: skip
    for number, (actor, query, status) in enumerate(cases):
        answer = acting.send(actor, "POST", f"templates{query}", text(f"t{number}"))
        assert answer.status_code == status, answer.text


def test_the_audit_of_all_of_this_is_whole(acting: Acting) -> None:
    acting.create("a", AUTHOR)
    acting.ask(AUTHOR, "PATCH", "templates/a", json={"shared": ["*"], "description": "x"})
    acting.ask(AUTHOR, "DELETE", "templates/a")
    kinds = [event.kind for event in chain.events(acting.state)]
    assert kinds == ["policy.changed", "template.created", "template.shared", "template.revised", "template.deleted"]


def test_every_operation_says_what_it_is() -> None:
    """No two answer one method of one path, and each names a role's action."""
    offered = [(operation.method, operation.path) for operation in templates.OPERATIONS]
    assert len(set(offered)) == len(offered)
    assert all(operation.action and operation.summary.endswith(".") for operation in templates.OPERATIONS)
