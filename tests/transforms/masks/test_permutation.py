"""Format-preserving permutation: bijective, of the same form."""

from __future__ import annotations

from decimal import Decimal
from unicodedata import ucd_3_2_0

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.schema import Column
from hotfixture.transforms.masks import MaskingKey, MaskSpec, Row, bind
from hotfixture.transforms.patterns import luhn

category = ucd_3_2_0.category
KEY = MaskingKey(bytes(range(32)))


def permuted(values: list[str], column: Column | None = None, **options: object) -> list[str]:
    column = column or Column("value", pa.string(), "text")
    mask = bind(MaskSpec("permute", options), column)
    return list(mask.apply(Row({"value": pa.array(values, pa.string())}, KEY)).to_pylist())


def test_all_texts_of_a_small_shape_are_permuted_among_themselves() -> None:
    everything = [f"{letter}{number}-{other}" for letter in "AQZ" for number in range(10) for other in "xyz"]
    whole = [f"{chr(65 + a)}{n}" for a in range(26) for n in range(10)]
    assert sorted(permuted(whole)) == sorted(whole)
    assert len(set(permuted(everything))) == len(everything)


@given(st.lists(st.text(alphabet="aZé9 日-Ж0", min_size=1, max_size=60), unique=True, max_size=60))
def test_distinct_texts_stay_distinct_and_keep_their_form(values: list[str]) -> None:
    made = permuted(values)
    assert len(set(made)) == len(values)
    for before, after in zip(values, made, strict=True):
        assert [category(c) for c in before] == [category(c) for c in after]
        assert [c for c in before if not c.isalnum()] == [c for c in after if not c.isalnum()]


@given(st.sets(st.integers(-(1 << 31), (1 << 31) - 1), max_size=60))
def test_distinct_integers_stay_distinct_and_in_the_range_of_every_type_that_held_them(numbers: set[int]) -> None:
    values = [str(number) for number in sorted(numbers)]
    made = [int(text) for text in permuted(values, Column("value", pa.int32(), "integer"))]
    assert len(set(made)) == len(values)
    for before, after in zip(sorted(numbers), made, strict=True):
        assert len(str(abs(before))) in (len(str(abs(after))), len(str(abs(after))) + 1, len(str(abs(after))) - 1)
        for bits in (7, 15, 31):
            assert (-(1 << bits) <= before < 1 << bits) == (-(1 << bits) <= after < 1 << bits)


def test_a_small_integer_type_is_a_bijection_onto_itself() -> None:
    everything = [str(number) for number in range(-(1 << 15), 1 << 15)]
    made = permuted(everything, Column("value", pa.int16(), "smallint"))
    assert sorted(map(int, made)) == sorted(map(int, everything))
    assert made != everything


def test_an_integer_is_masked_alike_in_columns_of_any_width() -> None:
    values = ["7", "99", "12345"]
    assert permuted(values, Column("value", pa.int32())) == permuted(values, Column("value", pa.uint64()))


@given(st.lists(st.decimals(-(10**6), 10**6, places=3), unique=True, max_size=50))
def test_distinct_decimals_stay_distinct_as_numbers(numbers: list[Decimal]) -> None:
    made = permuted([f"{number:f}" for number in numbers], Column("value", pa.decimal128(12, 3), "numeric(12,3)"))
    assert len({Decimal(text) for text in made}) == len(set(numbers))


@given(st.lists(st.from_regex(r"[0-9]{4} [0-9]{4} [0-9]{4} [0-9]{3,4}", fullmatch=True), unique=True, max_size=50))
def test_a_luhn_number_stays_as_valid_as_it_was(cards: list[str]) -> None:
    made = permuted(cards, luhn=True)
    assert len(set(made)) == len(cards)
    for before, after in zip(cards, made, strict=True):
        if len(set(before)) > 2 < len(set(after)):
            assert luhn(before) == luhn(after)


@given(st.uuids())
def test_a_uuid_keeps_version_and_variant(value: object) -> None:
    (made,) = permuted([str(value)], Column("value", pa.string(), "uuid"))
    assert (made[14], made[19]) == (str(value)[14], str(value)[19])
    assert [len(part) for part in made.split("-")] == [8, 4, 4, 4, 12]
    assert made != str(value)


def test_what_shall_stay_stays() -> None:
    (made,) = permuted(["4111222233334444"], keep_first=6, keep_last=4)
    assert made[:6] + made[-4:] == "4111224444"
    assert made != "4111222233334444"


def test_case_alone_makes_no_other_person() -> None:
    lower, upper = permuted(["anna-smith", "ANNA-SMITH"])
    assert lower.upper() == upper


@given(st.lists(st.binary(min_size=16, max_size=16), unique=True, max_size=20))
def test_binary_keys_keep_their_length_and_stay_distinct(values: list[bytes]) -> None:
    mask = bind(MaskSpec("permute"), Column("value", pa.binary(), "binary(16)"))
    made = mask.apply(Row({"value": pa.array(values, pa.binary())}, KEY)).to_pylist()
    assert len(set(made)) == len(values)
    assert all(len(value) == 16 for value in made)


def test_a_text_in_a_column_of_numbers_is_masked_as_one() -> None:
    """SQLite lets it in."""
    for arrow in (pa.int64(), pa.decimal128(10, 2), pa.float64()):
        (text, number, nothing) = permuted(["anna smith", "12.50", "NaN"], Column("value", arrow))
        assert text != "anna smith"
        assert float(number) > 0
        assert len(nothing) == 3
