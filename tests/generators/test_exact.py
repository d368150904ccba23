"""Exact decimals out of whole numbers."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa

from hotfixture.generators.exact import exact, exact_type, is_exact


def test_whole_numbers_become_decimals_of_so_many_places():
    made = exact(np.array([0, 5, -1250, 10**12]), 15, 2)
    assert made.type == exact_type(15, 2)() == pa.decimal128(15, 2)
    assert made.to_pylist() == [exact(number, 15, 2) for number in (0, 5, -1250, 10**12)]
    assert exact(-1250, 15, 2) == Decimal("-12.50")
    assert exact(-1250, 15, 2).as_tuple().exponent == -2


def test_what_is_exact_has_the_places_and_lies_between_the_bounds():
    assert is_exact(Decimal("1.50"), 2, 0, 150)
    assert not is_exact(Decimal("1.5"), 2, 0, 150)
    assert not is_exact(Decimal("1.51"), 2, 0, 150)
    assert not is_exact(1.5, 2, 0, 150)
