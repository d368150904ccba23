"""Templates: marks are replaced, everything else stays."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.generators.agreement import agreed


@settings(max_examples=40, deadline=None)
@given(st.text("#%?^aé -", max_size=20))
def test_each_mark_is_replaced_and_nothing_else(template):
    for value in agreed("bothify", count=5, text=template):
        assert len(value) == len(template)
        for mark, found in zip(template, value, strict=True):
            assert {"#": found in "0123456789", "%": found in "123456789", "?": found.isalpha()}.get(
                mark, mark == found
            )


def test_each_command_knows_its_own_marks():
    assert all(re.fullmatch(r"\?\?\^-\d\d", value) for value in agreed("numerify", text="??^-##"))
    assert all(re.fullmatch(r"##\^[a-zA-Z]", value) for value in agreed("lexify", text="##^?"))
    assert all(re.fullmatch(r"#\?[0-9a-f]{6}", value) for value in agreed("hexify", text="#?^^^^^^"))


def test_neighbouring_marks_differ_from_row_to_row():
    assert len(set(agreed("bothify", text="########"))) == 50


def test_strings_have_length_and_alphabet():
    assert all(re.fullmatch(r"[A-Z]{7}", value) for value in agreed("text.string", length=7, alphabet="upper"))
    assert len(set(agreed("text.letter", count=2000, case="lower"))) == 26
