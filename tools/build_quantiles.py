"""Writes the tables of integers that generators/distributions.py and generators/skewed.py read, under generators/data.

Run once and committed: the tables are part of the promise of stable bytes. tests/generators/test_distributions.py and
test_skewed.py hold the committed tables against the standard library's functions.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from statistics import NormalDist

DATA = Path(__file__).parents[1] / "src/hotfixture/generators/data"


def normal_quantiles() -> list[int]:
    """z * 2^32 at the upper tail probabilities u / 2^63: 32 steps in each octave from u = 2^22 to the median, 2^62."""
    inverse = NormalDist().inv_cdf
    tails = (((32 + step) << (length - 6)) / 2**63 for length in range(23, 63) for step in range(32))
    return [*(round(Fraction(-inverse(tail)) * 2**32) for tail in tails), 0]


def exponential_quantiles() -> list[int]:
    """-ln(u / 2^63) * 2^32: 64 steps in each octave from u = 2^22 to 2^63."""
    with localcontext() as context:
        context.prec = 50
        tails = (Decimal((64 + step) << (length - 7)) / 2**63 for length in range(23, 64) for step in range(64))
        return [*(round(-tail.ln() * 2**32) for tail in tails), 0]


def powers() -> list[int]:
    """2^(step / 1024) * 2^52, for steps 0 … 1024."""
    with localcontext() as context:
        context.prec = 50
        return [round(Decimal(2) ** (Decimal(step) / 1024) * 2**52) for step in range(1025)]


TABLES = {"normal_quantiles": normal_quantiles, "exponential_quantiles": exponential_quantiles, "powers": powers}

if __name__ == "__main__":
    for name, build in TABLES.items():
        text = "".join(f"{entry}\n" for entry in build())
        (DATA / f"{name}.txt").write_text(text, encoding="ascii", newline="\n")
