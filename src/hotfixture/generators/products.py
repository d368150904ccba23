"""Products whose name, category, material and price agree, prices as shops write them, and carts that add up."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from hotfixture.errors import OptionError
from hotfixture.generators import lanes, values
from hotfixture.generators.article_numbers import ean13
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.exact import exact, exact_type, is_exact
from hotfixture.generators.options import Option
from hotfixture.generators.pools import Pool, members, pool
from hotfixture.generators.records import Records
from hotfixture.generators.several import lists

if TYPE_CHECKING:
    import pyarrow as pa

_SOURCE = "our own table of everyday things, the materials they are made of and what they cost"
_LANE = lanes.own("commerce.product")
_PRODUCTS = Records("commerce/product", lane=_LANE, source=_SOURCE)
_NARROWED = Records("commerce/product", lane=_LANE, source=_SOURCE, by=("department", "category"))
_MATERIALS = ("first", "second", "third", "fourth")
_ENDINGS = (0, 49, 50, 90, 95, 99, 99, 99)
_DIGITS = 10

product_category = _PRODUCTS.column("commerce.product_category", "category", doc="The category of a product.")
product_noun = _PRODUCTS.column("commerce.product_noun", "noun", doc="What a product is, in a word or two.")


def _adjectives(draws: AnyDraws) -> Column:
    entries = pool("commerce/adjective")
    return values.pick(entries, draws.lane(lanes.own("commerce.product_adjective")).below(len(entries)))


@cache
def _all_materials() -> Pool:
    """Four materials a product, end to end."""
    columns = _PRODUCTS.columns()
    return Pool([cell for row in zip(*(columns[each].lines for each in _MATERIALS), strict=True) for cell in row])


def _materials(draws: AnyDraws, index: Column) -> Column:
    return values.pick(_all_materials(), index * 4 + draws.lane(lanes.own("commerce.product_material")).below(4))


def _names(draws: AnyDraws, index: Column) -> Column:
    noun = values.pick(_PRODUCTS.columns()["noun"], index)
    return values.join(_adjectives(draws), " ", _materials(draws, index), " ", noun)


def _cents(draws: AnyDraws, index: Column) -> Column:
    """A price within the band of the product, in cents."""
    columns, lot = _PRODUCTS.columns(), draws.lane(lanes.own("commerce.retail_price"))
    low, high = (values.lookup(columns[name].lines, index) // 100 for name in ("low", "high"))
    return (low + values.scaled(lot.lane(0), high - low)) * 100 + _ending(lot)


def _ending(lot: AnyDraws) -> Column:
    return values.lookup(_ENDINGS, lot.lane(1).below(len(_ENDINGS)))


def _is_name(value: str, noun: str, material: str) -> bool:
    return value.removesuffix(f" {material} {noun}") in members("commerce/adjective")


@cache
def _known() -> frozenset[tuple[str, str]]:
    """Every product with each of its materials."""
    columns = _PRODUCTS.columns()
    return frozenset(
        (noun, cell)
        for noun, *cells in zip(*(columns[each].lines for each in ("noun", *_MATERIALS)), strict=True)
        for cell in cells
    )


@generator(
    "commerce.product_name",
    source=_SOURCE,
    holds=lambda value: any(_is_name(value, noun, material) for noun, material in _known()),
    capacity=lambda: len(_known()) * len(members("commerce/adjective")),
)
def product_name(draws: AnyDraws) -> Column:
    """The name of a product: an adjective, a material it may be made of, and what it is."""
    return _names(draws, _PRODUCTS.index(draws))


@generator(
    "commerce.product_material",
    source=_SOURCE,
    holds=lambda value: value in members("commerce/material"),
    capacity=lambda: len(set(_all_materials().lines)),
)
def product_material(draws: AnyDraws) -> Column:
    """What the product of these draws is made of."""
    return values.ready(_materials(draws, _PRODUCTS.index(draws)))


def _units(low: Decimal, high: Decimal) -> tuple[int, int]:
    """The whole amounts between which every ending fits."""
    from math import ceil, floor

    return ceil(low), floor(high)


def _check_price(*, low: Decimal, high: Decimal) -> None:
    first, last = _units(low, high)
    if last <= first:
        raise OptionError("low", low, f"a whole amount below high={high}, so that every ending fits between")


_LIMIT = Decimal(10_000_000)


@generator(
    "commerce.retail_price",
    type=exact_type(_DIGITS, 2),
    options=(
        Option("low", "decimal", Decimal(1), "Smallest price.", low=Decimal(0), high=_LIMIT),
        Option("high", "decimal", Decimal(1000), "Largest price.", low=Decimal(0), high=_LIMIT),
    ),
    check=_check_price,
    source="endings that shops like: .99 three times in eight, .95, .90, .50, .49 and .00",
    holds=lambda value, low, high: (
        low <= value <= high and is_exact(value % 1, 2, 0, 99) and value % 1 * 100 in _ENDINGS
    ),
    capacity=lambda low, high: (_units(low, high)[1] - _units(low, high)[0]) * len(set(_ENDINGS)),
)
def retail_price(draws: AnyDraws, *, low: Decimal, high: Decimal) -> Column:
    """A price as shops write it: most end in .99."""
    first, last = _units(low, high)
    lot = draws.lane(lanes.own("commerce.retail_price"))
    return exact((first + lot.lane(0).below(last - first)) * 100 + _ending(lot), _DIGITS, 2)


def _product_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [(name, pa.string()) for name in ("name", "category", "department", "material", "ean13")]
    return pa.struct([*texts, ("price", pa.decimal128(_DIGITS, 2))])


def _is_product(value: Any, *, department: str | None, category: str | None) -> bool:
    """Whether one line of the table has the category, the department, the material and a band that holds the price."""
    columns = _PRODUCTS.columns()
    rows = zip(*(pool_.lines for pool_ in columns.values()), strict=True)
    return (
        any(
            _is_name(value["name"], row["noun"], value["material"])
            and (value["category"], value["department"]) == (row["category"], row["department"])
            and value["material"] in [row[each] for each in _MATERIALS]
            and is_exact(value["price"], 2, row["low"], row["high"])
            for row in (dict(zip(columns, cells, strict=True)) for cells in rows)
        )
        and ean13.holds(value["ean13"])
        and (department or value["department"]).casefold() == value["department"].casefold()
        and (category or value["category"]).casefold() == value["category"].casefold()
    )


@generator(
    "commerce.product",
    type=_product_type,
    options=_NARROWED.options,
    check=_NARROWED.check,
    source=_SOURCE,
    holds=_is_product,
)
def product(draws: AnyDraws, *, department: str | None, category: str | None) -> Column:
    """A product: its name says what it is made of, its price lies in the band of such things."""
    index = _NARROWED.index(draws, department=department, category=category)
    return values.record(
        {
            "name": _names(draws, index),
            "category": _PRODUCTS.at(index, "category"),
            "department": _PRODUCTS.at(index, "department"),
            "material": _materials(draws, index),
            "ean13": ean13(draws),
            "price": exact(_cents(draws, index), _DIGITS, 2),
        }
    )


_FREE_FROM, _SHIPPING = 5000, 490


def _line_type() -> pa.DataType:
    import pyarrow as pa

    money = pa.decimal128(_DIGITS, 2)
    return pa.struct([("name", pa.string()), ("quantity", pa.int64()), ("unit_price", money), ("line_total", money)])


def _cart_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    money = [(name, pa.decimal128(_DIGITS, 2)) for name in ("subtotal", "discount", "shipping", "total")]
    return pa.struct([("lines", pa.list_(_line_type())), ("item_count", pa.int64()), *money])


def _is_cart(value: Any, *, max_lines: int) -> bool:
    lines = value["lines"]
    return bool(
        1 <= len(lines) <= max_lines
        and all(product_name.holds(line["name"]) for line in lines)
        and all(line["line_total"] == line["quantity"] * line["unit_price"] for line in lines)
        and value["item_count"] == sum(line["quantity"] for line in lines)
        and value["subtotal"] == sum(line["line_total"] for line in lines)
        and value["shipping"] == (0 if value["subtotal"] >= _FREE_FROM // 100 else Decimal(_SHIPPING).scaleb(-2))
        and 0 <= value["discount"] <= value["subtotal"] / 5 + 1
        and value["total"] == value["subtotal"] - value["discount"] + value["shipping"]
    )


@generator(
    "commerce.cart",
    type=_cart_type,
    options=(Option("max_lines", "integer", 5, "Most lines of a cart.", low=1, high=50),),
    source=f"{_SOURCE}; 0, 5, 10 or 20 per cent off; 4.90 for shipping below 50.00",
    holds=_is_cart,
)
def cart(draws: AnyDraws, *, max_lines: int) -> Column:
    """A shopping cart: lines, and the sums that follow from them."""
    count, rebate = 1 + draws.lane(0).below(max_lines), values.lookup((0, 0, 5, 10, 20), draws.lane(1).below(5))
    items: Column = 0
    subtotal: Column = 0
    rows = []
    for place in range(max_lines):
        lot = draws.lane(2 + place)
        index, quantity = _PRODUCTS.index(lot), 1 + lot.lane(0).below(3)
        cents = _cents(lot, index)
        there = values.where(count > place, 1, 0)
        items, subtotal = items + quantity * there, subtotal + quantity * cents * there
        rows.append(_line(_names(lot, index), quantity, cents))
    discount, shipping = subtotal * rebate // 100, values.where(subtotal >= _FREE_FROM, 0, _SHIPPING)
    money = {
        "subtotal": subtotal, "discount": discount, "shipping": shipping, "total": subtotal - discount + shipping,
    }  # fmt: skip
    sums = {name: exact(cents, _DIGITS, 2) for name, cents in money.items()}
    return values.record({"lines": lists(count, rows, _line_type), "item_count": items, **sums})


def _line(name: Column, quantity: Column, cents: Column) -> Column:
    return values.record(
        {
            "name": name,
            "quantity": quantity,
            "unit_price": exact(cents, _DIGITS, 2),
            "line_total": exact(cents * quantity, _DIGITS, 2),
        }
    )
