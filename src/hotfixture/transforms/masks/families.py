"""Which generators describe one person or one place when they are drawn alike, and how values of one thing compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa

from hotfixture.transforms.masks.rows import bare_digits

PERSON = frozenset({
    "people.first_name", "people.last_name", "people.full_name", "people.name_prefix", "people.sex",
    "people.birth_date", "internet.email", "internet.user_name",
})  # fmt: skip
PLACE = frozenset({
    "places.address_line", "places.street", "places.building_number", "places.postcode", "places.city",
    "places.region", "places.country", "places.country_code", "places.latitude", "places.longitude",
})  # fmt: skip
PLACE_LEADERS = (
    "places.address_line", "places.street", "places.building_number", "places.postcode", "places.city",
)  # fmt: skip
"""The first of these that a row has decides the place for the others."""

FORMS: Mapping[str, Callable[[pa.Array], pa.Array]] = {
    "finance.card": bare_digits,
    "finance.iban": bare_digits,
    "contact.phone": bare_digits,
}
"""`4111 1111 1111 1111` and `4111111111111111` are one card, whoever wrote it down."""


def family(generator: str) -> str:
    """The domain that the generators of one person, or of one place, share; else the generator's short name."""
    if generator in PERSON:
        return "person"
    if generator in PLACE:
        return "place"
    return generator.rpartition(".")[2]
