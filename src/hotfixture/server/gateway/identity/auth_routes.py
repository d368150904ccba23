"""The routes of logins and sessions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from starlette.responses import Response

from hotfixture.errors import Problem
from hotfixture.identity import challenges
from hotfixture.server.gateway import audit
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.identity import logins, sessions
from hotfixture.server.gateway.identity.keeper import keeper_of
from hotfixture.server.gateway.identity.known import bearer
from hotfixture.server.gateway.identity.moments import moment
from hotfixture.server.gateway.operations import Ask, Operation
from hotfixture.server.problems import HTTPError
from hotfixture.wire.identity import ChallengeAsked, ChallengeTold, LoginAsked, SessionTold, SigningKeysTold, Whoami

PUBLISHED = 300
"""Seconds that somebody may keep the signing keys: less than a next key is published early."""


async def authenticate(gateway: Gateway, authorization: bytes, address: str) -> Actor | None:
    """Who sends this `Authorization` header from this address; None where the daemon does not believe it.

    Raises DatabaseError where the store cannot be asked: then nobody is believed.
    """
    token = bearer(authorization)
    return await keeper_of(gateway).known.actor(token, address) if token else None


def _called(hosts: Collection[str]) -> str:
    """What to do about a wrong name; the right one is told where it is no more than this machine's."""
    local = next((host for host in sorted(hosts) if host.startswith(("127.", "localhost", "[::1]"))), "")
    if local:
        return f"It listens as {local}: configure that, or name the other one as `url` in hfitd.yaml."
    return "The administrator names the address that clients use: `url` of hfitd.yaml."


def _challenged(ask: Ask) -> ChallengeTold:
    keeper, body = keeper_of(ask.gateway), ask.body
    account, host = challenges.account_of(body.account), challenges.host_of(body.host)
    hosts = keeper.hosts(ask.request.scope.get("server"))
    if host not in hosts:
        raise HTTPError(400, [Problem(f"this daemon does not go by the name {host}", None, _called(hosts))])
    made = logins.challenge(keeper.state, account, host, ask.actor.address, keeper.shared)
    return ChallengeTold(
        challenge=made.nonce, text=made.text, namespace=challenges.namespace(host), expires=moment(made.expires)
    )


def _begun(ask: Ask) -> SessionTold:
    keeper, body = keeper_of(ask.gateway), ask.body
    hosts = keeper.hosts(ask.request.scope.get("server"))
    row = logins.login(
        keeper.state, body.challenge, body.signature,
        actor=ask.actor, hosts=hosts, terms=keeper.terms, shared=keeper.shared,
    )  # fmt: skip
    return sessions.told(row, keeper.known.ring(), keeper.state.now(), keeper.terms)


def _renewed(ask: Ask) -> SessionTold:
    keeper, now = keeper_of(ask.gateway), ask.gateway.state.now()
    _needs_session(ask.actor)
    with keeper.state.change() as connection:
        row = sessions.renew(connection, ask.actor.session, now, keeper.terms)
        kind = "session.renewed" if row else "session.renewal-refused"
        audit.record(keeper.state, connection, ask.actor, kind, ask.actor.name, session=ask.actor.session)
    if row is None:
        raise HTTPError(401, "the session cannot be renewed: log in again", {"www-authenticate": "Bearer"})
    return sessions.told(row, keeper.known.ring(), now, keeper.terms)


def _ended(ask: Ask) -> None:
    keeper = keeper_of(ask.gateway)
    _needs_session(ask.actor)
    with keeper.state.change() as connection:
        sessions.end(connection, ask.actor.session, keeper.state.now())
        audit.record(keeper.state, connection, ask.actor, "session.ended", ask.actor.name, session=ask.actor.session)
    keeper.known.forget()


def _needs_session(actor: Actor) -> None:
    if actor.kind != "user":
        raise HTTPError(403, "a service token has no session: an administrator revokes it")


def _who(ask: Ask) -> Whoami:
    actor = ask.actor
    return Whoami(
        name=actor.name, kind=actor.kind, roles=sorted(actor.roles), teams=sorted(actor.teams),
        templates=list(actor.templates), expires=moment(actor.expires or 0.0),
    )  # fmt: skip


async def _who_at_once(ask: Ask) -> Whoami:
    return _who(ask)  # it asks nobody: no thread is needed


def _published(ask: Ask) -> Response:
    keeper = keeper_of(ask.gateway)
    found = keeper.known.ring().told(keeper.state.now())
    headers = {"cache-control": f"public, max-age={PUBLISHED}"}
    return Response(msgspec.json.encode(found), 200, headers, "application/json")


_TAGS: Any = ("sessions",)
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="POST", path="/auth/challenge", summary="A text to sign, to log in", action="", answer=_challenged,
        body=ChallengeAsked, body_example={"account": "dev@example.com", "host": "fixtures.example.com"},
        returns=ChallengeTold, tags=_TAGS,
        notes="Anybody gets one, whether the account is known or not. It holds once, for five minutes.",
    ),
    Operation(
        method="POST", path="/auth/session", summary="Log in with a signed challenge", action="", answer=_begun,
        body=LoginAsked, body_example={"challenge": "…", "signature": "-----BEGIN SSH SIGNATURE-----\n…"},
        returns=SessionTold, status=201, problems=(401,), tags=_TAGS,
        notes="The text is signed as UTF-8 by an SSH key of the account in the namespace that came with it (SSHSIG).",
    ),
    Operation(
        method="POST", path="/auth/renew", summary="A new token of the session", action="session.own",
        answer=_renewed, returns=SessionTold, tags=_TAGS,
        notes="As long as the key stands with the account and the session's longest time has not passed.",
    ),
    Operation(
        method="DELETE", path="/auth/session", summary="Log out: the session's tokens are worth nothing any more",
        action="session.own", answer=_ended, status=204, tags=_TAGS,
    ),
    Operation(
        method="GET", path="/api/whoami", summary="Who asks, as the daemon knows them", action="session.own",
        answer=_who_at_once, returns=Whoami, tags=_TAGS,
    ),
    Operation(
        method="GET", path="/.well-known/jwks.json", summary="The public keys of sessions' tokens", action="",
        answer=_published, returns=SigningKeysTold, tags=_TAGS,
    ),
)  # fmt: skip
