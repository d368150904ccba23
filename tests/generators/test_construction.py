"""Building sites."""

from __future__ import annotations

from tests.generators.agreement import agreed

from hotfixture.generators.pools import members


def test_a_project_says_what_is_done_where():
    towns = set()
    for project in agreed("construction.construction_project", count=300):
        work, _, town = project.rpartition(", ")
        assert " of a" in work
        towns.add(town)
    assert towns <= members("leisure/town")
    assert len(towns) > 50
