"""Unique codes are codes: dealt out by digits, and nothing stands behind them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from hotfixture.generators import find, names
from hotfixture.generators.permute import permute
from hotfixture.plans.seed import read
from hotfixture.plans.seed.digits import Coded, Digits, coded
from hotfixture.plans.seed.families import family


def counted() -> list[Coded]:
    """The catalogue's generators of codes."""
    texts = [one for one in map(find, names()) if not one.by_row and not family(one.name)]
    texts = [one for one in texts if one.name != "text.pattern" and pa.types.is_string(one.arrow_type())]
    return [made for one in texts if (made := coded(one, {}, 77, one.name, pa.string()))]


def test_every_code_that_is_dealt_out_is_another_one_and_holds_its_own_rule() -> None:
    """10, 13: over all generators whose choices are counted; most of the catalogue's are."""
    found = counted()
    assert len(found) > 300
    for code in found:
        rows = min(code.size, 500)
        numbers = permute(np.arange(rows, dtype=np.uint64), code.size, 7).view(np.uint64)
        texts = code.generator.over((Digits(numbers),)).to_pylist()
        assert len(set(texts)) == rows, code.what
        assert all(code.generator.holds(text) for text in texts[:5]), code.what


@pytest.mark.parametrize(
    ("column", "rule"),
    [
        ('{generator: pattern, params: {pattern: "[0-9]{3}"}', r"\d{3}"),
        ("{generator: iban", r"[A-Z]{2}\d{2}[A-Z0-9]+"),
        ("{generator: code", r"K-\d{3}"),
    ],
)
def test_a_unique_code_has_no_number_behind_it(column: str, rule: str) -> None:
    """10: up to the last one of the domain, in any pieces."""
    table = read(
        'generators: {code: {pattern: "K-[0-9]{3}"}}\n'
        f"tables: {{t: {{count: 1000, columns: {{c: {column}, unique: true}}}}}}}}\n"
    ).table("t")
    whole = table.batch(0, 1000).column("c")
    assert len(set(whole.to_pylist())) == 1000
    assert pa.compute.all(pa.compute.match_substring_regex(whole, f"^{rule}$")).as_py()
    assert table.batch(990, 10).column("c").equals(whole.slice(990))


def test_other_texts_keep_the_number_of_their_row() -> None:
    """10: a sentence cannot be counted."""
    text = "tables: {t: {count: 9, columns: {c: {generator: company, unique: true}}}}\n"
    assert read(text).table("t").row(4)["c"].endswith(" 5")


@pytest.mark.parametrize("pattern", ["[a-zA-Z]{3}", "x[A-Za-c]"])
def test_codes_that_differ_in_case_only_keep_the_number_of_their_row(pattern: str) -> None:
    """11: engines that do not see case would take two of them for one."""
    column = f'{{generator: pattern, params: {{pattern: "{pattern}"}}, unique: true}}'
    made = read(f"tables: {{t: {{count: 29, columns: {{c: {column}}}}}}}\n").table("t").batch(0, 29).column("c")
    assert len({text.lower() for text in made.to_pylist()}) == 29
    assert made[28].as_py().endswith(" 29")
