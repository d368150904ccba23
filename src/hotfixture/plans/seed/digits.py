"""Unique codes: the draws of a generator dealt out as the digits of a permuted row number.

A code that asks for nothing but `lane(k).below(n)`, always for the same, has as many values as the product of these n:
where that is the generator's own capacity, other digits give another code. So `CHE-[0-9]{9}` or a MAC address is unique
and still one, and no number stands behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Never

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hotfixture.draws import Draws
from hotfixture.errors import CapacityError
from hotfixture.generators.base import PIECE, Generator
from hotfixture.generators.permute import LARGEST, permute
from hotfixture.plans.seed.columns import Maker, cast
from hotfixture.plans.seed.frame import Frame, Rows

Path = tuple[int, ...]
_SAMPLE = 1000


class UncountableError(Exception):
    """The generator asks its draws for more than digits."""


class Digits(Draws):
    """Draws that answer `below` with the next digit of a number; the same question gets the same answer."""

    __slots__ = ("answers", "path", "rest")

    def __init__(self, index: Rows) -> None:
        self.rest = [index]
        """What is left of the numbers, in a box that all lanes share."""
        self.answers: dict[Path, tuple[int, NDArray[np.int64]]] = {}
        self.path: Path = ()

    def __len__(self) -> int:
        return len(self.rest[0])

    def __getattr__(self, name: str) -> Never:
        raise UncountableError(name)  # `bits`, which is never set

    def lane(self, lane: int) -> Digits:
        """The digits of another lane."""
        child = Digits(self.rest[0])
        child.rest, child.answers, child.path = self.rest, self.answers, (*self.path, lane)
        return child

    def below(self, bound: int) -> NDArray[np.int64]:
        """The next digit to the base `bound`."""
        if self.path not in self.answers:
            rest, digit = np.divmod(self.rest[0], np.uint64(bound))
            self.rest[0], self.answers[self.path] = rest, (bound, digit.astype(np.int64))
        base, answer = self.answers[self.path]
        if base != bound:
            raise UncountableError("two bounds of one lane")
        return answer.copy()

    def unit(self) -> Never:
        raise UncountableError("unit")

    @property
    def bases(self) -> tuple[tuple[Path, int], ...]:
        """What was asked for, in its order."""
        return tuple((path, base) for path, (base, _) in self.answers.items())


@dataclass(slots=True)
class Coded(Maker):
    """Another code in every row."""

    generator: Generator
    options: Mapping[str, Any]
    bases: tuple[tuple[Path, int], ...]
    key: int
    what: str
    arrow: pa.DataType

    @property
    def size(self) -> int:
        """How many of them are dealt out."""
        return min(prod(base for _, base in self.bases), LARGEST)

    def at(self, frame: Frame) -> pa.Array:
        index: Rows = permute(frame.rows, self.size, self.key).view(np.uint64)
        made = [self._piece(index[start : start + PIECE]) for start in range(0, len(index), PIECE)]
        return cast(pa.concat_arrays(made) if made else self.generator.over((), **self.options), self.arrow)

    def _piece(self, index: Rows) -> pa.Array:
        digits = Digits(index)
        made = self.generator.over((digits,), **self.options)
        if digits.bases != self.bases:
            raise CapacityError(f"{self.what}: {self.generator.name} makes other choices in other rows")
        return made


def coded(generator: Generator, options: Mapping[str, Any], key: int, what: str, arrow: pa.DataType) -> Coded | None:
    """A maker of unique codes; None for a generator whose values are not counted by its choices."""
    probe = Digits(np.zeros(1, np.uint64))
    try:
        generator.over((probe,), **options)
    except UncountableError:
        return None
    product = prod(base for _, base in probe.bases)
    made = Coded(generator, options, probe.bases, key, what, arrow)
    return made if product == generator.capacity(**options) and not _cased(made) else None


def _cased(made: Coded) -> bool:
    """Whether a letter stands at one place in either case: engines that do not see case take such codes for one."""
    if made.generator.name != "text.pattern":
        return False
    rows = np.arange(min(made.size, _SAMPLE), dtype=np.uint64)
    texts = made.generator.over((Digits(permute(rows, made.size, made.key).view(np.uint64)),), **made.options)
    seen = {(place, letter) for text in texts.to_pylist() for place, letter in enumerate(text)}
    return any(letter.islower() and (place, letter.upper()) in seen for place, letter in seen)
