"""What companies say and are: slogans, buzzwords, industries, sizes, titles, tax numbers; whole companies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotfixture.generators import business, checks, internet, lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.codes import Check, coded, variant
from hotfixture.generators.human_resources import seniority
from hotfixture.generators.options import LOCALE
from hotfixture.generators.phrases import is_phrase, phrase, phrases
from hotfixture.generators.pools import members, pool
from hotfixture.generators.vocabularies import vocabulary, weighted_vocabulary

if TYPE_CHECKING:
    import pyarrow as pa


@generator(
    "business.company_suffix",
    options=(LOCALE,),
    source="legal forms of the country, our own list",
    holds=lambda value, *, locale: value in members(f"{locale}/form"),
    capacity=lambda *, locale: len(members(f"{locale}/form")),
)
def company_suffix(draws: AnyDraws, *, locale: str) -> Column:
    """The legal form of the company of the same draws: GmbH, Inc., Oy."""
    forms = pool(f"{locale}/form")
    return values.take(forms, draws.lane(lanes.COMPANY_FORM).below(len(forms)))


buzzword = vocabulary("business.buzzword", "business/buzzword", doc="An adjective that sells.")
industry = vocabulary("business.industry", "business/industry", doc="A branch of the economy.")
job_descriptor = vocabulary(
    "business.job_descriptor", "business/seniority", doc="The first word of a title: Senior, Regional."
)
job_area = vocabulary("business.job_area", "business/area", doc="What a post deals with: Marketing, Data.")
job_role = vocabulary("business.job_role", "business/role", doc="What its holder does there: Engineer, Analyst.")
catch_phrase = phrase(
    "business.catch_phrase",
    "{business/buzzword} {business/buzzword} {business/noun}",
    doc="What a company would like to be known for, in English and without meaning.",
)
bs = phrase(
    "business.bs",
    "{business/verb} {business/buzzword} {business/object}",
    doc="What consultants promise to do, in English.",
)
_SLOGANS = (
    "{business/value} {business/promise} for {business/audience}.",
    "{business/value}. {business/value}. {business/value} {business/promise}.",
    "We {business/verb} {business/object}.",
    "{business/buzzword} {business/promise}, {business/buzzword} {business/noun}.",
)
slogan = phrase("business.slogan", *_SLOGANS, doc="A line under the name of a company, in English.")
mission_statement = phrase(
    "business.mission_statement",
    "Our mission is to {business/verb} {business/buzzword} {business/object} for {business/audience}.",
    "We exist to {business/verb} {business/object} and {business/verb} {business/buzzword} {business/promise}.",
    doc="A sentence that hangs in the lobby, in English.",
)
role_title = phrase(
    "business.role_title",
    "{business/seniority} {business/area} {business/role}",
    "{business/area} {business/role}",
    doc="The title on a business card: Senior Marketing Analyst.",
)
company_size = weighted_vocabulary(
    "business.company_size",
    "business/size",
    doc="How many people work there; most companies are small.",
    source="the classes that professional networks use; shares are our own",
)

_PREFIXES = ("00", "07", "08", "09", "17", "18", "19", "28", "29", "49", "69", "70", "78", "79", "89", "96", "97")
ein = coded(
    "business.ein",
    "{prefix}-#######",
    slots={"prefix": _PREFIXES},
    doc="An employer identification number of the United States whose prefix is not in use.",
    source="Internal Revenue Service: the list of valid prefixes",
)
duns = coded(
    "business.duns",
    "00#######",
    doc="A number of nine digits as Dun & Bradstreet gives them to companies.",
    source="the form of a D-U-N-S number; since 2006 it has no check digit, and none is reserved",
)
company_number = coded(
    "business.company_number",
    "ZZ######",
    doc="A number of the companies' register of the United Kingdom under a prefix that it does not use.",
    source="Companies House: two letters and six digits; ZZ is none of its prefixes",
)


def mod_11_10(signs: checks.Signs) -> Column:
    """ISO 7064 MOD 11,10 over all places but the last."""
    product: Column = 10
    for sign in signs[:-1]:
        total = (product + sign) % 10
        product = values.where(total == 0, 10, total) * 2 % 11
    return (11 - product) % 10


def is_mod_11_10(code: str) -> bool:
    """Whether the recursion over all digits behind the letters ends in 1."""
    remainder = 10
    for digit in map(int, code[2:-1]):
        remainder = ((remainder + digit) % 10 or 10) * 2 % 11
    return (remainder + int(code[-1])) % 10 == 1


def _after(start: int, rule: Check) -> Check:
    """The rule for what follows the letters of the country."""
    return lambda signs: rule(signs[start:])


def _mod_11(signs: checks.Signs) -> Column:
    """Portugal: weights 9 … 2, the complement to 11, where 10 and 11 count as 0."""
    rest = checks.weighed(signs[:8], range(9, 1, -1)) % 11
    return values.where(rest < 2, 0, 11 - rest)


def _is_portuguese(code: str) -> bool:
    rest = sum(int(digit) * (9 - place) for place, digit in enumerate(code[2:])) % 11
    return rest == 0 or (rest == 1 and code[-1] == "0")


def _belgian(signs: checks.Signs) -> Column:
    """97 less the remainder of the first eight digits."""
    return 97 - _number(signs[:8]) % 97


def _british(signs: checks.Signs) -> Column:
    """97 less the remainder of the weighed first seven digits; never more than 97."""
    return 97 - checks.weighed(signs[:7], range(8, 1, -1)) % 97


def _is_british(code: str) -> bool:
    total = sum(int(digit) * (8 - place) for place, digit in enumerate(code[2:9]))
    return total % 97 + int(code[9:]) == 97


def _luxembourgish(signs: checks.Signs) -> Column:
    return _number(signs[:6]) % 89


def _number(signs: checks.Signs) -> Column:
    number: Column = 0
    for sign in signs:
        number = number * 10 + sign
    return number


def _is_austrian(code: str) -> bool:
    digits = [int(digit) * (1 + place % 2) for place, digit in enumerate(code[3:-1])]
    return (96 - sum(digit // 10 + digit % 10 for digit in digits)) % 10 == int(code[-1])


def _austrian(signs: checks.Signs) -> Column:
    """96 less the sum of digits, every second one doubled."""
    total: Column = 0
    for place, sign in enumerate(signs[:7]):
        total = total + (sign * 2 - values.where(sign > 4, 9, 0) if place % 2 else sign)
    return (96 - total) % 10


_VAT = {
    "AT": "ATU#######=", "BE": "BE0#######==", "DE": "DE!#######=", "GB": "GB#######==", "IT": "IT##########=",
    "LU": "LU######==", "PT": "PT5#######=", "SE": "SE55#######=01",
}  # fmt: skip
vat_number = coded(
    "business.vat_number",
    _VAT,
    option=variant("country", _VAT, "DE", "The country that gives it."),
    check={
        "AT": _after(3, _austrian), "BE": _after(2, _belgian), "DE": _after(2, mod_11_10), "GB": _after(2, _british),
        "IT": _after(2, lambda signs: checks.luhn([*signs[:10], 0])), "LU": _after(2, _luxembourgish),
        "PT": _after(2, _mod_11), "SE": lambda signs: checks.luhn([*signs[2:11], 0]),
    },
    valid={
        "AT": _is_austrian, "BE": lambda code: int(code[2:10]) % 97 + int(code[10:]) == 97, "DE": is_mod_11_10,
        "GB": _is_british,
        "IT": lambda code: checks.is_luhn(code[2:]), "LU": lambda code: int(code[2:8]) % 89 == int(code[8:]),
        "PT": _is_portuguese, "SE": lambda code: checks.is_luhn(code[2:12]),
    },
    doc="A number for value added tax with its country and its right check digits.",
    source="European Commission, VIES: structure and checks of each country; no number is reserved, so a company may "
    "have it by chance",
)  # fmt: skip


_TEXTS = ("name", "suffix", "industry", "size", "slogan", "domain")


def _company_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.struct([(name, pa.string()) for name in _TEXTS])


@generator(
    "business.company_record",
    type=_company_type,
    options=(LOCALE,),
    source="the generators of the single parts",
    holds=lambda value, *, locale: (
        business.company.holds(value["name"], locale=locale)
        and value["suffix"] in value["name"]
        and industry.holds(value["industry"])
        and is_phrase(value["slogan"], *_SLOGANS)
        and internet.domain.holds(value["domain"], locale=locale)
    ),
)
def company_record(draws: AnyDraws, *, locale: str) -> Column:
    """A company: name and legal form, industry, size, slogan, domain; each is what the generator of its name gives."""
    return values.record(
        {
            "name": business.company(draws, locale=locale),
            "suffix": company_suffix(draws, locale=locale),
            "industry": industry(draws),
            "size": company_size(draws),
            "slogan": phrases(draws.lane(lanes.own("business.slogan")), *_SLOGANS),
            "domain": internet.domain(draws, locale=locale),
        }
    )


def _job_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.struct([(name, pa.string()) for name in ("company", "title", "descriptor", "level")])


@generator(
    "business.job_record",
    type=_job_type,
    options=(LOCALE,),
    source="the generators of the single parts",
    holds=lambda value, *, locale: (
        business.company.holds(value["company"], locale=locale)
        and business.job.holds(value["title"], locale=locale)
        and job_descriptor.holds(value["descriptor"])
        and seniority.holds(value["level"])
    ),
)
def job_record(draws: AnyDraws, *, locale: str) -> Column:
    """A post: the company, the occupation, its descriptor and its level."""
    return values.record(
        {
            "company": business.company(draws, locale=locale),
            "title": business.job(draws, locale=locale),
            "descriptor": job_descriptor(draws),
            "level": seniority(draws),
        }
    )
