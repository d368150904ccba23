"""Values of one generator, made in plain Python and as an Arrow array, and held to be the same and right."""

from __future__ import annotations

from typing import Any

from hotfixture import generators


def agreed(name: str, *, count: int = 50, seed: int = 1, **options: Any) -> list[Any]:
    """The first `count` values; asserts that both roads agree, the type is the declared one and each value holds."""
    made = generators.find(name)
    array = generators.generate(name, count=count, seed=seed, **options)
    assert array.type == made.arrow_type(**options)
    assert len(array) == count
    assert array.null_count == 0
    many = array.to_pylist()
    for row in range(min(count, 50)):
        one = generators.generate(name, seed=seed, first=row, **options)
        assert one == many[row]
        assert type(one) is type(many[row])
    assert all(made.holds(value, **options) for value in many)
    return many
