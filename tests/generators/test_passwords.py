"""Passwords: every wanted class of characters, no other, at the wanted length."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.generators.agreement import agreed

from hotfixture.errors import OptionError
from hotfixture.generators import find, generate

CLASSES = {"lower": str.islower, "upper": str.isupper, "digits": str.isdigit, "symbols": lambda c: not c.isalnum()}


@settings(max_examples=15, deadline=None)
@given(st.integers(4, 40), st.sets(st.sampled_from(sorted(CLASSES)), min_size=1), st.booleans())
def test_each_wanted_class_appears_and_no_other(length, wanted, exclude):
    options = {name: name in wanted for name in CLASSES}
    for value in agreed("password", count=30, length=length, exclude_ambiguous=exclude, **options):
        assert len(value) == length
        for name, belongs in CLASSES.items():
            assert any(map(belongs, value)) == (name in wanted)
        assert not exclude or not set(value) & set("0O1lI|5S8B2Z")


def test_a_password_of_nothing_is_refused():
    with pytest.raises(OptionError, match="lower=False"):
        generate("password", lower=False, upper=False, digits=False, symbols=False)


def test_forced_characters_stand_at_any_place():
    """A class with one forced character: its place is not always the same."""
    places = {
        value.index(next(filter(str.isdigit, value)))
        for value in generate("password", count=2000, length=4, upper=False, symbols=False).to_pylist()
    }
    assert places == {0, 1, 2, 3}


def test_the_capacity_is_counted_right_where_it_is_small():
    """Four digits and lower-case letters: all texts of either, less those of one class alone."""
    made = find("password")
    assert made.capacity(length=4, upper=False, symbols=False) == 36**4 - 26**4 - 10**4
    assert made.capacity(length=4, lower=False, upper=False, symbols=False) == 10**4
    assert len(generate("password", count=150_000, length=4, lower=False, upper=False, symbols=False).unique()) == 10**4


def test_passphrases_have_words_separator_capitals_and_number():
    for value in agreed("passphrase", words=5, separator="_", capitals=True, number=True):
        *words, number = value.split("_")
        assert len(words) == 5
        assert all(word[0].isupper() for word in words)
        assert 10 <= int(number) <= 99
    assert all(value.isalpha() for value in agreed("passphrase", separator=""))
