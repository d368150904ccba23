"""Which combinations of columns of a table must not repeat, and how each of their columns takes part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotfixture.errors import HotFixtureError
from hotfixture.generators import find
from hotfixture.plans.seed.distinct import ENUMERATED
from hotfixture.plans.seed.grid import Grid, fits

if TYPE_CHECKING:
    from hotfixture.errors import Where
    from hotfixture.plans.seed.compile import Build
    from hotfixture.plans.seed.declarations import TableDeclaration

Places = dict[str, tuple[Grid, int]]
"""Column to its grid and its place there."""


def grids(build: Build, table: TableDeclaration) -> Places:
    """The grids of a table's keys and uniques over several columns; problems where one cannot hold."""
    places: Places = {}
    wanted = [(table.primary_key, table.where), *table.uniques]
    for columns, where in wanted:
        if len(columns) > 1 and all(name in table.columns for name in columns):
            _grid(build, table, columns, where, places)
    return places


def _grid(build: Build, table: TableDeclaration, columns: tuple[str, ...], where: Where, places: Places) -> None:
    laid = build.laid(table.name) or ""
    under = [one.columns for one in table.references if one.name == laid]
    free = [name for name in columns if not (under and name in under[0])]
    is_laid = len(free) < len(columns)
    if _alone(table, free) or (is_laid and any("line_no" in table.columns[name].fields for name in free)):
        return
    if any(name in places for name in free):
        build.reader.problem(f"{table.name}: {', '.join(free)} stand in two uniques of several columns", where)
        return
    sizes = [_size(build, table, name) for name in free]
    unknown = [name for name, size in zip(free, sizes, strict=True) if size is None]
    if unknown:
        build.reader.problem(
            f"{table.name}: unique ({', '.join(columns)}) cannot be promised: nobody knows how many values "
            f"{', '.join(unknown)} can have",
            where,
            "Use references, values, whole numbers, dates or line_no in it.",
        )
        return
    key = f"{table.seed_key}.{'+'.join(columns)}"
    grid = Grid(tuple(size or 0 for size in sizes), build.key(key), key, laid if is_laid else "")
    if _holds(build, table, grid, columns, where):
        places.update({name: (grid, place) for place, name in enumerate(free)})


def _alone(table: TableDeclaration, free: list[str]) -> bool:
    """Whether one of the columns is unique by itself: a key of its own, or a number of rows."""
    return not free or any(table.columns[name].unique or table.primary_key == (name,) for name in free)


def _holds(build: Build, table: TableDeclaration, grid: Grid, columns: tuple[str, ...], where: Where) -> bool:
    rows = table.size.high if grid.laid else build.count(table.name)
    of = " of each parent" if grid.laid else ""
    if grid.size < rows or not fits(grid.size):
        build.reader.problem(
            f"{table.name}: unique ({', '.join(columns)}) has {grid.size:,} combinations for {rows:,} rows{of}", where
        )
        return False
    return True


def _size(build: Build, table: TableDeclaration, name: str) -> int | None:
    """How many values a column can have; None where nobody knows."""
    column = table.columns[name]
    for reference in table.references:
        if reference.columns == (name,):
            return build.count(reference.target) if reference.target in build.tables else 1
    if column.kind.key == "values":
        node = column.fields["values"]
        return len(node.value) if isinstance(node.value, list | dict) else 1
    if column.kind.key != "generator":
        return None
    try:
        from hotfixture.plans.seed.generated import generator_name, options_of

        site = build.site(table, column)
        generator = find(generator_name(site) or "")
        return generator.capacity(**options_of(site, generator)) if generator.name in ENUMERATED else None
    except HotFixtureError:
        return 1  # what is wrong with it is said where it is made
