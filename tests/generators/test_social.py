"""Social media: the handle and the addresses are those of the person of the same draws."""

from __future__ import annotations

from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find

DRAWS = Draws.from_rows(6, "social", 0, 300)


def made(name, **options):
    return find(name)(DRAWS, **options).to_pylist()


def test_one_person_has_one_user_name_everywhere():
    names = made("user_name", locale="fr")
    assert made("social_handle", locale="fr") == [f"@{name}" for name in names]
    for kind in ("free_email", "company_email"):
        assert [address.partition("@")[0] for address in made(kind, locale="fr")] == names


def test_the_free_address_and_its_domain_agree():
    assert [address.partition("@")[2] for address in made("free_email")] == made("free_email_domain")


def test_the_address_at_work_is_under_the_domain_of_the_same_draws():
    assert [address.partition("@")[2] for address in made("company_email")] == made("domain")


def test_hashtags_come_in_the_number_wanted():
    for count in (1, 3, 10):
        assert {(value.count("#"), value.count(" ")) for value in agreed("hashtag", tags=count)} == {(count, count - 1)}


def test_emoji_are_single_code_points():
    assert all(len(value) == 1 and ord(value) > 0x2000 for value in agreed("emoji"))
