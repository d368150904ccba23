"""Which kind of link a reference becomes, by its options and by the size of its table."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from hotfixture.generators import find
from hotfixture.generators.distributions import mean_rank
from hotfixture.plans.seed.grid import Grid, Gridded
from hotfixture.plans.seed.layout import Counts, Laid, Spread
from hotfixture.plans.seed.links import Link, OneToOne, Skewed, Tree, Uniform
from hotfixture.plans.seed.sharing import Within, within

if TYPE_CHECKING:
    from hotfixture.draws import Draws
    from hotfixture.plans.seed.compile import Build
    from hotfixture.plans.seed.declarations import ReferenceDeclaration, Size
    from hotfixture.plans.seed.plan import TablePlan


def link(build: Build, table: TablePlan, reference: ReferenceDeclaration) -> Link:
    """The link of a reference that picks its parents one by one."""
    target, options = build.tables[reference.target], reference.options
    address = f"{table.declaration.seed_key}.{_seed_key(table, reference)}"
    share = float(options.get("nulls", 0.0))
    if share and _required(table, reference):
        build.reader.problem(
            f"{table.name}: 'nullable: false' for {', '.join(reference.columns)}, but a share of nulls", reference.where
        )
    if target is table:
        roots = float(options.get("roots", share))
        if options.get("one_to_one") or _unique(table, reference):
            return _chain(build, table, reference, address, roots)
        return Tree(
            target, address, roots, branching=int(options.get("branching", 0)), rooted=_required(table, reference)
        )
    if grid := build.grids(table.name).get(reference.columns[0]):
        if not _may_grow(table, reference, grid[0]):
            build.reader.problem(
                f"{table.name}: its combinations of references cannot grow: the tables they refer to have grown",
                reference.where,
                "Give it a size per a parent.",
            )
        return Gridded(target, address, share, *grid)
    if shared := within(build, table, reference):
        return Within(target, address, share, *shared)
    if not target.count and table.count and not share:
        build.reader.problem(f"{reference.target} has no rows that {table.name} could refer to", reference.where)
    if options.get("one_to_one") or _unique(table, reference):
        if table.count > target.count:
            build.reader.problem(
                f"{table.name}: one to one, but {table.count:,} rows and {target.count:,} of {target.name}",
                reference.where,
            )
        before = table.earlier.links.get(reference.name) if table.earlier else None
        return OneToOne(target, address, share, table.base, before if isinstance(before, OneToOne) else None)
    if options.get("distribution", "uniform") == "zipf":
        return Skewed(target, address, share, float(options.get("exponent", 1.0)))
    return Uniform(target, address, share)


def _may_grow(table: TablePlan, reference: ReferenceDeclaration, grid: Grid) -> bool:
    """Whether new rows get other combinations than old ones: they are digits of numbers of the same product."""
    if not table.earlier or table.count == table.earlier.count or grid.laid:
        return True
    links = (before.links.get(reference.name) for before in table.ages)
    return all(isinstance(link, Gridded) and link.grid and link.grid.sizes == grid.sizes for link in links)


def _chain(build: Build, table: TablePlan, reference: ReferenceDeclaration, address: str, roots: float) -> Link:
    """Each row points at the one before it: nothing else is unique and without rings."""
    if _required(table, reference):
        build.reader.problem(
            f"{table.name}: a unique reference to itself cannot be 'nullable: false'",
            reference.where,
            "The first row has no other row to point at.",
        )
    return Tree(table, address, roots, branching=1)


def lay(build: Build, table: TablePlan, reference: ReferenceDeclaration) -> Link:
    """The link of a reference whose parents have so many children each."""
    size = table.declaration.size
    address = f"{table.declaration.seed_key}.{_seed_key(table, reference)}"
    target = build.tables[reference.target]
    before = table.earlier.links.get(reference.name) if table.earlier else None
    return Laid(
        target,
        address,
        0.0,
        seed=build.seed,
        children=table.count - table.base,
        base=table.base,
        spread=spread(size),
        before=before if isinstance(before, Laid) else None,
    )


def spread(size: Size) -> Spread:
    """How numbers of children are drawn."""
    if size.low == size.high:
        return Spread(size.low, size.high, lambda draws: _constant(draws, size.low))
    if size.distribution == "zipf":
        return Spread(size.low, size.high, lambda draws: _ranked(draws, size))
    return Spread(size.low, size.high, lambda draws: size.low + draws.below(size.high - size.low + 1))


def mean_of(size: Size) -> Fraction:
    """How many children a parent has in the mean: as said, else what the distribution makes of the range, exactly."""
    if size.mean is not None:
        return Fraction(str(size.mean))
    if size.distribution == "zipf":
        return size.low - 1 + mean_rank(size.high - size.low + 1, size.exponent)
    return Fraction(size.low + size.high, 2)


def _constant(draws: Draws, number: int) -> Counts:
    import numpy as np

    return np.full(len(draws), number, np.int64)


def _ranked(draws: Draws, size: Size) -> Counts:
    """Most parents have few children, few have many."""
    rank = find("distributions.zipf")(draws, high=size.high - size.low + 1, exponent=size.exponent)
    ranks: Counts = rank.to_numpy(zero_copy_only=False)
    return size.low + ranks - 1


def _seed_key(table: TablePlan, reference: ReferenceDeclaration) -> str:
    columns = [table.declaration.columns[name] for name in reference.columns if name in table.declaration.columns]
    return "+".join(column.seed_key for column in columns)


def _required(table: TablePlan, reference: ReferenceDeclaration) -> bool:
    return any(table.declaration.columns[name].nullable is False for name in reference.columns)


def _unique(table: TablePlan, reference: ReferenceDeclaration) -> bool:
    columns = [table.declaration.columns[name] for name in reference.columns if name in table.declaration.columns]
    return any(column.unique for column in columns) or set(table.declaration.primary_key) == set(reference.columns)
