"""Lists of templates: pages, filters, and nothing that may not be shown."""

from __future__ import annotations

from typing import Any

import pytest
from tests.server.gateway.templates.acting import (
    ADMIN,
    COLLEAGUE,
    DEV,
    EVERYBODY,
    QUERY,
    STRANGER,
    SUBSET,
    Acting,
    who,
)

from hotfixture.server.gateway.actors import Actor


def text(name: str = "a", description: str = "") -> str:
    """A template's text."""
    return QUERY.format(name=name) + (f"description: {description}\n" if description else "")


def names(answer: Any) -> list[str]:
    """The names in a list."""
    return [one["name"] for one in answer.json()["items"]]


def test_the_list_is_paged_and_filtered(shopping: Acting) -> None:
    for number in range(7):
        shopping.create(f"t{number}", DEV if number % 2 else COLLEAGUE, SUBSET if number > 4 else QUERY)
    shopping.send(STRANGER, "POST", "templates", text("z"))
    shopping.approve("t3")
    found: list[str] = []
    after = ""
    while True:
        page = shopping.ask(DEV, "GET", "templates", params={"limit": 3, "after": after})
        found += names(page)
        after = page.json()["next"]
        if after is None:
            break
    assert found == [f"t{number}" for number in range(7)]
    assert names(shopping.ask(DEV, "GET", f"templates?owner={DEV.name}")) == ["t1", "t3", "t5"]
    assert names(shopping.ask(DEV, "GET", "templates?q=CUSTOMERS with")) == ["t5", "t6"]
    assert names(shopping.ask(DEV, "GET", "templates?state=approved")) == ["t3"]
    assert names(shopping.ask(DEV, "GET", "templates?team=logistics")) == []
    assert names(shopping.ask(ADMIN, "GET", "templates?team=logistics")) == ["z"]
    page = shopping.ask(DEV, "GET", "templates?state=needs+approval&limit=4").json()
    assert ([one["name"] for one in page["items"]], page["next"]) == (["t0", "t1", "t2", "t4"], "t4")
    assert page["items"][0]["served"] is None
    for wrong in ("limit=0", "limit=1001", "state=x", "nothing=1", "after=%00"):
        assert shopping.ask(DEV, "GET", f"templates?{wrong}").status_code == 400, wrong


@pytest.mark.parametrize(
    "actor",
    [*EVERYBODY, who("token:bound", "developer", kind="token", teams=(), templates=("ci-*", "z")),
     who("token:bare", "developer", kind="token", teams=())],
    ids=lambda actor: actor.name,
)  # fmt: skip
def test_the_list_holds_what_may_be_shown(acting: Acting, actor: Actor) -> None:
    for name in ("ci-a", "b", "ci-c"):
        acting.create(name)
    acting.send(STRANGER, "POST", "templates", text("z"))
    acting.ask(ADMIN, "PATCH", "templates/ci-c", json={"shared": ["logistics"]})
    shown = [name for name in ("b", "ci-a", "ci-c", "z") if acting.ask(actor, "GET", f"templates/{name}").is_success]
    assert names(acting.ask(actor, "GET", "templates")) == shown
    assert shown or actor.name == "token:bare"
