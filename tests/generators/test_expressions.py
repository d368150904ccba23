"""Regular expressions as trees."""

from __future__ import annotations

import re

import pytest

from hotfixture import generators
from hotfixture.errors import OptionError
from hotfixture.generators.expressions import capacity, longest, parse


@pytest.mark.parametrize(
    ("pattern", "word"),
    [
        ("a(?=b)", "lookahead"),
        ("a(?!b)", "lookahead"),
        ("(?<=a)b", "lookbehind"),
        ("(?<!a)b", "lookbehind"),
        ("(a)\\1", "backreference"),
        ("(?P<x>a)(?P=x)", "backreference"),
        ("(?i)a", "inline flags"),
        ("(?i:a)", "inline flags"),
        ("(?>a)", "atomic"),
        ("(a)(?(1)b)", "conditional"),
        ("(?#no)a", "comment"),
        ("\\ba", "word boundary"),
        ("a^b", "anchor"),
        ("a$b", "anchor"),
        ("(^a)", "anchor"),
        ("\\p", "escape"),
        ("\\Aa\\Z", "escape"),
        ("(a", "unclosed ("),
        ("a)", "unmatched )"),
        ("[a", "unclosed ["),
        ("[z-a]", "range"),
        ("[\\d-z]", "range"),
        ("*a", "repeat of nothing"),
        ("a|+", "repeat of nothing"),
        ("{2}", "repeat of nothing"),
        ("a**", "repeat of a repeat"),
        ("a{2}{3}", "repeat of a repeat"),
        ("a++", "repeat of a repeat"),
        ("a{3,2}", "from 3 to 2"),
        ("a{2000}", "1000"),
        ("(a{1000}){1000}", "5000"),
        ("a\\", "too early"),
        ("\\x4", "hexadecimal"),
        ("\\ud800", "surrogate"),
        ("[^\\x20-\\x7e]", "no printable"),
        ("(" * 60 + ")" * 60, "nested"),
    ],
)
def test_what_cannot_be_generated_is_refused_by_name(pattern, word):
    with pytest.raises(OptionError, match=re.escape(word)):
        parse(pattern, 8)


def test_a_refusal_names_the_option_and_the_place():
    with pytest.raises(OptionError, match=r"pattern=ab\(\?=c\): .*character 4"):
        parse("ab(?=c)", 8)


@pytest.mark.parametrize(
    ("pattern", "size"),
    [
        ("", 1),
        ("[a-c]{2}", 9),
        ("a|bc|", 3),
        ("[ab]{0,2}", 7),
        ("\\d{20}", 10**20),
        ("a?[bc]", 4),
        (".", 95),
    ],
)
def test_the_capacity_is_the_number_of_texts(pattern, size):
    assert capacity(parse(pattern, 8)) == generators.find("pattern").capacity(pattern=pattern) == size


@pytest.mark.parametrize(("pattern", "size"), [("", 0), ("a+", 9), ("(ab|c){2,3}", 6), ("a{0}", 0), ("x|yz?", 2)])
def test_the_longest_text_is_known_before_any_is_made(pattern, size):
    assert longest(parse(pattern, 8)) == size
