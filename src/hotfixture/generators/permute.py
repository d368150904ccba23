"""A keyed permutation of [0, size): distinct in, distinct out, without memory. For unique values and for masks.

A balanced Feistel network on the smallest even number of bits that holds `size`, walked along its cycle until the
result is in range (J. Black, P. Rogaway: Ciphers with Arbitrary Finite Domains, CT-RSA 2002); ten rounds, as FF1 of
NIST SP 800-38G has. With a key of bytes the round function is AES, for masking; with an integer key it is the mixing
function of the draws: quick, and no secret. A size up to SMALL is permuted by sorting keyed hashes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from hotfixture.draws import Draw, Draws, mix
from hotfixture.errors import OptionError
from hotfixture.prf import subkey

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bits: TypeAlias = NDArray[np.uint64]

ROUNDS = 10
SMALL = 256
LARGEST = 1 << 63
Key: TypeAlias = int | bytes


def permute(index: Any, size: int, key: Key) -> Any:
    """Where each index of [0, size) goes: one integer, or an array of them; a bijection for each key and size.

    `size` is 1 … 2^63. Raises OptionError for a size or an index outside.
    """
    if not 1 <= size <= LARGEST:
        raise OptionError("size", size, f"an integer, 1 … {LARGEST}")
    if isinstance(index, int):
        _refuse(0 <= index < size, index, size)
        return _table(size, key)[index] if size <= SMALL else _one(index, size, _plain_round(size, key))
    import numpy as np

    wide = np.asarray(index).astype(np.uint64)
    _refuse(not len(wide) or int(wide.max()) < size, "an index", size)
    if size <= SMALL:
        return np.asarray(_table(size, key), np.int64)[wide]
    return _many(wide, size, _wide_round(size, key)).astype(np.int64)


def _refuse(fits: bool, index: object, size: int) -> None:
    if not fits:
        raise OptionError("index", index, f"an integer, 0 … {size - 1}")


def _half(size: int) -> int:
    """Bits of each half of the network."""
    return ((size - 1).bit_length() + 1) // 2


def _one(index: int, size: int, scramble: Callable[[int, int], int]) -> int:
    half = _half(size)
    mask = (1 << half) - 1
    while True:
        left, right = index >> half, index & mask
        for turn in range(ROUNDS):
            left, right = right, left ^ (scramble(right, turn) & mask)
        index = (left << half) | right
        if index < size:
            return index


def _many(index: Bits, size: int, scramble: Callable[[Bits, int], Bits]) -> Bits:
    import numpy as np

    half = np.uint64(_half(size))
    mask = np.uint64((1 << int(half)) - 1)
    result = np.empty_like(index)
    walking = np.arange(len(index))
    while len(walking):
        left, right = index >> half, index & mask
        for turn in range(ROUNDS):
            left, right = right, left ^ (scramble(right, turn) & mask)
        index = (left << half) | right
        result[walking] = index
        outside = index >= np.uint64(size)
        walking, index = walking[outside], index[outside]
    return result


@cache
def _table(size: int, key: Key) -> list[int]:
    """The whole permutation of a small domain: its members in the order of their keyed hashes."""
    scramble = _plain_round(size, key)
    return sorted(range(size), key=lambda member: (scramble(member, ROUNDS), member))


def _round_keys(size: int, key: int) -> list[int]:
    return [mix(mix(key + turn) ^ mix(size)) for turn in range(ROUNDS + 1)]


def _plain_round(size: int, key: Key) -> Callable[[int, int], int]:
    if isinstance(key, bytes):
        encrypt = _cipher(size, key)
        return lambda right, turn: int.from_bytes(encrypt(_block(right, turn))[:8], "little")
    keys = _round_keys(size, key)
    return lambda right, turn: Draw(right ^ keys[turn]).lane(0).bits


def _wide_round(size: int, key: Key) -> Callable[[Bits, int], Bits]:
    if isinstance(key, int):
        import numpy as np

        keys = _round_keys(size, key)
        return lambda right, turn: Draws(right ^ np.uint64(keys[turn])).lane(0).bits
    return _aes_round(_cipher(size, key))


def _aes_round(encrypt: Callable[[bytes], bytes]) -> Callable[[Bits, int], Bits]:
    import numpy as np

    def scramble(right: Bits, turn: int) -> Bits:
        blocks = np.empty((len(right), 2), "<u8")
        blocks[:, 0], blocks[:, 1] = right, turn
        coded = np.frombuffer(encrypt(blocks.tobytes()), "<u8").reshape(-1, 2)
        return np.ascontiguousarray(coded[:, 0]).astype(np.uint64, copy=False)

    return scramble


def _block(right: int, turn: int) -> bytes:
    return right.to_bytes(8, "little") + turn.to_bytes(8, "little")


def _cipher(size: int, key: bytes) -> Callable[[bytes], bytes]:
    """AES-256 under a key of this size alone, so that no two domains share a permutation."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    aes = algorithms.AES(subkey(key, f"permutation of {size}"))
    encrypt: Callable[[bytes], bytes] = Cipher(aes, modes.ECB()).encryptor().update  # noqa: S305 - single blocks, as a PRF
    return encrypt
