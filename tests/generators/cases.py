"""Every generator under every option that is a choice: what the laws are tested on."""

from __future__ import annotations

from typing import Any

import numpy as np

from hotfixture.draws import Draw, Draws
from hotfixture.errors import OptionError
from hotfixture.generators import find, names
from hotfixture.generators.base import Generator
from hotfixture.generators.options import Option

SEED = 20_250_101


def alternatives(option: Option) -> list[Any]:
    """Values of an option that are worth a case of their own."""
    if option.kind == "boolean":
        return [not option.default]
    if option.kind == "integer" and isinstance(option.high, int) and option.high <= 1000:
        return [bound for bound in (option.low, option.high) if bound is not None and bound != option.default]
    return [choice for choice in option.choices if choice != option.default]


def cases() -> list[tuple[Generator, dict[str, Any]]]:
    """Each generator by default, and with each alternative of each option alone."""
    found: list[tuple[Generator, dict[str, Any]]] = []
    for name in names():
        made = find(name)
        found.append((made, {}))
        single = [{option.name: value} for option in made.options for value in alternatives(option)]
        found += [(made, options) for options in single if possible(made, options)]
    return found


def possible(made: Generator, options: dict[str, Any]) -> bool:
    """Whether the options fit together with the defaults of the others."""
    try:
        made.settle(options)
    except OptionError:
        return False
    return True


def label(case: tuple[Generator, dict[str, Any]]) -> str:
    made, options = case
    return " ".join([made.name, *(f"{name}={value}" for name, value in options.items())])


CASES = cases()


def draws(made: Generator, first: int, count: int) -> Draws:
    """The draws of rows, or the rows themselves where the generator wants those."""
    if made.by_row:
        return Draws(np.arange(first, first + count, dtype=np.uint64))
    return Draws.from_rows(SEED, f"law:{made.name}", first, count)


def draw(made: Generator, row: int) -> Draw:
    return Draw(row) if made.by_row else Draw.from_row(SEED, f"law:{made.name}", row)
