"""Invented values by name: the registry of generators, and `generate`, which makes values of one of them.

To add a generator: write one function with `@generator` in the file of its field of life, and one line in TABLE. The
laws, the golden digests and the documentation find it there. Importing this module costs a few milliseconds: no
numpy, no pyarrow, no generator before it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from hotfixture.draws import Draw, Draws
from hotfixture.errors import OptionError, UnknownNameError
from hotfixture.registry import Registry

if TYPE_CHECKING:
    from hotfixture.generators.base import Generator

_HERE = "hotfixture.generators."

TABLE: Mapping[str, str] = {
    # people
    "people.sex": f"{_HERE}people:sex",
    "people.first_name": f"{_HERE}people:first_name",
    "people.last_name": f"{_HERE}people:last_name",
    "people.full_name": f"{_HERE}people:full_name",
    "people.name_prefix": f"{_HERE}people:name_prefix",
    "people.birth_date": f"{_HERE}people:birth_date",
    "people.person": f"{_HERE}person:person",
    # places
    "places.street": f"{_HERE}places:street",
    "places.building_number": f"{_HERE}places:building_number",
    "places.address_line": f"{_HERE}places:address_line",
    "places.city": f"{_HERE}places:city",
    "places.region": f"{_HERE}places:region",
    "places.postcode": f"{_HERE}places:postcode",
    "places.country": f"{_HERE}places:country",
    "places.country_code": f"{_HERE}places:country_code",
    "places.latitude": f"{_HERE}places:latitude",
    "places.longitude": f"{_HERE}places:longitude",
    "places.coordinates": f"{_HERE}places:coordinates",
    "places.address": f"{_HERE}places:address",
    # contact
    "contact.phone": f"{_HERE}contact:phone",
    # internet
    "internet.email": f"{_HERE}internet:email",
    "internet.user_name": f"{_HERE}internet:user_name",
    "internet.domain": f"{_HERE}internet:domain",
    "internet.url": f"{_HERE}internet:url",
    "internet.ipv4": f"{_HERE}internet:ipv4",
    "internet.ipv6": f"{_HERE}internet:ipv6",
    "internet.mac": f"{_HERE}internet:mac",
    "internet.user_agent": f"{_HERE}internet:user_agent",
    # business
    "business.company": f"{_HERE}business:company",
    "business.job": f"{_HERE}business:job",
    # text
    "text.word": f"{_HERE}text:word",
    "text.sentence": f"{_HERE}text:sentence",
    "text.paragraph": f"{_HERE}text:paragraph",
    "text.text": f"{_HERE}text:text",
    # numbers
    "numbers.integer": f"{_HERE}numbers:integer",
    "numbers.decimal": f"{_HERE}numbers:decimal",
    "numbers.float": f"{_HERE}numbers:floating",
    "numbers.boolean": f"{_HERE}numbers:boolean",
    # distributions
    "distributions.uniform": f"{_HERE}distributions:uniform",
    "distributions.normal": f"{_HERE}distributions:normal",
    "distributions.zipf": f"{_HERE}distributions:zipf",
    "distributions.histogram": f"{_HERE}distributions:histogram",
    # times
    "times.date": f"{_HERE}times:calendar_date",
    "times.time": f"{_HERE}times:time_of_day",
    "times.timestamp": f"{_HERE}times:timestamp",
    "times.interval": f"{_HERE}times:interval",
    # identifiers
    "identifiers.uuid": f"{_HERE}identifiers:uuid",
    "identifiers.ulid": f"{_HERE}identifiers:ulid",
    "identifiers.sequence": f"{_HERE}identifiers:sequence",
    "identifiers.permutation": f"{_HERE}identifiers:permutation",
    # finance
    "finance.card": f"{_HERE}finance:card",
    "finance.iban": f"{_HERE}finance:iban",
    "finance.account": f"{_HERE}finance:account",
    "finance.amount": f"{_HERE}finance:amount",
    "finance.currency": f"{_HERE}finance:currency",
    "finance.percent": f"{_HERE}finance:percent",
    # text, choices
    "text.pattern": f"{_HERE}pattern:text_pattern",
    "choices.choice": f"{_HERE}choices:choice",
}

ALIASES: Mapping[str, str] = {
    # Spellings that are not the canonical name without its dots and underscores; keys are squeezed.
    "name": "people.full_name",
    "fullname": "people.full_name",
    "gender": "people.sex",
    "givenname": "people.first_name",
    "forename": "people.first_name",
    "surname": "people.last_name",
    "familyname": "people.last_name",
    "title": "people.name_prefix",
    "prefix": "people.name_prefix",
    "birthday": "people.birth_date",
    "dateofbirth": "people.birth_date",
    "streetaddress": "places.address_line",
    "housenumber": "places.building_number",
    "state": "places.region",
    "province": "places.region",
    "zip": "places.postcode",
    "zipcode": "places.postcode",
    "postalcode": "places.postcode",
    "phonenumber": "contact.phone",
    "telephone": "contact.phone",
    "mobile": "contact.phone",
    "contactemail": "internet.email",
    "mail": "internet.email",
    "emailaddress": "internet.email",
    "login": "internet.user_name",
    "ip": "internet.ipv4",
    "ipaddress": "internet.ipv4",
    "macaddress": "internet.mac",
    "companyname": "business.company",
    "occupation": "business.job",
    "profession": "business.job",
    "jobtitle": "business.job",
    "guid": "identifiers.uuid",
    "uuid4": "identifiers.uuid",
    "serial": "identifiers.sequence",
    "creditcard": "finance.card",
    "creditcardnumber": "finance.card",
    "cardnumber": "finance.card",
    "accountnumber": "finance.account",
    "currencycode": "finance.currency",
    "money": "finance.amount",
    "price": "finance.amount",
    "percentage": "finance.percent",
    "int": "numbers.integer",
    "bool": "numbers.boolean",
    "gaussian": "distributions.normal",
    "datetime": "times.timestamp",
    "duration": "times.interval",
    "regex": "text.pattern",
    "regularexpression": "text.pattern",
    "oneof": "choices.choice",
}

GROUP_ALIASES: Mapping[str, tuple[str, ...]] = {
    "people": ("person",),
    "business": ("work",),
    "places": ("place", "address", "location", "geo"),
    "internet": ("net", "web"),
    "identifiers": ("identifier", "id"),
    "numbers": ("number",),
    "times": ("time", "datetime"),
}

REGISTRY: Registry[Generator] = Registry("generator", TABLE, group="hotfixture.generators")


def _squeeze(name: str) -> str:
    """`person.first-name`, `firstName` and `first_name` differ in nothing that matters."""
    return "".join(character for character in name.lower() if character.isalnum())


@cache
def _index() -> Mapping[str, str]:
    """Every tolerated spelling, squeezed, and the canonical name it means."""
    spellings: dict[str, str] = {}
    for name in TABLE:
        group, _, short = name.partition(".")
        for prefix in ("", group, *GROUP_ALIASES.get(group, ())):
            spellings.setdefault(_squeeze(prefix + short), name)
    return spellings | dict(ALIASES)


def canonical(name: str) -> str:
    """The canonical name that `name` means; UnknownNameError suggests the nearest ones."""
    found = _index().get(_squeeze(name))
    if found:
        return found
    if name in REGISTRY:
        return name
    known = sorted({*REGISTRY, *(entry.partition(".")[2] for entry in TABLE)})
    raise UnknownNameError("generator", name, known)


def find(name: str) -> Generator:
    """The generator that `name` means: `firstname`, `people.first_name` and `person.firstName` are one."""
    return REGISTRY.find(canonical(name))


def names() -> list[str]:
    """The canonical names of all generators, those of installed packages included, sorted."""
    return list(REGISTRY)


def generate(name: str, *, count: int | None = None, seed: int = 0, first: int = 0, **options: Any) -> Any:
    """`count` invented values as an Arrow array, or one plain value where no count is given.

    The same name, seed, options and row give the same value for ever: row `i` of an array that begins at row `first`
    is the value made for row `first + i`. Raises UnknownNameError and OptionError.
    """
    for option, number in (("count", count or 0), ("first", first)):
        if number < 0:
            raise OptionError(option, number, "an integer, at least 0")
    made = find(name)
    if made.by_row:
        return made(_rows(first, count), **_keyed(made, seed, options))
    address = f"generate:{made.name}"
    if count is None:
        return made(Draw.from_row(seed, address, first), **options)
    return made.over(_pieces(seed, address, first, count), **options)


def _pieces(seed: int, address: str, first: int, count: int) -> Iterator[Draws]:
    """The draws of rows `first … first + count - 1`, in pieces that stay in the processor's cache."""
    from hotfixture.generators.base import PIECE

    for start in range(first, first + count, PIECE):
        yield Draws.from_rows(seed, address, start, min(PIECE, first + count - start))


def _rows(first: int, count: int | None) -> Draw | Draws:
    """Draws that are the row numbers themselves."""
    if count is None:
        return Draw(first)
    import numpy as np

    return Draws(np.arange(first, first + count, dtype=np.uint64))


def _keyed(made: Generator, seed: int, options: dict[str, Any]) -> dict[str, Any]:
    """The options; a generator over rows that has a `key` gets it from the seed, unless one is given."""
    if "key" in options or all(option.name != "key" for option in made.options):
        return options
    return {"key": seed, **options}
