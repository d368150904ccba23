"""Animals."""

from __future__ import annotations

import re

from tests.generators.agreement import agreed

from hotfixture.generators import generate
from hotfixture.generators.pools import table


def test_the_same_draws_mean_the_same_animal_everywhere():
    draws = {"count": 300, "seed": 4}
    for value in generate("animals.species", **draws).to_pylist():
        row = table("animals/species")["animal"].lines.index(value["animal"])
        assert all(table("animals/species")[name][row] == value[name] for name in value)


def test_scientific_names_are_a_genus_and_a_species():
    for name in table("animals/species")["latin_name"].lines:
        assert re.fullmatch(r"[A-Z][a-z]+ [a-z]+", name), name
    assert len(set(table("animals/species")["latin_name"].lines)) == len(table("animals/species")["animal"])


def test_animals_of_one_class_only():
    assert set(agreed("animals.animal_class", animal_class="bird")) == {"bird"}
    assert "barn owl" in agreed("animals.animal", count=500, animal_class="Bird")


def test_microchips_stand_for_tests():
    for chip in agreed("animals.microchip"):
        assert chip.startswith("999")
        assert len(chip) == 15
        assert int(chip[3:]) < 2**38
