"""Calls about templates: their texts and revisions, what a package of them would be, and who approved them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from hotfixture.client.calls import Call, asked, body, path
from hotfixture.wire import Page
from hotfixture.wire.templates import (
    ApprovalAsked,
    ApprovalTold,
    Comparing,
    DryRun,
    PlanAsked,
    PlanTold,
    PushedFile,
    RevisionDiff,
    RevisionTold,
    RevocationAsked,
    SampleTold,
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

T = TypeVar("T")
YAML = "application/yaml"


def listed(
    *, team: str = "", owner: str = "", state: Any = "", part: str = "", limit: int = 100, after: str = ""
) -> Call[Page[TemplateSummary]]:
    """Templates that one may see, by name; `part` is one of the name or description."""
    wanted = asked(TemplateQuery(team=team, owner=owner, state=state, q=part, limit=limit, after=after))
    return Call(method="GET", path="/api/templates", query=wanted, returns=Page[TemplateSummary])


def create(text: str, *, team: str = "", message: str = "", dry_run: bool = False) -> Call[TemplateChange]:
    """A new template; its name stands in its text. Sending the same again changes nothing."""
    said = asked(Saying(team=team, message=message, dry_run=dry_run))
    return Call(
        method="POST", path="/api/templates", query=said, body=text.encode(), media=YAML, returns=TemplateChange,
        repeatable=True,
    )  # fmt: skip


def show(name: str, *, revision: int = 0) -> Call[TemplateTold]:
    """A template and one revision of it: the newest, or the one named."""
    wanted = asked(WhichRevision(revision=revision))
    return Call(
        about=f"template {name}", method="GET", path=path("api", "templates", name), query=wanted, returns=TemplateTold
    )


def update(name: str, text: str, *, message: str = "", dry_run: bool = False, digest: str = "") -> Call[TemplateChange]:
    """A new revision; with `digest` only where the newest is still that one."""
    said = asked(Saying(message=message, dry_run=dry_run))
    return Call(about=f"template {name}",
        method="PUT", path=path("api", "templates", name), query=said, body=text.encode(), media=YAML,
        headers=_only(digest), returns=TemplateChange,
    )  # fmt: skip


def patch(name: str, changes: TemplatePatch, *, dry_run: bool = False) -> Call[TemplateChange]:
    """Single things changed."""
    how = asked(DryRun(dry_run=dry_run))
    where = path("api", "templates", name)
    return Call(
        about=f"template {name}", method="PATCH", path=where, query=how, body=body(changes), returns=TemplateChange
    )


def delete(name: str) -> Call[None]:
    """Out of use; its history stays."""
    return Call(about=f"template {name}", method="DELETE", path=path("api", "templates", name))


def push(
    files: Sequence[PushedFile], *, team: str = "", message: str = "", dry_run: bool = False
) -> Call[TemplatesPushed]:
    """Several created or revised: all, or none."""
    wanted = TemplatePush(files=list(files), team=team, message=message, dry_run=dry_run)
    return Call(method="POST", path="/api/templates/push", body=body(wanted), returns=TemplatesPushed, repeatable=True)


def history(name: str) -> Call[list[RevisionTold]]:
    """Every revision, the newest first."""
    return Call(
        about=f"template {name}",
        method="GET",
        path=path("api", "templates", name, "revisions"),
        returns=list[RevisionTold],
    )


def diff(name: str, before: int = 0, after: int = 0) -> Call[RevisionDiff]:
    """How one revision became another: by default the newest the one before it."""
    wanted = asked(Comparing(from_=before, to=after))
    return Call(
        about=f"template {name}",
        method="GET",
        path=path("api", "templates", name, "diff"),
        query=wanted,
        returns=RevisionDiff,
    )


def plan(name: str, parameters: Mapping[str, Any] | None = None, *, revision: int = 0) -> Call[PlanTold]:
    """What a package would be made of; parameters that are not given are invented."""
    return _looked(PlanTold, name, "plan", parameters, revision)


def sample(name: str, parameters: Mapping[str, Any] | None = None, *, revision: int = 0) -> Call[SampleTold]:
    """Masked rows, made and scanned as a package is."""
    return _looked(SampleTold, name, "sample", parameters, revision)


def approve(name: str, revision: int, approval: ApprovalAsked) -> Call[ApprovalTold]:
    """An approval of the revision whose text has the digest."""
    where = path("api", "templates", name, "revisions", str(revision), "approval")
    return Call(
        about=f"template {name}", method="POST", path=where, body=body(approval), returns=ApprovalTold, wait=_PLANNING
    )


def revoke(name: str, revision: int, *, message: str = "") -> Call[None]:
    """An approval taken back."""
    where = path("api", "templates", name, "revisions", str(revision), "approval")
    return Call(about=f"template {name}", method="DELETE", path=where, query=asked(RevocationAsked(message=message)))


_PLANNING = 240.0
"""Seconds that a look at production may take."""


def _looked(returns: type[T], name: str, what: str, parameters: Mapping[str, Any] | None, revision: int) -> Call[T]:
    """A look at what a revision would give: it takes as long as production does, and changes nothing."""
    return Call(
        about=f"template {name}",
        method="POST",
        path=path("api", "templates", name, what),
        body=body(PlanAsked(parameters=dict(parameters or {}), revision=revision)),
        returns=returns,
        repeatable=True,
        wait=_PLANNING,
    )


def _only(digest: str) -> dict[str, str]:
    return {"If-Match": f'"{digest}"'} if digest else {}
