"""What companies say and are: numbers with right checks, and records whose parts agree."""

from __future__ import annotations

import re

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.options import LOCALES

DRAWS = Draws.from_rows(15, "terms", 0, 400)


def made(name, **options):
    return find(name)(DRAWS, **options).to_pylist()


@pytest.mark.parametrize("locale", LOCALES)
def test_the_legal_form_is_that_of_the_company_of_the_same_draws(locale):
    rows = zip(made("company", locale=locale), made("company_suffix", locale=locale), strict=True)
    assert all(company.endswith(form) or company.startswith(form) for company, form in rows)


REAL = {
    "AT": "ATU13585627", "BE": "BE0428759497", "DE": "DE136695976", "GB": "GB980780684", "IT": "IT00743110157",
    "LU": "LU15027442", "PT": "PT501964843", "SE": "SE556188840401",
}  # fmt: skip
"""Numbers that papers on validation print as right."""


@pytest.mark.parametrize("country", REAL)
def test_the_checks_of_tax_numbers_know_printed_examples(country):
    from hotfixture.generators import company_terms

    body = REAL[country]
    rule = find("vat_number")
    relaxed = {"BE": r"BE0\d{9}", "PT": r"PT5\d{8}", "SE": r"SE55\d{8}01"}
    if re.fullmatch(relaxed.get(country, ".*"), body):
        assert rule.holds(body, country=country)
    for place in range(4, len(body) - (2 if country == "SE" else 0)):
        wrong = f"{body[:place]}{(int(body[place]) + 1) % 10}{body[place + 1 :]}"
        assert not rule.holds(wrong, country=country)
    assert company_terms.vat_number is rule


@pytest.mark.parametrize("country", REAL)
def test_tax_numbers_have_right_checks(country):
    assert len(set(agreed("vat_number", count=300, country=country))) > 250


def test_prefixes_of_american_employers_are_not_in_use():
    assert {number[:2] for number in agreed("ein", count=400)} <= set(
        "00 07 08 09 17 18 19 28 29 49 69 70 78 79 89 96 97".split()  # noqa: SIM905 - shorter
    )


def test_a_company_is_what_the_single_generators_say():
    rows = made("company_record", locale="de")
    for field, name in (("name", "company"), ("suffix", "company_suffix"), ("domain", "domain")):
        assert [row[field] for row in rows] == made(name, locale="de")
    for name in ("industry", "slogan"):
        assert [row[name] for row in rows] == made(name)


def test_a_post_is_what_the_single_generators_say():
    rows = made("job_record", locale="de")
    assert [row["title"] for row in rows] == made("job", locale="de")
    assert [row["level"] for row in rows] == made("seniority")
