"""Codes by template."""

from __future__ import annotations

import re

import pytest

from hotfixture.draws import Draw, Draws
from hotfixture.generators import checks
from hotfixture.generators.codes import coded, variant

DRAWS = Draws.from_rows(2, "codes", 0, 3_000)
SLOTS = {"side": ("LEFT", "RITE")}


def made(template, **more):
    return coded("t.code", template, doc="A code.", source="a test", **more)


@pytest.mark.parametrize(
    ("template", "form", "capacity"),
    [
        ("##-!", r"\d\d-[1-9]", 900),
        ("AB?*", r"AB[A-Z][0-9A-Z]", 936),
        ("&~", r"[2-9A-HJ-NP-Z][0-9a-f]", 512),
        ("x{side}#", r"x(LEFT|RITE)\d", 20),
        ("constant", "constant", 1),
    ],
)
def test_signs_of_a_template_stand_for_their_sets(template, form, capacity):
    generator = made(template, slots=SLOTS)
    found = generator(DRAWS).to_pylist()
    assert all(re.fullmatch(form, code) for code in found)
    assert generator.capacity() == capacity
    assert len(set(found)) > min(capacity * 0.9, 850)
    assert [generator(Draw(int(bits))) for bits in DRAWS.bits[:50]] == found[:50]


def test_hyphens_and_blanks_do_not_count_for_the_check():
    found = made("####-#### ###=", check=checks.luhn, valid=checks.is_luhn)(DRAWS).to_pylist()
    assert all(checks.is_luhn(code) for code in found)


def test_a_code_with_a_wrong_check_or_form_does_not_hold():
    generator = made("###=", check=checks.luhn, valid=checks.is_luhn)
    right = generator(DRAWS).to_pylist()[0]
    assert generator.holds(right)
    assert not generator.holds(right[:3] + str((int(right[3]) + 1) % 10))
    assert not generator.holds(f"{right}0")


def test_a_check_that_is_never_issued_is_avoided():
    generator = made("0000####0=", check=checks.nhs, valid=checks.is_nhs, marks="0123456789X", avoid=10)
    plain = made("0000####0=", check=checks.nhs, marks="0123456789X")
    assert sum(code.endswith("X") for code in plain(DRAWS).to_pylist()) > 100
    found = generator(DRAWS).to_pylist()
    assert not any(code.endswith("X") for code in found)
    assert all(generator.holds(code) for code in found)


def test_an_option_names_the_template_in_any_case():
    templates = {"de": "DE##", "FR": "FR##"}
    generator = made(templates, option=variant("country", templates, "de", "Which."))
    assert {code[:2] for code in generator(DRAWS, country="DE").to_pylist()} == {"DE"}
    assert generator(DRAWS, country="fr").to_pylist()[0].startswith("FR")


def test_long_codes_draw_every_place_independently():
    found = made("*" * 30)(DRAWS).to_pylist()
    assert all(len({code[place] for code in found}) == 36 for place in range(30))
    assert len(set(found)) == len(found)
