"""Words, sentences, paragraphs, texts."""

from __future__ import annotations

import pytest

from hotfixture.draws import Draws
from hotfixture.errors import OptionError
from hotfixture.generators import find, generate
from hotfixture.generators.options import LOCALES
from hotfixture.generators.pools import members

DRAWS = Draws.from_rows(7, "text", 0, 2000)


@pytest.mark.parametrize("bounds", [(1, 1), (3, 3), (2, 9)])
def test_sentences_have_every_asked_number_of_words(bounds):
    low, high = bounds
    sentences = find("sentence")(DRAWS, min_words=low, max_words=high).to_pylist()
    assert {sentence.count(" ") + 1 for sentence in sentences} == set(range(low, high + 1))


@pytest.mark.parametrize("locale", [locale for locale in LOCALES if locale not in ("ja", "zh")])
def test_sentences_begin_with_a_capital_and_end_with_a_full_stop(locale):
    for sentence in find("sentence")(DRAWS, locale=locale).to_pylist():
        assert not sentence[0].islower()
        assert sentence[-1] == ("।" if locale == "hi" else ".")
        assert all(word in members(f"{locale}/word") for word in sentence[:-1].split(" ")[1:])


def test_turkish_capitals_keep_the_dot():
    firsts = {sentence[0] for sentence in find("sentence")(DRAWS, locale="tr").to_pylist()}
    assert "İ" in firsts
    assert "I" in firsts


@pytest.mark.parametrize("locale", ["ja", "zh"])
def test_japanese_and_chinese_sentences_have_no_blanks(locale):
    for sentence in find("sentence")(DRAWS, locale=locale).to_pylist():
        assert " " not in sentence
        assert sentence.endswith("。")


def test_paragraphs_and_texts_have_every_asked_number_of_parts():
    paragraphs = find("paragraph")(DRAWS, min_sentences=1, max_sentences=3).to_pylist()
    assert {paragraph.count(".") for paragraph in paragraphs} == {1, 2, 3}
    texts = find("text")(DRAWS, min_paragraphs=1, max_paragraphs=3).to_pylist()
    assert {text.count("\n\n") + 1 for text in texts} == {1, 2, 3}


def test_sentences_of_a_paragraph_differ():
    parts = generate("paragraph", min_sentences=6, max_sentences=6).split(". ")
    assert len(set(parts)) == 6


def test_crossed_bounds_are_refused():
    with pytest.raises(OptionError, match="max_words=2: expected an integer, at least min_words=5"):
        generate("sentence", max_words=2)
