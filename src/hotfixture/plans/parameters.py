"""The words of a command line, or the values of a call, become the values of a template's parameters.

Says everything that is wrong with them at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from hotfixture.errors import InputError, Problem, UnknownNameError
from hotfixture.plans.declarations import BUILT_IN, OTHER_NAMES, Parameter
from hotfixture.plans.values import PARTS, DateRange, infer

if TYPE_CHECKING:
    from hotfixture.plans.template import Template


def resolve(template: Template, given: Mapping[str, object], today: date) -> dict[str, object]:
    """The value of every parameter by name: int, Decimal, str, bool, date, datetime, DateRange, a list, or None.

    Words are read by the declared types, or by their looks in a template that declares none. What is optional and not
    given is None; `row_limit`, `sample_rate`, `include_indexes` and `debug_mode` are always there. A date_range
    `period` also gives `period.start`, `period.end` (both days included) and `period.after` (the day after the end).
    `today` is the day that `last_6_months` and `yesterday` count from. Raises InputError with all problems.
    """
    resolver = _Resolver(template, given, today)
    values = resolver.values()
    if resolver.problems:
        raise InputError.of(resolver.problems)
    return values


class _Resolver:
    def __init__(self, template: Template, given: Mapping[str, object], today: date) -> None:
        self.problems: list[Problem] = []
        self._template = template
        self._today = today
        self._known: dict[str, Parameter] = {**BUILT_IN, **template.parameters}
        self._given: dict[str, object] = {}
        for name, value in given.items():
            self._take(OTHER_NAMES.get(name, name), name, value)

    def _take(self, name: str, written: str, value: object) -> None:
        if name in self._given:
            self._problem(f"{written}: was given already, under its other name")
        self._given[name] = value

    def _problem(self, message: str, parameter: Parameter | None = None) -> None:
        declared = parameter and parameter.where
        hint = f"Declared at {declared}: {parameter.description or parameter.type}." if declared and parameter else ""
        self.problems.append(Problem(message, None, hint))

    def values(self) -> dict[str, object]:
        values = {name: self._declared(parameter) for name, parameter in self._known.items()}
        prepared = {preparation.name for preparation in self._template.prepare}
        inferred = [name for name in self._template.uses if name not in self._known and name not in prepared]
        values |= {name: self._inferred(name) for name in inferred}
        for name in self._given.keys() - values.keys():
            self._unknown(name, prepared, list(values))
        ranges = {name: value for name, value in values.items() if isinstance(value, DateRange)}
        parts = {f"{name}.{part}": getattr(value, part) for name, value in ranges.items() for part in PARTS}
        return values | parts

    def _declared(self, parameter: Parameter) -> object:
        value = self._given.get(parameter.name)
        if value is None:
            value = parameter.default
        if value is None:
            if parameter.required or parameter.name in self._template.uses.keys() & BUILT_IN.keys():
                self._missing(parameter.name, parameter)
            return None
        try:
            return parameter.value(value, self._today)
        except ValueError as error:
            self._problem(f"{parameter.name}={_shown(value)}: {error}", parameter)
            return None

    def _inferred(self, name: str) -> object:
        if self._given.get(name) is None:
            self._missing(name, None)
            return None
        try:
            return infer(self._given[name], self._today)
        except ValueError as error:
            self._problem(f"{name}={_shown(self._given[name])}: {error}")
            return None

    def _missing(self, name: str, parameter: Parameter | None) -> None:
        where = self._template.uses.get(name) or (parameter.where if parameter else None)
        about = f" ({parameter.type}{': ' * bool(parameter.description)}{parameter.description})" if parameter else ""
        self.problems.append(Problem(f"the parameter {name!r} is missing", where, f'Add {name}="…"{about}.'))

    def _unknown(self, name: str, prepared: set[str], known: list[str]) -> None:
        if name in prepared:
            self._problem(f"{name}: the template prepares it itself, it cannot be given")
        else:
            self.problems.extend(UnknownNameError("parameter", name, [*known, *OTHER_NAMES]).problems)


def _shown(value: object) -> str:
    """What was given, for an error: not all of it where it is long."""
    text = value if isinstance(value, str) else repr(value)
    return ascii(text)[1:-1] if len(text) <= 80 else f"{ascii(text[:77])[1:-1]}..."
