"""What is written in the format of another tool holds against the schema that is published for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.capture.formats.exchanged import EXCHANGES, HOST, SANITISER
from tests.capture.recordings import call

from hotfixture.capture import formats
from hotfixture.capture.formats.exchanges import Exchange, exchange_of, interaction_from
from hotfixture.capture.records import Interaction
from hotfixture.capture.session import capture

SCHEMAS = Path(__file__).parent / "schemas"
ODD = [
    Exchange("GET", "http://127.0.0.1:8080/a b?q=%20&q", [("cookie", "a=b; c=d")], None, 302, "",
             headers=[("set-cookie", "a=b; Path=/; Secure"), ("set-cookie", "no cookie"), ("location", "/")], body=b"",
             started=1e9, duration_ms=0.001),
    Exchange("POST", f"{HOST}/form", [("content-type", "application/x-www-form-urlencoded")], b"a=1&b=%20", 500, "",
             headers=[("content-type", "text/html")], body="☃".encode("utf-16"), started=2e9),
]  # fmt: skip
"""What is seldom met."""


def odd() -> list[Interaction]:
    """All there is."""
    return [interaction_from(one, SANITISER, number) for number, one in enumerate([*EXCHANGES, *ODD], 1)]


def written(path: Path, form: str, found: list[Interaction]) -> Any:
    """The document."""
    formats.FORMATS.find(form).write(found, path)
    return json.loads(path.read_text())


def validator(name: str) -> Any:
    """Of one of the schemas; formats of texts are looked at, too."""
    schema = json.loads((SCHEMAS / name).read_text())
    cls = jsonschema.validators.validator_for(schema)
    return cls(schema, format_checker=cls.FORMAT_CHECKER)


def of_wiremock() -> Any:
    """Its validator. In two places the schema denies what WireMock 3.13.2 itself takes: there it is widened."""
    made = validator("wiremock-stub-mapping.json")
    definitions = made.schema["definitions"]
    definitions["response-definition"]["allOf"][0]["properties"]["headers"]["additionalProperties"] = {
        "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]  # a header that comes twice
    }
    definitions["request-pattern"]["properties"]["host"] = {"$ref": "#/definitions/equal-to-pattern"}
    return made


@pytest.mark.parametrize("found", [odd, list], ids=["everything", "nothing"])
def test_har_holds_against_its_schema(tmp_path: Path, found: Any) -> None:
    """Case 31: HAR 1.2."""
    document = written(tmp_path / "a.har", "har", found())
    validator("har-1.2.json").validate(document)
    assert len(document["log"]["entries"]) == len(found())


def test_har_of_a_broken_entry_does_not_hold(tmp_path: Path) -> None:
    """The schema is one that refuses."""
    document = written(tmp_path / "a.har", "har", odd())
    del document["log"]["entries"][0]["response"]["content"]["mimeType"]
    document["log"]["entries"][1]["startedDateTime"] = "yesterday"
    assert len(list(validator("har-1.2.json").iter_errors(document))) >= 2


@pytest.mark.parametrize("found", [odd, list], ids=["everything", "nothing"])
def test_the_description_of_an_api_holds_against_openapi_3_1(tmp_path: Path, found: Any) -> None:
    """Case 31."""
    document = written(tmp_path / "a.json", "openapi", found())
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_every_mapping_holds_against_the_schema_of_wiremock(tmp_path: Path) -> None:
    """Case 31."""
    document = written(tmp_path / "a.json", "wiremock", odd())
    assert len(document["mappings"]) == len(odd())
    of_wiremock().validate(document)
    document["mappings"][0]["response"]["status"] = "two hundred"
    with pytest.raises(jsonschema.ValidationError):
        of_wiremock().validate(document)


def test_mappings_answer_wherever_they_are_served_and_are_read_again_as_they_were(tmp_path: Path) -> None:
    """They ask for a host only where the same was asked of two."""
    two = [Exchange("GET", f"http://{host}:81/same", [], None, 200, body=host.encode(), started=9.0 + number)
           for number, host in enumerate(["one.test", "two.test"])]  # fmt: skip
    found = [interaction_from(one, SANITISER, number) for number, one in enumerate([*EXCHANGES[2:4], *two], 1)]
    document = written(tmp_path / "a.json", "wiremock", found)
    asked = [one["request"] for one in document["mappings"]]
    assert [one.get("host") for one in asked] == [None, None, {"equalTo": "one.test"}, {"equalTo": "two.test"}]
    assert not any("scheme" in one for one in asked)
    of_wiremock().validate(document)
    assert [exchange_of(one).url for one in formats.read(tmp_path / "a.json", SANITISER)] == [
        exchange_of(one).url for one in found
    ]


def test_what_is_of_no_http_is_left_out_of_all_of_them_and_counted(sessions: Path, tmp_path: Path) -> None:
    with capture() as session:
        call("of an object")
    for form in ("har", "openapi", "wiremock", "vcr"):
        lost = formats.FORMATS.find(form).write(session.interactions, tmp_path / form)
        assert any("1 interactions that are not HTTP" in sentence for sentence in lost), form
