"""replace: what matches a regular expression becomes a fixed text, or what a mask makes of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from hotfixture.generators.options import Option
from hotfixture.transforms.masks.base import Mask, OwnValue, Site
from hotfixture.transforms.masks.rows import Row
from hotfixture.transforms.masks.spans import Span, splice
from hotfixture.transforms.masks.spec import MaskSpec


class Replace(OwnValue):
    """`{replace: {pattern: "[0-9]", with: "#"}}` or `{replace: {pattern: "K-[0-9]+", mask: permute}}`.

    `with` may name groups as \\1. What does not match stays as it is.
    """

    name = "replace"
    NESTED = ("mask",)
    OPTIONS = (
        Option("pattern", "text", None, "A regular expression (Python's syntax)."),
        Option("with", "text", None, "What a match becomes; \\1 is the first group."),
    )

    def __init__(self, site: Site, options: Mapping[str, Any]) -> None:
        super().__init__(site, options)
        if options["pattern"] is None or (options["with"] is None) == (options.get("mask") is None):
            raise site.error("'replace' needs 'pattern', and either 'with' or 'mask'",
                             '{replace: {pattern: "[0-9]", with: "#"}}')  # fmt: skip
        if site.kind not in ("text", "json"):
            raise site.error(f"'replace' changes texts, the column holds {site.kind} values")
        try:
            self.pattern = re.compile(options["pattern"])
            self.pattern.sub(options["with"] or "", "")
        except (re.error, IndexError) as error:
            raise site.error(f"pattern or replacement is not valid: {error}") from error
        self.inner = self._inner(options.get("mask"))

    @property
    def reads(self) -> tuple[str, ...]:
        return self.inner.reads if self.inner else (self.column.name,)

    def _inner(self, mask: Any) -> Mask | None:
        if mask is None:
            return None
        column = replace(self.column, length=None, arrow=pa.string(), native="", choices=())
        return self.site.bind(MaskSpec.parse(mask, self.site.where), column)

    def change(self, values: pa.Array, row: Row) -> pa.Array:
        texts = values.to_pylist()
        if self.inner is None:
            return pa.array([text and self.pattern.sub(self.options["with"], text) for text in texts], pa.string())
        spans = [
            Span(index, match.start(), match.end(), match[0], self.inner)
            for index, text in enumerate(texts) if text
            for match in self.pattern.finditer(text) if match[0]
        ]  # fmt: skip
        return splice(texts, spans, row)
