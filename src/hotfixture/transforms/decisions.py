"""Policy and template together: what becomes of each column, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from hotfixture.documents import Node
from hotfixture.errors import HotFixtureError, InputError, Problem, RefusedError, Where
from hotfixture.schema import Column, Schema, Table, TableName
from hotfixture.transforms.coherence import cohere
from hotfixture.transforms.defaults import default_mask, keys
from hotfixture.transforms.detect import suspect
from hotfixture.transforms.globs import Glob
from hotfixture.transforms.masks import KEEP, Mask, MaskSpec, bind, resolve
from hotfixture.transforms.policy import Policy, Rule
from hotfixture.transforms.propagation import spread
from hotfixture.transforms.suspicions import Suspicion

State = Literal["masked", "kept", "passed", "undecided"]
Address: TypeAlias = "tuple[str, TableName, str]"
"""Provider, table, column."""

STRONGEST = ("null", "fixed", "redact")
"""Masks that leave nothing: a template may always put them in the place of another."""
LIKELY = 0.5
"""A suspicion counts as a detected class from this confidence on."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one column."""

    provider: str
    table: TableName
    column: str
    state: State
    mask: MaskSpec | None = None
    why: str = ""
    where: Where | None = None
    rule: Rule | None = None
    """The policy's rule that decided; None where the template, a reference or the default did."""

    def __str__(self) -> str:
        what = str(self.mask) if self.mask else self.state
        return f"{self.table}.{self.column}: {what} ({self.why})"


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decision about every column of every provider."""

    policy: Policy
    columns: Mapping[Address, Decision]
    warnings: tuple[Problem, ...] = ()

    def of(self, provider: str, table: TableName, column: str) -> Decision:
        """The decision about one column; KeyError where there is no such column."""
        return self.columns[provider, table, column]

    def __iter__(self) -> Iterator[Decision]:
        return iter(self.columns.values())

    def require(self, provider: str, columns: Iterable[tuple[TableName, str]]) -> None:
        """Raise RefusedError that names all of `columns` that nobody has decided about."""
        undecided = [place for place in columns if self.of(provider, *place).state == "undecided"]
        if undecided:
            raise RefusedError.of(
                Problem(f"nobody has decided about {table}.{column} ({provider})",
                        hint="Add a rule with a mask, or with 'keep', to the policy; or mask it in the template.")
                for table, column in undecided
            )  # fmt: skip

    def specs(self, provider: str, table: Table, columns: Iterable[str] | None = None) -> dict[str, MaskSpec]:
        """The masks of a table's columns (of those named, in a partial export), made to agree with each other."""
        names = list(columns) if columns is not None else [c.name for c in table.columns if not c.generated]
        self.require(provider, [(table.name, name) for name in names])
        found = {name: self.of(provider, table.name, name).mask for name in names}
        return cohere({name: spec for name, spec in found.items() if spec is not None})

    def masks(self, provider: str, table: Table, columns: Iterable[str] | None = None) -> dict[str, Mask]:
        """As `specs`, bound to the columns; InputError with all that do not fit."""
        names = tuple(columns) if columns is not None else tuple(c.name for c in table.columns if not c.generated)
        return bind_all(self.specs(provider, table, names), [table.column(name) for name in names])


def bind_all(specs: Mapping[str, MaskSpec], columns: Iterable[Column]) -> dict[str, Mask]:
    """Each spec bound to its column; InputError with all that do not fit."""
    known = {column.name: column for column in columns}
    made, problems = {}, list[Problem]()
    for name, spec in specs.items():
        try:
            made[name] = bind(spec, known[name], columns=tuple(known))
        except HotFixtureError as error:
            problems += error.problems
    if problems:
        raise InputError.of(problems)
    return made


def decide(
    policy: Policy,
    schemas: Mapping[str, Schema],
    template: Mapping[str, Any] | Node | None = None,
    *,
    suspicions: Iterable[tuple[str, Suspicion]] | None = None,
) -> Decisions:
    """The decision about every column of `schemas` (by provider).

    `template` maps patterns of columns to masks, as the template's `masks:` does; the first that means a column counts.
    `suspicions` (with their provider) are what was detected, for rules by class; without them columns are judged by
    their names. Raises InputError with all problems at once: rules and template masks that mean nothing, template masks
    that would mask less than the policy, contradictions along references.
    """
    court = _Court(policy, schemas, _template(template), _classes(schemas, suspicions))
    return court.decide()


def _classes(
    schemas: Mapping[str, Schema], suspicions: Iterable[tuple[str, Suspicion]] | None
) -> dict[Address, set[str]]:
    if suspicions is None:
        suspicions = [
            (provider, one) for provider, schema in schemas.items() for table in schema for one in suspect(table)
        ]
    found: dict[Address, set[str]] = {}
    for provider, one in suspicions:
        if one.confidence >= LIKELY:
            found.setdefault((provider, one.table, one.column), set()).add(one.kind)
    return found


def _template(template: Mapping[str, Any] | Node | None) -> list[tuple[Glob, MaskSpec]]:
    if isinstance(template, Node):
        places, values = template.keys or {}, template.value
        template = values if isinstance(values, dict) else {}
    else:
        places = {}
    made, problems = [], list[Problem]()
    for pattern, value in (template or {}).items():
        where = places.get(pattern) or (value.where if isinstance(value, Node) else None)
        try:
            made.append((Glob.parse(pattern, where), resolve(MaskSpec.parse(value, where))))
        except HotFixtureError as error:
            problems += [problem if problem.where else problem._replace(where=where) for problem in error.problems]
    if problems:
        raise InputError.of(problems)
    return made


class _Court:
    """Decides once about all columns."""

    def __init__(
        self,
        policy: Policy,
        schemas: Mapping[str, Schema],
        template: list[tuple[Glob, MaskSpec]],
        classes: Mapping[Address, set[str]],
    ) -> None:
        self.policy, self.schemas, self.template, self.classes = policy, schemas, template, classes
        self.meant: set[int] = set()
        self.first: set[int] = set()
        self.used: set[int] = set()
        self.problems: list[Problem] = []

    def decide(self) -> Decisions:
        made: dict[Address, Decision] = {}
        for provider, schema in self.schemas.items():
            for table in schema:
                for column in table.columns:
                    made[provider, table.name, column.name] = self._one(provider, schema, table, column)
        self._unused()
        for provider, schema in self.schemas.items():
            self._spread(provider, schema, made)
        if self.problems:
            raise InputError.of(self.problems)
        for provider, schema in self.schemas.items():
            self._defaults(provider, schema, made)
        return Decisions(self.policy, made, tuple(self._shadowed()))

    def _one(self, provider: str, schema: Schema, table: Table, column: Column) -> Decision:
        blank = Decision(provider, table.name, column.name, "undecided", why="nobody has decided")
        by_policy = self._by_rules(blank, schema, column)
        spec, where = self._said(provider, schema, table.name, column.name)
        return self._joined(by_policy, spec, where) if spec else by_policy

    def _by_rules(self, blank: Decision, schema: Schema, column: Column) -> Decision:
        classes = self.classes.get((blank.provider, blank.table, blank.column), ())
        decided = blank
        for number, rule in enumerate(self.policy.rules):
            if rule.means(blank.provider, blank.table, column, classes, folds_case=schema.folds_case):
                self.meant.add(number)
                if decided is blank:
                    self.first.add(number)
                    decided = _ruled(blank, rule)
        return decided

    def _said(
        self, provider: str, schema: Schema, table: TableName, column: str
    ) -> tuple[MaskSpec | None, Where | None]:
        found: tuple[MaskSpec | None, Where | None] = (None, None)
        for number, (glob, spec) in enumerate(self.template):
            if glob.names(provider, table, column, folds_case=schema.folds_case):
                self.used.add(number)
                found = found if found[0] else (spec, glob.where)
        return found

    def _joined(self, decision: Decision, spec: MaskSpec, where: Where | None) -> Decision:
        """The policy's decision with what the template says: it may mask more, never less."""
        if spec.name == KEEP:
            return self._kept(decision, where)
        replaceable = decision.rule is not None and decision.rule.may_replace
        if decision.mask is None or decision.mask == spec or replaceable or spec.name in STRONGEST:
            return replace(decision, state="masked", mask=spec, why="template", where=where)
        self._refuse(f"the policy masks {decision.table}.{decision.column} with {decision.mask} ({decision.why}); "
                     f"the template may not replace that by {spec}", where)  # fmt: skip
        return decision

    def _kept(self, decision: Decision, where: Where | None) -> Decision:
        if decision.mask is None and (decision.state == "kept" or self.policy.default == "pass"):
            return replace(
                decision, state="kept", why=decision.why if decision.state == "kept" else "template", where=where
            )
        self._refuse(f"only the policy can say that {decision.table}.{decision.column} is kept as it is", where)
        return decision

    def _refuse(self, message: str, where: Where | None) -> None:
        hint = "A template may mask more, never less; a rule with 'may_replace: true' lets it choose."
        self.problems.append(Problem(message, where, hint))

    def _unused(self) -> None:
        for number, rule in enumerate(self.policy.rules):
            concerned = any(rule.concerns(provider) for provider in self.schemas)
            if number not in self.meant and concerned and not rule.optional:
                self.problems.append(Problem(f"the rule for {rule} means no column of {', '.join(self.schemas)}",
                                             rule.where, "Correct its names, or say 'optional: true'."))  # fmt: skip
        for number, (glob, _) in enumerate(self.template):
            if number not in self.used:
                self.problems.append(Problem(f"the mask for {glob.text} means no column of {', '.join(self.schemas)}",
                                             glob.where, "Correct its names: table.column."))  # fmt: skip

    def _shadowed(self) -> Iterator[Problem]:
        for number in sorted(self.meant - self.first):
            rule = self.policy.rules[number]
            yield Problem(f"the rule for {rule} never decides: rules above it mean all its columns", rule.where,
                          "Move it up, or remove it.")  # fmt: skip

    def _spread(self, provider: str, schema: Schema, made: dict[Address, Decision]) -> None:
        decided = {(table, column): one.mask for (of, table, column), one in made.items()
                   if of == provider and one.state in ("masked", "kept")}  # fmt: skip
        try:
            specs, steps = spread(schema, decided)
        except InputError as error:
            self.problems += error.problems
            return
        reasons = {step.place: f"follows {step.source[0]}.{step.source[1]}" for step in steps}
        for (table, column), spec in specs.items():
            address = (provider, table, column)
            if spec is not None and address in made and made[address].mask != spec:
                why = reasons.get((table, column), made[address].why)
                made[address] = replace(made[address], state="masked", mask=spec, why=why)

    def _defaults(self, provider: str, schema: Schema, made: dict[Address, Decision]) -> None:
        if self.policy.default == "deny":
            return
        fixed = keys(schema)
        for table in schema:
            for column in table.columns:
                address = (provider, table.name, column.name)
                if made[address].state == "undecided":
                    made[address] = self._by_default(
                        made[address], table, column, key=(table.name, column.name) in fixed
                    )

    def _by_default(self, decision: Decision, table: Table, column: Column, *, key: bool) -> Decision:
        if self.policy.default == "pass":
            return replace(decision, state="passed", why="default: pass")
        spec = default_mask(table, column, key=key)
        if spec is None:
            return replace(decision, why=f"no default mask for a {column.native} that may not be null")
        return replace(decision, state="masked", mask=spec, why="default: mask")


def _ruled(blank: Decision, rule: Rule) -> Decision:
    why = f"rule {rule.where}" if rule.where else f"rule for {rule}"
    if rule.mask is None:
        why = f"{why}: {rule.reason}" if rule.reason else why
        return replace(blank, state="kept", why=why, where=rule.where, rule=rule)
    return replace(blank, state="masked", mask=rule.mask, why=why, where=rule.where, rule=rule)
