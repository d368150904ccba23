"""The invented person of a recording is the one of the database."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from tests.capture.sanitising.planted import KEY, sanitiser

from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.schema import Column
from hotfixture.transforms.masks import MaskSpec, Row, bind

POLICY = """
default: deny
rules:
  - {match: "PROD_*.public.customers.email", mask: email}
  - {match: "*.first_name", mask: first_name}
  - {match: "*.last_name", mask: {last_name: {domain: names}}}
  - {match: "*.customer_id", mask: permute}
  - {match: "*.city", mask: city}
  - {match: "*.nickname", mask: {user_name: {by: customer_id}}}
  - {match: "orders.label", keep: public}
  - {class: phone, mask: {keep_last: 2}}
  - {class: secret, mask: "null"}
"""
MASKS = {
    "email": "email", "first_name": "first_name", "last_name": {"last_name": {"domain": "names"}},
    "customer_id": "permute", "city": "city",
}  # fmt: skip


@pytest.fixture
def policed(tmp_path: Path) -> Sanitiser:
    """A sanitiser whose rules name a policy."""
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "rules.yaml").write_text("policy: policy.yaml\n")
    return Sanitiser(KEY, str(tmp_path / "rules.yaml"))


def masked(spec: object, value: object, **others: object) -> str:
    """What a database's column becomes under the same key."""
    arrow = pa.int64() if isinstance(value, int) else pa.string()
    mask = bind(MaskSpec.parse(spec), Column("column", arrow))
    texts = {name: pa.array([str(other)]) for name, other in others.items()}
    made = mask.apply(Row({"column": pa.array([str(value)]), **texts}, KEY))
    return str(made.to_pylist()[0])


@pytest.mark.parametrize("name", MASKS)
@pytest.mark.parametrize("value", ["anna@corp.com", "Anna", "Schmidt", "Berlin", 12847, "C-12847"])
def test_a_value_becomes_what_the_columns_mask_makes_of_it(policed: Sanitiser, name: str, value: object) -> None:
    if isinstance(value, int) and name != "customer_id":
        return
    for spelled in (name, name.replace("_", "-"), "".join(part.title() for part in name.split("_"))):
        made = policed.value({"answer": [{spelled: value}]})["answer"][0][spelled]
        assert str(made) == masked(MASKS[name], value)
        assert type(made) is type(value)


def test_masks_that_read_other_columns_read_the_other_members(policed: Sanitiser) -> None:
    made = policed.value({"customerId": 17, "nickname": "anni"})
    assert made["nickname"] == masked({"user_name": {"by": "customer_id"}}, "anni", customer_id=17)


def test_addresses_in_prose_and_urls_are_the_same_persons(policed: Sanitiser) -> None:
    wanted = masked("email", "anna@corp.com")
    assert policed.text("for anna@corp.com, please") == f"for {wanted}, please"
    assert wanted.replace("@", "%40") in policed.url("https://h/u/anna%40corp.com")


def test_classes_of_a_policy_hold_for_the_names_that_mean_them(policed: Sanitiser) -> None:
    assert policed.value({"phoneNumber": "030-901820"})["phoneNumber"] == masked({"keep_last": 2}, "030-901820")


def test_secrets_get_surrogates_though_the_policy_would_blank_them(policed: Sanitiser) -> None:
    made = policed.value({"password": "hunter2-hunter2"})["password"]
    assert made
    assert policed.is_surrogate(made)


def test_what_the_policy_keeps_is_kept(policed: Sanitiser) -> None:
    value = {"label": "blue", "note": "x"}
    assert policed.value(value) is value


def test_without_a_policy_the_masks_that_detection_proposes_are_used() -> None:
    made = sanitiser().value({"email": "anna@corp.com", "user": {"first_name": "Anna"}})
    assert made == {"email": masked("email", "anna@corp.com"), "user": {"first_name": masked("first_name", "Anna")}}
