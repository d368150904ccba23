"""Words by kind: every kind that can be asked for has words, and those of one draw agree."""

from __future__ import annotations

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.pools import table
from hotfixture.generators.speech import _ERRORS, _SPEECH

DRAWS = Draws.from_rows(4, "speech", 0, 500)


def made(name, **options):
    return find(name)(DRAWS, **options).to_pylist()


@pytest.mark.parametrize(("place", "kinds"), [("text/speech", _SPEECH), ("computing/error_kinds", _ERRORS)])
def test_the_kinds_are_those_of_the_data(place, kinds):
    assert set(table(place)["kind"].lines) == set(kinds)


def test_kinds_are_kept_apart():
    assert set(made("part_of_speech", kind="pronoun_object")) == {"me", "you", "him", "her", "it", "us", "them"}
    assert "deadlock detected" in made("it.error", kind="database")
    assert "deadlock detected" not in made("it.error", kind="http")


def test_emoji_and_what_they_are_called_agree():
    rows = made("emoji_record")
    assert [row["emoji"] for row in rows] == made("emoji_of_category")
    assert [row["alias"] for row in rows] == made("emoji_alias")
    assert {row["emoji"]: row["name"] for row in rows}["🐶"] == "dog"
    assert {"🐶", "🐱"} <= set(made("emoji_of_category", category="animal"))
    assert "🚗" not in made("emoji_of_category", category="animal")


def test_publications_stand_under_the_prefix_for_examples():
    assert all(value.startswith("10.5555/") for value in agreed("doi"))


@pytest.mark.parametrize(("system", "mark"), [("windows", "Windows NT"), ("ios", "iPhone"), ("android", "Android")])
def test_systems_are_named_as_browsers_name_them(system, mark):
    assert all(mark in value for value in agreed("platform_token", system=system))
