"""A small shop's schema, and a wire form that is plain text, for the tests of masks and policy."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from hotfixture.schema import Column, Reference, Schema, Table, TableName, Unique
from hotfixture.transforms.masks import MaskingKey

KEY = MaskingKey(bytes(range(32)))


def column(name: str, arrow: Any = None, native: str = "", **options: Any) -> Column:
    return Column(name, arrow or pa.string(), native, **options)


def table(name: str, *columns: Column, **options: Any) -> Table:
    return Table(TableName("public", name), columns, **options)


def reference(child: str, columns: str, parent: str, targets: str, **options: Any) -> Reference:
    names = [tuple(text.split()) for text in (columns, targets)]
    return Reference(
        f"{child}_{parent}", TableName("public", child), names[0], TableName("public", parent), names[1], **options
    )


CUSTOMERS = table(
    "customers",
    column("id", pa.int64(), "bigint", nullable=False),
    column("email", native="text"),
    column("first_name", native="text"),
    column("last_name", native="text"),
    column("born", pa.date32(), "date"),
    column("notes", native="text"),
    primary_key=("id",),
    uniques=(Unique("customers_email", ("email",)),),
)
ORDERS = table(
    "orders",
    column("id", pa.int64(), "bigint", nullable=False),
    column("customer_id", pa.int64(), "bigint"),
    column("total", pa.decimal128(10, 2), "numeric(10,2)"),
    column("status", native="text"),
    primary_key=("id",),
    references=(reference("orders", "customer_id", "customers", "id"),),
)
SHOP = Schema({one.name: one for one in (CUSTOMERS, ORDERS)}, default_schema="public")


class PlainCodec:
    """Wire form that marks what was decoded and encoded: `<text>`."""

    def decode(self, column: Column, wire: pa.Array) -> pa.Array:
        return pa.array([None if value is None else value[1:-1] for value in wire.to_pylist()], pa.string())

    def encode(self, column: Column, values: pa.Array) -> pa.Array:
        return pa.array([None if value is None else f"<{value}>" for value in values.to_pylist()], pa.string())
