"""Pieces of texts that masks replace, all pieces of a column at once; what stands between them stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import pyarrow as pa

from hotfixture.transforms.masks.base import Mask
from hotfixture.transforms.masks.rows import Row


class Span(NamedTuple):
    """Characters `start` to `end` of the text number `row`: what they mean, and the mask they get."""

    row: int
    start: int
    end: int
    value: str
    mask: Mask | None
    """None where `spell` needs nobody to mask the value."""
    spell: Callable[[Span, str | None], str] = lambda _, made: made or ""
    """How the masked value is written into the text."""
    extra: Any = None
    """What `spell` needs to know of the original."""


def splice(texts: Sequence[str | None], spans: Sequence[Span], row: Row) -> pa.Array:
    """The texts with each span's masked value in its place; spans of one text do not overlap."""
    made = _masked(spans, row)
    result = list(texts)
    ordered = sorted(zip(spans, made, strict=True), key=lambda pair: (pair[0].row, pair[0].start))
    for index, pairs in groupby(ordered, key=lambda pair: pair[0].row):
        text = texts[index]
        if text is not None:
            result[index] = "".join(_pieces(text, list(pairs)))
    return pa.array(result, pa.string())


def _pieces(text: str, pairs: list[tuple[Span, str]]) -> list[str]:
    pieces, done = [], 0
    for span, value in pairs:
        pieces += [text[done : span.start], value]
        done = span.end
    return [*pieces, text[done:]]


def _masked(spans: Sequence[Span], row: Row) -> list[str]:
    """The spelled masked value of each span; each mask sees all its values at once."""
    made = [span.spell(span, None) if span.mask is None else "" for span in spans]
    masks = {id(span.mask): span.mask for span in spans if span.mask}
    for identity, mask in masks.items():
        places = [place for place, span in enumerate(spans) if id(span.mask) == identity]
        values = pa.array([spans[place].value for place in places], pa.string())
        part = row.part(values, mask.column.name, mask.reads, [spans[place].row for place in places])
        replaced = mask.apply(part)
        if row.found:
            row.found(mask.name, values, replaced)
        for place, value in zip(places, replaced.to_pylist(), strict=True):
            made[place] = spans[place].spell(spans[place], value)
    return made
