"""Tables that grow: how many rows each had when, kept among the marks of the target, so that old rows never change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from hotfixture.errors import OptionError
from hotfixture.plans.seed import compiled
from hotfixture.plans.seed.existing import existing
from hotfixture.plans.seed.plan import SeedPlan

if TYPE_CHECKING:
    import pyarrow as pa

    from hotfixture.databases.target import Target

_MARK = re.compile(r"#(\d+) (.+)", re.DOTALL)


def mark_of(epoch: int, table: str) -> str:
    """The name of the mark that says how many rows a table has since its `epoch`-th growth."""
    return f"#{epoch} {table}"


def bound(plan: SeedPlan, target: Target, *, anew: bool = False) -> SeedPlan:
    """The plan as it stands in its target: grown as the marks say, with the rows of tables that exist.

    `anew` forgets what has grown.
    """
    there = existing(plan.declaration, target)
    marks = {} if anew else target.marks(plan.digest)
    epochs = epochs_of(marks)
    return stored(with_epochs(plan, epochs, there) if epochs or there else plan, target)


def stored(plan: SeedPlan, target: Target) -> SeedPlan:
    """The plan, its tables told what the schema says of how this engine stores them."""
    for table in plan.tables:
        table.table = replace(table.table, storage=tuple(table.declaration.storage.get(target.name, {}).items()))
    return plan


def epochs_of(marks: Mapping[str, int]) -> list[dict[str, int]]:
    """The growths that marks tell of, first one first."""
    epochs: dict[int, dict[str, int]] = {}
    for name, rows in marks.items():
        if found := _MARK.fullmatch(name):
            epochs.setdefault(int(found[1]), {})[found[2]] = rows
    return [epochs[number] for number in sorted(epochs)]


def with_epochs(
    plan: SeedPlan, epochs: list[dict[str, int]], existing: Mapping[str, pa.Table] | None = None
) -> SeedPlan:
    """The plan after these growths."""
    return compiled(plan.text, plan.declaration.source, plan.seed, epochs, existing)


def more(plan: SeedPlan, added: Mapping[str, int], target: Target) -> SeedPlan:
    """The plan with so many rows more of some tables; those whose sizes hang on them grow along."""
    sizes: dict[str, int] = {}
    for name, rows in added.items():
        table = plan.table(name)
        if rows < 1 or table.declaration.size.per:
            raise OptionError(f"append {name}", rows, "a number of rows above zero, for a table whose size is a number")
        sizes[name] = table.count + rows
    return stored(with_epochs(plan, [*map(dict, plan.epochs), sizes], existing(plan.declaration, target)), target)


def finished(plan: SeedPlan, marks: Mapping[str, int]) -> bool:
    """Whether the target has every row of the plan."""
    return all(marks.get(str(table.table.name), 0) >= table.count for table in plan.made)
