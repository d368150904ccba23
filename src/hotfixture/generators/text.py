"""Words, sentences, paragraphs, texts: everyday words in random order, with the punctuation of the language."""

from __future__ import annotations

from functools import cache
from typing import Any

from hotfixture.errors import OptionError
from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.options import LOCALE, Option
from hotfixture.generators.pools import Pool, members, pool

WORDS_SOURCE = "everyday words, our own lists"
_LONGEST = 40
_UNSPACED = ("ja", "zh")
"""Written without blanks between words."""
_STOPS = {"ja": "。", "zh": "。", "hi": "।"}
"""Full stops other than the dot."""


@cache
def _capitals(locale: str) -> Pool:
    return Pool([f"{_capital(word[:1], locale)}{word[1:]}" for word in pool(f"{locale}/word").lines])


def _capital(letter: str, locale: str) -> str:
    """The capital letter; Turkish keeps the dot."""
    return "İ" if locale == "tr" and letter == "i" else letter.upper()


@cache
def _capital_members(locale: str) -> frozenset[str]:
    return frozenset(_capitals(locale).lines)


@cache
def _followers(locale: str) -> Pool:
    """The words with the blank before them that the language wants; at the very end none at all."""
    return Pool([*(f"{_blank(locale)}{word}" for word in pool(f"{locale}/word").lines), ""])


def _blank(locale: str) -> str:
    return "" if locale in _UNSPACED else " "


def _stop(locale: str) -> str:
    return _STOPS.get(locale, ".")


def sentences(draws: AnyDraws, locale: str, low: int, high: int) -> Column:
    """Sentences of `low` to `high` words."""
    size = len(pool(f"{locale}/word"))
    count = low + draws.below(high - low + 1)
    parts = [values.pick(_capitals(locale), draws.lane(lanes.WORDS).below(size))]
    for place in range(1, high):
        index = draws.lane(lanes.WORDS + place).below(size)
        index = index if place < low else values.where(count > place, index, size)
        parts.append(values.pick(_followers(locale), index))
    return values.join(*parts, _stop(locale))


def _repeated(draws: AnyDraws, low: int, high: int, blank: str, make: Any) -> Column:
    """`low` to `high` pieces with blanks between them; `make` makes one from its own draws."""
    count = low + draws.below(high - low + 1)
    parts = []
    for place in range(high):
        piece = make(draws.lane(place))
        piece = piece if place == 0 else values.join(blank, piece)
        parts.append(piece if place < low else values.where(count > place, piece, ""))
    return values.join(*parts)


def paragraphs(draws: AnyDraws, locale: str, low: int, high: int) -> Column:
    """Paragraphs of `low` to `high` sentences, each of 5 to 12 words."""
    return _repeated(draws, low, high, _blank(locale), lambda each: sentences(each, locale, 5, 12))


def _bounds(what: str, low: int, high: int, top: int) -> tuple[Option, Option]:
    return (
        Option(f"min_{what}", "integer", low, f"Fewest {what}.", low=1, high=top),
        Option(f"max_{what}", "integer", high, f"Most {what}.", low=1, high=top),
    )


def _check(**options: Any) -> None:
    """Refuses bounds in the wrong order."""
    names = sorted(name for name in options if name[:4] in ("min_", "max_"))
    for most, fewest in zip(names[: len(names) // 2], names[len(names) // 2 :], strict=True):
        if options[most] < options[fewest]:
            raise OptionError(most, options[most], f"an integer, at least {fewest}={options[fewest]}")


def _is_sentence(value: Any, locale: str, low: int, high: int) -> bool:
    """Whether it is a capital, words of the list, and a full stop; blanks are counted where the language has them."""
    if not value.endswith(_stop(locale)):
        return False
    if locale in _UNSPACED:
        return bool(value[:-1])
    first, *rest = value[:-1].split(" ")
    known = members(f"{locale}/word")
    return first in _capital_members(locale) and all(word in known for word in rest) and low <= len(rest) + 1 <= high


def _is_paragraph(value: Any, *, locale: str, min_sentences: int, max_sentences: int) -> bool:
    stop = _stop(locale)
    found = [f"{piece.strip()}{stop}" for piece in value.split(stop)[:-1]]
    return min_sentences <= len(found) <= max_sentences and all(_is_sentence(piece, locale, 5, 12) for piece in found)


@generator(
    "text.word",
    options=(LOCALE,),
    source=WORDS_SOURCE,
    holds=lambda value, *, locale: value in members(f"{locale}/word"),
    capacity=lambda *, locale: len(members(f"{locale}/word")),
)
def word(draws: AnyDraws, *, locale: str) -> Column:
    """An everyday word."""
    words = pool(f"{locale}/word")
    return values.take(words, draws.lane(lanes.WORDS).below(len(words)))


@generator(
    "text.sentence",
    options=(LOCALE, *_bounds("words", 5, 12, _LONGEST)),
    source=WORDS_SOURCE,
    check=_check,
    holds=lambda value, *, locale, min_words, max_words: _is_sentence(value, locale, min_words, max_words),
)
def sentence(draws: AnyDraws, *, locale: str, min_words: int, max_words: int) -> Column:
    """A sentence of everyday words: capital at the start, full stop at the end, no meaning."""
    return sentences(draws, locale, min_words, max_words)


@generator(
    "text.paragraph",
    options=(LOCALE, *_bounds("sentences", 3, 6, _LONGEST)),
    source=WORDS_SOURCE,
    check=_check,
    holds=_is_paragraph,
)
def paragraph(draws: AnyDraws, *, locale: str, min_sentences: int, max_sentences: int) -> Column:
    """A paragraph of sentences."""
    return paragraphs(draws, locale, min_sentences, max_sentences)


@generator(
    "text.text",
    options=(LOCALE, *_bounds("paragraphs", 2, 4, _LONGEST)),
    source=WORDS_SOURCE,
    check=_check,
    holds=lambda value, *, locale, min_paragraphs, max_paragraphs: (
        min_paragraphs <= value.count("\n\n") + 1 <= max_paragraphs
        and all(_is_paragraph(each, locale=locale, min_sentences=3, max_sentences=6) for each in value.split("\n\n"))
    ),
)
def text(draws: AnyDraws, *, locale: str, min_paragraphs: int, max_paragraphs: int) -> Column:
    """Paragraphs with an empty line between them."""
    return _repeated(draws, min_paragraphs, max_paragraphs, "\n\n", lambda each: paragraphs(each, locale, 3, 6))
