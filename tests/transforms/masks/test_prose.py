"""What identifies people in prose is replaced by what columns of such values get; everything else stays."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from hotfixture.schema import Column
from hotfixture.transforms.masks import MaskingKey, MaskSpec, Row, bind
from hotfixture.transforms.masks.prose import Scrub

KEY = MaskingKey(bytes(range(32)))
COLUMN = Column("note", pa.string(), "text")


def scrubbed(text: str, **options: Any) -> str:
    mask = bind(MaskSpec("scrub", options), COLUMN)
    return str(mask.apply(Row({"note": pa.array([text])}, KEY)).to_pylist()[0])


def column(spec: str, value: str) -> str:
    return str(bind(MaskSpec(spec), COLUMN).apply(Row({"note": pa.array([value])}, KEY)).to_pylist()[0])


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "anna.smith+shop@mail.example.co.uk"),
        ("email", "jürgen@müller.de"),
        ("email", "o'brien@example.com"),
        ("phone", "+49 30 1234567"),
        ("phone", "(555) 123-4567"),
        ("phone", "030/1234567"),
        ("phone", "+4915112345678"),
        ("phone", "555-123-4567"),
        ("card", "4111 1111 1111 1111"),
        ("card", "5500-0000-0000-0004"),
        ("card", "378282246310005"),
        ("iban", "DE89 3704 0044 0532 0130 00"),
        ("iban", "GB82WEST12345698765432"),
        ("ipv4", "203.0.113.77"),
        ("ipv6", "2001:db8:85a3::8a2e:370:7334"),
    ],
)
@pytest.mark.parametrize("frame", ["Call {} now.", "{}", "see:{},thanks", "<{}>", "Mail («{}»)"])
def test_a_find_becomes_what_the_column_mask_makes_of_it(kind: str, value: str, frame: str) -> None:
    assert scrubbed(frame.format(value)) == frame.format(column(kind, value))


@pytest.mark.parametrize(
    "text",
    [
        "Order 4711 shipped on 2024-10-15 at 14:30:05.",
        "Delivered 15.10.2024, invoice 2024-000123 over 1,234.50 EUR.",
        "Version 1.2.3 of a-b-c, ratio 16:9, @home",
        "Total 12.345.678 units, part no 12345678",
        "Ticket 170000000, see RFC 2119",
        "",
    ],
)
def test_what_identifies_nobody_stays(text: str) -> None:
    assert scrubbed(text) == text


def test_a_card_is_the_same_card_however_it_is_written() -> None:
    assert scrubbed("4111-1111-1111-1111") == scrubbed("4111 1111 1111 1111") == column("card", "4111111111111111")


def test_a_kind_may_be_kept_or_get_a_mask_of_its_own() -> None:
    assert scrubbed("a@b.cc 203.0.113.7", email={"fixed": "x"}, ipv4="keep") == "x 203.0.113.7"


def test_names_of_the_row_become_what_their_columns_mask_made_of_them() -> None:
    mask = bind(MaskSpec("scrub", {"names": ["name"]}), COLUMN)
    assert isinstance(mask, Scrub)
    row = Row(
        {
            "note": pa.array(["Ms Smith called; ANNA SMITH is angry. Smithson is fine.", "Li and Bo", None]),
            "name": pa.array(["Anna Smith", None, "Eve"]),
        },
        KEY,
        lambda name, _: pa.array(["Carla Jones", None, "Ada"]),
    )
    assert mask.apply(row).to_pylist() == [
        "Ms Jones called; Carla Jones is angry. Smithson is fine.",
        "Li and Bo",
        None,
    ]
