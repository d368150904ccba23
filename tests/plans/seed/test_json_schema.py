"""The JSON Schema for editors: every schema that the program reads passes it, misspelt ones do not."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
from tests.plans.seed import test_combining, test_fill, test_kinds, test_plan

from hotfixture.documents import parse
from hotfixture.plans.seed import read
from hotfixture.plans.seed.json_schema import json_schema

EXAMPLES = Path(__file__).parents[3] / "examples"
TEXTS = [test_plan.SHOP, test_fill.RING, test_kinds.RICH, test_combining.SCHOOL, test_combining.TENANTS]
TEXTS += [path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("seed/*.yaml"))]


@pytest.fixture(scope="module")
def checker() -> jsonschema.Draft202012Validator:
    found = json_schema()
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


@pytest.mark.parametrize("text", TEXTS)
def test_what_the_program_reads_passes_the_schema(text: str, checker: jsonschema.Draft202012Validator) -> None:
    read(text)
    assert list(checker.iter_errors(parse(text).plain())) == []


@pytest.mark.parametrize("change", [("count", "cuont"), ("columns", "collumns"), ("primary_key", "primary_kye")])
def test_a_misspelt_key_does_not_pass(change: tuple[str, str], checker: jsonschema.Draft202012Validator) -> None:
    assert not checker.is_valid(parse(test_plan.SHOP.replace(*change)).plain())
