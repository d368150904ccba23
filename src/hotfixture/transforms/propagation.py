"""Masked keys carry their references: one mask for all columns that a reference connects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from hotfixture.errors import InputError, Problem
from hotfixture.schema import Reference, Schema, TableName
from hotfixture.transforms.kinds import integer_bounds, kind_of
from hotfixture.transforms.masks import MaskSpec

Place: TypeAlias = "tuple[TableName, str]"
Specs: TypeAlias = "Mapping[Place, MaskSpec | None]"
"""What is decided about columns: a mask, or None for one that is kept as it is; columns left out are undecided."""


class Step(NamedTuple):
    """One column that gets its mask from another, through a reference."""

    place: Place
    source: Place
    spec: MaskSpec
    reference: Reference


def spelled(place: Place) -> str:
    """`schema.table.column`."""
    return f"{place[0]}.{place[1]}"


def propagate(schema: Schema, specs: Specs) -> dict[Place, MaskSpec | None]:
    """`specs`, and the masks that spread along references, both ways; virtual, JSON and polymorphic ones too.

    Raises InputError that names both columns where two decisions contradict each other, and where a mask would give
    the two sides of a reference different values.
    """
    made, _ = spread(schema, specs)
    return made


def spread(schema: Schema, specs: Specs) -> tuple[dict[Place, MaskSpec | None], list[Step]]:
    """As `propagate`, with the steps that were made."""
    made, steps, problems = dict(specs), list[Step](), list[Problem]()
    plain = [reference for reference in schema.references() if not reference.path and not reference.when]
    for group in _groups(plain):
        _settle_group(schema, group, made, steps, problems)
    for reference in schema.references():
        if reference.path or reference.when:
            _follow_one(reference, made, steps)
    if problems:
        raise InputError.of(problems)
    return made, steps


def _pairs(reference: Reference) -> Iterator[tuple[Place, Place]]:
    for column, target in zip(reference.columns, reference.target_columns, strict=True):
        yield (reference.table, column), (reference.target, target)


def _groups(references: list[Reference]) -> list[dict[Place, Reference]]:
    """Columns connected by references, each with one reference that connects it."""
    group_of: dict[Place, dict[Place, Reference]] = {}
    for reference in references:
        for one, other in _pairs(reference):
            left = group_of.get(one, {one: reference})
            right = group_of.get(other, {other: reference})
            joined = left if left is right else {**left, **right}
            group_of.update(dict.fromkeys(joined, joined))
    return list({id(group): group for group in group_of.values()}.values())


def _settle_group(
    schema: Schema,
    group: dict[Place, Reference],
    made: dict[Place, MaskSpec | None],
    steps: list[Step],
    problems: list[Problem],
) -> None:
    decided = [place for place in sorted(group) if place in made]
    sources = [place for place in decided if made[place] is not None]
    if not sources:
        return
    source = sources[0]
    spec = made[source]
    assert spec is not None
    problems += [_contradiction(source, place, spec, made[place]) for place in decided if made[place] != spec]
    spec = _fitted(schema, sorted(group), spec, problems)
    for place in sorted(group):
        if place not in made:
            steps.append(Step(place, source, spec, group[place]))
        made[place] = spec


def _contradiction(one: Place, other: Place, spec: MaskSpec, second: MaskSpec | None) -> Problem:
    return Problem(
        f"{spelled(one)} is to get {spec} and {spelled(other)}, which a reference connects with it, "
        f"{f'is to get {second}' if second else 'is to be kept'}",
        (second.where if second else None) or spec.where,
        "Give both the same mask, or decide about one of them only: the other follows.",
    )


def _fitted(schema: Schema, places: list[Place], spec: MaskSpec, problems: list[Problem]) -> MaskSpec:
    """The spec with the options under which all the columns get the same values."""
    columns = [schema.tables[table].column(name) for table, name in places if table in schema.tables]
    kinds = {kind_of(column) for column in columns}
    wide = {integer_bounds(column) for column in columns} if kinds == {"integer"} else set()
    both = f"{spelled(places[0])} and {spelled(places[-1])}"
    if (spec.name in ("permute", "hash") and len(kinds) > 1) or (spec.name == "hash" and len(wide) > 1):
        message = f"{spec} gives {both} different values, since their types differ"
        problems.append(Problem(message, spec.where, "Use permute for integers; hash for keys of one type."))
    if "by" in spec.options:
        message = f"{both} are keys and cannot draw from another column"
        problems.append(Problem(message, spec.where, "Leave 'by' out."))
    if any(column.ignores_case for column in columns) and spec.name not in ("permute", "null", "fixed", "redact"):
        spec = spec.with_options(fold=True)
    lengths = [column.length for column in columns if column.length]
    if spec.name == "hash" and lengths and "length" not in spec.options:
        spec = spec.with_options(length=min(16, *lengths, 16))
    return spec


def _follow_one(reference: Reference, made: dict[Place, MaskSpec | None], steps: list[Step]) -> None:
    """A key inside JSON, or one that points here under a condition, follows its target and never leads."""
    for place, target in _pairs(reference):
        spec = made.get(target)
        if spec is None:
            continue
        if reference.path:
            spec = MaskSpec("json", {reference.path: spec.plain()}, where=spec.where)
        if reference.when:
            column, value = reference.when
            spec = MaskSpec("when", {"column": column, "in": [value], "mask": spec.plain()}, where=spec.where)
        before = made.get(place)
        made[place] = _combined(before, spec) if before else spec
        steps.append(Step(place, target, spec, reference))


def _combined(before: MaskSpec, spec: MaskSpec) -> MaskSpec:
    """Two paths of one document, or two conditions one after the other; any other mask that was said stays."""
    if before.name == spec.name == "json":
        return before.with_options(**{path: mask for path, mask in spec.options.items() if path not in before.options})
    if before.name == spec.name == "when" and "else" not in spec.options:
        return spec.with_options(**{"else": before.plain()})
    return before
