"""The description of the API is true: the server is asked whatever it allows, and answers as it says."""

from __future__ import annotations

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
from tests.server.served import SMALL, Served

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def schema(served: Served) -> Any:
    """The description as the fuzzer reads it."""
    return schemathesis.openapi.from_url(f"{served.url}/openapi.json")


OPERATIONS = [
    ("GET", "/api/generate/{type}"),
    ("GET", "/api/generators"),
    ("GET", "/api/generators/{type}"),
    ("POST", "/api/seed"),
    ("GET", "/api/jobs"),
    ("GET", "/api/jobs/{id}"),
    ("DELETE", "/api/jobs/{id}"),
    ("GET", "/api/download/{id}"),
    ("GET", "/metrics"),
    ("GET", "/health"),
    ("GET", "/health/ready"),
    ("GET", "/ready"),
    ("GET", "/openapi.json"),
]


RIGHT, WRONG = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
TYPES = ("first_name", "integer", "person", "pattern", "timestamp", "uuid")


@pytest.mark.parametrize(
    ("method", "path", "mode"),
    [
        *((*operation, RIGHT) for operation in OPERATIONS),
        *((*operation, WRONG) for operation in OPERATIONS if operation[1].startswith("/api")),
    ],
)
def test_every_answer_is_one_that_the_description_names(
    schema: Any, method: str, path: str, mode: GenerationMode
) -> None:
    operation = schema[path][method]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=15, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        if path == "/api/generate/{type}" and len(case.query or {}) % 2:
            case.path_parameters["type"] = TYPES[len(str(case.query)) % len(TYPES)]  # else hardly one would be known
        case.call_and_validate(checks=CHECKS, timeout=30)

    ask()


def test_the_description_is_valid_openapi(served: Served) -> None:
    validate(served.get("/openapi.json").json())


def test_every_operation_is_described_and_asked(served: Served) -> None:
    paths = served.get("/openapi.json").json()["paths"]
    assert sorted((method.upper(), path) for path in paths for method in paths[path]) == sorted(OPERATIONS)


def test_a_job_s_whole_life_is_as_described(schema: Any, served: Served) -> None:
    job_id = served.until(served.begun(SMALL))["id"]
    for path, method in (("/api/jobs/{id}", "GET"), ("/api/download/{id}", "GET"), ("/api/jobs/{id}", "DELETE")):
        case = schema[path][method].Case(path_parameters={"id": job_id})
        case.call_and_validate(checks=CHECKS)
    case = schema["/api/download/{id}"]["GET"].Case(path_parameters={"id": job_id}, headers={"range": "bytes=0-9"})
    assert case.call_and_validate(checks=CHECKS).status_code == 206


def test_the_catalogue_tells_every_generator_with_an_example_that_it_makes(served: Served) -> None:
    from hotfixture import generators

    answer = served.get("/api/generators")
    found = answer.json()["generators"]
    assert [one["name"] for one in found] == generators.names()
    for one in found[::17]:
        assert served.get(f"/api/generate/{one['name']}?seed=1").json() == one["example"], one["name"]
    assert served.get("/api/generators", headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    group = served.get("/api/generators?group=people").json()
    assert {one["group"] for one in group["generators"]} == {"people"}
