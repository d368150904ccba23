"""Parcels and shipments."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hotfixture.draws import Draws
from hotfixture.generators import find

DRAWS = Draws.from_rows(11, "shipments", 0, 2_000)


def test_the_longest_side_comes_first_and_the_volume_counts_as_a_weight():
    for row in find("package_dimensions")(DRAWS).to_pylist():
        assert 120 >= row["length_cm"] >= row["width_cm"] >= row["height_cm"] >= 1
        volume = row["length_cm"] * row["width_cm"] * row["height_cm"]
        assert row["volumetric_weight_kg"] == pytest.approx(volume / 5_000, abs=0.0051)


def test_shipments_arrive_elsewhere_and_later():
    for row in find("shipment")(DRAWS).to_pylist():
        assert row["origin"] != row["destination"]
        low, high = {"sea": (12, 45), "air": (1, 6)}[row["mode"]]
        assert timedelta(days=low) <= row["expected_at"] - row["shipped_at"] < timedelta(days=high)
        assert 0.05 * row["packages"] - 0.001 <= row["weight_kg"] <= 30.1 * row["packages"]


def test_a_shipment_holds_what_the_single_generators_make_of_the_same_draws():
    rows = find("shipment")(DRAWS).to_pylist()
    for name, field in (("tracking_number", "tracking_number"), ("shipment_status", "status"), ("port_code", "origin")):
        assert find(name)(DRAWS).to_pylist() == [row[field] for row in rows]


def test_terms_of_sea_freight_go_by_sea():
    rows = find("shipment")(DRAWS).to_pylist()
    assert {row["mode"] for row in rows if row["incoterm"] in ("FAS", "FOB", "CFR", "CIF")} == {"sea"}
    assert {row["mode"] for row in rows if row["incoterm"] == "DAP"} == {"sea", "air"}
