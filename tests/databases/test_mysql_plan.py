"""The planner's rows, out of the plans of both servers."""

from __future__ import annotations

import json

import pyarrow as pa
from tests.databases.mysql_roads import numbers
from tests.servers import rows

from hotfixture.databases import mysql_plan, open_database
from hotfixture.databases.base import Select
from hotfixture.schema import Column, TableName


def test_joined_tables_multiply_as_mysql_writes_them() -> None:
    scan = {"rows_examined_per_scan": 100, "rows_produced_per_join": 50, "filtered": "50.00"}
    each = {"rows_examined_per_scan": 3, "rows_produced_per_join": 150, "filtered": "100.00"}
    plan = {"query_block": {"ordering_operation": {"nested_loop": [{"table": scan}, {"table": each}]}}}
    assert mysql_plan.rows(json.dumps(plan)) == 150


def test_parts_of_a_union_add_up() -> None:
    part = {"query_block": {"table": {"rows": 10, "filtered": 100}}}
    plan = {"query_block": {"union_result": {"query_specifications": [part, part]}}}
    assert mysql_plan.rows(json.dumps(plan)) == 20


def test_a_query_without_a_table_gives_one_row() -> None:
    assert mysql_plan.rows(json.dumps({"query_block": {"table": {"message": "No tables used"}}})) == 1


def test_estimates_come_near_what_is_there(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE t (id int PRIMARY KEY, v varchar(50), k int, KEY (k))")
    rows(mariadb_url, f"INSERT INTO t SELECT i, REPEAT('x', 40), i MOD 10 FROM ({numbers(5)}) AS n")
    rows(mariadb_url, "ANALYZE TABLE t")
    with open_database(mariadb_url) as database:
        table = database.inspect().tables[TableName("", "t")]
        whole = database.estimate(Select(table, ("id", "v")))
        tenth = database.estimate(Select(table, ("id",), where="k = 3"))
        joined = database.estimate("SELECT a.id, b.v FROM t a JOIN t b ON a.id = b.id UNION ALL SELECT id, v FROM t")
    assert 4000 < whole.rows < 6000
    assert whole.bytes > 40 * 4000
    assert 300 < tenth.rows < 900
    assert 8000 < joined.rows < 12_000


def test_long_texts_count_no_more_than_a_guess() -> None:
    assert mysql_plan.width(Column("v", pa.string())) == 64
    assert mysql_plan.width(Column("v", pa.string(), length=5)) == 5
