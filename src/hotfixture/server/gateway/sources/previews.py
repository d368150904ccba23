"""Masked previews: some rows of a table, every column decided by the policy, scanned before anybody sees them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from hotfixture.databases.base import Select
from hotfixture.errors import LeakError, RefusedError
from hotfixture.plans.witness import Witness
from hotfixture.server.gateway.sources.tables import decided
from hotfixture.transforms.masker import Masker
from hotfixture.transforms.scan import Originals
from hotfixture.wire.sources import RowsTold

if TYPE_CHECKING:
    from hotfixture.databases.base import Database
    from hotfixture.schema import Column, Schema, Table
    from hotfixture.transforms.masks import Mask, MaskingKey
    from hotfixture.transforms.policy import Policy

LONGEST = 200
"""Characters of a value that are shown."""


def find(schema: Schema, name: str) -> Table | None:
    """The table of that name, with its schema or without."""
    space, _, bare = name.rpartition(".")
    exact = next((table for table in schema if str(table.name) == name), None)
    return exact or schema.find(bare, space)


class Preview(NamedTuple):
    """What is looked at, and under which policy and key."""

    provider: str
    schema: Schema
    table: Table
    policy: Policy
    key: MaskingKey
    limit: int


def rows(database: Database, wanted: Preview) -> RowsTold:
    """The first rows, masked.

    RefusedError where the policy leaves a column undecided or does not fit; LeakError where an original would show.
    """
    decisions = decided(wanted.policy, wanted.provider, wanted.schema)
    if decisions is None:
        raise RefusedError("the policy does not fit this provider: no rows are shown", hint="hfitd check says why.")
    specs = decisions.specs(wanted.provider, wanted.table)
    columns = [column for column in wanted.table.columns if not column.generated]
    found = _masked(database, wanted, columns, decisions.masks(wanted.provider, wanted.table))
    return RowsTold(
        table=str(wanted.table.name),
        columns=[column.name for column in columns],
        rows=[[_short(value) for value in row] for row in found[: wanted.limit]],
        masks={name: spec.plain() for name, spec in specs.items()},
    )


def _masked(
    database: Database, wanted: Preview, columns: Sequence[Column], masks: Mapping[str, Mask]
) -> list[list[str | None]]:
    select = Select(wanted.table, tuple(column.name for column in columns), limit=wanted.limit)
    found: list[list[str | None]] = []
    with Originals(expected=wanted.limit * max(len(masks), 1)) as originals, database.snapshot():
        witness = Witness(masks, originals)
        masker = Masker(columns, masks, database.dialect, wanted.key, observe=witness.observe, found=witness.found)
        for batch in database.read(select, columns, apart=[column.name for column in columns]):
            made = masker(batch)
            texts = [_texts(database.dialect.decode(c, made.column(at))) for at, c in enumerate(columns)]
            found += (list(row) for row in zip(*texts, strict=True))
        _prove(found, originals)
    return found


def _texts(values: pa.Array) -> list[str | None]:
    if pa.types.is_binary(values.type) or pa.types.is_large_binary(values.type):
        return [None if value is None else value.hex() for value in values.to_pylist()]
    return [None if value is None else str(value) for value in values.to_pylist()]


def _prove(found: list[list[str | None]], originals: Originals) -> None:
    """LeakError where an original of a masked column stands in the rows."""
    with TemporaryDirectory(prefix="hotfixture-preview-") as folder:
        path = Path(folder) / "rows"
        path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in found), encoding="utf-8")
        if originals.scan(Path(folder), [path]):
            hint = "Mask the columns that repeat them, or scrub their text."
            raise LeakError("these rows hold original values of masked columns: they are not shown", hint=hint)


def _short(value: str | None) -> str | None:
    return value if value is None or len(value) <= LONGEST else f"{value[:LONGEST]}…"
