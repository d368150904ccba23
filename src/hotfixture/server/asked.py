"""What a request for values asks for, read from its path and query and validated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from hotfixture import generators
from hotfixture.generators.base import Generator
from hotfixture.server import queries
from hotfixture.server.visit import Scope, visit_of

PREFIX = "/api/generate/"
OWN = ("count", "seed", "format")
"""Parameters of the endpoint itself; all others are the generator's."""
MEDIA_TYPES = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "text": "text/plain; charset=utf-8",
}
"""The forms of `hotfixture.files.values` over HTTP."""
SEEDS = (-(2**63), 2**64 - 1)


class Asked(NamedTuple):
    """What a request asks for."""

    made: Generator
    options: Mapping[str, Any]
    form: str
    rows: int
    seed: int | None

    @property
    def short(self) -> str:
        """The name of the column."""
        return self.made.name.partition(".")[2]

    @property
    def media_type(self) -> str:
        """The type of the answer."""
        return MEDIA_TYPES[self.form]

    @property
    def kind(self) -> tuple[Any, ...]:
        """The generator and its options, whatever the number of values."""
        return (self.made.name, *sorted(self.options.items()))


def read(scope: Scope, most: int) -> Asked:
    """What the scope asks for; UnknownNameError, OptionError or InputError where it is wrong."""
    made = generators.find(unquote(visit_of(scope).path.removeprefix(PREFIX))[:200])
    given = queries.read(scope)
    rows = queries.integer(given, "count", 1, 0, most)
    seed = queries.integer(given, "seed", 0, *SEEDS) if "seed" in given else None
    form = queries.choice(given, "format", "json", MEDIA_TYPES)
    options = {name: value for name, value in given.items() if name not in OWN}
    made.settle(options)
    return Asked(made, options, form, rows, seed)
