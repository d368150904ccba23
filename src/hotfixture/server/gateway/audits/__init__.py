"""The routes of the audit: its events, its signed head, its verification; and what runs beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import sqlalchemy as sa
from anyio import to_thread
from starlette.responses import Response, StreamingResponse

from hotfixture.server.gateway import audit
from hotfixture.server.gateway.audits import chain
from hotfixture.server.gateway.audits.heads import HeadKey, sign_newest
from hotfixture.server.gateway.audits.sinks import Relay
from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.operations import Ask, Operation
from hotfixture.server.gateway.seals import Seal
from hotfixture.server.gateway.tables import AUDIT
from hotfixture.server.problems import HTTPError
from hotfixture.wire import Page
from hotfixture.wire.audit import AuditEvent, AuditHead, AuditQuery, AuditVerdict

NDJSON = "application/x-ndjson"


@asynccontextmanager
async def lifespan(gateway: Gateway) -> AsyncIterator[None]:
    """The key of the heads, and the thread that signs and sends on."""
    key = HeadKey(Seal.of(gateway.settings))
    gateway.parts["audits"] = key
    relay = Relay(gateway.settings, gateway.state, key)
    relay.start()
    try:
        yield
    finally:
        await to_thread.run_sync(relay.stop)


def _condition(query: AuditQuery) -> sa.ColumnElement[bool] | None:
    wanted: list[sa.ColumnElement[bool]] = []
    if query.kind.endswith("."):
        wanted.append(AUDIT.c.kind.startswith(query.kind, autoescape=True))
    elif query.kind:
        wanted.append(AUDIT.c.kind == query.kind)
    if query.actor:
        wanted.append(AUDIT.c.actor == query.actor)
    if query.subject:
        wanted.append(AUDIT.c.subject == query.subject)
    return sa.and_(*wanted) if wanted else None


def _listed(ask: Ask) -> Page[AuditEvent]:
    query: AuditQuery = ask.query
    found = chain.page(ask.gateway.state, after=query.after, limit=query.limit, condition=_condition(query))
    return Page(items=found, next=str(found[-1].seq) if len(found) == query.limit else None)


def _exported(ask: Ask) -> Response:
    audit.note(ask.gateway.state, ask.actor, "audit.exported", "audit", after=ask.query.after)
    found = chain.events(ask.gateway.state, after=ask.query.after, condition=_condition(ask.query))
    return StreamingResponse(_lines(found), media_type=NDJSON, headers={"cache-control": "no-store"})


def _lines(found: Iterator[AuditEvent]) -> Iterator[bytes]:
    encoder = msgspec.json.Encoder()
    for event in found:
        yield encoder.encode(event) + b"\n"


def _head(ask: Ask) -> AuditHead:
    key: HeadKey = ask.gateway.parts["audits"]
    found = sign_newest(ask.gateway.state, key)
    if found is None:
        raise HTTPError(404, "nothing was audited yet")
    return AuditHead(
        seq=found.seq,
        hash=found.hash,
        at=repr(found.at),
        key=found.key,
        public_key=key.public,
        signature=found.signature,
    )


def _verified(ask: Ask) -> AuditVerdict:
    audit.note(ask.gateway.state, ask.actor, "audit.verified", "audit")
    return chain.verify(ask.gateway.state, ask.gateway.parts["audits"])


_TAGS: Any = ("audit",)
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET", path="/api/audit", summary="Events of the audit, oldest first", action="audit.read",
        answer=_listed, query=AuditQuery, returns=Page[AuditEvent], tags=_TAGS,
    ),
    Operation(
        method="GET", path="/api/audit/export", summary="All events as JSON lines", action="audit.read",
        answer=_exported, query=AuditQuery, media=NDJSON, tags=_TAGS,
    ),
    Operation(
        method="GET", path="/api/audit/head", summary="The newest signed head of the chain", action="audit.read",
        answer=_head, returns=AuditHead, tags=_TAGS,
    ),
    Operation(
        method="POST", path="/api/audit/verify", summary="Whether the chain is whole", action="audit.read",
        answer=_verified, returns=AuditVerdict, tags=_TAGS,
        notes="Any change, removal or reordering of events is found, and where it is.",
    ),
)  # fmt: skip
