"""Plants: species with their scientific names and families, trees, flowers."""

from __future__ import annotations

from hotfixture.generators import lanes
from hotfixture.generators.records import Records
from hotfixture.generators.vocabularies import vocabulary

_SPECIES = Records(
    "plants/species",
    lane=lanes.own("plants.plant"),
    source="our own list; scientific names and families in the use of the larger floras",
    by=("form",),
)
plant = _SPECIES.column("plants.plant", "plant", doc="A plant by its common name.")
plant_latin_name = _SPECIES.column(
    "plants.plant_latin_name", "latin_name", doc="The scientific name of the same plant."
)
plant_family = _SPECIES.column("plants.plant_family", "family", doc="The family to which the same plant belongs.")
plant_record = _SPECIES.record(
    "plants.plant_record", "plant latin_name family form", doc="A plant with its scientific name, family and form."
)
tree = vocabulary("plants.tree", "plants/tree", doc="A tree.")
flower = vocabulary("plants.flower", "plants/flower", doc="A flower.")
