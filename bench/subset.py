"""Subsets of a shop: rows/s and peak memory of many customers; one customer against the same joins by hand.

Run `python bench/subset.py`: SQLite, `--customers` for fewer than a million, `--keep FILE` to build them once; or give
`--url postgresql://…` of an empty database (or of one that an earlier run has filled).
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from hotfixture.databases import open_database
from hotfixture.plans.extract import extract
from hotfixture.transforms.subset_plan import Include, Root, SubsetSpec, plan_subset

BUILD = """
CREATE TABLE countries (code TEXT NOT NULL PRIMARY KEY, name TEXT);
CREATE TABLE customers (id INTEGER PRIMARY KEY, country TEXT NOT NULL REFERENCES countries, name TEXT, email TEXT);
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT, price NUMERIC(10,2));
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers, status TEXT, made TEXT);
CREATE TABLE order_lines (order_id INTEGER NOT NULL REFERENCES orders, line INTEGER NOT NULL,
    product_id INTEGER NOT NULL REFERENCES products, quantity INTEGER, price NUMERIC(10,2),
    PRIMARY KEY (order_id, line));
CREATE TABLE payments (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders, amount NUMERIC(10,2));
WITH RECURSIVE n(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 199)
    INSERT INTO countries SELECT 'C' || i, 'Country ' || i FROM n;
WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
    INSERT INTO products SELECT i, 'Product ' || i, i * 0.5 FROM n;
WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {customers})
    INSERT INTO customers SELECT i, 'C' || (i % 200), 'Customer ' || i, 'c' || i || '@shop.example' FROM n;
WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {customers} * 2)
    INSERT INTO orders SELECT i, (i * 7919) % {customers} + 1, 'paid', '2024-10-15 14:30:00' FROM n;
WITH RECURSIVE n(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {customers} * 10 - 1)
    INSERT INTO order_lines SELECT i / 5 + 1, i % 5, (i * 31) % 10000 + 1, 1 + i % 3, 9.5 FROM n;
WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {customers} * 2)
    INSERT INTO payments SELECT i, i, 47.5 FROM n;
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX payments_order ON payments (order_id);
"""
BY_HAND = """
SELECT * FROM customers WHERE id = 4711;
SELECT * FROM orders WHERE customer_id = 4711;
SELECT l.* FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE o.customer_id = 4711;
SELECT p.* FROM payments p JOIN orders o ON o.id = p.order_id WHERE o.customer_id = 4711;
SELECT * FROM products WHERE id IN (SELECT product_id FROM order_lines l JOIN orders o ON o.id = l.order_id
    WHERE o.customer_id = 4711);
SELECT * FROM countries WHERE code IN (SELECT country FROM customers WHERE id = 4711);
"""


class Counting:
    """A sink that counts rows and bytes."""

    rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        self.rows += batch.num_rows


def build(url: str, customers: int) -> None:
    """The shop, unless it is there already."""
    with open_database(url, write=True) as database:
        if not database.inspect().tables:
            for statement in BUILD.format(customers=customers).split(";\n")[:-1]:
                database.execute(statement)
            database.execute("ANALYZE")


def subset(url: str, where: str, keys: int) -> tuple[int, float]:
    """Rows and seconds of a subset with all descendants; opening and inspecting are not in the time."""
    with open_database(url) as database:
        schema = database.inspect()
        sink = Counting()
        start = time.perf_counter()
        with database.snapshot():
            plan = plan_subset(schema, SubsetSpec((Root("customers", where=where),), {"*": Include()}))
            extract(database, plan, lambda _: sink, keys=keys)
        return sink.rows, time.perf_counter() - start


def by_hand(url: str) -> tuple[int, float]:
    """The same rows of one customer by hand-written joins."""
    with open_database(url) as database:
        database.fetch("SELECT * FROM customers WHERE id = 1")
        start = time.perf_counter()
        rows = sum(len(database.fetch(query)) for query in BY_HAND.split(";")[:-1])
        return rows, time.perf_counter() - start


def median(work: Callable[[], tuple[int, float]], times: int = 5) -> tuple[int, float]:
    """The rows, and the middle of the times."""
    runs = [work() for _ in range(times)]
    return runs[0][0], statistics.median(seconds for _, seconds in runs)


def peak() -> float:
    """The process's largest resident size so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--customers", type=int, default=1_000_000)
    options.add_argument("--many", type=int, default=100_000)
    options.add_argument("--keys", type=int, default=10_000)
    options.add_argument("--keep", type=Path)
    options.add_argument("--url")
    chosen = options.parse_args()
    with TemporaryDirectory() as folder:
        path = chosen.keep or Path(folder) / "shop.db"
        url = chosen.url or f"sqlite:///{path.absolute()}"
        build(url, chosen.customers)
        hand_rows, hand = median(lambda: by_hand(url))
        rows, seconds = median(lambda: subset(url, "id = 4711", chosen.keys))
        print(f"one customer: {rows} rows in {seconds * 1e3:.1f} ms")
        print(f"the same by hand: {hand_rows} rows in {hand * 1e3:.1f} ms, {seconds / hand:.1f} x")
        before = peak()
        rows, seconds = subset(url, f"id <= {chosen.many}", chosen.keys)
        print(f"{chosen.many} customers: {rows} rows in {seconds:.2f} s, {rows / seconds:,.0f} rows/s")
        print(f"peak {peak():.0f} MB, {before:.0f} MB before")


if __name__ == "__main__":
    main()
