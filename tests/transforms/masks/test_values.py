"""What single masks make of single values, and what they refuse."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.errors import CapacityError, InputError, RefusedError, Where
from hotfixture.schema import Column
from hotfixture.transforms.masks import MaskingKey, MaskSpec, Row, bind, mask_values

KEY = MaskingKey(bytes(range(32)))
TEXT = Column("value", pa.string(), "text")


def masked(spec: Any, values: list[str | None], column: Column = TEXT, **others: list[str | None]) -> list[Any]:
    mask = bind(MaskSpec.parse(spec), column)
    columns = {"value": values, **others}
    return list(
        mask.apply(Row({name: pa.array(given, pa.string()) for name, given in columns.items()}, KEY)).to_pylist()
    )


@pytest.mark.parametrize(
    ("spec", "value", "result"),
    [
        ("redact", "Anna é", "******"),
        ({"redact": 3}, "Anna", "***"),
        ({"keep_last": 4}, "4111111111111111", "************1111"),
        ({"keep_last": 4}, "1111", "****"),
        ({"keep_first": 2}, "日本語", "日本*"),
        ({"partial": {"first": 1, "last": 2, "keep": "@."}}, "anna@mail.com", "a***@****.*om"),
        ({"partial": {"keep": "-]^"}}, "a-b]c^d", "*-*]*^*"),
        ({"replace": {"pattern": r"(\d)\d+", "with": r"\1#"}}, "no 123", "no 1#"),
        ({"bucket": 10}, "-3", "-10"),
        ({"bucket": 0.5}, "1.7", "1.5"),
        ({"bucket": [0, 18, 65]}, "17.9", "0"),
        ({"bucket": [0, 18, 65]}, "99", "65"),
        ({"bucket": "quarter"}, "2024-08-15", "2024-07-01"),
    ],
)
def test_a_value_becomes(spec: Any, value: str, result: str) -> None:
    assert masked(spec, [value]) == [result]


@pytest.mark.parametrize(
    ("column", "result"),
    [
        (Column("value", pa.int32(), "integer"), "0"),
        (Column("value", pa.bool_(), "boolean"), "0"),
        (Column("value", pa.string(), "uuid"), "00000000-0000-0000-0000-000000000000"),
        (Column("value", pa.string(), "mood", choices=("ok", "sad")), "ok"),
        (Column("value", pa.string(), "jsonb"), "{}"),
        (Column("value", pa.string(), "text[]"), "{}"),
    ],
)
def test_redacting_a_type_gives_its_neutral_value(column: Column, result: str) -> None:
    assert masked("redact", ["1", None], column) == [result, None]


@given(st.lists(st.dates(date(100, 1, 1), date(9900, 1, 1)), min_size=2, max_size=20))
def test_dates_of_one_entity_keep_their_intervals(dates: list[date]) -> None:
    texts = [f"{day} 12:34:56.789+02" for day in dates]
    column = Column("value", pa.timestamp("us", "UTC"), "timestamptz")
    made = masked({"shift_dates": {"days": 30, "by": "id"}}, texts, column, id=["7"] * len(texts))
    moved = [date.fromisoformat(text[:10]) for text in made]
    shifts = {(after - before).days for before, after in zip(dates, moved, strict=True)}
    assert len(shifts) == 1
    assert 1 <= abs(shifts.pop()) <= 30
    assert all(text.endswith(" 12:34:56.789+02") for text in made)


def test_entities_move_by_different_days_and_by_the_same_in_every_column() -> None:
    ids = [str(number) for number in range(50)]
    made = masked({"shift_dates": {"by": "id"}}, ["2024-06-15"] * 50, id=ids)
    assert len(set(made)) > 20
    assert "2024-06-15" not in made


def test_special_dates_stay_and_no_dates_are_refused() -> None:
    assert masked({"shift_dates": 9}, ["infinity", "0000-00-00"]) == ["infinity", "0000-00-00"]
    for strange in ("15/10/2024", "2024-02-30", "0044-03-15 BC", "2025-00-15"):
        if strange.endswith("BC"):
            continue
        with pytest.raises(RefusedError, match="no dates"):
            masked({"shift_dates": 9}, [strange])


@given(st.lists(st.decimals(-(10**6), 10**6, places=2), max_size=20))
def test_noise_stays_within_its_share_and_keeps_sign_and_decimals(numbers: list[Any]) -> None:
    made = masked({"noise": 0.1}, [f"{number:.2f}" for number in numbers], Column("value", pa.decimal128(9, 2)))
    for before, after in zip(numbers, made, strict=True):
        assert abs(float(after) - float(before)) <= abs(float(before)) * 0.1 + 0.01
        assert len(after.partition(".")[2]) == 2
        assert float(after) * float(before) >= 0


def test_the_same_question_gets_the_same_noise_so_that_asking_often_tells_nothing() -> None:
    assert len(set(masked({"noise": 0.2}, ["1234.5"] * 20))) == 1


def test_text_where_numbers_are_meant_is_refused() -> None:
    with pytest.raises(RefusedError, match="no numbers"):
        masked({"noise": 0.1}, ["a lot"])


def test_a_condition_masks_its_members_and_what_has_none() -> None:
    spec = {"when": {"column": "kind", "in": ["private", True], "mask": {"fixed": "x"}}}
    assert masked(spec, ["a", "b", "c", "d"], kind=["private", "public", None, "1"]) == ["x", "b", "x", "x"]


def test_a_keyed_value_follows_by_and_falls_back_to_itself() -> None:
    one, two, alone, empty = masked({"first_name": {"by": "id"}}, ["A", "B", "A", "A"], id=["1", "1", None, ""])
    assert one == two
    assert alone == empty


def test_a_value_that_does_not_fit_is_refused_and_max_length_makes_it_fit() -> None:
    short = Column("value", pa.string(), "varchar(6)", length=6)
    values: list[str | None] = [f"v{number}" for number in range(200)]
    with pytest.raises(CapacityError, match="holds 6 characters"):
        masked("first_name", values, short)
    assert all(len(text) <= 6 for text in masked({"first_name": {"max_length": 6}}, values, short))


def test_prose_that_grows_is_cut_and_a_document_that_grows_is_refused() -> None:
    short = Column("value", pa.string(), "varchar(16)", length=16)
    assert len(masked("scrub", ["mail a@b.cc now!"], short)[0]) == 16
    with pytest.raises(CapacityError):
        masked({"json": {"$.e": "email"}}, ['{"e":"a@b.cc"}'], short)


def test_a_bound_that_no_value_meets_is_said() -> None:
    with pytest.raises(InputError, match="at most 3"):
        masked({"card": {"max_length": 3}}, ["x"])


def test_a_hash_fits_the_column() -> None:
    assert len(masked("hash", ["x"], Column("value", pa.string(), "varchar(9)", length=9))[0]) == 9
    number = int(masked("hash", ["123456"], Column("value", pa.int16(), "smallint"))[0])
    assert 0 <= number < 1 << 15


@pytest.mark.parametrize(
    ("spec", "column", "says"),
    [
        ("emial", TEXT, "unknown mask 'emial'"),
        ({"email": {"local": "x"}}, TEXT, "unknown option"),
        ({"keep_last": 0}, TEXT, "count=0"),
        ({"email": 4}, TEXT, "no main option"),
        (["email", "redact"], TEXT, "one name"),
        ("fixed", TEXT, "needs one value"),
        ("noise", TEXT, "'relative' and 'absolute'"),
        ({"bucket": "x"}, TEXT, "'width'"),
        ({"replace": {"pattern": "("}}, TEXT, "needs 'pattern'"),
        ({"replace": {"pattern": "(", "with": ""}}, TEXT, "not valid"),
        ("email", Column("value", pa.int64(), "bigint"), "gives text values"),
        ("keep", TEXT, "a decision"),
        ("sequence", TEXT, "numbers rows"),
        ("person", TEXT, "records"),
        ("shift_dates", Column("value", pa.int64(), "bigint"), "moves dates"),
        ("redact", Column("value", pa.string(), "point"), "no neutral value"),
    ],
)
def test_a_mask_that_makes_no_sense_is_refused_with_its_place(spec: Any, column: Column, says: str) -> None:
    with pytest.raises(InputError, match=says) as refused:
        bind(MaskSpec.parse(spec, Where("policy.yaml", 3, 7)), column)
    assert "policy.yaml:3:7" in str(refused.value)


def test_a_mask_says_which_column_it_misses() -> None:
    with pytest.raises(InputError, match="'customer_id'"):
        bind(MaskSpec("email", {"by": "customer_id"}), TEXT, columns=("id", "value"))


def test_a_mask_applies_outside_any_table() -> None:
    assert mask_values({"fixed": "x"}, pa.array(["a"]), KEY).to_pylist() == ["x"]


def test_noise_never_overflows_the_precision() -> None:
    column = Column("value", pa.decimal128(4, 2), "numeric(4,2)")
    assert all(abs(float(text)) <= 99.99 for text in masked({"noise": 0.9}, ["99.99", "-99.98", "99.5"] * 9, column))


def test_a_truth_value_in_a_condition_means_every_spelling_of_it() -> None:
    spec = {"when": {"column": "kind", "in": [True], "mask": {"fixed": "x"}}}
    assert masked(spec, ["a", "b", "c", "d"], kind=["t", "true", "1", "f"]) == ["x", "x", "x", "d"]


GOLDEN = {
    "permute": ("Anna Smith 42", "Toif Bella 08"),
    "hash": ("Anna Smith 42", "ef80f502be38c0e5"),
    "shift_dates": ("2024-10-15 14:30:00", "2024-10-19 14:30:00"),
    "noise": ("1234.50", "1652.58"),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_key_gives_the_same_values_in_every_release(name: str) -> None:
    """Changing one of these breaks every fixture that somebody joins to an older one."""
    value, expected = GOLDEN[name]
    assert masked({"noise": 0.5} if name == "noise" else name, [value]) == [expected]
