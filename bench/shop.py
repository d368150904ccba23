"""The shop that slices are cut from: customers, two orders each, five lines an order, payments, products, countries."""

from __future__ import annotations

TABLES = """CREATE TABLE countries (code TEXT NOT NULL PRIMARY KEY, name TEXT);
CREATE TABLE customers (id INTEGER PRIMARY KEY, country TEXT NOT NULL REFERENCES countries, name TEXT, email TEXT);
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT, price NUMERIC(10,2));
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers, status TEXT, made TEXT);
CREATE TABLE order_lines (order_id INTEGER NOT NULL REFERENCES orders, line INTEGER NOT NULL,
    product_id INTEGER NOT NULL REFERENCES products, quantity INTEGER, price NUMERIC(10,2),
    PRIMARY KEY (order_id, line));
CREATE TABLE payments (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders, amount NUMERIC(10,2));
"""
_ROWS = """
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
ONE = 711
"""The customer of the small slice."""
BY_HAND = f"""SELECT * FROM customers WHERE id = {ONE};
SELECT * FROM orders WHERE customer_id = {ONE};
SELECT l.* FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE o.customer_id = {ONE};
SELECT p.* FROM payments p JOIN orders o ON o.id = p.order_id WHERE o.customer_id = {ONE};
SELECT * FROM products WHERE id IN (SELECT product_id FROM order_lines l JOIN orders o ON o.id = l.order_id
    WHERE o.customer_id = {ONE});
SELECT * FROM countries WHERE code IN (SELECT country FROM customers WHERE id = {ONE});
"""


def shop(customers: int, *, end: str) -> str:
    """SQL that builds a shop, in PostgreSQL or SQLite; `end` gathers the statistics."""
    return f"{TABLES}{_ROWS.format(customers=customers)}{end};\n"
