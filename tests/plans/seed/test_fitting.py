"""Texts fit their columns; unique ones that cannot are told when the plan is made, not while rows are."""

from __future__ import annotations

import pyarrow.compute as pc
import pytest

from hotfixture.errors import CapacityError, InputError
from hotfixture.plans.seed import read
from hotfixture.plans.seed.fitting import Whole

PLAN = "tables: {t: {count: %d, columns: {x: {type: varchar(%d), generator: %s%s}}}}\n"
UNIQUE = ", unique: true"


@pytest.mark.parametrize("name", ["email", "sentence", "company", "url"])
def test_texts_have_at_most_as_many_characters_as_their_column(name: str) -> None:
    column = read(PLAN % (3000, 24, name, "")).table("t").batch(0, 3000).column("x")
    assert pc.max(pc.utf8_length(column)).as_py() <= 24


@pytest.mark.parametrize("name", ["email", "company", "md5", "mac", "iban"])
def test_unique_texts_that_are_too_long_are_refused_before_a_row_is_made(name: str) -> None:
    with pytest.raises(
        InputError, match=r"t\.x: unique, and its values do not fit: row [\d,]+ has one of \d+"
    ) as raised:
        read(PLAN % (3000, 8, name, UNIQUE))
    assert raised.value.problems[0].where
    assert raised.value.problems[0].where.line == 1


def test_the_longest_number_of_a_row_is_looked_at() -> None:
    """The row that is named is as long as is said."""
    text = "tables: {t: {count: %d, columns: {x: {type: %s, generator: company, unique: true}}}}\n"
    names = read(text % (10_001, "text")).table("t").batch(0, 10_001).column("x").to_pylist()
    longest = max(map(len, names[:-1]))
    said = refusal(text % (10_001, f"varchar({longest - 4})"))
    number = int(said.partition("row ")[2].split()[0].replace(",", ""))
    assert len(names[number]) == int(said.partition("one of ")[2].split()[0]) > longest - 4


def refusal(text: str) -> str:
    with pytest.raises(InputError) as raised:
        read(text)
    return str(raised.value)


def test_unique_texts_that_fit_are_made() -> None:
    column = read(PLAN % (3000, 60, "email", UNIQUE)).table("t").batch(0, 3000).column("x")
    assert len(column.unique()) == 3000


def test_one_that_is_longer_in_a_row_that_was_not_looked_at_stops_the_rows() -> None:
    table = read(PLAN % (3000, 60, "email", UNIQUE)).table("t")
    whole = table.makers["x"].maker
    assert isinstance(whole, Whole)
    whole.length = 12
    with pytest.raises(CapacityError, match="characters, and the column holds 12"):
        table.batch(0, 3000)


def test_a_check_of_length_bounds_unique_texts_too() -> None:
    column = "x: {type: text, generator: company, unique: true}"
    said = refusal(f"tables: {{t: {{count: 50, columns: {{{column}}}, checks: ['length(x) < 6']}}}}\n")
    assert "the column holds 5" in said


def test_the_keys_of_a_table_that_is_filled_already_are_not_made_and_fit() -> None:
    """Its rows are read: whatever its columns' names make elsewhere."""
    for column in ("code: {type: varchar(2), primary_key: true}", "password: {type: varchar(9), primary_key: true}"):
        read(f"tables: {{t: {{existing: true, columns: {{{column}}}}}, u: {{count: 1, columns: {{a: integer}}}}}}\n")
