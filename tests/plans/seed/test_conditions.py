"""What CHECK conditions say of columns, in the words of every engine; anything else they say nothing of."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hotfixture.plans.seed.conditions import Bound, Said, parsed, said

WRITTEN = {
    "qty >= 1 AND qty <= 100": {"qty": Said(Bound(1, False), Bound(100, False))},
    "qty BETWEEN 1 AND 100": {"qty": Said(Bound(1, False), Bound(100, False))},
    "100 > Qty": {"qty": Said(high=Bound(100, True))},
    "qty > 3 AND qty >= 3 AND qty >= 2": {"qty": Said(low=Bound(3, True))},
    "price > -1.5": {"price": Said(low=Bound(Decimal("-1.5"), True))},
    "status IN ('a', 'b')": {"status": Said(values=("a", "b"))},
    "status = 'a' OR status = 'b'": {"status": Said(values=("a", "b"))},
    "status IN ('a', 'b') AND status IN ('b', 'c')": {"status": Said(values=("b",))},
    "char_length(x) <= 8": {"x": Said(longest=8)},
    "length(x) < 8": {"x": Said(longest=7)},
    "a < b": {"b": Said(after="a", apart=True)},
    "b >= a": {"b": Said(after="a")},
    "b > a AND b >= a AND b > c": {"b": Said(after="a", apart=True)},
    "b IS NULL OR b >= a": {"b": Said(after="a")},
    "json_valid(x)": {"x": Said(document=True)},
    "status NOT IN ('a')": {},
    "NOT (qty > 5)": {},
    "c IS NULL OR b >= a": {},
    "qty > 5 OR price > 5": {},
    "qty + 1 > 5": {},
    "status IN ('a', other)": {},
}
OF_ENGINES = {
    ("postgresql", "((qty >= 1) AND (qty <= 100))"): {"qty": Said(Bound(1, False), Bound(100, False))},
    ("postgresql", "(price > (0)::numeric)"): {"price": Said(low=Bound(0, True))},
    (
        "postgresql",
        "((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
    ): {"status": Said(values=("a", "b"))},
    ("postgresql", "(char_length((code)::text) <= 8)"): {"code": Said(longest=8)},
    ("postgresql", "(day >= '2020-01-01'::date)"): {"day": Said(low=Bound("2020-01-01", False))},
    ("mysql", "`status` in (_utf8mb4'a',_utf8mb4'b')"): {"status": Said(values=("a", "b"))},
    ("mysql", "length(`code`) <= 8"): {},
    ("sqlite", '"qty" > 0'): {"qty": Said(low=Bound(0, True))},
}


@pytest.mark.parametrize("text", WRITTEN)
def test_what_a_condition_says_of_single_columns_is_found_and_nothing_else(text: str) -> None:
    assert said([text]) == WRITTEN[text]


@pytest.mark.parametrize(("engine", "text"), OF_ENGINES)
def test_a_condition_is_read_in_its_engines_own_words(engine: str, text: str) -> None:
    """`length` counts bytes for MySQL, which is no bound of characters."""
    assert said([text], engine) == OF_ENGINES[engine, text]


def test_what_no_engine_reads_is_no_condition() -> None:
    assert parsed("EXCLUDE USING gist (room WITH =, during WITH &&)") is None
