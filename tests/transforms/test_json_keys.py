"""JSON paths to keys."""

from __future__ import annotations

import pytest

from hotfixture.errors import InputError
from hotfixture.transforms.json_keys import keys, parse

DOCUMENT = (
    '{"user": {"id": 7, "e mail": "x"}, "items": [{"sku": "a"}, {"sku": 12345678901234567890}, {"sku": null}, 3],'
    ' "f": 1.5, "t": true}'
)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.user.id", ["7"]),
        ('$.user["e mail"]', ["x"]),
        ("$['user']['id']", ["7"]),
        ("$.items[*].sku", ["a", "12345678901234567890"]),
        ("$.items[0].sku", ["a"]),
        ("$.items[9].sku", []),
        ("$.items[*]", ["3"]),
        ("$.nothing.at.all", []),
        ("$.f", []),
        ("$.t", []),
        ("$.user", []),
    ],
)
def test_texts_and_whole_numbers_at_the_path_are_keys(path: str, found: list[str]) -> None:
    assert keys(DOCUMENT, parse(path)) == found


@pytest.mark.parametrize(
    "path", ["", "$", "user.id", "$.", "$..id", "$.items[?(@.x)]", "$.items[-1]", "$.a b", "$.items[*"]
)
def test_a_path_that_is_more_than_members_and_elements_is_refused(path: str) -> None:
    with pytest.raises(InputError, match="JSON path"):
        parse(path)


def test_a_text_that_is_no_json_holds_no_keys() -> None:
    assert keys("{nope", parse("$.a")) == []
