"""Letters, digits and texts by template: `??-####` becomes `kB-2093`."""

from __future__ import annotations

from itertools import groupby

from hotfixture.generators import values
from hotfixture.generators.base import AnyDraws, Column, Generator, generator
from hotfixture.generators.drawn import letters, listed, one, text_of
from hotfixture.generators.options import Option

_LOWER = "abcdefghijklmnopqrstuvwxyz"
_CASES = {"any": _LOWER + _LOWER.upper(), "lower": _LOWER, "upper": _LOWER.upper()}
_CASE = Option("case", "choice", "any", "Which letters.", choices=tuple(_CASES))
_PRINTABLE = "".join(map(chr, range(33, 127)))
_ALPHABETS = {
    "letters": _LOWER + _LOWER.upper(),
    "lower": _LOWER,
    "upper": _LOWER.upper(),
    "digits": "0123456789",
    "alphanumeric": "0123456789" + _LOWER + _LOWER.upper(),
    "hexadecimal": "0123456789abcdef",
    "printable": _PRINTABLE,
}


@generator(
    "text.letter",
    options=(_CASE,),
    source="the Latin alphabet",
    holds=lambda value, case: len(value) == 1 and value in _CASES[case],
    capacity=lambda case: len(_CASES[case]),
)
def letter(draws: AnyDraws, *, case: str) -> Column:
    """A letter of ASCII."""
    return one(draws.lane(0), listed(*_CASES[case]))


@generator(
    "text.character",
    source="the printable characters of ASCII, without the blank",
    holds=lambda value: len(value) == 1 and value in _PRINTABLE,
    capacity=len(_PRINTABLE),
)
def character(draws: AnyDraws) -> Column:
    """A printable character of ASCII."""
    return one(draws.lane(0), listed(*_PRINTABLE))


@generator(
    "text.string",
    options=(
        Option("length", "integer", 20, "How many characters.", low=1, high=1000),
        Option("alphabet", "choice", "letters", "Which characters.", choices=tuple(_ALPHABETS)),
    ),
    source="ASCII, every character of the alphabet alike",
    holds=lambda value, length, alphabet: len(value) == length and set(value) <= set(_ALPHABETS[alphabet]),
    capacity=lambda length, alphabet: len(_ALPHABETS[alphabet]) ** length,
)
def string(draws: AnyDraws, *, length: int, alphabet: str) -> Column:
    """A text of a fixed length, without meaning."""
    return text_of(letters(draws.lane(0), _ALPHABETS[alphabet], length))


_MARKS = {"#": "0123456789", "%": "123456789", "?": _CASES["any"], "^": "0123456789abcdef"}


def _filled(draws: AnyDraws, template: str, marks: str) -> Column:
    """Each mark replaced; runs of one mark share a lane of their own."""
    runs = [(mark, len(list(run))) for mark, run in groupby(template)]
    parts: list[Column] = []
    for place, (mark, length) in enumerate(runs):
        filled = text_of(letters(draws.lane(place), _MARKS[mark], length)) if mark in marks else mark * length
        parts.append(filled)
    joined = values.join(*parts)
    return values.same(draws, joined) if isinstance(joined, str) else joined


def _fits(value: str, template: str, marks: str) -> bool:
    return len(value) == len(template) and all(
        found in _MARKS[wanted] if wanted in marks else found == wanted
        for found, wanted in zip(value, template, strict=True)
    )


def _space(template: str, marks: str) -> int:
    found = 1
    for mark in template:
        found *= len(_MARKS[mark]) if mark in marks else 1
    return found


def _template(name: str, marks: str, default: str, doc: str) -> Generator:
    """The generator `text.<name>`, which replaces these marks in the text it is given."""

    def template(draws: AnyDraws, *, text: str) -> Column:
        return _filled(draws, text, marks)

    template.__doc__ = doc
    said = {"#": "# a digit", "%": "% a digit but 0", "?": "? a letter", "^": "^ a hexadecimal digit"}
    legend = ", ".join(said[mark] for mark in marks)
    made = generator(
        f"text.{name}",
        options=(Option("text", "text", default, f"The template: {legend}; everything else stands for itself."),),
        source="the marks that Faker and gofakeit use",
        holds=lambda value, text: _fits(value, text, marks),
        capacity=lambda text: _space(text, marks),
    )
    return made(template)


bothify = _template("bothify", "#%?", "??-####", "A text by template, with digits and letters in it.")
numerify = _template("numerify", "#%", "###-%##", "A text by template, with digits in it.")
lexify = _template("lexify", "?", "????-????", "A text by template, with letters in it.")
hexify = _template("hexify", "^", "^^^^:^^^^", "A text by template, with hexadecimal digits in it.")
