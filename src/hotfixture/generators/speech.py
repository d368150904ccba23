"""Words by kind: parts of speech in all their kinds, emoji by category, error messages by what went wrong."""

from __future__ import annotations

from functools import cache
from typing import Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.drawn import counted, entry, listed, one
from hotfixture.generators.options import Option
from hotfixture.generators.pools import Pool, pool, table
from hotfixture.generators.records import Records
from hotfixture.generators.vocabularies import OWN_LIST, vocabulary

# The kinds are spelled out here because a name is looked up long before its data is read.
_SPEECH = (
    *(f"noun_{kind}" for kind in ("common", "concrete", "abstract", "collective_people", "collective_animal")),
    *(f"noun_{kind}" for kind in ("collective_thing", "countable", "uncountable", "proper", "determiner")),
    *(f"verb_{kind}" for kind in ("action", "transitive", "intransitive", "linking", "helping")),
    *(f"adverb_{kind}" for kind in ("manner", "degree", "place", "time_definite", "time_indefinite")),
    *("adverb_frequency_definite", "adverb_frequency_indefinite"),
    *(f"preposition_{kind}" for kind in ("simple", "double", "compound")),
    *(f"adjective_{kind}" for kind in ("descriptive", "quantitative", "proper", "demonstrative", "possessive")),
    *("adjective_interrogative", "adjective_indefinite"),
    *(f"pronoun_{kind}" for kind in ("personal", "object", "possessive", "reflective", "demonstrative")),
    *(f"pronoun_{kind}" for kind in ("interrogative", "relative", "indefinite")),
    *(f"connective_{kind}" for kind in ("time", "comparative", "complaint", "listing", "casual", "examplify")),
    *(f"phrase_{kind}" for kind in ("noun", "verb", "adverb", "preposition")),
    "hipster",
)


@cache
def _of_kind(place: str, kind: str) -> Pool:
    """The second column of data/<place>.tsv where the first is `kind`; all of it, each entry once, for `any`."""
    kinds, words = (column.lines for column in table(place).values())
    return Pool(list(dict.fromkeys(word for of, word in zip(kinds, words, strict=True) if kind in ("any", of))))


@generator(
    "text.part_of_speech",
    options=(Option("kind", "choice", "any", "Which words.", choices=("any", *_SPEECH)),),
    source=OWN_LIST,
    holds=lambda value, kind: value in _of_kind("text/speech", kind).lines,
    capacity=lambda kind: len(_of_kind("text/speech", kind)),
)
def part_of_speech(draws: AnyDraws, *, kind: str) -> Column:
    """An English word of one kind: noun_abstract, verb_linking, connective_time and others."""
    return one(draws.lane(0), _of_kind("text/speech", kind))


_ERRORS = ("database", "grpc", "http", "http_client", "http_server", "input", "object", "runtime", "validation")


@generator(
    "it.error",
    options=(Option("kind", "choice", "any", "What went wrong.", choices=("any", *_ERRORS)),),
    source=OWN_LIST,
    holds=lambda value, kind: value in _of_kind("computing/error_kinds", kind).lines,
    capacity=lambda kind: len(_of_kind("computing/error_kinds", kind)),
)
def error(draws: AnyDraws, *, kind: str) -> Column:
    """What a program says when something of one kind goes wrong."""
    return one(draws.lane(0), _of_kind("computing/error_kinds", kind))


_EMOJIS = Records(
    "internet/emojis",
    lane=lanes.own("internet.emoji_record"),
    source="Unicode, emoji; short names of our own",
    by=("category",),
)
emoji_record = _EMOJIS.record(
    "internet.emoji_record", "category emoji name alias", doc="An emoji and what it is called."
)
emoji_of_category = _EMOJIS.column("internet.emoji_of_category", "emoji", doc="An emoji, of one category where wanted.")
emoji_category = _EMOJIS.column(
    "internet.emoji_category", "category", doc="The category of the emoji of the same draws."
)
emoji_description = _EMOJIS.column("internet.emoji_description", "name", doc="What the emoji of the same draws shows.")
emoji_alias = _EMOJIS.column(
    "internet.emoji_alias", "alias", doc="The short name of the emoji of the same draws, in colons."
)

hacker_noun = vocabulary("it.hacker_noun", "computing/hacker_noun", doc="A noun that people in IT use.")
hacker_verb = vocabulary("it.hacker_verb", "computing/hacker_verb", doc="A verb that people in IT use.")
hacker_adjective = vocabulary(
    "it.hacker_adjective", "computing/hacker_adjective", doc="An adjective that people in IT use."
)
hackering_verb = vocabulary("it.hackering_verb", "computing/hacker_verb_ing", doc="What people in IT are doing.")
input_name = vocabulary("internet.input_name", "internet/input_name", doc="The name of a field of a form.")


@cache
def _capitals(words: str) -> Pool:
    return Pool([word.capitalize() for word in pool(words).lines])


def _is_app(value: Any) -> bool:
    first, _, second = value.partition(" ")
    return first in _capitals("computing/adjective").lines and second in _capitals("computing/noun").lines


@generator(
    "it.app_name",
    source="our own lists",
    holds=_is_app,
    capacity=lambda: len(_capitals("computing/adjective")) * len(_capitals("computing/noun")),
)
def app_name(draws: AnyDraws) -> Column:
    """The name of a program."""
    first, second = _capitals("computing/adjective"), _capitals("computing/noun")
    return values.join(entry(draws.lane(0), first), " ", entry(draws.lane(1), second))


_SYSTEMS = {
    "windows": ("Windows NT 6.1", "Windows NT 6.2", "Windows NT 6.3", "Windows NT 10.0", "Windows NT 10.0; Win64; x64"),
    "mac": (
        "Macintosh; Intel Mac OS X 10_15_7",
        "Macintosh; Intel Mac OS X 10_14_6",
        "Macintosh; Intel Mac OS X 10_13_6",
    ),
    "linux": ("X11; Linux x86_64", "X11; Linux i686", "X11; Linux aarch64", "X11; Ubuntu; Linux x86_64"),
    "android": tuple(f"Android {version}" for version in range(7, 16)),
    "ios": tuple(
        f"iPhone; CPU iPhone OS {major}_{minor} like Mac OS X" for major in range(13, 19) for minor in range(5)
    ),
}


@generator(
    "internet.platform_token",
    options=(Option("system", "choice", "windows", "Of which system.", choices=tuple(_SYSTEMS)),),
    source="the system as browsers name it in their User-Agent header",
    holds=lambda value, system: value in _SYSTEMS[system],
    capacity=lambda system: len(_SYSTEMS[system]),
)
def platform_token(draws: AnyDraws, *, system: str) -> Column:
    """The part of a User-Agent header that names the system."""
    return one(draws.lane(0), listed(*_SYSTEMS[system]))


def _is_doi(value: Any) -> bool:
    year, _, number = value.removeprefix("10.5555/hf.").partition(".")
    return value.startswith("10.5555/hf.") and 1990 <= int(year) <= 2024 and 1 <= int(number) <= 99_999


@generator(
    "identifiers.doi",
    source="ISO 26324; 10.5555 is the prefix that CrossRef keeps for examples",
    holds=_is_doi,
    capacity=35 * 99_999,
)
def doi(draws: AnyDraws) -> Column:
    """The DOI of a publication that does not exist."""
    year, number = entry(draws.lane(0), counted(1990, 2024)), entry(draws.lane(1), counted(1, 99_999))
    return values.join("10.5555/hf.", year, ".", number)
