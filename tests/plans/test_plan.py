"""A finished plan shows all that will happen, in text and in JSON, and no secret."""

from __future__ import annotations

import json
from pathlib import Path

from tests.plans.market import CUSTOMERS, KEY, SCHEMA, market, template

import hotfixture
from hotfixture.plans.plan import Plan


def planned(folder: Path, exports: str = SCHEMA + CUSTOMERS, **given: object) -> Plan:
    parameters = given.pop("parameters", {})
    path = template(folder, exports, **given)  # type: ignore[arg-type]  # as given
    return hotfixture.plan(path, providers={"SHOP": market(folder)}, parameters=parameters, key=KEY)  # type: ignore[no-any-return,arg-type]  # imported on use


def test_a_plan_is_json_whatever_its_parameters(tmp_path: Path) -> None:
    from hotfixture.cli.output import json_text

    query = '"SELECT id FROM orders WHERE placed < ${p.end} AND placed > ${t} AND total > ${d} AND id IN (${l})"'
    made = planned(
        tmp_path,
        f"  q: {{provider: SHOP, query: {query}}}\n",
        rest="parameters: {p: date_range, t: timestamp, d: decimal, l: 'list[integer]'}\n",
        parameters={"p": "2024-01-01..2024-12-31", "t": "2024-01-01 10:00:00", "d": "1.50", "l": "11,13"},
        masks={},
    )
    plain = json.loads(json_text(made.plain()))
    assert plain["parameters"]["d"] == "1.50"
    assert plain["parameters"]["l"] == [11, 13]
    assert plain["exports"][0]["tables"][0]["rows"] == 1


def test_a_plan_of_a_slice_tells_roots_children_parents_and_masks(tmp_path: Path) -> None:
    (schema, customers) = planned(tmp_path).plain()["exports"]
    assert (schema["type"], schema["option"]) == ("ddl", "if-not-exists")
    assert customers["roots"] == [{"table": "customers", "where": "id = 1", "limit": None}]
    assert "lines(order_id) → orders(id)" in [child["via"] for child in customers["children"]]
    assert "customers(best_order) → orders(id)" in customers["parents"]
    assert set(customers["load_order"]) == {"customers", "orders", "lines"}
    columns = {c["name"]: c["mask"] for t in customers["tables"] if t["table"] == "customers" for c in t["columns"]}
    assert columns["email"]
    assert columns["status"] is None


def test_a_plan_s_key_is_named_and_never_shown(tmp_path: Path) -> None:
    made = planned(tmp_path)
    text = repr(made) + json.dumps(made.plain(), default=str)
    assert KEY.hex() not in text
    assert made.key
    assert hotfixture.plan(  # type: ignore[attr-defined]  # imported on use
        tmp_path / "incident.yaml", providers={"SHOP": f"sqlite:///{tmp_path / 'market.db'}"}, key=bytes(range(1, 33))
    ).key != made.key  # fmt: skip


def test_every_table_of_rows_is_met_once_with_its_export_and_provider(tmp_path: Path) -> None:
    met = [(export, provider, str(rows.table.name)) for export, provider, rows in planned(tmp_path)]
    assert sorted(met) == [("customers", "SHOP", name) for name in ("customers", "lines", "orders")]


def test_a_plan_tells_what_is_sampled_and_how(tmp_path: Path) -> None:
    query = '  q: {provider: SHOP, query: "SELECT id FROM orders", formats: {csv: {spreadsheet: true}}}\n'
    asked = planned(tmp_path, CUSTOMERS + query, parameters={"sample_rate": "0.25"})
    subset, single = asked.plain()["exports"]
    assert subset["roots"][0]["sample_rate"] == single["sample_rate"] == 0.25
    assert single["formats"] == {"csv": {"spreadsheet": True}}
    (tmp_path / "whole").mkdir()
    whole = planned(tmp_path / "whole", CUSTOMERS + query).plain()["exports"]
    assert "sample_rate" not in str(whole)
