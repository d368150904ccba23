"""An operation says all of itself: what it takes is checked, what it gives is JSON, and it is described as it is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate
from starlette.applications import Starlette

from hotfixture.server import app as mockcraft
from hotfixture.server.front import Front
from hotfixture.server.gateway import openapi
from hotfixture.server.gateway.actors import Actor, Role
from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.operations import Ask, Operation
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.gateway.state import State
from hotfixture.server.metrics import Metrics
from hotfixture.server.visit import visit_of
from hotfixture.wire import Asked, Page, Told


class Thing(Told, frozen=True, kw_only=True):
    """Something."""

    name: str
    size: int = 0


class ThingAsked(Asked, frozen=True, kw_only=True):
    """A new thing."""

    name: str


class Choice(Asked, frozen=True, kw_only=True):
    """Which things."""

    limit: int = 3
    tag: tuple[str, ...] = ()


async def _later(ask: Ask) -> Thing:
    return Thing(name=ask.actor.name, size=ask.query.limit)


OPERATIONS = (
    Operation(method="GET", path="/api/things", summary="Things", action="template.read", query=Choice,
              answer=lambda ask: Page(items=[Thing(name=tag) for tag in ask.query.tag], next=None),
              returns=Page[Thing]),
    Operation(method="POST", path="/api/things", summary="A thing", action="template.create", body=ThingAsked,
              answer=lambda ask: Thing(name=ask.body.name), returns=Thing, status=201,
              body_example=ThingAsked(name="x")),
    Operation(method="GET", path="/api/later", summary="Later", action="", query=Choice, answer=_later, returns=Thing),
    Operation(method="DELETE", path="/api/things/{name}", summary="Gone", action="user.manage", answer=lambda _: None),
    Operation(method="PUT", path="/api/things/{name}", summary="Text", action="template.create", body=bytes,
              answer=lambda ask: Thing(name=ask.path["name"], size=len(ask.body)), returns=Thing),
)  # fmt: skip


def ask(
    folder: Path, method: str, path: str, *, roles: Sequence[Role] = ("developer",), **options: Any
) -> httpx.Response:
    """The answer to somebody of those roles."""
    state = State("", folder)
    gateway = Gateway(DaemonSettings(data=folder), state, Metrics())
    inner = Starlette(
        routes=[operation.route(gateway) for operation in OPERATIONS], exception_handlers=mockcraft.HANDLERS
    )

    async def known(scope: Any, receive: Any, send: Any) -> None:
        if roles:
            visit_of(scope).actor = Actor("dev", "user", frozenset(roles))
        await inner(scope, receive, send)

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(Front(known, gateway.metrics))
        async with httpx.AsyncClient(transport=transport, base_url="http://d") as client:
            return await client.request(method, path, **options)

    try:
        return asyncio.run(send())
    finally:
        state.close()


def test_parameters_are_read_by_their_types_and_lists_by_repetition(tmp_path: Path) -> None:
    assert ask(tmp_path, "GET", "/api/later?limit=7").json() == {"name": "dev", "size": 7}
    found = ask(tmp_path, "GET", "/api/things?tag=a&tag=b").json()
    assert found == {"items": [{"name": "a", "size": 0}, {"name": "b", "size": 0}], "next": None}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/api/things?limit=x", "int"),
        ("/api/things?limits=3", "limits"),
        ("/api/things?limit=1&limit=2", "given twice"),
    ],
)
def test_a_wrong_parameter_is_400_and_named(tmp_path: Path, path: str, said: str) -> None:
    answer = ask(tmp_path, "GET", path)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]


def test_an_operation_without_parameters_takes_none(tmp_path: Path) -> None:
    assert ask(tmp_path, "DELETE", "/api/things/a?force=1", roles=["admin"]).status_code == 400


def test_a_body_is_checked_whole(tmp_path: Path) -> None:
    assert ask(tmp_path, "POST", "/api/things", json={"name": "a"}).status_code == 201
    for wrong in ({"name": 1}, {}, {"name": "a", "more": 1}, [], None):
        assert ask(tmp_path, "POST", "/api/things", json=wrong).status_code == 400, wrong
    assert (
        ask(tmp_path, "POST", "/api/things", content=b"{", headers={"content-type": "application/json"}).status_code
        == 400
    )
    assert ask(tmp_path, "POST", "/api/things", content=b"x", headers={"content-type": "text/xml"}).status_code == 415


def test_a_text_body_reaches_the_operation_as_it_came(tmp_path: Path) -> None:
    assert ask(tmp_path, "PUT", "/api/things/t", content=b"\xff\x00z").json() == {"name": "t", "size": 3}


def test_nothing_to_say_is_204_and_who_may_not_is_403_before_the_body_is_looked_at(tmp_path: Path) -> None:
    assert ask(tmp_path, "DELETE", "/api/things/a", roles=["admin"]).status_code == 204
    assert ask(tmp_path, "DELETE", "/api/things/a").status_code == 403
    assert ask(tmp_path, "POST", "/api/things", roles=[], json=1).status_code == 403


def test_the_first_version_s_path_is_the_same(tmp_path: Path) -> None:
    assert ask(tmp_path, "GET", "/api/v1/later?limit=2").json()["size"] == 2


def test_operations_describe_themselves_as_valid_openapi(tmp_path: Path) -> None:
    made = openapi.document(DaemonSettings(data=tmp_path), OPERATIONS)
    validate(made)
    things = made["paths"]["/api/things"]
    assert [one["name"] for one in things["get"]["parameters"]] == ["limit", "tag"]
    assert things["post"]["requestBody"]["content"]["application/json"]["example"] == {"name": "x"}
    assert made["paths"]["/api/later"]["get"]["security"] == []
    assert "Needs `user.manage`: admin." in made["paths"]["/api/things/{name}"]["delete"]["description"]


def test_describing_one_daemon_leaves_the_description_of_another_as_it_was(tmp_path: Path) -> None:
    before = openapi.document(DaemonSettings(data=tmp_path), ())
    openapi.document(DaemonSettings(data=tmp_path), OPERATIONS)
    assert openapi.document(DaemonSettings(data=tmp_path), ()) == before
