"""The rows of the examples stay what they are: a digest of each table, which a change of any plan's structure moves.

What is promised for ever is said in docs/concepts/seeding.md. Where a change is meant, write them anew:
HFIT_WRITE_GOLDEN=1 .venv/bin/pytest tests/plans/seed/test_golden.py
"""

from __future__ import annotations

import json
import os
from hashlib import blake2b
from pathlib import Path

import pytest

from hotfixture.plans.seed import read
from hotfixture.plans.seed.plan import TablePlan

EXAMPLES = sorted((Path(__file__).parents[3] / "examples" / "seed").glob("*.yaml"))
GOLDEN = Path(__file__).parent / "golden" / "rows.json"
ENDS = 300
"""Rows at either end of a table that its digest is of."""


def digest(table: TablePlan) -> str:
    """Of names, types and values: of the first rows and of the last ones."""
    made = [table.batch(0, min(ENDS, table.count)), table.batch(max(0, table.count - ENDS), min(ENDS, table.count))]
    said = [table.count, str(table.schema), *(repr(batch.to_pylist()) for batch in made)]
    return blake2b(repr(said).encode(), digest_size=8).hexdigest()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_no_row_of_an_example_has_changed(example: Path) -> None:
    """Set HFIT_WRITE_GOLDEN=1 to write it anew."""
    found = {table.name: digest(table) for table in read(example).tables}
    golden = json.loads(GOLDEN.read_text(encoding="utf-8")) if GOLDEN.exists() else {}
    if os.environ.get("HFIT_WRITE_GOLDEN"):
        golden[example.stem] = found
        GOLDEN.write_text(json.dumps(golden, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    assert golden.get(example.stem) == found


def test_another_seed_has_other_digests() -> None:
    """So a digest is of values, and not of the schema alone."""
    ours, others = read(EXAMPLES[0]), read(EXAMPLES[0], seed=99)
    assert all(digest(one) != digest(others.table(one.name)) for one in ours.tables)
