"""One session's sanitiser: rules, key, and the secrets it has learned while it went along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hotfixture.transforms.masks.keys import MaskingKey


class Sanitiser:
    """Cleans values, texts, headers, URLs and bodies; the same original always gives the same surrogate."""

    def __init__(self, key: MaskingKey, rules: dict[str, Any] | None = None) -> None:
        self.key = key
        self.rules = rules or {}

    def value(self, value: Any) -> Any:
        """A plain value, cleaned by the names of its keys and by what its texts look like."""
        return value

    def text(self, text: str) -> str:
        """A text, with what looks like a secret in it replaced."""
        return text

    def headers(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Headers in their order and case."""
        return [(name, value) for name, value in pairs]

    def url(self, url: str) -> str:
        """A URL: user information, query and path cleaned."""
        return url
