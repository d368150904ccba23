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
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.server.gateway.cluster import until
from tests.server.gateway.daemons import TEMPLATE, Daemon, set_up
from tests.server.served import SMALL

from hotfixture.identity import keys
from hotfixture.server.gateway import app, openapi
from hotfixture.server.gateway.settings import DaemonSettings

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
YAML = {"content-type": "application/yaml"}
ROLES = ("nobody", "developer", "author", "approver", "admin", "token")
SPARE = "spare@x.test"
NAMES = {
    "templates": {"name": "one", "number": "1"},
    "providers": {"name": "SHOP", "table": "customers"},
    "volumes": {"name": "logs", "path": "app.log"},
    "users": {"name": SPARE},
    "tokens": {"name": "spare"},
    "teams": {"team": "payments", "account": SPARE},
    "generate": {"type": "first_name"},
    "generators": {"type": "first_name"},
}
"""What stands in half of the holes of paths, by the kind of thing, so that operations are asked about what is there."""
OPERATIONS = [
    (method.upper(), path)
    for path, methods in openapi.document(DaemonSettings(), app.operations())["paths"].items()
    for method in methods
]
"""MockCraft's are among them."""
SEEDS = {"application/json": {"tables": {"t": {"count": 3, "columns": {"id": "integer"}}}},
         "multipart/form-data": {"schema": SMALL}}  # fmt: skip
"""Schemas that can be used, by the type of the body; in all others as text."""


pytestmark = pytest.mark.xdist_group("api")  # one daemon for all of them


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that builds nothing: packages wait."""
    folder = tmp_path_factory.mktemp("api")
    set_up(folder, more="workers: 0\nmax_queued: 1000\n")
    daemon = Daemon(folder)
    yield daemon
    daemon.stop()


@pytest.fixture(scope="module")
def headers(daemon: Daemon) -> dict[str, dict[str, str]]:
    """Who asks, by role."""
    made = {role: daemon.somebody(f"{role}@x.test", roles=[role]) for role in ROLES[1:-1]}
    return {"nobody": {}, **made, "token": daemon.token("t", templates=["o*"])}


@pytest.fixture(scope="module")
def names(daemon: Daemon, headers: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """What is there, by the kind of thing: a template with a package that waits, a job, a user and a token to spare."""
    user = daemon.user(SPARE)
    daemon.token("spare")
    fingerprint = keys.read(user.with_suffix(".pub").read_bytes(), "key").fingerprint

    def made(path: str, who: str, **body: Any) -> Any:
        answer = daemon.client.post(path, headers={**headers[who], **(YAML if "content" in body else {})}, **body)
        assert answer.is_success, answer.text
        return answer.json()

    text = TEMPLATE.format(name="one")
    digest = made("/api/templates", "developer", content=text)["digest"]
    made("/api/templates/one/revisions/1/approval", "approver", json={"digest": digest})
    asked = {"template": "one", "parameters": {"customer_id": 1}}
    package = made("/api/packages", "developer", json=asked)["id"]
    job = made("/api/seed", "developer", content=SMALL)["id"]
    more = {"packages": {"id": package}, "jobs": {"id": job}, "download": {"id": job}}
    return {**NAMES, **more, "users": {**NAMES["users"], "fingerprint": fingerprint}}


@pytest.fixture(scope="module")
def schema(daemon: Daemon) -> Any:
    """The description as the fuzzer reads it.

    Who asks is decided here: the fuzzer would spend each of its wrong requests on a token that is none.
    """
    config = SchemathesisConfig.from_dict({"generation": {"with-security-parameters": False}})
    return schemathesis.openapi.from_url(f"{daemon.url}/openapi.json", config=config)


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{one[0]} {one[1]}" for one in OPERATIONS])
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
def test_every_answer_to_every_role_is_one_that_the_description_names(
    schema: Any,
    daemon: Daemon,
    headers: dict[str, dict[str, str]],
    names: dict[str, dict[str, str]],
    method: str,
    path: str,
    mode: GenerationMode,
) -> None:
    operation = schema[path][method]
    if mode is GenerationMode.NEGATIVE and not (operation.path_parameters or operation.query or operation.body):
        return  # nothing can be wrong with it
    known = names.get([*path.split("/"), ""][2], {})
    turn = iter(range(10**6))

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=12, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        number = next(turn)
        turns, place = divmod(number, len(ROLES))
        role = ROLES[place]
        # Each role is asked about what is there, and about what is not; what it could end, others need.
        is_there = (turns + place) % 2 and not (role in ENDERS and (method, path) in ENDING)
        mine = headers[role]
        if (method, path) == ("DELETE", "/auth/session") and role in ROLES[1:-1]:
            mine = daemon.login(f"{role}@x.test", daemon.folder / f"{role}.key")  # one that may end
        for hole in set(known) & set(case.path_parameters or {}) if is_there else ():
            case.path_parameters[hole] = known[hole]
        if path == "/api/seed" and mode is GenerationMode.POSITIVE and is_there:
            case.body = SEEDS.get(case.media_type, SMALL)
        answer = case.call(headers=mine, timeout=30)
        if answer.status_code == 400 and answer.text == UNPARSED:
            return
        case.validate_response(answer, checks=CHECKS)
        # A wrong challenge or signature is 401 to everybody.
        assert answer.status_code != 401 or role == "nobody" or path in LOGINS, f"{role} is not known any more"

    ask()


def test_whoever_has_no_token_that_is_believed_is_401_at_every_operation_that_needs_a_name(
    daemon: Daemon, headers: dict[str, dict[str, str]]
) -> None:
    session, token = (headers[role]["authorization"] for role in ("admin", "token"))
    none = ("", "Bearer", "Bearer x", "Basic YWRtaW46YWRtaW4=", session[:-4] + "AAAA", token[:-1], session.split()[1])
    paths = daemon.client.get("/openapi.json").json()["paths"]
    closed = [one for one in OPERATIONS if "security" not in paths[one[1]][one[0].lower()]]
    assert len(closed) > 40
    answers = {
        (*one, wrong): daemon.client.request(*one, headers={"authorization": wrong}) for one in closed for wrong in none
    }
    assert [one for one, answer in answers.items() if answer.status_code != 401] == []
    assert {answer.headers["www-authenticate"] for answer in answers.values()} == {"Bearer"}


def test_a_seeding_job_s_whole_life_is_as_described_to_whoever_asked_and_to_others(
    schema: Any, daemon: Daemon, headers: dict[str, dict[str, str]]
) -> None:
    def asked(method: str, path: str, role: str, **more: str) -> int:
        case = schema[path][method].Case(path_parameters={"id": job_id}, headers={**headers[role], **more})
        return int(case.call_and_validate(checks=CHECKS, timeout=30).status_code)

    begun = daemon.client.post("/api/seed", content=SMALL, headers={**headers["author"], **YAML})
    job_id = begun.json()["id"]
    assert asked("GET", "/api/download/{id}", "author") == 409
    working = Daemon(daemon.folder, "--workers", "1", log="working")
    try:
        until(lambda: daemon.client.get(f"/api/jobs/{job_id}", headers=headers["author"]).json()["state"] == "done")
    finally:
        working.stop()
    for role, there in (("author", 200), ("nobody", 401), *((role, 404) for role in ROLES[1:] if role != "author")):
        for method, path in (("GET", "/api/jobs/{id}"), ("GET", "/api/download/{id}"), ("DELETE", "/api/jobs/{id}")):
            assert asked(method, path, role) == there, (method, path, role)
    assert asked("GET", "/api/download/{id}", "author", range="bytes=0-9") == 206


LOGINS = ("/auth/challenge", "/auth/session")
UNPARSED = "Invalid HTTP request received."
"""What the HTTP server itself says of what is no HTTP; the application does not see it."""
ENDING = {("DELETE", f"/api/{one}") for one in ("templates/{name}", "teams/{team}", "users/{name}", "tokens/{name}")}
ENDERS = ("developer", "author", "admin")


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
