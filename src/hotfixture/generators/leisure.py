"""Sport and leisure: sports with their positions, invented teams and matches, hobbies, toys, sights."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.phrases import phrase
from hotfixture.generators.pools import members, pool
from hotfixture.generators.quantities import quantity
from hotfixture.generators.records import Records
from hotfixture.generators.several import distinct
from hotfixture.generators.vocabularies import vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

_POSITIONS = Records(
    "leisure/position",
    lane=lanes.own("leisure.sport_position"),
    source="the positions that the rules or the players of these sports name, our own list",
    by=("sport",),
)
sport_position = _POSITIONS.column("leisure.sport_position", "position", doc="A position in a team sport.")
sport_position_record = _POSITIONS.record(
    "leisure.sport_position_record", "sport position", doc="A position with the sport in which it is played."
)
sport = vocabulary("leisure.sport", "leisure/sport", doc="A sport.")
hobby = vocabulary("leisure.hobby", "leisure/hobby", doc="A hobby.")
exercise = vocabulary("leisure.exercise", "leisure/exercise", doc="An exercise of the gym.")
competition = vocabulary("leisure.competition", "leisure/competition", doc="What a match is played for.")
toy = vocabulary("leisure.toy", "leisure/toy", doc="A toy.")
attraction = vocabulary("leisure.attraction", "leisure/attraction", doc="A kind of sight that travellers visit.")
medal = phrase("leisure.medal", "{gold|silver|bronze}", doc="A medal.", source="first, second and third")
shirt_number = quantity("leisure.shirt_number", 1, 99, doc="The number on a player's shirt.", least=0, most=999)

_TEAM = "{leisure/town} {leisure/team}"
team_name = phrase("leisure.team_name", _TEAM, doc="The invented name of a team.")
stadium = phrase(
    "leisure.stadium",
    "{leisure/town} {leisure/venue}",
    "{North|South|East|West|Old|New|River|Park|Mill|Castle|Station} {Road|Street|Lane} {leisure/venue}",
    doc="The invented name of a stadium.",
)
league = phrase(
    "leisure.league",
    "{Northern|Southern|Eastern|Western|Central|Coastal|Continental|National|Regional|County} "
    "{Premier League|League One|League Two|First Division|Second Division|Championship|Conference|Super League}",
    doc="The invented name of a league.",
)
race_time = phrase(
    "leisure.race_time",
    "{0..5}:{00..59}:{00..59}",
    "{0..5}:{00..59}:{00..59}.{#}",
    doc="Hours, minutes and seconds of a race.",
)
match_result = phrase(
    "leisure.match_result",
    "{0|0|0|1|1|1|1|2|2|2|3|3|4|5}:{0|0|0|0|1|1|1|1|2|2|3|4}",
    doc="The goals of both sides: 2:1, more at home.",
    source="about as often as in football, our own shares",
)

_FIRST, _DAYS = values.days_of(date(2015, 1, 1)), (date(2025, 1, 1) - date(2015, 1, 1)).days
_HOME, _AWAY = (0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5), (0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 4)
_TEXTS = ("home", "away", "competition", "venue", "outcome")


def _match_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    numbers = [("home_goals", pa.int64()), ("away_goals", pa.int64()), ("spectators", pa.int64())]
    return pa.struct([*((name, pa.string()) for name in _TEXTS), *numbers, ("played_on", pa.date32())])


def _is_match(value: Any) -> bool:
    gap = value["home_goals"] - value["away_goals"]
    return (
        all(team_name.holds(value[side]) for side in ("home", "away"))
        and value["home"] != value["away"]
        and value["outcome"] == ("home win" if gap > 0 else "away win" if gap < 0 else "draw")
        and value["competition"] in members("leisure/competition")
        and value["venue"].startswith(tuple(members("leisure/town")))
        and 0 <= value["spectators"] < 80_000
        and date(2015, 1, 1) <= value["played_on"] < date(2025, 1, 1)
    )


@generator("leisure.match", type=_match_type, source="our own word lists; 2015 to 2024", holds=_is_match)
def match(draws: AnyDraws) -> Column:
    """A match of football between two teams, at the ground of the first."""
    lot = draws.lane(lanes.own("leisure.match"))
    towns, teams, venues = (pool(f"leisure/{name}") for name in ("town", "team", "venue"))
    home, away = distinct(lot.lane(0), len(towns), 2)
    goals, conceded = (
        values.lookup(table, lot.lane(lane).below(len(table))) for lane, table in ((1, _HOME), (2, _AWAY))
    )
    outcome = values.where(goals > conceded, 0, values.where(goals < conceded, 1, 2))
    names = (
        values.join(values.pick(towns, town), " ", values.pick(teams, lot.lane(lane).below(len(teams))))
        for lane, town in ((3, home), (4, away))
    )
    return values.record(
        {
            **dict(zip(("home", "away"), names, strict=True)),
            "competition": competition(draws),
            "venue": values.join(values.pick(towns, home), " ", values.pick(venues, lot.lane(5).below(len(venues)))),
            "outcome": values.take(("home win", "away win", "draw"), outcome),
            "home_goals": goals,
            "away_goals": conceded,
            "spectators": values.scaled(lot.lane(6), 500 + lot.lane(7).below(79_500)),
            "played_on": values.date_at(_FIRST + lot.lane(8).below(_DAYS)),
        }
    )
