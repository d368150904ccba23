"""Frames: which rows are null changes no value of the others, whoever makes them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from hotfixture.plans.seed import read
from hotfixture.plans.seed.frame import spaced

SCHEMA = """
tables:
  - name: notes
    count: 3000
    columns:
      - {{name: id, type: bigint, primary_key: true}}
      - {{name: {first}, {nulls}}}
      - {{name: email, {nulls}}}
      - {{name: full_name}}
"""


@pytest.mark.parametrize("share", [0.05, 0.5, 0.99])
@pytest.mark.parametrize(
    "column", ["said, generator: sentence", "said, generator: sentence, type: varchar(30)", "number, type: integer"]
)
def test_nulls_take_the_place_of_values_and_leave_the_others(column: str, share: float):
    name = column.partition(",")[0]
    all_there = read(SCHEMA.format(first=column, nulls="hidden: false")).table("notes").batch(0, 3000)
    found = read(SCHEMA.format(first=column, nulls=f"nulls: {share}")).table("notes")
    some_there = found.batch(0, 3000)
    for one in (name, "email", "full_name"):
        values, whole = some_there.column(one), all_there.column(one)
        shown = values.is_valid()
        assert values.filter(shown) == whole.filter(shown)
        assert abs(values.null_count / 3000 - (share if one != "full_name" else 0)) < 0.05
        values.validate(full=True)
    assert [found.row(number)[name] for number in range(40)] == some_there.column(name)[:40].to_pylist()


@pytest.mark.parametrize(
    "values",
    [
        pa.array(["", "a", "déf"]),
        pa.array(["-", "a", None, "bc", "-"])[1:4],
        pa.array([1, None, 3]),
        pa.array([[1], [], None]),
        pa.array([], pa.string()),
    ],
)
def test_values_are_spaced_out_in_their_order(values: pa.Array):
    """From a slice, with nulls of their own, and where there are none at all."""
    shown = np.array([False, *([True, False, True, True] if len(values) else []), False])
    spread = spaced(values, shown)
    spread.validate(full=True)
    left = iter(values.to_pylist())
    assert spread.to_pylist() == [next(left) if each else None for each in shown]
