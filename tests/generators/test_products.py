"""Products, prices and carts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.errors import OptionError, UnknownNameError
from hotfixture.generators import find, generate
from hotfixture.generators.pools import members, table


def test_a_products_price_lies_in_the_band_of_its_kind():
    columns = table("commerce/product")
    bands = dict(zip(columns["noun"].lines, zip(columns["low"].lines, columns["high"].lines, strict=True), strict=True))
    for product in agreed("commerce.product", count=300):
        noun = max((noun for noun in bands if product["name"].endswith(f" {noun}")), key=len)
        low, high = bands[noun]
        assert low <= product["price"] * 100 <= high
        assert product["material"] in product["name"]


def test_products_of_one_department():
    assert {each["department"] for each in agreed("commerce.product", department="garden")} == {"Garden"}
    with pytest.raises(UnknownNameError, match="Spaceships"):
        generate("commerce.product", department="Spaceships")


def test_single_columns_agree_with_the_product_of_the_same_draws():
    draws = Draws.from_rows(1, "products", 0, 200)
    products = find("commerce.product")(draws).to_pylist()
    for field in ("name", "category", "material"):
        assert find(f"product_{field}")(draws).to_pylist() == [product[field] for product in products]


def test_the_table_names_known_materials_departments_and_categories():
    columns = table("commerce/product")
    for place in ("first", "second", "third", "fourth"):
        assert set(columns[place].lines) <= members("commerce/material")
    assert set(columns["department"].lines) <= members("commerce/department")
    assert all(low % 100 == high % 100 == 0 or low // 100 < high // 100
               for low, high in zip(columns["low"].lines, columns["high"].lines, strict=True))  # fmt: skip


def test_most_prices_end_in_99():
    prices = agreed("commerce.retail_price", count=2_000, low=10, high=20)
    assert 0.3 < sum(price % 1 == Decimal("0.99") for price in prices) / 2_000 < 0.45
    assert {int(price) for price in prices} == set(range(10, 20))
    with pytest.raises(OptionError, match="low"):
        generate("commerce.retail_price", low="1.20", high="1.80")


def test_a_cart_adds_up():
    sizes = set()
    for cart in agreed("commerce.cart", count=200, max_lines=3):
        assert cart["subtotal"] == sum(line["quantity"] * line["unit_price"] for line in cart["lines"])
        assert cart["total"] == cart["subtotal"] - cart["discount"] + cart["shipping"]
        sizes.add(len(cart["lines"]))
    assert sizes == {1, 2, 3}
