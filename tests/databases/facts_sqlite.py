"""The fact sheet of SQLite: storage classes under declared types, and what its tables have of their own."""

from __future__ import annotations

from collections.abc import Sequence

from tests.databases.facts import Facts, Sample, Scene

from hotfixture.databases.sqlite import SqliteDialect
from hotfixture.databases.sqlite_literals import text


def _fingerprint(table: str, columns: Sequence[str]) -> str:
    """Every value with its storage class; a real to its last bit, all else by its bytes."""
    parts = [
        f"typeof({c}) || ':' || coalesce(CASE typeof({c}) WHEN 'real' THEN printf('%!.20e', {c})"
        f" ELSE hex(CAST({c} AS BLOB)) END, '')"
        for c in columns
    ]
    line = " || '|' || ".join(parts)
    lines = f"SELECT {line} AS line FROM {table} ORDER BY 1"
    return f"SELECT count(*) || ';' || coalesce(group_concat(line, ';'), '') FROM ({lines})"


HOSTILE = tuple(
    text(value)
    for value in (
        "", " ", "'", "''", "\\", "\\'", "\\N", "NULL", "--", "/* x */", "$1", ";", ";\n", "'),\n('", "a\tb", "a\r\nb",
        "x\0y", "\0", "\x01\x1f\x7f", "😀", "é", "\ufeffmark", "%s", "${x}", "CAST(x'00' AS TEXT)", "X'00'", "1", "1e5",
        "trailing ", "\u2028", "unistr('\\u0001')",
    )
)  # fmt: skip
_INTEGERS = ("0", "-1", "9007199254740993", "9223372036854775807", "-9223372036854775807 - 1")
_REALS = ("0.1", "0.1 + 0.2", "1e22", "5e-324", "1.7976931348623157e308", "9e999", "-9e999", "-0.0", "1.0", "1.0 / 3")
_BLOBS = ("x''", "x'00'", "x'27275C000A'", "randomblob(0)", "zeroblob(3000)", "x'FF'")

TYPES = {
    "integer": Sample("INTEGER", _INTEGERS),
    "int(11)": Sample("INT(11)", _INTEGERS),
    "bigint": Sample("BIGINT", _INTEGERS),
    "boolean": Sample("BOOLEAN", ("TRUE", "FALSE")),
    "real": Sample("REAL", _REALS),
    "double precision": Sample("DOUBLE PRECISION", _REALS),
    "float": Sample("FLOAT", _REALS),
    "numeric": Sample("NUMERIC", ("1.5", "2.25e-300")),
    "decimal(10,2)": Sample("DECIMAL(10, 2)", ("12345678.9", "0.01", "-7.25")),
    "text": Sample("TEXT", HOSTILE),
    "varchar(30)": Sample("VARCHAR(30)", HOSTILE),
    "nvarchar(20)": Sample("NVARCHAR(20)", ("'ñ'", "'日本'")),
    "clob": Sample("CLOB", HOSTILE),
    "text nocase": Sample("TEXT COLLATE NOCASE", ("'aA'", "'Aa'")),
    "date": Sample("DATE", ("'2024-02-29'", "'0000-00-00'")),
    "datetime": Sample("DATETIME", ("'2024-02-29 23:59:59'", "'infinity'")),
    "timestamp": Sample("TIMESTAMP", ("'2024-02-29T23:59:59.123456Z'",)),
    "json": Sample("JSON", ("""'{"a": [1, null, "x''y"], "b": 9007199254740993}'""", "'null'", "'[]'")),
    "uuid": Sample("UUID", ("'123e4567-e89b-12d3-a456-426614174000'",)),
    "blob": Sample("BLOB", _BLOBS),
}

SCENES = {
    "nothing, empty and default": Scene(
        [
            "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT DEFAULT 'default', n INTEGER DEFAULT 7)",
            "INSERT INTO t VALUES (1, NULL, NULL), (2, '', 0)",
            "INSERT INTO t (id) VALUES (3)",
        ],
        [("", "t")],
    ),
    "any value in any column": Scene(
        [
            "CREATE TABLE t (a INTEGER, b TEXT, c, d BLOB, e NUMERIC)",
            "INSERT INTO t VALUES ('text', x'00ff', 1, 'text', 'text'), (1.5, 'é', 1.5, 2, 3)",
            "INSERT INTO t VALUES (x'41', NULL, '1', 1.0, x'')",
            "INSERT INTO t VALUES (CAST(x'FF41' AS TEXT), CAST(x'80' AS TEXT), CAST(x'00FF' AS TEXT), NULL, 9e999)",
        ],
        [("", "t")],
    ),
    "row numbers, generated and counted columns": Scene(
        [
            "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, v INT, w AS (v * 2), s TEXT AS (v || ';') STORED)",
            "INSERT INTO a (id, v) VALUES (5, 1), (900, 2)",
            "DELETE FROM a WHERE id = 900",
            "CREATE TABLE b (id INTEGER PRIMARY KEY DESC, v)",
            "INSERT INTO b VALUES (NULL, 1), (2, 2)",
            "CREATE TABLE c (k TEXT PRIMARY KEY, v) WITHOUT ROWID",
            "INSERT INTO c VALUES ('x', 1), ('', 2)",
            "CREATE TABLE d (i INTEGER, t TEXT, x ANY) STRICT",
            "INSERT INTO d VALUES (1, 'a', 2.5), (NULL, NULL, x'00')",
            "CREATE TABLE e (k TEXT PRIMARY KEY, v)",
            "INSERT INTO e VALUES (NULL, 1), (NULL, 2), ('a', 3)",
        ],
        [("", "a"), ("", "b"), ("", "c"), ("", "d"), ("", "e")],
    ),
    "references": Scene(
        [
            "CREATE TABLE a (x INT, y TEXT, u INT UNIQUE, PRIMARY KEY (x, y), UNIQUE (y, x))",
            (
                "CREATE TABLE b (id INTEGER PRIMARY KEY, y TEXT, x INT, u INT REFERENCES a (u), "
                "FOREIGN KEY (y, x) REFERENCES a (y, x))"
            ),
            (
                "CREATE TABLE c (id INTEGER PRIMARY KEY, parent INT REFERENCES c, root INT NOT NULL REFERENCES C (ID), "
                "b INT REFERENCES b)"
            ),
            "INSERT INTO a VALUES (1, 'q''\"', 10), (2, '', NULL)",
            "INSERT INTO b VALUES (1, 'q''\"', 1, 10), (2, NULL, 9, NULL)",
            "INSERT INTO c VALUES (1, NULL, 1, NULL), (2, 1, 1, 1), (3, 3, 3, 2)",
        ],
        [("", "a"), ("", "b"), ("", "c")],
    ),
    "a cycle of references that are not null": Scene(
        [
            "CREATE TABLE store (id INTEGER PRIMARY KEY, boss INT NOT NULL REFERENCES staff (id))",
            "CREATE TABLE staff (id INTEGER PRIMARY KEY, store INT NOT NULL REFERENCES store (id))",
            "INSERT INTO store VALUES (1, 1)",
            "INSERT INTO staff VALUES (1, 1), (2, 1)",
        ],
        [("", "store"), ("", "staff")],
    ),
    "hostile names": Scene(
        [
            (
                'CREATE TABLE "a ""b"" \'c\' `d` $1 -- ;" ("from" INTEGER PRIMARY KEY, "Mixed Case" TEXT, '
                '[größe ☃] TEXT, "a""b" INT UNIQUE)'
            ),
            "INSERT INTO \"a \"\"b\"\" 'c' `d` $1 -- ;\" VALUES (1, 'x', 'y', 2)",
            'CREATE INDEX "i ON x(" ON "a ""b"" \'c\' `d` $1 -- ;" ("Mixed Case")',
        ],
        [("", "a \"b\" 'c' `d` $1 -- ;")],
    ),
    "constraints": Scene(
        [
            (
                "CREATE TABLE t (id INTEGER PRIMARY KEY, email TEXT COLLATE NOCASE UNIQUE, n INT CHECK (n > 0), "
                "body TEXT, CHECK (email <> 'a'';b'))"
            ),
            "CREATE UNIQUE INDEX lowered ON t (lower(body)) WHERE n > 1",
            "INSERT INTO t VALUES (1, 'A@x', 1, 'x'), (2, 'b@x', NULL, NULL)",
        ],
        [("", "t")],
    ),
}

FACTS = Facts(
    name="sqlite",
    server="",
    dialects={"literals": SqliteDialect},
    types=TYPES,
    scenes=SCENES,
    fingerprint=_fingerprint,
    slow_query=(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) SELECT count(*) FROM n"
    ),
    many_rows=lambda count: (
        f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
        " SELECT i, hex(zeroblob(120)) AS v FROM n"
    ),
)
