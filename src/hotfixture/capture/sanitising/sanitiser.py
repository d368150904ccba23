"""One session's sanitiser: rules, key, and the secrets it has learned while it went along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hotfixture.capture.sanitising import headers, urls
from hotfixture.capture.sanitising.cleaning import Cleaner
from hotfixture.capture.sanitising.decisions import Decisions
from hotfixture.capture.sanitising.instead import Instead
from hotfixture.capture.sanitising.learned import Learned
from hotfixture.capture.sanitising.people import People
from hotfixture.capture.sanitising.rules import Rules, load
from hotfixture.capture.sanitising.surrogates import Surrogates, is_surrogate
from hotfixture.settings import read_key
from hotfixture.transforms.masks.keys import MaskingKey


class Sanitiser:
    """Cleans values, texts, headers, URLs and bodies; the same original always gives the same surrogate."""

    def __init__(self, key: MaskingKey, rules: Rules | dict[str, Any] | str | None = None) -> None:
        """`rules` as `rules.load` takes them; InputError says all that is wrong with them."""
        self.rules = load(rules)
        self.key = MaskingKey(read_key(self.rules.key_file, closed_to=0o007)) if self.rules.key_file else key
        self.secrets = Learned()
        instead = Instead(Surrogates(self.key), People(self.key), self.secrets)
        self.cleaner = Cleaner(Decisions(self.rules), instead, self.secrets, self.rules)
        for secret in self.rules.secrets:
            instead.secret(secret)

    def value(self, value: Any) -> Any:
        """A plain value, cleaned by the names of its keys and by what its texts look like.

        The value itself stays as it is; where nothing is to be cleaned, it is what comes back.
        """
        return self.cleaner.value(value)

    def text(self, text: str) -> str:
        """A text, with what looks like a secret in it replaced."""
        return self.cleaner.text(text)

    def headers(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Headers in their order and case."""
        return headers.cleaned(pairs, self.cleaner)

    def url(self, url: str) -> str:
        """A URL: user information, query and path cleaned."""
        return urls.cleaned(url, self.cleaner)

    def is_surrogate(self, text: str) -> bool:
        """Whether the text is one that a sanitiser has put in the place of a secret."""
        return is_surrogate(text)


__all__ = ["Sanitiser"]
