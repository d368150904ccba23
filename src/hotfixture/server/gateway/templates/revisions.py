"""Templates and their revisions in the store: who owns them, every text they ever had, who may do what with them.

A revision is never changed and never removed. The name of a deleted template stays taken.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from hotfixture.documents import folded, parse
from hotfixture.errors import HotFixtureError, InputError, Problem
from hotfixture.plans.exports import FilesExport
from hotfixture.plans.template import Template, from_text
from hotfixture.server.gateway import access, audit
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import REVISIONS, TEMPLATES
from hotfixture.server.gateway.templates import teams
from hotfixture.server.gateway.templates.words import NAME, team_name
from hotfixture.server.problems import HTTPError

LARGEST = 256 << 10
"""Bytes of a template's text."""
TAKEN = "the name {!r} is taken"


@dataclass(frozen=True, slots=True)
class Owned:
    """A template, without its texts."""

    name: str
    team: str
    owner: str
    shared: tuple[str, ...]
    revision: int
    """The newest."""
    deleted: bool
    created: float
    updated: float

    @classmethod
    def of(cls, row: Any) -> Self:
        """Of a row."""
        return cls(
            row.name, row.team, row.owner, tuple(json.loads(row.shared)), row.revision, bool(row.deleted),
            row.created, row.updated,
        )  # fmt: skip

    def check(self, actor: Actor, action: str) -> None:
        """HTTPError 404 where the actor may not see it, 403 where they may not do this to it."""
        access.check(actor, action, owner=self.owner, team=self.team, shared=self.shared, template=self.name)

    def is_seen(self, actor: Actor) -> bool:
        """Whether the actor may know that it is there."""
        return access.sees(actor, owner=self.owner, team=self.team, shared=self.shared, template=self.name)


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision; `text` is empty where only the rest was asked for."""

    template: str
    number: int
    digest: str
    text: str
    author: str
    created: float
    message: str


@dataclass(frozen=True, slots=True)
class Deed:
    """Somebody changing the store: the transaction, and who."""

    state: State
    connection: sa.Connection
    actor: Actor
    events: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)
    """What is audited when all else is done: the chain is locked from its first event to the transaction's end."""

    def find(self, name: str, action: str) -> Owned:
        """As `find`, locked until the transaction ends."""
        return find(self.connection, self.actor, name, action, lock=True)

    def write(self, statement: sa.Executable) -> None:
        """Run one statement."""
        self.connection.execute(statement)

    def record(self, kind: str, subject: str, **facts: object) -> None:
        """Have it audited at the end."""
        self.events.append((kind, subject, facts))

    def finish(self) -> None:
        """Audit what was done."""
        for kind, subject, facts in self.events:
            audit.record(self.state, self.connection, self.actor, kind, subject, **facts)


def digest_of(text: str) -> str:
    """What a text is known by: SHA-256 of its UTF-8."""
    return sha256(text.encode()).hexdigest()


def read_text(data: bytes, source: str = "template.yaml") -> str:
    """The text of a body; HTTPError 413 where it is too large, InputError where it is not UTF-8."""
    if len(data) > LARGEST:
        raise HTTPError(413, f"{source}: a template of at most {LARGEST >> 10} KiB is taken")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise HTTPError(422, f"{source}: not UTF-8 (byte {error.start})") from None


def checked(text: str, source: str = "template.yaml") -> Template:
    """The template that a text is; HTTPError 422 with every problem of it at its line and column."""
    try:
        found = from_text(text, source)
    except InputError as error:
        raise HTTPError(422, error.problems) from None
    if not NAME.fullmatch(found.name):
        raise HTTPError(422, [Problem("templateName: at most 200 characters", found.where)])
    return found


def check_name(text: str, made: Template, name: str, source: str = "template.yaml") -> None:
    """HTTPError 422 where the text is of another template than `name`."""
    if made.name != name:
        keys = parse(text, source).keys or {}
        named = (place for key, place in keys.items() if folded(key) in ("templatename", "name", "template"))
        where = next(named, made.where)
        hint = "A template keeps its name; create another for another name."
        raise HTTPError(422, [Problem(f"templateName: expected {name!r}, found {made.name!r}", where, hint)])


@lru_cache(maxsize=2048)
def understood(text: str) -> Template | None:
    """The template of a stored text; None where this release no longer reads it."""
    try:
        return from_text(text, f"{from_text(text).name}.yaml")  # places are told to people who know it by its name
    except HotFixtureError:
        return None


def volumes_of(template: Template) -> list[str]:
    """The volumes that a template reads."""
    files = (export.volume.value for export in template.exports.values() if isinstance(export, FilesExport))
    return sorted(set(files))


def find(
    connection: sa.Connection, actor: Actor, name: str, action: str, *, deleted: bool = False, lock: bool = False
) -> Owned:
    """The template that an actor may do `action` with; HTTPError 404 and 403 otherwise.

    With `deleted`, whoever reads the audit finds deleted ones too; with `lock`, no other transaction changes it before
    this one ends.
    """
    query = sa.select(TEMPLATES).where(TEMPLATES.c.name == name)
    row = connection.execute(query.with_for_update() if lock else query).first() if NAME.fullmatch(name) else None
    if row is None or (row.deleted and not (deleted and access.may(actor, "audit.read"))):
        raise HTTPError(404, access.NOT_HERE)
    found = Owned.of(row)
    found.check(actor, action)
    return found


def revision(connection: sa.Connection, template: Owned, number: int = 0) -> Revision:
    """One revision of a template; 0 is the newest. HTTPError 404 where there is none of that number."""
    wanted = number or template.revision
    query = sa.select(REVISIONS).where(REVISIONS.c.template == template.name, REVISIONS.c.number == wanted)
    row = connection.execute(query).first() if 0 < wanted <= template.revision else None
    if row is None:
        raise HTTPError(404, f"{template.name} has no revision {number}")
    return Revision(row.template, row.number, row.digest, row.text, row.author, row.created, row.message)


def history(connection: sa.Connection, names: list[str]) -> dict[str, list[Revision]]:
    """The revisions of templates without their texts, the newest first."""
    columns = [column for column in REVISIONS.c if column.name != "text"]
    query = sa.select(*columns).where(REVISIONS.c.template.in_(names)).order_by(REVISIONS.c.number.desc())
    found: dict[str, list[Revision]] = {name: [] for name in names}
    for row in connection.execute(query):
        made = Revision(row.template, row.number, row.digest, "", row.author, row.created, row.message)
        found[row.template].append(made)
    return found


def own_team(connection: sa.Connection, actor: Actor, asked: str) -> str:
    """The team that shall own a new template: the one asked for, or the actor's only one."""
    if asked:
        team_name(asked)
        if asked not in actor.teams and "admin" not in actor.roles:
            raise HTTPError(403, f"team={asked}: you are not in it")
        if not teams.exists(connection, asked):
            raise HTTPError(404, f"there is no team {asked!r}")
        return asked
    if not actor.teams:
        raise HTTPError(403, "a template belongs to a team, and you are in none: an administrator adds you to one")
    if len(actor.teams) > 1:
        raise HTTPError(400, f"team: expected one of {', '.join(sorted(actor.teams))}")
    return next(iter(actor.teams))


def create(deed: Deed, template: Template, text: str, *, team: str, message: str) -> Owned:
    """A new template with its first revision. HTTPError 403 where the actor may not, 409 where the name is taken.

    A name is taken for all teams, and stays so when its template is deleted.
    """
    access.require(deed.actor, "template.create")
    if not deed.actor.reaches(template.name):
        raise HTTPError(403, f"{template.name!r} is not among the template names that this token may ask for")
    now = deed.state.now()
    row = {
        "name": template.name, "team": own_team(deed.connection, deed.actor, team), "owner": deed.actor.name,
        "shared": "[]", "revision": 1, "deleted": False, "created": now, "updated": now,
    }  # fmt: skip
    if deed.connection.execute(sa.select(TEMPLATES.c.name).where(TEMPLATES.c.name == template.name)).first():
        raise HTTPError(409, TAKEN.format(template.name))
    try:
        deed.write(TEMPLATES.insert().values(**row))
    except IntegrityError:  # another daemon was quicker
        raise HTTPError(409, TAKEN.format(template.name)) from None
    _append(deed, Revision(template.name, 1, digest_of(text), text, deed.actor.name, now, message))
    facts = {"revision": 1, "digest": digest_of(text), "team": row["team"]}
    deed.record("template.created", template.name, **facts)
    return Owned(template.name, str(row["team"]), deed.actor.name, (), 1, False, now, now)


def revise(deed: Deed, template: Owned, text: str, *, message: str) -> Revision:
    """The text as the template's newest revision; the newest itself where it says the same.

    `template` is locked by this transaction, and the actor may change it.
    """
    newest = revision(deed.connection, template)
    if newest.digest == digest_of(text):
        return newest
    now, number = deed.state.now(), template.revision + 1
    made = Revision(template.name, number, digest_of(text), text, deed.actor.name, now, message)
    _append(deed, made)
    moved = TEMPLATES.update().where(TEMPLATES.c.name == template.name).values(revision=number, updated=now)
    deed.write(moved)
    facts = {"revision": number, "digest": made.digest, "before": newest.digest}
    deed.record("template.revised", template.name, **facts)
    return made


def _append(deed: Deed, made: Revision) -> None:
    deed.write(REVISIONS.insert().values(**asdict(made)))


def share(deed: Deed, template: Owned, *, team: str, shared: tuple[str, ...]) -> None:
    """Give a template to a team, and share it with others. HTTPError 403 and 404 as for `template.share`."""
    template.check(deed.actor, "template.share")
    if team != template.team:
        own_team(deed.connection, deed.actor, team)
    for other in shared:
        if other != "*" and not teams.exists(deed.connection, team_name(other)):
            raise HTTPError(404, f"shared: there is no team {other!r}")
    values = {"team": team, "shared": json.dumps(shared), "updated": deed.state.now()}
    deed.write(TEMPLATES.update().where(TEMPLATES.c.name == template.name).values(**values))
    facts = {"team": team, "shared": shared, "team_before": template.team, "shared_before": template.shared}
    deed.record("template.shared", template.name, **facts)


def delete(deed: Deed, template: Owned) -> None:
    """Take a template out of use; its revisions and its name stay."""
    values = {"deleted": True, "updated": deed.state.now()}
    deed.write(TEMPLATES.update().where(TEMPLATES.c.name == template.name).values(**values))
    deed.record("template.deleted", template.name, revision=template.revision)
