"""Keys as databases and services hand them out: time-based UUIDs, object ids, snowflakes, short random texts."""

from __future__ import annotations

from typing import Any

from hotfixture.generators import values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.drawn import hexadecimal, letters, text_of
from hotfixture.generators.options import Option

# The moments that the keys carry: 2015-01-01 to 2025-01-01, in seconds since 1970.
_FIRST, _SECONDS = 1_420_070_400, 315_619_200
_TICKS_TO_1970 = 0x01B21DD213814000
"""From the start of the Gregorian calendar (1582-10-15) to 1970, in units of 100 ns."""


def _is_uuid1(value: Any) -> bool:
    from uuid import RFC_4122, UUID

    read = UUID(value)
    second = (read.time - _TICKS_TO_1970) // 10_000_000 - _FIRST
    multicast = bool(read.node >> 40 & 1)
    return (
        str(read) == value and read.version == 1 and read.variant == RFC_4122 and multicast and 0 <= second < _SECONDS
    )


@generator(
    "identifiers.uuid1",
    source="RFC 9562, section 5.1; the node is random and marked as such by its multicast bit (section 6.10)",
    holds=_is_uuid1,
    capacity=_SECONDS * 10_000_000 << 61,
)
def uuid1(draws: AnyDraws) -> Column:
    """A UUID that carries a moment from 2015 to 2024, and no machine's address."""
    ticks = _TICKS_TO_1970 + _FIRST * 10_000_000 + draws.lane(0).below(_SECONDS * 10_000_000)
    low, middle, high = ticks & 0xFFFFFFFF, ticks >> 32 & 0xFFFF, ticks >> 48 | 0x1000
    sequence = 0x8000 | draws.lane(1).below(1 << 14)
    node = draws.lane(2).below(1 << 48) | 1 << 40
    widths = ((low, 8), (middle, 4), (high, 4), (sequence, 4), (node, 12))
    glyphs = values.beside(*(values.base_glyphs(number, "0123456789abcdef", width) for number, width in widths))
    return values.filled("########-####-####-####-############", glyphs)


@generator(
    "identifiers.object_id",
    source="the ObjectId of BSON: four bytes of seconds (2015 to 2024), eight more bytes",
    holds=lambda value: len(bytes.fromhex(value)) == 12 and 0 <= int(value[:8], 16) - _FIRST < _SECONDS,
    capacity=_SECONDS << 64,
)
def object_id(draws: AnyDraws) -> Column:
    """The ObjectId of a document of MongoDB."""
    second = values.base_glyphs(_FIRST + draws.lane(0).below(_SECONDS), "0123456789abcdef", 8)
    return text_of(values.beside(second, hexadecimal(draws.lane(1), 16)))


_EPOCH_MS = 1_288_834_974_657
"""When snowflakes begin to count: 2010-11-04T01:42:54.657Z, in milliseconds since 1970."""


def _is_snowflake(value: Any) -> bool:
    return bool(0 <= (value >> 22) + _EPOCH_MS - _FIRST * 1000 < _SECONDS * 1000)


@generator(
    "identifiers.snowflake",
    type="int64",
    source="41 bits of milliseconds since 2010-11-04 (2015 to 2024 here), 10 bits of machine, 12 bits of sequence",
    holds=_is_snowflake,
    capacity=_SECONDS * 1000 << 22,
)
def snowflake(draws: AnyDraws) -> Column:
    """A key that rises with time and is unique across machines."""
    moment = _FIRST * 1000 - _EPOCH_MS + draws.lane(0).below(_SECONDS * 1000)
    return (moment << 22) + draws.lane(1).below(1 << 22)


_SAFE = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz-"


@generator(
    "identifiers.nanoid",
    options=(Option("length", "integer", 21, "How many characters.", low=2, high=128),),
    source="Nano ID: 64 characters that are safe in addresses",
    holds=lambda value, length: len(value) == length and set(value) <= set(_SAFE),
    capacity=lambda length: 64**length,
)
def nanoid(draws: AnyDraws, *, length: int) -> Column:
    """A short random key that is safe in addresses."""
    return text_of(letters(draws.lane(0), _SAFE, length))
