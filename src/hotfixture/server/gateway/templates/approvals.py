"""Approvals: of a digest, by somebody other than its author, until the policy or what the plan reads changes.

`check` says at request time, from the store alone, which revision packages are made of. `require` says it again in the
worker, with the plan at hand, whose providers have just been looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hotfixture.errors import Problem, RefusedError
from hotfixture.server import units
from hotfixture.server.gateway import access, audit
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.tables import APPROVALS
from hotfixture.server.gateway.templates import drift, planning, policies, revisions
from hotfixture.server.gateway.templates.revisions import Owned, Revision
from hotfixture.server.gateway.templates.words import message_of, moment, spoken
from hotfixture.server.problems import HTTPError
from hotfixture.wire.templates import ApprovalTold

if TYPE_CHECKING:
    from hotfixture.plans.plan import Plan

_LOOK = "`hfit pkg-tmpl show NAME --debug` looks again; somebody else than its author approves it."

OFF = ApprovalTold(state="off", reasons=("approval is off",))


@dataclass(frozen=True, slots=True)
class Chosen:
    """The revision that a package is made of."""

    template: Owned
    revision: Revision
    approval: ApprovalTold


class Judge:
    """Says of revisions whether they are approved, by the store and the policy of one moment."""

    def __init__(self, gateway: Gateway, connection: sa.Connection, policy: policies.Current, names: list[str]) -> None:
        self._off = gateway.settings.approval == "off"
        self._policy = policy
        self._now = gateway.state.now()
        self.history = revisions.history(connection, names)
        query = sa.select(APPROVALS).where(APPROVALS.c.template.in_(names))
        self._given: dict[tuple[str, str], list[Any]] = {}
        for row in connection.execute(query.order_by(APPROVALS.c.created.desc(), APPROVALS.c.id)):
            self._given.setdefault((row.template, row.digest), []).append(row)

    def given(self, revision: Revision) -> list[Any]:
        """The approvals of a revision's text, the newest first."""
        return self._given.get((revision.template, revision.digest), [])

    def holds(self, row: Any, revision: Revision) -> bool:
        """Whether an approval holds, as far as that can be said without looking at a provider again."""
        return not self._against(row, revision) and row.drift == "[]"

    def of(self, revision: Revision) -> ApprovalTold:
        """Whether a revision is approved, and why not."""
        if self._off:
            return OFF
        rows = self.given(revision)
        for row in rows:
            if self.holds(row, revision):
                return _told(row, "approved", [])
        if rows:
            return _told(rows[0], "needs approval", [*self._against(rows[0], revision), *json.loads(rows[0].drift)])
        approved = self._newest_approved(revision.template)
        if approved is not None and approved < revision.number:
            reason = f"revision {revision.number} is newer than the approved {approved}"
        else:
            reason = f"nobody has approved revision {revision.number} yet"
        return ApprovalTold(state="needs approval", reasons=(reason,))

    def served(self, template: Owned) -> int | None:
        """The revision that packages are made of: the newest approved one, with approval off the newest."""
        return template.revision if self._off else self._newest_approved(template.name)

    def _newest_approved(self, name: str) -> int | None:
        found = (r.number for r in self.history[name] if any(self.holds(row, r) for row in self.given(r)))
        return next(found, None)

    def _against(self, row: Any, revision: Revision) -> list[str]:
        """What is against an approval, but for what its providers say."""
        if row.revoked is not None:
            return [f"{row.revoked_by} took the approval back on {spoken(row.revoked)}"]
        found = []
        if row.approver == revision.author:
            found.append(f"{row.approver} wrote revision {revision.number}: somebody else must approve it")
        if row.expires <= self._now:
            found.append(f"the approval by {row.approver} expired on {spoken(row.expires)}")
        if row.policy != self._policy.digest:
            found.append(f"the policy changed on {spoken(self._policy.since)}")
        return found


def _told(row: Any, state: str, reasons: list[str]) -> ApprovalTold:
    return ApprovalTold(
        state=state,  # type: ignore[arg-type]  # one of its words
        reasons=tuple(reasons), approver=row.approver, given=moment(row.created), expires=moment(row.expires),
        message=row.reason,
    )  # fmt: skip


def state(gateway: Gateway, revision: Revision) -> ApprovalTold:
    """Whether a revision is approved, and why not. Call it outside of transactions."""
    policy = policies.current(gateway)
    with gateway.state.read() as connection:
        return Judge(gateway, connection, policy, [revision.template]).of(revision)


def check(gateway: Gateway, actor: Actor, name: str, number: int = 0, *, action: str = "package.request") -> Chosen:
    """The revision to make a package of: the newest approved one, or `number` where that is approved.

    HTTPError 404 where the actor may not see the template, 403 where they may not do `action`, 409 with the reasons
    where there is no approved revision; a refusal is audited. Looks at no provider.
    """
    policy = policies.current(gateway)
    with gateway.state.read() as connection:
        template = revisions.find(connection, actor, name, action)
        judge = Judge(gateway, connection, policy, [template.name])
        revision = revisions.revision(connection, template, number or judge.served(template) or 0)
        found = judge.of(revision)
    if found.state == "needs approval":
        _refused(gateway, actor, revision, found.reasons)
        raise HTTPError(409, _problems(revision, found.reasons))
    return Chosen(template, revision, found)


def require(gateway: Gateway, actor: Actor, name: str, number: int, plan: Plan) -> ApprovalTold:
    """The approval by which a package of this plan may be made; RefusedError with the reasons where there is none.

    Looks at what the plan reads now, and notes in the store where that is another than what was approved.
    """
    with gateway.state.read() as connection:
        template = revisions.find(connection, actor, name, "package.request")
        revision = revisions.revision(connection, template, number)
    found = look(gateway, actor, revision, plan)
    if found.state == "needs approval":
        _refused(gateway, actor, revision, found.reasons)
        raise RefusedError.of(_problems(revision, found.reasons))
    return found


def look(gateway: Gateway, actor: Actor, revision: Revision, plan: Plan) -> ApprovalTold:
    """As `state`, with a plan of the revision at hand: what each approval is bound to is compared with what is read."""
    policy = policies.current(gateway)
    if plan.digest != revision.digest:
        raise RefusedError(f"the plan is not of revision {revision.number} of {revision.template}")
    if gateway.settings.approval == "off":
        return OFF
    now = drift.reads(plan, policy.policy)
    with gateway.state.read() as connection:
        rows = Judge(gateway, connection, policy, [revision.template]).given(revision)
    for row in rows:
        found = json.dumps(drift.differences(json.loads(row.sources), now), ensure_ascii=False)
        if row.revoked is None and found != row.drift:
            _drifted(gateway, actor, row, found)
    with gateway.state.read() as connection:
        return Judge(gateway, connection, policy, [revision.template]).of(revision)


def _drifted(gateway: Gateway, actor: Actor, row: Any, found: str) -> None:
    """Note how what is read differs from what was approved; audited, as it takes the approval back or gives it anew."""
    with gateway.state.change() as connection:
        known = APPROVALS.update().where(APPROVALS.c.id == row.id, APPROVALS.c.drift == row.drift)
        if connection.execute(known.values(drift=found)).rowcount:
            facts = {"revision": row.revision, "digest": row.digest, "approval": row.id, "reasons": json.loads(found)}
            audit.record(gateway.state, connection, actor, "approval.drifted", row.template, **facts)


def _refused(gateway: Gateway, actor: Actor, revision: Revision, reasons: Iterable[str]) -> None:
    facts = {"revision": revision.number, "digest": revision.digest, "reasons": list(reasons)}
    audit.note(gateway.state, actor, "approval.refused", revision.template, **facts)


def _problems(revision: Revision, reasons: Iterable[str]) -> list[Problem]:
    about = f"{revision.template} needs approval"
    return [Problem(f"{about}: {reason}", None, _LOOK.replace("NAME", revision.template)) for reason in reasons]


def approve(
    gateway: Gateway,
    actor: Actor,
    name: str,
    number: int,
    *,
    digest: str,
    seen: str = "",
    ttl: str = "",
    message: str = "",
    parameters: Mapping[str, object] | None = None,
) -> ApprovalTold:
    """Approve one revision, whose text has this digest, and whose plan said `seen`; 0 is the newest.

    Bound to the digests of the text and the policy, and to what a plan made now reads of each provider; parameters
    that are missing are invented for that plan. HTTPError 403 for the revision's author and for service tokens, 409
    where the text or the policy is another; errors as of `planning.planned` where no plan can be made.
    """
    message, seconds = message_of(message), _seconds(gateway, ttl)
    with gateway.state.read() as connection:
        template = revisions.find(connection, actor, name, "template.approve")
        revision = revisions.revision(connection, template, number)
    _check_approver(gateway, actor, revision)
    if digest != revision.digest:
        raise HTTPError(409, f"revision {revision.number} has the digest {revision.digest}: look at it again")
    with planning.planned(gateway, actor, template, revision, parameters or {}, inspects=True, invents=True) as made:
        read, policy = drift.reads(made.plan, made.policy.policy), made.policy
    changed = bool(seen) and seen != drift.seen(made.plan, read)
    if changed or policies.current(gateway).digest != policy.digest:
        raise HTTPError(409, "the policy, or what the template reads, has changed: look at the plan again")
    _give(gateway, actor, revision, policy=policy.digest, read=read, seconds=seconds, message=message)
    return state(gateway, revision)


def _give(
    gateway: Gateway, actor: Actor, revision: Revision, *, policy: str, read: drift.Reads, seconds: float, message: str
) -> None:
    """Keep an approval, and audit it."""
    name = revision.template
    with gateway.state.change() as connection:
        revisions.find(connection, actor, name, "template.approve", lock=True)  # it may have been deleted meanwhile
        now = gateway.state.now()
        row = {
            "id": token_hex(16), "template": name, "revision": revision.number, "digest": revision.digest,
            "policy": policy, "sources": json.dumps(read, ensure_ascii=False), "approver": actor.name,
            "created": now, "expires": now + seconds, "reason": message, "drift": "[]", "revoked_by": "",
        }  # fmt: skip
        connection.execute(APPROVALS.insert().values(**row))
        facts = {
            "revision": revision.number, "digest": revision.digest, "policy": policy,
            "sources": {provider: drift.digest(tables) for provider, tables in read.items()},
            "expires": moment(now + seconds), "message": message,
        }  # fmt: skip
        audit.record(gateway.state, connection, actor, "approval.given", name, **facts)


def _check_approver(gateway: Gateway, actor: Actor, revision: Revision) -> None:
    if actor.name == revision.author:
        _refused(gateway, actor, revision, ["its author may not approve it"])
        raise HTTPError(403, f"you wrote revision {revision.number}: somebody else must approve it")


def _seconds(gateway: Gateway, ttl: str) -> float:
    longest = gateway.settings.approval_ttl
    try:
        wanted = units.seconds(ttl) if ttl else longest
    except ValueError:
        raise HTTPError(400, f"ttl={ttl[:40]}: expected a length of time such as 30d") from None
    if not 0 < wanted <= longest:
        raise HTTPError(400, f"ttl={ttl[:40]}: expected at most {units.spelled_seconds(longest)}")
    return wanted


def revoke(gateway: Gateway, actor: Actor, name: str, number: int, *, message: str = "") -> None:
    """Take back every approval of a revision's text. HTTPError 404 where there is none."""
    message = message_of(message)
    with gateway.state.change() as connection:
        template = revisions.find(connection, actor, name, "template.approve", lock=True)
        revision = revisions.revision(connection, template, number)
        live = sa.and_(
            APPROVALS.c.template == name, APPROVALS.c.digest == revision.digest, APPROVALS.c.revoked.is_(None)
        )
        values = {"revoked": gateway.state.now(), "revoked_by": actor.name}
        if not connection.execute(APPROVALS.update().where(live).values(**values)).rowcount:
            raise HTTPError(404, f"{access.NOT_HERE}: revision {revision.number} is not approved")
        facts = {"revision": revision.number, "digest": revision.digest, "message": message}
        audit.record(gateway.state, connection, actor, "approval.revoked", name, **facts)
