"""Invented names of several words."""

from __future__ import annotations

from hotfixture.draws import Draw, Draws
from hotfixture.generators.compounds import compound
from hotfixture.generators.pools import members

LISTS = ("health/hospital_place", "health/hospital_kind")
DRAWS = Draws.from_rows(2, "compounds", 0, 6_000)


def test_names_have_an_entry_of_each_list_in_their_order():
    made = compound("t.name", LISTS, doc="A.", source="a test")
    found = made(DRAWS).to_pylist()
    assert all(made.holds(name) for name in found[:300])
    assert set(found) <= {f"{place} {kind}" for place in members(LISTS[0]) for kind in members(LISTS[1])}
    assert len(set(found)) > 0.95 * made.capacity()
    assert made(Draw(int(DRAWS.bits[3]))) == found[3]


def test_what_is_not_put_together_so_does_not_hold():
    made = compound("t.name", LISTS, doc="A.", source="a test", separator="/")
    assert made.holds("Larkfield/Clinic")
    for wrong in ("Larkfield Clinic", "Clinic/Larkfield", "Larkfield/", "Larkfield/Clinic ", ""):
        assert not made.holds(wrong)
