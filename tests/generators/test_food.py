"""Food and drink."""

from __future__ import annotations

import pytest
from tests.generators.agreement import agreed

from hotfixture.errors import UnknownNameError
from hotfixture.generators import generate
from hotfixture.generators.pools import members, table


def test_a_dish_belongs_to_the_cuisine_asked_for():
    columns = table("food/dish")
    italian = {
        dish
        for dish, cuisine in zip(columns["dish"].lines, columns["cuisine"].lines, strict=True)
        if cuisine == "Italian"
    }
    assert set(agreed("food.dish", count=500, cuisine="italian")) == italian
    with pytest.raises(UnknownNameError, match="cuisine"):
        generate("food.dish", cuisine="Atlantean")


def test_every_cuisine_of_a_dish_is_a_cuisine():
    assert set(table("food/dish")["cuisine"].lines) == members("food/cuisine")
    assert set(table("food/dish")["course"].lines) <= members("food/meal_course")


def test_energy_follows_from_what_100_grams_hold():
    for value in agreed("food.nutrition", count=200):
        energy = 9 * value["fat"] + 4 * value["carbohydrate"] + 4 * value["protein"]
        assert abs(value["energy_kcal"] - energy) <= 0.5001
        assert value["energy_kj"] > 4 * value["energy_kcal"] - 1


def test_a_recipe_feeds_no_more_than_asked_for_and_its_minutes_add_up():
    for value in agreed("food.recipe", count=200, max_servings=2):
        assert value["servings"] in (1, 2)
        assert value["total_minutes"] == value["preparation_minutes"] + value["cooking_minutes"]
