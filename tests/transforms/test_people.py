"""Names in prose are found where a known first name begins them, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from hotfixture.transforms.people import find_people


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Customer Marvella O'Brien called twice", ["Marvella O'Brien"]),
        ("Anna van der Berg und Peter Müller-Lüdenscheidt", ["Anna van der Berg", "Peter Müller-Lüdenscheidt"]),
        ("Ask JOHN SMITH or john smith", ["JOHN SMITH"]),
        ("Звонила Анна Каренина утром", ["Анна Каренина"]),
        ("Anna María Núñez y Ávila rief an", ["Anna María Núñez y Ávila"]),
        ("Anna\nSchmidt", ["Anna Schmidt".replace(" ", "\n")]),
        ("Anna called. Schmidt answered", []),
        ("Rose was late in May", []),
        ("The Quick Brown Fox", []),
        ("", []),
    ],
)
def test_a_known_first_name_with_the_names_that_follow_it_is_a_person(text: str, names: list[str]) -> None:
    found = list(find_people(text))
    assert [one.value for one in found] == names
    assert all(text[one.start : one.end] == one.value for one in found)
