"""Companies and jobs."""

from __future__ import annotations

import pytest

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.options import LOCALES
from hotfixture.generators.pools import members, pool

DRAWS = Draws.from_rows(6, "business", 0, 3000)


@pytest.mark.parametrize("locale", LOCALES)
def test_companies_have_a_legal_form_of_the_country(locale):
    forms = members(f"{locale}/form")
    seen = set()
    for name in find("company")(DRAWS, locale=locale).to_pylist():
        found = {
            form for form in forms if name.startswith(form) or name.endswith(form if locale == "zh" else f" {form}")
        }
        assert found, name
        seen |= found
    assert seen == forms


def test_companies_come_in_all_shapes():
    names = find("company")(DRAWS).to_pylist()
    partners = sum(" & " in name for name in names)
    traders = sum(any(f" {trade} " in name for trade in members("en/trade")) for name in names)
    assert all(800 < count < 1200 for count in (partners, traders))


@pytest.mark.parametrize("locale", ["de", "pt_BR"])
def test_jobs_follow_the_sex_of_the_same_draws(locale):
    sexes = find("sex")(DRAWS).to_pylist()
    for sex, job in zip(sexes, find("job")(DRAWS, locale=locale).to_pylist(), strict=True):
        assert job in members(f"{locale}/job_{sex}")


def test_the_same_job_has_two_forms():
    her, his = (find("job")(DRAWS, locale="de", sex=sex).to_pylist() for sex in ("female", "male"))
    pairs = set(zip(pool("de/job_female").lines, pool("de/job_male").lines, strict=True))
    assert set(zip(her, his, strict=True)) == pairs
