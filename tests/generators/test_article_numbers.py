"""Numbers of articles, books and journals."""

from __future__ import annotations

import pytest
from tests.generators.agreement import agreed

from hotfixture.generators.article_numbers import SYMBOLOGIES, gs1_digit, is_gs1, is_modulo_11

PRINTED = ["4006381333931", "036000291452", "96385074", "9780306406157", "10614141000415"]


@pytest.mark.parametrize("number", PRINTED)
def test_check_digits_are_those_of_printed_numbers(number):
    assert is_gs1(number)
    assert gs1_digit(int(number[:-1]), len(number) - 1) == int(number[-1])
    assert not is_gs1(number[:-1] + str((int(number[-1]) + 1) % 10))
    assert not is_gs1(number[:-1] + "X")


@pytest.mark.parametrize("number", ["0306406152", "080442957X", "03785955", "2434561X"])
def test_numbers_of_books_and_journals_are_checked_modulo_11(number):
    assert is_modulo_11(number)
    wrong = "0" if number[-1] != "0" else "1"
    assert not is_modulo_11(number[:-1] + wrong)
    assert not is_modulo_11(number[:-1] + "x")


@pytest.mark.parametrize("symbology", [name for name in SYMBOLOGIES if name != "isbn13"])
def test_no_shop_but_the_users_own_has_these_numbers(symbology):
    """GS1 gives prefixes 2 and, in a UPC, 4 to nobody."""
    for number in agreed(f"commerce.{symbology}", count=300):
        inner = number[1:] if symbology == "gtin14" else number
        assert inner[0] == ("4" if symbology == "upc_a" else "2")


def test_books_have_numbers_that_no_publisher_gets():
    old, new = agreed("commerce.isbn10", count=400), agreed("commerce.isbn13", count=400)
    assert {number[:2] for number in old} == {number[3:5] for number in new} == {"66", "67", "68", "69"}
    assert {number[-1] for number in old} == set("0123456789X")


def test_a_barcode_is_the_number_of_its_kind():
    assert agreed("commerce.barcode", symbology="ean8")[0][0] == "2"
    assert len(agreed("commerce.barcode", symbology="gtin14")[0]) == 14
