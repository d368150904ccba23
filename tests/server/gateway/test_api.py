"""The daemon is asked whatever its description allows, and what it does not, by every role; it answers as described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.server.gateway.daemons import TEMPLATE, Daemon, set_up

from hotfixture.server.gateway import app, openapi

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ROLES = ("nobody", "developer", "author", "approver", "admin", "token")
NAMES = {
    "name": "one",
    "template": "one",
    "team": "payments",
    "provider": "SHOP",
    "volume": "logs",
    "table": "customers",
}
"""What stands in half of the holes of paths, so that operations are also asked about what is there."""
OPERATIONS = [(one.method, openapi.plain_path(one), one.path) for one in app.operations()]


pytestmark = pytest.mark.xdist_group("api")  # one daemon for all of them


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that builds nothing: packages wait."""
    folder = tmp_path_factory.mktemp("api")
    set_up(folder, more="workers: 0\n")
    daemon = Daemon(folder)
    yield daemon
    daemon.stop()


@pytest.fixture(scope="module")
def headers(daemon: Daemon) -> dict[str, dict[str, str]]:
    """Who asks, by role."""
    made = {role: daemon.somebody(f"{role}@x.test", roles=[role]) for role in ROLES[1:-1]}
    text, yaml = TEMPLATE.format(name="one"), {"content-type": "application/yaml"}
    answer = daemon.client.post("/api/templates", content=text, headers={**made["developer"], **yaml})
    assert answer.status_code == 201, answer.text
    return {"nobody": {}, **made, "token": daemon.token("t", templates=["o*"])}


@pytest.fixture(scope="module")
def schema(daemon: Daemon) -> Any:
    """The description as the fuzzer reads it."""
    return schemathesis.openapi.from_url(f"{daemon.url}/openapi.json")


@pytest.mark.parametrize(("method", "path", "route"), OPERATIONS, ids=[f"{one[0]} {one[1]}" for one in OPERATIONS])
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
def test_every_answer_to_every_role_is_one_that_the_description_names(
    schema: Any, headers: dict[str, dict[str, str]], method: str, path: str, route: str, mode: GenerationMode
) -> None:
    operation = schema[path][method]
    if mode is GenerationMode.NEGATIVE and not (operation.path_parameters or operation.query or operation.body):
        return  # nothing can be wrong with it
    turn = iter(range(10**6))

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=6, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        number = next(turn)
        role = ROLES[number % len(ROLES)]
        if role in ("developer", "admin") and (method, route) in ENDING:
            role = "nobody"  # the session and the users are needed by the others
        for hole, name in NAMES.items():
            if number % 2 and hole in (case.path_parameters or {}):
                case.path_parameters[hole] = name
        answer = case.call(headers=headers[role], timeout=30)
        if answer.status_code == 400 and answer.text == UNPARSED:
            return
        case.validate_response(answer, checks=CHECKS)

    ask()


UNPARSED = "Invalid HTTP request received."
"""What the HTTP server itself says of what is no HTTP; the application does not see it."""
ENDING = {("DELETE", "/auth/session"), ("DELETE", "/api/templates/{name}"), ("DELETE", "/api/teams/{team}")}


def test_the_description_is_valid_openapi_with_an_example_of_every_body(daemon: Daemon) -> None:
    document = daemon.client.get("/openapi.json").json()
    validate(document)
    bodies = [
        (path, content)
        for path, methods in document["paths"].items()
        for operation in methods.values()
        for content in operation.get("requestBody", {}).get("content", {}).items()
        if path != "/api/seed"
    ]
    assert bodies
    assert [path for path, (kind, content) in bodies if kind == "application/json" and "example" not in content] == []
