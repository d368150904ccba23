"""Money."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.generators.agreement import agreed

from hotfixture import generators
from hotfixture.errors import OptionError, UnknownNameError
from hotfixture.generators.finance import BRANDS, IBANS, is_iban, is_luhn, luhn_digit, minor_digits


def luhn_as_the_standard_says(digits):
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value // 10 + value % 10
    return total % 10 == 0


@settings(deadline=None)
@given(st.integers(0, 10**16 - 1))
def test_the_check_digit_is_the_one_that_makes_the_standard_s_sum_a_multiple_of_ten(number):
    assert luhn_as_the_standard_says(f"{number}{luhn_digit(number)}")


@pytest.mark.parametrize("number", ["4242424242424242", "378282246310005", "6011111111111117", "30569309025904"])
def test_numbers_that_providers_publish_pass_the_check(number):
    assert is_luhn(number)
    assert not is_luhn(number[:-1] + str((int(number[-1]) + 1) % 10))


@pytest.mark.parametrize("brand", BRANDS)
def test_cards_have_length_and_test_prefix_of_their_brand_and_a_right_check_digit(brand):
    length, prefixes = BRANDS[brand]
    found = agreed("card", count=2_000, brand=brand)
    assert {len(number) for number in found} == {length}
    assert {int(number[:6]) for number in found} == set(prefixes)
    assert all(map(luhn_as_the_standard_says, found))
    assert len(set(found)) > 1_990


def test_an_unknown_brand_is_refused_with_the_known_ones():
    with pytest.raises(OptionError, match="mastercard"):
        generators.generate("card", brand="vida")


# One example for each country, as the ISO 13616 registry or the country's bank association prints it.
EXAMPLES = [
    "AD1200012030200359100100", "AE070331234567890123456", "AT611904300234573201", "BE68539007547034",
    "BG80BNBG96611020345678", "BR1800360305000010009795493C1", "CH9300762011623852957", "CY17002001280000001200527600",
    "CZ6508000000192000145399", "DE89370400440532013000", "DK5000400440116243", "EE382200221020145685",
    "ES9121000418450200051332", "FI2112345600000785", "FR1420041010050500013M02606", "GB29NWBK60161331926819",
    "GR1601101250000000012300695", "HR1210010051863000160", "HU42117730161111101800000000", "IE29AIBK93115212345678",
    "IL620108000000099999999", "IS140159260076545510730339", "IT60X0542811101000000123456", "LI21088100002324013AA",
    "LT121000011101001000", "LU280019400644750000", "LV80BANK0000435195001", "MC5811222000010123456789030",
    "MT84MALT011000012345MTLCAST001S", "NL91ABNA0417164300", "NO9386011117947", "PL61109010140000071219812874",
    "PT50000201231234567890154", "RO49AAAA1B31007593840000", "RS35260005601001611379",
    "RU0304452522540817810538091310419", "SA0380000000608010167519", "SE4550000000058398257466", "SI56263300012039086",
    "SK3112000000198742637541", "SM86U0322509800000000270100", "TR330006100519786457841326",
    "UA213223130000026007233566001", "VA59001123000012345678",
    "AL47212110090000000235698741", "AZ21NABZ00000000137010001944", "BA391290079401028494", "BH67BMAG00001299123456",
    "BI4210000100010000332045181", "BY13NBRB3600900000002Z00AB00", "CR05015202001026284066",
    "DJ2100010000000154000100186", "DO28BAGR00000001212453611324", "EG380019000500000000263180002",
    "FK88SC123456789012", "FO6264600001631634", "GE29NB0000000101904917", "GI75NWBK000000007099453",
    "GL8964710001000206", "GT82TRAJ01020000001210029690", "IQ98NBIQ850123456789012", "JO94CBJO0010000000000131000302",
    "KW81CBKU0000000000001234560101", "KZ86125KZT5004100100", "LB62099900000001001901229114",
    "LY83002048000020100120361", "MD24AG000225100013104168", "ME25505000012345678951", "MK07250120000058984",
    "MN121234123456789123", "MR1300020001010000123456753", "MU17BOMM0101101030300200000MUR",
    "NI45BAPR00000013000003558124", "OM810180000001299123456", "PK36SCBL0000001123456702",
    "PS92PALS000000000400123456702", "QA58DOHB00001234567890ABCDEFG", "SC18SSCB11010000000000001497USD",
    "SD2129010501234001", "SO211000001001000100141", "ST23000100010051845310146", "SV62CENR00000000000000700025",
    "TL380080012345678910157", "TN5910006035183598478831", "VG96VPVG0000012345678901",
    "YE15CBYE0001018861234567891234",
]  # fmt: skip


def test_every_country_has_an_example():
    assert {example[:2] for example in EXAMPLES} == set(IBANS)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_check_accepts_the_example_of_the_registry_and_no_other_check_digits(example):
    assert is_iban(example)
    assert not is_iban(f"{example[:2]}{(int(example[2:4]) + 1) % 100:02d}{example[4:]}")
    assert not is_iban(example + "0")


@pytest.mark.parametrize("country", IBANS)
def test_ibans_have_the_length_and_the_check_digits_of_their_country(country):
    example = next(text for text in EXAMPLES if text[:2] == country)
    found = agreed("iban", count=300, country=country)
    for text in found:
        assert len(text) == len(example)
        rearranged = text[4:] + text[:4]
        assert int("".join(str(int(char, 36)) for char in rearranged)) % 97 == 1
        assert 2 <= int(text[2:4]) <= 98
    assert len(set(found)) == 300


def test_letters_stand_where_the_registry_wants_letters():
    for text in agreed("iban", count=50, country="GB"):
        assert text[4:8].isalpha()
        assert text[8:].isdigit()
    for text in agreed("iban", count=50, country="IT"):
        assert text[4].isalpha()
        assert text[5:].isdigit()


def test_the_country_may_be_written_small_and_a_country_without_ibans_is_refused():
    assert agreed("iban", country="fr")[0].startswith("FR")
    with pytest.raises(OptionError, match="country=JP"):
        generators.generate("iban", country="JP")


@pytest.mark.parametrize("digits", [4, 10, 18])
def test_accounts_have_their_digits_and_leading_zeros(digits):
    found = agreed("account", count=1_000, digits=digits)
    assert {len(text) for text in found} == {digits}
    assert any(text.startswith("0") for text in found)


@pytest.mark.parametrize(("currency", "places"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("brl", 2)])
def test_amounts_have_the_decimal_places_of_their_currency(currency, places):
    found = agreed("amount", currency=currency, low=10, high=20)
    assert {value.as_tuple().exponent for value in found} == {-places}


def test_an_unknown_currency_is_refused_and_the_nearest_suggested():
    with pytest.raises(UnknownNameError, match="EUR"):
        generators.generate("amount", currency="EURO")


def test_all_currencies_in_use_come_and_no_metal_fund_or_test_code():
    counts = Counter(agreed("currency", count=20_000))
    assert set(counts) == set(minor_digits())
    assert {"USD", "EUR", "JPY", "RUB", "BRL"} < set(counts)
    assert not {"XXX", "XTS", "XAU", "CHE", "USN"} & set(counts)


def test_percentages_lie_between_0_and_100_unless_asked_otherwise():
    assert all(0 <= value <= 100 for value in agreed("percent", count=500))
    assert set(agreed("percent", low="-0.5", high="0.5", scale=0)) == {Decimal(0)}
