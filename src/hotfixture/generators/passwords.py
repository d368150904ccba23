"""Passwords and passphrases: for filling forms of test systems, never for protecting anything."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from typing import Any

from hotfixture.errors import OptionError
from hotfixture.generators import values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.drawn import counted, entry, letters, listed, text_of
from hotfixture.generators.options import LOCALE, Option
from hotfixture.generators.pools import Pool, pool

_CLASSES = {
    "lower": "abcdefghijklmnopqrstuvwxyz",
    "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "digits": "0123456789",
    "symbols": "!#$%&*+-=?@^_~",
}
_AMBIGUOUS = frozenset("0Oo1lI|5S8B2Z")


def _flag(name: str, what: str) -> Option:
    return Option(name, "boolean", True, f"At least one {what}; none if false.")


@lru_cache(maxsize=64)
def _alphabets(exclude_ambiguous: bool, **wanted: bool) -> tuple[str, ...]:
    chosen = [characters for name, characters in _CLASSES.items() if wanted[name]]
    if not exclude_ambiguous:
        return tuple(chosen)
    return tuple("".join(each for each in characters if each not in _AMBIGUOUS) for characters in chosen)


def _check(*, length: int, **options: bool) -> None:  # noqa: ARG001 - every option is passed
    if not _alphabets(**options):
        raise OptionError("lower", False, "true, or one of upper, digits and symbols true")


def _space(*, length: int, **options: bool) -> int:
    """Passwords in which every class appears: all, without those that lack one, with those that lack two …"""
    sizes = [len(alphabet) for alphabet in _alphabets(**options)]
    return sum(
        (-1) ** left_out * sum((sum(sizes) - sum(gone)) ** length for gone in combinations(sizes, left_out))
        for left_out in range(len(sizes) + 1)
    )


def _is_password(value: Any, *, length: int, **options: bool) -> bool:
    alphabets = _alphabets(**options)
    everything = set("".join(alphabets))
    return len(value) == length and set(value) <= everything and all(set(value) & set(each) for each in alphabets)


def _places(draws: AnyDraws, length: int, count: int) -> list[Column]:
    """`count` different places of a text of `length`, every choice alike."""
    taken: list[Column] = []
    for number in range(count):
        place = draws.lane(number).below(length - number)
        for before in _rising(taken):
            place = place + (place >= before)
        taken.append(place)
    return taken


def _rising(columns: list[Column]) -> list[Column]:
    if not columns or isinstance(columns[0], int):
        return sorted(columns)
    import numpy as np

    return list(np.sort(np.stack(columns), axis=0))


@generator(
    "internet.password",
    options=(
        Option("length", "integer", 12, "How many characters.", low=4, high=128),
        _flag("lower", "lower-case letter"),
        _flag("upper", "capital letter"),
        _flag("digits", "digit"),
        _flag("symbols", "symbol"),
        Option("exclude_ambiguous", "boolean", False, "Without characters that look alike, such as 0, O, 1 and l."),
    ),
    check=_check,
    capacity=_space,
    holds=_is_password,
    source="printable ASCII; the symbols are those that shells, URLs and forms rarely refuse",
)
def password(draws: AnyDraws, *, length: int, **options: bool) -> Column:
    """A password in which each wanted class of characters appears."""
    alphabets = _alphabets(**options)
    text = letters(draws.lane(0), "".join(alphabets), length)
    places = _places(draws.lane(1), length, len(alphabets))
    forced = [letters(draws.lane(2 + number), alphabet, 1) for number, alphabet in enumerate(alphabets)]
    if isinstance(text, str):
        characters = list(text)
        for place, character in zip(places, forced, strict=True):
            characters[place] = character
        return "".join(characters)
    import numpy as np

    rows = np.arange(len(text))
    for place, character in zip(places, forced, strict=True):
        text[rows, place] = character[:, 0]
    return text_of(text)


@lru_cache(maxsize=32)
def _phrase_words(locale: str, capitals: bool) -> Pool:
    words = sorted({word for word in pool(f"{locale}/word").lines if not set(word) & set(" -_.'’")})
    return listed(*(f"{word[:1].upper()}{word[1:]}" if capitals else word for word in words))


@lru_cache(maxsize=64)
def _phrase_members(locale: str, capitals: bool) -> frozenset[str]:
    return frozenset(_phrase_words(locale, capitals).lines)


def _phrase_space(*, words: int, capitals: bool, number: bool, locale: str, **_: Any) -> int:
    combinations_of_words: int = len(set(_phrase_words(locale, capitals).lines)) ** words
    return combinations_of_words * (90 if number else 1)


def _is_passphrase(value: Any, *, words: int, separator: str, capitals: bool, number: bool, locale: str) -> bool:
    if not separator:
        return bool(value) and "\0" not in value
    parts = value.split(separator)
    if number and not (parts and parts.pop().isdecimal()):
        return False
    return len(parts) == words and set(parts) <= _phrase_members(locale, capitals)


@generator(
    "internet.passphrase",
    options=(
        Option("words", "integer", 4, "How many words.", low=2, high=12),
        Option("separator", "text", "-", "What stands between the words."),
        Option("capitals", "boolean", False, "A capital at the start of each word."),
        Option("number", "boolean", False, "A number of two digits at the end."),
        LOCALE,
    ),
    capacity=_phrase_space,
    holds=_is_passphrase,
    source="everyday words, our own lists",
)
def passphrase(draws: AnyDraws, *, words: int, separator: str, capitals: bool, number: bool, locale: str) -> Column:
    """A passphrase of everyday words."""
    known = _phrase_words(locale, capitals)
    parts: list[Column] = [entry(draws.lane(place), known) for place in range(words)]
    if number:
        parts.append(entry(draws.lane(words), counted(10, 99)))
    between = [separator] if separator else []
    spread = [piece for part in parts for piece in (*between, part)][len(between) :]
    return values.join(*spread)
