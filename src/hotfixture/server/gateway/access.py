"""Who may do what: the roles' actions, and what a template's or package's ownership adds."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from hotfixture.server.gateway.actors import Actor, Role
from hotfixture.server.problems import HTTPError
from hotfixture.server.visit import endpoint_of

_EVERYBODY = frozenset({
    "session.own", "template.read", "package.request", "package.read", "package.cancel", "provider.read", "volume.read",
    "generate", "seed.request",
})  # fmt: skip
_DEVELOPER = _EVERYBODY | {"template.create", "template.change", "template.delete", "provider.preview"}
ACTIONS: Mapping[Role, frozenset[str]] = {
    "developer": _DEVELOPER,
    "author": _DEVELOPER | {"template.share"},
    "approver": _EVERYBODY | {"template.approve", "template.inspect", "provider.preview"},
    "admin": _DEVELOPER | {
        "template.share", "template.inspect", "template.approve", "user.manage", "team.manage", "token.manage",
        "audit.read", "metrics.read", "provider.test",
    },
}  # fmt: skip
"""What each role may do at all; whose things it may do it to, `check` decides."""

_MOCKCRAFTS = {
    "generate": "generate", "generators": "generate",
    "seed": "seed.request", "jobs": "seed.request", "download": "seed.request",
}  # fmt: skip
"""What a role must include for MockCraft's routes, by endpoint."""
NOT_HERE = "there is no such thing here"
_WITH_SESSION = frozenset({"template.approve", "user.manage", "team.manage", "token.manage"})
"""Only a person does these: a leaked service token must not approve anything or make more tokens."""


def may(actor: Actor, action: str) -> bool:
    """Whether any role of the actor includes the action."""
    if actor.kind == "token" and action in _WITH_SESSION:
        return False
    return any(action in ACTIONS[role] for role in actor.roles)


def mockcrafts(path: str) -> str:
    """The action that one of MockCraft's paths needs; empty for every other path."""
    return "metrics.read" if path == "/metrics" else _MOCKCRAFTS.get(endpoint_of(path), "")


def require(actor: Actor, action: str) -> None:
    """HTTPError 403 where no role of the actor includes the action."""
    if not may(actor, action):
        raise HTTPError(403, f"{action} is not among what {_roles(actor)} may do")


def sees(actor: Actor, *, owner: str = "", team: str = "", shared: Collection[str] = (), template: str = "") -> bool:
    """Whether a thing is visible: one's own, of one's team, shared with it; approvers and admins see all.

    `template` is the name of a template: a service token sees those that its globs name, and without teams all of them,
    since an administrator named them.
    """
    if template and actor.kind == "token":
        if not actor.reaches(template):
            return False
        if not actor.teams and "*" not in actor.templates:
            return True
    if actor.kind != "token" and actor.roles & {"admin", "approver"}:
        return True
    own = bool(owner) and owner == actor.name
    return own or team in actor.teams or "*" in shared or bool(actor.teams & set(shared))


def check(
    actor: Actor,
    action: str,
    *,
    owner: str = "",
    team: str = "",
    shared: Collection[str] = (),
    template: str = "",
) -> None:
    """HTTPError: 404 for a thing the actor may not see (as for one that is not there), 403 for one it may only see."""
    if not sees(actor, owner=owner, team=team, shared=shared, template=template):
        raise HTTPError(404, NOT_HERE)
    require(actor, action)
    if action in {"template.change", "template.delete", "template.share"} and not _owns(actor, owner, team):
        raise HTTPError(403, "only who wrote it, or an author of its team, may do that")


def reads(actor: Actor, granted: Collection[str], *, team: str | None = None) -> bool:
    """Whether an actor may read a provider or volume that is granted to those teams.

    In a package of a template, whose `team` is named then, that team must be granted it as well; a service token
    without teams, which an administrator bound to templates, reads what their teams read.
    """
    if "*" in granted:
        return True
    if team is not None and team not in granted:
        return False
    if team is not None and actor.kind == "token" and not actor.teams:
        return True
    return bool(actor.teams & set(granted))


def _owns(actor: Actor, owner: str, team: str) -> bool:
    if "admin" in actor.roles or (owner and owner == actor.name):
        return True
    return "author" in actor.roles and team in actor.teams


def _roles(actor: Actor) -> str:
    return " and ".join(sorted(actor.roles)) or "nobody"
