"""What becomes of each column: masks follow it, who decided is said, what looks sensitive and passes is warned of."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.plans.market import CUSTOMERS, KEY, MASKS, market, template

import hotfixture
from hotfixture.errors import InputError
from hotfixture.plans.plan import Plan


def planned(folder: Path, exports: str, **masks: str) -> Plan:
    path = template(folder, exports, masks={name.replace("__", "."): mask for name, mask in masks.items()})
    return hotfixture.plan(path, providers={"SHOP": market(folder)}, key=KEY)  # type: ignore[no-any-return]  # imported on use


def columns(made: Plan, table: str) -> dict[str, str]:
    return {c.column.name: c.shown for _, _, rows in made if rows.table.name.name == table for c in rows.columns}


def test_a_column_under_another_name_keeps_its_mask(tmp_path: Path) -> None:
    query = '  people: {provider: SHOP, query: "SELECT c.id, c.email AS contact, c.status FROM customers AS c"}\n'
    assert columns(planned(tmp_path, query, customers__email="email"), "people") == {
        "id": "", "contact": "internet.email", "status": "",
    }  # fmt: skip


@pytest.mark.parametrize("query", ["SELECT id, id FROM customers", "SELECT a.id, b.id FROM customers a, orders b"])
def test_two_columns_of_one_name_are_refused(tmp_path: Path, query: str) -> None:
    with pytest.raises(InputError, match="called 'id'"):
        planned(tmp_path, f'  q: {{provider: SHOP, query: "{query}"}}\n')


def test_who_decided_is_said_of_every_masked_column(tmp_path: Path) -> None:
    path = template(tmp_path, CUSTOMERS, masks=MASKS)
    (tmp_path / "policy.yaml").write_text("default: pass\nrules: [{match: '*.settings', mask: redact}]\n")
    made = hotfixture.plan(path, providers={"SHOP": market(tmp_path)}, key=KEY, policy=tmp_path / "policy.yaml")
    why = {c.column.name: c.why for _, _, rows in made for c in rows.columns if c.mask}
    assert why["email"] == "template"
    assert "policy.yaml:2:" in why["settings"]


def test_a_suspected_column_is_warned_of_until_somebody_decides(tmp_path: Path) -> None:
    def warned(**masks: str) -> bool:
        return any("customers.phone" in warning for warning in planned(tmp_path / "x", CUSTOMERS, **masks).warnings)

    (tmp_path / "x").mkdir()
    assert warned()
    (tmp_path / "x" / "market.db").unlink()
    assert not warned(customers__phone="keep")
    (tmp_path / "x" / "market.db").unlink()
    assert not warned(customers__phone="phone")


def test_exports_of_the_same_columns_share_a_table(tmp_path: Path) -> None:
    more = "  again: {provider: SHOP, table: customers, query: SELECT * FROM customers WHERE id < 3}\n"
    assert len(list(planned(tmp_path, CUSTOMERS + more))) == 4
