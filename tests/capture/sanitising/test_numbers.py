"""Numbers of people are told by form and check digit."""

from __future__ import annotations

import pytest

from hotfixture.capture.sanitising.numbers import emails, numbers

FOUND = (
    ("4111 1111 1111 1111", "card"), ("5555555555554444", "card"), ("378282246310005", "card"),
    ("GB29 NWBK 6016 1331 9268 19", "iban"), ("DE89370400440532013000", "iban"), ("078-05-1120", "national_id"),
    ("529.982.247-25", "national_id"), ("12345678Z", "national_id"), ("RSSMRA85T10A562S", "national_id"),
    ("+49 30 12345678", "phone"), ("(415) 555-2671", "phone"), ("415-555-2671", "phone"),
)  # fmt: skip
KEPT = (
    "4111 1111 1111 1112", "1234567890123456", "GB29 NWBK 6016 1331 9268 18", "2026-11-21 16:02:12", "1795277700123",
    "000-12-3456", "123456789012", "550e8400-e29b-41d4-a716-446655440000", "529.982.247-24", "12345678A", "1.234.567",
    "2024-000123", "order_4111111111111111_x",
)  # fmt: skip


@pytest.mark.parametrize(("text", "kind"), FOUND)
def test_a_number_of_somebody_is_found_in_prose(text: str, kind: str) -> None:
    assert [(one.kind, one.value) for one in numbers(f"it was {text}, they said")] == [(kind, text)]


@pytest.mark.parametrize("text", KEPT)
def test_a_number_that_only_looks_like_it_is_none(text: str) -> None:
    assert not list(numbers(f"it was {text}, they said"))


def test_mail_addresses_are_found() -> None:
    assert [one.value for one in emails("write to anna.b+c@corp.co.uk or not@all")] == ["anna.b+c@corp.co.uk"]
