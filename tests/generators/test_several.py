"""Lists of varying length, and entries drawn without repetition."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa

from hotfixture.draws import Draw, Draws
from hotfixture.generators import values
from hotfixture.generators.several import distinct, lists

DRAWS = Draws.from_rows(3, "several", 0, 20_000)


def test_no_number_is_drawn_twice_and_every_set_comes_equally_often():
    rows = list(zip(*(column.tolist() for column in distinct(DRAWS, 5, 3)), strict=True))
    assert all(len(set(row)) == 3 and set(row) <= set(range(5)) for row in rows)
    counts = Counter(frozenset(row) for row in rows)
    assert len(counts) == 10
    assert all(1_750 < count < 2_250 for count in counts.values())


def test_one_draw_gives_the_set_of_its_row():
    many = zip(*(column.tolist() for column in distinct(DRAWS, 52, 7)), strict=True)
    for row, expected in zip(range(200), many, strict=False):
        assert tuple(distinct(Draw.from_row(3, "several", row), 52, 7)) == expected


def test_lists_hold_the_first_entries_of_their_row():
    def made(draws):
        return lists(draws.below(4), [values.padded(draws.lane(place).below(100), 2) for place in range(4)])

    many = made(DRAWS)
    assert many.type == pa.list_(pa.string())
    many.validate(full=True)
    assert {len(entry) for entry in many.to_pylist()} == {0, 1, 2, 3}
    assert many.to_pylist()[:200] == [made(Draw.from_row(3, "several", row)) for row in range(200)]
