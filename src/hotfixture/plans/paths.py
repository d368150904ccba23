"""Paths of a template with its parameters' values in them: text that cannot leave its volume."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import product

from hotfixture.documents import Text
from hotfixture.errors import InputError, Problem
from hotfixture.files.names import check_path, check_value
from hotfixture.plans.template import holes

MAX_PATHS = 100_000


def expand_path(text: Text, values: Mapping[str, object]) -> tuple[str, ...]:
    """The patterns that `text` means, one for each combination of the items of its list values; none for an empty list.

    Numbers, booleans (`true`) and texts stand as they are, a date as `2024-10-15`, a timestamp as `20241015T143000`.
    InputError where a value holds a separator, a pattern, or anything that `hotfixture.files.names` refuses.
    """
    found = {f"{name}.{part}" if part else name: where for name, part, where in holes(text)}
    choices: dict[str, list[str]] = {}
    problems: list[Problem] = []
    for name, where in found.items():
        try:
            choices[name] = list(_words(values.get(name)))
        except InputError as error:
            problems.append(Problem(f"{name}: {error.problems[0].message}", where))
    if problems:
        raise InputError.of(problems)
    return tuple(_expanded(text, choices))


def _expanded(text: Text, choices: dict[str, list[str]]) -> Iterator[str]:
    count = 1
    for words in choices.values():
        count *= len(words)
    if count > MAX_PATHS:
        raise InputError(f"{count} paths; at most {MAX_PATHS} are allowed", where=text.where)
    for combination in product(*choices.values()):
        path = text.value
        for name, word in zip(choices, combination, strict=True):
            path = path.replace(f"${{{name}}}", word)  # a word holds no `$`, so none is replaced twice
        try:
            yield check_path(path, glob=True)
        except InputError as error:
            raise InputError(error.problems[0].message, where=text.where) from None


def _words(value: object) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        yield check_value(_word(item))


def _word(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case datetime():
            return value.strftime("%Y%m%dT%H%M%S")
        case str() | int() | date():
            return str(value)
        case Decimal():
            return f"{value:f}"
        case None:
            raise InputError("has no value, so it cannot stand in a path")
    raise InputError(f"a {type(value).__name__} cannot stand in a path; name a part of it")
