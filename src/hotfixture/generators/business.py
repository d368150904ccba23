"""Companies and jobs."""

from __future__ import annotations

from functools import cache
from typing import Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.options import LOCALE
from hotfixture.generators.people import SEX, sexed_index, sexed_pools
from hotfixture.generators.pools import Pool, members, pool

_BY_FORM = {
    "ja": ("{form}", "{trade}", ""), "ru": ("{form} «", "{trade}| {trade}", "»"), "uk": ("{form} «", " {trade}", "»"),
    "zh": ("", "{trade}", "{form}"), "ko": ("{form} ", "{trade}", ""), "vi": ("{form} ", " {trade}", ""),
    "id": ("{form} ", " {trade}", ""), "ar": ("{form} ", " {trade}", ""),
}  # fmt: skip
"""Where no partner is named: what comes before the family's name, the trade behind it (every shape), and the end."""


def _formed(locale: str, pattern: str) -> Pool:
    """The pattern with every legal form; alone where it has none."""
    forms = pool(f"{locale}/form").lines if "{form}" in pattern else [""]
    return Pool([pattern.replace("{form}", form) for form in forms])


@cache
def _leads(locale: str) -> Pool:
    return _formed(locale, _BY_FORM[locale][0])


@cache
def _middles(locale: str) -> Pool:
    """What follows the family's name: a trade, a partner, or nothing."""
    trades, partners = pool(f"{locale}/trade").lines, _families(locale).lines
    if locale in _BY_FORM:
        shapes = _BY_FORM[locale][1].split("|")
        return Pool([shape.replace("{trade}", trade) for shape in shapes for trade in trades])
    return Pool([*(f" {trade}" for trade in trades), *(f" & {partner}" for partner in partners), ""])


def _families(locale: str) -> Pool:
    """Families' names in the form a company bears: the man's where there are two."""
    return pool(sexed_pools(locale, "last")[-1])


@cache
def _closes(locale: str) -> Pool:
    return _formed(locale, _BY_FORM[locale][2] if locale in _BY_FORM else " {form}")


def _middle_index(draws: AnyDraws, locale: str) -> Column:
    """A third each: trade, partner, nothing; where no partner is named, any trade."""
    if locale in _BY_FORM:
        return draws.lane(lanes.COMPANY_TRADE).below(len(_middles(locale)))
    trades, partners = len(pool(f"{locale}/trade")), len(_families(locale))
    shape = draws.lane(lanes.COMPANY_SHAPE).below(3)
    partner = trades + draws.lane(lanes.COMPANY_PARTNER).below(partners)
    trade = draws.lane(lanes.COMPANY_TRADE).below(trades)
    return values.where(shape == 0, trade, values.where(shape == 1, partner, trades + partners))


def _is_company(value: Any, *, locale: str) -> bool:
    """Whether one of the shapes fits: a legal form and a family's name stand where they should."""
    names = tuple(sorted(members(sexed_pools(locale, "last")[-1])))
    leads = set(_leads(locale).lines) if locale in _BY_FORM else {""}
    closes = set(_closes(locale).lines)
    return any(
        value.startswith(lead) and value.endswith(close) and value[len(lead) :].startswith(names)
        for lead in leads
        for close in closes
    )


@generator(
    "business.company",
    options=(LOCALE,),
    source="family names, trades and legal forms, our own lists; a real company may bear such a name by chance",
    holds=_is_company,
)
def company(draws: AnyDraws, *, locale: str) -> Column:
    """A company named after a family, with the legal form of the country."""
    families, closes = _families(locale), _closes(locale)
    name = values.pick(families, draws.lane(lanes.COMPANY_NAME).below(len(families)))
    middle = values.pick(_middles(locale), _middle_index(draws, locale))
    form = draws.lane(lanes.COMPANY_FORM)
    close = values.pick(closes, form.below(len(closes)))
    if locale not in _BY_FORM:
        return values.join(name, middle, close)
    return values.join(values.pick(_leads(locale), form.below(len(_leads(locale)))), name, middle, close)


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
