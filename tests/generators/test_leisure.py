"""Sport and leisure."""

from __future__ import annotations

from tests.generators.agreement import agreed

from hotfixture.generators.pools import members, table


def test_positions_belong_to_the_sport_asked_for():
    assert set(agreed("leisure.sport_position", count=300, sport="curling")) == {"lead", "second", "third", "skip"}


def test_every_sport_with_positions_is_a_sport():
    assert set(table("leisure/position")["sport"].lines) <= members("leisure/sport")


def test_who_scores_more_wins_and_nobody_plays_at_home_against_itself():
    outcomes = set()
    for match in agreed("leisure.match", count=300):
        gap = match["home_goals"] - match["away_goals"]
        assert match["outcome"] == {1: "home win", 0: "draw", -1: "away win"}[(gap > 0) - (gap < 0)]
        assert match["home"] != match["away"]
        assert match["venue"].split(" ")[0] == match["home"].split(" ")[0]
        outcomes.add(match["outcome"])
    assert len(outcomes) == 3


def test_more_is_scored_at_home():
    results = [result.split(":") for result in agreed("leisure.match_result", count=2_000)]
    assert sum(int(home) for home, _ in results) > sum(int(away) for _, away in results)
