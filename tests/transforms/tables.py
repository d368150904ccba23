"""Small schemas for tests: tables named by their references."""

from __future__ import annotations

import pyarrow as pa

from hotfixture.schema import Column, Reference, Schema, Table, TableName


def name(text: str) -> TableName:
    """`table` or `schema.table`."""
    schema, _, table = text.rpartition(".")
    return TableName(schema, table)


def table(text: str, *targets: str) -> Table:
    """A table with an integer key and a nullable reference to each target; `target!` makes one NOT NULL.

    `target?` makes it deferrable (and NOT NULL), `target~` virtual.
    """
    columns = [Column("id", pa.int64(), nullable=False)]
    references = []
    for number, said in enumerate(targets):
        target, mark = said.rstrip("!?~"), said[-1]
        columns.append(Column(f"r{number}", pa.int64(), nullable=mark not in "!?"))
        references.append(
            Reference(
                "fk", name(text), (f"r{number}",), name(target), ("id",), deferrable=mark == "?", virtual=mark == "~"
            )
        )
    return Table(name(text), tuple(columns), ("id",), references=tuple(references))


def schema(**tables: list[str]) -> Schema:
    """A schema of tables with the names of their targets; `__` in a name stands for the dot."""
    made = [table(text.replace("__", "."), *targets) for text, targets in tables.items()]
    return Schema({one.name: one for one in made})
