"""Prose: as many words and sentences as wanted, in the punctuation of the language."""

from __future__ import annotations

import pytest
from tests.generators.agreement import agreed

from hotfixture.errors import OptionError
from hotfixture.generators import generate
from hotfixture.generators.options import LOCALES


@pytest.mark.parametrize("words", [1, 2, 17])
def test_words_come_in_the_number_wanted(words):
    assert all(
        len(value.split(" ")) == words and value == value.strip() for value in agreed("lorem_words", words=words)
    )
    assert all(len(value.split(" ")) >= words for value in agreed("text.words", words=words))


@pytest.mark.parametrize("locale", LOCALES)
def test_questions_end_with_the_mark_of_the_language(locale):
    for value in agreed("text.question", locale=locale):
        assert value[-1] in "?？;؟"
        assert (value[0] == "¿") == locale.startswith("es")


def test_sentences_come_in_the_number_wanted():
    assert all(value.count(".") == 7 for value in agreed("text.sentences", sentences=7))
    assert all(value.count(".") == 2 for value in agreed("lorem_paragraph", sentences=2))
    assert all(value.count("。") == 2 for value in agreed("text.sentences", sentences=2, locale="ja"))


def test_english_headings_have_capitals_throughout():
    for value in agreed("text.heading", min_words=2, max_words=4):
        assert 2 <= len(value.split(" ")) <= 4
        assert all(word[0].isupper() for word in value.split(" ") if word[0].isalpha())
    with pytest.raises(OptionError, match="max_words=2"):
        generate("text.heading", min_words=3, max_words=2)


def test_documents_have_title_paragraph_and_list():
    assert all(value.startswith("# ") and value.count("\n- ") == 3 for value in agreed("markdown"))
    assert all(
        value.count("<li>") == value.count("</li>") == 3 and "</h1><p>" in value for value in agreed("text.html")
    )
