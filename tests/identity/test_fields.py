"""The binary fields of SSH."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.errors import InputError
from hotfixture.identity.fields import Fields, natural, string

NUMBERS = st.integers(min_value=0, max_value=2**600)


@given(st.lists(st.binary(max_size=50)), NUMBERS)
def test_fields_come_back_as_they_were_written(texts: list[bytes], number: int) -> None:
    fields = Fields(b"".join(map(string, texts)) + natural(number), "it")
    assert [fields.string() for _ in texts] == texts
    assert fields.natural() == number
    fields.end()


@given(NUMBERS, st.binary(min_size=1, max_size=5))
def test_a_number_has_one_spelling(number: int, more: bytes) -> None:
    shortest = Fields(natural(number), "it").string()
    for other in (b"\0" + shortest, b"\xff" + shortest):
        with pytest.raises(InputError, match="shortest form"):
            Fields(string(other), "it").natural()


@given(st.binary(max_size=50), st.data())
def test_what_is_cut_off_or_too_long_is_refused(text: bytes, data: st.DataObject) -> None:
    whole = string(text)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(InputError, match="cut off"):
        Fields(whole[:cut], "it").string()
    longer = Fields(whole + b"x", "it")
    longer.string()
    with pytest.raises(InputError, match="1 bytes too many"):
        longer.end()


def test_names_are_printable_ascii() -> None:
    for bad in (b"\xc3\xa9", b"a\nb", b"\0"):
        with pytest.raises(InputError, match="ASCII"):
            Fields(string(bad), "it").text()
