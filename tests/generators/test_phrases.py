"""Texts made by templates."""

from __future__ import annotations

from collections import Counter

import pytest

from hotfixture.draws import Draw, Draws
from hotfixture.generators.phrases import is_phrase, phrase, phrases, phrases_possible
from hotfixture.generators.pools import pool

DRAWS = Draws.from_rows(3, "phrases", 0, 20_000)
TEMPLATES = ("{a|b}-{##}", "<{1..3}>", "plain", "{@}{01..12} and {food/nut}")


def test_every_template_comes_equally_often_and_only_with_what_its_braces_allow():
    made = phrases(DRAWS, *TEMPLATES).to_pylist()
    assert all(is_phrase(text, *TEMPLATES) for text in made)
    shapes = Counter(next(each for each in TEMPLATES if is_phrase(text, each)) for text in made)
    assert all(4_700 < shapes[each] < 5_300 for each in TEMPLATES)
    assert {text for text in made if text.startswith("<")} == {"<1>", "<2>", "<3>"}
    assert {text.partition(" and ")[2] for text in made if " and " in text} == set(pool("food/nut").lines)
    assert len({text for text in made if text[:2] in ("a-", "b-")}) == 200


@pytest.mark.parametrize("templates", [TEMPLATES, ("{##}-{@@}x",), ("end {a|b}", "{a|b} begin")])
def test_one_text_is_the_text_of_its_row(templates):
    many = phrases(DRAWS, *templates).to_pylist()
    assert [phrases(Draw.from_row(3, "phrases", row), *templates) for row in range(100)] == many[:100]


def test_what_a_template_does_not_allow_is_no_phrase():
    for wrong in ("c-12", "a-1", "a-123", "<4>", "plain ", "O01 and almond", "A13 and almond", "A01 and almonds"):
        assert not is_phrase(wrong, *TEMPLATES)
    assert is_phrase("Z12 and almond", *TEMPLATES)


def test_the_number_of_texts_is_counted():
    assert phrases_possible(*TEMPLATES) == 2 * 100 + 3 + 1 + 24 * 12 * len(pool("food/nut"))


def test_the_same_template_twice_comes_twice_as_often_and_is_counted_once():
    made = phrase("t.weighted", "a", "a", "b", doc="A letter.")
    counts = Counter(made(DRAWS).to_pylist())
    assert 13_000 < counts["a"] < 13_700
    assert made.capacity() == 2


def test_two_phrases_of_the_same_draws_are_independent():
    first, second = (phrase(f"t.{name}", "{##}", doc="Digits.")(DRAWS).to_pylist() for name in "ab")
    assert 130 < sum(left == right for left, right in zip(first, second, strict=True)) < 270
