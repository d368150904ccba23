"""The routes of templates: create, list, read, revise, patch, delete, push; their revisions and what changed."""

from __future__ import annotations

from starlette.responses import Response

from hotfixture.server.gateway.operations import Ask, Operation
from hotfixture.server.gateway.templates import changes, revisions, telling
from hotfixture.server.gateway.templates.changes import Said, changing
from hotfixture.server.gateway.templates.diffs import unified
from hotfixture.server.gateway.templates.requests import check_unchanged, number_of, tagged, yaml_of
from hotfixture.server.gateway.templates.words import message_of
from hotfixture.wire import Page
from hotfixture.wire.templates import (
    Comparing,
    DryRun,
    PushedFile,
    Revising,
    RevisionDiff,
    RevisionText,
    RevisionTold,
    Saying,
    TemplateChange,
    TemplatePatch,
    TemplatePush,
    TemplateQuery,
    TemplatesPushed,
    TemplateSummary,
    TemplateTold,
    WhichRevision,
)

_TAG = ("templates",)
_EXAMPLE = """\
templateName: daily-dev-scenario
parameters:
  start_time: {type: timestamp, default: yesterday}
exports:
  customers: {provider: PROD_REPLICA, query: "SELECT id, email FROM customers WHERE created_at >= ${start_time}"}
"""


def _created(ask: Ask) -> Response:
    text, message = yaml_of(ask), message_of(ask.query.message)
    made = revisions.checked(text)
    with changing(ask.gateway.state, ask.actor, dry_run=ask.query.dry_run) as deed:
        told = changes.created(deed, text, Said(ask.query.team, message), made)
    is_new = told.done == "created" and not ask.query.dry_run
    return tagged(told, told.digest, 201 if is_new else 200)


def _listed(ask: Ask) -> Page[TemplateSummary]:
    return telling.listed(ask.gateway, ask.actor, ask.query)


def _one(ask: Ask) -> Response:
    told = telling.template_told(ask.gateway, ask.actor, ask.path["name"], ask.query.revision)
    return tagged(told, told.digest)


def _revised(ask: Ask) -> Response:
    text, message, name = yaml_of(ask), message_of(ask.query.message), ask.path["name"]
    with ask.gateway.state.read() as connection:  # who may not see it hears nothing of the text
        revisions.find(connection, ask.actor, name, "template.change")
    revisions.check_name(text, revisions.checked(text), name)
    with changing(ask.gateway.state, ask.actor, dry_run=ask.query.dry_run) as deed:
        template = deed.find(name, "template.change")
        check_unchanged(ask, revisions.revision(deed.connection, template).digest)
        told = changes.revised(deed, template, text, Said(message=message))
    return tagged(told, told.digest)


def _patched(ask: Ask) -> Response:
    with changing(ask.gateway.state, ask.actor, dry_run=ask.query.dry_run) as deed:
        template = deed.find(ask.path["name"], "template.change")
        check_unchanged(ask, revisions.revision(deed.connection, template).digest)
        told = changes.patched(deed, template, ask.body)
    return tagged(told, told.digest)


def _deleted(ask: Ask) -> None:
    with changing(ask.gateway.state, ask.actor, dry_run=False) as deed:
        template = deed.find(ask.path["name"], "template.delete")
        check_unchanged(ask, revisions.revision(deed.connection, template).digest)
        revisions.delete(deed, template)


def _pushed(ask: Ask) -> TemplatesPushed:
    with changing(ask.gateway.state, ask.actor, dry_run=ask.body.dry_run) as deed:
        made = changes.pushed(deed, ask.body)
    return TemplatesPushed(changes=made)


def _history(ask: Ask) -> list[RevisionTold]:
    return telling.revisions_told(ask, ask.path["name"])


def _revision(ask: Ask) -> Response:
    told = telling.revision_told(ask, ask.path["name"], number_of(ask))
    return tagged(told, told.digest)


def _difference(ask: Ask) -> RevisionDiff:
    with ask.gateway.state.read() as connection:
        template = revisions.find(connection, ask.actor, ask.path["name"], "template.read", deleted=True)
        to = revisions.revision(connection, template, ask.query.to)
        before = revisions.revision(connection, template, ask.query.from_ or max(1, to.number - 1))
    diff = unified(before.text, to.text, f"revision {before.number}", f"revision {to.number}")
    return RevisionDiff(from_=before.number, to=to.number, diff=diff)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET", path="/api/templates", summary="Lists the templates that one may see, by name.",
        action="template.read", answer=_listed, query=TemplateQuery, returns=Page[TemplateSummary], tags=_TAG,
    ),
    Operation(
        method="POST", path="/api/templates", summary="Creates a template from its YAML text.",
        action="template.create", answer=_created, query=Saying, body=bytes, body_example=_EXAMPLE,
        returns=TemplateChange, status=201, problems=(409, 415, 422), tags=_TAG,
        notes="The name stands in the text. A name stays taken when its template is deleted. Sending the text of one's "
        "own template again answers 200 and changes nothing.",
    ),
    Operation(
        method="POST", path="/api/templates/push", summary="Creates or revises several templates: all, or none.",
        action="template.create", answer=_pushed, body=TemplatePush,
        body_example=TemplatePush(files=[PushedFile(path="daily.yaml", text=_EXAMPLE)], team="payments"),
        returns=TemplatesPushed, problems=(409, 415, 422), tags=_TAG,
        notes="Every problem of every file is said at once.",
    ),
    Operation(
        method="GET", path="/api/templates/{name}", summary="Shows a template, and whether it is approved.",
        action="template.read", answer=_one, query=WhichRevision, returns=TemplateTold, tags=_TAG,
        notes="The entity tag is the digest of the text.",
    ),
    Operation(
        method="PUT", path="/api/templates/{name}", summary="Gives a template a new revision.",
        action="template.change", answer=_revised, query=Revising, body=bytes, body_example=_EXAMPLE,
        returns=TemplateChange, problems=(412, 415, 422), tags=_TAG,
        notes="The same text as the newest makes no new one. With `If-Match` it is refused where somebody was quicker.",
    ),
    Operation(
        method="PATCH", path="/api/templates/{name}", summary="Changes single things of a template.",
        action="template.change", answer=_patched, query=DryRun, body=TemplatePatch,
        body_example=TemplatePatch(defaults={"start_time": "last_7_days"}, message="a week"),
        returns=TemplateChange, problems=(412, 415, 422), tags=_TAG,
        notes="A merge patch (RFC 7396). The answer shows how the text changes, `dry_run=true` nothing but that.",
    ),
    Operation(
        method="DELETE", path="/api/templates/{name}", summary="Takes a template out of use.",
        action="template.delete", answer=_deleted, problems=(412,), tags=_TAG,
        notes="Its name stays taken, its history stays for the audit.",
    ),
    Operation(
        method="GET", path="/api/templates/{name}/revisions", summary="Lists every revision, the newest first.",
        action="template.read", answer=_history, returns=list[RevisionTold], tags=_TAG,
    ),
    Operation(
        method="GET", path="/api/templates/{name}/revisions/{number}", summary="Shows one revision.",
        action="template.read", answer=_revision, returns=RevisionText, tags=_TAG,
    ),
    Operation(
        method="GET", path="/api/templates/{name}/diff", summary="Shows how one revision became another.",
        action="template.read", answer=_difference, query=Comparing, returns=RevisionDiff, tags=_TAG,
    ),
)  # fmt: skip
