"""The machine-readable zone is that of the person of the same draws, and its checks are those of the standard."""

from __future__ import annotations

import pytest

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.options import LOCALES
from hotfixture.generators.travel_documents import _check, _signs

DRAWS = Draws.from_rows(16, "zones", 0, 300)


def made(name, **options):
    return find(name)(DRAWS, **options).to_pylist()


@pytest.mark.parametrize(
    ("field", "check"),
    [("L898902C3", 6), ("740812", 2), ("120415", 9), ("ZE184226B<<<<<", 1), ("D23145890", 7), ("340712", 7)],
)
def test_check_digits_are_those_that_the_standard_prints(field, check):
    assert _check(_signs(field, len(field))) == check


def test_the_zone_tells_of_the_same_person():
    columns = (made(name) for name in ("passport_mrz", "passport_number", "birth_date", "sex", "last_name"))
    for zone, number, born, sex, last in zip(*columns, strict=True):
        first, second = zone.split("\n")
        assert second[:9] == number
        assert second[13:19] == f"{born:%y%m%d}"
        assert second[20] == sex[0].upper()
        assert first.startswith(f"P<UTO{last.upper().replace(' ', '')[:4]}")


@pytest.mark.parametrize("locale", LOCALES)
def test_both_lines_have_forty_four_plain_characters(locale):
    for zone in made("passport_mrz", locale=locale):
        assert [len(line) for line in zone.split("\n")] == [44, 44]
        assert set(zone) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<\n")


def test_a_wrong_check_digit_is_refused():
    zone = find("passport_mrz")
    right = made("passport_mrz")[0]
    for place in (45 + 9, 45 + 19, 45 + 27, 45 + 43):
        wrong = f"{right[:place]}{(int(right[place]) + 1) % 10}{right[place + 1 :]}"
        assert zone.holds(right)
        assert not zone.holds(wrong)
