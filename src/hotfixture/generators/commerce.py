"""Shops: what they sell, how they sell it, what becomes of an order, and what customers say of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hotfixture.errors import OptionError
from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.options import Option
from hotfixture.generators.phrases import is_phrase, phrase, phrases
from hotfixture.generators.vocabularies import vocabulary, weighted_vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

_SHARES = "our own words and shares"

retail_department = vocabulary("commerce.retail_department", "commerce/department", doc="A department of a large shop.")
product_adjective = vocabulary(
    "commerce.product_adjective", "commerce/adjective", doc="An adjective that sells; that of the product's name."
)
material = vocabulary("commerce.material", "commerce/material", doc="A material that things are made of.")
product_audience = vocabulary(
    "commerce.product_audience", "commerce/product_audience", doc="Whom a product is for, in the plural."
)
product_feature = vocabulary("commerce.product_feature", "commerce/product_feature", doc="What a product has.")
product_benefit = vocabulary("commerce.product_benefit", "commerce/product_benefit", doc="What a product does for one.")
product_use_case = vocabulary("commerce.product_use_case", "commerce/product_use_case", doc="What a product is for.")
product_suffix = vocabulary(
    "commerce.product_suffix", "commerce/product_suffix", doc="The last word of a model's name: Pro, Mini."
)
promotion = vocabulary("commerce.promotion", "commerce/promotion", doc="A promotion of a shop.")
order_status = weighted_vocabulary(
    "commerce.order_status", "commerce/order_status", doc="How far an order has come.", source=_SHARES
)
shipping_method = vocabulary("commerce.shipping_method", "commerce/shipping_method", doc="A way to deliver.")
product_return_reason = vocabulary(
    "commerce.product_return_reason", "commerce/return_reason", doc="Why a customer sent it back."
)
stock_status = vocabulary("commerce.stock_status", "commerce/stock_status", doc="Whether a product can be had.")
sales_channel = vocabulary("commerce.sales_channel", "commerce/sales_channel", doc="Where a sale was made.")
loyalty_tier = weighted_vocabulary(
    "commerce.loyalty_tier", "commerce/loyalty_tier", doc="A tier of a loyalty programme.", source=_SHARES
)

brand = phrase("commerce.brand", "{commerce/brand_start}{commerce/brand_end}", doc="The invented name of a brand.")
store_name = phrase(
    "commerce.store_name",
    "{commerce/store_word} {commerce/store_kind}",
    "The {commerce/store_word} {commerce/store_kind}",
    doc="The invented name of a shop.",
)
product_description = phrase(
    "commerce.product_description",
    "{Ideal|Just right|Made|Perfect} for {commerce/product_use_case}: it {commerce/product_benefit}. "
    "Key feature: {commerce/product_feature}.",
    "A {companion|favourite|must} for {commerce/product_audience}: it {commerce/product_benefit}.",
    "Designed for {commerce/product_audience}, it {commerce/product_benefit}. Key feature: {commerce/product_feature}.",
    doc="A sentence or two that praise a product.",
)
product_dimension = phrase(
    "commerce.product_dimension", "{5..150} × {5..120} × {2..90} cm", doc="Length, width and height of a product."
)
sku = phrase(
    "commerce.sku",
    "{@@@}-{####}-{XS|S|M|L|XL|ONE|BLK|WHT|RED|BLU|GRN|GRY}",
    doc="A shop's own number of an article.",
    source="a common form; every shop has its own",
)
coupon_code = phrase(
    "commerce.coupon_code",
    "{AUTUMN|BIRTHDAY|EXTRA|FAMILY|FLASH|FRIEND|HELLO|LUCKY|SAVE|SPRING|SUMMER|THANKS|VIP|WELCOME|WINTER}"
    "{5|10|15|20|25|30|40|50}",
    "{@@@#}-{@@##}",
    doc="A code that a customer types to pay less.",
    source="common forms; every shop has its own",
)


def _steps(low: int, high: int, step: int) -> int:
    return (high - low) // step + 1


def _check_discount(*, low: int, high: int, step: int) -> None:
    if low > high:
        raise OptionError("low", low, f"at most high={high}, with step={step} between")


@generator(
    "commerce.discount",
    type="int64",
    options=(
        Option("low", "integer", 5, "Smallest discount.", low=0, high=100),
        Option("high", "integer", 70, "Largest discount.", low=0, high=100),
        Option("step", "integer", 5, "Distance between two discounts.", low=1, high=50),
    ),
    check=_check_discount,
    source="uniform by definition",
    capacity=_steps,
    holds=lambda value, low, high, step: low <= value <= high and (value - low) % step == 0,
)
def discount(draws: AnyDraws, *, low: int, high: int, step: int) -> Column:
    """A discount in per cent."""
    return low + step * draws.lane(lanes.own("commerce.discount")).below(_steps(low, high, step))


@generator(
    "commerce.order_number",
    options=(
        Option("prefix", "text", "ORD-", "What stands before the digits."),
        Option("digits", "integer", 8, "How many digits.", low=1, high=18),
    ),
    source="a common form; every shop has its own",
    capacity=lambda prefix, digits: 10**digits,  # noqa: ARG005 - every option is passed
    holds=lambda value, prefix, digits: (
        value.startswith(prefix) and value[len(prefix) :].isdecimal() and len(value) == len(prefix) + digits
    ),
)
def order_number(draws: AnyDraws, *, prefix: str, digits: int) -> Column:
    """The number of an order."""
    number = draws.lane(lanes.own("commerce.order_number")).below(10**digits)
    return values.join(prefix, values.padded(number, digits))


CLOTHING = {
    "letters": ("XXS", "XS", "S", "M", "L", "XL", "XXL", "3XL", "4XL"),
    "de": tuple(map(str, range(32, 56, 2))),
    "fr": tuple(map(str, range(34, 58, 2))),
    "it": tuple(map(str, range(36, 60, 2))),
    "uk": tuple(map(str, range(4, 28, 2))),
    "us": tuple(map(str, range(0, 24, 2))),
    "jp": tuple(map(str, range(3, 27, 2))),
}
"""Sizes of women's clothes; the numbers of the countries stand for the same bodies, in this order."""

SHOES = {
    "eu": tuple(f"{half / 2:g}" for half in range(70, 100)),
    "uk": tuple(f"{half / 2:g}" for half in range(4, 29)),
    "us": tuple(f"{half / 2:g}" for half in range(10, 33)),
    "jp": tuple(f"{half / 2:.1f}" for half in range(44, 65)),
    "mondopoint": tuple(map(str, range(220, 325, 5))),
}


@generator(
    "commerce.clothing_size",
    options=(Option("system", "choice", "letters", "How sizes are counted.", choices=tuple(CLOTHING)),),
    source="EN 13402-3 for the letters; the numbers that shops of these countries use",
    capacity=lambda system: len(CLOTHING[system]),
    holds=lambda value, system: value in CLOTHING[system],
)
def clothing_size(draws: AnyDraws, *, system: str) -> Column:
    """A size of clothes."""
    sizes = CLOTHING[system]
    return values.take(sizes, draws.lane(lanes.own("commerce.clothing_size")).below(len(sizes)))


@generator(
    "commerce.shoe_size",
    options=(Option("system", "choice", "eu", "How sizes are counted.", choices=tuple(SHOES)),),
    source="ISO/TS 19407: Paris points, English and American sizes by halves; ISO 9407 for Mondopoint, in millimetres",
    capacity=lambda system: len(SHOES[system]),
    holds=lambda value, system: value in SHOES[system],
)
def shoe_size(draws: AnyDraws, *, system: str) -> Column:
    """A size of adults' shoes."""
    sizes = SHOES[system]
    return values.take(sizes, draws.lane(lanes.own("commerce.shoe_size")).below(len(sizes)))


_STARS = (8, 14, 25, 50, 100)  # running sums of hundredths
_TEXTS = {
    "good": ("{commerce/review_product_good} {commerce/review_service_good}",),
    "fair": (
        "{commerce/review_product_good} {commerce/review_service_poor}",
        "{commerce/review_product_poor} {commerce/review_service_good}",
    ),
    "poor": ("{commerce/review_product_poor} {commerce/review_service_poor}",),
}
_TITLES = {mood: (f"{{commerce/review_title_{mood}}}",) for mood in _TEXTS}
_MOOD = ("poor", "poor", "fair", "good", "good")
"""What somebody feels who gives one, two, … five stars."""


def _stars(draws: AnyDraws) -> Column:
    return 1 + values.weighted(draws.lane(lanes.own("commerce.rating")), _STARS)


def _by_mood(draws: AnyDraws, stars: Column, name: str, texts: Mapping[str, tuple[str, ...]]) -> Column:
    """A text that goes with the stars."""
    lot = draws.lane(lanes.own(name))
    good, fair, poor = (phrases(lot, *texts[mood]) for mood in ("good", "fair", "poor"))
    return values.where(stars > 3, good, values.where(stars == 3, fair, poor))


def _is_any(value: Any, texts: Mapping[str, tuple[str, ...]]) -> bool:
    return any(is_phrase(value, *each) for each in texts.values())


@generator(
    "commerce.rating",
    type="int64",
    source="more fives than all others together, as shops see it; our own shares",
    capacity=5,
    holds=lambda value: value in range(1, 6),
)
def rating(draws: AnyDraws) -> Column:
    """One to five stars."""
    return _stars(draws)


@generator(
    "commerce.review_title", source="our own sentences", capacity=50, holds=lambda value: _is_any(value, _TITLES)
)
def review_title(draws: AnyDraws) -> Column:
    """The title of a review, as pleased as the `rating` of the same draws."""
    return _by_mood(draws, _stars(draws), "commerce.review_title", _TITLES)


@generator("commerce.review_text", source="our own sentences", holds=lambda value: _is_any(value, _TEXTS))
def review_text(draws: AnyDraws) -> Column:
    """Two sentences of a customer, as pleased as the `rating` of the same draws."""
    return _by_mood(draws, _stars(draws), "commerce.review_text", _TEXTS)


def _review_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    counts = [("rating", pa.int64()), ("title", pa.string()), ("text", pa.string())]
    return pa.struct([*counts, ("verified", pa.bool_()), ("helpful_votes", pa.int64())])


def _is_review(value: Any) -> bool:
    mood = _MOOD[value["rating"] - 1]
    return is_phrase(value["title"], *_TITLES[mood]) and is_phrase(value["text"], *_TEXTS[mood])


@generator("commerce.review", type=_review_type, source="our own sentences", holds=_is_review)
def review(draws: AnyDraws) -> Column:
    """A review whose title and text are as pleased as its stars."""
    lot, stars = draws.lane(lanes.own("commerce.review")), _stars(draws)
    return values.record(
        {
            "rating": stars,
            "title": _by_mood(draws, stars, "commerce.review_title", _TITLES),
            "text": _by_mood(draws, stars, "commerce.review_text", _TEXTS),
            "verified": lot.lane(0).below(10) < 7,
            "helpful_votes": values.scaled(lot.lane(1), 1 + lot.lane(2).below(40)),
        }
    )
