"""Masks that leave a part of the text to see: keep_first, keep_last, partial."""

from __future__ import annotations

from abc import abstractmethod
from re import escape

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.generators.options import Option
from hotfixture.transforms.masks.base import Mask
from hotfixture.transforms.masks.constants import stars
from hotfixture.transforms.masks.rows import Row, flat

FILL = Option("fill", "text", "*", "What stands for each hidden character.")
SHORT = "A text that is not longer than what would stay is hidden wholly."


def _count(name: str) -> Option:
    return Option(name, "integer", 0, f"So many characters stay at this end. {SHORT}", low=0, high=1000)


class Shown(Mask):
    """Some characters at the ends stay, the others become stars. A text that would stay wholly is hidden wholly."""

    @property
    @abstractmethod
    def ends(self) -> tuple[int, int]:
        """How many characters stay at the beginning and at the end."""

    kept_characters = ""

    def make(self, values: pa.Array, row: Row) -> pa.Array:  # noqa: ARG002 - each value alone decides
        first, last = self.ends
        hidden = self._hidden(pc.utf8_slice_codeunits(values, first, -last if last else None))
        head = pc.utf8_slice_codeunits(values, 0, first)
        tail = pc.utf8_slice_codeunits(values, -last) if last else pa.scalar("")
        shown = pc.binary_join_element_wise(head, hidden, tail, "")
        short = pc.less_equal(pc.utf8_length(values), first + last)
        return pc.if_else(short, self._hidden(values), shown)

    def _hidden(self, values: pa.Array) -> pa.Array:
        fill = self.options["fill"]
        if self.kept_characters and fill.isascii() and len(fill) == 1 and _ascii(values):
            return _replaced(values, self.kept_characters, fill)
        if self.kept_characters:
            pattern = f"[^{escape(self.kept_characters)}]"
            return pc.replace_substring_regex(values, pattern, fill.replace("\\", "\\\\"))
        return stars(values, fill)


def _ascii(values: pa.Array) -> bool:
    return pc.all(pc.string_is_ascii(values)).as_py() is not False


def _replaced(values: pa.Array, kept: str, fill: str) -> pa.Array:
    """Every byte but those kept becomes the fill; for ASCII, where no length changes."""
    table = np.full(256, ord(fill), np.uint8)
    for character in kept.encode():
        table[character] = character
    data, offsets = flat(values)
    return pa.StringArray.from_buffers(len(values), pa.py_buffer(offsets), pa.py_buffer(table[data]))


class KeepFirst(Shown):
    """The first characters stay, the others become stars."""

    name = "keep_first"
    MAIN = "count"
    OPTIONS = (Option("count", "integer", 1, f"So many characters stay. {SHORT}", low=1, high=1000), FILL)

    @property
    def ends(self) -> tuple[int, int]:
        return self.options["count"], 0


class KeepLast(Shown):
    """The last characters stay, the others become stars."""

    name = "keep_last"
    MAIN = "count"
    OPTIONS = (Option("count", "integer", 4, f"So many characters stay. {SHORT}", low=1, high=1000), FILL)

    @property
    def ends(self) -> tuple[int, int]:
        return 0, self.options["count"]


class Partial(Shown):
    """What stays is said: so many characters at each end, and some characters wherever they stand."""

    name = "partial"
    OPTIONS = (
        _count("first"),
        _count("last"),
        Option("keep", "text", "", "Characters that stay wherever they stand: `@.-`."),
        FILL,
    )

    @property
    def ends(self) -> tuple[int, int]:
        return self.options["first"], self.options["last"]

    @property
    def kept_characters(self) -> str:  # type: ignore[override]  # a value of each mask here, a constant above
        return str(self.options["keep"])
