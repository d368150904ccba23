"""Logistics: numbers with right check digits, carriers that do not exist, terms, ports and statuses."""

from __future__ import annotations

from hotfixture.generators import checks, lanes
from hotfixture.generators.codes import coded, variant
from hotfixture.generators.compounds import compound
from hotfixture.generators.records import Records, together
from hotfixture.generators.vocabularies import enumeration, vocabulary, weighted_vocabulary

_TRACKING = {
    "generic": "ZZ##########",
    "s10": "ZZ########={country}",
    "ups": "1Z999AA1#########=",
    "fedex": "0##########=",
    "usps": "9400100000000########=",
    "dhl": "000######=",
}
_COUNTRIES = (
    "AT", "AU", "BE", "BR", "CA", "CH", "CN", "DE", "DK", "ES", "FI", "FR", "GB", "IE", "IT", "JP", "NL", "NO", "NZ",
    "PL", "PT", "SE", "SG", "US",
)  # fmt: skip
tracking_number = coded(
    "logistics.tracking_number",
    _TRACKING,
    option=variant("carrier", _TRACKING, "generic", "Whose form; generic is nobody's, s10 that of postal services."),
    slots={"country": _COUNTRIES},
    check={"s10": checks.upu_s10, "ups": checks.ups, "fedex": checks.fedex, "usps": checks.gs1, "dhl": checks.mod_7(0)},
    valid={
        "s10": checks.is_upu_s10,
        "ups": checks.is_ups,
        "fedex": checks.is_fedex,
        "usps": checks.is_gs1,
        "dhl": checks.is_mod_7(0),
    },
    doc="The tracking number of a parcel, in the form of a carrier, with its check digit where there is one.",
    source="UPU S10; the carriers' published forms; the shipper is the one of UPS's examples, the beginnings 0, "
    "ZZ and 9400 1000 0000 0 are our own choice",
)
s10_number = coded(
    "logistics.s10_number",
    "ZZ########={country}",
    slots={"country": _COUNTRIES},
    check=checks.upu_s10,
    valid=checks.is_upu_s10,
    doc="The identifier of a postal item, with its check digit.",
    source="UPU S10: service, eight digits, check digit, country (ISO 3166-1); the service ZZ is our own choice",
)
container_number = coded(
    "logistics.container_number",
    "ZZ?U######=",
    check=checks.iso_6346,
    valid=checks.is_iso_6346,
    doc="The number of a freight container, with its check digit.",
    source="ISO 6346: owner, category U, six digits, check digit; owners that begin with ZZ are our own choice",
)
sscc = coded(
    "logistics.sscc",
    "#952#############=",
    check=checks.gs1,
    valid=checks.is_gs1,
    doc="A serial shipping container code, with its check digit, of the prefix kept for examples.",
    source="GS1 General Specifications: 18 digits; the prefix 952 is for demonstrations and examples",
)
gln = coded(
    "logistics.gln",
    "952#########=",
    check=checks.gs1,
    valid=checks.is_gs1,
    doc="A global location number, with its check digit, of the prefix kept for examples.",
    source="GS1 General Specifications: 13 digits; the prefix 952 is for demonstrations and examples",
)
air_waybill = coded(
    "logistics.air_waybill",
    "000-#######=",
    check=checks.mod_7(3),
    valid=checks.is_mod_7(3),
    doc="The number of an air waybill, with its check digit; airline 000 is nobody.",
    source="IATA Resolution 600a: three digits of the airline, seven of the waybill, their remainder by 7",
)
bill_of_lading = coded(
    "logistics.bill_of_lading",
    "ZZ??#########",
    doc="The number of a bill of lading: four letters of an invented carrier and nine digits.",
    source="a carrier's code (SCAC) and its own number; codes that begin with ZZ are our own choice",
)
_CHAPTERS = tuple(f"{chapter:02d}" for chapter in range(1, 98) if chapter != 77)
_HS_CODES = {"6": "{chapter}##.##", "8": "{chapter}##.##.##", "10": "{chapter}##.##.####"}
hs_code = coded(
    "logistics.hs_code",
    _HS_CODES,
    option=variant("digits", _HS_CODES, "6", "How many digits: 6 worldwide, 8 or 10 in national tariffs."),
    slots={"chapter": _CHAPTERS},
    doc="A code in the form of the Harmonized System: a chapter that exists, then digits that may name nothing.",
    source="WCO Harmonized System: chapters 1 to 97, 77 reserved",
)
seal_number = coded(
    "logistics.seal_number",
    "ZZ#######",
    doc="The number of a container's seal.",
    source="ISO 17712 asks for a number; the form is our own",
)
imo_number = coded(
    "logistics.imo_number",
    "IMO 0#####=",
    check=checks.imo,
    valid=checks.is_imo,
    doc="The number of a ship, with its check digit; none that is issued begins with 0.",
    source="IMO Resolution A.1117(30): seven digits, the last one of the sum of the others times 7 to 2",
)

INCOTERMS = Records("logistics/incoterms", lane=lanes.own("logistics.incoterms"), source="Incoterms 2020 of the ICC")
incoterm = INCOTERMS.column("logistics.incoterm", "code", doc="Three letters of a delivery term.")
incoterm_name = INCOTERMS.column("logistics.incoterm_name", "incoterm", doc="A delivery term in words.")
PORTS = Records("logistics/ports", lane=lanes.PORT, source="UN/LOCODE, large seaports of the world", by=("country",))
port = PORTS.column("logistics.port", "port", doc="The name of a seaport.")
port_code = PORTS.column("logistics.port_code", "code", doc="The UN/LOCODE of a seaport: country and three letters.")
port_record = PORTS.record("logistics.port_record", "code port country", doc="A seaport: code, name and country.")
PALLETS = Records("logistics/pallets", lane=lanes.own("logistics.pallets"), source="ISO 6780 and usual pallets")
pallet_type = PALLETS.column("logistics.pallet_type", "pallet", doc="A kind of pallet.")
pallet_record = PALLETS.record(
    "logistics.pallet_record", "pallet length_mm width_mm", doc="A kind of pallet with its length and width in mm."
)
CONTAINERS = Records(
    "logistics/container_types", lane=lanes.own("logistics.container_types"), source="ISO 6346, size and type codes"
)
container_type = CONTAINERS.column("logistics.container_type", "container", doc="A kind of freight container.")
container_type_code = CONTAINERS.column("logistics.container_type_code", "code", doc="The code of a kind of container.")
HAZARDS = Records(
    "logistics/hazard_classes", lane=lanes.own("logistics.hazards"), source="UN Model Regulations, 2.0.1.1"
)
hazard_class = HAZARDS.column("logistics.hazard_class", "hazard_class", doc="The class of dangerous goods.")
hazard_description = HAZARDS.column("logistics.hazard_description", "description", doc="What dangerous goods are.")

shipment_status = weighted_vocabulary(
    "logistics.shipment_status", "logistics/shipment_status", doc="Where a shipment is.", source="our own shares"
)
return_reason = weighted_vocabulary(
    "logistics.return_reason", "logistics/return_reason", doc="Why goods come back.", source="our own shares"
)
shipment_event = vocabulary("logistics.shipment_event", "logistics/shipment_event", doc="What happened to a parcel.")
service_level = vocabulary("logistics.service_level", "logistics/service_level", doc="How fast a parcel travels.")
transport_mode = vocabulary("logistics.transport_mode", "logistics/transport_mode", doc="By what goods travel.")
package_type = vocabulary("logistics.package_type", "logistics/package_type", doc="What goods are packed in.")
warehouse_zone = vocabulary("logistics.warehouse_zone", "logistics/warehouse_zone", doc="A zone of a warehouse.")
freight_vehicle = vocabulary("logistics.freight_vehicle", "logistics/vehicle_type", doc="A vehicle that carries goods.")
handling_instruction = vocabulary(
    "logistics.handling_instruction", "logistics/handling_instruction", doc="What is written on a box."
)
carrier = compound(
    "logistics.carrier",
    ("logistics/carrier_name", "logistics/carrier_kind"),
    doc="An invented carrier.",
    source="invented names and usual words of carriers, our own lists; a real one may bear such a name by chance",
)
warehouse = compound(
    "logistics.warehouse",
    ("health/hospital_place", "logistics/warehouse_kind"),
    doc="An invented warehouse.",
    source="invented places and usual kinds of warehouses, our own lists",
)
vessel = compound(
    "logistics.vessel",
    ("logistics/vessel_first", "logistics/vessel_second"),
    doc="The name of a ship; a real one may bear it by chance.",
    source="our own lists",
)
vessel_record = together(
    "logistics.vessel_record",
    {"vessel": vessel, "imo_number": imo_number, "home_port": port},
    doc="A ship: name, number and home port.",
)
bin_location = coded(
    "logistics.bin_location",
    "{aisle}-{rack}-{level}-{place}",
    slots={
        "aisle": tuple("ABCDEFGHJKLMNP"),
        "rack": tuple(f"{rack:02d}" for rack in range(1, 41)),
        "level": tuple(f"{level:02d}" for level in range(1, 9)),
        "place": tuple("ABCD"),
    },
    doc="A place in a warehouse: aisle, rack, level, place.",
    source="a form of our own: warehouses use many",
)
dock_door = enumeration(
    "logistics.dock_door",
    lambda: [f"{side}{door:02d}" for side in "NESW" for door in range(1, 31)],
    doc="A door of a warehouse at which lorries load.",
    source="a form of our own: warehouses use many",
)
delivery_window = enumeration(
    "logistics.delivery_window",
    lambda: [f"{hour:02d}:00-{hour + length:02d}:00" for length in (1, 2, 4) for hour in range(7, 22 - length)],
    doc="Between what hours a parcel comes.",
    source="one, two or four hours between 7 and 21 o'clock, our own choice",
)
