"""What tables say of how engines store their rows, checked when the schema is read and not when an engine is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hotfixture.databases.mongodb_indexes import options_of
from hotfixture.databases.redis_layout import Layout
from hotfixture.errors import InputError

if TYPE_CHECKING:
    from hotfixture.plans.seed.compile import Build
    from hotfixture.schema import Table

_READ: Mapping[str, Callable[[Table], Any]] = {"redis": Layout.of, "mongodb": options_of}


def check_stored(build: Build) -> None:
    """A problem for each layout that its engine would refuse."""
    for table in build.tables.values():
        for engine, said in table.declaration.storage.items():
            try:
                _READ[engine](replace(table.table, storage=tuple(said.items())))
            except InputError as error:
                for problem in error.problems:
                    build.reader.problem(problem.message, table.declaration.stored[engine], problem.hint)
