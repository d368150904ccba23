"""Food and drink: what grows, what is cooked, what is drunk, and where; restaurants and beers are invented."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.options import Option
from hotfixture.generators.phrases import is_phrase, phrase, phrases
from hotfixture.generators.records import Records
from hotfixture.generators.vocabularies import vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

_DISHES = Records(
    "food/dish", lane=lanes.own("food.dish"), source="our own list of well-known dishes", by=("cuisine", "course")
)
dish = _DISHES.column("food.dish", "dish", doc="A well-known dish, by cuisine and course if asked for.")
dish_record = _DISHES.record("food.dish_record", "dish cuisine course", doc="A dish with its cuisine and course.")

cuisine = vocabulary("food.cuisine", "food/cuisine", doc="A cuisine, as an adjective: Italian, Thai.")
meal_course = vocabulary("food.meal_course", "food/meal_course", doc="A course of a meal.")
fruit = vocabulary("food.fruit", "food/fruit", doc="A fruit.")
vegetable = vocabulary("food.vegetable", "food/vegetable", doc="A vegetable.")
ingredient = vocabulary("food.ingredient", "food/ingredient", doc="An ingredient, as recipes list it.")
spice = vocabulary("food.spice", "food/spice", doc="A spice.")
herb = vocabulary("food.herb", "food/herb", doc="A kitchen herb.")
nut = vocabulary("food.nut", "food/nut", doc="A nut, in the kitchen's sense.")
cheese = vocabulary("food.cheese", "food/cheese", doc="A kind of cheese.")
bread = vocabulary("food.bread", "food/bread", doc="A kind of bread.")
pasta = vocabulary("food.pasta", "food/pasta", doc="A shape of pasta.")
drink = vocabulary("food.drink", "food/drink", doc="A drink without a brand.")
coffee = vocabulary("food.coffee", "food/coffee", doc="A way to serve coffee.")
tea = vocabulary("food.tea", "food/tea", doc="A kind of tea.")
cocktail = vocabulary("food.cocktail", "food/cocktail", doc="A cocktail.")
wine_variety = vocabulary("food.wine_variety", "food/wine_variety", doc="A grape variety, by which wine is named.")
beer_style = vocabulary("food.beer_style", "food/beer_style", doc="A style of beer.")
beer_hop = vocabulary("food.beer_hop", "food/beer_hop", doc="A variety of hops.")
beer_malt = vocabulary("food.beer_malt", "food/beer_malt", doc="A kind of malt.")
beer_yeast = vocabulary("food.beer_yeast", "food/beer_yeast", doc="A kind of brewer's yeast, without brands.")
meat = vocabulary("food.meat", "food/meat", doc="A kind of meat.")
grocery = vocabulary("food.grocery", "food/grocery", doc="Something on a shopping list.")
food_adjective = vocabulary("food.food_adjective", "food/adjective", doc="How something tastes or feels.")
breakfast = vocabulary("food.breakfast", "food/breakfast", doc="Something for breakfast.")
lunch = vocabulary("food.lunch", "food/lunch", doc="Something for lunch.")
dinner = vocabulary("food.dinner", "food/dinner", doc="Something for dinner.")
snack = vocabulary("food.snack", "food/snack", doc="A snack.")
dessert = vocabulary("food.dessert", "food/dessert", doc="A dessert.")
diet = vocabulary("food.diet", "food/diet", doc="A way of eating.")
allergen = vocabulary(
    "food.allergen",
    "food/allergen",
    doc="One of the fourteen allergens that the European Union wants named on food.",
    source="Regulation (EU) No 1169/2011, Annex II, shortened",
)
measurement_unit = vocabulary("food.measurement_unit", "food/measurement_unit", doc="A unit of the kitchen.")
cooking_method = vocabulary("food.cooking_method", "food/cooking_method", doc="A way to cook, as a noun: braising.")

beer_name = phrase(
    "food.beer_name",
    "{food/beer_word} {food/beer_thing}",
    "{food/beer_word} {food/beer_thing} {Ale|Lager|Porter|Stout|Pils|Bitter|IPA}",
    "{Barley|Cask|Copper|Grain|Hop|Malt|Mash|Oak|Rye|Wheat|Yeast} & {food/beer_thing}",
    doc="The invented name of a beer.",
)
restaurant_name = phrase(
    "food.restaurant_name",
    "The {food/restaurant_word} {food/restaurant_thing}",
    "{food/restaurant_word} {food/restaurant_thing} {food/restaurant_kind}",
    "{Ash|Butter|Fire|Flour|Honey|Oak|Salt|Smoke|Stone|Thyme} & {food/restaurant_thing}",
    doc="The invented name of a restaurant.",
)
_RECIPES = (
    "{food/recipe_style} {food/recipe_main} {food/recipe_form}",
    "{food/recipe_main} {food/recipe_form} with {food/recipe_with}",
    "{food/recipe_style} {food/recipe_main} with {food/recipe_with}",
    "{food/recipe_style} {food/recipe_main} {food/recipe_form} with {food/recipe_with}",
)
recipe_title = phrase("food.recipe_title", *_RECIPES, doc="The title of a recipe nobody need have cooked.")
ingredient_line = phrase(
    "food.ingredient_line",
    "{25|50|75|100|125|150|175|200|225|250|300|350|400|450|500|750} g {food/ingredient}",
    "{1½|2|2½|3|4|5|6} {tablespoons|teaspoons|cups|handfuls} {food/ingredient}",
    "{½|1} {tablespoon|teaspoon|cup} {food/ingredient}",
    "a {bunch|handful|pinch|sprig} of {food/herb}",
    doc="A line of a list of ingredients: amount, unit, ingredient.",
)


def _tenths(draws: AnyDraws, low: int, high: int) -> Column:
    return (low + draws.below(high - low + 1)) / 10


def _is_tenths(value: Any, low: int, high: int) -> bool:
    return isinstance(value, float) and low <= value * 10 <= high and round(value, 1) == value


@generator(
    "food.beer_alcohol",
    type="float64",
    source="from light beer to barley wine, uniform",
    holds=lambda value: _is_tenths(value, 20, 120),
    capacity=101,
)
def beer_alcohol(draws: AnyDraws) -> Column:
    """The alcohol of a beer, in per cent by volume: 2.0 to 12.0."""
    return _tenths(draws, 20, 120)


@generator(
    "food.beer_bitterness",
    type="int64",
    source="the range that brewers print in IBU, uniform",
    holds=lambda value: 5 <= value <= 100,
    capacity=96,
)
def beer_bitterness(draws: AnyDraws) -> Column:
    """The bitterness of a beer, in International Bitterness Units: 5 to 100."""
    return 5 + draws.below(96)


@generator(
    "food.beer_gravity",
    type="float64",
    source="from light beer to strong bock, uniform",
    holds=lambda value: _is_tenths(value, 70, 220),
    capacity=151,
)
def beer_gravity(draws: AnyDraws) -> Column:
    """The original gravity of a beer, in degrees Plato: 7.0 to 22.0."""
    return _tenths(draws, 70, 220)


def _nutrition_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    tenths = [(name, pa.float64()) for name in ("fat", "carbohydrate", "sugars", "protein", "salt")]
    return pa.struct([("energy_kcal", pa.int64()), ("energy_kj", pa.int64()), *tenths])


def _is_nutrition(value: Any) -> bool:
    """Whether the energy is that of the parts and no more than 100 g are in 100 g."""
    fat, starch, protein = (round(value[name] * 10) for name in ("fat", "carbohydrate", "protein"))
    return bool(
        value["energy_kcal"] == (9 * fat + 4 * (starch + protein) + 5) // 10
        and value["energy_kj"] == (37 * fat + 17 * (starch + protein) + 5) // 10
        and value["sugars"] <= value["carbohydrate"]
        and fat + starch + protein + round(value["salt"] * 10) <= 1000
    )


@generator(
    "food.nutrition",
    type=_nutrition_type,
    source="energy by the factors of Regulation (EU) No 1169/2011, Annex XIV: fat 9 kcal (37 kJ), the others 4 (17)",
    holds=_is_nutrition,
)
def nutrition(draws: AnyDraws) -> Column:
    """What 100 g hold, in g, and the energy that follows from it."""
    fat, starch, protein = (draws.lane(lane).below(top + 1) for lane, top in enumerate((400, 350, 200)))
    return values.record(
        {
            "energy_kcal": (9 * fat + 4 * (starch + protein) + 5) // 10,
            "energy_kj": (37 * fat + 17 * (starch + protein) + 5) // 10,
            "fat": fat / 10,
            "carbohydrate": starch / 10,
            "sugars": values.scaled(draws.lane(3), starch + 1) / 10,
            "protein": protein / 10,
            "salt": draws.lane(4).below(31) / 10,
        }
    )


_DIFFICULTY = ("easy", "moderate", "demanding")


def _recipe_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    numbers = [(name, pa.int64()) for name in ("servings", "preparation_minutes", "cooking_minutes", "total_minutes")]
    return pa.struct([("title", pa.string()), ("difficulty", pa.string()), *numbers])


def _is_recipe(value: Any, *, max_servings: int) -> bool:
    return bool(
        is_phrase(value["title"], *_RECIPES)
        and value["difficulty"] in _DIFFICULTY
        and 1 <= value["servings"] <= max_servings
        and value["preparation_minutes"] + value["cooking_minutes"] == value["total_minutes"]
    )


@generator(
    "food.recipe",
    type=_recipe_type,
    options=(Option("max_servings", "integer", 8, "Most people it feeds.", low=1, high=1000),),
    source="our own word lists; minutes are multiples of five",
    holds=_is_recipe,
)
def recipe(draws: AnyDraws, *, max_servings: int) -> Column:
    """A recipe: title, difficulty, servings, and minutes that add up."""
    preparing, cooking = 5 + 5 * draws.lane(0).below(12), 5 * draws.lane(1).below(37)
    return values.record(
        {
            "title": phrases(draws.lane(lanes.own("food.recipe_title")), *_RECIPES),
            "difficulty": values.take(_DIFFICULTY, draws.lane(2).below(len(_DIFFICULTY))),
            "servings": 1 + draws.lane(3).below(max_servings),
            "preparation_minutes": preparing,
            "cooking_minutes": cooking,
            "total_minutes": preparing + cooking,
        }
    )
