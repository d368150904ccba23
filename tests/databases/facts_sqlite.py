"""The fact sheet of SQLite: types are hints, so each sample holds values of every storage class."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.databases.facts import Cannot, Facts, Sample, Scene
from tests.databases.facts_postgresql import HOSTILE

from hotfixture.databases.sqlite import SqliteDialect


def _fingerprint(table: str, columns: Sequence[str]) -> str:
    row = " || ',' || ".join(f"typeof({c}) || coalesce(hex(CAST({c} AS BLOB)), '') || quote({c})" for c in columns)
    return f"SELECT count(*) || coalesce(group_concat(r, '|'), '') FROM (SELECT {row} AS r FROM {table} ORDER BY 1)"


_ANY = (
    "0",
    "-9223372036854775808",
    "9223372036854775807",
    "0.1",
    "-1e-300",
    "9e999",
    "-9e999",
    "''",
    "'12'",
    "x'00ff'",
    "x''",
)

TYPES = {
    "INTEGER": Sample("INTEGER", _ANY),
    "REAL": Sample("REAL", _ANY),
    "TEXT": Sample("TEXT", [*HOSTILE, *_ANY, "CAST(x'610062' AS TEXT)"]),
    "BLOB": Sample("BLOB", [*_ANY, "zeroblob(5000)"]),
    "NUMERIC": Sample("NUMERIC", [*_ANY, "123456789012345678901234567890"]),
    "no type": Sample("", _ANY),
    "BOOLEAN": Sample("BOOLEAN", ["1", "0", "'yes'"]),
    "DATE": Sample("DATE", ["'2024-02-29'", "'0000-00-00'", "2460370.5"]),
    "DATETIME": Sample("DATETIME", ["'2024-02-29 12:00:00.000001'", "1709208000"]),
    "DECIMAL(10,2)": Sample("DECIMAL(10,2)", ["'12345678.90'", "1.10", "'abc'"]),
    "VARCHAR(20)": Sample("VARCHAR(20)", ["'longer than twenty characters it is'", "5"]),
    "JSON": Sample("JSON", ["'{\"a\": 1}'", "json('[1,2]')"]),
    "BIGINT UNSIGNED": Sample("BIGINT UNSIGNED", ["9223372036854775807", "18446744073709551615"]),
}

SCENES = {
    "nothing, empty and default": Scene(
        [
            "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT DEFAULT 'default', n INT DEFAULT 7)",
            "INSERT INTO t VALUES (1, NULL, NULL), (2, '', 0)",
            "INSERT INTO t (id) VALUES (3)",
        ],
        [("", "t")],
    ),
    "generated columns and counters": Scene(
        [
            "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, v INT, w INT AS (v * 2) STORED, x INT AS (v + 1))",
            "INSERT INTO a (v) VALUES (1), (2)",
            "CREATE TABLE k (a TEXT, b INT, PRIMARY KEY (b, a)) WITHOUT ROWID",
            "INSERT INTO k VALUES ('x', 1), ('y', 1)",
        ],
        [("", "a"), ("", "k")],
    ),
    "references": Scene(
        [
            "CREATE TABLE a (x INT, y TEXT, u INT UNIQUE, PRIMARY KEY (x, y), UNIQUE (y, x))",
            (
                "CREATE TABLE b (id INTEGER PRIMARY KEY, parent INT REFERENCES b, y TEXT, x INT, "
                "u INT REFERENCES a (u), FOREIGN KEY (y, x) REFERENCES a (y, x))"
            ),
            "INSERT INTO a VALUES (1, 'q''\"', 10), (2, '', NULL)",
            "INSERT INTO b VALUES (1, 1, 'q''\"', 1, 10), (2, 1, NULL, 9, NULL)",
        ],
        [("", "a"), ("", "b")],
    ),
    "a cycle of references that are not null": Scene(
        [
            "CREATE TABLE store (id INTEGER PRIMARY KEY, boss INT NOT NULL REFERENCES staff)",
            "CREATE TABLE staff (id INTEGER PRIMARY KEY, store INT NOT NULL REFERENCES store)",
            "INSERT INTO store VALUES (1, 1)",
            "INSERT INTO staff VALUES (1, 1), (2, 1)",
        ],
        [("", "store"), ("", "staff")],
    ),
    "hostile names": Scene(
        [
            'CREATE TABLE "select ""b"" \'c\' -- $1" ("from" INT PRIMARY KEY, "Mixed Case" TEXT, "größe ☃" INT)',
            "INSERT INTO \"select \"\"b\"\" 'c' -- $1\" VALUES (1, 'x', 'y')",
        ],
        [("", "select \"b\" 'c' -- $1")],
    ),
}

FACTS = Facts(
    name="sqlite",
    server="",
    dialects={"inserts": SqliteDialect},
    types=TYPES,
    scenes=SCENES,
    fingerprint=_fingerprint,
    slow_query="SELECT 1",
    many_rows=lambda count: (
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
        "SELECT i, printf('%0250d', i) AS v FROM n"
    ),
    cannot={
        "a text for every value": Cannot(
            "never", "a column holds values of any class: the text 12 and the number 12 read the same", AssertionError
        ),
        "a statement timeout": Cannot("theirs", "the driver has no way to bound a statement", pytest.fail.Exception),
    },
)
