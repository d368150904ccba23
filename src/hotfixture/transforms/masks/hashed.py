"""The keyed hash: nothing to read in it, equal values stay equal, and without the key nobody can try values out."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hotfixture.generators.options import Option
from hotfixture.prf import cmac, subkey
from hotfixture.transforms.kinds import integer_bounds
from hotfixture.transforms.masks.base import DOMAIN, FOLD, OwnValue, Site
from hotfixture.transforms.masks.rows import Row, folded

BITS = {"hex": 4, "base32": 5}
LARGEST = {"hex": 32, "base32": 25}
"""Digits that one 128-bit tag fills."""


class Hash(OwnValue):
    """AES-CMAC of the value: as hexadecimal or base32 digits, an integer, a uuid or bytes, as the column wants."""

    name = "hash"
    MAIN = "length"
    OPTIONS = (
        Option("length", "integer", None, "Digits of the result; default 16, or what fits.", low=4, high=32),
        Option("alphabet", "choice", "hex", "Digits used in a text.", choices=("hex", "base32")),
        DOMAIN,
        FOLD,
    )
    uniqueness = "likely"

    def __init__(self, site: Site, options: Mapping[str, Any]) -> None:
        super().__init__(site, options)
        if site.kind not in ("text", "integer", "uuid", "binary"):
            raise site.error(f"the mask 'hash' gives no {site.kind}", "Use redact, or a generator of that type.")
        most = min(LARGEST[options["alphabet"]], site.column.length or 99)
        self.length = min(options["length"] or 16, most)

    def max_length(self) -> int | None:
        return self.length if self.site.kind == "text" else None

    def space(self) -> int | None:
        if self.site.kind == "text":
            return int(1 << (BITS[self.options["alphabet"]] * self.length))
        return integer_bounds(self.column)[1] if self.site.kind == "integer" else 1 << 122

    def change(self, values: pa.Array, row: Row) -> pa.Array:
        if self.options["fold"]:
            values = folded(values)
        tags = cmac(subkey(row.key.secret, self.options["domain"] or self.name), values)
        return getattr(self, f"_{self.site.kind}")(tags, values)

    def _text(self, tags: NDArray[np.uint8], _: pa.Array) -> pa.Array:
        if self.options["alphabet"] == "base32":
            return pa.array([b32encode(tag.tobytes())[: self.length].decode().lower() for tag in tags])
        return fixed_width(hexadecimal(tags)[:, : self.length])

    def _integer(self, tags: NDArray[np.uint8], _: pa.Array) -> pa.Array:
        words = np.ascontiguousarray(tags[:, :8]).view("<u8").ravel() >> np.uint64(1)
        return pa.array(words % np.uint64(integer_bounds(self.column)[1])).cast(pa.string())

    def _uuid(self, tags: NDArray[np.uint8], _: pa.Array) -> pa.Array:
        tags[:, 6] = (tags[:, 6] & 0x0F) | 0x80  # version 8 of RFC 9562: what is in it, we say
        tags[:, 8] = (tags[:, 8] & 0x3F) | 0x80
        digits = hexadecimal(tags)
        spelled = np.full((len(tags), 36), ord("-"), np.uint8)
        spelled[:, [i for i in range(36) if i not in (8, 13, 18, 23)]] = digits
        return fixed_width(spelled)

    def _binary(self, tags: NDArray[np.uint8], values: pa.Array) -> pa.Array:
        """As many bytes as the value had, 16 at most."""
        lengths = [len(value or b"") for value in values.to_pylist()]
        return pa.array([tag.tobytes()[:size] for tag, size in zip(tags, lengths, strict=True)], values.type)


def hexadecimal(tags: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Each byte as two digits: (n, w) to (n, 2 w)."""
    digits = np.frombuffer(b"0123456789abcdef", np.uint8)
    return np.stack([digits[tags >> 4], digits[tags & 15]], axis=2).reshape(len(tags), -1)


def fixed_width(characters: NDArray[np.uint8]) -> pa.Array:
    """Texts of one length from a matrix of their ASCII bytes."""
    count, width = characters.shape
    offsets = np.arange(count + 1, dtype=np.int32) * np.int32(width)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(characters)))
