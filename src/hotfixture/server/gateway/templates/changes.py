"""What developers do to templates: create, revise, patch, push a folder; each says how the text changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from msgspec import UNSET

from hotfixture.errors import InputError, Problem, Where
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.templates import edits, revisions
from hotfixture.server.gateway.templates.diffs import unified
from hotfixture.server.gateway.templates.revisions import Deed, Owned, Revision
from hotfixture.server.gateway.templates.words import message_of
from hotfixture.server.problems import HTTPError
from hotfixture.wire.templates import Done, TemplateChange, TemplatePatch, TemplatePush

if TYPE_CHECKING:
    from hotfixture.plans.template import Template

T = TypeVar("T")
MOST_FILES = 500


class _Shown(Exception):  # noqa: N818 - no error: it ends a transaction that was only to be shown
    pass


@contextmanager
def changing(state: State, actor: Actor, *, dry_run: bool) -> Iterator[Deed]:
    """A transaction that is undone where the change was only to be shown."""
    try:
        with state.change() as connection:
            deed = Deed(state, connection, actor)
            yield deed
            deed.finish()
            if dry_run:
                raise _Shown
    except _Shown:
        pass


@dataclass(frozen=True, slots=True)
class Said:
    """What goes with a text."""

    team: str = ""
    message: str = ""


def _change(done: Done, template: Owned, newest: Revision, before: Revision | None) -> TemplateChange:
    old, name = (before.text, f"revision {before.number}") if before else ("", "/dev/null")
    diff = unified(old, newest.text, name, f"revision {newest.number}")
    return TemplateChange(
        name=template.name, done=done, revision=newest.number, digest=newest.digest, diff=diff, team=template.team,
        shared=list(template.shared),
    )  # fmt: skip


def created(deed: Deed, text: str, said: Said, made: Template) -> TemplateChange:
    """A new template; where one that the actor may change has that name and says the same already, that one."""
    owned = _own(deed, made.name)
    newest = revisions.revision(deed.connection, owned) if owned else None
    if owned and newest and newest.digest == revisions.digest_of(text):
        return _change("unchanged", owned, newest, newest)
    owned = revisions.create(deed, made, text, team=said.team, message=said.message)
    return _change("created", owned, revisions.revision(deed.connection, owned), None)


def _own(deed: Deed, name: str) -> Owned | None:
    """The template of that name where the actor may change it."""
    try:
        return deed.find(name, "template.change")
    except HTTPError:
        return None


def revised(deed: Deed, template: Owned, text: str, said: Said) -> TemplateChange:
    """The text as the newest revision of a template that the actor may change and this transaction has locked."""
    before = revisions.revision(deed.connection, template)
    newest = revisions.revise(deed, template, text, message=said.message)
    return _change("revised" if newest.number != before.number else "unchanged", template, newest, before)


def patched(deed: Deed, template: Owned, patch: TemplatePatch) -> TemplateChange:
    """What a merge patch makes of a template; HTTPError 422 with every problem of the text that would come of it."""
    message = message_of(patch.message)
    before = revisions.revision(deed.connection, template)
    text = _patched_text(before.text, patch)
    if text != before.text:
        revisions.check_name(text, _checked(text, "template.yaml"), template.name)
    moved = _moved(deed, template, patch)
    shown = revised(deed, moved, text, Said(message=message))
    if shown.done == "unchanged" and moved is not template:
        return _change("changed", moved, before, before)
    return shown


def _patched_text(text: str, patch: TemplatePatch) -> str:
    try:
        made = text if patch.text is UNSET else str(patch.text)
        for name, value in patch.defaults.items() if isinstance(patch.defaults, dict) else ():
            made = edits.with_default(made, name, value)
        return made if patch.description is UNSET else edits.with_description(made, patch.description)
    except InputError as error:
        raise HTTPError(422, error.problems) from None


def _moved(deed: Deed, template: Owned, patch: TemplatePatch) -> Owned:
    """The template with the team and the sharing of a patch; itself where they stay."""
    team = template.team if patch.team is UNSET else str(patch.team)
    shared = template.shared if patch.shared is UNSET else tuple(dict.fromkeys(patch.shared or ()))
    if (team, shared) == (template.team, template.shared):
        return template
    revisions.share(deed, template, team=team, shared=shared)
    return deed.find(template.name, "template.read")


def pushed(deed: Deed, push: TemplatePush) -> list[TemplateChange]:
    """Every file created or revised; HTTPError with the problems of all of them where one cannot be."""
    if not 1 <= len(push.files) <= MOST_FILES:
        raise HTTPError(400, f"files: expected 1 … {MOST_FILES}, found {len(push.files)}")
    collected = _Collected()
    said = Said(push.team, message_of(push.message))
    parsed = [collected.tried(file.path, partial(_checked, file.text, file.path)) for file in push.files]
    collected.problems += _twice(push, parsed)
    collected.finish()
    found: dict[str, TemplateChange | None] = {}
    named = {made.name: (file, made) for file, made in zip(push.files, parsed, strict=True) if made}
    for name in sorted(named):  # in one order everywhere: two pushes of the same templates wait for each other
        file, made = named[name]
        found[name] = collected.tried(file.path, partial(_pushed, deed, file.text, said, made))
    collected.finish()
    return [change for name in named if (change := found[name])]


def _checked(text: str, path: str) -> Template:
    if len(text.encode()) > revisions.LARGEST:
        raise HTTPError(413, f"a template of at most {revisions.LARGEST >> 10} KiB is taken")
    return revisions.checked(text, path)


def _pushed(deed: Deed, text: str, said: Said, made: Template) -> TemplateChange:
    """One file; what the actor sees of that name they must be allowed to change."""
    try:
        owned = deed.find(made.name, "template.change")
    except HTTPError as error:
        if error.status != 404:
            raise
        return created(deed, text, said, made)
    return revised(deed, owned, text, said)


def _twice(push: TemplatePush, parsed: list[Template | None]) -> Iterator[Problem]:
    """Files of one template: which of them would it be?"""
    first: dict[str, str] = {}
    for file, made in zip(push.files, parsed, strict=True):
        if made is not None and first.setdefault(made.name, file.path) != file.path:
            yield Problem(f"templateName {made.name!r}: {first[made.name]} has it, too", Where(file.path))


class _Collected:
    """The problems of several files, said together."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._status = 422

    def tried(self, path: str, action: Callable[[], T]) -> T | None:
        """What the action gives; None where it fails, its problems kept."""
        try:
            return action()
        except HTTPError as error:
            self._status = error.status
            self.problems += (problem._replace(where=problem.where or Where(path)) for problem in error.problems)
            return None

    def finish(self) -> None:
        """Raise HTTPError where there are problems."""
        if self.problems:
            raise HTTPError(self._status, self.problems)
