"""A person is what the generators of the parts say of the same draws."""

from __future__ import annotations

import pytest

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.options import LOCALES

DRAWS = Draws.from_rows(2, "person", 0, 300)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_part_is_what_its_own_generator_gives(locale):
    whole = find("person")(DRAWS, locale=locale)
    for field in whole.type:
        part = find(field.name)
        options = {"locale": locale} if any(option.name == "locale" for option in part.options) else {}
        assert whole.field(field.name).equals(part(DRAWS, **options)), field.name


def test_a_woman_is_a_woman_in_every_part():
    women = find("person")(DRAWS, locale="ru", sex="female").to_pylist()
    assert {woman["sex"] for woman in women} == {"female"}
    assert all(woman["last_name"].endswith(("а", "ая")) for woman in women)


def test_the_predicate_sees_parts_that_do_not_agree():
    person = find("person")
    right = person(DRAWS, locale="ru").to_pylist()[0]
    assert person.holds(right, locale="ru")
    for name, wrong in (("email", "a@post.example"), ("sex", "x"), ("first_name", "X"), ("phone", "1")):
        assert not person.holds({**right, name: wrong}, locale="ru")
