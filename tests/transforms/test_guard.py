"""What the guard lets pass means the same when it is sent; what it refuses, it explains with a place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.servers import rows, run_script

from hotfixture.errors import RefusedError, UnknownNameError, Where
from hotfixture.transforms.dialects import regenerate
from hotfixture.transforms.guard import check, parse

HERE = Where("t.yaml", 20, 7)

TABLES = """
CREATE TABLE t (id int PRIMARY KEY, a varchar(20), b decimal(10,2), d timestamp NULL, j varchar(99));
CREATE TABLE s (id int PRIMARY KEY, t_id int, c varchar(20));
CREATE INDEX t_a ON t (a);
INSERT INTO t VALUES (1, 'one', 1.5, '2024-01-01 10:00:00', '{"k": [1, 2], "m": "x"}'),
  (2, 'Two', NULL, '2024-02-29 23:59:59', '{"k": [], "m": null}'), (3, 'it''s 3', -2.25, NULL, NULL);
INSERT INTO s VALUES (1, 1, 'x'), (2, 1, 'y'), (3, 2, 'x'), (4, NULL, NULL);
"""

EVERYWHERE = """
SELECT * FROM t ORDER BY id
SELECT t.id, s.c FROM t LEFT JOIN s ON s.t_id = t.id ORDER BY 1, 2
SELECT id, 1 - (2 - 3) - 4, (1 + 2) * 3, 7 % 4, -(-5), - -5, 2 * -3 FROM t ORDER BY id
SELECT CASE WHEN b > 1 THEN 'big' WHEN b IS NULL THEN NULL ELSE 'small' END FROM t ORDER BY id
SELECT a FROM t WHERE NOT (id = 1 OR id = 2) AND a IS NOT NULL
SELECT a FROM t WHERE id NOT IN (1, 2) AND a NOT LIKE 'o%' AND id NOT BETWEEN 5 AND 9
SELECT a FROM t WHERE a LIKE '%!%' ESCAPE '!' OR a LIKE '%''s%'
SELECT a AS "quoted name", id "bare alias" FROM t AS "the table" ORDER BY id
SELECT upper(a), lower(a), length(a), substr(a, 2, 2), replace(a, 'o', '0'), coalesce(b, 0), abs(b) FROM t ORDER BY id
SELECT count(*), count(b), sum(b), min(a), max(d), count(DISTINCT c) FROM t LEFT JOIN s ON t_id = t.id
SELECT c, count(*) AS n FROM s GROUP BY c HAVING count(*) > 1 ORDER BY n DESC, c
SELECT id FROM t WHERE EXISTS (SELECT 1 FROM s WHERE s.t_id = t.id) ORDER BY id DESC LIMIT 1 OFFSET 1
SELECT id, (SELECT count(*) FROM s WHERE t_id = t.id) AS n FROM t ORDER BY n, id
SELECT id FROM t WHERE id IN (SELECT t_id FROM s) UNION SELECT id + 10 FROM s ORDER BY id
SELECT id FROM t UNION ALL SELECT id FROM s ORDER BY 1 LIMIT 3
WITH x AS (SELECT id, a FROM t), y(n) AS (SELECT count(*) FROM x) SELECT x.a, y.n FROM x CROSS JOIN y ORDER BY 1
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT n FROM r ORDER BY n
SELECT id, row_number() OVER (ORDER BY a DESC) AS n, sum(id) OVER (PARTITION BY b ORDER BY id) FROM t ORDER BY id
SELECT id, sum(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM t ORDER BY id
SELECT id, lag(a, 1) OVER w FROM t WINDOW w AS (ORDER BY id) ORDER BY id
SELECT DISTINCT c FROM s WHERE c IS NOT NULL ORDER BY c
SELECT q.a FROM (SELECT a, id FROM t WHERE id > 1) AS q ORDER BY q.id
SELECT t.*, s.* FROM t JOIN s USING (id) ORDER BY t.id
SELECT * FROM t NATURAL JOIN (SELECT id, c FROM s) AS q ORDER BY id
SELECT 'a''b', 'tab	in it', '-- no comment', '/* nor this */', 'x;y' FROM t
SELECT a /* comment */ FROM t -- and another
SELECT CAST('12' AS char(5)), CAST(id AS decimal(10,2)) FROM t ORDER BY id
SELECT current_date = current_date, current_timestamp IS NOT NULL FROM t
SELECT id FROM t WHERE (id, a) IN (SELECT id, a FROM t WHERE id < 3) ORDER BY id
"""

POSTGRESQL = r"""
SELECT a::text || '!', b::int, '2024-01-01'::date + 1, interval '1 day 2 hours', date_trunc('month', d) FROM t ORDER BY id
SELECT j::jsonb -> 'k' -> 0, j::jsonb ->> 'm', j::jsonb #>> '{k,1}', j::jsonb @> '{"m": "x"}', j::jsonb ? 'k' FROM t ORDER BY id
SELECT a ~ '^o', a !~* 'TWO', a ILIKE 'T%', a SIMILAR TO '(one|Two)', a IS DISTINCT FROM 'one' FROM t ORDER BY id
SELECT E'a\nb\\c', 'back\slash', $$dollar 'quoted'$$, $x$y$x$, 2 ^ 3 ^ 2, 17 # 5, 5 / 2, 5.0 / 2
SELECT array_agg(a ORDER BY id DESC), string_agg(a, ', ' ORDER BY id), count(*) FILTER (WHERE id > 1) FROM t
SELECT (array_agg(id ORDER BY id))[2], ARRAY[1, 2, 3] && ARRAY[3], 2 = ANY (ARRAY[1, 2]), (ARRAY[1, 2, 3])[2:3] FROM t
SELECT DISTINCT ON (t_id) t_id, c FROM s ORDER BY t_id NULLS FIRST, c DESC NULLS LAST
SELECT t.id, l.n FROM t, LATERAL (SELECT count(*) AS n FROM s WHERE t_id = t.id) AS l ORDER BY 1
SELECT g FROM generate_series(1, 3) AS g
SELECT k, v FROM t, jsonb_each(t.j::jsonb) AS e(k, v) ORDER BY t.id, k
SELECT u.x, u.o FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS u(x, o)
SELECT extract(year FROM d), to_char(d, 'YYYY"y"MM'), d AT TIME ZONE 'UTC', age(d, d) FROM t ORDER BY id
SELECT trim(BOTH 'o' FROM a), substring(a FROM 2 FOR 1), position('n' IN a), overlay(a PLACING 'X' FROM 1 FOR 1) FROM t ORDER BY id
SELECT c, count(*), grouping(c) FROM s GROUP BY ROLLUP (c) ORDER BY 3, 1 NULLS LAST
SELECT make_interval(days => id), make_date(2024, 1, 2) FROM t ORDER BY id
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY id) FROM t
SELECT CAST('1' AS double precision), '{1,2}'::int[], '12:00'::time, timestamp with time zone '2024-01-01 00:00+02', 'x'::char(3)
SELECT id FROM t ORDER BY id FETCH FIRST 2 ROWS ONLY
SELECT v.a, v.b FROM (VALUES (1, 'x'), (2, 'y')) AS v(a, b) ORDER BY 1
SELECT row_to_json(q) FROM (SELECT id, a FROM t) AS q ORDER BY q.id
(SELECT id FROM t) EXCEPT (SELECT t_id FROM s) ORDER BY 1
SELECT "t"."id" FROM public."t" WHERE ("t"."a") = ('one')
SELECT sum(id) OVER (ORDER BY id RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW) FROM t ORDER BY id
"""  # noqa: E501 - one query is one line

MYSQL = r"""
SELECT `a`, "text", 'it\'s', 'a\\b', 'a\nb', 'a\%b', 'x' FROM t ORDER BY id
SELECT a REGEXP '^o', a NOT REGEXP 'x', a RLIKE 'e$', a <=> NULL, !id, id DIV 2, id MOD 2, id XOR 1, 5 ^ 1, ~1 FROM t ORDER BY id
SELECT concat(a, '-', id), ifnull(b, 0), if(id > 1, 'y', 'n'), left(a, 1), date_format(d, '%Y-%m-%d %H:%i') FROM t ORDER BY id
SELECT d + INTERVAL 1 DAY, date_sub(d, INTERVAL 2 HOUR), DATE '2024-01-01', TIMESTAMP '2024-01-01 00:00:00', year(d) FROM t ORDER BY id
SELECT group_concat(DISTINCT c ORDER BY c DESC SEPARATOR '; '), group_concat(c ORDER BY id) FROM s
SELECT json_extract(j, '$.k[0]'), json_unquote(json_extract(j, '$.m')), json_object('a', a, 'b', id) FROM t ORDER BY id
SELECT CAST(a AS char CHARACTER SET utf8mb4), CONVERT(a USING utf8mb4), CAST(id AS unsigned), CAST('5' AS signed), BINARY a FROM t ORDER BY id
SELECT x'41', 0x4142, b'1000001', _utf8mb4'abc', 'a' COLLATE utf8mb4_bin = 'A', id && 1, id || 0 FROM t ORDER BY id
SELECT id FROM t USE INDEX (t_a) ORDER BY id LIMIT 1, 2
SELECT c, count(*) FROM s GROUP BY c WITH ROLLUP
SELECT trim(LEADING 'o' FROM a), substring(a FROM 2 FOR 1), position('n' IN a), extract(YEAR_MONTH FROM d) FROM t ORDER BY id
SELECT STRAIGHT_JOIN t.id FROM t STRAIGHT_JOIN s ON t_id = t.id ORDER BY 1
SELECT t.id FROM t CROSS JOIN s ORDER BY 1
SELECT id FROM t WHERE d BETWEEN '2024-01-01' AND '2024-12-31' AND a IS NOT NULL AND b IS TRUE
"""  # noqa: E501 - one query is one line

SQLITE = r"""
SELECT [a], `b`, "id" FROM t ORDER BY id
SELECT a GLOB 'o*', a IS 'one', a IS NOT 'one', a == 'one', b ISNULL, b NOTNULL, iif(id > 1, 'y', 'n'), typeof(b) FROM t ORDER BY id
SELECT CAST(a AS varchar(3)), CAST('1.5x' AS numeric), CAST('7' AS decimal(5,2)), CAST(id AS real), CAST('5' AS int), CAST(a AS blob) FROM t ORDER BY id
SELECT CAST('2024-05-01' AS date), CAST('12x' AS datetime), typeof(CAST(1 AS float)), typeof(CAST('1' AS boolean)) FROM t
SELECT date(d, '-1 day'), strftime('%Y-%m', d), julianday('2024-01-01'), unixepoch('2024-01-01') FROM t ORDER BY id
SELECT j -> '$.k', j ->> '$.m', json_extract(j, '$.k[0]') FROM t WHERE j IS NOT NULL ORDER BY id
SELECT e.key, e.value, e.type FROM t, json_each(t.j) AS e WHERE t.j IS NOT NULL ORDER BY t.id, e.key
SELECT group_concat(c, '|'), total(id), count(*) FILTER (WHERE c = 'x') FROM s
SELECT a COLLATE nocase = 'ONE', x'4142', 0x10, 1e3, .5 FROM t ORDER BY a COLLATE nocase DESC NULLS LAST
SELECT id FROM t ORDER BY id LIMIT 1, 2
SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT 2 EXCEPT SELECT 3
SELECT max(id), a FROM t
SELECT id FROM t WHERE (id, a) = (1, 'one')
SELECT rowid FROM t NOT INDEXED ORDER BY 1
SELECT * FROM (t JOIN s USING (id)) ORDER BY id
SELECT 'back\slash', printf('%05d', id), - - 1, + 1, 7 / 2, 7 % 4, 1 << 3 | 1 & 3 FROM t
"""  # noqa: E501 - one query is one line


def queries(*blocks: str) -> list[str]:
    return [line for block in blocks for line in block.strip().splitlines()]


@pytest.mark.parametrize(
    ("name", "dialect", "own"),
    [
        ("postgresql_url", "postgresql", POSTGRESQL),
        ("mariadb_url", "mysql", MYSQL),
        ("sqlite_url", "sqlite", SQLITE),
    ],
)
def test_a_query_that_passes_returns_what_it_returned_before(
    name: str, dialect: str, own: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(name)
    run_script(url, TABLES)
    common = [sql.replace('"', "`") if dialect == "mysql" else sql for sql in queries(EVERYWHERE)]
    changed = []
    for sql in (*common, *queries(own)):
        sent = sending(sql, dialect)
        expected = answer(url, sql)
        if repr(answer(url, sent)) != repr(expected) or isinstance(expected, Exception):
            changed.append(f"{sql} => {sent} => {expected!r}")
    assert not changed, "\n".join(changed)


def sending(sql: str, dialect: str) -> str:
    try:
        return regenerate(check(sql, dialect), dialect)
    except RefusedError as error:
        return str(error)


def answer(url: str, sql: str) -> object:
    try:
        return rows(url, sql)
    except Exception as error:  # noqa: BLE001 - each driver has its own errors, and all of them are failures here
        return error


@pytest.mark.parametrize(
    ("dialect", "sql", "line", "column", "said"),
    [
        ("postgresql", "SELECT a,\n  pg_sleep(1)\nFROM t", 21, 3, "pg_sleep"),
        ("postgresql", "SELECT a FROM t FOR UPDATE", 20, 14, "LOCK"),
        ("postgresql", "DELETE FROM t", 20, 7, "DELETE"),
        ("postgresql", "SELECT 1; SELECT 2", 20, 7, "2 statements"),
        ("postgresql", "SELECT a FROM\n pg_catalog.pg_authid", 21, 13, "pg_authid"),
        ("postgresql", "SELECT a FROM t WHERE (", 20, 0, "cannot be read"),
        ("postgresql", "SELECT 'a", 20, 0, "cannot be read"),
        ("postgresql", "", 20, 7, "nothing"),
        ("postgresql", "-- only a comment", 20, 7, "nothing"),
        ("mysql", "SELECT a\n  /*! , b */ FROM t", 21, 0, "executes"),
        ("mysql", "SELECT load_file('/x')", 20, 14, "load_file"),
        ("sqlite", "SELECT load_extension('x')", 20, 14, "load_extension"),
        ("sqlite", "SELECT sql FROM sqlite_schema", 20, 23, "sqlite_schema"),
    ],
)
def test_a_refusal_names_the_reason_and_the_place(dialect: str, sql: str, line: int, column: int, said: str) -> None:
    with pytest.raises(RefusedError, match=said) as caught:
        check(sql, dialect, where=HERE)
    found = caught.value.problems[0].where
    assert found
    assert found.source == "t.yaml"
    assert found.line == line
    assert found.column == column or not column


@pytest.mark.parametrize(
    ("dialect", "sql", "quoted"),
    [
        ("mysql", "SELECT id AS mod FROM t", "`mod`"),
        ("mysql", "SELECT or.id FROM t AS or", "`or`"),
        ("mysql", "SELECT lateral.id FROM t AS lateral", "`lateral`"),
        ("postgresql", 'SELECT "id" AS select FROM t', '"select"'),
        ("mysql", "SELECT id FROM t WHERE", ""),
        ("sqlite", "SELECT 'a FROM t", ""),
    ],
)
def test_a_reserved_word_where_a_name_stands_is_told_to_be_quoted(dialect: str, sql: str, quoted: str) -> None:
    with pytest.raises(RefusedError, match="cannot be read") as caught:
        parse(sql, dialect)
    assert "<class" not in str(caught.value)
    hint = caught.value.problems[0].hint
    assert quoted in hint
    assert bool(hint) == bool(quoted)
    if quoted:
        parse(sql.replace(quoted[1:-1], quoted), dialect)


def test_the_json_arrows_of_mysql_are_sent_as_they_are() -> None:
    """MySQL has them, MariaDB has not: the suite's own server cannot run this one."""
    assert (
        regenerate(check("SELECT j -> '$.a', j ->> '$.b' FROM t", "mysql"), "mysql")
        == "SELECT j -> '$.a', j ->> '$.b' FROM t"
    )


def test_all_reasons_are_told_at_once() -> None:
    with pytest.raises(RefusedError) as caught:
        check("SELECT pg_sleep(1), nextval('x') FROM pg_stats FOR UPDATE", "postgresql")
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "sqlite"])
def test_the_administrator_can_allow_a_function(dialect: str) -> None:
    with pytest.raises(RefusedError):
        check("SELECT my_function(a) FROM t", dialect)
    assert regenerate(check("SELECT My_Function(a) FROM t", dialect, allow=["my_function"]), dialect).count("y_") == 1


def test_nothing_of_a_comment_is_sent() -> None:
    for dialect in ("postgresql", "mysql", "sqlite"):
        sql = "/* one */ SELECT /* two */ a -- three\n FROM t /* four */"
        assert regenerate(check(sql, dialect), dialect) == "SELECT a FROM t"


def test_an_unknown_dialect_is_said() -> None:
    with pytest.raises(UnknownNameError, match="postgres"):
        parse("SELECT 1", "postgress")


def test_a_query_nested_without_end_is_refused_not_a_crash() -> None:
    with pytest.raises(RefusedError):
        check("SELECT " + "(" * 3000 + "1" + ")" * 3000, "postgresql")


LETTERS = list("SELECTselctfromwhr 'abt(),;*/-!#\"`$E\\\n0=")


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from(LETTERS), max_size=60), st.sampled_from(["postgresql", "mysql", "sqlite"]))
def test_any_text_is_read_or_refused(text: str, dialect: str) -> None:
    sent = sending(f"SELECT {text}", dialect)
    assert not sent.startswith("SELECT") or sending(sent, dialect) == sent


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "sqlite"])
def test_a_comma_between_tables_stays_a_comma(dialect: str) -> None:
    """CROSS JOIN would fix the order in which SQLite reads the tables, and bind stronger elsewhere."""
    assert regenerate(check("SELECT 1 FROM a, b WHERE a.x = b.x", dialect), dialect).startswith("SELECT 1 FROM a, b ")
