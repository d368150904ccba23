"""Animals: species with their scientific names, breeds, pets, and what one meets on a farm."""

from __future__ import annotations

from hotfixture.generators import lanes
from hotfixture.generators.phrases import phrase
from hotfixture.generators.records import Records
from hotfixture.generators.vocabularies import vocabulary

_SPECIES = Records(
    "animals/species",
    lane=lanes.own("animals.animal"),
    source="our own list; scientific names in the use of the larger field guides",
    by=("animal_class",),
)
animal = _SPECIES.column("animals.animal", "animal", doc="An animal by its common name.")
latin_name = _SPECIES.column("animals.latin_name", "latin_name", doc="The scientific name of the same animal.")
animal_class = _SPECIES.column("animals.animal_class", "animal_class", doc="Mammal, bird, fish, … of the same animal.")
habitat = _SPECIES.column("animals.habitat", "habitat", doc="Where the same animal lives.")
species = _SPECIES.record(
    "animals.species", "animal latin_name animal_class habitat", doc="An animal with its scientific name and habitat."
)

_BREEDS = "breed names in common use, our own list"
dog_breed = vocabulary("animals.dog_breed", "animals/dog_breed", doc="A breed of dogs.", source=_BREEDS)
cat_breed = vocabulary("animals.cat_breed", "animals/cat_breed", doc="A breed of cats.", source=_BREEDS)
horse_breed = vocabulary("animals.horse_breed", "animals/horse_breed", doc="A breed of horses.", source=_BREEDS)
cattle_breed = vocabulary("animals.cattle_breed", "animals/cattle_breed", doc="A breed of cattle.", source=_BREEDS)
rabbit_breed = vocabulary("animals.rabbit_breed", "animals/rabbit_breed", doc="A breed of rabbits.", source=_BREEDS)
bird = vocabulary("animals.bird", "animals/bird", doc="A bird.")
fish = vocabulary("animals.fish", "animals/fish", doc="A fish.")
insect = vocabulary("animals.insect", "animals/insect", doc="An insect.")
reptile = vocabulary("animals.reptile", "animals/reptile", doc="A reptile.")
amphibian = vocabulary("animals.amphibian", "animals/amphibian", doc="An amphibian.")
bear = vocabulary("animals.bear", "animals/bear", doc="A bear.")
cetacean = vocabulary("animals.cetacean", "animals/cetacean", doc="A whale, dolphin or porpoise.")
crocodilian = vocabulary("animals.crocodilian", "animals/crocodilian", doc="A crocodile, alligator or caiman.")
rodent = vocabulary("animals.rodent", "animals/rodent", doc="A rodent.")
dinosaur = vocabulary("animals.dinosaur", "animals/dinosaur", doc="A genus of dinosaurs.")
farm_animal = vocabulary("animals.farm_animal", "animals/farm_animal", doc="An animal of a farm.")
pet_type = vocabulary("animals.pet_type", "animals/pet_type", doc="A kind of pet.")
pet_name = vocabulary("animals.pet_name", "animals/pet_name", doc="A name people give their pets.")
animal_sound = vocabulary("animals.animal_sound", "animals/animal_sound", doc="What an animal says.")
veterinary_procedure = vocabulary(
    "animals.veterinary_procedure", "animals/veterinary_procedure", doc="What a veterinary practice does."
)
microchip = phrase(
    "animals.microchip",
    "999{000|001|002|003|100|123|200|250|270|273}{###}{###}{###}",
    doc="The fifteen digits of an animal's transponder, of the kind that stands for tests.",
    source="ISO 11784: 999 in place of a country or maker marks a test transponder; twelve digits below 2^38 follow",
)
