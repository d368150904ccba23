"""Which generators describe one person or one place when they are drawn alike, and how values of one thing compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa

from hotfixture.transforms.masks.rows import bare_digits

PERSON = frozenset({
    "people.first_name", "people.last_name", "people.full_name", "people.name", "people.person", "people.sex",
    "people.prefix", "people.birth_date", "people.user_name", "internet.email", "internet.user_name",
})  # fmt: skip
PLACE = frozenset({
    "places.street_address", "places.address", "places.address_line", "places.street", "places.postcode",
    "places.city", "places.region", "places.country", "places.country_code", "places.coordinates",
    "places.latitude", "places.longitude", "places.place",
})  # fmt: skip
PLACE_LEADERS = (
    "places.address", "places.street_address", "places.address_line", "places.street", "places.postcode",
    "places.city",
)  # fmt: skip
"""The first of these that a row has decides the place for the others."""

FORMS: Mapping[str, Callable[[pa.Array], pa.Array]] = {
    "finance.card": bare_digits,
    "finance.iban": bare_digits,
    "people.phone": bare_digits,
    "places.phone": bare_digits,
    "internet.phone": bare_digits,
}
"""`4111 1111 1111 1111` and `4111111111111111` are one card, whoever wrote it down."""


def family(generator: str) -> str:
    """The domain that the generators of one person, or of one place, share; else the generator's short name."""
    if generator in PERSON:
        return "person"
    if generator in PLACE:
        return "place"
    return generator.rpartition(".")[2]
