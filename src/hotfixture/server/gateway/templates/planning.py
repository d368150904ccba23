"""Plans of the daemon's templates: which providers may be read for whom, and the plan made inside their snapshots."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from hotfixture import settings as settings_module
from hotfixture.errors import DatabaseError, Problem, RefusedError
from hotfixture.plans.compile import compile_plan
from hotfixture.plans.declarations import BUILT_IN, Parameter
from hotfixture.plans.exports import FilesExport
from hotfixture.plans.parameters import resolve
from hotfixture.plans.template import Template, from_text, holes
from hotfixture.plans.values import DateRange
from hotfixture.server.gateway import access
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.places import Place, Provider, granted
from hotfixture.server.gateway.sources import opening
from hotfixture.server.gateway.templates import policies
from hotfixture.server.gateway.templates.revisions import Owned, Revision
from hotfixture.server.problems import HTTPError
from hotfixture.transforms.masks.keys import MaskingKey

if TYPE_CHECKING:
    from hotfixture.databases.base import Database
    from hotfixture.plans.plan import Plan

KEY_FILE = "masking.key"
_DAYS = re.compile(r"(?:^|_)(?:time|date|day|at|on|start|end|from|to|until|since|after|before)$")
"""Names of undeclared parameters that mean a moment."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what it was made with; the databases stand inside the snapshots that its run will read."""

    plan: Plan
    databases: Mapping[str, Database]
    snapshots: Mapping[str, str]
    key: MaskingKey
    policy: policies.Current
    stand_ins: tuple[str, ...] = ()
    """Parameters that were not given, and for which something was invented."""


@contextmanager
def planned(
    gateway: Gateway,
    actor: Actor,
    template: Owned,
    revision: Revision,
    parameters: Mapping[str, object],
    *,
    inspects: bool = False,
    invents: bool = False,
    reads: bool = True,
    today: date | None = None,
    door: Callable[[Provider], AbstractContextManager[Database]] | None = None,
) -> Iterator[Planned]:
    """The plan of one revision, made on the providers that both the template's team and the actor are granted.

    With `inspects`, the team's grant is enough: who approves need not be of the team. With `invents`, parameters that
    are missing get values of their types, and what a server refuses is said as a fault of the template (HTTPError
    422). Without `reads`, nothing is asked of the providers but their catalogues: no preparation runs, nothing is
    estimated. `door` opens a provider in another way than `opened`.
    Raises InputError, RefusedError, DatabaseError, HotFixtureError. Call it outside of transactions.
    """
    policy = policies.current(gateway)
    key = masking_key(gateway)
    parsed = from_text(revision.text, f"{template.name}.yaml")
    granted_ones = providers(gateway, actor, template, parsed, inspects=inspects)
    day = today or datetime.fromtimestamp(gateway.state.now(), UTC).date()
    relaxed, stand_ins = _completed(parsed, parameters, day) if invents else (parsed, {})
    values = resolve(relaxed, {**stand_ins, **parameters}, day)
    with ExitStack() as stack:
        enter = door or partial(opened, gateway)
        databases = {name: stack.enter_context(enter(one)) for name, one in sorted(granted_ones.items())}
        snapshots = {name: stack.enter_context(database.snapshot()) for name, database in databases.items()}
        read = databases if reads else {name: _unread(database) for name, database in databases.items()}
        with _faults(tuple(stand_ins)) if invents else ExitStack():
            plan = compile_plan(
                parsed, revision.text, read, values, policy=policy.policy,
                volumes=volumes(gateway, actor, template, inspects=inspects),
                key=key.identifier, today=day,
            )  # fmt: skip
        made = replace(plan, policy=policy.digest)
        yield Planned(made, databases, snapshots, key, policy, tuple(stand_ins))


def opened(gateway: Gateway, provider: Provider) -> AbstractContextManager[Database]:
    """A connection to a provider, within its limits: it waits for a free slot in its thread."""
    return opening.opened(gateway.state, provider, slots=opening.doors(gateway).slots)


def masking_key(gateway: Gateway) -> MaskingKey:
    """The key of the settings, or of the daemon's folder; HotFixtureError where it cannot be used."""
    path = gateway.settings.masking_key or gateway.settings.folder / KEY_FILE
    with policies.misconfigured("the masking key"):
        return MaskingKey(settings_module.read_key(path, closed_to=0o007))


def _both(teams: tuple[str, ...], actor: Actor, template: Owned, *, inspects: bool = False) -> bool:
    """Whether something granted to `teams` is granted to the template's team and to the actor."""
    if inspects or "admin" in actor.roles:
        return granted(teams, frozenset({template.team}))
    return access.reads(actor, teams, team=template.team)


def providers(
    gateway: Gateway, actor: Actor, template: Owned, parsed: Template, *, inspects: bool = False
) -> dict[str, Provider]:
    """The providers that the template reads; RefusedError with every one that is not granted, or not there."""
    found: dict[str, Provider] = {}
    problems: list[Problem] = []
    for part in (*parsed.prepare, *parsed.exports.values()):
        if isinstance(part, FilesExport):
            continue
        name = part.provider.value
        known = gateway.settings.providers.get(name)
        if known is None or not _both(known.teams, actor, template, inspects=inspects):
            problems.append(Problem(f"no provider {name!r} is granted to team {template.team}", part.provider.where))
        else:
            found[name] = known
    if problems:
        raise RefusedError.of(problems)
    return found


def volumes(gateway: Gateway, actor: Actor, template: Owned, *, inspects: bool = False) -> dict[str, Place]:
    """The volumes that both the template's team and the actor are granted."""
    known = gateway.settings.volumes.items()
    return {name: place for name, place in known if _both(place.teams, actor, template, inspects=inspects)}


class _Unread:
    """A database that is asked for its catalogue alone: preparations find nothing, and nothing is counted.

    The number of rows that a condition meets tells of production, as their values do.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def fetch(self, query: str) -> list[tuple[object, ...]]:  # noqa: ARG002 - as in `Database`
        return [(None,)]

    def estimate(self, query: object) -> None:  # noqa: ARG002 - as in `Database`
        return None


def _unread(database: Database) -> Any:
    return _Unread(database)


@contextmanager
def _faults(stand_ins: tuple[str, ...]) -> Iterator[None]:
    """What a server refuses of a plan, as what is wrong with the template, or with the values invented for it."""
    try:
        yield
    except DatabaseError as error:
        hint = f"Invented values stood in for {', '.join(stand_ins)}: give better ones." if stand_ins else ""
        raise HTTPError(422, [problem._replace(hint=problem.hint or hint) for problem in error.problems]) from None


def _completed(template: Template, given: Mapping[str, object], today: date) -> tuple[Template, dict[str, object]]:
    """The template without bounds on what is invented, and a value for every parameter that is missing."""
    missing = {
        name: parameter
        for name, parameter in {**BUILT_IN, **template.parameters}.items()
        if given.get(name) is None and parameter.default is None
        and (parameter.required or (name in BUILT_IN and name in template.uses))
    }  # fmt: skip
    free = {n: replace(p, low=None, high=None, pattern="", min_items=0, max_items=None) for n, p in missing.items()}
    relaxed = replace(template, parameters={**template.parameters, **{n: free[n] for n in free if n not in BUILT_IN}})
    invented = {name: _specimen(parameter, today) for name, parameter in missing.items()}
    prepared = {preparation.name for preparation in template.prepare}
    parts = {name for text in template.texts() for name, part, _ in holes(text) if part}
    for name in template.uses:
        if name not in {*BUILT_IN, *template.parameters, *prepared} and given.get(name) is None:
            invented[name] = _guess(name, today, ranged=name in parts)
    return relaxed, invented


def _specimen(parameter: Parameter, today: date) -> object:
    """A value of a parameter's type, at its lower bound where numbers and times have one; a pattern need not hold."""
    kind, low = parameter.type, parameter.low
    known: dict[str, object] = {
        "integer": 1 if low is None else low,
        "decimal": Decimal(1) if low is None else low,
        "text": "x",
        "boolean": True,
        "date": today if low is None else low,
        "timestamp": datetime(today.year, today.month, today.day) if low is None else low,  # noqa: DTZ001 - as a developer writes it: the session's clock
        "date_range": DateRange(today, today),
        "choice": kind.choices[0] if kind.choices else "",
    }
    value = known[kind.name]
    return [value] * max(1, parameter.min_items) if kind.is_list else value


def _guess(name: str, today: date, *, ranged: bool) -> object:
    """A value for a parameter that the template uses without declaring it."""
    if ranged:
        return DateRange(today, today)
    return today if _DAYS.search(name.lower()) else 1
