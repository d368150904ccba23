"""Templates and revisions as the API says them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from hotfixture.plans.declarations import BUILT_IN, Parameter
from hotfixture.plans.template import Template
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.operations import Ask
from hotfixture.server.gateway.tables import REVISIONS, TEMPLATES
from hotfixture.server.gateway.templates import policies, revisions
from hotfixture.server.gateway.templates.approvals import Judge
from hotfixture.server.gateway.templates.requests import check_limit
from hotfixture.server.gateway.templates.revisions import Owned, Revision
from hotfixture.server.gateway.templates.words import moment
from hotfixture.server.problems import HTTPError
from hotfixture.wire import Page
from hotfixture.wire.templates import (
    ParameterTold,
    RevisionText,
    RevisionTold,
    TemplateQuery,
    TemplateSummary,
    TemplateTold,
)

_AT_ONCE = 200


def listed(gateway: Gateway, actor: Actor, query: TemplateQuery) -> Page[TemplateSummary]:
    """The templates that the actor sees and asks for, by name."""
    check_limit(query.limit)
    policy = policies.current(gateway)
    found: list[TemplateSummary] = []
    with gateway.state.read() as connection:
        for chunk in _chunks(connection, query.after):
            seen = [template for template in chunk if _is_wanted(template, actor, query)]
            judge = Judge(gateway, connection, policy, [template.name for template in seen])
            texts = _newest_texts(connection, seen)
            summaries = (summary(judge, template, texts[template.name]) for template in seen)
            found += (one for one in summaries if _matches(one, query))
            if len(found) > query.limit:
                break
    shown = found[: query.limit]
    return Page(items=shown, next=shown[-1].name if len(found) > query.limit else None)


def _chunks(connection: sa.Connection, after: str) -> Iterator[list[Owned]]:
    """All templates that are not deleted, by name."""
    if "\0" in after:
        raise HTTPError(400, "after: expected the name of a template")
    live = sa.select(TEMPLATES).where(~TEMPLATES.c.deleted).order_by(TEMPLATES.c.name).limit(_AT_ONCE)
    while rows := connection.execute(live.where(TEMPLATES.c.name > after)).all():
        yield [Owned.of(row) for row in rows]
        after = rows[-1].name


def _newest_texts(connection: sa.Connection, templates: list[Owned]) -> dict[str, str]:
    newest = sa.and_(REVISIONS.c.template == TEMPLATES.c.name, REVISIONS.c.number == TEMPLATES.c.revision)
    query = sa.select(REVISIONS.c.template, REVISIONS.c.text).join(TEMPLATES, newest)
    names = [template.name for template in templates]
    return {row.template: row.text for row in connection.execute(query.where(REVISIONS.c.template.in_(names)))}


def _is_wanted(template: Owned, actor: Actor, query: TemplateQuery) -> bool:
    own = query.owner in ("", template.owner) and query.team in ("", template.team)
    return own and template.is_seen(actor)


def _matches(found: TemplateSummary, query: TemplateQuery) -> bool:
    said = f"{found.name}\n{found.description}".casefold()
    return query.state in ("", found.approval.state) and query.q.casefold() in said


def summary(judge: Judge, template: Owned, text: str) -> TemplateSummary:
    """A template in a list."""
    parsed = revisions.understood(text)
    newest = judge.history[template.name][0]
    return TemplateSummary(
        name=template.name, team=template.team, owner=template.owner, shared=list(template.shared),
        description=parsed.description if parsed else "", revision=template.revision, digest=newest.digest,
        updated=moment(template.updated), approval=judge.of(newest), served=judge.served(template),
    )  # fmt: skip


def template_told(gateway: Gateway, actor: Actor, name: str, number: int) -> TemplateTold:
    """A template and one of its revisions; 0 is the newest."""
    policy = policies.current(gateway)
    with gateway.state.read() as connection:
        template = revisions.find(connection, actor, name, "template.read")
        revision = revisions.revision(connection, template, number)
        judge = Judge(gateway, connection, policy, [name])
    parsed = revisions.understood(revision.text)
    return TemplateTold(
        name=name, team=template.team, owner=template.owner, shared=list(template.shared),
        description=parsed.description if parsed else "", revision=revision.number, newest=template.revision,
        digest=revision.digest, author=revision.author, created=moment(revision.created), message=revision.message,
        text=revision.text, updated=moment(template.updated), approval=judge.of(revision),
        served=judge.served(template), parameters=list(_parameters(parsed)) if parsed else [],
        providers=sorted(parsed.providers()) if parsed else [], volumes=revisions.volumes_of(parsed) if parsed else [],
    )  # fmt: skip


def revisions_told(ask: Ask, name: str) -> list[RevisionTold]:
    """The history of a template, the newest first; of a deleted one for whoever reads the audit."""
    policy = policies.current(ask.gateway)
    with ask.gateway.state.read() as connection:
        template = revisions.find(connection, ask.actor, name, "template.read", deleted=True)
        judge = Judge(ask.gateway, connection, policy, [template.name])
    return [_revision(judge, found) for found in judge.history[name]]


def _revision(judge: Judge, found: Revision) -> RevisionTold:
    return RevisionTold(
        number=found.number, digest=found.digest, author=found.author, created=moment(found.created),
        message=found.message, approval=judge.of(found),
    )  # fmt: skip


def revision_told(ask: Ask, name: str, number: int) -> RevisionText:
    """One revision with its text."""
    policy = policies.current(ask.gateway)
    with ask.gateway.state.read() as connection:
        template = revisions.find(connection, ask.actor, name, "template.read", deleted=True)
        found = revisions.revision(connection, template, number)
        judge = Judge(ask.gateway, connection, policy, [name])
    return RevisionText(
        number=found.number, digest=found.digest, author=found.author, created=moment(found.created),
        message=found.message, approval=judge.of(found), text=found.text,
    )  # fmt: skip


def _parameters(template: Template) -> Iterator[ParameterTold]:
    """Those declared, then those that are used without being declared."""
    prepared = {preparation.name for preparation in template.prepare}
    for parameter in template.parameters.values():
        yield _parameter(parameter)
    for name in template.uses:
        if name in BUILT_IN and name not in template.parameters:
            yield _parameter(BUILT_IN[name])
        elif name not in template.parameters and name not in prepared:
            yield ParameterTold(name=name, type="", required=True)


def _parameter(parameter: Parameter) -> ParameterTold:
    return ParameterTold(
        name=parameter.name, type=str(parameter.type), description=parameter.description,
        required=parameter.required, default=_plain(parameter.default),
        minimum=None if parameter.low is None else str(parameter.low),
        maximum=None if parameter.high is None else str(parameter.high),
        pattern=parameter.pattern, choices=parameter.type.choices,
    )  # fmt: skip


def _plain(value: object) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Decimal | date | datetime) else value
