"""Text that matches a regular expression."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.generators.agreement import agreed

from hotfixture import generators


def spelled(pattern, **options):
    found = agreed("pattern", pattern=pattern, **options)
    assert all(re.fullmatch(pattern, text) for text in found)
    return found


SUPPORTED = [
    "", "abc", "a|b|", "[A-Z]{2}-\\d{4}", "\\d{3}-\\d{2}-\\d{4}", "(?:Mr|Mrs|Dr)\\. [A-Z][a-z]{2,9}", "x?y*z+",
    "[^a-z]{3}", "[]a]", "[^]a]", "[a-]", "[-a]", "[\\w.-]+@[a-z]+\\.example", "\\w\\W\\d\\D\\s\\S", ".{5}",
    "a{,2}b{2,}", "(?P<year>\\d{4})-(0[1-9]|1[0-2])", "^\\d+$", "^a|b$", "a{", "a{x}", "a{1", "{", "}", "]", "a{2}{",
    "a*?b+?c??d{2,3}?", "((a|b)(c|d)){2}", "(a?|b){0,3}", "\\x41\\u00e4\\t\\\\\\[\\]\\/\\-", "[\\x41-\\x43\\u0416]",
    "[äöü]{2}日", "()", "(|a)", "(a{0})b", "[\\d-]", "[\\n\\r\\f\\v]", "a{0,0}",
]  # fmt: skip


@pytest.mark.parametrize("pattern", SUPPORTED)
@pytest.mark.filterwarnings("ignore:Possible set difference:FutureWarning")
def test_what_is_made_matches_the_pattern_as_python_reads_it(pattern):
    spelled(pattern)


LITERALS = st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1, max_size=3).map(re.escape)
CLASSES = st.builds(
    lambda inner, negated: f"[{'^' if negated else ''}{''.join(map(re.escape, inner))}]",
    st.lists(st.sampled_from("abcxyz0189-_]^["), min_size=1, max_size=4),
    st.booleans(),
)
ATOMS = LITERALS | CLASSES | st.sampled_from([".", "\\d", "\\w", "\\s", "\\D", "[a-f0-9]"])


def larger(inner):
    repeats = st.sampled_from(["?", "*", "+", "{2}", "{1,3}", "{,2}", "{1,}", "??", "*?"])
    return (
        st.lists(inner, max_size=4).map("".join)
        | st.builds("(?:{}){}".format, inner, repeats)
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})")
    )


@settings(deadline=None)
@given(st.recursive(ATOMS, larger, max_leaves=8), st.integers(0, 2**64 - 1))
@pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")
def test_any_nesting_of_the_supported_constructs_makes_texts_that_match(pattern, seed):
    made = generators.generate("pattern", count=10, seed=seed, pattern=pattern, limit=2)
    assert all(re.fullmatch(pattern, text) for text in made.to_pylist())
    assert [generators.generate("pattern", first=row, seed=seed, pattern=pattern, limit=2) for row in range(10)] == (
        made.to_pylist()
    )


@pytest.mark.parametrize("pattern", ["[a-c]{2}", "a|bc|", "[ab]{0,2}", "(a|b)?[xy]{1,2}", "[a-z][0-9]"])
def test_every_text_of_a_small_pattern_comes(pattern):
    found = set(agreed("pattern", count=5_000, pattern=pattern))
    assert len(found) == generators.find("pattern").capacity(pattern=pattern)


def test_branches_repeat_counts_and_characters_come_alike():
    branches = Counter(agreed("pattern", count=6_000, pattern="a|[b-z]"))
    assert 2_800 < branches["a"] < 3_200
    lengths = Counter(map(len, agreed("pattern", count=6_000, pattern="[a-z]{1,3}")))
    assert all(1_800 < lengths[length] < 2_200 for length in (1, 2, 3))
    characters = Counter("".join(agreed("pattern", count=3_000, pattern="[abc]{2}")))
    assert all(1_850 < characters[char] < 2_150 for char in "abc")


@pytest.mark.parametrize(("limit", "longest"), [(0, 1), (3, 4), (100, 101)])
def test_open_repeats_stop_at_the_limit(limit, longest):
    found = spelled("a+", limit=limit, count=2_000)
    assert {len(text) for text in found} == set(range(1, longest + 1))


def test_a_pattern_without_choice_is_the_same_text_in_every_row():
    assert set(spelled("fixed")) == {"fixed"}
