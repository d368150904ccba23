"""The digest of a table's rows: the order does not matter, everything else does."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.databases.backup import Content, Digest, differences

VALUES = st.one_of(st.none(), st.sampled_from(["", "a", "b", "ab", "\\N", "\x1f"]), st.text(max_size=40))
ROWS = st.lists(st.tuples(VALUES, VALUES), max_size=12)


def digest(*batches: list[tuple[str | None, str | None]]) -> str:
    """The digest of rows that come in several batches."""
    made = Digest()
    for rows in batches:
        fields = [pa.array([row[place] for row in rows], pa.string()) for place in range(2)]
        made.add(pa.record_batch(fields, names=["x", "y"]))
    return str(made)


@given(ROWS, st.randoms(), st.integers(0, 12))
def test_neither_order_nor_batches_change_it(rows, random, cut):
    shuffled = random.sample(rows, len(rows))
    assert digest(rows) == digest(shuffled[:cut], shuffled[cut:])


@given(ROWS, ROWS)
def test_other_rows_give_another(rows, others):
    same = sorted(rows, key=repr) == sorted(others, key=repr)
    assert (digest(rows) == digest(others)) == same


def test_values_that_change_places_give_another():
    """Every column holds the same values, but in other rows; a text moves to its neighbour; a null becomes empty."""
    assert digest([("a", "x"), ("b", "y")]) != digest([("a", "y"), ("b", "x")])
    assert digest([("ab", "c")]) != digest([("a", "bc")])
    assert digest([("a", "b")]) != digest([("b", "a")])
    assert digest([(None, "a")]) != digest([("", "a")])
    assert digest([("a", "a"), ("a", "a")]) != digest([])


def test_a_known_table_has_its_digest_for_ever():
    """Backups are compared years later: what was written once must be found equal."""
    assert digest([("Zoë", None), ("", "x" * 40)]) == "562362f66aa133462600d6319eaa64f4"


def test_every_difference_is_a_sentence_without_values():
    expected = [
        Content("a", 1, "d"),
        Content("b", 2, "d"),
        Content("c", 3, "d", "s"),
        Content("gone", 4),
        Content("e", 5),
    ]
    found = [Content("a", 2, "d"), Content("b", 2, "x"), Content("c", 3, "d", "t"), Content("new", 1), Content("e", 5)]
    assert list(differences(expected, found)) == [
        "a: expected 1 rows, found 2",
        "b: 2 rows as expected, but not the same ones",
        "c: its columns, keys, references or checks are not the same",
        "gone: expected 4 rows, found no such table",
        "new: not expected, found 1 rows",
    ]
    assert not list(differences([Content("k", 3, "d", "", True)], [Content("k", 2, "x", "", True)]))
    assert not list(differences([Content("k", 3, "d", "", True)], []))
    assert list(differences([Content("k", 3, "d", "", True)], [Content("k", 3, "x", "", True)]))
