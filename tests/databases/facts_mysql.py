"""The fact sheet of MariaDB, and of MySQL where HOTFIXTURE_TEST_MYSQL_URL names one."""

from __future__ import annotations

import os
from collections.abc import Sequence

from tests.databases.facts import Facts, Sample, Scene

from hotfixture.databases.mysql_dialect import MysqlDialect

MYSQL = "HOTFIXTURE_TEST_MYSQL_URL" in os.environ


def _fingerprint(table: str, columns: Sequence[str]) -> str:
    row = "CONCAT_WS('|', " + ", ".join(f"IFNULL(HEX(CONCAT({column}, '')), 'NULL')" for column in columns) + ")"
    total = f"SUM(CAST(CONV(LEFT(MD5({row}), 15), 16, 10) AS DECIMAL(40)))"
    return f"SELECT CONCAT(COUNT(*), ':', COALESCE({total}, 0)) FROM {table}"


def _texts(*values: str) -> tuple[str, ...]:
    return tuple(MysqlDialect().literal(value) for value in values)


HOSTILE = _texts(
    *(
        "",
        " ",
        "'",
        "''",
        "\\",
        "\\\\",
        "\\.",
        "\\N",
        "NULL",
        "--",
        "-- x",
        "/* */",
        "/*! x */",
        "$1",
        "$$",
        "\\Z",
        "\x1a",
    ),
    *(
        "a\tb",
        "a\nb",
        "a\r\nb",
        "x;\n",
        "'),\n(",
        "\b\f\v",
        "\0",
        "\x01\x1f\x7f",
        ";",
        '"',
        "`",
        "\ufeffmark",
        "\U0001f600",
    ),
    *(
        "é",
        "x\\",
        "\\n",
        "\\'",
        "%s %(a)s",
        "{0}",
        "${x}",
        ":name",
        "a,b",
        "\u2028",
        "\ue000",
        "DROP TABLE t;",
        "trailing ",
    ),
)
_BYTES = ("''", "0x00", "0xff", "0x5c275c0a0d1a00", "0x2730", "0xdeadbeef00ff5c6e")
_DATES = ("'2024-02-29'", "'0000-00-00'", "'2025-00-15'", "'2025-02-31'", "'9999-12-31'", "'0001-01-01'")

_SHARED: dict[str, Sample] = {
    # numbers
    "tinyint": Sample("tinyint", ["-128", "0", "127"]),
    "tinyint unsigned": Sample("tinyint unsigned", ["0", "255"]),
    "boolean": Sample("boolean", ["true", "false", "2"]),
    "smallint": Sample("smallint", ["-32768", "32767"]),
    "smallint unsigned": Sample("smallint unsigned", ["65535"]),
    "mediumint": Sample("mediumint", ["-8388608", "8388607"]),
    "mediumint unsigned": Sample("mediumint unsigned", ["16777215"]),
    "int": Sample("int", ["-2147483648", "0", "2147483647"]),
    "int unsigned": Sample("int unsigned", ["4294967295"]),
    "int zerofill": Sample("int(8) zerofill", ["42", "0"]),
    "bigint": Sample("bigint", ["-9223372036854775808", "9007199254740993", "9223372036854775807"]),
    "bigint unsigned": Sample("bigint unsigned", ["9007199254740993", "18446744073709551615"]),
    "decimal(10,2)": Sample("decimal(10,2)", ["12345678.90", "-0.01", "0"]),
    "decimal(65,30)": Sample(
        "decimal(65,30)", ["12345678901234567890123456789012345.123456789012345678901234567890", "-1e-30"]
    ),
    "decimal unsigned": Sample("decimal(12,2) unsigned", ["1.10"]),
    "float": Sample(
        "float", ["0.1", "1/3", "3.4028234e38", "1e-45", "16777217", "123456.789", "-0e0", "0.3e0"], keyed=False
    ),
    "float(7,4)": Sample("float(7,4)", ["999.9999", "0.1"], keyed=False),
    "float unsigned": Sample("float unsigned", ["0.1"], keyed=False),
    "double": Sample(
        "double", ["0.1", "1/3e0", "1.7976931348623157e308", "5e-324", "-0e0", "0.30000000000000004"], keyed=False
    ),
    "double(20,5)": Sample("double(20,5)", ["0.1", "123456789012.12345"], keyed=False),
    "bit(1)": Sample("bit(1)", ["b'1'", "b'0'"]),
    "bit(10)": Sample("bit(10)", ["b'1010101010'", "b'0'"]),
    "bit(64)": Sample("bit(64)", ["18446744073709551615", "39"]),
    # text
    "char(12)": Sample("char(12)", ["'ab'", "''", "' x'", "'a\\nb'"]),
    "varchar(40)": Sample("varchar(40)", HOSTILE),
    "nvarchar(20)": Sample("nvarchar(20)", ["'ñ'"]),
    "tinytext": Sample("tinytext", HOSTILE, keyed=False),
    "text": Sample("text", HOSTILE, keyed=False),
    "mediumtext": Sample("mediumtext", ["REPEAT('é\\n', 200000)"], keyed=False),
    "longtext": Sample("longtext", ["REPEAT('\\'', 300000)", "''"], keyed=False),
    "varchar binary collation": Sample("varchar(40) COLLATE utf8mb4_bin", ["'aA'", "'Aa'"]),
    "varchar latin1": Sample("varchar(40) CHARACTER SET latin1", ["'café €'", "_latin1 0x8190a0ff"]),
    "varchar latin1 binary": Sample("varchar(40) CHARACTER SET latin1 COLLATE latin1_bin", ["'É'"]),
    "varchar utf8mb3": Sample("varchar(40) CHARACTER SET utf8mb3", ["'日本'"]),
    "varchar ucs2": Sample("varchar(40) CHARACTER SET ucs2", ["'日本'"]),
    "varchar utf16": Sample("varchar(40) CHARACTER SET utf16", ["'日😀'"]),
    "varchar utf32": Sample("varchar(40) CHARACTER SET utf32", ["'日😀'"]),
    "varchar sjis": Sample("varchar(40) CHARACTER SET sjis", ["'日本語ソ表'"]),
    "varchar gbk": Sample("varchar(40) CHARACTER SET gbk", ["'中文'"]),
    "varchar big5": Sample("varchar(40) CHARACTER SET big5", ["'中文功'"]),
    "varchar koi8r": Sample("varchar(40) CHARACTER SET koi8r", ["'Привет'"]),
    "varchar cp1251": Sample("varchar(40) CHARACTER SET cp1251", ["'Привет'"]),
    "varchar ascii": Sample("varchar(40) CHARACTER SET ascii", ["'abc'"]),
    "enum": Sample("enum('a','it''s','x,y','b\\\\s','')", ["'a'", "'it''s'", "'x,y'", "'b\\\\s'", "''"]),
    "set": Sample("set('a','b','c d')", ["'a,c d'", "''", "'a,b,c d'"]),
    # bytes
    "binary(16)": Sample("binary(16)", ["0x00112233445566778899aabbccddeeff", "0x00"]),
    "varbinary(100)": Sample("varbinary(100)", _BYTES),
    "tinyblob": Sample("tinyblob", _BYTES, keyed=False),
    "blob": Sample("blob", _BYTES, keyed=False),
    "mediumblob": Sample("mediumblob", ["REPEAT(0xff, 500000)"], keyed=False),
    "longblob": Sample("longblob", ["REPEAT(0x00, 500000)", "''"], keyed=False),
    # time
    "date": Sample("date", _DATES),
    "datetime": Sample("datetime", ["'2024-02-29 23:59:59'", "'0000-00-00 00:00:00'", "'2025-00-00 10:00:00'"]),
    "datetime(3)": Sample("datetime(3)", ["'2024-02-29 23:59:59.123'"]),
    "datetime(6)": Sample("datetime(6)", ["'2024-02-29 23:59:59.000001'", "'9999-12-31 23:59:59.999999'"]),
    "timestamp": Sample(
        "timestamp NULL",
        ["'2024-03-31 02:30:00'", "'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'", "'0000-00-00 00:00:00'"],
    ),
    "timestamp(6)": Sample("timestamp(6) NULL", ["'2024-10-27 01:30:00.654321'"]),
    "time": Sample("time", ["'-838:59:59'", "'838:59:59'", "'00:00:00'"]),
    "time(6)": Sample("time(6)", ["'-00:00:00.000001'", "'25:00:00.5'"]),
    "year": Sample("year", ["2024", "'0000'", "1901", "2155"]),
    # structured
    "json": Sample(
        "json",
        ['\'{"a": [1, null, "x\\\'y\\\\\\\\n"], "b": 9007199254740993}\'', "'null'", "'\"\\\\u00e9\"'", "'[]'"],
        keyed=False,
    ),
    # geometry
    "geometry": Sample(
        "geometry",
        ["ST_GeomFromText('POINT(1 2)', 4326)", "ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))')"],
        keyed=False,
    ),
    "point": Sample("point", ["POINT(1, 2)", "POINT(0.1, -1e300)"], keyed=False),
    "linestring": Sample("linestring", ["ST_GeomFromText('LINESTRING(0 0,1 1)')"], keyed=False),
    "polygon": Sample("polygon", ["ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))')"], keyed=False),
    "multipoint": Sample("multipoint", ["ST_GeomFromText('MULTIPOINT(0 0,1 1)')"], keyed=False),
    "multilinestring": Sample("multilinestring", ["ST_GeomFromText('MULTILINESTRING((0 0,1 1))')"], keyed=False),
    "multipolygon": Sample("multipolygon", ["ST_GeomFromText('MULTIPOLYGON(((0 0,1 0,1 1,0 0)))')"], keyed=False),
    "geometrycollection": Sample(
        "geometrycollection", ["ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))')"], keyed=False
    ),
}

_MARIADB: dict[str, Sample] = {
    "uuid": Sample("uuid", ["'123e4567-e89b-12d3-a456-426614174000'"]),
    "inet6": Sample("inet6", ["'2001:db8::ff00:42:8329'", "'::ffff:1.2.3.4'"]),
    "inet4": Sample("inet4", ["'192.0.2.33'"]),
    "varchar compressed": Sample("varchar(200) COMPRESSED", ["'zip me'", "''"], keyed=False),
    "blob compressed": Sample("blob COMPRESSED", _BYTES, keyed=False),
}

TYPES = _SHARED if MYSQL else {**_SHARED, **_MARIADB}

SCENES = {
    "nothing, empty and default": Scene(
        [
            "CREATE TABLE t (id int PRIMARY KEY, v varchar(20) DEFAULT 'default', n int DEFAULT 7)",
            "INSERT INTO t VALUES (1, NULL, NULL), (2, '', 0)",
            "INSERT INTO t (id) VALUES (3)",
        ],
        [("", "t")],
    ),
    "generated, counted and invisible columns": Scene(
        [
            (
                "CREATE TABLE a (id int AUTO_INCREMENT PRIMARY KEY, v int, "
                "w int GENERATED ALWAYS AS (v * 2) VIRTUAL, s varchar(20) AS (CONCAT(v, ';')) STORED, "
                "h int INVISIBLE DEFAULT 5)"
            ),
            "INSERT INTO a (v, h) VALUES (1, 6), (2, NULL)",
            "INSERT INTO a (id, v) VALUES (0, 9)",
            "ALTER TABLE a AUTO_INCREMENT = 900",
            (
                "CREATE TABLE `Big` (v int, `Id` bigint unsigned NOT NULL AUTO_INCREMENT, "
                "KEY (`Id`)) COMMENT = 'not ENGINE=x AUTO_INCREMENT=5 '"
            ),
            "INSERT INTO `Big` (v) VALUES (1), (2)",
        ],
        [("", "a"), ("", "Big")],
    ),
    "partitions": Scene(
        [
            (
                "CREATE TABLE p (id int, at date, PRIMARY KEY (id, "
                "at)) PARTITION BY RANGE (YEAR(at)) (PARTITION p0 VALUES LESS THAN (2024), "
                "PARTITION p1 VALUES LESS THAN MAXVALUE)"
            ),
            "INSERT INTO p VALUES (1, '2023-01-01'), (2, '2024-01-01'), (3, '2025-01-01')",
            "CREATE TABLE h (id int PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 3",
            "INSERT INTO h VALUES (1), (2), (3), (4)",
        ],
        [("", "p"), ("", "h")],
    ),
    "references": Scene(
        [
            "CREATE TABLE a (x int, y varchar(20), u int UNIQUE, k int, PRIMARY KEY (x, y), UNIQUE (y, x), KEY (k))",
            (
                "CREATE TABLE b (id int PRIMARY KEY, y varchar(20), x int, u int, k int, "
                "CONSTRAINT same FOREIGN KEY (u) REFERENCES a (u) ON DELETE SET NULL, FOREIGN KEY (y, "
                "x) REFERENCES a (y, x), FOREIGN KEY (k) REFERENCES a (k))"
            ),
            (
                "CREATE TABLE c (id int PRIMARY KEY, parent int, root int NOT NULL, b int, "
                "FOREIGN KEY (parent) REFERENCES c (id), FOREIGN KEY (root) REFERENCES c (id), "
                "FOREIGN KEY (b) REFERENCES b (id))"
            ),
            "INSERT INTO a VALUES (1, 'q''\"', 10, 5), (2, '', NULL, 5)",
            "INSERT INTO b VALUES (1, 'q''\"', 1, 10, 5), (2, NULL, 9, NULL, NULL)",
            "INSERT INTO c VALUES (1, NULL, 1, NULL), (2, 1, 1, 1), (3, 3, 3, 2)",
        ],
        [("", "a"), ("", "b"), ("", "c")],
    ),
    "a cycle of references that are not null": Scene(
        [
            "CREATE TABLE store (id int PRIMARY KEY, boss int NOT NULL)",
            "CREATE TABLE staff (id int PRIMARY KEY, store int NOT NULL, FOREIGN KEY (store) REFERENCES store (id))",
            "INSERT INTO store VALUES (1, 1)",
            "INSERT INTO staff VALUES (1, 1), (2, 1)",
            "ALTER TABLE store ADD CONSTRAINT boss FOREIGN KEY (boss) REFERENCES staff (id)",
        ],
        [("", "store"), ("", "staff")],
    ),
    "hostile names": Scene(
        [
            "CREATE TABLE `a ``b`` 'c' \"d\" $1 -- ;` (`from` int PRIMARY KEY, `Mixed Case` text, `größe ☃` text, "
            "`a``b` int UNIQUE, `"
            + "x" * 64
            + "` int, `v; , KEY ``x``(` int COMMENT 'k;\\n KEY `x` (`y`),\\n', KEY `i ON ``x```(`Mixed Case`(10)))",
            "INSERT INTO `a ``b`` 'c' \"d\" $1 -- ;` VALUES (1, 'x', 'y', 2, 3, 4)",
        ],
        [("", "a `b` 'c' \"d\" $1 -- ;")],
    ),
    "constraints": Scene(
        [
            (
                "CREATE TABLE t (id int PRIMARY KEY, email varchar(100) COLLATE utf8mb4_general_ci, "
                "n int CHECK (n > 0), body text, CONSTRAINT `it's` CHECK (email <> 'a'';b'), UNIQUE (email), "
                "UNIQUE `left` (body(10)), FULLTEXT KEY words (body))"
            ),
            "INSERT INTO t VALUES (1, 'A@x', 1, 'x'), (2, 'b@x', NULL, NULL)",
            (
                "CREATE TABLE zero (d date NOT NULL DEFAULT '0000-00-00', "
                "t timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)"
            ),
            "INSERT INTO zero VALUES ('0000-00-00', '2024-01-01 00:00:00')",
        ],
        [("", "t"), ("", "zero")],
    ),
}

FACTS = Facts(
    name="mysql",
    server="mariadb_server",
    dialects={"inserts": MysqlDialect},
    types=TYPES,
    scenes=SCENES,
    fingerprint=_fingerprint,
    slow_query=(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
        "SELECT COUNT(*) FROM n a, n b, n c, n d WHERE a.i + b.i + c.i + d.i > 0"
    ),
    many_rows=lambda count: (
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
        f"SELECT a.i + 1000 * b.i + 1000000 * c.i AS i, REPEAT(MD5(a.i), 8) AS v FROM n a, n b, n c LIMIT {count}"
    ),
    session=("SET sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'",),
    names=64,
)
