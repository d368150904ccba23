"""Homes for sale."""

from __future__ import annotations

import pytest
from tests.generators.agreement import agreed

from hotfixture.errors import OptionError, UnknownNameError
from hotfixture.generators import generate
from hotfixture.generators.pools import table

CLASSES = {25: "A+", 50: "A", 51: "B", 100: "C", 200: "F", 251: "H"}


def test_a_listing_is_as_large_and_as_dear_as_such_homes_are():
    columns = table("real_estate/type")
    for home in agreed("real_estate.listing", count=300):
        row = columns["property_type"].lines.index(home["property_type"])
        assert columns["area_low"][row] <= home["floor_area"] <= columns["area_high"][row]
        assert columns["rooms_low"][row] <= home["rooms"] <= columns["rooms_high"][row]
        assert home["price"] <= home["floor_area"] * columns["price_high"][row]
        assert home["property_type"].title() in home["title"]


def test_the_energy_class_follows_from_the_demand():
    for home in agreed("real_estate.listing", count=300):
        if home["energy_demand"] in CLASSES:
            assert home["energy_class"] == CLASSES[home["energy_demand"]]
    ordered = sorted((home["energy_demand"], home["energy_class"]) for home in agreed("real_estate.listing", count=300))
    assert [name.replace("A+", "@") for _, name in ordered] == sorted(name.replace("A+", "@") for _, name in ordered)


def test_listings_of_one_kind_only():
    assert {home["property_type"] for home in agreed("real_estate.listing", property_type="Villa")} == {"villa"}
    with pytest.raises(UnknownNameError, match="igloo"):
        generate("real_estate.listing", property_type="igloo")


def test_a_home_has_as_many_things_as_asked_for_and_none_twice():
    lists = agreed("real_estate.amenities", count=200, low=0, high=3)
    assert {len(each) for each in lists} == {0, 1, 2, 3}
    assert all(len(set(each)) == len(each) for each in lists)
    with pytest.raises(OptionError, match="low"):
        generate("real_estate.amenities", low=9, high=3)


def test_prices_stand_on_steps():
    assert set(agreed("real_estate.property_price", count=200, low=10, high=40, step=15)) == {10, 25, 40}
    with pytest.raises(OptionError, match="low"):
        generate("real_estate.property_price", low=10, high=4)
