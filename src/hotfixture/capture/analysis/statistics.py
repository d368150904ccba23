"""Durations of calls in bounded memory, and the tests that tell a change from chance."""

from __future__ import annotations

import math
import random
from array import array
from collections import Counter
from collections.abc import Sequence
from functools import cache

EXACT = 16_384
"""Calls of one operation up to which percentiles are exact. Beyond, a uniform sample of as many calls stands for all
(Vitter 1985, algorithm R): with it the 99th percentile is the 98.85th to the 99.15th in 95 of 100 cases."""
SMALL = 400
"""Product of two sample sizes up to which the distribution of Mann and Whitney's U is counted out."""


class Sample:
    """Values in bounded memory: all of them up to `most`, then a uniform sample; least, greatest, sum of all."""

    __slots__ = ("_most", "_random", "count", "greatest", "least", "total", "values")

    def __init__(self, most: int = EXACT) -> None:
        self._most = most
        self._random: random.Random | None = None
        self.values = array("d")
        self.count = 0
        self.total = 0.0
        self.least, self.greatest = math.inf, -math.inf

    def add(self, value: float) -> None:
        """One more value."""
        self.count += 1
        self.total += value
        self.least = min(self.least, value)
        self.greatest = max(self.greatest, value)
        if self.count <= self._most:
            self.values.append(value)
            return
        if self._random is None:
            self._random = random.Random(self._most)  # the same journals give the same report
        place = int(self._random.random() * self.count)
        if place < self._most:
            self.values[place] = value

    @property
    def exact(self) -> bool:
        """Whether all values are held."""
        return self.count <= self._most

    @property
    def mean(self) -> float:
        """The mean of all values; 0 where there are none."""
        return self.total / self.count if self.count else 0.0

    def percentiles(self, *wanted: float) -> list[float]:
        """The values below which so many of a hundred lie."""
        ordered = sorted(self.values)
        return [percentile(ordered, one) for one in wanted]


def percentile(ordered: Sequence[float], wanted: float) -> float:
    """Between the two nearest ranks, in proportion (Hyndman and Fan 1996, definition 7); 0 of nothing."""
    if not ordered:
        return 0.0
    place = (len(ordered) - 1) * wanted / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def wilson(hits: int, count: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """The interval in which a share lies with 95 % confidence (Wilson 1927); 0 to 1 where nothing was counted."""
    if count == 0:
        return 0.0, 1.0
    share = hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)


def mann_whitney(first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    """Two-sided p that two samples come from one distribution, and the effect: how often a value of the second is
    greater than one of the first, ties counted half (0.5: no difference; Vargha and Delaney's A).

    Mann and Whitney 1947. Counted out exactly for small samples without ties, else by the normal approximation with
    the corrections for ties and continuity.
    """
    n, m = len(first), len(second)
    if not n or not m:
        return 1.0, 0.5
    ranks, ties = _ranks([*first, *second])
    u = sum(ranks[n:]) - m * (m + 1) / 2
    effect = u / (n * m)
    if ties == 0 and n * m <= SMALL:
        return min(1.0, 2 * _at_most(n, m, round(min(u, n * m - u)))), effect
    size = n + m
    variance = n * m / 12 * ((size + 1) - ties / (size * (size - 1)))
    if variance <= 0:
        return 1.0, effect
    z = max(0.0, abs(u - n * m / 2) - 0.5) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2)), effect


def _ranks(values: Sequence[float]) -> tuple[list[float], float]:
    """Ranks from 1, equal values sharing theirs, and the sum of t³ - t over the groups of t equal values."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    ties, start = 0.0, 0
    for end in range(1, len(order) + 1):
        if end < len(order) and values[order[end]] == values[order[start]]:
            continue
        for place in range(start, end):
            ranks[order[place]] = (start + end + 1) / 2
        ties += (end - start) ** 3 - (end - start)
        start = end
    return ranks, ties


def _at_most(n: int, m: int, u: int) -> float:
    """The chance that U of samples of n and m is at most u, all orders being equally likely."""
    return sum(_ways(n, m, value) for value in range(u + 1)) / math.comb(n + m, n)


@cache
def _ways(n: int, m: int, u: int) -> int:
    """Orders of n and m values in which U is u: the greatest value is one of the n, or one of the m."""
    if u < 0 or u > n * m:
        return 0
    if n == 0 or m == 0:
        return int(u == 0)
    return _ways(n - 1, m, u - m) + _ways(n, m - 1, u)


def fisher(hits: int, count: int, other_hits: int, other_count: int) -> float:
    """Two-sided p that two shares are one (Fisher's exact test: all tables no likelier than this one)."""
    hit, size = hits + other_hits, count + other_count
    if not count or not other_count or hit in (0, size):
        return 1.0

    def weight(value: int) -> float:
        return _choose(count, value) + _choose(other_count, hit - value) - _choose(size, hit)

    own = weight(hits)
    least, most = max(0, hit - other_count), min(hit, count)
    if most - least > 200_000:  # counted out, such a table takes a second: the normal approximation is good to 1e-4
        return _two_shares(hits, count, other_hits, other_count)
    return min(1.0, sum(math.exp(one) for value in range(least, most + 1) if (one := weight(value)) <= own + 1e-9))


def _two_shares(hits: int, count: int, other_hits: int, other_count: int) -> float:
    share = (hits + other_hits) / (count + other_count)
    spread = math.sqrt(share * (1 - share) * (1 / count + 1 / other_count))
    return math.erfc(abs(hits / count - other_hits / other_count) / spread / math.sqrt(2))


def _choose(n: int, k: int) -> float:
    """The logarithm of the number of ways to choose k of n."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def mann_kendall(series: Sequence[float]) -> tuple[float, float]:
    """Two-sided p that a series has no trend, and Kendall's tau (Mann 1945, normal approximation with ties)."""
    n = len(series)
    if n < 3:
        return 1.0, 0.0
    score = sum(
        (later > earlier) - (later < earlier) for at, earlier in enumerate(series) for later in series[at + 1 :]
    )
    tied = sum(t * (t - 1) * (2 * t + 5) for t in Counter(series).values())
    variance = (n * (n - 1) * (2 * n + 5) - tied) / 18
    if variance <= 0:
        return 1.0, 0.0
    z = max(0, abs(score) - 1) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2)), score / (n * (n - 1) / 2)


def adjusted(chances: Sequence[float]) -> list[float]:
    """p values corrected for how many tests were made, in their order (Holm 1979: the chance of even one false alarm
    among all stays below the level)."""
    order = sorted(range(len(chances)), key=chances.__getitem__)
    found = [0.0] * len(chances)
    highest = 0.0
    for done, place in enumerate(order):
        highest = max(highest, min(1.0, chances[place] * (len(chances) - done)))
        found[place] = highest
    return found
