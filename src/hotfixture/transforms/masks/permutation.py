"""permute: a keyed permutation that keeps the format; distinct values stay distinct, so keys stay keys.

Texts: a Feistel network over the letters and digits, of which every second belongs to either half; each round adds
AES-CBC-MAC of one half to the other, position by position in its own alphabet (the construction of FF1 in NIST
SP 800-38G, with unequal alphabets). Ten rounds. A text is permuted among all texts of its own shape, so the whole is
one bijection. Integers: permuted among those of as many digits that fit the same integer types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hotfixture.generators.options import Option
from hotfixture.generators.permute import permute
from hotfixture.prf import subkey
from hotfixture.transforms.masks.alphabets import alphabet
from hotfixture.transforms.masks.base import DOMAIN, OwnValue, Site, Uniqueness
from hotfixture.transforms.masks.rows import Row
from hotfixture.transforms.masks.texts import from_points, to_points

ROUNDS = 10
SEGMENT = 18
"""Characters that make one word of each half: at most nine of them in one half, 128^9 < 2^63."""

Words = NDArray[np.uint64]
Encrypt = Callable[[bytes], bytes]

_NUMBER = r"^(?i)(-?[0-9]*\.?[0-9]*(e[-+]?[0-9]+)?|-?nan|-?inf(inity)?)$"
_UUID_KEPT = (14, 19)
"""Where a uuid says its version and variant."""


class Permute(OwnValue):
    """Another value of the same format: digits for digits, letters for letters of the same case, the rest stays."""

    name = "permute"
    MAIN = "alphabet"
    OPTIONS = (
        Option("alphabet", "choice", "text", "Which characters change; `uuid` keeps version and variant.",
               choices=("text", "digits", "hex", "uuid")),
        Option("luhn", "boolean", False, "The last digit is a Luhn check digit and stays as valid as it was."),
        Option("keep_first", "integer", 0, "So many characters stay at the beginning.", low=0, high=1000),
        Option("keep_last", "integer", 0, "So many characters stay at the end.", low=0, high=1000),
        DOMAIN,
    )  # fmt: skip
    uniqueness: Uniqueness = "kept"

    def __init__(self, site: Site, options: Mapping[str, Any]) -> None:
        super().__init__(site, options)
        if site.kind not in ("text", "integer", "decimal", "float", "uuid", "binary"):
            raise site.error(f"'permute' gives no {site.kind}", "Use shift_dates for dates, noise for amounts.")
        if site.kind == "float":
            self.uniqueness = "likely"
        self.alphabet = "uuid" if site.kind == "uuid" else options["alphabet"]

    def _key(self, row: Row) -> bytes:
        return subkey(row.key.secret, f"permute {self.options['domain'] or self.name}")

    def change(self, values: pa.Array, row: Row) -> pa.Array:
        key = self._key(row)
        if self.site.kind == "binary":
            hexadecimal = pa.array(
                [None if value is None else value.hex() for value in values.to_pylist()], pa.string()
            )
            made = self._texts(hexadecimal, key, "hex", number=False)
            return pa.array([bytes.fromhex(text or "") for text in made.to_pylist()], values.type)
        if self.site.kind == "integer":
            return self._integers(values, key)
        if self.site.kind in ("decimal", "float"):
            return self._numbers(values, key)
        return self._texts(values, key, self.alphabet, number=False)

    def _integers(self, values: pa.Array, key: bytes) -> pa.Array:
        """Integers as such; what else an engine of dynamic types has let in, as text."""
        whole = pc.fill_null(pc.match_substring_regex(values, r"^-?[0-9]{1,19}$"), False)
        largest = pc.and_(pc.match_substring_regex(values, "^1[0-9]{19}$"), pc.less_equal(values, str((1 << 64) - 1)))
        whole = pc.or_(whole, pc.fill_null(largest, False))
        made = permuted_integers(pc.if_else(whole, values, "0"), key)
        if pc.all(whole).as_py():
            return made
        return pc.if_else(whole, made, self._numbers(values, key))

    def _numbers(self, values: pa.Array, key: bytes) -> pa.Array:
        """Numbers as such, NaN and infinity as they are; what else an engine of dynamic types has let in, as text."""
        number = pc.fill_null(pc.match_substring_regex(values, _NUMBER), True)
        made = self._texts(values, key, "text", number=True)
        if pc.all(number).as_py():
            return made
        return pc.if_else(number, made, self._texts(values, key, "text", number=False))

    def _texts(self, values: pa.Array, key: bytes, name: str, *, number: bool) -> pa.Array:
        texts = values.fill_null("")
        if name in ("hex", "uuid"):
            return self._hexadecimal(texts, key, name)
        return self._by_length(texts, key, name, number=number)

    def _hexadecimal(self, texts: pa.Array, key: bytes, name: str) -> pa.Array:
        """Digits of either case are the same number; a text in capitals stays one."""
        lower = pc.utf8_lower(texts)
        made = self._by_length(lower, key, name, number=False)
        return pc.if_else(
            pc.and_(pc.equal(texts, pc.utf8_upper(texts)), pc.not_equal(texts, lower)), pc.utf8_upper(made), made
        )

    def _by_length(self, texts: pa.Array, key: bytes, name: str, *, number: bool) -> pa.Array:
        lengths = pc.utf8_length(texts).to_numpy()
        order = np.argsort(lengths, kind="stable")
        parts = []
        for length in np.unique(lengths):
            here = texts.take(pa.array(order[lengths[order] == length]))
            parts.append(self._same_length(here, int(length), key, name, number=number))
        if len(parts) == 1:
            return parts[0]
        back = np.empty(len(order), np.int64)
        back[order] = np.arange(len(order))
        return pa.concat_arrays(parts).take(pa.array(back)) if parts else texts

    def _same_length(self, texts: pa.Array, length: int, key: bytes, name: str, *, number: bool) -> pa.Array:
        if not length:
            return texts
        points = to_points(texts, length)
        letters = alphabet("hex" if name == "uuid" else name)
        rank, size, start = letters.read(points)
        if number:
            start, rank, size = _as_number(points, rank, size, start)
        self._keep(size, length, name)
        last = _check_positions(points) if self.options["luhn"] else None
        if last is not None:
            size[last] = 1
        changes = size > 1
        moved = feistel(np.where(changes, rank, np.uint64(0)), np.where(changes, size, np.uint64(1)), key)
        made = letters.write(np.where(changes, moved, rank), start, points)
        if last is not None:
            made[last] = _checked(points, made, last)
        return from_points(made)

    def _keep(self, size: Words, length: int, name: str) -> None:
        """What stays is an alphabet of one letter."""
        first, last = self.options["keep_first"], self.options["keep_last"]
        size[:, : min(first, length)] = 1
        size[:, max(length - last, 0) :] = 1
        if name == "uuid" and length == 36:
            size[:, _UUID_KEPT] = 1


def _as_number(
    points: NDArray[np.uint32], rank: Words, size: Words, start: NDArray[np.uint32]
) -> tuple[NDArray[np.uint32], Words, Words]:
    """A number keeps its canonical form: no leading zero appears; a fraction's trailing zeros and exponents stay."""
    digit = (points >= 48) & (points <= 57)
    exponent = np.maximum.accumulate((points == ord("e")) | (points == ord("E")), axis=1)
    point = np.maximum.accumulate(points == ord("."), axis=1)
    whole = digit & ~point & ~exponent
    leading = whole & (np.cumsum(whole, axis=1) == 1)
    fraction = digit & point & ~exponent
    nonzero = fraction & (points != 48)
    after = np.cumsum(nonzero[:, ::-1], axis=1)[:, ::-1]  # digits that count, here or further right
    trailing, last = fraction & (after == 0), nonzero & (after == 1)
    size, rank, start = size.copy(), rank.copy(), start.copy()
    size[~digit | exponent | trailing | ((points == 48) & leading)] = 1
    above_zero = ((leading & (points != 48)) | last) & (size > 1)
    size[above_zero], rank[above_zero] = 9, rank[above_zero] - np.uint64(1)
    start[above_zero] += 1
    return start, rank, size


def feistel(rank: Words, size: Words, key: bytes) -> Words:
    """The digits of each row, permuted among all rows of digits below `size`; where a size is 1 the digit is 0."""
    turn = np.cumsum(size > 1, axis=1) & 1
    halves = [_Half(np.where(turn == side, size, np.uint64(1)), rank) for side in (1, 0)]
    encrypt = _cipher(key)
    for number in range(ROUNDS):
        changed, other = halves[number & 1], halves[1 - (number & 1)]
        changed.add(_mac(encrypt, other.words, number, rank.shape[1], len(changed.words)))
    return np.asarray(halves[0].digits() + halves[1].digits())


class _Half:
    """Every second digit of each row, as words of mixed radix."""

    def __init__(self, sizes: Words, rank: Words) -> None:
        self._segments = [sizes[:, first : first + SEGMENT] for first in range(0, sizes.shape[1], SEGMENT)]
        self._totals = [np.prod(segment, axis=1, dtype=np.uint64) for segment in self._segments]
        self.words = [
            _joined(segment, rank[:, index * SEGMENT : index * SEGMENT + SEGMENT])
            for index, segment in enumerate(self._segments)
        ]

    def add(self, amounts: list[Words]) -> None:
        self.words = [
            (word + amount % total) % total
            for word, amount, total in zip(self.words, amounts, self._totals, strict=True)
        ]

    def digits(self) -> Words:
        return np.concatenate([_split(s, w) for s, w in zip(self._segments, self.words, strict=True)], axis=1)


def _joined(sizes: Words, rank: Words) -> Words:
    word = np.zeros(len(sizes), np.uint64)
    for column in range(sizes.shape[1]):
        size = sizes[:, column]
        word = word * size + np.where(size > 1, rank[:, column], np.uint64(0))
    return word


def _split(sizes: Words, word: Words) -> Words:
    digits = np.zeros(sizes.shape, np.uint64)
    for column in reversed(range(sizes.shape[1])):
        word, digits[:, column] = np.divmod(word, sizes[:, column])
    return digits


def _mac(encrypt: Encrypt, words: list[Words], turn: int, width: int, wanted: int) -> list[Words]:
    """`wanted` words drawn from `words`: a CBC-MAC, then counters behind it."""
    state = np.zeros((len(words[0]), 2), "<u8")
    for index, word in enumerate(words):
        state[:, 0] ^= word
        state[:, 1] ^= np.uint64((turn << 48) | (width << 16) | index)
        state = np.frombuffer(encrypt(state.tobytes()), "<u8").reshape(-1, 2).copy()
    if wanted == 1:
        return [np.ascontiguousarray(state[:, 0]).astype(np.uint64, copy=False)]
    made = []
    for counter in range(wanted):
        block = state.copy()
        block[:, 1] ^= np.uint64((1 << 63) | counter)
        made.append(np.frombuffer(encrypt(block.tobytes()), "<u8")[::2].astype(np.uint64))
    return made


def _cipher(key: bytes) -> Encrypt:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    encrypt: Encrypt = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update  # noqa: S305 - blocks of a CBC-MAC
    return encrypt


def _check_positions(points: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and column of each row's last digit; rows without digits are left out."""
    digit = (points >= 48) & (points <= 57)
    rows = np.flatnonzero(digit.any(axis=1))
    return rows, digit.shape[1] - 1 - np.argmax(digit[rows, ::-1], axis=1)


def _checked(
    before: NDArray[np.uint32], after: NDArray[np.uint32], last: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> NDArray[np.uint32]:
    """The check digit that is as far from the right one behind the new digits as it was behind the old ones."""
    rows = last[0]
    distance = (luhn_sum(before[rows]) - luhn_sum(after[rows])) % 10
    return (48 + (before[last].astype(np.int64) - 48 + distance) % 10).astype(np.uint32)


def luhn_sum(points: NDArray[np.uint32]) -> NDArray[np.int64]:
    """The Luhn sum of the digits of each row, modulo 10: 0 where the last one is the right check digit."""
    digit = (points >= 48) & (points <= 57)
    from_right = np.cumsum(digit[:, ::-1], axis=1)[:, ::-1]
    value = np.where(digit, points.astype(np.int64) - 48, 0)
    doubled = np.where(digit & (from_right % 2 == 0), value * 2 - 9 * (value > 4), value)
    return np.asarray(doubled.sum(axis=1) % 10)


def _edges() -> list[int]:
    """Where spans of integers begin: at each number of digits, and where an integer type ends."""
    types = (1 << bits for bits in (7, 8, 15, 16, 23, 24, 31, 32, 63, 64))
    return sorted({0, 1, *(10**digits for digits in range(1, 20)), *types})


EDGES = _edges()


def permuted_integers(values: pa.Array, key: bytes) -> pa.Array:
    """Integers as text, each permuted in its span; the sign stays, and zero is zero."""
    negative = pc.fill_null(pc.starts_with(values, "-"), False)
    bare = pc.utf8_ltrim(values.fill_null("0"), "-+")
    sizes = bare.cast(pa.uint64()).to_numpy()
    low = sizes - negative.to_numpy(zero_copy_only=False)  # of a negative number one more fits: -128 … 127
    span = _span(low)
    made = low.copy()
    for number in np.unique(span):
        here = span == number
        first, count = EDGES[number], EDGES[number + 1] - EDGES[number]
        made[here] = permute(low[here] - np.uint64(first), count, key).astype(np.uint64) + np.uint64(first)
    made = made + negative.to_numpy(zero_copy_only=False)
    return pc.binary_join_element_wise(pc.if_else(negative, "-", ""), pa.array(made).cast(pa.string()), "")


def _span(sizes: Words) -> NDArray[np.int64]:
    """Which span each integer lies in."""
    inner = np.array([edge for edge in EDGES[1:] if edge < 1 << 64], np.uint64)
    return np.searchsorted(inner, sizes, "right")
