"""Identifiers: UUIDs, ULIDs, sequences and permutations."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from hotfixture.draws import Draw
from hotfixture.errors import CapacityError, OptionError
from hotfixture.generators import values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.numbers import refuse_empty
from hotfixture.generators.options import Option
from hotfixture.generators.permute import LARGEST, permute

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_INT64_LOW, _INT64_HIGH = -(1 << 63), (1 << 63) - 1
# The moments that version 7 and ULID carry: 2015-01-01 to 2025-01-01, in milliseconds since 1970.
_MOMENT, _MOMENTS = 1_420_070_400_000, 315_619_200_000


def _check_version(*, version: int) -> None:
    if version not in (4, 7):
        raise OptionError("version", version, "4 or 7")


def _is_uuid(value: Any, version: int) -> bool:
    from uuid import RFC_4122, UUID

    read = UUID(value)
    moment = (read.int >> 80) - _MOMENT if version == 7 else 0
    return str(read) == value and read.version == version and read.variant == RFC_4122 and 0 <= moment < _MOMENTS


@generator(
    "identifiers.uuid",
    options=(
        Option("version", "integer", 4, "4: random; 7: a moment first (2015 to 2024), then random.", low=4, high=7),
    ),
    check=_check_version,
    capacity=lambda version: 1 << 122 if version == 4 else _MOMENTS << 74,
    holds=_is_uuid,
    source="RFC 9562, sections 5.4 and 5.7",
)
def uuid(draws: AnyDraws, *, version: int) -> Column:
    """A UUID in its usual spelling."""
    high: Column = draws.lane(0).bits
    low: Column = draws.lane(1).bits
    if version == 7:
        moment = _MOMENT + draws.lane(2).below(_MOMENTS)
        high = (_unsigned(moment) << 16) | (high & 0xFFF)
    # In place where there are many.
    high &= 0xFFFF_FFFF_FFFF_0FFF
    high |= version << 12
    low &= 0x3FFF_FFFF_FFFF_FFFF
    low |= 1 << 63
    if isinstance(draws, Draw):
        text = f"{high << 64 | low:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    return values.fixed_text(_spell(high, low))


def _unsigned(number: Column) -> Column:
    return number if isinstance(number, int) else number.view("u8")


def _spell(high: NDArray[np.uint64], low: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """(n, 36) ASCII bytes: eight times four hexadecimal digits by table, each written where it belongs at once."""
    import numpy as np
    import pyarrow as pa

    # Arrow's allocator keeps what was freed before; numpy's gives it back, and half of the time went into fresh pages.
    spelled = np.frombuffer(pa.allocate_buffer(len(high) * 36), np.uint8).reshape(-1, 36)
    spelled[:] = ord("-")
    fours = np.ndarray(len(high), _layout(), spelled)
    word, found = (
        np.empty(len(high), np.uint64),
        np.empty(len(high), np.uint32),
    )  # fresh memory costs more than the work
    for place in range(8):
        np.right_shift((high, low)[place // 4], np.uint64(48 - place % 4 * 16), out=word)
        word &= np.uint64(0xFFFF)
        np.take(_hexadecimal(), word.view(np.int64), out=found, mode="clip")
        fours[str(place)] = found
    return spelled


@cache
def _hexadecimal() -> NDArray[np.uint32]:
    """Four ASCII digits for each of 65,536 numbers."""
    import numpy as np

    pairs = np.frombuffer(bytes(range(256)).hex().encode(), np.uint16)
    return np.ascontiguousarray(np.stack([np.repeat(pairs, 256), np.tile(pairs, 256)], axis=1)).view(np.uint32).ravel()


def _layout() -> np.dtype[np.void]:
    """Where the eight groups of four digits stand among the 36 characters."""
    import numpy as np

    return np.dtype(
        {
            "names": [str(place) for place in range(8)],
            "formats": ["u4"] * 8,
            "offsets": [0, 4, 9, 14, 19, 24, 28, 32],
            "itemsize": 36,
        }
    )


def _is_ulid(value: Any) -> bool:
    if len(value) != 26 or any(char not in CROCKFORD for char in value):
        return False
    moment = 0
    for char in value[:10]:
        moment = moment * 32 + CROCKFORD.index(char)
    return 0 <= moment - _MOMENT < _MOMENTS


@generator(
    "identifiers.ulid",
    capacity=_MOMENTS << 80,
    holds=_is_ulid,
    source="the ULID specification: 48 bits of milliseconds (2015 to 2024), 80 random bits, Crockford's base 32",
)
def ulid(draws: AnyDraws) -> Column:
    """A ULID."""
    return values.join(
        values.spelled(_MOMENT + draws.lane(0).below(_MOMENTS), CROCKFORD, 10),
        values.spelled(draws.lane(1).bits, CROCKFORD, 8),
        values.spelled(draws.lane(2).bits, CROCKFORD, 8),
    )


def _check_step(*, start: int, step: int) -> None:  # noqa: ARG001 - every option is passed
    if step == 0:
        raise OptionError("step", step, "any whole number but 0")


def _steps(start: int, step: int) -> int:
    """How many values fit 64 bits."""
    return (_INT64_HIGH - start if step > 0 else start - _INT64_LOW) // abs(step) + 1


@generator(
    "identifiers.sequence",
    type="int64",
    options=(
        Option("start", "integer", 1, "The value of row 0.", low=_INT64_LOW, high=_INT64_HIGH),
        Option("step", "integer", 1, "From one row to the next.", low=_INT64_LOW, high=_INT64_HIGH),
    ),
    check=_check_step,
    capacity=_steps,
    holds=lambda value, start, step: (value - start) % step == 0 and (value - start) // step >= 0,
    source="arithmetic progression over row numbers",
    by_row=True,
)
def sequence(draws: AnyDraws, *, start: int, step: int) -> Column:
    """The row number times `step`, from `start` on."""
    rows: Column = draws.bits
    _refuse_rows_from(_steps(start, step), rows, f"sequence start={start} step={step}")
    return start + step * (rows if isinstance(rows, int) else rows.view("i8"))


def _refuse_rows_from(size: int, rows: Column, what: str) -> None:
    """CapacityError where one of the row numbers is `size` or more."""
    last = rows if isinstance(rows, int) else int(rows.max(initial=0))
    if last >= size:
        raise CapacityError(f"{what} has {size} values: there is none for row {last}")


def _check_permutation(*, low: int, high: int, key: int) -> None:  # noqa: ARG001 - every option is passed
    refuse_empty(low=low, high=high)
    if high - low >= LARGEST:
        raise OptionError("high", high, f"at most {LARGEST} numbers from low={low} on")


@generator(
    "identifiers.permutation",
    type="int64",
    options=(
        Option("low", "integer", 1, "Smallest value.", low=_INT64_LOW, high=_INT64_HIGH),
        Option("high", "integer", 1_000_000, "Largest value, itself included.", low=_INT64_LOW, high=_INT64_HIGH),
        Option("key", "integer", 0, "Which permutation; where a seed is given and no key, the seed."),
    ),
    check=_check_permutation,
    capacity=lambda low, high, key: high - low + 1,  # noqa: ARG005 - every option is passed
    holds=lambda value, low, high, key: low <= value <= high,  # noqa: ARG005 - every option is passed
    source="a keyed permutation of the row number, see permute",
    by_row=True,
)
def permutation(draws: AnyDraws, *, low: int, high: int, key: int) -> Column:
    """A whole number of the range, another one in every row."""
    rows: Column = draws.bits
    size = high - low + 1
    _refuse_rows_from(size, rows, f"permutation low={low} high={high}")
    return low + permute(rows, size, key)
