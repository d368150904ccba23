"""The fact sheet of PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

from tests.databases.facts import Facts, Sample, Scene

from hotfixture.databases.postgresql_dialect import PostgresqlDialect


def _fingerprint(table: str, columns: Sequence[str]) -> str:
    row = f"ROW({', '.join(columns)})::text"
    return (
        f"SELECT count(*)::text || md5(coalesce(string_agg({row}, '|' ORDER BY {row} COLLATE \"C\"), '')) FROM {table}"
    )


def _texts(*values: str) -> tuple[str, ...]:
    return tuple(PostgresqlDialect().literal(value) for value in values)


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
        "/* */",
        "$1",
        "$$",
        "\\Z",
        "a\tb",
        "a\nb",
        "a\r\nb",
    ),
    *(
        "\b\f\v",
        "\x01\x1f\x7f",
        ";",
        '"',
        "`",
        "\ufeffmark",
        "\U0001f600",
        "é",
        "é",
        "x\\",
        "\\n",
        "\\t\\\\n",
        "%s %(a)s",
    ),
    *("{0}", "${x}", ":name", "a,b", "\\'", "\u2028", "\ue000", "DROP TABLE t;"),
)

_MOOD = ("CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s \"fine\"', 'größer')",)
_PAIR = (*_MOOD, 'CREATE TYPE pair AS (a int, "B c" text, m mood[])')
_DOMAIN = ('CREATE DOMAIN "bıgınt" AS bigint CHECK (VALUE > -10)',)
_FLOATRANGE = ("CREATE TYPE floatrange AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi)",)

TYPES: dict[str, Sample] = {
    # numbers
    "smallint": Sample("smallint", ["-32768", "0", "32767"]),
    "integer": Sample("integer", ["-2147483648", "0", "2147483647"]),
    "bigint": Sample("bigint", ["-9223372036854775808", "9007199254740993", "9223372036854775807"]),
    "numeric": Sample(
        "numeric", ["'NaN'", "0", "-0.000", "1e-300", "123456789012345678901234567890.123456789", "1e50"]
    ),
    "numeric(10,2)": Sample("numeric(10,2)", ["12345678.90", "-0.01", "'NaN'"]),
    "numeric(38,0)": Sample("numeric(38,0)", ["99999999999999999999999999999999999999"]),
    "real": Sample("real", ["1.1", "'-0'", "'NaN'", "'Infinity'", "'-Infinity'", "1e-45", "3.4028235e38"]),
    "double precision": Sample(
        "double precision", ["0.1", "1/3.0", "'NaN'", "'Infinity'", "5e-324", "1.7976931348623157e308"]
    ),
    "money": Sample("money", ["'1234.5'::numeric::money", "'-92233720368547758.08'::numeric::money"]),
    "oid": Sample("oid", ["0", "2147483648", "4294967295"]),
    "boolean": Sample("boolean", ["true", "false"]),
    # text
    "text": Sample("text", HOSTILE),
    "varchar(40)": Sample("varchar(40)", HOSTILE),
    "char(12)": Sample("char(12)", ["'ab'", "''", "E'a\\nb'", "'éé'"]),
    "character(1)": Sample("char", ["'x'", "' '"]),
    '"char"': Sample('"char"', ["'a'", "''", "'\\'"]),
    "name": Sample("name", ["'abc'", "''", "'with \"quotes\"'"]),
    "text collate": Sample('text COLLATE "C"', ["'b'", "'B'"]),
    "citext": Sample("citext", ["'MiXed'", "'It''s'"], ("CREATE EXTENSION IF NOT EXISTS citext",)),
    # bytes and bits
    "bytea": Sample("bytea", ["''", "'\\x00'", "'\\xdeadbeef00ff5c6e'", "decode(repeat('5c0a0927', 3000), 'hex')"]),
    "bit(5)": Sample("bit(5)", ["B'00000'", "B'10101'"]),
    "bit varying": Sample("bit varying", ["B''", "B'1'", "B'0000000000000000000001'"]),
    "bit varying(3)": Sample("bit varying(3)", ["B'101'", "B''"]),
    # time
    "date": Sample(
        "date", ["'2024-02-29'", "'infinity'", "'-infinity'", "'4713-01-01 BC'", "'5874897-12-31'", "'0044-03-15 BC'"]
    ),
    "time": Sample("time", ["'00:00'", "'24:00'", "'23:59:59.999999'"]),
    "time(3)": Sample("time(3)", ["'12:34:56.789'"]),
    "timetz": Sample("timetz", ["'12:00+05:45'", "'24:00:00-15:59'", "'01:02:03.000004-00:30:15'"]),
    "timestamp": Sample(
        "timestamp",
        ["'2024-01-01 00:00:00.000001'", "'infinity'", "'4713-01-01 00:00:00 BC'", "'294276-12-31 23:59:59.999999'"],
    ),
    "timestamptz": Sample("timestamptz", ["'2024-03-31 02:30:00+02'", "'-infinity'", "'0001-01-01 00:00:00+00 BC'"]),
    "timestamptz(0)": Sample("timestamptz(0)", ["'1969-12-31 23:59:59+00'"]),
    "interval": Sample(
        "interval",
        [
            "'0'",
            "'-1 year -2 mons +3 days -04:05:06.000007'",
            "'178000000 years'",
            "'1 day -00:00:01'",
            "'-1 days +02:03:04'",
        ],
    ),
    "interval day to second": Sample("interval day to second (3)", ["'1 02:03:04.567'"]),
    # structured
    "uuid": Sample("uuid", ["'00000000-0000-0000-0000-000000000000'", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"]),
    "json": Sample(
        "json", ['\'{ "a" :  1, "a": 2 }\'', "'\"\\u0041\\n\"'", "'null'", "'[]'", "E'{\"t\":\\n\\t1}'"], keyed=False
    ),
    "jsonb": Sample("jsonb", ['\'{"a": [1, 2.50, null, "\\\\n"]}\'', "'\"\"'", "'null'", "'12345678901234567890'"]),
    "jsonpath": Sample("jsonpath", ["'$.a[*] ? (@ > 1)'", "'$.\"a b\"'"], keyed=False, since=(12,)),
    "xml": Sample(
        "xml",
        [
            "XMLPARSE(CONTENT 'a<b x=\"1\">&lt;</b>')",
            "XMLPARSE(CONTENT '')",
            "XMLPARSE(DOCUMENT '<?xml version=\"1.0\"?><a/>')",
        ],
        keyed=False,
    ),
    "hstore": Sample(
        "hstore",
        ["E'a=>\"x\\ny\", b=>NULL'", "''", '\'"q\\"k"=>"\\\\\\\\"\''],
        ("CREATE EXTENSION IF NOT EXISTS hstore",),
    ),
    "ltree": Sample("ltree", ["'a.b.c'", "''"], ("CREATE EXTENSION IF NOT EXISTS ltree",)),
    "tsvector": Sample("tsvector", ["'a:1A fat:2B,4C cat:5D'", "''", "'''it''''s'':1 \\\\\\\\b'"]),
    "tsquery": Sample("tsquery", ["'fat & (rat | !cat:A*)'", "'a <2> b'", "''"]),
    # network
    "inet": Sample("inet", ["'192.168.0.1/24'", "'::1'", "'::ffff:1.2.3.4/128'"]),
    "cidr": Sample("cidr", ["'10.0.0.0/8'", "'2001:db8::/32'"]),
    "macaddr": Sample("macaddr", ["'08:00:2b:01:02:03'"]),
    "macaddr8": Sample("macaddr8", ["'08:00:2b:01:02:03:04:05'"], since=(10,)),
    # geometry
    "point": Sample("point", ["'(1.1,-2)'", "'(NaN,Infinity)'"], keyed=False),
    "line": Sample("line", ["'{1,-1,0.1}'"], keyed=False),
    "lseg": Sample("lseg", ["'[(0,0),(1,1e-300)]'"], keyed=False),
    "box": Sample("box", ["'(2,2),(1,1)'"], keyed=False),
    "path": Sample("path", ["'[(0,0),(1,1)]'", "'((0,0),(1,1))'"], keyed=False),
    "polygon": Sample("polygon", ["'((0,0),(1,0),(0.1,1))'"], keyed=False),
    "circle": Sample("circle", ["'<(0.1,0),2.5>'"], keyed=False),
    # ranges
    "int4range": Sample("int4range", ["'[1,10)'", "'empty'", "'(,5]'", "'(,)'"]),
    "int8range": Sample("int8range", ["'[9007199254740993,)'"]),
    "numrange": Sample("numrange", ["'[1.10,2.200)'", "'(0.1,]'"]),
    "tsrange": Sample("tsrange", ["'[2024-01-01,infinity)'"]),
    "tstzrange": Sample("tstzrange", ["'[\"2024-01-01 00:00:00+02\",)'"]),
    "daterange": Sample("daterange", ["'[0044-03-15 BC,2024-01-01]'"]),
    "int4multirange": Sample("int4multirange", ["'{}'", "'{[1,3),[5,9)}'"], since=(14,)),
    "datemultirange": Sample("datemultirange", ["'{[2024-01-01,2024-02-01),[2025-01-01,)}'"], since=(14,)),
    "own range": Sample("floatrange", ["'[0.1,NaN]'", "'(-Infinity,0.30000000000000004)'"], _FLOATRANGE),
    "own multirange": Sample("floatmultirange", ["'{[0.1,0.2]}'"], _FLOATRANGE, since=(14,)),
    # made by users
    "enum": Sample("mood", ["'sad'", "'it''s \"fine\"'", "'größer'"], _MOOD),
    "domain": Sample('"bıgınt"', ["-9", "9223372036854775807"], _DOMAIN),
    "domain over bytea": Sample("blob", ["'\\x00ff'", "''"], ("CREATE DOMAIN blob AS bytea",)),
    "domain over domain": Sample(
        "small", ["5", "-9"], (*_DOMAIN, 'CREATE DOMAIN small AS "bıgınt" CHECK (VALUE < 99)')
    ),
    "composite": Sample(
        "pair", ["ROW(1, E'a,\"b\\n\\\\', '{sad,NULL}')", "ROW(NULL, '', '{}')", "ROW(NULL, NULL, NULL)"], _PAIR
    ),
    # arrays
    "integer[]": Sample("integer[]", ["'{}'", "'{1,NULL,3}'", "'{{1,2},{3,NULL}}'", "'[0:1]={7,8}'"]),
    "text[]": Sample(
        "text[]",
        [
            "'{}'",
            "ARRAY['', NULL, 'NULL', 'a,b', '\"', E'\\\\', '{x}', E'a\\nb\\tc', ' s ']",
            "ARRAY[ARRAY['a'],ARRAY[NULL]]",
        ],
    ),
    "bytea[]": Sample("bytea[]", ["ARRAY['\\x00ff'::bytea, '', NULL]"]),
    "numeric(6,2)[]": Sample("numeric(6,2)[]", ["'{1.10,NaN,NULL}'"]),
    "uuid[]": Sample("uuid[]", ["'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,NULL}'"]),
    "json[]": Sample("json[]", ['ARRAY[\'{"a": "\\""}\'::json, NULL]'], keyed=False),
    "jsonb[]": Sample("jsonb[]", ["ARRAY['{\"a\": [1]}'::jsonb, 'null']"]),
    "time[]": Sample("time[]", ["'{12:00:00,NULL,24:00:00}'"]),
    "timestamptz[]": Sample("timestamptz[]", ["ARRAY['2024-01-01 00:00:00+02'::timestamptz, 'infinity']"]),
    "interval[]": Sample("interval[]", ["ARRAY['1 day -1 second'::interval]"]),
    "inet[]": Sample("inet[]", ["'{10.0.0.1/8,::1}'"]),
    "box[]": Sample("box[]", ["'{(2,2),(1,1);(4,4),(3,3)}'"], keyed=False),
    "boolean[]": Sample("boolean[]", ["'{t,f,NULL}'"]),
    "bit[]": Sample("bit(2)[]", ["'{01,NULL}'"]),
    "enum[]": Sample("mood[]", ["ARRAY['ok'::mood, NULL, 'it''s \"fine\"']"], _MOOD),
    "composite[]": Sample("pair[]", ["ARRAY[ROW(1, 'x\"y', '{ok}')::pair, NULL]"], _PAIR),
    "domain[]": Sample('"bıgınt"[]', ["'{1,-9,NULL}'"], _DOMAIN, since=(11,)),
    "int4range[]": Sample("int4range[]", ["'{\"[1,3)\",empty,NULL}'"]),
    "hstore[]": Sample("hstore[]", ["ARRAY['a=>1'::hstore, NULL]"], ("CREATE EXTENSION IF NOT EXISTS hstore",)),
    # of the engine's own workings
    "pg_lsn": Sample("pg_lsn", ["'16/B374D848'", "'0/0'"]),
    "txid_snapshot": Sample("txid_snapshot", ["'10:20:10,14,15'"], keyed=False),
    "pg_snapshot": Sample("pg_snapshot", ["'10:20:10,14,15'"], keyed=False, since=(13,)),
    "xid8": Sample("xid8", ["'18446744073709551615'"], since=(13,)),
    "xid": Sample("xid", ["'4294967295'"], keyed=False),
    "cid": Sample("cid", ["'4294967295'"], keyed=False),
    "tid": Sample("tid", ["'(4294967295,65535)'"]),
    "int2vector": Sample("int2vector", ["'1 2 3'", "''"]),
    "oidvector": Sample("oidvector", ["'1 4294967295'"]),
    "regclass": Sample("regclass", ["'pg_class'", "4294967295::oid::regclass", "'-'"]),
    "regtype": Sample("regtype", ["'timestamp with time zone'", "'integer'"]),
    "regproc": Sample("regproc", ["'now'"]),
    "regprocedure": Sample("regprocedure", ["'sum(int4)'"]),
    "regoperator": Sample("regoperator", ["'*(integer,integer)'"]),
    "regrole": Sample("regrole", ["'-'"]),
    "regnamespace": Sample("regnamespace", ["'pg_catalog'"]),
    "regconfig": Sample("regconfig", ["'english'"]),
    "regdictionary": Sample("regdictionary", ["'simple'"]),
    "regcollation": Sample("regcollation", ["'\"C\"'"], since=(13,)),
    "refcursor": Sample("refcursor", ["'a cursor'"], keyed=False),
}

SCENES = {
    "nothing, empty and default": Scene(
        [
            "CREATE TABLE t (id int PRIMARY KEY, v text DEFAULT 'default', n int DEFAULT 7)",
            "INSERT INTO t VALUES (1, NULL, NULL), (2, '', 0)",
            "INSERT INTO t (id) VALUES (3)",
        ],
        [("public", "t")],
    ),
    "generated and identity columns": Scene(
        [
            (
                "CREATE TABLE a (id int GENERATED ALWAYS AS IDENTITY (START 5 INCREMENT 3), "
                "v int, w int GENERATED ALWAYS AS (v * 2) STORED)"
            ),
            "INSERT INTO a (v) VALUES (1), (2)",
            'CREATE TABLE "Big" ("Id" bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, s smallserial, "T" serial)',
            'INSERT INTO "Big" DEFAULT VALUES',
            'INSERT INTO "Big" DEFAULT VALUES',
        ],
        [("public", "a"), ("public", "Big")],
        since=(12,),
    ),
    "virtual columns": Scene(
        [
            "CREATE TABLE v (a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL, c int GENERATED ALWAYS AS (a - 1))",
            "INSERT INTO v VALUES (1), (NULL)",
            "CREATE TABLE w (id int PRIMARY KEY)",
            "CREATE TABLE soft (a int REFERENCES w NOT ENFORCED)",
            "INSERT INTO soft VALUES (7)",
        ],
        [("public", "v"), ("public", "w"), ("public", "soft")],
        since=(18,),
    ),
    "partitions": Scene(
        [
            "CREATE TABLE p (id int, at timestamptz, k text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
            "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01 00:00:00+05') TO ('2024-02-01 00:00:00-03')",
            "CREATE TABLE p2 PARTITION OF p DEFAULT PARTITION BY HASH (id)",
            "CREATE TABLE p20 PARTITION OF p2 FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
            "CREATE TABLE p21 PARTITION OF p2 FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
            "CREATE INDEX ON p (k)",
            "CREATE TABLE l (id int PRIMARY KEY, kind text CHECK (kind <> '')) ",
            "INSERT INTO l SELECT i, 'k' FROM generate_series(1, 50) i",
            "ALTER TABLE p ADD FOREIGN KEY (id) REFERENCES l",
            "CREATE TABLE c (p_id int, p_at timestamptz, FOREIGN KEY (p_id, p_at) REFERENCES p)",
            (
                "INSERT INTO p SELECT i, '2024-01-20 00:00:00+00'::timestamptz + i * interval '1 day', 'x' "
                "FROM generate_series(1, 50) i"
            ),
            "INSERT INTO c SELECT id, at FROM p WHERE id < 9",
        ],
        [("public", "l"), ("public", "p"), ("public", "c")],
        since=(12,),
    ),
    "references": Scene(
        [
            'CREATE SCHEMA "other Schema"',
            "CREATE TABLE a (x int, y text, u int UNIQUE, PRIMARY KEY (x, y), UNIQUE (y, x))",
            (
                'CREATE TABLE "other Schema".a (id serial PRIMARY KEY, y text, x int, '
                "u int CONSTRAINT same REFERENCES a (u), "
                "FOREIGN KEY (y, x) REFERENCES a (y, x))"
            ),
            (
                "CREATE TABLE b (id int PRIMARY KEY, parent int REFERENCES b, root int NOT NULL REFERENCES b, "
                'o int CONSTRAINT same REFERENCES "other Schema".a DEFERRABLE)'
            ),
            "INSERT INTO a VALUES (1, 'q''\"', 10), (2, '', NULL)",
            "INSERT INTO \"other Schema\".a (y, x, u) VALUES ('q''\"', 1, 10), (NULL, 9, NULL)",
            "INSERT INTO b VALUES (1, NULL, 1, NULL), (2, 1, 1, 1), (3, 3, 3, 2)",
        ],
        [("public", "a"), ("other Schema", "a"), ("public", "b")],
    ),
    "a cycle of references that are not null": Scene(
        [
            "CREATE TABLE store (id int PRIMARY KEY, boss int NOT NULL)",
            "CREATE TABLE staff (id int PRIMARY KEY, store int NOT NULL REFERENCES store)",
            "ALTER TABLE store ADD CONSTRAINT boss FOREIGN KEY (boss) REFERENCES staff DEFERRABLE",
            (
                "BEGIN; SET CONSTRAINTS boss DEFERRED; INSERT INTO store VALUES (1, 1); "
                "INSERT INTO staff VALUES (1, 1), (2, 1); COMMIT"
            ),
            "ALTER TABLE store ALTER CONSTRAINT boss NOT DEFERRABLE",
        ],
        [("public", "store"), ("public", "staff")],
    ),
    "hostile names": Scene(
        [
            'CREATE SCHEMA "select"',
            'CREATE TABLE "select"."a ""b"" \'c\' $1 --" ("from" int PRIMARY KEY, "Mixed Case" text, '
            '"größe ☃" text, "a""b" int UNIQUE, "' + "x" * 63 + '" int)',
            'INSERT INTO "select"."a ""b"" \'c\' $1 --" VALUES (1, \'x\', \'y\', 2, 3)',
            'CREATE INDEX "i ON ""x""" ON "select"."a ""b"" \'c\' $1 --" (("Mixed Case" || \'x\'))',
        ],
        [("select", "a \"b\" 'c' $1 --")],
    ),
    "constraints": Scene(
        [
            "CREATE EXTENSION btree_gist",
            (
                "CREATE TABLE t (id int PRIMARY KEY, email text, at daterange, room int, n int CHECK (n > 0), "
                "UNIQUE NULLS NOT DISTINCT (n), EXCLUDE USING gist (room WITH =, at WITH &&))"
            ),
            "CREATE UNIQUE INDEX lower_email ON t (lower(email)) WHERE n IS NOT NULL",
            "INSERT INTO t VALUES (1, 'A@x', '[2024-01-01,2024-01-02)', 1, 1), (2, 'b@x', NULL, NULL, NULL)",
            "CREATE TABLE late (id int, t int)",
            "INSERT INTO late VALUES (1, 99), (-1, 1)",
            "ALTER TABLE late ADD CHECK (id > 0) NOT VALID",
            "ALTER TABLE late ADD FOREIGN KEY (t) REFERENCES t NOT VALID",
            "ALTER TABLE t DROP COLUMN room, ADD COLUMN extra text DEFAULT 'x'",
        ],
        [("public", "t"), ("public", "late")],
        since=(15,),
    ),
    "inheritance": Scene(
        [
            "CREATE TABLE parent (id int, v text CHECK (v <> ''))",
            "CREATE TABLE child (extra int) INHERITS (parent)",
            "INSERT INTO parent VALUES (1, 'p')",
            "INSERT INTO child VALUES (2, 'c', 3)",
        ],
        [("public", "parent"), ("public", "child")],
    ),
}

FACTS = Facts(
    name="postgresql",
    server="postgresql_server",
    dialects={"copy": PostgresqlDialect, "inserts": lambda: PostgresqlDialect(inserts=True)},
    types=TYPES,
    scenes=SCENES,
    fingerprint=_fingerprint,
    slow_query="SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b",
    many_rows=lambda count: f"SELECT i, repeat(md5(i::text), 8) AS v FROM generate_series(1, {count}) i",
    schema="public",
)
