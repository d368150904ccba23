"""Messages to MongoDB made of ready bytes, and its errors as ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pymongo.errors
from bson.raw_bson import RawBSONDocument

from hotfixture.databases.addresses import REACH
from hotfixture.databases.octets import bounds, joined
from hotfixture.errors import DatabaseError

RUN_BYTES = 8 << 20
"""Documents of one message; the server takes 48 MB, and holds what it is sent."""
LARGEST = 16 << 20
MOST = 100_000
"""Bytes of a document and documents of a message, as every server since MongoDB 3.6 has them."""
DUPLICATE = 11000
"""The code of a document whose key another one has."""


@dataclass(slots=True)
class Run:
    """Neighbouring documents as one piece of bytes.

    The driver copies the bytes of whatever says it is a raw document into the message; a document sequence of the wire
    protocol (OP_MSG, section of kind 1) is documents one after the other, so a run of them is copied as one. Ten
    thousand documents handed over one by one would cost more than making them.
    """

    raw: bytes
    _type_marker: ClassVar[int] = RawBSONDocument._type_marker


def runs(rows: pa.Array, table: str, first: int) -> Iterator[tuple[int, int]]:
    """Where messages begin and how many documents they hold; DatabaseError names a document that is too large."""
    ends = bounds(rows)
    sizes = np.diff(ends)
    if len(sizes) and int(sizes.max()) > LARGEST:
        row = first + int(sizes.argmax())
        raise DatabaseError(
            f"{table}, row {row}: a document of {int(sizes.max()):,} bytes; MongoDB takes {LARGEST:,} at most",
            hint="Fewer elements in its arrays, shorter texts, or a collection of their own for them.",
        )
    start = 0
    while start < len(sizes):
        fitting = int(np.searchsorted(ends, ends[start] + RUN_BYTES, "right")) - 1
        stop = max(start + 1, min(fitting, start + MOST))
        yield start, stop - start
        start = stop


def insert(database: Any, collection: str, rows: pa.Array) -> Sequence[Any]:
    """Insert documents given as bytes, going on after a document that fails; says which ones failed, and why."""
    command: dict[str, Any] = {"insert": collection, "ordered": False, "documents": [Run(joined(rows))]}
    if not database.write_concern.is_server_default:
        command["writeConcern"] = database.write_concern.document
    answer = database.command(command)
    if answer.get("writeConcernError"):
        raise DatabaseError(f"MongoDB: the write concern was not met (code {answer['writeConcernError'].get('code')})")
    failed: Sequence[Any] = answer.get("writeErrors", ())
    return failed


def refused(table: str, failed: Sequence[Any], first: int) -> DatabaseError:
    """What the server says of documents, without their values, which its own text quotes."""
    error = min(failed, key=lambda one: one["index"])
    rest = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    where = f"{table}, row {first + error['index']}{rest}"
    if error["code"] != DUPLICATE:
        return DatabaseError(f"{where}: MongoDB refused the document (code {error['code']})")
    index = str(error.get("errmsg", "")).partition("index: ")[2].partition(" ")[0] or "a unique index"
    return DatabaseError(
        f"{where}: another document has the same key in {index}",
        hint="Seed an empty collection (`--replace`), or make the column unique in the schema.",
    )


@contextmanager
def translated() -> Iterator[None]:
    """The driver's errors as ours; its texts may quote documents and addresses, so only the code is kept."""
    try:
        yield
    except pymongo.errors.OperationFailure as error:
        details = error.details or {}
        name = details.get("codeName") or f"error {error.code}"
        hint = "Check user, password and `authSource` in the URL." if error.code in {13, 18} else ""
        raise DatabaseError(f"MongoDB refused: {name} (code {error.code})", hint=hint) from None
    except pymongo.errors.ConnectionFailure as error:
        raise DatabaseError(f"MongoDB is unreachable or broke off: {type(error).__name__}", hint=REACH) from None
    except pymongo.errors.PyMongoError as error:
        raise DatabaseError(f"MongoDB: {type(error).__name__}") from None
