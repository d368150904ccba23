"""Drawn pieces: base 64, letters, rows by weight; one and many agree."""

from __future__ import annotations

from base64 import b64decode, b64encode, urlsafe_b64encode
from collections import Counter

import numpy as np
import pytest

from hotfixture.draws import Draw, Draws
from hotfixture.generators import drawn


@pytest.mark.parametrize("width", range(1, 20))
def test_base_64_is_that_of_the_standard_library(width):
    draws = Draws.from_rows(1, "drawn", 0, 50)
    data = drawn.octets(draws, width)
    rows = [bytes(row) for row in data]
    assert drawn.base64_of(data).to_pylist() == [b64encode(row).decode() for row in rows]
    assert drawn.base64_of(data, url=True, padding=False).to_pylist() == [
        urlsafe_b64encode(row).decode().rstrip("=") for row in rows
    ]
    assert [drawn.octets(Draw(int(bits)), width) for bits in draws.bits] == rows
    assert len(b64decode(drawn.base64_of(rows[0]))) == width


def test_letters_are_all_alike():
    glyphs = drawn.letters(Draws.from_rows(2, "drawn", 0, 20_000), "abc", 3)
    counts = Counter(bytes(glyphs.ravel()).decode())
    assert set(counts) == set("abc")
    assert max(counts.values()) < 1.05 * min(counts.values())
    assert drawn.letters(Draw(7), "abc", 0) == ""


def test_pools_of_the_same_entries_are_one_pool():
    assert drawn.listed("a", "b") is drawn.listed("a", "b")
    assert drawn.counted(8, 11, 3).lines == ["008", "009", "010", "011"]


def test_rows_come_as_often_as_their_weight_says():
    rows = drawn.row_of(Draws.from_rows(3, "drawn", 0, 97_000), "internet/method")
    counts = np.bincount(rows)
    assert abs(counts[0] / counts[1] - 70 / 16) < 0.2
