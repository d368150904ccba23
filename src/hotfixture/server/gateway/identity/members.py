"""Who is in which team: users by their names, service tokens as `token:NAME`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from hotfixture.errors import OptionError
from hotfixture.server.gateway import audit
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import MEMBERS, TEAMS

TEAM = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_MOST = 100


def checked_teams(teams: Iterable[str]) -> list[str]:
    """The teams, each once; OptionError where one cannot be a team's name."""
    found = sorted(set(teams))
    for team in found:
        if not TEAM.fullmatch(team):
            raise OptionError("teams", team[:80], "names of lower-case letters, digits, `-` and `_`")
    if len(found) > _MOST:
        raise OptionError("teams", f"{len(found)} names", f"at most {_MOST}")
    return found


def join(state: State, connection: sa.Connection, account: str, teams: Sequence[str]) -> list[str]:
    """Put an account into teams; those that were not there and were made, for the audit."""
    known = set(connection.execute(sa.select(TEAMS.c.name).where(TEAMS.c.name.in_(teams))).scalars())
    made = [team for team in teams if team not in known]
    for team in made:
        connection.execute(TEAMS.insert().values(name=team, created=state.now()))
    for team in teams:
        connection.execute(MEMBERS.insert().values(team=team, account=account))
    return made


def made_teams(state: State, connection: sa.Connection, actor: Actor, teams: Sequence[str]) -> None:
    """Audit the teams that `join` made; like every event, last in its transaction."""
    for team in teams:
        audit.record(state, connection, actor, "team.created", team)


def of_accounts(connection: sa.Connection, accounts: Sequence[str]) -> dict[str, list[str]]:
    """The teams of each account."""
    found: dict[str, list[str]] = {}
    query = sa.select(MEMBERS).where(MEMBERS.c.account.in_(accounts)).order_by(MEMBERS.c.team)
    for row in connection.execute(query):
        found.setdefault(row.account, []).append(row.team)
    return found
