"""Pushes of folders: all templates, or none."""

from __future__ import annotations

import pytest
from tests.server.gateway.templates.acting import (
    COLLEAGUE,
    DEV,
    QUERY,
    STRANGER,
    Acting,
    problems,
)


def text(name: str = "a", description: str = "") -> str:
    """A template's text."""
    return QUERY.format(name=name) + (f"description: {description}\n" if description else "")


def files(**texts: str) -> list[dict[str, str]]:
    """Files of a push."""
    return [{"path": f"{name}.yaml", "text": written} for name, written in texts.items()]


def test_a_folder_is_pushed_whole(acting: Acting) -> None:
    acting.create("a")
    acting.create("c")
    pushed = files(c=text("c"), b=text("b"), a=text("a", "new"))
    answer = acting.ask(DEV, "POST", "templates/push", json={"files": pushed, "dry_run": True})
    assert answer.status_code == 200, answer.text
    assert acting.ask(DEV, "GET", "templates/b").status_code == 404
    answer = acting.ask(DEV, "POST", "templates/push", json={"files": pushed, "message": "all"})
    made = [(one["name"], one["done"], one["revision"]) for one in answer.json()["changes"]]
    assert made == [("c", "unchanged", 1), ("b", "created", 1), ("a", "revised", 2)]
    assert "+description: new" in answer.json()["changes"][2]["diff"]
    assert acting.show("b")["message"] == "all"


def test_a_push_says_every_problem_of_every_file_and_does_nothing(acting: Acting) -> None:
    acting.send(STRANGER, "POST", "templates", text("taken"))
    before = acting.audited()
    broken = files(one="templateName: one\n", two="a: [", three=text("b"), four=text("b"))
    answer = acting.ask(DEV, "POST", "templates/push", json={"files": broken})
    assert answer.status_code == 422
    sources = [problem["source"] for problem in answer.json()["problems"]]
    assert sources == ["one.yaml", "two.yaml", "four.yaml"]
    answer = acting.ask(DEV, "POST", "templates/push", json={"files": files(x=text("x"), t=text("taken"))})
    assert (answer.status_code, problems(answer)) == (409, ["the name 'taken' is taken"])
    assert acting.ask(DEV, "GET", "templates/x").status_code == 404
    assert acting.audited() == before


def test_a_push_changes_only_what_its_sender_may_change(acting: Acting) -> None:
    acting.create("a", COLLEAGUE)
    answer = acting.ask(DEV, "POST", "templates/push", json={"files": files(b=text("b"), a=text("a", "new"))})
    assert answer.status_code == 403
    assert answer.json()["problems"][0]["source"] == "a.yaml"
    assert acting.ask(DEV, "GET", "templates/b").status_code == 404


@pytest.mark.parametrize("pushed", [[], [{"path": "a", "text": "x"}] * 501])
def test_a_push_has_a_bounded_number_of_files(acting: Acting, pushed: list[dict[str, str]]) -> None:
    assert acting.ask(DEV, "POST", "templates/push", json={"files": pushed}).status_code == 400
