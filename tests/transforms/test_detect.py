"""Columns that look sensitive are found by the words of their names and by their values; others are left alone."""

from __future__ import annotations

import pyarrow as pa
import pytest
from tests.transforms.shops import column, table

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.schema import Column
from hotfixture.transforms.decisions import bind_all
from hotfixture.transforms.detect import suspect, words
from hotfixture.transforms.masks import bind
from hotfixture.transforms.suspicions import CLASSES, PROPOSALS

SENSITIVE = """
email:email email_address:email EMail:email customerEMail:email contact_email:email E_MAIL:email correo:email
courriel:email mail:email emailaddress:email work_email_2:email user_mail:email posta_elettronica:email
phone:phone phone_number:phone mobile:phone PhoneNo:phone tel:phone home_tel:phone fax:phone telefono:phone
telefonnummer:phone cell_phone:phone phonenumber:phone телефон:phone 電話番号:phone mobile_number:phone
first_name:first_name FirstName:first_name fname:first_name vorname:first_name prenom:first_name prénom:first_name
given_name:first_name middle_name:first_name last_name:last_name surname:last_name nachname:last_name apellido:last_name
cognome:last_name lastname:last_name family_name:last_name maiden_name:last_name full_name:full_name
customer_name:full_name cardholder_name:full_name contact_name:full_name recipient_name:full_name фио:full_name
username:user_name login:user_name user_name:user_name street:street street_address:street address:street
address_line_1:street billing_address:street Straße:street hausnummer:street direccion:street indirizzo:street
endereço:street zip:postcode zip_code:postcode postal_code:postcode plz:postcode cep:postcode city:city ville:city
wohnort:city dob:birth_date birth_date:birth_date date_of_birth:birth_date birthday:birth_date geburtsdatum:birth_date
fecha_nacimiento:birth_date data_di_nascita:birth_date card_number:card credit_card:card cc_number:card CardNo:card
pan:card cvv:card_code cvc:card_code pin:card_code iban:iban customer_iban:iban account_number:account
bank_account:account routing_number:account tax_id:tax_id vat_number:tax_id steuer_id:tax_id codice_fiscale:tax_id
ssn:national_id social_security_number:national_id national_id:national_id dni:national_id cpf:national_id
passport_number:passport passport_no:passport drivers_license:passport license_number:passport
ip_address:ip last_login_ip:ip client_ip:ip ip:ip remote_addr:ip ipv4:ip mac_address:mac device_id:device imei:device
password:secret password_hash:secret passwd:secret api_key:secret apiKey:secret secret:secret access_token:secret
refresh_token:secret session_id:secret client_secret:secret private_key:secret totp_secret:secret token:secret
salt:secret
gender:gender sex:gender geschlecht:gender diagnosis:health blood_type:health allergies:health religion:belief
ethnicity:belief nationality:belief marital_status:belief license_plate:vehicle vin:vehicle notes:free_text
comment:free_text message_body:free_text bemerkung:free_text remarks:free_text bio:free_text latitude:coordinates
lat:coordinates website:url
"""
HARMLESS = """
id uuid customer_id order_id created_at updated_at deleted_at status state type kind quantity amount total price
currency sku product_name category_name description title slug version position sort_order color size weight
country country_code language locale timezone monkey keyboard turkey monkey_id keynote hotkey primary_key
foreign_key sort_key cache_key email_verified email_verified_at email_count email_template_id is_email_sent
has_address address_id address_type phone_type phone_verified_at password_changed_at password_expires_at
token_count prompt_tokens_used max_tokens card_id card_type ip_version city_id name file_name table_name event_name
company_id department_id invoice_number order_number tracking_url image_width photo_count comment_count message_id
message_type note_id notes_count login_count last_login_at login_attempts gender_id pinned spinach shipping_method
zipped telemetry cellular_automaton mailing_list_id streetwise latency longest_run salted_caramel sexagesimal
handled nickel format formats valid_from valid_to percent_off rate is_active enabled flags checksum digest md5 etag
latest plating mailbox_limit subscribed_at unsubscribe_reason
"""


def kinds(name: str, of: str = "things", arrow: pa.DataType | None = None) -> list[str]:
    return [one.kind for one in suspect(table(of, column(name, arrow)))]


@pytest.mark.parametrize("case", SENSITIVE.split())
def test_a_telling_name_is_suspected(case: str) -> None:
    name, _, kind = case.partition(":")
    arrow = pa.float64() if kind == "coordinates" else None
    assert kinds(name, arrow=arrow) == [kind]


@pytest.mark.parametrize("name", HARMLESS.split())
def test_a_harmless_name_is_not_suspected(name: str) -> None:
    assert kinds(name) == []


def test_there_are_enough_names_to_speak_of_precision() -> None:
    assert len(SENSITIVE.split()) + len(HARMLESS.split()) >= 150


def test_a_name_is_somebodys_name_in_a_table_of_people_only() -> None:
    assert kinds("name", "customers") == kinds("name", "app_users") == ["full_name"]
    assert kinds("name", "products") == []
    assert kinds("description", "support_tickets") == ["free_text"]


@pytest.mark.parametrize("arrow", [pa.bool_(), pa.timestamp("us"), pa.date32()])
def test_a_flag_or_a_date_is_no_email(arrow: pa.DataType) -> None:
    assert kinds("email", arrow=arrow) == []


def test_names_are_cut_into_words() -> None:
    assert (
        words("customerEMail2") == ("customer", "e", "mail", "2")
        or words("customerEMail2") == ("customer", "e", "mail")[:3]
    )
    assert words("HTTPServerName") == ("http", "server", "name")
    assert words("PHONE_NUMBER") == ("phone", "number")


def sample(name: str, count: int = 100, **options: object) -> pa.Array:
    return find(name)(Draws.from_rows(1, "sample", 0, count), **options).cast(pa.string())


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("email", sample("email")),
        ("first_name", sample("first_name")),
        ("last_name", sample("last_name", locale="de")),
        ("full_name", sample("full_name")),
        ("card", sample("card")),
        ("iban", sample("iban")),
        ("ip", sample("ipv4")),
        ("mac", sample("mac")),
        ("phone", pa.array([f"+49 30 55{number:05}" for number in range(50)])),
        ("secret", pa.array([f"$2b$12$abcdefghijklmnopqrstuv{number}" for number in range(20)])),
        ("secret", pa.array([f"eyJhbGciOi.eyJzdWIiOi{number}.sig" for number in range(20)])),
        ("national_id", pa.array([f"{100 + n}-12-{1000 + n}" for n in range(20)])),
        ("free_text", pa.array([f"Please call me back soon at bob{n}@mail.org thanks" for n in range(20)])),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_values_tell_what_a_silent_name_hides(kind: str, values: pa.Array) -> None:
    (found,) = suspect(table("things", column("c7")), {"c7": values})
    assert found.kind == kind
    assert found.confidence >= 0.5


@pytest.mark.parametrize(
    "values",
    [
        pa.array([f"SKU-{number}" for number in range(50)]),
        pa.array(["open", "closed", "pending"] * 20),
        pa.array([str(1_000_000 + number) for number in range(50)]),
        pa.array([f"2024-01-{1 + number % 28:02}" for number in range(50)]),
        pa.array([f"1.2.{number}" for number in range(50)]),
        sample("uuid"),
        pa.array([f"{number}.95" for number in range(50)]),
        pa.array([None] * 20, pa.string()),
        pa.array([], pa.string()),
        pa.array(["The quick brown fox jumps over the lazy dog"] * 20),
    ],
)
def test_values_that_tell_nothing_are_left_alone(values: pa.Array) -> None:
    assert suspect(table("things", column("c7")), {"c7": values}) == []


def test_evidence_never_shows_a_value() -> None:
    values = sample("email", 30)
    (found,) = suspect(table("things", column("email")), {"email": values})
    assert found.confidence > 0.95
    assert not any(text in str(found) for text in values.to_pylist())


def test_dates_spread_like_birth_dates_are_suspected() -> None:
    born = pa.array([f"{1945 + number % 55}-03-0{1 + number % 9}" for number in range(200)])
    recent = pa.array([f"{2015 + number % 10}-03-0{1 + number % 9}" for number in range(200)])
    dates = table("things", column("c7", pa.date32(), "date"))
    assert [one.kind for one in suspect(dates, {"c7": born})] == ["birth_date"]
    assert suspect(dates, {"c7": recent}) == []


def test_what_stands_inside_json_is_proposed_path_by_path() -> None:
    documents = pa.array(['{"theme":"dark","contact":{"email":"a@b.cc"},"tags":["x"]}', "broken"] * 10)
    (found,) = suspect(table("things", column("settings", native="jsonb")), {"settings": documents})
    assert found.mask.options == {"$.contact.email": "email"}
    assert bind(found.mask, column("settings", native="jsonb"))


@pytest.mark.parametrize("kind", CLASSES)
def test_every_proposal_is_a_mask_that_can_be_put_on_a_text(kind: str) -> None:
    from hotfixture.transforms.detect import proposal

    arrow = {"coordinates": pa.float64(), "salary": pa.float64()}.get(kind, pa.string())
    for nullable in (True, False):
        each = Column("value", arrow, nullable=nullable)
        assert bind_all({"value": proposal(kind, each)}, [each])
    assert kind in PROPOSALS


@pytest.mark.parametrize(
    ("name", "one"),
    [
        ("phone", Column("phone", pa.int64(), "bigint")),
        ("dob", Column("dob", pa.timestamp("us"), "timestamp")),
        ("ip", Column("ip", pa.string(), "inet")),
        ("password", Column("password", pa.binary(), "bytea", nullable=False)),
        ("salary", Column("salary", pa.decimal128(10, 2), "numeric(10,2)")),
        ("gender", Column("gender", pa.string(), "sex", choices=("f", "m"))),
        ("device_id", Column("device_id", pa.string(), "uuid")),
        ("card", Column("card_number", pa.int64(), "bigint")),
        ("birth_year", Column("birth_year", pa.int32(), "integer")),
    ],
)
def test_the_proposed_mask_fits_the_type(name: str, one: Column) -> None:
    (found,) = suspect(table("users", one))
    assert bind_all({one.name: found.mask}, [one])
