"""MongoDB as a place to seed: typed columns become documents, sent as the bytes they are stored as.

A row without an `_id` gets an ObjectId made of plan, table and row number. A row that is put twice is therefore one
document: what stands there already, byte for byte, is not an error, and a killed run resumes without transactions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa
import pymongo.errors
from bson import decode, decode_all
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.raw_bson import RawBSONDocument
from pymongo import DeleteMany, DeleteOne, MongoClient

from hotfixture.databases.mongodb_bson import documents, object_ids
from hotfixture.databases.mongodb_indexes import bring_indexes, late_indexes, options_of
from hotfixture.databases.mongodb_read import batches, native_of, sampled
from hotfixture.databases.mongodb_wire import DUPLICATE, insert, refused, runs, translated
from hotfixture.databases.octets import joined
from hotfixture.databases.target import MARKS, Target
from hotfixture.errors import InputError
from hotfixture.flow import ahead
from hotfixture.schema import Schema, Table

if TYPE_CHECKING:
    from pathlib import Path

    from hotfixture.databases.mongodb_dump import Opener

ROWS = 10_000
"""Rows that are encoded while those before them are on their way."""
_KEYS = 5_000
_SELECTION_MILLISECONDS = 10_000

READING: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=False,
    uuid_representation=UuidRepresentation.STANDARD,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)


class MongodbTarget(Target):
    """The collections of one database; a table is a collection of that name."""

    name = "mongodb"

    def __init__(self, client: MongoClient[dict[str, Any]], database: str) -> None:
        self.client = client
        self.database = client.get_database(database, codec_options=READING)

    @classmethod
    def open(cls, url: str) -> Self:
        """`mongodb://user:password@host:27017/database?tls=true` or `mongodb+srv://…`; the options are the driver's."""
        patience: dict[str, Any] = {"serverSelectionTimeoutMS": _SELECTION_MILLISECONDS}
        with ExitStack() as stack:
            try:
                client: MongoClient[dict[str, Any]] = MongoClient(
                    url, **({} if "serverselectiontimeoutms" in url.lower() else patience)
                )
                stack.callback(client.close)
                target = cls(client, client.get_default_database().name)
            except (pymongo.errors.ConfigurationError, pymongo.errors.InvalidURI, ValueError):
                # The driver's text may quote a part of the URL, and so of the password.
                hint = "mongodb://user:password@host:27017/database; special characters percent-encoded"
                raise InputError("the MongoDB URL is malformed or names no database", hint=hint) from None
            with translated():
                client.admin.command("ping")
            stack.pop_all()
        return target

    def close(self) -> None:
        self.client.close()

    def existing(self) -> Schema:
        """Collections; their columns are those of their first thousand documents."""
        with translated():
            names = sorted(c["name"] for c in self.database.list_collections() if c.get("type") != "view")
            tables = [
                sampled(self.database[name]) for name in names if name != MARKS and not name.startswith("system.")
            ]
        return Schema({table.name: table for table in tables})

    def create(self, tables: Sequence[Table], *, replace: bool) -> None:
        with translated():
            standing = set(self.database.list_collection_names())
            for table in tables:
                if replace and table.name.name in standing:
                    self.database.drop_collection(table.name.name)
                if replace or table.name.name not in standing:
                    self.database.create_collection(table.name.name)
                bring_indexes(self.database[table.name.name], table)

    def marks(self, plan: str) -> dict[str, int]:
        with translated():
            return {mark["_id"]["table"]: mark["rows"] for mark in self.database[MARKS].find({"_id.plan": plan})}

    def put(self, plan: str, table: Table, batch: pa.RecordBatch, *, first: int) -> None:
        """Store rows and mark; the mark is written last, and rows that stand there already are not written again."""
        with translated():
            for start, run in ahead(self._encoded(plan, table, batch, first), depth=1):
                self._insert(table, run, start)
        self.note(plan, str(table.name), first + batch.num_rows)

    def note(self, plan: str, name: str, rows: int) -> None:
        with translated():
            mark = {"$set": {"rows": rows}}
            self.database[MARKS].update_one({"_id": {"plan": plan, "table": name}}, mark, upsert=True)

    def _encoded(self, plan: str, table: Table, batch: pa.RecordBatch, first: int) -> Iterator[tuple[int, pa.Array]]:
        stem = blake2b(f"{plan}\0{table.name}".encode(), digest_size=5).digest()
        natives, nulls = natives_of(table), options_of(table).nulls
        for start in range(0, batch.num_rows, ROWS):
            piece = _identified(batch.slice(start, ROWS), stem, first + start)
            yield first + start, documents(piece, natives, nulls=nulls)

    def _insert(self, table: Table, rows: pa.Array, first: int) -> None:
        for start, count in runs(rows, str(table.name), first):
            piece = rows.slice(start, count)
            failed = insert(self.database, table.name.name, piece)
            if failed:
                self._excuse(table, piece, first + start, failed)

    def _excuse(self, table: Table, rows: pa.Array, first: int, failed: Sequence[Any]) -> None:
        """DatabaseError unless all failed documents stand there already, exactly as they were to be written."""
        twice = [error for error in failed if error["code"] == DUPLICATE]
        other = [error for error in failed if error["code"] != DUPLICATE]
        raw: Any = self.database.get_collection(table.name.name, CodecOptions(document_class=RawBSONDocument))
        for start in range(0, len(twice), _KEYS):
            ours = [(error, rows[error["index"]].as_py()) for error in twice[start : start + _KEYS]]
            ids = [decode(document, READING)["_id"] for _, document in ours]
            there = {document.raw for document in raw.find({"_id": {"$in": ids}})}
            other += [error for error, document in ours if document not in there]
        if other:
            raise refused(str(table.name), other, first)

    def finish(self, tables: Sequence[Table]) -> None:
        """Indexes over references; they are built at once over all documents, faster than document by document."""
        with translated():
            for table in tables:
                late_indexes(self.database[table.name.name], table)

    def remove(self, table: Table, keys: pa.RecordBatch) -> int:
        names = self.identity(table)
        wanted = keys.select(list(names))
        removed = 0
        with translated():
            collection = self.database[table.name.name]
            for start in range(0, wanted.num_rows, _KEYS):
                piece = documents(wanted.slice(start, _KEYS), natives_of(table))
                found = decode_all(joined(piece), READING)
                if len(names) == 1 and table.identity:
                    values = [document[names[0]] for document in found]
                    removed += collection.delete_many({names[0]: {"$in": values}}).deleted_count
                    continue
                verb = DeleteMany if table.identity else DeleteOne
                removed += collection.bulk_write([verb(document) for document in found], ordered=False).deleted_count
        return removed

    def forget(self, plan: str) -> None:
        with translated():
            self.database[MARKS].delete_many({"_id.plan": plan})

    def count(self, table: Table) -> int:
        with translated():
            return self.database[table.name.name].count_documents({})

    def read(self, table: Table, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        with translated():
            yield from batches(self.database[table.name.name], table, columns)

    def dump(self, folder: Path, *, opener: Opener | None = None) -> dict[str, int]:
        """All collections as files that `mongorestore` reads too: see `mongodb_dump.dump`."""
        from hotfixture.databases.mongodb_dump import dump

        with translated():
            return dump(self.database, folder, opener)

    def restore(self, folder: Path, *, opener: Opener | None = None, replace: bool = False) -> dict[str, int]:
        """What `dump` has written, documents, options and indexes: see `mongodb_dump.restore`."""
        from hotfixture.databases.mongodb_dump import restore

        with translated():
            return restore(self.database, folder, opener, replace=replace)

    def fingerprints(self) -> dict[str, str]:
        """For each collection a digest of its documents, computed by the server; equal after a true restore."""
        with translated():
            found: dict[str, str] = self.database.command("dbHash")["collections"]
        return {name: digest for name, digest in found.items() if not name.startswith("system.")}


def natives_of(table: Table) -> dict[str, str]:
    """The columns that say a type of MongoDB's own."""
    return {column.name: native_of(column) for column in table.columns}


def _identified(batch: pa.RecordBatch, stem: bytes, first: int) -> pa.RecordBatch:
    """The batch with `_id` in front: its own, or ObjectIds of the rows. The server would move it there anyway."""
    names, columns = list(batch.schema.names), list(batch.columns)
    if "_id" in names:
        place = names.index("_id")
        column = columns.pop(place)
        names.pop(place)
    else:
        column = object_ids(stem, first, batch.num_rows)
    return pa.RecordBatch.from_arrays([column, *columns], names=["_id", *names])
