"""Whole numbers by machine type, digits, other notations, dice, probabilities."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from hotfixture.generators import values
from hotfixture.generators.base import AnyDraws, Column, Generator, generator
from hotfixture.generators.drawn import one
from hotfixture.generators.numbers import refuse_empty
from hotfixture.generators.options import Option
from hotfixture.generators.pools import Pool

if TYPE_CHECKING:
    import pyarrow as pa


def _machine(name: str) -> Generator:
    """The generator of all numbers of one machine type: `int8` … `uint64`."""
    signed, bits = name.startswith("int"), int(name.lstrip("uint"))
    low = -(1 << bits - 1) if signed else 0

    def integer(draws: AnyDraws) -> Column:
        drawn: Column = draws.lane(0).bits
        number = drawn >> (64 - bits) if bits < 64 else drawn
        if isinstance(number, int):
            return number + low
        if bits == 64:
            return (number ^ (1 << 63)).view("i8") if signed else number
        return number.view("i8") + low

    def typed(**_: Any) -> pa.DataType:
        import pyarrow as pa

        return getattr(pa, name)()

    integer.__doc__ = f"A whole number of {bits} bits, {'with' if signed else 'without'} a sign; all alike."
    made = generator(
        f"numbers.{name}",
        type=typed,
        source="two's complement" if signed else "binary numbers",
        holds=lambda value: low <= value < low + (1 << bits),
        capacity=1 << bits,
    )
    return made(integer)


int8, int16, int32, int64 = (_machine(f"int{bits}") for bits in (8, 16, 32, 64))
uint8, uint16, uint32, uint64 = (_machine(f"uint{bits}") for bits in (8, 16, 32, 64))


@generator(
    "numbers.digit",
    type="int32",
    options=(Option("zero", "boolean", True, "With 0 among them."),),
    source="uniform by definition",
    holds=lambda value, zero: (0 if zero else 1) <= value <= 9,
    capacity=lambda zero: 10 if zero else 9,
)
def digit(draws: AnyDraws, *, zero: bool) -> Column:
    """A decimal digit, as a number."""
    return draws.lane(0).below(10) if zero else 1 + draws.lane(0).below(9)


_BASES = {"hexadecimal": (16, "0x", "0123456789abcdef"), "octal": (8, "0o", "01234567"), "binary": (2, "0b", "01")}


def _notation(name: str) -> Generator:
    """The generator of numbers in another notation: a fixed number of digits, a prefix where wanted."""
    base, mark, alphabet = _BASES[name]

    def number(draws: AnyDraws, *, digits: int, prefix: bool) -> Column:
        spelled = values.spelled(draws.lane(0).bits, alphabet, digits)
        return values.join(mark, spelled) if prefix else spelled

    number.__doc__ = f"A number in {name} notation, zeros in front among its digits."
    made = generator(
        f"numbers.{name}",
        options=(
            Option("digits", "integer", 8, "How many digits.", low=1, high=16),
            Option("prefix", "boolean", False, f"With {mark} in front."),
        ),
        source=f"base {base}, every digit alike",
        holds=lambda value, digits, prefix: (
            len(value) == digits + 2 * prefix
            and value.startswith(mark if prefix else "")
            and set(value[2 * prefix :]) <= set(alphabet)
        ),
        capacity=lambda digits, prefix: base**digits,  # noqa: ARG005 - every option is passed
    )
    return made(number)


hexadecimal, octal, binary = (_notation(name) for name in _BASES)

_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def roman(number: int) -> str:
    """A number from 1 to 3,999 as the Romans wrote it."""
    text = ""
    for value, mark in _ROMAN:
        times, number = divmod(number, value)
        text += mark * times
    return text


@cache
def _romans(low: int, high: int) -> Pool:
    return Pool([roman(number) for number in range(low, high + 1)])


@generator(
    "numbers.roman",
    options=(
        Option("low", "integer", 1, "Smallest number.", low=1, high=3999),
        Option("high", "integer", 3999, "Largest number, itself included.", low=1, high=3999),
    ),
    check=refuse_empty,
    source="the customary subtractive notation",
    holds=lambda value, low, high: value in _romans(low, high).lines,
    capacity=lambda low, high: high - low + 1,
)
def roman_numeral(draws: AnyDraws, *, low: int, high: int) -> Column:
    """A number as the Romans wrote it."""
    return one(draws.lane(0), _romans(low, high))


@generator(
    "numbers.probability",
    type="float64",
    options=(Option("digits", "integer", 4, "Decimal places.", low=1, high=15),),
    source="uniform by definition",
    holds=lambda value, digits: 0 <= value <= 1 and round(value, digits) == value,
    capacity=lambda digits: 10**digits + 1,
)
def probability(draws: AnyDraws, *, digits: int) -> Column:
    """A number from 0 to 1, both included."""
    return draws.lane(0).below(10**digits + 1) / 10**digits


@generator(
    "numbers.dice",
    type="int32",
    options=(
        Option("dice", "integer", 1, "How many dice are thrown.", low=1, high=100),
        Option("sides", "integer", 6, "How many sides each has.", low=2, high=1000),
        Option("plus", "integer", 0, "What is added to the sum.", low=-1000, high=1000),
    ),
    source="sums of uniform numbers",
    holds=lambda value, dice, sides, plus: dice + plus <= value <= dice * sides + plus,
)
def dice(draws: AnyDraws, *, dice: int, sides: int, plus: int) -> Column:
    """The sum of a throw of dice."""
    total: Column = plus + dice
    for place in range(dice):
        total = total + draws.lane(place).below(sides)
    return total
