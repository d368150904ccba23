"""What lanes of draws give: entries of pools, numbers as texts, letters of an alphabet; and the predicates of these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from hotfixture.generators import values
from hotfixture.generators.pools import Pool, table
from hotfixture.generators.values import AnyDraws, Column

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BASE_64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BASE_64_URL = _BASE_64[:-2] + "-_"
HEX = "0123456789abcdef"


@cache
def listed(*entries: str) -> Pool:
    """A pool of these entries; the same pool for the same entries."""
    return Pool(list(entries))


@cache
def counted(low: int, high: int, width: int = 0) -> Pool:
    """The numbers `low … high` as texts, with zeros in front up to `width`."""
    return Pool([f"{number:0{width}d}" for number in range(low, high + 1)])


def entry(draws: AnyDraws, entries: Pool) -> Column:
    """One entry of a pool, all alike: a part of a text for `join`."""
    return values.pick(entries, draws.below(len(entries)))


def one(draws: AnyDraws, entries: Pool) -> Column:
    """One entry of a pool, all alike: a whole value."""
    return values.take(entries, draws.below(len(entries)))


@cache
def running(name: str) -> tuple[int, ...]:
    """Running sums of the column `weight` of data/<name>.tsv."""
    from itertools import accumulate

    return tuple(accumulate(table(name)["weight"].lines))


def row_of(draws: AnyDraws, name: str) -> Column:
    """The number of a row of data/<name>.tsv, as often as its column `weight` says."""
    return values.weighted(draws, running(name))


def drawn_rows(name: str) -> list[int]:
    """The rows of data/<name>.tsv that come at all."""
    return [row for row, weight in enumerate(table(name)["weight"].lines) if weight]


def letters(draws: AnyDraws, alphabet: str, width: int) -> Column:
    """`width` characters (ASCII) of the alphabet, all alike: a text, or an (n, width) matrix of bytes; four a lane."""
    size, found = len(alphabet), []
    for place in range(0, width, 4):
        rest = draws.lane(place // 4).below(size**4)
        for _ in range(min(4, width - place)):
            rest, index = rest // size, rest % size
            found.append(index)
    if not found or isinstance(found[0], int):
        return "".join(alphabet[index] for index in found)
    import numpy as np

    return np.frombuffer(alphabet.encode(), np.uint8)[np.stack(found, axis=1)]


def hexadecimal(draws: AnyDraws, width: int) -> Column:
    """`width` hexadecimal digits: a text, or an (n, width) matrix of ASCII bytes; sixteen a lane."""
    widths = [min(16, width - place) for place in range(0, width, 16)]
    return values.beside(*(values.base_glyphs(draws.lane(i).bits, HEX, each) for i, each in enumerate(widths)))


def text_of(glyphs: Column) -> Column:
    """Glyphs as texts."""
    return glyphs if isinstance(glyphs, str) else values.fixed_text(glyphs)


def octets(draws: AnyDraws, width: int) -> Column:
    """`width` bytes, all alike, eight a lane: `bytes`, or an (n, width) matrix."""
    lanes: list[Any] = [draws.lane(place).bits for place in range(-(-width // 8))]
    if isinstance(lanes[0], int):
        return b"".join(lane.to_bytes(8) for lane in lanes)[:width]
    import numpy as np

    return np.stack(lanes, axis=1).astype(">u8").view(np.uint8)[:, :width]


def base64_of(data: Column, *, url: bool = False, padding: bool = True) -> Column:
    """Bytes (or a matrix of them) in base 64, with `=` at the end where padding is wanted: a text or texts."""
    if isinstance(data, bytes):
        from base64 import b64encode, urlsafe_b64encode

        spelled = (urlsafe_b64encode if url else b64encode)(data).decode()
        return spelled if padding else spelled.rstrip("=")
    return values.fixed_text(_base64_matrix(data, _BASE_64_URL if url else _BASE_64, padding))


def _base64_matrix(data: NDArray[np.uint8], alphabet: str, padding: bool) -> NDArray[np.uint8]:
    import numpy as np

    count, width = data.shape
    groups, missing = -(-width // 3), -width % 3
    padded = np.zeros((count, groups, 3), np.uint32)
    padded.reshape(count, -1)[:, :width] = data
    number = (padded[:, :, 0] << 16) | (padded[:, :, 1] << 8) | padded[:, :, 2]
    digits = np.frombuffer(alphabet.encode(), np.uint8)
    spelled = np.stack([digits[(number >> shift) & 63] for shift in (18, 12, 6, 0)], axis=2).reshape(count, -1)
    if missing and padding:
        spelled[:, -missing:] = ord("=")
    return spelled if padding or not missing else spelled[:, :-missing]


def matching(pattern: str) -> Callable[..., bool]:
    """A predicate: whether the whole value matches the regular expression, under any options."""

    def holds(value: Any, **_: Any) -> bool:
        import re

        return re.fullmatch(pattern, value) is not None

    return holds


def among(entries: Sequence[Any] | Pool) -> Callable[..., bool]:
    """A predicate: whether the value is one of the entries."""
    known = frozenset(entries.lines if isinstance(entries, Pool) else entries)
    return lambda value, **_: value in known
