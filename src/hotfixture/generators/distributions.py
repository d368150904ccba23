"""Numbers that are not all alike: uniform, normal, Zipf, histogram.

Nothing here calls the processor's log, exp or pow, whose last bit differs between machines: quantiles are a committed
table of integers, powers are taken by `decimal`, which computes in software, and floats meet only operations that
IEEE 754 rounds exactly.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hotfixture.errors import OptionError
from hotfixture.generators import values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.choices import check_weights, cumulative
from hotfixture.generators.numbers import refuse_empty
from hotfixture.generators.options import Option
from hotfixture.generators.pools import read

if TYPE_CHECKING:
    from collections.abc import Callable


def _stretch(unit: Column, low: Column, high: Column) -> Column:
    """From [0, 1) to [low, high]; the rounding of the sum may not leave the range."""
    value = low + (high - low) * unit
    return values.where(value > high, high, value)


def _check_uniform(*, low: float, high: float) -> None:
    refuse_empty(low=low, high=high)
    if high - low == float("inf"):
        raise OptionError("high", high, "a range whose width is a finite number")


@generator(
    "distributions.uniform",
    type="float64",
    options=(
        Option("low", "float", 0.0, "Smallest value."),
        Option("high", "float", 1.0, "Largest value."),
    ),
    check=_check_uniform,
    holds=lambda value, low, high: low <= value <= high,
    source="uniform by definition",
)
def uniform(draws: AnyDraws, *, low: float, high: float) -> Column:
    """A floating-point number of the range, with all its digits."""
    return _stretch(draws.unit(), low, high)


# The quantiles stand in data/normal_quantiles.txt: z * 2^32 at the upper tail probabilities u / 2^63, for
# u = 2^(b-1) * (1 + s / 32), bit lengths b = 23 … 62, steps s = 0 … 31, and u = 2^62 (the median) last. Between two
# entries z is linear: wrong by less than 0.00007.
_RANKS = 1 << 63
_SHORTEST, _STEPS = 23, 32


@cache
def _quantiles() -> tuple[int, ...]:
    return tuple(map(int, read("normal_quantiles.txt").split()))


def bit_length(number: Column) -> Column:
    """How many bits an integer of 512 to 2^63 - 1 takes."""
    if isinstance(number, int):
        return number.bit_length()
    import numpy as np

    # Without its low 9 bits every number is an exact float, and none here becomes zero.
    return np.frexp((number >> 9).astype(np.float64))[1].astype(np.int64) + 9


def standard(rank: Column) -> Column:
    """z * 2^32 at `rank` / 2^63 of all values."""
    upper = rank >= _RANKS // 2
    tail = values.where(upper, _RANKS - 1 - rank, rank)
    # Beyond the first entry (one value in 2^41) the tail ends.
    tail = values.where(tail < 1 << (_SHORTEST - 1), 1 << (_SHORTEST - 1), tail)
    length = bit_length(tail)
    shifted = tail << (62 - length)  # the highest bit at 61, then 5 bits of step and 32 of fraction
    entry = (length - _SHORTEST) * _STEPS + ((shifted >> 56) & (_STEPS - 1))
    fraction = (shifted >> 24) & 0xFFFFFFFF
    left, right = values.lookup(_quantiles(), entry), values.lookup(_quantiles(), entry + 1)
    size = left - (((left - right) * fraction) >> 32)
    return values.where(upper, size, -size)


def _normal_at(rank: Column, mean: float, deviation: float) -> Column:
    return mean + deviation * (standard(rank) * 2.0**-32)


def _first_rank(reached: Callable[[int], bool]) -> int:
    """The smallest rank at which `reached` holds: it holds from there on."""
    low, high = 0, _RANKS
    while low < high:
        middle = (low + high) // 2
        if reached(middle):
            high = middle
        else:
            low = middle + 1
    return low


@lru_cache(maxsize=256)
def _ranks(mean: float, deviation: float, low: float | None, high: float | None) -> tuple[int, int]:
    """The ranks of values within the bounds: from, and up to but without."""
    start = 0 if low is None else _first_rank(lambda rank: _normal_at(rank, mean, deviation) >= low)
    end = _RANKS if high is None else _first_rank(lambda rank: _normal_at(rank, mean, deviation) > high)
    return start, end


def _check_normal(*, mean: float, deviation: float, low: float | None, high: float | None) -> None:
    if low is not None and high is not None:
        refuse_empty(low=low, high=high)
    start, end = _ranks(mean, deviation, low, high)
    if start >= end:
        name, bound = ("low", low) if low is not None else ("high", high)
        raise OptionError(name, bound, f"a range that mean={mean} deviation={deviation} reaches within 7 deviations")


def _is_normal(value: Any, mean: float, deviation: float, low: float | None, high: float | None) -> bool:
    inside = (low is None or low <= value) and (high is None or value <= high)
    return bool(inside and abs(value - mean) <= 7.2 * deviation)


@generator(
    "distributions.normal",
    type="float64",
    options=(
        Option("mean", "float", 0.0, "Mean of the whole distribution.", low=-1e300, high=1e300),
        Option("deviation", "float", 1.0, "Standard deviation of the whole distribution.", low=0.0, high=1e300),
        Option("low", "float", None, "Smallest value; what lies below is cut off, not moved to the bound."),
        Option("high", "float", None, "Largest value; what lies above is cut off."),
    ),
    check=_check_normal,
    holds=_is_normal,
    source="inverse of the normal distribution function, from a committed table of integers",
)
def normal(draws: AnyDraws, *, mean: float, deviation: float, low: float | None, high: float | None) -> Column:
    """A normally distributed number, of the part between the bounds where they are given."""
    start, end = _ranks(mean, deviation, low, high)
    return _normal_at(start + draws.below(end - start), mean, deviation)


_HEAD = 256  # ranks with a weight of their own; then blocks, each 1/32 longer in all than what came before


@lru_cache(maxsize=64)
def _zipf_blocks(high: int, exponent: float) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Cumulative weights (up to 2^62), first ranks and sizes of the blocks in which ranks are equally likely."""
    edges = [*range(1, min(_HEAD, high) + 2)]
    while edges[-1] <= high:
        edges.append(min(edges[-1] + edges[-1] // 32, high + 1))
    masses = _masses(edges, Decimal(repr(exponent)))
    sizes = tuple(end - start for start, end in pairwise(edges))
    return cumulative(tuple(masses)), tuple(edges[:-1]), sizes


@lru_cache(maxsize=64)
def mean_rank(high: int, exponent: float) -> Fraction:
    """The mean of `zipf`: exact, out of the integers that its ranks are drawn by."""
    sums, starts, sizes = _zipf_blocks(high, exponent)
    weights = [sums[0], *(right - left for left, right in pairwise(sums))]
    middles = (Fraction(2 * start + size - 1, 2) for start, size in zip(starts, sizes, strict=True))
    return sum((weight * middle for weight, middle in zip(weights, middles, strict=True)), Fraction()) / sums[-1]


# Every step names its context: the caller's own (its precision, its traps) may not change a value.
_EXACT = Context(prec=40, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999, traps=[])


def _masses(edges: list[int], exponent: Decimal) -> list[Fraction]:
    """Of each block the sum of rank^-exponent: the head rank by rank, a block as the integral from half to half."""
    falling = _EXACT.minus(exponent)
    head = [_EXACT.power(Decimal(rank), falling) for rank in edges[: min(_HEAD, len(edges) - 1)]]
    tail = [_integral(edge, exponent) for edge in edges[len(head) :]]
    return [Fraction(mass) for mass in head] + [abs(Fraction(end) - Fraction(start)) for start, end in pairwise(tail)]


def _integral(edge: int, exponent: Decimal) -> Decimal:
    """The antiderivative of x^-exponent half a rank below `edge`."""
    place = _EXACT.divide(Decimal(2 * edge - 1), Decimal(2))
    rest = _EXACT.subtract(Decimal(1), exponent)
    if not rest:
        return _EXACT.ln(place)
    return _EXACT.divide(_EXACT.power(place, rest), rest)


@generator(
    "distributions.zipf",
    type="int64",
    options=(
        Option("high", "integer", 1000, "How many ranks there are.", low=1, high=1 << 53),
        Option(
            "exponent",
            "float",
            1.0,
            "How much more often low ranks come: rank r in proportion to r^-exponent.",
            low=0,
            high=10,
        ),
    ),
    capacity=lambda high, exponent: high,  # noqa: ARG005 - every option is passed
    holds=lambda value, high, exponent: 1 <= value <= high,  # noqa: ARG005 - every option is passed
    source="Zipf's law; ranks 1 to 256 exactly, above that in blocks of 3 % within which ranks are alike",
)
def zipf(draws: AnyDraws, *, high: int, exponent: float) -> Column:
    """A rank from 1 to `high`, the first ones most often."""
    weights, starts, sizes = _zipf_blocks(high, exponent)
    block = values.weighted(draws, weights)
    inside = draws.lane(1).unit() * values.lookup(sizes, block)
    return values.lookup(starts, block) + (int(inside) if isinstance(inside, float) else inside.astype("i8"))


def _check_histogram(*, edges: tuple[float, ...], weights: tuple[float, ...]) -> None:
    if any(left >= right for left, right in pairwise(edges)):
        raise OptionError("edges", ",".join(map(str, edges)), "numbers that rise")
    if edges[-1] - edges[0] == float("inf"):
        raise OptionError("edges", ",".join(map(str, edges)), "a range whose width is a finite number")
    check_weights(weights, len(edges) - 1)


def _in_histogram(value: Any, edges: tuple[float, ...], weights: tuple[float, ...]) -> bool:
    bins = zip(pairwise(edges), weights, strict=True)
    return any(weight and left <= value <= right for (left, right), weight in bins)


@generator(
    "distributions.histogram",
    type="float64",
    options=(
        Option(
            "edges",
            "list[float]",
            (0.0, 10.0, 20.0, 50.0, 100.0),
            "Edges of the bins, rising; one more than weights.",
            low=2,
        ),
        Option("weights", "list[float]", (1.0, 4.0, 3.0, 2.0), "How often each bin comes, in proportion.", low=1),
    ),
    check=_check_histogram,
    holds=_in_histogram,
    source="the histogram given; uniform within a bin",
)
def histogram(draws: AnyDraws, *, edges: tuple[float, ...], weights: tuple[float, ...]) -> Column:
    """A floating-point number distributed as a histogram says."""
    place = values.weighted(draws, cumulative(weights))
    return _stretch(draws.lane(1).unit(), _floats(edges, place), _floats(edges, place + 1))


def _floats(table: tuple[float, ...], index: Column) -> Column:
    if isinstance(index, int):
        return table[index]
    import numpy as np

    return np.asarray(table, np.float64)[index]
