"""Seeding: a schema of tables and columns becomes a plan of rows, any of which can be made at any time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hotfixture.documents import Reader, parse
from hotfixture.errors import InputError
from hotfixture.plans.seed.compile import Build
from hotfixture.plans.seed.plan import Made, SeedPlan, TablePlan
from hotfixture.plans.seed.promises import growing
from hotfixture.plans.seed.reading import read_schema

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Made", "SeedPlan", "TablePlan", "read"]


def read(
    source: str | Path, *, seed: int | None = None, origin: str = "", epochs: Sequence[Mapping[str, int]] = ()
) -> SeedPlan:
    """The plan of a seed schema: of a file, or of YAML text (which has a line end; `origin` names it in errors).

    `seed` stands in for the schema's own. `epochs` are the sizes of tables each time they grew, first growth first:
    rows that were there stay as they were. Raises InputError with every problem, each with line and column.
    """
    is_text = isinstance(source, str) and "\n" in source
    text = str(source) if is_text else _text(Path(source))
    return compiled(text, origin or ("schema" if is_text else str(source)), seed, epochs)


def compiled(
    text: str,
    origin: str,
    seed: int | None,
    epochs: Sequence[Mapping[str, int]] = (),
    existing: Mapping[str, pa.Table] | None = None,
) -> SeedPlan:
    """The plan of a schema's text, as it is after the tables have grown, beside the rows of tables that exist."""
    reader = Reader()
    declared = read_schema(reader, parse(text, origin), origin)
    if reader.problems and not declared.tables:
        reader.finish()
    seed = declared.seed if seed is None else seed
    plan = Build(declared, reader, seed, existing=existing).finish(text)
    grown: dict[str, int] = {}
    for sizes in epochs:
        grown = {**grown, **sizes}  # a table that grew once stays as large when another one grows
        plan = Build(declared, reader, seed, sizes=grown, earlier=plan, existing=existing).finish(text)
    return replace(plan, epochs=tuple(epochs), warnings=tuple(growing(plan)))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"cannot read {path}: {reason}") from None
