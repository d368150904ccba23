"""The routes of plans, samples and approvals."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import TypeVar

from anyio import to_thread

from hotfixture.server.gateway import access, audit
from hotfixture.server.gateway.operations import Ask, Operation
from hotfixture.server.gateway.sources import opening
from hotfixture.server.gateway.templates import approvals, planning, revisions, samples, shown
from hotfixture.server.gateway.templates.planning import Planned
from hotfixture.server.gateway.templates.requests import number_of
from hotfixture.server.gateway.templates.revisions import Owned, Revision
from hotfixture.wire.templates import ApprovalAsked, ApprovalTold, PlanAsked, PlanTold, RevocationAsked, SampleTold

T = TypeVar("T")
_TAG = ("approvals",)
_LONGEST = 4096
"""Characters of parameters that an audit event holds."""
_EXAMPLE = PlanAsked(parameters={"start_time": "2024-10-15 14:30:00"})


def _waiting(answer: Callable[[Ask], T]) -> Callable[[Ask], Awaitable[T]]:
    """The answer in a thread that may wait for a provider, so that no other request waits with it."""

    async def answered(ask: Ask) -> T:
        return await to_thread.run_sync(answer, ask, limiter=opening.doors(ask.gateway).threads)

    return answered


def _found(ask: Ask, action: str) -> tuple[Owned, Revision]:
    with ask.gateway.state.read() as connection:
        template = revisions.find(connection, ask.actor, ask.path["name"], action)
        return template, revisions.revision(connection, template, ask.body.revision)


def _facts(ask: Ask, revision: Revision) -> dict[str, object]:
    """What the audit keeps of a look at a revision; of very many parameters the digest."""
    said = json.dumps(ask.body.parameters, ensure_ascii=False, sort_keys=True)
    short = ask.body.parameters if len(said) <= _LONGEST else {"sha256": sha256(said.encode()).hexdigest()}
    return {"revision": revision.number, "digest": revision.digest, "parameters": short}


def _planned(ask: Ask) -> PlanTold:
    """What nobody has approved asks production nothing but its catalogue, unless an approver looks at it."""
    template, revision = _found(ask, "template.read")
    inspects = access.may(ask.actor, "template.inspect")
    reads = inspects or approvals.state(ask.gateway, revision).state != "needs approval"
    audit.note(ask.gateway.state, ask.actor, "template.planned", template.name, **_facts(ask, revision), reads=reads)
    with planning.planned(
        ask.gateway, ask.actor, template, revision, ask.body.parameters,
        inspects=inspects, invents=True, reads=reads,
    ) as made:  # fmt: skip
        approval = approvals.look(ask.gateway, ask.actor, revision, made.plan)
        return shown.told(made, revision, approval, read=reads)


def _sampled(ask: Ask) -> SampleTold:
    template, revision = _found(ask, "template.inspect")
    facts = _facts(ask, revision)
    audit.note(ask.gateway.state, ask.actor, "template.sampled", template.name, **facts, most=samples.ROWS)
    with _limited(ask, template, revision) as made:
        return samples.sample(made, revision)


@contextmanager
def _limited(ask: Ask, template: Owned, revision: Revision) -> Iterator[Planned]:
    parameters = {**ask.body.parameters, "row_limit": samples.ROWS}
    with planning.planned(ask.gateway, ask.actor, template, revision, parameters, inspects=True, invents=True) as made:
        yield made


def _approved(ask: Ask) -> ApprovalTold:
    said: ApprovalAsked = ask.body
    return approvals.approve(
        ask.gateway, ask.actor, ask.path["name"], number_of(ask),
        digest=said.digest, seen=said.seen, ttl=said.ttl, message=said.message, parameters=said.parameters,
    )  # fmt: skip


def _revoked(ask: Ask) -> None:
    approvals.revoke(ask.gateway, ask.actor, ask.path["name"], number_of(ask), message=ask.query.message)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="POST", path="/api/templates/{name}/plan", action="template.read", answer=_waiting(_planned),
        summary="Shows what a package would be made of: SQL, masks, lineage, estimates, and whether it is approved.",
        body=PlanAsked, body_example=_EXAMPLE, returns=PlanTold, problems=(415, 422), tags=_TAG,
        notes="Parameters that are missing are invented. Nothing that was read from production stands in the answer. "
        "For a revision that is not approved production is asked for its catalogue alone, unless an approver looks: "
        "no preparation runs, nothing is estimated.",
    ),
    Operation(
        method="POST", path="/api/templates/{name}/sample", action="template.inspect", answer=_waiting(_sampled),
        summary="Shows masked rows: at most 20 of a table, made and scanned as a package is.",
        body=PlanAsked, body_example=_EXAMPLE, returns=SampleTold, problems=(415, 422), tags=_TAG,
    ),
    Operation(
        method="POST", path="/api/templates/{name}/revisions/{number}/approval", action="template.approve",
        summary="Approves a revision that somebody else wrote.", answer=_waiting(_approved), body=ApprovalAsked,
        body_example=ApprovalAsked(digest="0" * 64, ttl="30d", message="masks looked at"), returns=ApprovalTold,
        status=201, problems=(409, 415, 422), tags=_TAG,
        notes="The approval is of the text with this digest, under the policy of now, for what the plan reads now. "
        "Where one of them changes, the revision needs approval again.",
    ),
    Operation(
        method="DELETE", path="/api/templates/{name}/revisions/{number}/approval", action="template.approve",
        summary="Takes the approval of a revision back.", answer=_revoked, query=RevocationAsked, tags=_TAG,
    ),
)  # fmt: skip
