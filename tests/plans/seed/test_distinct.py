"""Unique values are still values of their kind."""

from __future__ import annotations

from hotfixture.plans.seed import read

TEXT = """
collections:
  - name: accounts
    count: 5000
    columns:
      - {name: _id, type: objectid, primary_key: true}
      - {name: other, generator: object_id, unique: true}
"""


def test_unique_object_ids_are_object_ids() -> None:
    table = read(TEXT).table("accounts")
    for column in ("_id", "other"):
        found = table.batch(0, 5000)[column].to_pylist()
        assert len(set(found)) == 5000
        assert {len(bytes.fromhex(value)) for value in found} == {12}
