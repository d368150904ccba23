"""Guard and lineage of a long query."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from bench.measure import WORK, Figure, Scale, medians, timed
from bench.shop import TABLES

if TYPE_CHECKING:
    from hotfixture.schema import Schema

TARGET = 20
"""Milliseconds for a query of a hundred lines."""
_CTE = """{name} AS (
    SELECT
        c.id,
        c.name,
        c.email,
        upper(k.name) AS country,
        o.status,
        o.made,
        sum(l.quantity * l.price) AS total,
        count(*) AS positions
    FROM customers c
    JOIN countries k ON k.code = c.country
    JOIN orders o ON o.customer_id = c.id
    JOIN order_lines l ON l.order_id = o.id
    LEFT JOIN payments p ON p.order_id = o.id
        AND p.amount > {number}
    WHERE o.status = 'paid'
        AND c.id IN (SELECT customer_id FROM orders WHERE made > '2024-01-0{number}')
    GROUP BY c.id, c.name, c.email, k.name, o.status, o.made
    HAVING sum(l.quantity) > {number}
)"""


def query() -> str:
    """Some hundred lines: four common table expressions with joins, and a union over them."""
    names = [f"part_{number}" for number in range(1, 5)]
    parts = ",\n".join(_CTE.format(name=name, number=number) for number, name in enumerate(names, 1))
    union = "\nUNION ALL\n".join(f"SELECT *\nFROM {name}" for name in names)
    return f"WITH {parts}\n{union}\nORDER BY\n    total DESC,\n    id,\n    country\nLIMIT 100"


def queries(_: Scale) -> Iterator[Figure]:
    """The middle of twenty runs, parsed anew each time."""
    from hotfixture.transforms.lineage import trace

    schema, text = _schema(), query()
    found = medians({name: _tracing(trace, text, schema, name) for name in ("postgresql", "mysql", "sqlite")}, 20)
    lines = len(text.splitlines())
    for name, seconds in found.items():
        taken = seconds * 1000
        yield Figure(f"guard and lineage, {lines} lines, {name}", taken, None, "ms", "", taken, "ms", TARGET)


def _tracing(trace, text: str, schema: Schema, dialect: str):
    def work() -> float:
        return timed(lambda: trace(text, schema, dialect))

    work()
    return work


def _schema() -> Schema:
    from hotfixture.databases import open_database

    file = WORK / "schema.db"
    file.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(TABLES)
    with open_database(f"sqlite:///{file}") as database:
        return database.inspect()
