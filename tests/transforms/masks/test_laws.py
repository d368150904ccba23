"""What every mask keeps, whatever it does."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotfixture.schema import Column
from hotfixture.transforms.masks import TABLE, MaskingKey, MaskSpec, Row, bind

KEY = MaskingKey(bytes(range(32)))
OTHER_KEY = MaskingKey(bytes(range(1, 33)))

TEXT = Column("value", pa.string(), "text")
INTEGER = Column("value", pa.int64(), "bigint")
DECIMAL = Column("value", pa.decimal128(12, 2), "numeric(12,2)")
DATE = Column("value", pa.date32(), "date")
JSON = Column("value", pa.string(), "jsonb")

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
integers = st.integers(-(1 << 63), (1 << 63) - 1).map(str)
decimals = st.decimals(-(10**9), 10**9, places=2, allow_nan=False).map(lambda number: f"{number:.2f}")
dates = st.dates().map(str)
documents = st.dictionaries(st.sampled_from(["email", "n", "p"]), texts | st.integers(0, 99)).map(
    lambda value: __import__("json").dumps(value, ensure_ascii=False)
)

CASES: list[tuple[Any, Column, st.SearchStrategy[str]]] = [
    (None, TEXT, texts),
    ({"fixed": "x"}, TEXT, texts),
    ("redact", TEXT, texts),
    ("redact", DATE, dates),
    ("hash", TEXT, texts),
    ("hash", INTEGER, integers),
    ({"hash": {"alphabet": "base32", "fold": True}}, TEXT, texts),
    ({"keep_first": 2}, TEXT, texts),
    ({"keep_last": 4}, TEXT, texts),
    ({"partial": {"first": 1, "last": 1, "keep": "@."}}, TEXT, texts),
    ("permute", TEXT, texts),
    ("permute", INTEGER, integers),
    ("permute", DECIMAL, decimals),
    ({"noise": 0.1}, DECIMAL, decimals),
    ({"noise": {"absolute": 5}}, INTEGER, integers),
    ({"bucket": 10}, DECIMAL, decimals),
    ({"bucket": "month"}, DATE, dates),
    ({"shift_dates": 30}, DATE, dates),
    ({"shift_dates": {"days": 30, "by": "other"}}, DATE, dates),
    ({"replace": {"pattern": "[0-9]", "with": "#"}}, TEXT, texts),
    ({"replace": {"pattern": r"\w+", "mask": "permute"}}, TEXT, texts),
    ({"json": {"$.email": "email", "$..p": "redact"}}, JSON, documents),
    ("scrub", TEXT, texts),
    ({"when": {"column": "other", "in": ["a"], "mask": "redact", "else": "permute"}}, TEXT, texts),
    ("email", TEXT, texts),
    ({"first_name": {"by": "other"}}, TEXT, texts),
    ("full_name", TEXT, texts),
    ("card", TEXT, texts),
    ({"first_name": {"max_length": 4}}, TEXT, texts),
]
IDS = [f"{spec}-{column.native}" for spec, column, _ in CASES]


def masked(
    spec: Any, column: Column, values: list[str | None], others: list[str | None], key: MaskingKey = KEY
) -> list[Any]:
    mask = bind(MaskSpec.parse(spec), column)
    row = Row({"value": pa.array(values, pa.string()), "other": pa.array(others, pa.string())}, key)
    made = mask.apply(row)
    assert made.type == pa.string()
    return list(made.to_pylist())


rows = st.lists(st.tuples(st.integers(0, 7), st.sampled_from([None, "", "a", "b"])), max_size=30)


def test_every_mask_is_tried_here() -> None:
    named = {str(next(iter(spec)) if isinstance(spec, dict) else spec or "null") for spec, _, _ in CASES}
    assert set(TABLE) <= named


@pytest.mark.parametrize(("spec", "column", "values"), CASES, ids=IDS)
@settings(max_examples=25)
@given(data=st.data(), shape=rows)
def test_equal_values_get_equal_masks_in_any_order_and_in_any_pieces(
    spec: Any, column: Column, values: st.SearchStrategy[str], data: st.DataObject, shape: Any
) -> None:
    pool = [None, "", *data.draw(st.lists(values, min_size=6, max_size=6))]
    table = [(pool[index], other) for index, other in shape]
    whole = masked(spec, column, [value for value, _ in table], [other for _, other in table])
    by_row = dict(zip(table, whole, strict=True))
    assert [by_row[row] for row in table] == whole
    cut = len(table) // 2
    parts = [*reversed(table[:cut])], table[cut:]
    for part in parts:
        assert masked(spec, column, [v for v, _ in part], [o for _, o in part]) == [by_row[row] for row in part]


@pytest.mark.parametrize(("spec", "column", "values"), CASES, ids=IDS)
@settings(max_examples=15)
@given(data=st.data())
def test_null_stays_null_and_empty_stays_empty(
    spec: Any, column: Column, values: st.SearchStrategy[str], data: st.DataObject
) -> None:
    value = data.draw(values.filter(bool))
    null, empty, full = masked(spec, column, [None, "", value], ["a", "a", "a"])
    assert null is None
    if spec is None:
        assert (empty, full) == (None, None)
    else:
        assert empty == ("x" if spec == {"fixed": "x"} else "")
        assert full is not None


KEYED = [
    case for case in CASES
    if not str(case[0]).startswith(("None", "{'fixed", "redact", "{'keep", "{'partial", "{'bucket", "scrub", "{'when"))
    and "with" not in str(case[0]) and "json" not in str(case[0])
]  # fmt: skip
SAMPLES = {
    "text": [f"Customer {number}" for number in range(40)],
    "bigint": [str(1_000_000 + number) for number in range(40)],
    "numeric(12,2)": [f"{1000 + number}.55" for number in range(40)],
    "date": [f"1990-01-{1 + number % 28:02}" for number in range(40)],
}


@pytest.mark.parametrize(
    ("spec", "column", "values"), KEYED, ids=[f"{spec}-{column.native}" for spec, column, _ in KEYED]
)
def test_another_key_gives_other_values(spec: Any, column: Column, values: object) -> None:
    sample = SAMPLES[column.native]
    one, other = (masked(spec, column, list(sample), list(sample), key) for key in (KEY, OTHER_KEY))
    assert one != other
    assert sum(a == b for a, b in zip(one, other, strict=True)) < len(sample) / 2 or "shift" in str(spec)


@pytest.mark.parametrize(
    ("spec", "column", "values"), KEYED, ids=[f"{spec}-{column.native}" for spec, column, _ in KEYED]
)
def test_a_key_gives_the_same_values_again(spec: Any, column: Column, values: object) -> None:
    sample = SAMPLES[column.native]
    assert masked(spec, column, list(sample), list(sample)) == masked(spec, column, list(sample), list(sample))


def test_many_equal_values_are_masked_as_few_are() -> None:
    """The road through the dictionary gives what the direct one gives."""
    values = [f"user{number % 7}@x.org" for number in range(5000)]
    for spec in ("email", "hash", "permute", "first_name", "scrub"):
        many = masked(spec, TEXT, list(values), list(values))
        assert many[:7] == masked(spec, TEXT, list(values[:7]), list(values[:7]))
        assert many == [many[number % 7] for number in range(5000)]


def test_two_domains_have_nothing_in_common() -> None:
    values = SAMPLES["text"]
    one, other = (masked({"hash": {"domain": domain}}, TEXT, list(values), list(values)) for domain in "ab")
    assert not set(one) & set(other)


def test_the_key_is_never_shown() -> None:
    key = MaskingKey(bytes.fromhex("ab" * 32))
    assert "ab" * 4 not in repr(key) + str(vars(type(key)).get("__dict__", ""))
    assert key.identifier in repr(key)
    assert MaskingKey(bytes.fromhex("ac" * 32)).identifier != key.identifier
