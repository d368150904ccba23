"""Texts that a plan promises to be unique stay so for engines that see neither case, nor accents, nor blanks behind."""

from __future__ import annotations

from unicodedata import combining, normalize

import pyarrow as pa
import pytest

from hotfixture.databases import open_database
from hotfixture.errors import InputError
from hotfixture.generators import names
from hotfixture.plans.seed import read
from hotfixture.plans.seed.calls import seed

PLAN = """
tables:
  - name: t
    count: {count}
    columns: [{{name: x, generator: {name}, unique: true}}]
"""
COUNT = 4000


def _folded(text: str) -> str:
    return "".join(one for one in normalize("NFKD", text) if not combining(one)).casefold().rstrip()


def test_no_two_unique_texts_differ_in_case_accents_or_blanks_only() -> None:
    tried, alike = 0, []
    for name in names():
        try:
            made = read(PLAN.format(name=name, count=COUNT)).table("t").batch(0, COUNT).column(0)
        except InputError:
            continue  # cannot be unique so often, and says so
        if pa.types.is_string(made.type):
            tried += 1
            alike += [name] if len(set(map(_folded, made.to_pylist()))) < COUNT else []
    assert alike == []
    assert tried > 150


@pytest.mark.parametrize("name", ["email", "full_name", "username", "company"])
def test_a_collation_without_case_and_accents_takes_them(name: str, mariadb_url: str) -> None:
    with open_database(mariadb_url, write=True) as database:
        database.execute("CREATE TABLE t (x VARCHAR(200) COLLATE utf8mb4_unicode_ci UNIQUE)")
    assert seed(PLAN.format(name=name, count=9000), mariadb_url).rows == {"t": 9000}
