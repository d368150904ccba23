"""Which finders a text is worth: told by marks that cost little to look for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hotfixture.capture.sanitising import credentials, numbers
from hotfixture.capture.sanitising.credentials import Find

Finder = Callable[[str], Iterator[Find]]

_NUMBERS = bytes.maketrans(b"0123456789", b"0000000000")
_BETWEEN = b" -./()\xa0"


def hints(text: str) -> list[Finder]:
    """The finders that may find something in the text."""
    found: list[Finder] = []
    if "eyJ" in text:
        found.append(credentials.jwts)
    if any(start in text for start in credentials.LITERALS):
        found.append(credentials.tokens)
    if "PRIVATE KEY" in text:
        found.append(credentials.keys)
    if "@" in text:
        found += [credentials.in_urls, numbers.emails]
    lowered = text.lower()
    if any(stem in lowered for stem in credentials.STEMS):
        found.append(credentials.told)
    if b"0000000" in text.encode("utf-8", "replace").translate(_NUMBERS, _BETWEEN):
        found.append(numbers.numbers)
    return found
