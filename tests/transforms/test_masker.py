"""The masking transform: what it touches, and how one row's masks agree."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pytest
from tests.transforms.shops import CUSTOMERS, KEY, PlainCodec

from hotfixture.errors import InputError
from hotfixture.schema import Column
from hotfixture.transforms.coherence import cohere
from hotfixture.transforms.decisions import bind_all
from hotfixture.transforms.masker import Masker
from hotfixture.transforms.masks import MaskSpec, resolve

NAMES = ["id", "email", "first_name", "last_name", "born", "notes"]
ROWS = [
    ["<1>", "<a@x.org>", "<Anna>", "<Smith>", "<1980-01-02>", "<Anna Smith wrote from a@x.org>"],
    ["<2>", "<b@x.org>", "<Bob>", None, None, "<>"],
    ["<3>", None, "<Anna>", "<Jones>", "<1990-05-06>", None],
]
MASKS = {"email": "email", "first_name": "first_name", "last_name": "last_name", "notes": "scrub"}


def batch(rows: list[list[str | None]] = ROWS, names: list[str] = NAMES) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(list(c), pa.string()) for c in zip(*rows, strict=True)], names=names)


def masker(masks: dict[str, Any] = MASKS, columns: tuple[Column, ...] = CUSTOMERS.columns, **options: Any) -> Masker:
    specs = cohere({name: resolve(MaskSpec.parse(spec)) for name, spec in masks.items()})
    return Masker(columns, bind_all(specs, columns), PlainCodec(), KEY, **options)


def test_columns_without_a_mask_are_the_same_buffers_as_before() -> None:
    before = batch()
    after = masker()(before)
    for name in ("id", "born"):
        assert after.column(name).buffers()[2].address == before.column(name).buffers()[2].address
    assert after.schema.names == NAMES


def test_first_name_last_name_and_email_of_a_row_describe_one_person() -> None:
    after = masker()(batch()).to_pylist()[0]
    local = after["email"][1:].partition("@")[0].lower()
    first, last = after["first_name"][1:-1].lower(), after["last_name"][1:-1].lower()
    assert first in local
    assert last in local


def test_the_same_email_is_the_same_person_whatever_else_the_row_says() -> None:
    other = [["<9>", "<a@x.org>", "<Annabelle>", "<Smythe>", None, None]]
    one, two = masker()(batch()).to_pylist()[0], masker()(batch(other)).to_pylist()[0]
    assert [one[name] for name in ("email", "first_name", "last_name")] == [
        two[name] for name in ("email", "first_name", "last_name")
    ]


def test_nulls_stay_and_a_row_without_email_is_masked_by_its_own_values() -> None:
    after = masker()(batch()).to_pylist()
    assert after[1]["last_name"] is None
    assert after[2]["email"] is None
    assert after[2]["first_name"] not in ("<Anna>", after[0]["first_name"])


def test_prose_names_the_same_person_as_the_columns_of_its_row() -> None:
    after = masker()(batch()).to_pylist()[0]
    person = " ".join(after[name][1:-1] for name in ("first_name", "last_name"))
    assert after["notes"] == f"<{person} wrote from {after['email'][1:-1]}>"


def test_neighbours_may_arrive_joined() -> None:
    joined = pa.RecordBatch.from_arrays(
        [pa.array(["<1>,<x>"]), pa.array(["<a@x.org>"])], names=["id\x1fstatus", "email"]
    )
    columns = (CUSTOMERS.column("id"), Column("status", pa.string()), CUSTOMERS.column("email"))
    after = masker({"email": "email"}, columns)(joined)
    assert after.column(0).to_pylist() == ["<1>,<x>"]
    assert after.column(1).to_pylist() != ["<a@x.org>"]


def test_what_masks_read_must_come_apart() -> None:
    mask = masker({"born": {"shift_dates": {"by": "id"}}, "email": "email"})
    assert mask.reads() == {"born", "id", "email"}


def test_a_mask_whose_column_is_not_exported_is_refused() -> None:
    columns = (CUSTOMERS.column("born"),)
    masks = bind_all({"born": MaskSpec("shift_dates", {"by": "id"})}, CUSTOMERS.columns) if columns else {}
    with pytest.raises(InputError, match="'id'"):
        Masker(columns, masks, PlainCodec(), KEY)


def test_originals_and_masked_values_are_observed() -> None:
    seen: dict[str, tuple[list[Any], list[Any]]] = {}
    mask = masker({"email": "email"}, observe=lambda name, a, b: seen.update({name: (a.to_pylist(), b.to_pylist())}))
    mask(batch())
    originals, masked = seen["email"]
    assert originals == ["a@x.org", "b@x.org", None]
    assert masked[2] is None
    assert not set(originals[:2]) & set(masked)


def test_threads_share_a_masker() -> None:
    mask = masker()
    expected = mask(batch())
    with ThreadPoolExecutor(4) as pool:
        assert all(result.equals(expected) for result in pool.map(lambda _: mask(batch()), range(20)))


def test_blanks_that_the_engine_fills_in_are_no_part_of_the_value() -> None:
    fixed = Column("code", pa.string(), "character(8)", length=8)
    plain = Column("code", pa.string(), "text")
    made = [
        masker({"code": "hash"}, (each,))(batch([[text]], ["code"])).to_pylist()[0]["code"]
        for each, text in ((fixed, "<ab      >"), (Column("code", pa.string(), "text", length=8), "<ab>"))
    ]
    assert made[0] == made[1]
    assert plain.length is None


def test_a_row_has_one_place() -> None:
    specs = cohere({name: resolve(MaskSpec(name)) for name in ("city", "postcode", "address_line")})
    assert specs["city"].options == specs["postcode"].options == {"by": "address_line", "domain": "place"}
    assert specs["address_line"].options == {"domain": "place"}


def test_each_of_two_people_in_a_row_follows_the_email_of_the_like_name() -> None:
    masks = {
        "billing_email": "email",
        "shipping_email": "email",
        "billing_name": "full_name",
        "shipping_name": "full_name",
    }
    specs = cohere({name: resolve(MaskSpec(mask)) for name, mask in masks.items()})
    assert specs["billing_name"].options["by"] == "billing_email"
    assert specs["shipping_name"].options["by"] == "shipping_email"


def test_what_names_its_own_column_is_left_alone() -> None:
    own = resolve(MaskSpec("first_name", {"by": "id"}))
    assert cohere({"email": resolve(MaskSpec("email")), "first_name": own})["first_name"] == own


def test_what_was_found_inside_prose_is_observed_too() -> None:
    seen: list[tuple[str, list[str], list[str]]] = []
    mask = masker({"notes": "scrub"}, found=lambda kind, a, b: seen.append((kind, a.to_pylist(), b.to_pylist())))
    after = mask(batch()).to_pylist()
    found = {kind: (originals, masked) for kind, originals, masked in seen}
    assert found["email"][0] == ["a@x.org"]
    assert found["email"][1][0] in after[0]["notes"]


@pytest.mark.parametrize(
    "email", ["email", {"email": {"by": "id"}}, {"email": {"domain": "people"}}, {"email": {"fold": True}}]
)
def test_names_follow_the_email_whatever_it_draws_from(email: Any) -> None:
    after = masker({**MASKS, "email": email})(
        batch([["<1>", "<A@X.org>", "<Anna>", "<Smith>", None, None]])
    ).to_pylist()[0]
    assert after["first_name"][1:-1].lower() in after["email"]
    assert after["last_name"][1:-1].lower() in after["email"]
