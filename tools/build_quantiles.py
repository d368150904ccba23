"""Writes generators/data/normal_quantiles.txt, the table that distributions.normal reads.

Run once and committed: the table is part of the promise of stable bytes. tests/generators/test_distributions.py holds
the committed table against the standard library's inverse of the normal distribution.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from statistics import NormalDist

PLACE = Path(__file__).parents[1] / "src/hotfixture/generators/data/normal_quantiles.txt"


def quantiles() -> list[int]:
    """z * 2^32 at the upper tail probabilities u / 2^63: 32 steps in each octave from u = 2^22 to the median, 2^62."""
    inverse = NormalDist().inv_cdf
    tails = (((32 + step) << (length - 6)) / 2**63 for length in range(23, 63) for step in range(32))
    return [*(round(Fraction(-inverse(tail)) * 2**32) for tail in tails), 0]


if __name__ == "__main__":
    PLACE.write_text("".join(f"{entry}\n" for entry in quantiles()), encoding="ascii", newline="\n")
