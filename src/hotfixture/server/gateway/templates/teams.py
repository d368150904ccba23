"""Teams: who belongs to them. They own templates, share them, and are granted providers and volumes."""

from __future__ import annotations

import json
from collections.abc import Sequence

import sqlalchemy as sa

from hotfixture.errors import Problem
from hotfixture.server.gateway import audit
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.identity.changes import changed
from hotfixture.server.gateway.operations import Ask, Operation
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import MEMBERS, TEAMS, TEMPLATES, TOKENS, USERS
from hotfixture.server.gateway.templates.words import moment, team_name
from hotfixture.server.problems import HTTPError
from hotfixture.wire import Page, Paging
from hotfixture.wire.templates import TeamAsked, TeamTold

TOKEN = "token:"  # noqa: S105 - how a service token's account begins, no secret
MOST = 1000


def exists(connection: sa.Connection, team: str) -> bool:
    """Whether there is such a team."""
    return connection.execute(sa.select(TEAMS.c.name).where(TEAMS.c.name == team)).first() is not None


def _insert(state: State, connection: sa.Connection, team: str) -> bool:
    if exists(connection, team_name(team)):
        return False
    connection.execute(TEAMS.insert().values(name=team, created=state.now()))
    return True


def join(state: State, connection: sa.Connection, actor: Actor, team: str, account: str) -> bool:
    """Put an account into a team, which is made where there is none; whether it was not in it before.

    `account` is a user's name, or `token:NAME`. The caller knows that it exists.
    """
    made = _insert(state, connection, team)
    known = sa.select(MEMBERS.c.account).where(MEMBERS.c.team == team, MEMBERS.c.account == account)
    joined = connection.execute(known).first() is None
    if joined:
        connection.execute(MEMBERS.insert().values(team=team, account=account))
        changed(connection)
    if made:
        audit.record(state, connection, actor, "team.created", team)
    if joined:
        audit.record(state, connection, actor, "team.joined", team, account=account)
    return joined


def enter(state: State, actor: Actor, team: str, accounts: Sequence[str]) -> None:
    """Make a team where it is missing and put accounts into it: all or none. HTTPError 404 names those unknown."""
    with state.change() as connection:
        unknown = [account for account in accounts if not _known(connection, account)]
        if unknown:
            raise HTTPError(404, [Problem(f"there is no account {account[:200]!r}") for account in unknown])
        if not accounts and _insert(state, connection, team):
            audit.record(state, connection, actor, "team.created", team)
        for account in accounts:
            join(state, connection, actor, team, account)


def quit_by(state: State, actor: Actor, team: str, accounts: Sequence[str]) -> None:
    """Take accounts out of a team: all or none. HTTPError 404 names those that are not in it."""
    with state.change() as connection:
        members = told(connection, team).members
        unknown = [account for account in accounts if account not in members]
        if unknown:
            raise HTTPError(404, [Problem(f"{account[:200]!r} is not in team {team!r}") for account in unknown])
        for account in accounts:
            leave(state, connection, actor, team, account)


def leave(state: State, connection: sa.Connection, actor: Actor, team: str, account: str) -> bool:
    """Take an account out of a team; whether it was in it."""
    gone = MEMBERS.delete().where(MEMBERS.c.team == team, MEMBERS.c.account == account)
    if not connection.execute(gone).rowcount:
        return False
    changed(connection)
    audit.record(state, connection, actor, "team.left", team, account=account)
    return True


def of(connection: sa.Connection, account: str) -> frozenset[str]:
    """The teams of an account."""
    found = connection.execute(sa.select(MEMBERS.c.team).where(MEMBERS.c.account == account))
    return frozenset(found.scalars())


def create(state: State, actor: Actor, team: str) -> TeamTold:
    """A new team; HTTPError 409 where there is one of the name."""
    with state.change() as connection:
        if not _insert(state, connection, team):
            raise HTTPError(409, f"there is a team {team!r} already")
        audit.record(state, connection, actor, "team.created", team)
        return told(connection, team)


def delete(state: State, actor: Actor, team: str) -> None:
    """Remove a team, its memberships, and what was shared with it. HTTPError 404; 409 while it owns templates."""
    with state.change() as connection:
        if not exists(connection, team):
            raise HTTPError(404, f"there is no team {team[:100]!r}")
        owned = _owned(connection, team)
        if owned:
            raise HTTPError(409, f"team {team!r} owns {owned} templates: give them to another team first")
        connection.execute(MEMBERS.delete().where(MEMBERS.c.team == team))
        connection.execute(TEAMS.delete().where(TEAMS.c.name == team))
        _unshare(connection, team)
        changed(connection)
        audit.record(state, connection, actor, "team.deleted", team)


def _owned(connection: sa.Connection, team: str) -> int:
    live = sa.select(sa.func.count()).select_from(TEMPLATES).where(TEMPLATES.c.team == team, ~TEMPLATES.c.deleted)
    return int(connection.execute(live).scalar() or 0)


def _unshare(connection: sa.Connection, team: str) -> None:
    """A team that is made anew under the name sees nothing of what the old one saw."""
    for name, shared in connection.execute(sa.select(TEMPLATES.c.name, TEMPLATES.c.shared)).all():
        teams = json.loads(shared)
        if team in teams:
            kept = json.dumps([other for other in teams if other != team])
            connection.execute(TEMPLATES.update().where(TEMPLATES.c.name == name).values(shared=kept))


def told(connection: sa.Connection, team: str) -> TeamTold:
    """A team as the API says it; HTTPError 404 where there is none."""
    row = connection.execute(sa.select(TEAMS).where(TEAMS.c.name == team)).first()
    if row is None:
        raise HTTPError(404, f"there is no team {team[:100]!r}")
    members = connection.execute(
        sa.select(MEMBERS.c.account).where(MEMBERS.c.team == team).order_by(MEMBERS.c.account)
    ).scalars()
    return TeamTold(name=team, members=list(members), templates=_owned(connection, team), created=moment(row.created))


def _known(connection: sa.Connection, account: str) -> bool:
    if account.startswith(TOKEN):
        query = sa.select(TOKENS.c.name).where(TOKENS.c.name == account.removeprefix(TOKEN))
    else:
        query = sa.select(USERS.c.name).where(USERS.c.name == account)
    return connection.execute(query).first() is not None


def _listed(ask: Ask) -> Page[TeamTold]:
    limit, after = ask.query.limit, ask.query.after
    if not 1 <= limit <= MOST:
        raise HTTPError(400, f"limit: expected 1 … {MOST}")
    with ask.gateway.state.read() as connection:
        names = sorted(connection.execute(sa.select(TEAMS.c.name)).scalars())
        found = [name for name in names if name > after][: limit + 1]
        items = [told(connection, name) for name in found[:limit]]
    return Page(items=items, next=items[-1].name if len(found) > limit else None)


def _created(ask: Ask) -> TeamTold:
    return create(ask.gateway.state, ask.actor, ask.body.name)


def _deleted(ask: Ask) -> None:
    delete(ask.gateway.state, ask.actor, _team(ask))


def _one(ask: Ask) -> TeamTold:
    with ask.gateway.state.read() as connection:
        return told(connection, _team(ask))


def _joined(ask: Ask) -> TeamTold:
    state, team, account = ask.gateway.state, _team(ask), _account(ask)
    with state.change() as connection:
        if not exists(connection, team) or not _known(connection, account):
            raise HTTPError(404, "there is no such team, or no such account")
        join(state, connection, ask.actor, team, account)
        return told(connection, team)


def _left(ask: Ask) -> None:
    state = ask.gateway.state
    with state.change() as connection:
        if not leave(state, connection, ask.actor, _team(ask), _account(ask)):
            raise HTTPError(404, "that account is not in that team")


def _team(ask: Ask) -> str:
    """The team in the path; a name that none can have means none."""
    return _plain(ask.path["team"])


def _account(ask: Ask) -> str:
    return _plain(ask.path["account"])


def _plain(text: str) -> str:
    if not text.isprintable() or len(text) > 200:
        raise HTTPError(404, "there is no such team, or no such account")
    return text


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET", path="/api/teams", summary="Lists the teams, by name.", action="team.manage", answer=_listed,
        query=Paging, returns=Page[TeamTold], tags=("teams",),
    ),
    Operation(
        method="POST", path="/api/teams", summary="Makes a team.", action="team.manage", answer=_created,
        body=TeamAsked, body_example=TeamAsked(name="payments"), returns=TeamTold, status=201, problems=(409,),
        tags=("teams",),
    ),
    Operation(
        method="GET", path="/api/teams/{team}", summary="Says who is in a team.", action="team.manage", answer=_one,
        returns=TeamTold, tags=("teams",),
    ),
    Operation(
        method="DELETE", path="/api/teams/{team}", summary="Removes a team that owns no template.",
        action="team.manage", answer=_deleted, problems=(409,), tags=("teams",),
    ),
    Operation(
        method="PUT", path="/api/teams/{team}/members/{account}", summary="Puts a user or service token into a team.",
        action="team.manage", answer=_joined, returns=TeamTold,
        notes="The account of a service token is `token:NAME`.", tags=("teams",),
    ),
    Operation(
        method="DELETE", path="/api/teams/{team}/members/{account}", summary="Takes an account out of a team.",
        action="team.manage", answer=_left, tags=("teams",),
    ),
)  # fmt: skip
