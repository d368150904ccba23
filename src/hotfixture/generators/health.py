"""Health: conditions, medicines, hospitals, insurance and numbers of patients. Nobody's condition, nobody's number."""

from __future__ import annotations

from typing import Any

from hotfixture.generators import checks, lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.codes import coded
from hotfixture.generators.compounds import compound
from hotfixture.generators.pools import members, table
from hotfixture.generators.quantities import quantity
from hotfixture.generators.records import Records, together
from hotfixture.generators.vocabularies import enumeration, vocabulary, weighted_vocabulary

_CONDITIONS = Records(
    "health/conditions",
    lane=lanes.CONDITION,
    source="our own list of conditions in plain words; codes U50.0 … U67.0, of the block U50 … U99 that the WHO's "
    "ICD-10 (volume 2) leaves to research, so that none says anything of a real disease",
    by=("specialty",),
)
medical_condition = _CONDITIONS.column("health.medical_condition", "condition", doc="A medical condition.")
icd10_code = _CONDITIONS.column(
    "health.icd10_code", "code", doc="A code in the form of ICD-10, from the block left to research."
)
diagnosis = _CONDITIONS.record(
    "health.diagnosis", "code condition specialty", doc="A diagnosis: code, condition and specialty, which agree."
)

_MEDICATIONS = Records(
    "health/medications",
    lane=lanes.MEDICATION,
    source="international nonproprietary names with a usual form and strength, our own list; no advice for treatment",
    by=("drug_class",),
)
medication = _MEDICATIONS.column("health.medication", "medication", doc="The generic name of a medicine.")
drug_class = _MEDICATIONS.column("health.drug_class", "drug_class", doc="What kind of medicine it is.")
medication_strength = _MEDICATIONS.column(
    "health.medication_strength", "strength", doc="How much of the medicine one dose holds."
)
medication_route = _MEDICATIONS.column("health.medication_route", "route", doc="How the medicine is taken.")
medication_form = _MEDICATIONS.column("health.medication_form", "dose_form", doc="The form of the medicine.")
dose_form = vocabulary("health.dose_form", "health/dose_form", doc="The form of a medicine: tablet, syrup, cream.")
dose_frequency = vocabulary("health.dose_frequency", "health/dose_frequency", doc="How often a medicine is taken.")


def _is_dosage(value: Any) -> bool:
    strength, _, frequency = value.partition(", ")
    return strength in table("health/medications")["strength"].lines and frequency in members("health/dose_frequency")


@generator(
    "health.dosage",
    source="strength of the medicine and frequency, our own lists; no advice for treatment",
    holds=_is_dosage,
    capacity=lambda: len(set(table("health/medications")["strength"].lines)) * len(members("health/dose_frequency")),
)
def dosage(draws: AnyDraws) -> Column:
    """How much of a medicine and how often: `500 mg, twice daily`."""
    return values.join(medication_strength(draws), dose_frequency(draws), separator=", ")


allergy = vocabulary("health.allergy", "health/allergy", doc="Something that people are allergic to.")
allergic_reaction = vocabulary("health.allergic_reaction", "health/allergic_reaction", doc="How an allergy shows.")
severity = weighted_vocabulary("health.severity", "health/severity", doc="How bad it is; mild more often than not.")
symptom = vocabulary("health.symptom", "health/symptom", doc="A symptom in plain words.")
procedure = vocabulary("health.procedure", "health/procedure", doc="A medical procedure in plain words.")
blood_type = weighted_vocabulary(
    "health.blood_type",
    "health/blood_type",
    doc="A blood group with its Rhesus factor, as often as in the United States.",
    source="ABO and Rhesus groups; shares as published by blood services of the United States, in thousandths",
)
specialty = vocabulary("health.specialty", "health/specialty", doc="A medical specialty.")
department = vocabulary("health.department", "health/department", doc="A department or ward of a hospital.")
immunisation = vocabulary("health.immunisation", "health/immunisation", doc="What a vaccine protects against.")
triage_level = weighted_vocabulary(
    "health.triage_level",
    "health/triage_level",
    doc="A triage category, 1 (at once) to 5.",
    source="five levels as in common triage scales; shares are our own choice",
)
admission_type = weighted_vocabulary(
    "health.admission_type", "health/admission_type", doc="Why a patient is admitted.", source="our own shares"
)
discharge_status = weighted_vocabulary(
    "health.discharge_status", "health/discharge_status", doc="Where a patient went.", source="our own shares"
)
appointment_type = vocabulary("health.appointment_type", "health/appointment_type", doc="The reason of a visit.")
medical_device = vocabulary("health.medical_device", "health/medical_device", doc="A medical device.")

hospital = compound(
    "health.hospital",
    ("health/hospital_place", "health/hospital_kind"),
    doc="An invented hospital.",
    source="invented places and usual kinds of hospitals, our own lists; a real one may bear such a name by chance",
)
insurer = compound(
    "health.insurer",
    ("health/hospital_place", "health/insurer_kind"),
    doc="An invented health insurer.",
    source="invented places and usual words of insurers, our own lists; a real one may bear such a name by chance",
)
insurance_plan = vocabulary("health.insurance_plan", "health/insurance_plan", doc="The plan of a health insurance.")

policy_number = coded(
    "health.policy_number",
    "HP-####-######",
    doc="The number of an insurance policy.",
    source="a form of our own: insurers use many",
)
member_number = coded(
    "health.member_number",
    "ZZZ#########",
    doc="The number of a member of a health plan: three letters and nine digits.",
    source="the form of identifiers of the United States' plans; the prefix ZZZ is a form of our own",
)
mrn = coded(
    "health.mrn",
    "MRN-########",
    doc="A medical record number.",
    source="a form of our own: every hospital has its own",
)
npi = coded(
    "health.npi",
    "9########=",
    check=checks.npi,
    valid=checks.is_npi,
    doc="A provider identifier of the United States that is never issued: it begins with 9, its check digit is right.",
    source="45 CFR 162.406: ten digits, Luhn over 80840 and the number; issued ones begin with 1 or 2",
)
nhs_number = coded(
    "health.nhs_number",
    "999######=",
    check=checks.nhs,
    valid=checks.is_nhs,
    avoid=10,
    capacity=909_091,
    doc="An NHS number of the range that is kept for tests.",
    source="NHS Data Dictionary, NHS NUMBER: modulus 11; NHS England keeps numbers that begin with 999 for tests",
)
_MBI = "ACDEFGHJKMNPQRTUVWXY"
medicare_id = coded(
    "health.medicare_id",
    "0{letter}{either}#{letter}{either}#{letter}{letter}##",
    slots={"letter": _MBI, "either": f"0123456789{_MBI}"},
    doc="A code in the form of a Medicare beneficiary identifier that is never issued: it begins with 0.",
    source="CMS, Medicare Beneficiary Identifier format: the first place is 1 to 9; letters without S, L, O, I, B, Z",
)
ndc_code = coded(
    "health.ndc_code",
    "00000-####-##",
    doc="A code in the form of the United States' National Drug Code (5-4-2), with a labeler that is nobody.",
    source="21 CFR 207.33 for the form; the labeler segment 00000 is our own choice",
)

drug_brand = compound(
    "health.drug_brand",
    ("health/drug_brand_start", "health/drug_brand_end"),
    separator="",
    doc="An invented brand of a medicine.",
    source="syllables that sound like brands, our own lists; a real brand may bear the name by chance",
)
drug_company = compound(
    "health.drug_company",
    ("health/hospital_place", "health/pharma_kind"),
    doc="An invented maker of medicines.",
    source="invented places and usual words of makers, our own lists",
)
refills = quantity("health.refills", 0, 11, least=0, most=99, doc="How often a prescription may be repeated.")
pack_size = enumeration(
    "health.pack_size",
    lambda: ["1", "5", "7", "10", "14", "20", "21", "28", "30", "50", "56", "60", "84", "90", "100", "112"],
    doc="How many doses a pack holds.",
    source="usual packs, our own choice",
)
prescription = together(
    "health.prescription",
    {
        "medication": medication,
        "drug_class": drug_class,
        "strength": medication_strength,
        "dose_form": medication_form,
        "route": medication_route,
        "frequency": dose_frequency,
        "pack_size": pack_size,
        "refills": refills,
    },
    doc="A prescription: medicine, class, strength, form and route agree. No advice for treatment.",
    agrees=lambda value: (
        tuple(value[name] for name in ("medication", "drug_class", "strength", "dose_form", "route")) in _medicines()
    ),
)
allergy_record = together(
    "health.allergy_record",
    {"allergy": allergy, "reaction": allergic_reaction, "severity": severity},
    doc="An allergy, how it shows and how bad it is.",
)


def _medicines() -> set[tuple[str, ...]]:
    """The lines of the list of medicines, in its order of columns."""
    columns = table("health/medications")
    return set(
        zip(
            *(columns[name].lines for name in ("medication", "drug_class", "strength", "dose_form", "route")),
            strict=True,
        )
    )
