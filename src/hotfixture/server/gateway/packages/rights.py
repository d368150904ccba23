"""Whose a package is, and what it may be made of, as the store says it now: rights that were taken away end it."""

from __future__ import annotations

import json
from collections.abc import Mapping

import sqlalchemy as sa

from hotfixture.errors import InputError, RefusedError
from hotfixture.files.volumes import Volume
from hotfixture.server.gateway import access
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.identity import members, service_tokens
from hotfixture.server.gateway.packages.package import Package
from hotfixture.server.gateway.places import Place
from hotfixture.server.gateway.sources.volumes import OnUse
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import TEMPLATES, TOKENS, USERS
from hotfixture.server.gateway.templates import revisions
from hotfixture.server.gateway.templates.revisions import Owned, Revision
from hotfixture.server.problems import HTTPError

_TOKEN = service_tokens.account_of("")


def owner_now(state: State, package: Package) -> Actor:
    """The owner with the roles and teams of this moment; RefusedError where there is no such account any more."""
    address = str(package.wanted["address"])
    with state.read() as connection:
        found = _actor(connection, package.owner, state.now(), address)
    if found is None:
        raise RefusedError(f"{package.owner} may no longer ask for anything here")
    return found


def _actor(connection: sa.Connection, name: str, now: float, address: str) -> Actor | None:
    teams = frozenset(members.of_accounts(connection, [name]).get(name, []))
    if not name.startswith(_TOKEN):
        row = connection.execute(sa.select(USERS).where(USERS.c.name == name)).first()
        alive = row is not None and not row.disabled
        return Actor(name, "user", frozenset(json.loads(row.roles)), teams, address) if row and alive else None
    row = connection.execute(sa.select(TOKENS).where(TOKENS.c.name == name.removeprefix(_TOKEN))).first()
    if row is None or row.revoked is not None or row.expires <= now:
        return None
    globs = tuple(json.loads(row.templates))
    return Actor(name, "token", frozenset(json.loads(row.roles)), teams, address, row.id, globs, row.expires)


def revision_of(state: State, actor: Actor, package: Package) -> tuple[Owned, Revision]:
    """The template and the revision that were asked for; RefusedError where the owner may not ask any more."""
    try:
        with state.read() as connection:
            template = revisions.find(connection, actor, package.template, "package.request")
            found = revisions.revision(connection, template, package.revision)
    except HTTPError as error:
        raise RefusedError(f"{package.template}: {error}") from None
    if found.digest != package.digest:
        raise InputError(f"revision {package.revision} of {package.template} is not what was asked for")
    return template, found


def volumes(places: Mapping[str, Place]) -> dict[str, str | Volume]:
    """The volumes, each opened when its files are asked for."""
    return {name: OnUse(place) for name, place in places.items()}


def check_own(actor: Actor, package: Package | None) -> Package:
    """The package; HTTPError 404 where it is not the actor's, nor the actor an administrator."""
    if package is None or not (package.owner == actor.name or (actor.kind != "token" and "admin" in actor.roles)):
        raise HTTPError(404, access.NOT_HERE)
    return package


def check_reach(gateway: Gateway, actor: Actor, package: Package) -> None:
    """HTTPError 403 where the actor may no longer read a provider that the package was made of."""
    if actor.kind != "token" and "admin" in actor.roles:
        return
    with gateway.state.read() as connection:
        query = sa.select(TEMPLATES.c.team).where(TEMPLATES.c.name == package.template)
        team = str(connection.execute(query).scalar() or "")
    for name in package.providers:
        provider = gateway.settings.providers.get(name)
        if provider is None or not access.reads(actor, provider.teams, team=team):
            raise HTTPError(403, f"{name}, of which the package was made, is no longer granted to you")
