"""What is written in the format of another tool is read again as it was, but for what is said to be lost."""

from __future__ import annotations

import json
import urllib.request
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from tests.capture.formats.exchanged import EXCHANGES, HOST, SANITISER, interactions

from hotfixture.capture import formats, replay
from hotfixture.capture.formats.exchanges import Exchange, exchange_of, interaction_from
from hotfixture.capture.formats.mocks import split
from hotfixture.capture.formats.openapi import schema_of
from hotfixture.capture.records import Interaction
from hotfixture.errors import CaptureError, InputError


def through(path: Path, form: str) -> list[Interaction]:
    """What comes back from a file of this format; it is recognised by itself."""
    formats.FORMATS.find(form).write(interactions(), path)
    assert formats.recognise(path) == form
    return list(formats.read(path, SANITISER))


def carried(exchange: Exchange) -> tuple[Any, ...]:
    """What every format of exchanges carries."""
    return (exchange.method, exchange.url, exchange.request_headers, exchange.request_body,
            exchange.status, exchange.reason, exchange.headers, exchange.body or b"")  # fmt: skip


def test_har_gives_back_every_interaction_whole(tmp_path: Path) -> None:
    """Case 31: times, chunks, trailers, compressed bytes, no body and an empty one."""
    assert through(tmp_path / "a.har", "har") == interactions()


def test_a_session_gives_back_every_interaction_whole(tmp_path: Path) -> None:
    """Of HTTP they stay: a playback of what was converted must find them."""
    found, written = through(tmp_path / "a.json", "session"), interactions()
    assert [exchange_of(one) for one in found] == [exchange_of(one) for one in written]
    assert [(one.id, one.kind, one.operation) for one in found] == [(one.id, "http", one.operation) for one in written]
    with replay(tmp_path / "a.json", allow=["unplayed"]), urllib.request.urlopen(f"{HOST}/text") as answer:
        assert answer.read() == "größer".encode()


def test_a_session_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for form in formats.FORMATS:
        with pytest.raises(InputError, match="cannot be written"):
            formats.FORMATS.find(form).write(interactions(), tmp_path / "file" / "x.json")
        with pytest.raises(InputError, match="cannot be written"):
            formats.FORMATS.find(form).write(interactions(), tmp_path / "none" / "x.json")
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_har_holds_what_its_specification_asks_for(tmp_path: Path) -> None:
    """Case 31: the fields that are not optional in HAR 1.2, and decompressed content."""
    formats.FORMATS.find("har").write(interactions(), tmp_path / "a.har")
    log = json.loads((tmp_path / "a.har").read_text())["log"]
    assert log["version"] == "1.2"
    assert set(log["creator"]) >= {"name", "version"}
    for entry in log["entries"]:
        assert set(entry) >= {"startedDateTime", "time", "request", "response", "cache", "timings"}
        assert set(entry["timings"]) >= {"send", "wait", "receive"}
        asked = {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"}
        assert set(entry["request"]) >= asked
        told = {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize"}
        assert set(entry["response"]) >= told | {"bodySize"}
        assert set(entry["response"]["content"]) >= {"size", "mimeType"}
    assert log["entries"][5]["response"]["content"]["text"] == '{"packed":true}'
    assert log["entries"][0]["request"]["queryString"] == [
        {"name": "expand", "value": "lines"}, {"name": "expand", "value": "prices"}, {"name": "empty", "value": ""},
    ]  # fmt: skip


def test_har_of_a_browser_says_what_its_decompressed_bodies_are(tmp_path: Path) -> None:
    entry = {
        "startedDateTime": "2026-11-21T10:00:00.000+01:00", "time": 5.5,
        "request": {"method": "GET", "url": "https://a.test/", "headers": []},
        "response": {"status": 200, "statusText": "OK", "content": {"size": 2, "mimeType": "text/html", "text": "hi"},
                     "headers": [{"name": "Content-Encoding", "value": "br"},
                                 {"name": "Content-Length", "value": "9"}]},
    }  # fmt: skip
    (tmp_path / "b.har").write_text(json.dumps({"log": {"entries": [entry]}}))
    [found] = formats.read(tmp_path / "b.har", SANITISER)
    exchange = exchange_of(found)
    assert (exchange.headers, exchange.body) == ([("Content-Length", "2")], b"hi")
    assert found.timestamp.startswith("2026-11-21T09:00:00")


@pytest.mark.parametrize("name", ["c.yaml", "c.json"])
def test_a_cassette_gives_back_every_exchange(tmp_path: Path, name: str) -> None:
    """Case 31: but for times; in JSON only texts, as VCR.py itself has it."""
    kept = [one for one in interactions() if name == "c.yaml" or b"\xff" not in (exchange_of(one).body or b"")]
    kept = [
        one for one in kept if name == "c.yaml" or exchange_of(one).body is None or exchange_of(one).body[:1] != b"\x1f"
    ]
    lost = formats.FORMATS.find("vcr").write(kept, tmp_path / name)
    found = list(formats.read(tmp_path / name, SANITISER))
    assert formats.recognise(tmp_path / name) == "vcr"
    expected = [carried(exchange_of(one)) for one in kept]
    assert [_grouped(carried(exchange_of(one))) for one in found] == [_grouped(one) for one in expected]
    assert any("times" in sentence for sentence in lost)


def _grouped(values: tuple[Any, ...]) -> Any:
    """A cassette keeps headers by name: the order of different names, and their spelling, it keeps."""
    return [sorted(value) if isinstance(value, list) else value for value in values]


def test_a_cassette_in_json_keeps_bodies_that_are_no_text(tmp_path: Path) -> None:
    """VCR.py has no form for them; what is read again must not be their Base64."""
    lost = formats.FORMATS.find("vcr").write(interactions(), tmp_path / "c.json")
    found = [exchange_of(one) for one in formats.read(tmp_path / "c.json", SANITISER)]
    assert [(one.request_body, one.body or b"") for one in found] == [
        (one.request_body, one.body or b"") for one in EXCHANGES
    ]
    assert any("2 exchanges" in sentence for sentence in lost)


def test_a_cassette_keeps_the_order_of_headers(tmp_path: Path) -> None:
    exchange = Exchange("GET", "http://a.test/", [("z", "1"), ("a", "2")], None, 200, headers=[("y", "1"), ("b", "2")])
    formats.FORMATS.find("vcr").write([interaction_from(exchange, SANITISER, 1)], tmp_path / "c.yaml")
    [found] = [exchange_of(one) for one in formats.read(tmp_path / "c.yaml", SANITISER)]
    assert (found.request_headers, found.headers) == (exchange.request_headers, exchange.headers)


def test_vcr_itself_plays_a_cassette_of_ours(tmp_path: Path) -> None:
    vcr = pytest.importorskip("vcr")
    path = tmp_path / "ours.yaml"
    formats.FORMATS.find("vcr").write(interactions()[:1], path)
    with vcr.use_cassette(str(path), record_mode="none"), urllib.request.urlopen(EXCHANGES[0].url) as answer:
        assert answer.read() == EXCHANGES[0].body


def test_a_cassette_in_the_manner_of_older_httpx_parts_is_read(tmp_path: Path) -> None:
    one = {
        "request": {"body": "", "headers": {"a": ["b"]}, "method": "GET", "uri": "http://a.test/"},
        "response": {"content": "{}", "headers": {"c": ["d"]}, "http_version": "HTTP/1.1", "status_code": 200},
    }
    (tmp_path / "old.yaml").write_text(yaml.safe_dump({"interactions": [one], "version": 1}))
    [found] = formats.read(tmp_path / "old.yaml", SANITISER)
    assert carried(exchange_of(found))[4:] == (200, "", [("c", "d")], b"{}")


@pytest.mark.parametrize(
    "text",
    ["interactions: !!python/object/apply:os.system ['true']\n", "interactions: [\n", "interactions: 5\n", "a: 1"],
    ids=["a tag that runs code", "no YAML", "no list", "nothing"],
)
def test_a_bad_cassette_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    """Case 33."""
    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(InputError, match=r"bad\.yaml"):
        list(formats.read(tmp_path / "bad.yaml", SANITISER, form="vcr"))


BOMB = "a: &a [x, x]\n" + "".join(
    f"{two}: &{two} [{', '.join([f'*{one}'] * 60)}]\n" for one, two in pairwise("abcdefg")
)


@pytest.mark.parametrize("form", ["vcr", "openapi"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 200_000 + "]" * 200_000, "too deep"),
        ("- " * 50_000 + "x", "too deep"),
        (BOMB, "aliases expand"),
        ("interactions: &a [*a]\npaths: {}\n", "within itself"),
        ("paths: 2026-99-99\n", "ValueError"),
    ],
    ids=["brackets", "dashes", "aliases", "a circle", "no such day"],
)
def test_a_document_that_would_end_the_process_is_refused(tmp_path: Path, form: str, text: str, said: str) -> None:
    """Case 33: libyaml goes down by calls in each other; aliases of aliases double at each step."""
    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(InputError, match=rf"bad\.yaml.*{said}"):
        list(formats.read(tmp_path / "bad.yaml", SANITISER, form=form))


@pytest.mark.parametrize("form", ["har", "mocks", "openapi", "session", "vcr", "wiremock"])
def test_a_file_in_json_that_goes_too_deep_is_refused(tmp_path: Path, form: str) -> None:
    (tmp_path / "bad.json").write_text("[" * 200_000 + "]" * 200_000)
    with pytest.raises((InputError, CaptureError), match=r"bad\.json"):
        list(formats.read(tmp_path / "bad.json", SANITISER, form=form))


def test_all_bad_entries_of_a_file_are_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "bad.har").write_text(json.dumps({"log": {"entries": [{"request": {}}, {"response": 5}]}}))
    with pytest.raises(InputError) as caught:
        list(formats.read(tmp_path / "bad.har", SANITISER))
    assert len(caught.value.problems) == 2


def test_a_bad_entry_is_said_without_its_values(tmp_path: Path) -> None:
    entry = {"request": {"method": "GET", "uri": "http://a.test/"}, "response": {"status": {"code": "s3cret-value"}}}
    (tmp_path / "bad.yaml").write_text(yaml.safe_dump({"interactions": [entry, {}], "version": 1}))
    with pytest.raises(InputError) as caught:
        list(formats.read(tmp_path / "bad.yaml", SANITISER))
    assert "s3cret" not in str(caught.value)
    assert [one.message for one in caught.value.problems] == [
        "interaction 1 cannot be read: ValueError", "interaction 2 cannot be read: no 'request'",
    ]  # fmt: skip


def test_wiremock_mappings_give_back_requests_and_answers_in_their_sequence(tmp_path: Path) -> None:
    """Case 31: the same request answered twice is a scenario of two states."""
    found = through(tmp_path / "stubs.json", "wiremock")
    seen = [exchange_of(one) for one in found]
    assert [(one.method, one.url, one.status, one.body or b"") for one in seen] == [
        (one.method, one.url, one.status, one.body or b"") for one in EXCHANGES
    ]
    mappings = json.loads((tmp_path / "stubs.json").read_text())["mappings"]
    assert [one.get("requiredScenarioState") for one in mappings[:2]] == ["Started", "answer 2"]
    assert mappings[3]["request"]["bodyPatterns"] == [{"equalToJson": {"sku": "A"}}]


def test_the_description_holds_for_every_exchange_it_was_made_of(tmp_path: Path) -> None:
    """Case 31: by a validator of OpenAPI, and by one of JSON Schema for each body."""
    from jsonschema import Draft202012Validator
    from openapi_spec_validator import validate

    lost = formats.FORMATS.find("openapi").write(interactions(), tmp_path / "api.json")
    assert lost
    document = json.loads((tmp_path / "api.json").read_text())
    validate(document)
    checked = 0
    for interaction, exchange in zip(interactions(), EXCHANGES, strict=True):
        method, template = interaction.operation.split(" ")
        response = document["paths"][template][method.lower()]["responses"][str(exchange.status)]
        schema = response.get("content", {}).get("application/json", {}).get("schema")
        if schema is not None:
            body = b'{"packed":true}' if template == "/packed" else exchange.body
            Draft202012Validator(schema).validate(msgspec.json.decode(body or b""))
            checked += 1
    assert checked == 4
    assert {one["name"] for one in document["paths"]["/orders/{id}"]["get"]["parameters"]} == {"id", "expand", "empty"}


def test_a_description_tells_an_answer_for_every_response(tmp_path: Path) -> None:
    document = {
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": "https://a.test/v1"}],
        "components": {"schemas": {"Pet": {"type": "object", "properties": {
            "id": {"type": "integer", "minimum": 3}, "name": {"enum": ["Rex"]},
            "at": {"type": "string", "format": "date"}, "of": {"$ref": "#/components/schemas/Pet"}}}}},
        "paths": {"/pets/{id}": {"get": {"responses": {
            "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
            "404": {"content": {"application/json": {"example": {"error": "none"}}}},
            "204": {"description": "nothing"}}}}},
    }  # fmt: skip
    (tmp_path / "api.yaml").write_text(yaml.safe_dump(document))
    assert formats.recognise(tmp_path / "api.yaml") == "openapi"
    found = [exchange_of(one) for one in formats.read(tmp_path / "api.yaml", SANITISER)]
    by_status = {one.status: one for one in found}
    pet = msgspec.json.decode(by_status[200].body or b"")
    assert {name: pet[name] for name in ("id", "name", "at")} == {"id": 3, "name": "Rex", "at": "2000-01-01"}
    assert by_status[404].body == b'{"error":"none"}'
    assert by_status[204].body is None
    assert by_status[200].url == "https://a.test/v1/pets/{id}"


def test_schemas_take_every_value_they_were_made_of() -> None:
    schema = schema_of([{"a": 1}, {"a": None, "b": [1, "x"]}, {"a": 1.5}])
    assert schema["required"] == ["a"]


@pytest.mark.parametrize(
    ("service", "operation"),
    [("api.shop.example:443", "GET /v1.2/a.b"), ("demo.Echo", "demo.Echo/Say"), ("billing", "charge")],
)
def test_a_flat_mock_s_name_gives_back_service_and_operation(service: str, operation: str) -> None:
    assert split(f"{service}.{operation}") == (service, operation)


def test_a_secret_of_another_tool_s_file_is_cleaned_when_it_is_read(tmp_path: Path) -> None:
    """Case 16: an imported recording is as clean as one of our own."""
    secret = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"
    one = {
        "request": {"body": None, "headers": {"Authorization": [f"Bearer {secret}"]}, "method": "GET",
                    "uri": "http://a.test/"},
        "response": {"body": {"string": json.dumps({"api_key": secret})}, "headers": {},
                     "status": {"code": 200, "message": ""}},
    }  # fmt: skip
    (tmp_path / "c.yaml").write_text(yaml.safe_dump({"interactions": [one], "version": 1}))
    [found] = formats.read(tmp_path / "c.yaml", SANITISER)
    assert secret not in msgspec.json.encode(found).decode()
