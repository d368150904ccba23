"""Companies and jobs."""

from __future__ import annotations

from typing import Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.options import LOCALE
from hotfixture.generators.people import SEX, sexed_index, sexed_pools
from hotfixture.generators.pools import members, pool

_SHAPES = {"ja": ("{form}{name}{trade}",), "ru": ("{form} «{name}{trade}»", "{form} «{name} {trade}»")}
_OTHERS = ("{name} {trade} {form}", "{name} & {partner} {form}", "{name} {form}")


def _family(draws: AnyDraws, lane: int, locale: str) -> Column:
    """A family's name in the form a company bears: Russian ones the man's."""
    names = pool(sexed_pools(locale, "last")[-1])
    return values.take(names, draws.lane(lane).below(len(names)))


def _one_of(draws: AnyDraws, lane: int, name: str) -> Column:
    return values.take(pool(name), draws.lane(lane).below(len(pool(name))))


def _is_company(value: Any, *, locale: str) -> bool:
    """Whether one of the shapes fits: a legal form and a family's name stand where they should."""
    text, forms = str(value), sorted(members(f"{locale}/form"))
    names = tuple(sorted(members(sexed_pools(locale, "last")[-1])))
    if locale in _SHAPES:
        return any(text.removeprefix(form).lstrip(" «").startswith(names) for form in forms if text.startswith(form))
    return text.endswith(tuple(f" {form}" for form in forms)) and text.startswith(names)


@generator(
    "business.company",
    options=(LOCALE,),
    source="family names, trades and legal forms, our own lists; a real company may bear such a name by chance",
    holds=_is_company,
)
def company(draws: AnyDraws, *, locale: str) -> Column:
    """A company named after a family, with the legal form of the country."""
    shapes = _SHAPES.get(locale, _OTHERS)
    parts = {
        "name": _family(draws, lanes.COMPANY_NAME, locale),
        "partner": _family(draws, lanes.COMPANY_PARTNER, locale),
        "trade": _one_of(draws, lanes.COMPANY_TRADE, f"{locale}/trade"),
        "form": _one_of(draws, lanes.COMPANY_FORM, f"{locale}/form"),
    }
    shaped = [values.compose(shape, **parts) for shape in shapes]
    return values.select(draws.lane(lanes.COMPANY_SHAPE).below(len(shapes)), *shaped)


def _jobs(locale: str, sex: str) -> tuple[str, ...]:
    pools = sexed_pools(locale, "job")
    return pools if len(pools) == 1 or sex == "any" else (pools[sex == "male"],)


@generator(
    "business.job",
    options=(LOCALE, SEX),
    source="common occupations, our own list",
    holds=lambda value, *, locale, sex: value in members(*_jobs(locale, sex)),
    capacity=lambda *, locale, sex: len(members(*_jobs(locale, sex))),
)
def job(draws: AnyDraws, *, locale: str, sex: str) -> Column:
    """An occupation, in the form of the person's sex where our list has two (German, Portuguese)."""
    index = sexed_index(draws, lanes.JOB, locale, "job", sex)
    return values.take(pool(*sexed_pools(locale, "job")), index)
