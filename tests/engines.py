"""One database on each engine, filled by the same statements, for tests that hold on all of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.servers import run_script

ENGINES = ("sqlite", "postgresql", "mariadb")


@dataclass
class Anywhere:
    """One engine under test."""

    name: str
    folder: Path
    request: pytest.FixtureRequest
    made: int = 0

    def fresh(self) -> str:
        """The URL of a new, empty database."""
        self.made += 1
        if self.name == "sqlite":
            path = self.folder / f"database{self.made}.db"
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("VACUUM")
            return f"sqlite:///{path}"
        server = self.request.getfixturevalue(f"{self.name}_server")
        url: str = server.fresh_database()
        self.request.addfinalizer(lambda: server.drop(url))
        return url

    def shared(self, script: str) -> str:
        """The URL of a database that has run a script, one for all tests of the session that only read it."""
        if (self.name, script) not in _SHARED:
            if self.name == "sqlite":
                url = f"sqlite:///{self.request.getfixturevalue('tmp_path_factory').mktemp('shared') / 'shared.db'}"
            else:
                url = self.request.getfixturevalue(f"{self.name}_server").fresh_database()
            run_script(url, script)
            _SHARED[self.name, script] = url
        return _SHARED[self.name, script]

    def filled(self, script: str) -> str:
        """The URL of a new database that has run a script."""
        url = self.fresh()
        run_script(url, script)
        return url


_SHARED: dict[tuple[str, str], str] = {}


@pytest.fixture(params=ENGINES)
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Anywhere:
    """Each engine in turn."""
    return Anywhere(request.param, tmp_path, request)


SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, first_name VARCHAR(40) NOT NULL, email VARCHAR(80) UNIQUE,
    status VARCHAR(10));
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
    total NUMERIC(8, 2), placed TIMESTAMP NULL, state VARCHAR(10));
CREATE TABLE order_lines (order_id INTEGER NOT NULL REFERENCES orders (id), line_no INTEGER NOT NULL,
    item VARCHAR(40), PRIMARY KEY (order_id, line_no));
CREATE TABLE comments (id INTEGER PRIMARY KEY, subject_type VARCHAR(20), subject_id INTEGER);
CREATE TABLE audit (id INTEGER PRIMARY KEY, data TEXT);
CREATE TABLE logins (id INTEGER PRIMARY KEY, customer_id INTEGER);
CREATE TABLE sums (id INTEGER PRIMARY KEY, a INTEGER, twice INTEGER GENERATED ALWAYS AS (a * 2) STORED);
CREATE INDEX orders_by_state ON orders (state);
INSERT INTO customers VALUES (1, 'Wilhelmine', 'w.oberhuber@realmail.com', 'active'), (2, 'Conan', NULL, ''),
    (3, 'Zoë', 'zoe@realmail.com', NULL);
INSERT INTO orders VALUES (11, 1, 10.5, '2024-10-15 14:35:00', 'new'), (12, 3, 7, '2024-10-16 09:00:00', 'paid'),
    (13, 1, 1.25, '2024-10-20 12:00:00', 'paid');
INSERT INTO order_lines VALUES (11, 1, 'cup'), (11, 2, 'pot'), (12, 1, NULL), (13, 1, 'tea');
INSERT INTO comments VALUES (1, 'order', 11), (2, 'customer', 1), (3, 'order', 12), (4, 'customer', 3), (5, 'file', 1);
INSERT INTO audit VALUES (1, '{"user": {"id": 1}}'), (2, '{"user": {"id": 3}}'), (3, '{}');
INSERT INTO logins VALUES (1, 1), (2, 1), (3, 3);
INSERT INTO sums (id, a) VALUES (1, 5), (2, NULL);
"""
"""A small shop; every customer's e-mail is an original to look for."""
