"""GET /api/generate/{type} against the command and against itself."""

from __future__ import annotations

import csv
import io
import json

import httpx
import pytest
from click.testing import CliRunner
from tests.server.conftest import Serve
from tests.server.served import Served

from hotfixture.cli.mockcraft import mockcraft
from hotfixture.files import values
from hotfixture.generators import find, generate

CASES = [
    ("first_name", {}),
    ("person", {"locale": "de"}),
    ("integer", {"low": "1", "high": "6"}),
    ("timestamp", {}),
    ("sentence", {}),
    ("pattern", {"pattern": '[a-c",\n]{3}'}),
    ("boolean", {}),
    ("uuid", {}),
]


def said(name: str, *options: str) -> bytes:
    """What `mockcraft generate` prints."""
    done = CliRunner().invoke(mockcraft, ["generate", name, *options])
    assert done.exit_code == 0, done.output
    return done.stdout_bytes


@pytest.mark.parametrize("form", values.FORMS)
@pytest.mark.parametrize("count", [1, 3, 700])
@pytest.mark.parametrize(("name", "options"), CASES, ids=[name for name, _ in CASES])
def test_a_seed_gives_the_bytes_of_the_command(
    served: Served, name: str, options: dict[str, str], count: int, form: str
) -> None:
    answer = served.get(f"/api/generate/{name}", params={**options, "seed": 7, "count": count, "format": form})
    flags = [f"--{key}={value}" for key, value in options.items()]
    assert answer.status_code == 200
    assert answer.content == said(name, *flags, "--seed", "7", "--count", str(count), "--format", form)


def test_ndjson_has_one_json_value_a_line(served: Served) -> None:
    answer = served.get("/api/generate/person?seed=3&count=1000&format=ndjson")
    people = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert people == json.loads(served.get("/api/generate/person?seed=3&count=1000").text)
    assert [one["first_name"] for one in people] == [
        one["first_name"] for one in generate("person", count=1000, seed=3).to_pylist()
    ]


def test_values_without_a_seed_are_fresh_each_time(served: Served) -> None:
    given = [served.get("/api/generate/uuid").json() for _ in range(600)]
    assert len(set(given)) == 600
    assert served.get("/api/generate/uuid?count=500").text != served.get("/api/generate/uuid?count=500").text


def test_values_handed_out_from_a_block_are_of_the_type_asked_for(served: Served) -> None:
    made = find("integer")
    for _ in range(300):
        value = served.get("/api/generate/integer?low=3&high=9&format=text").text
        assert made.holds(int(value), low=3, high=9)


def test_every_name_of_a_generator_is_tolerated(served: Served) -> None:
    answers = {
        served.get(f"/api/generate/{name}?seed=1").text for name in ("firstName", "first-name", "people.first_name")
    }
    assert len(answers) == 1


def test_many_values_come_in_a_stream_and_are_all_there(served: Served) -> None:
    with served.client.stream("GET", "/api/generate/uuid?count=300000&format=text&seed=1") as answer:
        assert "content-length" not in answer.headers
        lines = list(answer.iter_lines())
    assert len(lines) == len(set(lines)) == 300_000
    assert lines[299_999] == generate("uuid", seed=1, first=299_999)


def test_csv_has_a_column_for_each_field_of_a_structure(served: Served) -> None:
    text = served.get("/api/generate/person?count=20&format=csv").text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 20
    assert {"first_name", "last_name", "email"} <= set(rows[0])


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("first_nam", 404, "unknown generator 'first_nam'"),
        ("first_name?count=-1", 400, "count=-1: expected an integer, 0 … 1000000"),
        ("first_name?count=1000001", 400, "count=1000001"),
        ("first_name?count=9" + "9" * 60, 400, "expected an integer"),
        ("first_name?format=xml", 400, "format=xml: expected one of json, ndjson, csv, text"),
        ("first_name?colour=red", 400, "unknown option of people.first_name 'colour'"),
        ("first_name?seed=a", 400, "seed=a"),
        ("first_name?seed=1&seed=2", 400, "'seed' is given twice"),
        ("integer?low=9&high=1", 400, "low=9"),
        ("first_name?locale=tlh", 400, "locale=tlh"),
        ("first_name?seed=%ff", 400, "the query"),
        ("first_name/last_name", 404, "unknown generator"),
    ],
)
def test_what_is_wrong_is_a_problem_document_that_says_so(
    served: Served, query: str, status: int, message: str
) -> None:
    answer = served.get(f"/api/generate/{query}")
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"]) == (status, status)
    assert message in problem["detail"]
    assert problem["request_id"] == answer.headers["x-request-id"]


def test_an_unknown_name_suggests_the_nearest(served: Served) -> None:
    assert "email" in served.get("/api/generate/emial").json()["problems"][0]["hint"]


def test_only_get_and_head_are_offered(served: Served) -> None:
    assert served.client.head("/api/generate/uuid").status_code == 200
    answer = served.client.post("/api/generate/uuid")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_an_answer_never_grows_beyond_its_bound(serve: Serve) -> None:
    server = serve("--max-response", "64 KiB")
    assert server.get("/api/generate/uuid?count=1000").status_code == 200
    assert server.get("/api/generate/uuid?count=10000").status_code == 413
    server = serve("--max-response", "20 MiB")
    with pytest.raises(httpx.RemoteProtocolError):  # only breaking off says that the answer is not whole
        server.get("/api/generate/uuid?count=1000000")
