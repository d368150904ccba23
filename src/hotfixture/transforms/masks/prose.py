"""scrub: replaces what identifies people inside prose by the same surrogates that columns of such values get."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.transforms.masks.base import Mask, OwnValue, Site
from hotfixture.transforms.masks.rows import Row
from hotfixture.transforms.masks.spans import Span, splice
from hotfixture.transforms.masks.spec import MaskSpec
from hotfixture.transforms.patterns import KINDS, WORTH_A_LOOK, find
from hotfixture.transforms.people import WORTH_A_LOOK as PEOPLE_WORTH_A_LOOK
from hotfixture.transforms.people import find_people

_SHORTEST = 2
"""Names of one letter are not looked for: they would hit words."""


class Scrub(OwnValue):
    """E-mails, phones, cards (Luhn), IBANs (modulo 97), IP addresses and people's names in a text become invented ones.

    A `person` is a known first name with the names that follow it. `names` lists columns of the row with names of
    people; where the text mentions one, it becomes what the column's own mask made of it. A kind may be given another
    mask (`{scrub: {phone: redact, person: redact, card: {keep_last: 4}}}`), or `keep`. A surrogate depends on the
    original and the domain alone, so it is the same in a column, in prose, in any table.
    """

    name = "scrub"
    MAIN = "names"
    NESTED = ("names", "person", *KINDS)
    uniqueness = "likely"

    def __init__(self, site: Site, options: Mapping[str, Any]) -> None:
        super().__init__(site, options)
        if site.kind not in ("text", "json"):
            raise site.error(f"'scrub' reads prose, the column holds {site.kind} values", "Use a mask of that type.")
        names = options.get("names") or []
        self.names = [names] if isinstance(names, str) else list(names)
        wanted = {**dict(zip(KINDS, KINDS, strict=True)), "person": "full_name"}
        self.masks = {kind: mask for kind, usual in wanted.items() if (mask := self._mask(options.get(kind, usual)))}

    def _mask(self, spec: Any) -> Mask | None:
        spec = MaskSpec.parse(spec, self.site.where)
        if spec.name == "keep":
            return None
        column = replace(self.column, length=None, arrow=pa.string(), native="", choices=())
        return self.site.bind(spec, column)

    @property
    def reads(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.column.name, *self.names)))

    def change(self, values: pa.Array, row: Row) -> pa.Array:
        spans = list(self._finds(values))
        if self.names:
            spans += _beside(spans, self._named(values, row))
        if "person" in self.masks:
            spans += _beside(spans, self._people(values, self.masks["person"]))
        if not spans:
            return values
        made = splice(values.to_pylist(), spans, row)
        # A surrogate may be longer than what it replaces; prose is cut rather than the export stopped.
        return pc.utf8_slice_codeunits(made, 0, self.column.length) if self.column.length else made

    def _finds(self, values: pa.Array) -> Iterator[Span]:
        worth = pc.indices_nonzero(pc.fill_null(pc.match_substring_regex(values, WORTH_A_LOOK), False))
        for index, text in zip(worth.to_pylist(), values.take(worth).to_pylist(), strict=True):
            for found in find(text):
                if found.kind in self.masks:
                    yield Span(index, found.start, found.end, found.value, self.masks[found.kind])

    def _people(self, values: pa.Array, mask: Mask) -> Iterator[Span]:
        """The mentions of people who begin with a known first name."""
        worth = pc.indices_nonzero(pc.fill_null(pc.match_substring_regex(values, PEOPLE_WORTH_A_LOOK), False))
        for index, text in zip(worth.to_pylist(), values.take(worth).to_pylist(), strict=True):
            for found in find_people(text):
                yield Span(index, found.start, found.end, found.value, mask)

    def _named(self, values: pa.Array, row: Row) -> Iterator[Span]:
        """The mentions of names that other columns of the row hold; the longest first, so that whole names win."""
        pairs: list[dict[str, str]] = [{} for _ in range(len(values))]
        for name in self.names:
            masked = row.masked(name)
            if masked is not None:
                for known, original, made in zip(pairs, row[name].to_pylist(), masked.to_pylist(), strict=True):
                    known.update(_words(original, made))
        for index, (text, known) in enumerate(zip(values.to_pylist(), pairs, strict=True)):
            if text and known:
                yield from _mentions(index, text, known)


def _beside(spans: list[Span], more: Iterator[Span]) -> list[Span]:
    """Those of `more` that overlap none of `spans`."""
    taken: dict[int, list[Span]] = {}
    for span in spans:
        taken.setdefault(span.row, []).append(span)
    return [span for span in more if _free(span, taken.get(span.row, []))]


def _words(original: str | None, made: str | None) -> dict[str, str]:
    """The whole name and each of its words, with what stands for it."""
    if not original or not original.strip():
        return {}
    whole = original.strip().lower()
    old, new = whole.split(), (made or "").split()
    pairs = dict(zip(old, new, strict=True)) if len(old) == len(new) else {}
    for number, word in enumerate(old):
        pairs.setdefault(word, new[0 if number == 0 else -1] if new else "*" * len(word))
    return {**{word: text for word, text in pairs.items() if len(word) >= _SHORTEST}, whole: made or "*" * len(whole)}


def _mentions(row: int, text: str, known: Mapping[str, str]) -> Iterator[Span]:
    lower = text.lower()
    taken: list[Span] = []
    for name in sorted(known, key=len, reverse=True):
        if len(name) < _SHORTEST or name not in lower:
            continue
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
            span = Span(row, match.start(), match.end(), "", None, _spell, known[name])
            if _free(span, taken):
                taken.append(span)
                yield span


def _spell(span: Span, _: str | None) -> str:
    return str(span.extra)


def _free(span: Span, taken: list[Span]) -> bool:
    return all(span.end <= other.start or span.start >= other.end for other in taken)
