"""Telephone numbers reach nobody and follow the city."""

from __future__ import annotations

import re

import pytest

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.contact import pieces
from hotfixture.generators.options import LOCALES
from hotfixture.generators.places import cities

DRAWS = Draws.from_rows(4, "phones", 0, 3000)

SAFE = {
    "en": r"\([2-9]\d\d\) 555-01\d\d",
    "de": r"030 23125\d{3}|040 66969\d{3}|0221 4710\d{3}|069 90009\d{3}|089 99998\d{3}|0171 39200\d\d",
    "fr": r"(01 99 00|02 61 91|03 53 01|04 65 71|05 36 49) \d\d \d\d",
    "es": r"39\d \d{3} \d{3}",
    "it": r"9\d\d \d{7}",
    "pt_BR": r"\(\d\d\) 90\d{3}-\d{4}",
    "ja": r"0\d-0\d{3}-\d{4}|0\d\d-0\d\d-\d{4}|0\d{3}-0\d-\d{4}",
    "ru": r"\+7 \d{3} 0\d\d-\d\d-\d\d|\+7 \d{4} 0\d-\d\d-\d\d",
}
"""The ranges that regulators keep free for fiction, or that no national plan lets anybody assign."""


@pytest.mark.parametrize("locale", LOCALES)
def test_numbers_lie_in_ranges_that_reach_nobody(locale):
    for number in find("phone")(DRAWS, locale=locale).to_pylist():
        assert re.fullmatch(SAFE[locale], number), number


@pytest.mark.parametrize("locale", LOCALES)
def test_the_pattern_is_that_of_the_city_of_the_same_draws(locale):
    known = cities(locale)
    patterns = dict(
        zip(zip(known["city"].lines, known["region"].lines, strict=True), known["phone"].lines, strict=True)
    )
    columns = (find(name)(DRAWS, locale=locale).to_pylist() for name in ("city", "region", "phone"))
    for city, region, number in zip(*columns, strict=True):
        pattern = patterns[city, region]
        assert re.fullmatch(re.escape(pattern).replace(r"\#", r"\d"), number)


def test_patterns_are_cut_behind_every_fourth_place():
    assert pieces("###-####") == ["###-#", "###"]
    assert pieces("##") == ["##"]
    assert "".join(pieces("## ## ### (#)-##")) == "## ## ### (#)-##"
