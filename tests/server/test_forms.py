"""The kernels spell every generator's values as Python does, one by one."""

from __future__ import annotations

import pytest

from hotfixture import generators
from hotfixture.generators import generate
from hotfixture.server import forms


def test_a_column_is_spelled_as_its_values_are_one_by_one() -> None:
    for name in generators.names():
        column = generate(name, count=64, seed=11)
        values = column.to_pylist()
        for form in forms.MEDIA_TYPES:
            kernels = b"".join(forms.pieces(form, name, [column[:40], column[40:]]))
            assert kernels == b"".join(forms.pieces(form, name, [values])), (name, form)


@pytest.mark.parametrize("form", forms.MEDIA_TYPES)
def test_no_values_are_an_empty_list(form: str) -> None:
    assert b"".join(forms.pieces(form, "x", [])) == (b"[]\n" if form == "json" else b"")
