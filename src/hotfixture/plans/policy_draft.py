"""A drafted policy: what looks sensitive in a database with its evidence, and a decision about everything else.

The draft loads as it is and fits the database: masks keep unique keys distinct and fit their columns, keys that refer
to each other get one mask. It is a beginning for somebody who knows the data, not a decision.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hotfixture.errors import HotFixtureError
from hotfixture.plans.inspection import sample
from hotfixture.transforms.coherence import cohere
from hotfixture.transforms.decisions import LIKELY, bind_all
from hotfixture.transforms.detect import suspect
from hotfixture.transforms.examine import examine
from hotfixture.transforms.masks import MaskSpec, bind, resolve
from hotfixture.transforms.propagation import spread

if TYPE_CHECKING:
    import pyarrow as pa

    from hotfixture.databases.base import Database
    from hotfixture.schema import Column, Reference, Schema, Table
    from hotfixture.transforms.propagation import Place
    from hotfixture.transforms.suspicions import Suspicion

_PLAIN = re.compile(r"[A-Za-z_][\w$-]*", re.ASCII).fullmatch
_ROUNDS = 8
"""Tries to find masks of one table that fit together."""
_HEAD = """\
# A drafted policy for {provider} ({server} {version}): read every line before you rely on it.
# Above, columns that look sensitive, each with its evidence; below, columns that nothing was found against.
# A column that somebody adds later stops an export until it stands here: default: deny.
default: deny
filters: allow
expressions: refuse
rules:
"""
_NOTHING = "  # {provider} has no columns.\n"
_FILES = """\
# Files of volumes are refused until rules say what becomes of them:
# files:
#   - {match: "logs:**/*.log", text: scrub}
#   - {match: "exports:**/*.csv", columns: {email: email, id: keep}}
"""


@dataclass(slots=True)
class _Draft:
    """What is decided about one database."""

    schema: Schema
    samples: dict[str, Mapping[str, pa.Array]] = field(default_factory=dict)
    suspicions: dict[Place, Suspicion] = field(default_factory=dict)
    masks: dict[Place, MaskSpec] = field(default_factory=dict)
    follows: dict[Place, Place] = field(default_factory=dict)
    """Columns that get their mask from another, to which a reference connects them."""
    given_up: set[Place] = field(default_factory=set)
    """Columns that look sensitive and that no mask fits."""


def draft(database: Database, provider: str, *, samples: bool = True) -> str:
    """The text of a policy for one provider; looks at some rows of each table unless told not to. DatabaseError."""
    found = _Draft(database.inspect())
    with database.snapshot():
        for table in found.schema:
            seen = sample(database, table) if samples else None
            found.samples[str(table.name)] = seen or {}
            found.suspicions |= {(one.table, one.column): one for one in suspect(table, seen)}
    _decide(found, database.dialect.sqlglot)
    version = ".".join(map(str, database.version))
    head = _HEAD.format(provider=provider, server=database.server, version=version)
    rules = "".join(_rules(found, provider)) or _NOTHING.format(provider=provider)
    return head + rules + _FILES


def _decide(found: _Draft, dialect: str) -> None:
    """Masks for what is suspected, fitted to references, then to the tables."""
    likely = {place: one for place, one in found.suspicions.items() if one.confidence >= LIKELY}
    for place in sorted(likely, key=lambda place: -likely[place].confidence):
        if place not in found.follows:
            _spread_from(found, place, likely[place].mask)
    for table in found.schema:
        _fit(found, table, dialect)


def _spread_from(found: _Draft, place: Place, spec: MaskSpec) -> None:
    """Give a column its mask, and the columns that references connect with it."""
    if not any(place in _ends(reference) for reference in found.schema.references()):
        found.masks[place] = resolve(spec)
        return
    # What is referred to must stay distinct, and be the same on both sides.
    for candidate in (MaskSpec("permute"), MaskSpec("hash")):
        try:
            _, steps = spread(found.schema, {place: candidate})
        except HotFixtureError:
            continue
        found.masks[place] = candidate
        found.follows |= {step.place: place for step in steps}
        for step in steps:
            found.masks.pop(step.place, None)
        return
    found.given_up.add(place)


def _ends(reference: Reference) -> Iterator[Place]:
    table, target = reference.table, reference.target
    yield from ((table, column) for column in reference.columns)
    yield from ((target, column) for column in reference.target_columns)


def _fit(found: _Draft, table: Table, dialect: str) -> None:
    """Other masks for columns whose own does not fit: none that breaks the load is proposed."""
    left = {name: _others(found.masks[table.name, name], table.column(name)) for (of, name) in found.masks
            if of == table.name}  # fmt: skip
    for _ in range(_ROUNDS):
        wrong = _unfit(found, table, dialect)
        if not wrong:
            return
        for name in wrong:
            place = (table.name, name)
            other = next(left.get(name, iter(())), None)
            if other is None or place in found.follows.values():
                found.masks.pop(place, None)
                found.follows = {one: source for one, source in found.follows.items() if source != place}
                found.given_up.add(place)
            else:
                found.masks[place] = other


def _others(spec: MaskSpec, column: Column) -> Iterator[MaskSpec]:
    """What else a column may get, the nearest first."""
    yield spec.with_options(unique=True)
    if column.length:
        yield spec.with_options(max_length=column.length)
        yield spec.with_options(max_length=column.length, unique=True)
    yield from (MaskSpec("permute"), MaskSpec("hash"), MaskSpec("redact"))
    if column.nullable:
        yield MaskSpec("null")


def _unfit(found: _Draft, table: Table, dialect: str) -> set[str]:
    """The columns of a table whose masks do not fit."""
    specs = {name: spec for (of, name), spec in found.masks.items() if of == table.name}
    wrong = {name for name, spec in specs.items() if not _binds(spec, table, name)}
    if wrong or not specs:
        return wrong
    try:
        masks = bind_all(cohere(specs), table.columns)
        findings = examine(table, masks, dialect=dialect, samples=found.samples[str(table.name)] or None)
    except HotFixtureError:
        return set(specs)
    return {finding.column for finding in findings if finding.severity == "error"} & set(specs)


def _binds(spec: MaskSpec, table: Table, name: str) -> bool:
    try:
        bind(spec, table.column(name), columns=tuple(column.name for column in table.columns))
    except HotFixtureError:
        return False
    return True


# ---- the text


def _rules(found: _Draft, provider: str) -> Iterator[str]:
    for table in sorted(found.schema, key=lambda table: str(table.name)):
        for column in table.columns:
            place = (table.name, column.name)
            if place in found.masks:
                yield f"  # {_evidence(found.suspicions[place])}\n"
                mask = json.dumps(found.masks[place].plain(), ensure_ascii=False)
                yield f"  - {{match: {_pattern(provider, table, column.name)}, mask: {mask}}}\n"
    for table in sorted(found.schema, key=lambda table: str(table.name)):
        yield from _kept(found, provider, table)


def _kept(found: _Draft, provider: str, table: Table) -> Iterator[str]:
    decided = {name for of, name in (*found.masks, *found.follows) if of == table.name}
    names = [column.name for column in table.columns if column.name not in decided]
    for name in names:
        doubt = found.suspicions.get((table.name, name))
        if doubt:
            why = "no mask fits it, look here" if (table.name, name) in found.given_up else "doubtful"
            yield f"  # {why}: {_evidence(doubt)}\n"
    if names:
        yield f"  - match: [{_joined(_pattern(provider, table, name) for name in names)}]\n"
        yield "    keep: drafted, nobody has looked at it yet\n"


def _joined(patterns: Iterable[str]) -> str:
    return ", ".join(patterns)


def _evidence(one: Suspicion) -> str:
    text = f"{one.column}: {one.kind.replace('_', ' ')}, {one.confidence:.0%}: {one.evidence}"
    return " ".join(text.split())


def _pattern(provider: str, table: Table, column: str) -> str:
    """The column, said in full, as YAML."""
    parts: Sequence[str] = (_part(provider), _part(table.name.schema) if table.name.schema else "*",
                            _part(table.name.name), _part(column))  # fmt: skip
    text = ".".join(parts)
    return text if _PLAIN(text.replace(".", "")) else json.dumps(text, ensure_ascii=False)


def _part(name: str) -> str:
    return name if _PLAIN(name) else '"' + name.replace('"', '""') + '"'
