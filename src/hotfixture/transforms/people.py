"""Names of people inside prose: a first name that is known in one of the locales, and the names that follow it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from hotfixture.generators.pools import members
from hotfixture.transforms.patterns import Found

_WORD = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?")
_LOCALES = ("en", "de", "fr", "es", "it", "pt_BR", "ja", "ru")
"""Whose first names are known here; fixed, since another list would mask other words of the same text."""
_PARTICLES = frozenset(
    [
        "al",
        "bin",
        "da",
        "das",
        "de",
        "del",
        "della",
        "den",
        "der",
        "di",
        "do",
        "dos",
        "la",
        "le",
        "ten",
        "ter",
        "van",
        "von",
        "y",
        "zu",
    ]
)
"""Words inside names that are written small."""
_MOST_WORDS = 5

WORTH_A_LOOK = r"\p{L}[\p{L}'’-]+\s+\p{L}"
"""RE2: a text without this holds no name of two words."""


@cache
def first_names() -> frozenset[str]:
    """The first names of all locales, in lower case."""
    pools = [f"{locale}/first_{sex}" for locale in _LOCALES for sex in ("female", "male")]
    return frozenset(name.lower() for name in members(*pools))


def find_people(text: str) -> Iterator[Found]:
    """Each known first name, if another name follows it, together with all names behind it.

    `Customer Anna van der Berg called` gives `Anna van der Berg`. A first name alone stays: it may be a month, a flower
    or a town. A name that begins with an unknown first name is not seen: the scan of the package looks for those.
    """
    words = list(_WORD.finditer(text))
    place = 0
    while place < len(words):
        last = _end(text, words, place) if _begins(words[place][0]) else place
        if last > place:
            start, end = words[place].start(), words[last].end()
            yield Found("person", start, end, text[start:end])
        place = last + 1


def _begins(word: str) -> bool:
    return not word[0].islower() and word.lower() in first_names()


def _end(text: str, words: list[re.Match[str]], first: int) -> int:
    """The number of the last word of the name that begins with word `first`; `first` itself where none follows."""
    last = first
    for number in range(first + 1, min(first + _MOST_WORDS, len(words))):
        word, gap = words[number][0], text[words[number - 1].end() : words[number].start()]
        if not gap.isspace() or "\n\n" in gap:
            break
        if not word[0].islower():
            last = number
        elif word not in _PARTICLES:
            break
    return last
