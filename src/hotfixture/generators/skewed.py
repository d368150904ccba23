"""Numbers with a long tail or a shape of their own: exponential, log-normal, Pareto, Poisson, binomial, beta, others.

As in `distributions`, nothing here calls the processor's log, exp or pow: logarithms and powers are committed tables of
integers, probabilities are summed by `decimal`, square roots are rounded exactly by IEEE 754.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cache, lru_cache
from typing import Any

from hotfixture.errors import OptionError
from hotfixture.generators import values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.distributions import bit_length, standard
from hotfixture.generators.numbers import refuse_empty
from hotfixture.generators.options import Option
from hotfixture.generators.pools import read

# data/exponential_quantiles.txt: -ln(u / 2^63) * 2^32 at u = 2^(b-1) * (1 + s / 64), bit lengths b = 23 … 63, steps
# s = 0 … 63, and u = 2^63 last. Between two entries the logarithm is linear: wrong by less than 0.00004.
_SHORTEST, _STEPS, _LONGEST_TAIL = 23, 64, 28.5
_EXACT = Context(prec=40, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999, traps=[])
_LN_2 = float(_EXACT.ln(Decimal(2)))
_WHOLE = 1 << 62


@cache
def _logarithms() -> tuple[int, ...]:
    return tuple(map(int, read("exponential_quantiles.txt").split()))


def _exponential(draws: AnyDraws) -> Column:
    """An exponentially distributed number with mean 1, times 2^32."""
    tail = 1 + draws.below((1 << 63) - 1)
    # Beyond the first entry (one value in 2^41) the tail ends.
    tail = values.where(tail < 1 << (_SHORTEST - 1), 1 << (_SHORTEST - 1), tail)
    length = bit_length(tail >> 1) + 1  # of 62 bits at most, which is what `bit_length` is exact for
    shifted = tail << (63 - length)  # the highest bit at 62, then 6 bits of step and 32 of fraction
    entry = (length - _SHORTEST) * _STEPS + ((shifted >> 56) & (_STEPS - 1))
    fraction = (shifted >> 24) & 0xFFFFFFFF
    left, right = values.lookup(_logarithms(), entry), values.lookup(_logarithms(), entry + 1)
    return left - (((left - right) * fraction) >> 32)


@cache
def _powers() -> tuple[float, ...]:
    """2^(step / 1024), for steps 0 … 1024."""
    return tuple(int(entry) * 2.0**-52 for entry in read("powers.txt").split())


def _power_of_e(exponent: Column) -> Column:
    """e to the power of floats, to seven digits, the same on every processor."""
    scaled = exponent * (1 / _LN_2)
    if isinstance(scaled, float):
        from math import floor, ldexp

        whole = floor(scaled)
        place = (scaled - whole) * 1024
        step = min(int(place), 1023)
        left, right = _powers()[step], _powers()[step + 1]
        return ldexp(left + (right - left) * (place - step), whole)
    import numpy as np

    wholes = np.floor(scaled)
    places = (scaled - wholes) * 1024
    steps = np.minimum(places.astype(np.int64), 1023)
    table = np.asarray(_powers())
    lefts, rights = table[steps], table[steps + 1]
    return np.ldexp(lefts + (rights - lefts) * (places - steps), wholes.astype(np.int32))


_MEAN = Option("mean", "float", 1.0, "Mean.", low=1e-300, high=1e300)


@generator(
    "distributions.exponential",
    type="float64",
    options=(_MEAN,),
    holds=lambda value, mean: 0 <= value <= _LONGEST_TAIL * mean,
    source="the logarithm, from a committed table of integers",
)
def exponential(draws: AnyDraws, *, mean: float) -> Column:
    """How long one waits for what happens at random: most often short, sometimes long."""
    return _exponential(draws) * 2.0**-32 * mean


@generator(
    "distributions.erlang",
    type="float64",
    options=(
        Option("shape", "integer", 3, "How many waits are added.", low=1, high=50),
        Option("mean", "float", 1.0, "Mean of the sum.", low=1e-300, high=1e300),
    ),
    holds=lambda value, shape, mean: 0 <= value <= _LONGEST_TAIL * mean * (1 + 1e-9) and shape >= 1,
    source="the sum of exponentially distributed numbers: a gamma distribution of whole shape",
)
def erlang(draws: AnyDraws, *, shape: int, mean: float) -> Column:
    """The sum of several waits: a gamma distribution of whole shape."""
    total: Column = 0
    for place in range(shape):
        total = total + _exponential(draws.lane(place))
    return total * 2.0**-32 * (mean / shape)


def _check_lognormal(*, location: float, spread: float) -> None:
    for name, value, far in (("location", location, abs(location)), ("spread", spread, abs(location) + 7.2 * spread)):
        if far > 690:
            raise OptionError(
                name, value, "numbers whose exponentials are finite: |location| + 7.2 * spread at most 690"
            )


def _is_lognormal(value: Any, *, location: float, spread: float) -> bool:
    from math import log

    return value > 0 and abs(log(value) - location) <= 7.2 * spread + 1e-6 * (1 + abs(location))


@generator(
    "distributions.lognormal",
    type="float64",
    options=(
        Option("location", "float", 0.0, "Mean of the logarithm; the median is e to its power.", low=-690, high=690),
        Option("spread", "float", 1.0, "Standard deviation of the logarithm.", low=0, high=90),
    ),
    check=_check_lognormal,
    holds=_is_lognormal,
    source="e to the power of a normally distributed number, from committed tables of integers",
)
def lognormal(draws: AnyDraws, *, location: float, spread: float) -> Column:
    """A number whose logarithm is normally distributed: incomes, sizes, durations."""
    return _power_of_e(location + spread * (standard(draws.below(1 << 63)) * 2.0**-32))


@generator(
    "distributions.pareto",
    type="float64",
    options=(
        Option("shape", "float", 1.16, "How thin the tail is; 1.16 gives four fifths to one fifth.", low=0.1, high=100),
        Option("smallest", "float", 1.0, "Smallest value.", low=1e-100, high=1e100),
    ),
    holds=lambda value, shape, smallest: smallest * (1 - 1e-6) <= value < 1e300 and shape > 0,
    source="e to the power of an exponentially distributed number, from committed tables of integers",
)
def pareto(draws: AnyDraws, *, shape: float, smallest: float) -> Column:
    """A number with a heavy tail: wealth, sizes of cities, files and orders."""
    return _power_of_e(_exponential(draws) * 2.0**-32 * (1 / shape)) * smallest


@lru_cache(maxsize=64)
def _minus_ln_rest(share: float) -> float:
    """-ln(1 - share), computed in software."""
    return float(-_EXACT.ln(_EXACT.subtract(Decimal(1), Decimal(repr(share)))))


@generator(
    "distributions.geometric",
    type="int64",
    options=(Option("share", "float", 0.2, "How likely each attempt succeeds.", low=1e-9, high=1),),
    holds=lambda value, share: value == 1 or (value > 1 and share < 1),
    source="an exponentially distributed number, cut into whole attempts",
)
def geometric(draws: AnyDraws, *, share: float) -> Column:
    """How many attempts it takes until one succeeds, that one among them."""
    rate = _minus_ln_rest(share) if share < 1 else 1e6
    waits = _exponential(draws) * 2.0**-32 / rate
    return 1 + (int(waits) if isinstance(waits, float) else waits.astype("i8"))


def _sums(shares: Iterable[Decimal]) -> tuple[int, ...]:
    """Running sums of shares as integers that end at 2^62."""
    found, total = [], Decimal(0)
    for share in shares:
        total = _EXACT.add(total, share)
        found.append(round(_EXACT.multiply(total, Decimal(_WHOLE))))
    return (*(min(each, _WHOLE) for each in found[:-1]), _WHOLE)


@lru_cache(maxsize=32)
def _poisson_sums(mean: float) -> tuple[int, ...]:
    """Of 0, 1, 2 … up to where less than 2^-62 is left."""
    rate = Decimal(repr(mean))

    def shares() -> Iterable[Decimal]:
        share, number = _EXACT.exp(_EXACT.minus(rate)), 0
        while number <= rate or share > Decimal("1e-20"):
            yield share
            number += 1
            share = _EXACT.divide(_EXACT.multiply(share, rate), Decimal(number))

    return _sums(shares())


@generator(
    "distributions.poisson",
    type="int64",
    options=(Option("mean", "float", 3.0, "Mean.", low=0, high=5000),),
    holds=lambda value, mean: 0 <= value < len(_poisson_sums(mean)),
    source="sums of the probabilities, computed exactly to 40 digits",
)
def poisson(draws: AnyDraws, *, mean: float) -> Column:
    """How many things that happen at random fall into one interval."""
    return values.weighted(draws, _poisson_sums(mean))


@lru_cache(maxsize=32)
def _binomial_sums(trials: int, share: float) -> tuple[int, ...]:
    from fractions import Fraction
    from math import comb

    chance = Fraction(share)
    top, bottom = chance.numerator, chance.denominator
    whole, total, found = bottom**trials, 0, []
    for number in range(trials + 1):
        total += comb(trials, number) * top**number * (bottom - top) ** (trials - number)
        found.append((total << 62) // whole)
    return tuple(found)


@generator(
    "distributions.binomial",
    type="int64",
    options=(
        Option("trials", "integer", 10, "How many trials.", low=1, high=1000),
        Option("share", "float", 0.5, "How likely each trial succeeds.", low=0, high=1),
    ),
    holds=lambda value, trials, share: 0 <= value <= trials and (value == 0 or share > 0),
    source="sums of the probabilities, exact fractions rounded once",
)
def binomial(draws: AnyDraws, *, trials: int, share: float) -> Column:
    """How many of several trials succeed."""
    return values.weighted(draws, _binomial_sums(trials, share))


def _check_triangular(*, low: float, mode: float, high: float) -> None:
    refuse_empty(low=low, high=high)
    if not low <= mode <= high:
        raise OptionError("mode", mode, f"a number between low={low} and high={high}")


def _root(number: Column) -> Column:
    """The square root: the only one of its kind that IEEE 754 rounds exactly."""
    if isinstance(number, float):
        from math import sqrt

        return sqrt(number)
    import numpy as np

    return np.sqrt(number)


@generator(
    "distributions.triangular",
    type="float64",
    options=(
        Option("low", "float", 0.0, "Smallest value.", low=-1e150, high=1e150),
        Option("mode", "float", 0.5, "Most frequent value.", low=-1e150, high=1e150),
        Option("high", "float", 1.0, "Largest value.", low=-1e150, high=1e150),
    ),
    check=_check_triangular,
    holds=lambda value, low, mode, high: low <= value <= high,  # noqa: ARG005 - every option is passed
    source="the inverse of the triangular distribution function",
)
def triangular(draws: AnyDraws, *, low: float, mode: float, high: float) -> Column:
    """A number around the most frequent one, rarer towards both ends."""
    if low == high:
        return draws.unit() * 0 + low
    unit, width = draws.unit(), high - low
    rising = low + _root(unit * (width * (mode - low)))
    falling = high - _root((1 - unit) * (width * (high - mode)))
    found = values.where(unit < (mode - low) / width, rising, falling)
    found = values.where(found < low, low, found)
    return values.where(found > high, high, found)


@generator(
    "distributions.beta",
    type="float64",
    options=(
        Option("alpha", "integer", 2, "The larger, the nearer to `high`.", low=1, high=20),
        Option("beta", "integer", 5, "The larger, the nearer to `low`.", low=1, high=20),
        Option("low", "float", 0.0, "Smallest value.", low=-1e150, high=1e150),
        Option("high", "float", 1.0, "Largest value.", low=-1e150, high=1e150),
    ),
    check=refuse_empty,
    holds=lambda value, alpha, beta, low, high: low <= value <= high and alpha > 0 and beta > 0,
    source="of alpha + beta - 1 uniform numbers the alpha-th smallest has the beta distribution",
)
def beta(draws: AnyDraws, *, alpha: int, beta: int, low: float, high: float) -> Column:
    """A number of a range, more often towards one end: shares, ratings, completion."""
    units = [draws.lane(place).unit() for place in range(alpha + beta - 1)]
    if isinstance(units[0], float):
        unit = sorted(units)[alpha - 1]
    else:
        import numpy as np

        unit = np.sort(np.stack(units), axis=0)[alpha - 1]
    value = low + (high - low) * unit
    return values.where(value > high, high, value)
