"""One session's sanitiser: rules, key, and the secrets it has learned while it went along."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from hotfixture.capture.sanitising import headers, known, late, marks, urls
from hotfixture.capture.sanitising.cleaning import Cleaner
from hotfixture.capture.sanitising.decisions import Decisions
from hotfixture.capture.sanitising.instead import Instead
from hotfixture.capture.sanitising.learned import Learned
from hotfixture.capture.sanitising.people import People
from hotfixture.capture.sanitising.rules import Rules, load, of_environment
from hotfixture.capture.sanitising.surrogates import Surrogates
from hotfixture.settings import read_key
from hotfixture.transforms.masks.keys import MaskingKey


class Sanitiser:
    """Cleans values, texts, headers, URLs and bodies; the same original always gives the same surrogate."""

    def __init__(self, key: MaskingKey, rules: Rules | dict[str, Any] | str | None = None) -> None:
        """`rules` as `rules.load` takes them; InputError says all that is wrong with them."""
        self.rules = load(rules)
        self.key = MaskingKey(read_key(self.rules.key_file, closed_to=0o007)) if self.rules.key_file else key
        self.secrets = Learned()
        self._people = People(self.key)
        instead = Instead(Surrogates(self.key), self._people, self.secrets)
        self.cleaner = Cleaner(Decisions(self.rules), instead, self.secrets, self.rules)
        instead.url = partial(urls.cleaned, cleaner=self.cleaner)
        self._people.collect = partial(marks.personal, decisions=self.cleaner.decisions)
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
        """Whether the text is one that a sanitiser has put in the place of a secret, or of a person's address or
        number. Names cannot be told so; see `adopt`."""
        return known.secret(text) or known.personal(text)

    def wild(self, value: Any) -> Any:
        """A clean value with a mark in the places of all surrogates of secrets: two requests that differ in
        credentials alone become equal. Tuples become lists."""
        return marks.wild(value, self.cleaner.decisions)

    def adopt(self, *values: Any) -> None:
        """Take what stands in clean values for surrogates: where a recording is played, the program gives back names
        and numbers that it got from there."""
        given = iter(values)
        self.adopt_from(lambda _: given)

    def adopt_from(self, holding: Callable[[str], Iterable[Any]]) -> None:
        """The same of values that may hold a text; those that were given once need not be given again."""
        self._people.adopt(holding)

    def environment(self, changed: Mapping[str, str]) -> None:
        """Take values of variables with the names of secrets for secrets, where the rules say so."""
        for secret in of_environment(changed) if self.rules.environment else ():
            self.cleaner.instead.secret(secret)

    @property
    def learned(self) -> int:
        """Rises with every secret that is learned: a line that was written at a lower number may hold it still."""
        return self.secrets.count

    def again(self, value: Any) -> Any:
        """A clean value without the secrets that were learned since; the same object where none stands in it."""
        return late.cleaned(value, self.secrets)

    def retroactive(self, line: bytes) -> bytes:
        """A written line (JSON) without the secrets that were learned since; the same object where none stands in it.

        Costs little where there is none; to be called for lines that were written before `learned` rose.
        """
        return late.line(line, self.secrets)


__all__ = ["Sanitiser"]
