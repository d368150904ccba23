"""Plants."""

from __future__ import annotations

import re

from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.pools import table


def test_the_same_draws_mean_the_same_plant_everywhere():
    draws = Draws.from_rows(1, "plants", 0, 200)
    plants = find("plant_record")(draws).to_pylist()
    for name, field in (("plant", "plant"), ("plant_latin_name", "latin_name"), ("plant_family", "family")):
        assert find(name)(draws).to_pylist() == [plant[field] for plant in plants]


def test_scientific_names_are_a_genus_and_a_species_and_families_end_in_aceae():
    columns = table("plants/species")
    assert all(re.fullmatch(r"[A-Z][a-z]+ [a-z-]+", name) for name in columns["latin_name"].lines)
    assert all(family.endswith("aceae") for family in columns["family"].lines)


def test_a_genus_belongs_to_one_family():
    columns = table("plants/species")
    families: dict[str, set[str]] = {}
    for name, family in zip(columns["latin_name"].lines, columns["family"].lines, strict=True):
        families.setdefault(name.split(" ")[0], set()).add(family)
    assert all(len(found) == 1 for found in families.values())


def test_plants_of_one_form_only():
    assert "silver birch" in agreed("plants.plant", count=500, form="tree")
