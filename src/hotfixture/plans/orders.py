"""An order: a template's text with parameters, under a policy, and what it may reach; made a plan, then a package.

The calls and commands make one of files and settings, the daemon of what stands in its store.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from hotfixture import settings as settings_module
from hotfixture.documents import parse
from hotfixture.plans.compile import compile_plan
from hotfixture.plans.parameters import resolve
from hotfixture.plans.run import Build
from hotfixture.plans.template import Template, from_text
from hotfixture.transforms.masks.keys import MaskingKey
from hotfixture.transforms.policy import Policy
from hotfixture.transforms.scan import Originals

if TYPE_CHECKING:
    from hotfixture.databases.base import Database
    from hotfixture.files.volumes import Volume
    from hotfixture.plans.plan import Plan
    from hotfixture.plans.sinks import Progress
    from hotfixture.transforms.subset import Reason


class Text(NamedTuple):
    """A document, and what errors call it."""

    text: str
    source: str

    @property
    def digest(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants."""

    template: Text
    parameters: Mapping[str, object]
    """Values, or words as on the command line."""
    today: date
    """The day that relative dates count from."""
    policy: Text | None = None

    def parsed(self) -> Template:
        """The template; InputError with every problem of it."""
        return from_text(*self.template)

    def values(self, template: Template) -> dict[str, object]:
        """The value of every parameter; InputError with all problems of them."""
        return resolve(template, self.parameters, self.today)


@dataclass(frozen=True, slots=True)
class Reach:
    """What an order may reach."""

    providers: frozenset[str]
    open: Callable[[str], AbstractContextManager[Database]]
    """A connection to a provider, for as long as the context lasts."""
    key: MaskingKey
    volumes: Mapping[str, str | Volume] = field(default_factory=dict)
    """Paths or URLs by name, or volumes that are open already."""


class Planned(NamedTuple):
    """A plan, and the databases it was made with, each inside the snapshot of that time."""

    plan: Plan
    databases: Mapping[str, Database]
    snapshots: Mapping[str, str]
    key: MaskingKey
    policy: Policy
    volumes: Mapping[str, str | Volume]


@contextmanager
def planned(order: Order, reach: Reach) -> Iterator[Planned]:
    """The plan, made inside the snapshots that its run will read: preparations see what the exports see.

    Raises InputError, RefusedError, DatabaseError.
    """
    template = order.parsed()
    values = order.values(template)
    policy = Policy.read(parse(*order.policy)) if order.policy else None
    with ExitStack() as stack:
        wanted = sorted(template.providers() & reach.providers)
        databases = {name: stack.enter_context(reach.open(name)) for name in wanted}
        snapshots = {name: stack.enter_context(database.snapshot()) for name, database in databases.items()}
        plan = compile_plan(
            template,
            order.template.text,
            databases,
            values,
            policy=policy,
            volumes=reach.volumes,
            key=reach.key.identifier,
            today=order.today,
        )
        pinned = settings_module.pinned_time()
        if pinned:  # said, for it is not when it was read
            snapshots = dict.fromkeys(snapshots, f"{pinned} (SOURCE_DATE_EPOCH)")
        plan = replace(plan, policy=order.policy.digest if order.policy else "")
        yield Planned(plan, databases, snapshots, reach.key, policy or Policy(), reach.volumes)


@contextmanager
def building(
    made: Planned,
    stage: Path,
    *,
    inserts: bool = False,
    progress: Progress | None = None,
    explain: Callable[[Reason], None] | None = None,
) -> Iterator[Build]:
    """What builds the package in the folder `package` of `stage`; its `run` gives the manifest."""
    with Originals(expected=_expected(made.plan)) as originals:
        folder, aside = stage / "package", stage / "rows"
        folder.mkdir()
        aside.mkdir()
        build = Build(made.plan, made.databases, made.snapshots, made.key, folder, aside, originals)
        build.volumes, build.policy, build.inserts = made.volumes, made.policy, inserts
        build.progress, build.explain = progress, explain
        yield build


def is_more(manifest: Mapping[str, Any]) -> bool:
    """Whether a package holds more than one script and its metadata."""
    return len([name for name in manifest["files"] if not name.startswith("METADATA/")]) > 1


def _expected(made: Plan) -> int:
    """How many originals there may be: sizes the scan's filter."""
    return sum((rows.estimate.rows if rows.estimate else 10_000) * len(rows.masks) for _, _, rows in made) or 1
