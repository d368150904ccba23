"""Moments as columns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from hotfixture.generators.stamps import SECONDS_2024, START_2024, at_second, timestamp_type


@pytest.mark.parametrize("second", [0, START_2024, START_2024 + SECONDS_2024, 4_102_444_800])
def test_one_and_many_are_the_same_moment(second):
    many = at_second(np.array([second]))
    assert many.type == timestamp_type() == pa.timestamp("us")
    assert many.to_pylist() == [at_second(second)]


def test_the_year_has_its_bounds():
    assert at_second(START_2024).isoformat() == "2024-01-01T00:00:00"
    assert at_second(START_2024 + SECONDS_2024).isoformat() == "2025-01-01T00:00:00"
