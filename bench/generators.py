"""Values per second of generators, one thread, against Faker and Mimesis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from bench.measure import Figure, Scale, medians, ratio, timed

OVER_FAKER, OVER_MIMESIS = 500, 30
WORKS: dict[str, tuple[str, str, str, int]] = {
    # what: our generator, Faker's method, Mimesis's provider and method, times Faker
    "first name": ("first_name", "first_name", "person.first_name", OVER_FAKER),
    "full name": ("full_name", "name", "person.full_name", OVER_FAKER),
    "e-mail": ("email", "email", "person.email", OVER_FAKER),
    "address line": ("address_line", "street_address", "address.address", OVER_FAKER),
    "uuid text": ("uuid", "uuid4", "cryptographic.uuid", 40),
    "timestamp": ("timestamp", "date_time", "datetime.datetime", OVER_FAKER),
    "card": ("card", "credit_card_number", "payment.credit_card_number", 40),
}


def generators(scale: Scale) -> Iterator[Figure]:
    """Each in turns with the peers."""
    import pyarrow as pa
    from faker import Faker
    from mimesis import Generic
    from mimesis.locales import Locale

    pa.set_cpu_count(1)
    Faker.seed(7)
    faker, mimesis = Faker("en_US"), Generic(Locale.EN, seed=7)
    for what, (own, of_faker, of_mimesis, times_faker) in WORKS.items():
        provider, method = of_mimesis.split(".")
        works = {
            "ours": lambda own=own: _ours(own, scale.values),
            "Faker": lambda name=of_faker: _one_by_one(getattr(faker, name), 5_000),
            "Mimesis": lambda p=provider, m=method: _one_by_one(getattr(getattr(mimesis, p), m), 20_000),
        }
        found = medians(works, scale.runs)
        for peer, target in (("Faker", times_faker), ("Mimesis", OVER_MIMESIS)):
            yield ratio(f"generate: {what}", found["ours"], found[peer], "/s", against=peer, target=target)


def _ours(name: str, count: int) -> float:
    import hotfixture

    hotfixture.generate(name, count=1000)  # tables are loaded once
    return count / timed(lambda: hotfixture.generate(name, count=count, seed=7))


def _one_by_one(method: Callable[[], Any], count: int) -> float:
    method()
    return count / timed(lambda: [method() for _ in range(count)])
