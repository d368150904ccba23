"""Places as text: written and read back, and matched by patterns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.capture.comparing.paths import Ignored, at, general, parsed, written
from hotfixture.errors import OptionError

KEYS = st.text(max_size=4) | st.sampled_from(["*", "**", "a.b", "[0]", '"', "\\", "[*]", "x y", "-", "", "ü", "$made"])
PLACES = st.lists(KEYS | st.integers(0, 99), max_size=5).map(tuple)


@given(PLACES)
def test_a_place_is_read_back_as_it_was_written(place: tuple[str | int, ...]) -> None:
    assert parsed(written(place)) == place


@given(PLACES, PLACES)
def test_a_written_place_is_a_pattern_for_itself_alone(
    place: tuple[str | int, ...], other: tuple[str | int, ...]
) -> None:
    ignored = Ignored([written(place)])
    assert place in ignored
    assert (other in ignored) is (other == place)


@given(PLACES)
def test_a_general_place_matches_with_any_index(place: tuple[str | int, ...]) -> None:
    moved = tuple(step + 1 if isinstance(step, int) else step for step in place)
    assert place in Ignored([general(place)])
    assert moved in Ignored([general(place)])


@given(PLACES)
def test_any_way_down_matches_every_place(place: tuple[str | int, ...]) -> None:
    assert place in Ignored(["**"])


@pytest.mark.parametrize("pattern", ["[[[", "body[", "body]", "a[x]", 'headers["x', "a..b", "."])
def test_what_is_no_pattern_is_refused_rather_than_taken_for_another(pattern: str) -> None:
    with pytest.raises(OptionError, match="a place"):
        Ignored(["body.n", pattern])


def test_places_are_found_in_values_and_what_is_not_there_is_the_default() -> None:
    value = {"a": [{"b": None}], "": 5}
    assert at(value, ()) == value
    assert at(value, ("a", 0, "b"), "default") is None
    assert at(value, ("",)) == 5
    for place in (("a", 1), ("a", "b"), ("x",), ("a", 0, "b", "c"), ("", 0)):
        assert at(value, place, "default") == "default"
