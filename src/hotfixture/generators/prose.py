"""More texts: words, sentences, questions, titles, lorem ipsum, comments, Markdown, HTML, single parts of speech."""

from __future__ import annotations

from functools import cache
from typing import Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, Generator, generator
from hotfixture.generators.drawn import entry
from hotfixture.generators.options import LOCALE, Option
from hotfixture.generators.pools import Pool, members, pool
from hotfixture.generators.text import WORDS_SOURCE, sentences
from hotfixture.generators.text import sentence as one_sentence
from hotfixture.generators.vocabularies import vocabulary

_LATIN = "the words of lorem ipsum, from Cicero's De finibus (45 BC)"
_MANY = 40

phrase = vocabulary("text.phrase", "text/phrase", doc="A customary phrase of English.")
noun = vocabulary("text.noun", "text/noun", doc="An English noun.")
verb = vocabulary("text.verb", "text/verb", doc="An English verb.")
adjective = vocabulary("text.adjective", "text/adjective", doc="An English adjective.")
adverb = vocabulary("text.adverb", "text/adverb", doc="An English adverb.")
preposition = vocabulary("text.preposition", "text/preposition", doc="An English preposition.")
conjunction = vocabulary("text.conjunction", "text/conjunction", doc="An English conjunction.")
interjection = vocabulary("text.interjection", "text/interjection", doc="An English interjection.")
pronoun = vocabulary("text.pronoun", "text/pronoun", doc="An English pronoun.")


def _blank(locale: str) -> str:
    return "" if locale in ("ja", "zh", "th") else " "


@cache
def _capitals(words: str) -> Pool:
    return Pool([f"{word[:1].upper()}{word[1:]}" for word in pool(words).lines])


@cache
def _capital_members(words: str) -> frozenset[str]:
    return frozenset(_capitals(words).lines)


@cache
def _followers(words: str, blank: str, capital: bool) -> Pool:
    """The words with the blank before them; at the very end none at all."""
    known = _capitals(words) if capital else pool(words)
    return Pool([*(f"{blank}{word}" for word in known.lines), ""])


def _run(
    draws: AnyDraws, words: str, low: int, high: int, *, blank: str = " ", first: bool = True, rest: bool = False
) -> list[Column]:
    """`low` to `high` words; a capital at the `first` one and at the `rest`, where wanted."""
    size = len(pool(words))
    count = low + draws.below(high - low + 1)
    parts = [values.pick(_capitals(words) if first else pool(words), draws.lane(lanes.WORDS).below(size))]
    for place in range(1, high):
        index = draws.lane(lanes.WORDS + place).below(size)
        index = index if place < low else values.where(count > place, index, size)
        parts.append(values.pick(_followers(words, blank, rest), index))
    return parts


def _is_run(value: str, words: str, low: int, high: int, *, blank: str, first: bool = True, rest: bool = False) -> bool:
    """Words are told apart where the language has blanks; entries of two words count as two or one."""
    if not blank:
        return bool(value) and "\0" not in value
    plain, capitals = members(words), _capital_members(words)
    head, *tail = value.split(blank)
    return (
        low <= len(tail) + 1 <= high
        and head in (capitals if first else plain)
        and all(word in (capitals if rest else plain) for word in tail)
    )


_COUNT = Option("words", "integer", 3, "How many words.", low=1, high=_MANY)


@generator(
    "text.words",
    options=(LOCALE, _COUNT),
    source=WORDS_SOURCE,
    holds=lambda value, locale, words: _is_run(
        value, f"{locale}/word", words, words, blank=_blank(locale), first=False
    ),
)
def words(draws: AnyDraws, *, locale: str, words: int) -> Column:
    """Everyday words in a row, without capitals and full stop."""
    return values.join(*_run(draws, f"{locale}/word", words, words, blank=_blank(locale), first=False))


@generator(
    "text.heading",
    options=(
        LOCALE,
        Option("min_words", "integer", 3, "Fewest words.", low=1, high=_MANY),
        Option("max_words", "integer", 6, "Most words.", low=1, high=_MANY),
    ),
    check=lambda *, locale, min_words, max_words: _refuse_order(min_words, max_words),  # noqa: ARG005 - every option is passed
    source=WORDS_SOURCE,
    holds=lambda value, locale, min_words, max_words: _is_run(
        value, f"{locale}/word", min_words, max_words, blank=_blank(locale), rest=locale == "en"
    ),
)
def heading(draws: AnyDraws, *, locale: str, min_words: int, max_words: int) -> Column:
    """A headline without meaning; in English every word has a capital."""
    parts = _run(draws, f"{locale}/word", min_words, max_words, blank=_blank(locale), rest=locale == "en")
    return values.join(*parts)


def _refuse_order(fewest: int, most: int) -> None:
    from hotfixture.errors import OptionError

    if fewest > most:
        raise OptionError("max_words", most, f"an integer, at least min_words={fewest}")


_QUESTION_MARKS = {"ja": "？", "zh": "？", "el": ";", "ar": "؟", "fa": "؟"}


def _question_ends(locale: str) -> tuple[str, str]:
    return ("¿" if locale.startswith("es") else ""), _QUESTION_MARKS.get(locale, "?")


def _is_question(value: Any, *, locale: str) -> bool:
    front, end = _question_ends(locale)
    inside = value.removeprefix(front).removesuffix(end)
    return value == f"{front}{inside}{end}" and _is_run(inside, f"{locale}/word", 4, 10, blank=_blank(locale))


@generator("text.question", options=(LOCALE,), source=WORDS_SOURCE, holds=_is_question)
def question(draws: AnyDraws, *, locale: str) -> Column:
    """A question of everyday words, with the marks of the language; it asks nothing."""
    front, end = _question_ends(locale)
    return values.join(front, *_run(draws, f"{locale}/word", 4, 10, blank=_blank(locale)), end)


_SENTENCES = Option("sentences", "integer", 3, "How many sentences.", low=1, high=_MANY)


def _are_sentences(value: Any, *, locale: str, sentences: int) -> bool:
    stop = "。" if value.endswith("。") else value[-1:]
    found = [f"{piece.strip()}{stop}" for piece in value.split(stop)[:-1]]
    whole = {"locale": locale, "min_words": 5, "max_words": 12}
    return len(found) == sentences and all(one_sentence.holds(piece, **whole) for piece in found)


@generator("text.sentences", options=(LOCALE, _SENTENCES), source=WORDS_SOURCE, holds=_are_sentences)
def several_sentences(draws: AnyDraws, *, locale: str, sentences: int) -> Column:
    """Sentences of everyday words in a row, each of 5 to 12 words."""
    return values.join(*_in_a_row(draws, locale, sentences))


def _in_a_row(draws: AnyDraws, locale: str, count: int) -> list[Column]:
    parts: list[Column] = []
    for place in range(count):
        blank = [_blank(locale)] if place and _blank(locale) else []
        parts += [*blank, sentences(draws.lane(place), locale, 5, 12)]
    return parts


lorem_word = vocabulary("text.lorem_word", "text/latin", doc="A word of lorem ipsum.", source=_LATIN)


@generator(
    "text.lorem_words",
    options=(_COUNT,),
    source=_LATIN,
    holds=lambda value, words: _is_run(value, "text/latin", words, words, blank=" ", first=False),
    capacity=lambda words: len(members("text/latin")) ** words,
)
def lorem_words(draws: AnyDraws, *, words: int) -> Column:
    """Words of lorem ipsum in a row."""
    return values.join(*_run(draws, "text/latin", words, words, first=False))


def _lorem_sentence(draws: AnyDraws) -> Column:
    return values.join(*_run(draws, "text/latin", 5, 12), ".")


def _are_lorem(value: Any, *, sentences: int) -> bool:
    pieces = value.split(". ")
    found = [*pieces[:-1], pieces[-1].removesuffix(".")]
    return (
        value.endswith(".")
        and len(found) == sentences
        and all(_is_run(piece, "text/latin", 5, 12, blank=" ") for piece in found)
    )


@generator("text.lorem_sentence", source=_LATIN, holds=lambda value: _are_lorem(value, sentences=1))
def lorem_sentence(draws: AnyDraws) -> Column:
    """A sentence of lorem ipsum."""
    return _lorem_sentence(draws)


@generator("text.lorem_paragraph", options=(_SENTENCES,), source=_LATIN, holds=_are_lorem)
def lorem_paragraph(draws: AnyDraws, *, sentences: int) -> Column:
    """A paragraph of lorem ipsum."""
    return values.join(*(_lorem_sentence(draws.lane(place)) for place in range(sentences)), separator=" ")


def _is_comment(value: Any) -> bool:
    start, _, end = value.rpartition(", ")
    return start in members("text/opening") and end.removesuffix(".") in members("text/closing")


@generator(
    "text.comment",
    source="our own lists",
    holds=_is_comment,
    capacity=lambda: len(members("text/opening")) * len(members("text/closing")),
)
def comment(draws: AnyDraws) -> Column:
    """What people write below an article."""
    start, end = entry(draws.lane(0), pool("text/opening")), entry(draws.lane(1), pool("text/closing"))
    return values.join(start, ", ", end, ".")


# A small document in two notations: what stands before and after the title, the text, and each point of a list.
_MARKUP = {
    "markdown": ("# ", "\n\n", "\n\n- ", "\n- ", "\n"),
    "html": ("<h1>", "</h1><p>", "</p><ul><li>", "</li><li>", "</li></ul>"),
}


def _document(draws: AnyDraws, locale: str, notation: str) -> Column:
    front, before_text, before_list, between, end = _MARKUP[notation]
    name, blank = f"{locale}/word", _blank(locale)
    points = [_run(draws.lane(2 + place), name, 2, 4, blank=blank) for place in range(3)]
    head = _run(draws.lane(0), name, 3, 6, blank=blank)
    text = _in_a_row(draws.lane(1), locale, 3)
    lines = (*points[0], between, *points[1], between, *points[2])
    return values.join(front, *head, before_text, *text, before_list, *lines, end)


def _is_document(value: Any, locale: str, notation: str) -> bool:
    front, before_text, before_list, between, end = _MARKUP[notation]
    head, _, rest = value.removeprefix(front).partition(before_text)
    text, _, points = rest.removesuffix(end).partition(before_list)
    name, blank = f"{locale}/word", _blank(locale)
    return (
        value.startswith(front)
        and value.endswith(end)
        and _is_run(head, name, 3, 6, blank=blank)
        and _are_sentences(text, locale=locale, sentences=3)
        and all(_is_run(point, name, 2, 4, blank=blank) for point in points.split(between))
    )


def _markup(notation: str, doc: str, source: str) -> Generator:
    def document(draws: AnyDraws, *, locale: str) -> Column:
        return _document(draws, locale, notation)

    document.__doc__ = doc
    made = generator(
        f"text.{notation}",
        options=(LOCALE,),
        source=source,
        holds=lambda value, locale: _is_document(value, locale, notation),
    )
    return made(document)


markdown = _markup("markdown", "A short document in Markdown: a title, a paragraph, a list.", "CommonMark 0.31")
html = _markup("html", "A short document in HTML: a title, a paragraph, a list.", "the HTML standard of the WHATWG")
