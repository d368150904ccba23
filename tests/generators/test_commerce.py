"""Shops."""

from __future__ import annotations

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.errors import OptionError
from hotfixture.generators import find, generate
from hotfixture.generators.commerce import CLOTHING
from hotfixture.generators.pools import members


def test_sizes_of_clothes_stand_for_the_same_bodies_in_every_country():
    assert len({len(sizes) for system, sizes in CLOTHING.items() if system != "letters"}) == 1
    assert (CLOTHING["de"][3], CLOTHING["fr"][3], CLOTHING["it"][3]) == ("38", "40", "42")
    assert (CLOTHING["uk"][3], CLOTHING["us"][3], CLOTHING["jp"][3]) == ("10", "6", "9")


def test_discounts_stand_on_steps_from_the_lowest():
    assert set(agreed("commerce.discount", count=300, low=3, high=10, step=3)) == {3, 6, 9}
    with pytest.raises(OptionError, match="low"):
        generate("commerce.discount", low=80, high=20)


def test_orders_are_numbered_as_asked():
    for number in agreed("commerce.order_number", prefix="A", digits=3):
        assert number[0] == "A"
        assert len(number) == 4


def test_a_review_is_as_pleased_as_its_stars():
    titles = {mood: members(f"commerce/review_title_{mood}") for mood in ("good", "fair", "poor")}
    for review in agreed("commerce.review", count=300):
        mood = "good" if review["rating"] > 3 else "fair" if review["rating"] == 3 else "poor"
        assert review["title"] in titles[mood]


def test_single_columns_agree_with_the_review_of_the_same_draws():
    draws = Draws.from_rows(1, "reviews", 0, 200)
    reviews = find("commerce.review")(draws).to_pylist()
    for name, field in (("rating", "rating"), ("review_title", "title"), ("review_text", "text")):
        assert find(name)(draws).to_pylist() == [review[field] for review in reviews]


def test_half_of_all_ratings_are_fives():
    ratings = agreed("commerce.rating", count=4_000)
    assert 1_850 < ratings.count(5) < 2_150
    assert set(ratings) == {1, 2, 3, 4, 5}
