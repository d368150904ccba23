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
    "en_GB": r"020 7946 0\d{3}|01(1[3-8]|21|31|41|51|61) 496 0\d{3}|0191 498 0\d{3}|028 9649 6\d{3}|029 2018 0\d{3}"
    r"|01632 960\d{3}",
    "en_CA": r"\([2-9]\d\d\) 555-01\d\d",
    "en_AU": r"\(0[2378]\) 5550 \d{4}",
    "es_MX": r"\d\d 0\d{7}|\d{3} 0\d{6}",
    "fr_CA": r"[2-9]\d\d 555-01\d\d",
    "de_AT": r"0\d{1,4} 0\d{5}",
    "de_CH": r"0\d\d 0\d\d \d\d \d\d",
    "nl": r"0\d\d-0\d{6}|0\d{3}-0\d{5}",
    "pl": r"\d\d 0\d\d \d\d \d\d",
    "cs": r"0\d\d \d{3} \d{3}",
    "sv": r"08-465 004 \d\d|031-390 06 \d\d|040-628 04 \d\d|0980-319 2\d\d|070-174 06 1\d",
    "da": r"0[1-9] \d\d \d\d \d\d",
    "nb": r"0[1-9] \d\d \d\d \d\d",
    "fi": r"0\d{1,2} 0\d{6}",
    "pt_PT": r"5\d\d \d{3} \d{3}",
    "uk": r"\+380 \d\d 0\d\d-\d\d-\d\d",
    "tr": r"\(0\d{3}\) 0\d\d \d\d \d\d",
    "el": r"2(?=[\d]{9}$)\d{1,3}0\d{5,7}",
    "hu": r"06 1 0\d{6}|06 \d\d 0\d{5}",
    "ro": r"021 0\d{6}|02\d\d 0\d{5}",
    "ko": r"0\d{1,2}-0\d\d-\d{4}",
    "zh": r"0\d\d-0\d{7}|0\d{3}-0\d{6}",
    "ar": r"01\d 0\d\d \d{4}",
    "he": r"0\d-0\d\d-\d{4}",
    "hi": r"0\d\d-0\d{7}|0\d{3}-0\d{6}",
    "id": r"\(0\d\d\) 0\d{6}|\(0\d{3}\) 0\d{5}",
    "vi": r"0\d\d 0\d{7}|0\d{3} 0\d{6}",
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
