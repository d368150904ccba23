"""A shop's "production" database in SQLite: a million rows or so, made by the project's own generators.

It has what real databases have and invented ones lack: quotes and odd characters in names, statuses in three spellings,
nulls beside empty strings, prose that repeats what the columns say, a reference cycle, a self reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.databases import open_database
from hotfixture.draws import Draws
from hotfixture.generators import find, generate

SEED = 20241015
CUSTOMERS = 50_000

TABLES = """
CREATE TABLE employees (
    id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, email TEXT NOT NULL UNIQUE,
    manager_id INTEGER REFERENCES employees (id)
);
CREATE TABLE customers (
    id INTEGER PRIMARY KEY, account_id TEXT NOT NULL UNIQUE, first_name TEXT NOT NULL, last_name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE, phone TEXT, birth_date TEXT, status TEXT,
    preferences TEXT CHECK (json_valid(preferences)),
    default_address_id INTEGER REFERENCES addresses (id), created_at TEXT NOT NULL
);
CREATE TABLE addresses (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
    street TEXT NOT NULL, city TEXT NOT NULL, postcode TEXT, country TEXT NOT NULL
);
CREATE TABLE payment_methods (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
    kind TEXT NOT NULL, card_number TEXT, iban TEXT, expires TEXT
);
CREATE TABLE products (
    id INTEGER PRIMARY KEY, sku TEXT NOT NULL UNIQUE, name TEXT NOT NULL, price NUMERIC(10, 2) NOT NULL
);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
    address_id INTEGER NOT NULL REFERENCES addresses (id), status TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE TABLE order_lines (
    order_id INTEGER NOT NULL REFERENCES orders (id), line_no INTEGER NOT NULL,
    product_id INTEGER NOT NULL REFERENCES products (id), quantity INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_id, line_no)
) WITHOUT ROWID;
CREATE TABLE payments (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id),
    payment_method_id INTEGER REFERENCES payment_methods (id), amount NUMERIC(10, 2) NOT NULL, status TEXT,
    created_at TEXT NOT NULL
);
CREATE TABLE subscriptions (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
    referred_by INTEGER REFERENCES customers (id), plan TEXT NOT NULL, status TEXT NOT NULL
);
CREATE TABLE support_notes (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
    author_id INTEGER NOT NULL REFERENCES employees (id), body TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE TABLE logins (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), ip TEXT, at TEXT NOT NULL
)
"""
BORN = (date(1940, 1, 1), date(2006, 1, 1))
INDEXED = (
    "addresses (customer_id)", "payment_methods (customer_id)", "orders (customer_id)", "payments (order_id)",
    "subscriptions (customer_id)", "support_notes (customer_id)", "logins (customer_id)",
)  # fmt: skip
AWKWARD_NAMES = (
    "O'Brien",
    "D'Arc",
    "Null",
    "Smith-Jones",
    "van der Berg",
    "Núñez y Ávila",
    "Robert'); --",
    "Zoë\u200b",
    "李",
    "🦊 Fox",
)
STATUSES = ("active", "active", "active", "ACTIVE", "Active ", "pending review", "PENDING_REVIEW", "", "n/a", "closed")


def column(name: str, count: int, **options: Any) -> pa.Array:
    """`count` values of a generator; every column of the shop has options or a seed of its own."""
    return generate(name, count=count, seed=options.pop("seed", SEED), **options)


def below(bound: int, count: int, address: str) -> np.ndarray:
    """`count` whole numbers in [0, bound)."""
    return Draws.from_rows(SEED, address, 0, count).below(bound)


def picked(entries: tuple[str | None, ...], count: int, address: str) -> pa.Array:
    """`count` of the entries."""
    return pa.array(entries, pa.string()).take(pa.array(below(len(entries), count, address)))


def sometimes(values: pa.Array, percent: int, address: str) -> pa.Array:
    """The values in about `percent` of the rows, null in the others."""
    return pc.if_else(pa.array(below(100, len(values), address) < percent), values, pa.scalar(None, values.type))


def moments(count: int, address: str) -> pa.Array:
    """Points in time of the year 2024, as text."""
    low, high = datetime(2024, 1, 1), datetime(2024, 12, 30)  # noqa: DTZ001 - the shop keeps local time, as shops do
    seed = int(Draws.from_rows(SEED, address, 0, 1).below(1 << 31)[0])
    times = column("timestamp", count, seed=seed, low=low, high=high)
    return pc.strftime(times.cast(pa.timestamp("s"), safe=False), "%Y-%m-%d %H:%M:%S")


def joined(*parts: Any) -> pa.Array:
    """Texts side by side."""
    return pc.binary_join_element_wise(*parts, "")


def ids(count: int) -> pa.Array:
    """1 … count."""
    return pa.array(np.arange(1, count + 1))


def chosen(table_rows: int, count: int, address: str) -> pa.Array:
    """Row numbers of a parent of `table_rows` rows."""
    return pa.array(below(table_rows, count, address) + 1)


def people(count: int) -> dict[str, pa.Array]:
    """First names, last names (one in forty awkward), and e-mail addresses that look like production's."""
    last = column("last_name", count)
    awkward = pa.array(below(40, count, "awkward") == 0)
    last = pc.if_else(awkward, picked(AWKWARD_NAMES, count, "which"), last)
    first = column("first_name", count)
    local = pc.ascii_lower(pc.replace_substring_regex(joined(first, ".", last), "[^A-Za-z.]+", ""))
    mail = joined(
        local, ids(count).cast(pa.string()), "@", picked(("fastpost.test", "gmx.test", "corp.test"), count, "m")
    )
    return {"first_name": first, "last_name": last, "email": mail}


def customers(count: int) -> dict[str, pa.Array]:
    """The customers: an address of their own as default, preferences as JSON, one in ten without a phone."""
    who = people(count)
    preferences = joined(
        '{"newsletter": ',
        picked(("true", "false", "null"), count, "n"),
        ', "contact": {"email": "',
        who["email"],
        '"}}',
    )
    return {
        "id": ids(count), "account_id": joined("ACC-", pc.utf8_lpad(ids(count).cast(pa.string()), 8, "0")), **who,
        "phone": sometimes(column("pattern", count, pattern=r"\+49 (30|40|89) [1-9]\d{7}"), 90, "phone"),
        "birth_date": sometimes(column("date", count, low=BORN[0], high=BORN[1]).cast(pa.string()), 95, "born"),
        "status": sometimes(picked(STATUSES, count, "status"), 97, "status?"), "preferences": preferences,
        "default_address_id": ids(count), "created_at": moments(count, "customers"),
    }  # fmt: skip


def addresses(count: int, owners: int) -> dict[str, pa.Array]:
    """The first `owners` addresses belong to the customers in order, the others to anybody."""
    others = chosen(owners, count - owners, "addresses")
    draws = Draws.from_rows(SEED, "addresses", 0, count)  # the same draws for all: city and postcode agree
    return {
        "id": ids(count), "customer_id": pa.concat_arrays([ids(owners), others]),
        "street": find("address_line")(draws), "city": find("city")(draws),
        "postcode": sometimes(find("postcode")(draws), 98, "postcode"), "country": find("country_code")(draws),
    }  # fmt: skip


def payment_methods(count: int, owners: int) -> dict[str, pa.Array]:
    """Cards and bank accounts."""
    card = pa.array(below(3, count, "kind") > 0)
    nothing = pa.scalar(None, pa.string())
    return {
        "id": ids(count), "customer_id": chosen(owners, count, "methods"), "kind": pc.if_else(card, "card", "account"),
        "card_number": pc.if_else(card, column("card", count), nothing),
        "iban": pc.if_else(card, nothing, column("iban", count)),
        "expires": column("pattern", count, pattern=r"(0[1-9]|1[0-2])/2[5-9]"),
    }  # fmt: skip


def notes(count: int, who: dict[str, pa.Array], authors: int) -> dict[str, pa.Array]:
    """Prose in which people's names, addresses and numbers are repeated, as in life."""
    owners = pa.array(below(len(who["email"]), count, "notes"))
    first, last, email = (who[name].take(owners) for name in ("first_name", "last_name", "email"))
    phone = pc.fill_null(who["phone"].take(owners), "(no phone)")
    body = joined(
        "Customer ", first, " ", last, " called about a payment that failed twice. Reach them at ", email, " or ",
        phone, ". ", column("sentence", count),
    )  # fmt: skip
    return {
        "id": ids(count), "customer_id": pc.add(owners, 1), "author_id": chosen(authors, count, "authors"),
        "body": body, "created_at": moments(count, "notes"),
    }  # fmt: skip


def lines(orders: int, products: int) -> dict[str, pa.Array]:
    """One to four lines an order, numbered from one."""
    counts = below(4, orders, "lines") + 1
    order = np.repeat(np.arange(1, orders + 1), counts)
    number = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    return {
        "order_id": pa.array(order),
        "line_no": pa.array(number),
        "product_id": chosen(products, len(order), "products"),
        "quantity": pa.array(below(5, len(order), "quantity") + 1),
    }


def tables(count: int) -> Iterator[tuple[str, dict[str, pa.Array]]]:
    """Every table and its columns, for a shop of `count` customers."""
    orders, staff, products = count * 2, 60, 500
    yield "employees", {
        "id": ids(staff), "full_name": column("full_name", staff, seed=5),
        "email": joined("agent", ids(staff).cast(pa.string()), "@shop.test"),
        "manager_id": pa.array([None, *(number // 4 + 1 for number in range(staff - 1))], pa.int64()),
    }  # fmt: skip
    who = customers(count)
    yield "customers", who
    yield "addresses", addresses(count * 3 // 2, count)
    yield "payment_methods", payment_methods(count * 5 // 4, count)
    yield "products", {
        "id": ids(products), "sku": joined("SKU-", ids(products).cast(pa.string())),
        "name": column("word", products), "price": column("decimal", products, low=1, high=900, scale=2),
    }  # fmt: skip
    buyer = chosen(count, orders, "orders")
    yield "orders", {
        "id": ids(orders), "customer_id": buyer, "address_id": buyer,
        "status": picked(("paid", "paid", "shipped", "SHIPPED", "refund pending", "failed"), orders, "order status"),
        "created_at": moments(orders, "orders"),
    }  # fmt: skip
    yield "order_lines", lines(orders, products)
    yield "payments", {
        "id": ids(orders), "order_id": ids(orders), "payment_method_id": chosen(count * 5 // 4, orders, "paid with"),
        "amount": column("decimal", orders, low=1, high=2000, scale=2, seed=11),
        "status": picked(("ok", "ok", "ok", "declined", "TIMEOUT", None), orders, "payment status"),
        "created_at": moments(orders, "payments"),
    }  # fmt: skip
    subscriptions = count // 4
    yield "subscriptions", {
        "id": ids(subscriptions), "customer_id": chosen(count, subscriptions, "subscriptions"),
        "referred_by": sometimes(chosen(count, subscriptions, "referred"), 20, "referred?"),
        "plan": picked(("free", "plus", "PLUS", "family"), subscriptions, "plan"),
        "status": picked(STATUSES, subscriptions, "subscription status"),
    }  # fmt: skip
    yield "support_notes", notes(count // 2, who, staff)
    yield "logins", {
        "id": ids(count * 2), "customer_id": chosen(count, count * 2, "logins"), "ip": column("ipv4", count * 2),
        "at": moments(count * 2, "logins"),
    }  # fmt: skip


def build(path: Path, customers: int = CUSTOMERS) -> int:
    """Make the shop at `path`; the number of its rows."""
    rows = 0
    with open_database(f"sqlite:///{path}", write=True) as database:
        for statement in TABLES.split(";\n"):
            database.execute(statement)
        database.execute(
            "PRAGMA foreign_keys = OFF"
        )  # the rows come table by table, and two tables point at each other
        schema = database.inspect()
        for name, columns in tables(customers):
            table = schema.find(name)
            assert table
            rows += database.write(table, [pa.RecordBatch.from_pydict(columns)])
        for place in INDEXED:
            database.execute(f"CREATE INDEX {place.partition(' ')[0]}_by_owner ON {place}")
    return rows
