"""Government: invented agencies and parties, documents, permits, courts and taxes; numbers that are never issued."""

from __future__ import annotations

from hotfixture.generators import lanes, people
from hotfixture.generators.codes import coded, variant
from hotfixture.generators.compounds import compound
from hotfixture.generators.records import Records, together
from hotfixture.generators.vocabularies import enumeration, vocabulary, weighted_vocabulary

_OWN_FORM = "a form of our own: authorities use many"

agency = compound(
    "government.agency",
    ("government/agency_kind", "government/agency_subject"),
    separator=" of ",
    doc="An invented government agency.",
    source="kinds of agencies and their subjects, our own lists; a real one may bear such a name by chance",
)
political_party = compound(
    "government.political_party",
    ("government/party_first", "government/party_second"),
    doc="An invented political party.",
    source="our own lists",
)
document_type = vocabulary("government.document_type", "government/document_type", doc="A kind of official document.")
permit_type = vocabulary("government.permit_type", "government/permit_type", doc="A kind of permit.")
court = vocabulary("government.court", "government/court", doc="A kind of court.")
case_type = vocabulary("government.case_type", "government/case_type", doc="What a case is about.")
public_benefit = vocabulary("government.public_benefit", "government/benefit", doc="A public benefit.")
tax_type = vocabulary("government.tax_type", "government/tax_type", doc="A kind of tax.")
public_office = vocabulary("government.public_office", "government/office", doc="A public office that somebody holds.")
security_clearance = weighted_vocabulary(
    "government.security_clearance", "government/security_clearance", doc="A level of secrecy.", source="our own shares"
)
case_status = weighted_vocabulary(
    "government.case_status", "government/case_status", doc="How far an application is.", source="our own shares"
)

litigation_status = weighted_vocabulary(
    "government.litigation_status", "government/litigation_status", doc="How far a case is.", source="our own shares"
)

FORMS = Records(
    "government/tax_forms",
    lane=lanes.own("government.tax_forms"),
    source="forms of the Internal Revenue Service of the United States, titles in our own words",
)
tax_form = FORMS.column("government.tax_form", "form", doc="The number of a tax form.")
tax_form_title = FORMS.column("government.tax_form_title", "title", doc="What a tax form is for.")
tax_form_record = FORMS.record(
    "government.tax_form_record", "form title", doc="A tax form: number and title, which agree."
)
form_number = coded("government.form_number", "Form ??-####", doc="The number of a form.", source=_OWN_FORM)

_CASES = {"plain": "CASE-2024-######", "slashes": "{senate} {roll} #####/24"}
case_number = coded(
    "government.case_number",
    _CASES,
    option=variant("style", _CASES, "plain", "Plain, or as German courts number: chamber, register, number, year."),
    slots={"senate": tuple(f"{senate:02d}" for senate in range(1, 21)), "roll": ("XA", "XB", "XC")},
    doc="The number of a case.",
    source=_OWN_FORM,
)
docket_number = coded(
    "government.docket_number",
    "0:24-{kind}-#####",
    slots={"kind": ("cv", "cr", "mc", "mj", "bk")},
    doc="The number of a case at a federal court of the United States: division, year, kind, number.",
    source="case numbers of the federal courts' CM/ECF system; no division is 0",
)
permit_number = coded("government.permit_number", "PRM-24-######", doc="The number of a permit.", source=_OWN_FORM)
grant_number = coded("government.grant_number", "ZZ-24-?####-##", doc="The number of a grant.", source=_OWN_FORM)
tender_number = coded("government.tender_number", "24-######-2024", doc="The number of a tender.", source=_OWN_FORM)
voter_number = coded("government.voter_number", "V00########", doc="The number of a voter.", source=_OWN_FORM)
precinct = enumeration(
    "government.precinct",
    lambda: [f"{ward}-{precinct:02d}" for ward in range(1, 51) for precinct in range(1, 31)],
    doc="A precinct: ward and number.",
    source=_OWN_FORM,
)
electoral_district = enumeration(
    "government.electoral_district",
    lambda: [f"District {number}" for number in range(1, 301)],
    doc="A district that elects somebody.",
    source=_OWN_FORM,
)
itin = coded(
    "government.itin",
    "9##-{group}-####",
    slots={"group": tuple(f"{group:02d}" for group in range(50))},
    doc="A number in the form of an individual taxpayer identification number of the United States, never issued.",
    source="Internal Revenue Service: numbers begin with 9, their groups are 50 and above",
)
permit_application = together(
    "government.permit_application",
    {
        "permit_number": permit_number,
        "permit_type": permit_type,
        "applicant": people.full_name,
        "agency": agency,
        "status": case_status,
    },
    doc="An application for a permit: number, kind, applicant, agency and status.",
)
court_case = together(
    "government.court_case",
    {
        "docket_number": docket_number,
        "court": court,
        "case_type": case_type,
        "plaintiff": people.full_name,
        "status": litigation_status,
    },
    doc="A case at a court: number, court, subject and who brought it.",
)
