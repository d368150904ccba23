"""Building sites: machines, materials, trades, who works there, and what may go wrong."""

from __future__ import annotations

from hotfixture.generators.phrases import phrase
from hotfixture.generators.vocabularies import vocabulary

heavy_equipment = vocabulary("construction.heavy_equipment", "construction/equipment", doc="A machine of a site.")
construction_material = vocabulary(
    "construction.construction_material", "construction/material", doc="Something that is built with."
)
construction_role = vocabulary("construction.construction_role", "construction/role", doc="Who works on a site.")
construction_trade = vocabulary("construction.construction_trade", "construction/trade", doc="A trade of building.")
construction_phase = vocabulary(
    "construction.construction_phase", "construction/phase", doc="How far a building has come."
)
site_hazard = vocabulary("construction.site_hazard", "construction/hazard", doc="What may hurt somebody on a site.")
construction_project = phrase(
    "construction.construction_project",
    "{Conversion|Construction|Demolition|Enlargement|Refurbishment|Repair} of {a Bridge|a Car Park|a Cinema|a Clinic|"
    "a Depot|a Factory|a Fire Station|a Hotel|a Kindergarten|a Laboratory|a Library|a Museum|an Office Tower|a School|"
    "a Railway Station|a Sports Hall|a Swimming Pool|a Theatre|a Town Hall|a Tunnel|a Warehouse|an Apartment House}, "
    "{leisure/town}",
    doc="The invented name of a building project.",
)
