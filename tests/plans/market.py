"""A small market in SQLite that the tests of plans share: people, orders, notes, a cycle, awkward values."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import hotfixture

KEY = bytes(range(32))

TABLES = """
CREATE TABLE customers (
    id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL, email TEXT UNIQUE, phone TEXT,
    status TEXT, settings TEXT, best_order INTEGER REFERENCES orders (id)
);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), total NUMERIC(8, 2), placed TEXT
);
CREATE TABLE lines (
    order_id INTEGER NOT NULL REFERENCES orders (id), line_no INTEGER NOT NULL, item TEXT,
    PRIMARY KEY (order_id, line_no)
);
CREATE TABLE notes (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), body TEXT);
INSERT INTO customers VALUES
    (1, 'Wilhelmine', 'Oberhuber', 'w.oberhuber@realmail.com', '+49 30 555666777', 'active', '{"a": 1}', 11),
    (2, 'Conan', 'O''Brien', 'conan@realmail.com', NULL, '', NULL, NULL),
    (3, 'Zoë', 'Ångström', NULL, '+49 40 111222333', NULL, '{}', 12);
INSERT INTO orders VALUES (11, 1, 10.5, '2024-10-15 14:35:00'), (12, 3, 7, '2024-10-16 09:00:00'),
    (13, 1, 1.25, '2024-10-20 12:00:00');
INSERT INTO lines VALUES (11, 1, 'cup'), (11, 2, 'tab\there'), (12, 1, NULL), (13, 1, 'line' || char(10) || 'end');
INSERT INTO notes VALUES (1, 1, 'prefers tea'), (2, NULL, 'nobody''s note');
"""
MASKS = {
    "customers.first_name": "first_name",
    "customers.last_name": "last_name",
    "customers.email": "email",
    "customers.phone": "phone",
}
CUSTOMERS = """
  customers: {provider: SHOP, type: subset, root: customers, where: id = 1, include: {orders: {}, lines: {}}}
"""
SCHEMA = "  schema: {provider: SHOP, type: ddl}\n"


def market(folder: Path) -> str:
    """The URL of a new market."""
    path = folder / "market.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TABLES)
    return f"sqlite:///{path}"


def template(folder: Path, exports: str, *, masks: Mapping[str, str] = MASKS, rest: str = "") -> Path:
    """A template file of these exports."""
    path = folder / "incident.yaml"
    lines = "".join(f"  {column}: {mask}\n" for column, mask in masks.items())
    path.write_text(f"templateName: incident\n{rest}exports:\n{exports}" + (f"masks:\n{lines}" if lines else ""))
    return path


def run(folder: Path, exports: str, **given: object) -> hotfixture.plans.calls.Package:  # type: ignore[name-defined]  # imported on use
    """Run a template over the market into `folder/package`."""
    texts = {name: given.pop(name) for name in ("masks", "rest") if name in given}
    path = template(folder, exports, **texts)  # type: ignore[arg-type]  # as the caller gave them
    url = f"sqlite:///{folder / 'market.db'}"
    if not (folder / "market.db").exists():
        market(folder)
    return hotfixture.run(path, providers={"SHOP": url}, **{"output": folder / "package", "key": KEY, **given})


def loaded(script: Path) -> sqlite3.Connection:
    """A database in memory that has run the script."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(script.read_text(encoding="utf-8"))
    return connection
