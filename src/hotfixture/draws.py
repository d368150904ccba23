"""Vectors of 64-bit draws, from row numbers or keyed hashes of values; and one draw in plain Python, bit-identical.

Every invented value is a function of draws. `Draws` holds a numpy vector of them, `Draw` a single Python integer: both
offer the same methods, so a generator is written once. numpy is imported on first use of a vector, never for a `Draw`.

The mixing function is Stafford's variant 13 of the MurmurHash3 finaliser (as in SplitMix64). The column's key enters
after the row is hashed, so two columns are never shifts of one sequence. These bytes are promised for ever: golden
digests of every generator are committed.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Bits: TypeAlias = NDArray[np.uint64]

T = TypeVar("T")

MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB


def mix(value: int) -> int:
    """A bijection of 64-bit integers: every input bit changes every output bit with probability about one half."""
    value &= MASK
    value = ((value ^ (value >> 30)) * _FIRST) & MASK
    value = ((value ^ (value >> 27)) * _SECOND) & MASK
    return value ^ (value >> 31)


def address_key(address: str) -> int:
    """64 bits for the address of a column (`users.email`): the same text gives the same key for ever."""
    from hashlib import blake2b

    return int.from_bytes(blake2b(address.encode(), digest_size=8, person=b"hotfixture.col").digest(), "little")


def _lane_key(lane: int) -> int:
    return mix((lane + 1) * _GOLDEN)


class Draw:
    """One 64-bit draw."""

    __slots__ = ("bits",)

    def __init__(self, bits: int) -> None:
        self.bits = bits & MASK

    @classmethod
    def from_row(cls, seed: int, address: str, row: int) -> Draw:
        """The draw of one row: equal to the same row of `Draws.from_rows`."""
        return cls(mix(mix(row + mix(seed)) ^ address_key(address)))

    def lane(self, lane: int) -> Draw:
        """The `lane`-th independent draw derived from this one."""
        return Draw(mix(self.bits ^ _lane_key(lane)))

    def below(self, bound: int) -> int:
        """An integer in [0, bound); bound is 1 … 2^64."""
        return (self.bits * bound) >> 64

    def unit(self) -> float:
        """A float in [0, 1): a multiple of 2^-53, exact on every processor."""
        return (self.bits >> 11) * 2.0**-53

    def once(self, what: tuple[object, ...], make: Callable[[], T]) -> T:  # noqa: ARG002 - as the others have it
        """What `make` makes of this draw."""
        return make()


class Draws:
    """A vector of 64-bit draws."""

    __slots__ = ("bits",)

    def __init__(self, bits: Bits) -> None:
        self.bits = bits

    def __len__(self) -> int:
        return len(self.bits)

    @classmethod
    def from_rows(cls, seed: int, address: str, first: int, count: int) -> Draws:
        """The draws of rows `first … first + count - 1` of the column at `address`."""
        import numpy as np

        values = _counted(first + mix(seed), count)
        shifted = np.empty_like(values)
        values = _mix_all(values, shifted)
        values ^= np.uint64(address_key(address))
        return cls(_mix_all(values, shifted))

    @classmethod
    def at_rows(cls, seed: int, address: str, rows: Bits) -> Draws:
        """The draws of the given row numbers, in their order."""
        return cls.of_column(row_hashes(seed, rows), address)

    @classmethod
    def of_column(cls, hashes: Bits, address: str) -> Draws:
        """The draws of one column of rows whose `row_hashes` are given: all columns of a table share those."""
        import numpy as np

        return cls(_mix_all(hashes ^ np.uint64(address_key(address))))

    @classmethod
    def from_values(cls, key: bytes, domain: str, values: pa.Array) -> Draws:
        """A keyed draw of each value (string or binary): equal values of one domain give equal draws, under one key.

        `key` is the masking key: without it nobody can tell which value gave which draw. A null draws as `""` does.
        """
        import numpy as np

        from hotfixture.prf import cmac, subkey

        tags = cmac(subkey(key, domain), values)
        return cls(tags.view("<u8")[:, 0].astype(np.uint64))

    def lane(self, lane: int) -> Draws:
        """The `lane`-th independent vector derived from this one."""
        import numpy as np

        return Draws(_mix_all(self.bits ^ np.uint64(_lane_key(lane))))

    def below(self, bound: int) -> NDArray[np.int64]:
        """Integers in [0, bound); bound is 1 … 2^63. The high half of the 128-bit product, so no modulo bias to see."""
        import numpy as np

        if bound == 1:
            return np.zeros(len(self.bits), np.int64)
        if not bound & (bound - 1):
            return (self.bits >> np.uint64(65 - bound.bit_length())).view(np.int64)
        return (_few(self.bits, bound) if bound < _FEW else _many(self.bits, bound)).view(np.int64)

    def unit(self) -> NDArray[np.float64]:
        """Floats in [0, 1): multiples of 2^-53, exact on every processor."""
        import numpy as np

        return (self.bits >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def take(self, indices: NDArray[np.integer]) -> Draws:
        """The draws at `indices`."""
        return Draws(self.bits[indices])

    def once(self, what: tuple[object, ...], make: Callable[[], T]) -> T:  # noqa: ARG002 - what shared draws keep
        """What `make` makes of these draws; shared draws keep it under the name `what`."""
        return make()


class SharedDraws(Draws):
    """Draws that several generators use one after the other: a lane is derived once, and so are its numbers."""

    __slots__ = ("_below", "_lanes", "_made")

    def __init__(self, bits: Bits) -> None:
        super().__init__(bits)
        self._lanes: dict[int, Draws] = {}
        self._below: dict[int, NDArray[np.int64]] = {}
        self._made: dict[tuple[object, ...], Any] = {}

    def lane(self, lane: int) -> Draws:
        """The `lane`-th independent vector; nobody may change its bits."""
        found = self._lanes.get(lane)
        if found is None:
            found = self._lanes[lane] = SharedDraws(super().lane(lane).bits)
        return found

    def below(self, bound: int) -> NDArray[np.int64]:
        """Integers in [0, bound), which nobody may change: numpy sees to it."""
        found = self._below.get(bound)
        if found is None:
            found = self._below[bound] = super().below(bound)
            found.flags.writeable = False
        return found

    def once(self, what: tuple[object, ...], make: Callable[[], T]) -> T:
        """What `make` has made of these draws; nobody may change it."""
        if what not in self._made:
            self._made[what] = make()
        return self._made[what]  # type: ignore[no-any-return]  # what the same maker has made


def row_hashes(seed: int, rows: Bits) -> Bits:
    """The hash of each row number under the seed, before any column's key is mixed in."""
    import numpy as np

    return _mix_all(rows + np.uint64(mix(seed)))


@cache
def keep_freed() -> None:
    """Have the C library keep what is freed, for the next vector, rather than return it to the system at once.

    glibc learns from a large block that is freed that such blocks come and go (mallopt(3), M_MMAP_THRESHOLD): 60,000
    page faults fewer in an export of a million rows, a tenth of its time; records of invented columns in half of
    theirs. The block itself is never touched.
    """
    import numpy as np

    np.empty(8 << 20, np.uint8)


_SHORT = 1 << 16


@cache
def _first_numbers() -> Bits:
    import numpy as np

    return np.arange(_SHORT, dtype=np.uint64)


def _counted(first: int, count: int) -> Bits:
    """`first`, `first` + 1 … modulo 2^64, in memory of their own."""
    import numpy as np

    numbers = _first_numbers()[:count] if count <= _SHORT else np.arange(count, dtype=np.uint64)
    return numbers + np.uint64(first & MASK)


def _mix_all(values: Bits, shifted: Bits | None = None) -> Bits:
    """`mix` of every element, in place: callers give memory of their own, and fresh memory costs as much as a step."""
    shift, multiply, mixed_in, thirty, first, twenty_seven, second, thirty_one = _steps()
    shifted = shift(values, thirty, shifted)
    mixed_in(values, shifted, values)
    multiply(values, first, values)
    shift(values, twenty_seven, shifted)
    mixed_in(values, shifted, values)
    multiply(values, second, values)
    shift(values, thirty_one, shifted)
    mixed_in(values, shifted, values)
    return values


@cache
def _steps() -> tuple[Any, ...]:
    """What `_mix_all` does, and with which numbers: as arrays of no dimension they cost a third of the time."""
    import numpy as np

    numbers = (np.array(number, np.uint64) for number in (30, _FIRST, 27, _SECOND, 31))
    return np.right_shift, np.multiply, np.bitwise_xor, *numbers


_FEW = 1 << 20


def _few(bits: Bits, bound: int) -> Bits:
    """The upper 64 bits of bits * bound for a small bound: all but its lowest bits tell, nearly always.

    What the lowest bits could add is less than `bound`; where a product stands so near to the next integer, the long
    way is gone. That is two steps less for all the others.
    """
    import numpy as np

    spare = bound.bit_length()
    product = bits >> np.uint64(spare)
    product *= np.uint64(bound)
    if len(bits) and int((product << np.uint64(spare)).max()) > MASK - (bound << spare):
        return _many(bits, bound)
    product >>= np.uint64(64 - spare)
    return product


def _many(bits: Bits, bound: int) -> Bits:
    """The upper 64 bits of bits * bound."""
    import numpy as np

    half = np.uint64(32)
    high, low = bits >> half, bits & np.uint64(0xFFFFFFFF)
    if bound > 1 << 32:
        return _high_product(high, low, bound)
    # Both products fit 64 bits; all that the low half can add is its carry above bit 32.
    high *= np.uint64(bound)
    low *= np.uint64(bound)
    low >>= half
    high += low
    high >>= half
    return high


def _high_product(high: Bits, low: Bits, bound: int) -> Bits:
    """The upper 64 bits of (high·2^32 + low) * bound, by schoolbook multiplication of 32-bit halves.

    Works in place, on its arguments too: fresh memory for every step would cost several times the arithmetic.
    """
    import numpy as np

    half = np.uint64(32)
    top, bottom = np.uint64(bound >> 32), np.uint64(bound & 0xFFFFFFFF)
    second = low * bottom
    second >>= half
    low *= top
    second += low
    middle = np.multiply(high, bottom, out=low)
    high *= top
    if (bound >> 32) + (bound & 0xFFFFFFFF) < 1 << 32:
        # The sum fits 64 bits: high * bottom <= (2^32 - 1) * bottom, and what is added stays below 2^32 * (top + 1).
        second += middle
    else:
        high += middle >> half
        middle &= np.uint64(0xFFFFFFFF)
        second += middle
    second >>= half
    high += second
    return high
