"""Operations on one value or on many: plain Python for one, numpy and Arrow kernels for many, equal row by row.

A column is a plain value (`int`, `str`, `float`, `bool`, `None`, a date) or an array. Integers and truth values of many
are numpy arrays, texts are Arrow arrays. Ordinary operators (`+ - * // % < ==`) work on both; what does not is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from hotfixture.draws import Draw, Draws

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from hotfixture.generators.pools import Pool

AnyDraws: TypeAlias = Draw | Draws
Column: TypeAlias = Any
"""One plain value, or a numpy or Arrow array with one value a draw: which of them, the draws decide."""

_ONE = (int, str, float, bool, bytes, date, type(None))
EPOCH = date(1970, 1, 1)


def is_one(column: Column) -> bool:
    """Whether a column is one plain value."""
    return isinstance(column, _ONE)


class Pick:
    """Many entries of a pool, not yet looked up: `join` looks up those of all its parts in one go."""

    __slots__ = ("index", "pool")

    def __init__(self, pool: Pool, index: NDArray[np.int64]) -> None:
        self.pool, self.index = pool, index


def pick(pool: Pool, index: Column) -> Column:
    """The pool's entries at `index`, as `take`, but looked up as late as possible: for the parts of a text."""
    return pool[index] if isinstance(index, int) else Pick(pool, index)


def ready(column: Column) -> Column:
    """The column itself; a `Pick` looked up."""
    return take(column.pool, column.index) if isinstance(column, Pick) else column


def take(pool: Pool | Sequence[Any], index: Column) -> Column:
    """The pool's entries at `index`; a plain tuple or list is a pool too (texts become an Arrow array)."""
    if isinstance(index, int):
        return pool[index]
    import pyarrow as pa

    return pool.at(index) if hasattr(pool, "at") else pa.array(pool).take(pa.array(index))


def lookup(table: Sequence[int], index: Column) -> Column:
    """The integers of `table` at `index`, as integers to compute with."""
    if isinstance(index, int):
        return table[index]
    import numpy as np

    return np.asarray(table, dtype=np.int64)[index]


def weighted(draws: AnyDraws, cumulative: Sequence[int]) -> Column:
    """An index, `i` with probability (cumulative[i] - cumulative[i-1]) / cumulative[-1]; the sums are integers."""
    point = draws.below(cumulative[-1])
    if isinstance(point, int):
        from bisect import bisect_right

        return bisect_right(cumulative, point)
    import numpy as np

    return np.searchsorted(np.asarray(cumulative, dtype=np.int64), point, side="right")


def join(*parts: Column, separator: str = "") -> Column:
    """The parts side by side as one text; each is a column of texts or one text that stands in every row."""
    if all(isinstance(part, str) for part in parts):
        return separator.join(parts)
    if not separator and any(isinstance(part, Pick) for part in parts):
        return _picked(parts)
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(*(ready(part) for part in parts), separator)


def _picked(parts: Sequence[Column]) -> pa.Array:
    """Texts side by side: one lookup in all pools and columns laid end to end, of which every k-th offset is kept.

    85 M joins of two entries a second, where Arrow's own join of two columns makes 30 M.
    """
    import pyarrow as pa

    parts = _folded(parts)
    count = next(len(part.index) for part in parts if isinstance(part, Pick))
    step = max(1, _LOOKUPS // len(parts))
    if count <= step:
        return _laid(parts, count)
    return pa.concat_arrays(
        [_laid(_cut(parts, start, start + step), min(step, count - start)) for start in range(0, count, step)]
    )


_LOOKUPS = 1 << 17
"""Made in one go: more of them would not stay in the processor's cache."""


def _cut(parts: Sequence[Column], start: int, end: int) -> list[Column]:
    """Some rows of each part."""
    return [
        Pick(part.pool, part.index[start:end])
        if isinstance(part, Pick)
        else part
        if isinstance(part, str)
        else part[start:end]
        for part in parts
    ]


def _laid(parts: Sequence[Column], count: int) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    pools = [part if isinstance(part, str) else part.pool for part in parts if isinstance(part, Pick | str)]
    everything, starts = _end_to_end(tuple(pools))
    columns = [part for part in parts if not isinstance(part, Pick | str)]
    begins, first = iter(starts), len(everything)
    index = np.empty((count, len(parts)), np.int64)
    for place, part in enumerate(parts):
        if isinstance(part, Pick):
            np.add(part.index, next(begins), out=index[:, place])
        elif isinstance(part, str):
            index[:, place] = next(begins)
        else:
            index[:, place] = np.arange(first, first + count)
            first += count
    flat = index.ravel()
    words = pa.concat_arrays([everything.array, *columns]).take(pa.array(flat)) if columns else everything.at(flat)
    _, offsets, data = words.buffers()
    every = np.ascontiguousarray(np.frombuffer(offsets, np.int32)[: count * len(parts) + 1 : len(parts)])
    return pa.StringArray.from_buffers(count, pa.py_buffer(every), data)


_WIDEST = 10_000
"""Entries of a pool that a text is put to beforehand."""


def _folded(parts: Sequence[Column]) -> list[Column]:
    """The parts, a plain text put to every entry of the pool before it, or after it: one lookup less a row."""
    folded: list[Column] = []
    for part in parts:
        last = folded[-1] if folded else None
        if isinstance(part, str) and isinstance(last, Pick) and len(last.pool) <= _WIDEST:
            folded[-1] = Pick(_extended(last.pool, "", part), last.index)
        elif isinstance(part, Pick) and isinstance(last, str) and len(part.pool) <= _WIDEST:
            folded[-1] = Pick(_extended(part.pool, last, ""), part.index)
        else:
            folded.append(part)
    return folded


@lru_cache(maxsize=512)
def _extended(pool: Pool, before: str, after: str) -> Pool:
    """The pool with a text before and after every entry; pools are known by identity."""
    from hotfixture.generators.pools import Pool as Extended

    return Extended([f"{before}{entry}{after}" for entry in pool.lines])


@lru_cache(maxsize=512)
def _end_to_end(pools: tuple[Pool | str, ...]) -> tuple[Pool, list[int]]:
    """All pools as one, a text being a pool of one, and where each begins; pools are known by identity."""
    from hotfixture.generators.pools import Pool as Whole

    lines = [[pool] if isinstance(pool, str) else pool.lines for pool in pools]
    starts = [sum(len(each) for each in lines[:place]) for place in range(len(lines))]
    return Whole([line for each in lines for line in each]), starts


def where(condition: Column, then: Column, otherwise: Column) -> Column:
    """`then` where the condition holds, `otherwise` elsewhere: numbers or texts, columns or plain values."""
    if isinstance(condition, bool):
        return then if condition else otherwise
    then, otherwise = ready(then), ready(otherwise)
    import numpy as np
    import pyarrow as pa

    if any(isinstance(part, str | pa.Array) for part in (then, otherwise)):
        import pyarrow.compute as pc

        return pc.if_else(pa.array(condition), then, otherwise)
    if all(_is_whole(part) for part in (then, otherwise)):
        # numpy branches on every row, and guesses wrong half of the time: a third of the time without branches.
        return otherwise + (then - otherwise) * condition
    return np.where(condition, then, otherwise)


_FAR = 1 << 62


def _is_whole(part: Column) -> bool:
    """Whether it is an integer or a column of them, whose arithmetic may wrap around and comes back."""
    return -_FAR < part < _FAR if type(part) is int else getattr(part, "dtype", None) == "int64"


def select(index: Column, *columns: Column) -> Column:
    """From each row the column that `index` names (texts); a plain text stands for a column of itself."""
    if isinstance(index, int):
        return columns[index]
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.choose(pa.array(index), *(ready(column) for column in columns))


def padded(number: Column, width: int) -> Column:
    """The last `width` decimal digits of non-negative integers, zeros in front."""
    return filled("#" * width, digit_glyphs(number, width))


def digit_glyphs(number: Column, width: int) -> Column:
    """The last `width` decimal digits: a text for one, an (n, width) matrix of ASCII bytes for many."""
    return f"{number % 10**width:0{width}d}" if isinstance(number, int) else digit_matrix(number, width)


def base_glyphs(number: Column, alphabet: str, width: int) -> Column:
    """The lowest `width` digits in base len(alphabet), a power of two: a text, or an (n, width) matrix of ASCII."""
    shift = len(alphabet).bit_length() - 1
    if isinstance(number, int):
        return "".join(alphabet[(number >> (shift * place)) & (len(alphabet) - 1)] for place in reversed(range(width)))
    import numpy as np

    groups = -(-width // 2)
    pairs = np.empty((len(number), groups), np.uint16)
    bits = number.astype(np.uint64)
    for place in range(groups):
        pair = (bits >> np.uint64(2 * shift * place)) & np.uint64(len(alphabet) ** 2 - 1)
        pairs[:, groups - 1 - place] = _pairs(alphabet)[pair]
    return pairs.view(np.uint8)[:, 2 * groups - width :]


@cache
def _pairs(alphabet: str) -> NDArray[np.uint16]:
    """Two ASCII digits for each number below the square of the base, packed in the order of memory."""
    import numpy as np

    return np.frombuffer("".join(high + low for high in alphabet for low in alphabet).encode(), np.uint16)


def beside(*glyphs: Column) -> Column:
    """Glyphs side by side, row by row."""
    if isinstance(glyphs[0], str):
        return "".join(glyphs)
    import numpy as np

    return np.concatenate(glyphs, axis=1)


def filled(pattern: str, glyphs: Column) -> Column:
    """The pattern (ASCII) with each `#` replaced by the next glyph of a text, or of each row of a matrix."""
    if isinstance(glyphs, str):
        left = iter(glyphs)
        return "".join(next(left) if character == "#" else character for character in pattern)
    import numpy as np

    if set(pattern) == {"#"}:
        return fixed_text(glyphs)
    matrix = np.empty((len(glyphs), len(pattern)), np.uint8)
    matrix[:] = np.frombuffer(pattern.encode(), np.uint8)
    matrix[:, [place for place, character in enumerate(pattern) if character == "#"]] = glyphs
    return fixed_text(matrix)


def compose(pattern: str, **columns: Column) -> Column:
    """The pattern with each `{name}` replaced by that column."""
    parts = []
    for piece in pattern.split("{"):
        name, closed, literal = piece.rpartition("}")
        parts += [columns[name], literal] if closed else [literal]
    return join(*(part for part in parts if not isinstance(part, str) or part))


def scaled(draws: AnyDraws, bounds: Column) -> Column:
    """Integers in [0, bound), where each row has a bound of its own, at most 2^31."""
    return (draws.below(1 << 32) * bounds) >> 32


def spelled(number: Column, alphabet: str, width: int) -> Column:
    """Unsigned integers in base len(alphabet) (a power of two, ASCII), the lowest `width` digits, highest first."""
    return filled("#" * width, base_glyphs(number, alphabet, width))


def digit_matrix(number: NDArray[np.int64], width: int) -> NDArray[np.uint8]:
    """(n, width) ASCII digits of the last `width` decimal digits of non-negative integers, four at a time by table."""
    import numpy as np

    groups = -(-width // 4)
    fours = np.empty((len(number), groups), np.uint32)
    rest = number.astype(np.uint64)
    for place in reversed(range(groups)):
        higher = rest // np.uint64(10_000)
        fours[:, place] = _four_digits()[rest - higher * np.uint64(10_000)]
        rest = higher
    return fours.view(np.uint8)[:, 4 * groups - width :]


@cache
def _four_digits() -> NDArray[np.uint32]:
    """The four ASCII digits of 0 … 9999, each packed into one integer in the order of memory."""
    import numpy as np

    return np.frombuffer("".join(f"{number:04d}" for number in range(10_000)).encode(), np.uint32)


def fixed_text(matrix: NDArray[np.uint8]) -> pa.Array:
    """A string array out of an (n, width) matrix of ASCII bytes: its rows, copied by nobody."""
    import numpy as np
    import pyarrow as pa

    count, width = matrix.shape
    offsets = np.arange(0, count * width + 1, width, dtype=np.int32) if width else np.zeros(count + 1, np.int32)
    data = np.ascontiguousarray(matrix)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(data))


def date_at(days: Column) -> Column:
    """Dates from days since 1970-01-01."""
    if isinstance(days, int):
        return EPOCH + timedelta(days=days)
    import numpy as np
    import pyarrow as pa

    return pa.array(days.astype(np.int32)).view(pa.date32())


def days_of(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def record(fields: Mapping[str, Column], *, type: Callable[[], pa.DataType] | None = None) -> Column:  # noqa: A002 - the plain word, keyword-only
    """A struct: one dict out of plain values, or an Arrow struct array out of columns."""
    if not any(isinstance(column, Pick) or hasattr(column, "__array__") for column in fields.values()):
        return dict(fields)
    import pyarrow as pa

    columns = (ready(column) for column in fields.values())
    arrays = [column if isinstance(column, pa.Array) else pa.array(column) for column in columns]
    if type is None:
        return pa.StructArray.from_arrays(arrays, names=list(fields))
    wanted = type()
    cast = [
        array if array.type == field.type else array.cast(field.type)
        for array, field in zip(arrays, wanted, strict=True)
    ]
    return pa.StructArray.from_arrays(cast, fields=list(wanted))


def same(draws: AnyDraws, value: Any) -> Column:
    """`value` once for every draw."""
    if isinstance(draws, Draw):
        return value
    import pyarrow as pa

    return pa.repeat(value, len(draws))
