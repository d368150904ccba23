"""One session's sanitiser: rules, key, and the secrets it has learned while it went along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hotfixture.capture.sanitising import credentials, numbers
from hotfixture.capture.sanitising.credentials import Find
from hotfixture.capture.sanitising.hints import hints
from hotfixture.capture.sanitising.keys import HIDDEN, PERSONAL, SECRET, bare, is_people, kind_of
from hotfixture.capture.sanitising.learned import Learned
from hotfixture.capture.sanitising.people import People
from hotfixture.capture.sanitising.surrogates import Surrogates, is_surrogate
from hotfixture.transforms.masks.keys import MaskingKey


class Sanitiser:
    """Cleans values, texts, headers, URLs and bodies; the same original always gives the same surrogate."""

    def __init__(self, key: MaskingKey, rules: dict[str, Any] | None = None) -> None:
        self.key = key
        self.rules = rules or {}
        self.secrets = Learned()
        self._surrogates = Surrogates(key)
        self._people = People(key)

    def value(self, value: Any) -> Any:
        """A plain value, cleaned by the names of its keys and by what its texts look like."""
        return self._value(value, people=False)

    def _value(self, value: Any, people: bool) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self._under(key, inner, people) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(inner, people) for inner in value]
        return value

    def _under(self, key: str, value: Any, people: bool) -> Any:
        kind = kind_of(key) or (bare(key) if people else "")
        if kind in HIDDEN or kind in PERSONAL:
            return self._hidden(kind, value)
        return self._value(value, is_people(key))

    def _hidden(self, kind: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._hidden(kind, inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._hidden(kind, inner) for inner in value]
        if isinstance(value, str):
            return self._surrogate(kind, value)
        return value

    def _surrogate(self, kind: str, value: str) -> str:
        if kind in HIDDEN:
            made = self._surrogates.of(value)
            self.secrets.add(value, made)
            return made
        return str(self._people.of(kind, value))

    def text(self, text: str) -> str:
        """A text, with what looks like a secret in it replaced."""
        if len(text) < 6:
            return text
        finds: list[Find] = []
        seen = hints(text)
        if seen:
            for finder in seen:
                finds += finder(text)
        made = self._spliced(text, finds) if finds else text
        return self.secrets.text(made)

    def _spliced(self, text: str, finds: list[Find]) -> str:
        pieces, done = [], 0
        for find in sorted(finds, key=lambda one: (one.start, -one.end)):
            if find.start >= done:
                pieces += [text[done : find.start], self._instead(find)]
                done = find.end
        return "".join((*pieces, text[done:]))

    def _instead(self, find: Find) -> str:
        if find.kind in (SECRET, "jwt", "pem", "basic", "national_id"):
            made = self._surrogates.of(find.value, find.prefix)
            self.secrets.add(find.value, made)
            return made
        return str(self._people.of(find.kind, find.value))

    def headers(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Headers in their order and case."""
        return [(name, self._under(name, value, people=False)) for name, value in pairs]

    def url(self, url: str) -> str:
        """A URL: user information, query and path cleaned."""
        return self.text(url)

    def is_surrogate(self, text: str) -> bool:
        """Whether the text is one that a sanitiser has put in the place of a secret."""
        return is_surrogate(text)


__all__ = ["Sanitiser", "credentials", "numbers"]
