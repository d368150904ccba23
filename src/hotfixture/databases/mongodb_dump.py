"""Whole databases of MongoDB as files, and back, without loss: the layout of `mongodump`.

A collection is `<name>.bson`, its documents one after the other, and `<name>.metadata.json`, its options and indexes in
MongoDB's extended JSON. Documents pass as the bytes they are stored as, so types and order of fields stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Literal
from urllib.parse import quote, unquote

import pyarrow as pa
from bson import json_util

from hotfixture.databases.mongodb_wire import RUN_BYTES, insert, refused
from hotfixture.errors import DatabaseError, PackageError

Opener = Callable[[Path, Literal["rb", "wb"]], IO[bytes]]
"""Opens a file of the dump for reading or writing; one that compresses may write to another name."""

_METADATA = ".metadata.json"
_DOCUMENTS = ".bson"
_KEEPS = "/\\\0"


def opened(path: Path, mode: Literal["rb", "wb"]) -> IO[bytes]:
    """The file itself."""
    return path.open(mode)


def dump(database: Any, folder: Path, opener: Opener | None) -> dict[str, int]:
    """Write every collection and view into `folder`; says how many documents each has.

    One collection after the other as it is at that moment: writers are kept out by whoever dumps.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, int] = {}
    for entry in sorted(database.list_collections(), key=lambda entry: str(entry["name"])):
        if entry["name"].startswith("system."):
            continue
        written[entry["name"]] = _dump_one(database, entry, folder, opener or opened)
    return written


def _dump_one(database: Any, entry: dict[str, Any], folder: Path, opener: Opener) -> int:
    name, view = entry["name"], entry.get("type") == "view"
    stem = quote(name, safe=" $+,:;=@&~()'!*")
    indexes = [] if view else [dict(index) for index in database[name].list_indexes()]
    said = {"options": entry.get("options", {}), "indexes": indexes, "type": entry.get("type", "collection")}
    with opener(folder / f"{stem}{_METADATA}", "wb") as out:
        out.write(
            json_util.dumps({**said, "collectionName": name}, json_options=json_util.CANONICAL_JSON_OPTIONS).encode()
        )
    if view:
        return 0
    count = 0
    with opener(folder / f"{stem}{_DOCUMENTS}", "wb") as out:
        for batch in database[name].find_raw_batches({}):
            out.write(batch)
            count += _documents_in(batch)
    return count


def _documents_in(batch: bytes) -> int:
    count = place = 0
    while place < len(batch):
        place += int.from_bytes(batch[place : place + 4], "little")
        count += 1
    return count


def restore(database: Any, folder: Path, opener: Opener | None, *, replace: bool) -> dict[str, int]:
    """Make the collections of a dump, with options, documents and indexes; says how many documents each has.

    DatabaseError where a collection holds documents already, unless they are to be replaced; PackageError where a file
    ends in the middle of a document.
    """
    opener = opener or opened
    metadata = [path for path in sorted(folder.iterdir()) if _METADATA in path.name]
    if not metadata:
        raise PackageError(f"no dump of MongoDB in {folder}", hint=f"It has a file `…{_METADATA}` a collection.")
    said = [(path, _metadata(path, opener)) for path in metadata]
    # Views last: the server checks what they read.
    said.sort(key=lambda one: one[1].get("type") == "view")
    return {_name(path, about): _restore_one(database, path, about, opener, replace) for path, about in said}


def _metadata(path: Path, opener: Opener) -> dict[str, Any]:
    with opener(path.with_name(path.name.partition(_METADATA)[0] + _METADATA), "rb") as source:
        about: dict[str, Any] = json_util.loads(source.read().decode(), json_options=json_util.CANONICAL_JSON_OPTIONS)
    return about


def _name(path: Path, about: dict[str, Any]) -> str:
    return str(about.get("collectionName") or unquote(path.name.partition(_METADATA)[0]))


def _restore_one(database: Any, path: Path, about: dict[str, Any], opener: Opener, replace: bool) -> int:
    name = _name(path, about)
    if name in database.list_collection_names():
        if not replace and about.get("type") != "view" and database[name].find_one({}, {"_id": 1}):
            hint = "Restore into an empty database, or say that it may be replaced."
            raise DatabaseError(f"collection {name} holds documents already", hint=hint)
        database.drop_collection(name)
    options = {key: value for key, value in about.get("options", {}).items() if key != "uuid"}
    database.command({"create": name, **options})
    if about.get("type") == "view":
        return 0
    count = 0
    with opener(path.with_name(path.name.partition(_METADATA)[0] + _DOCUMENTS), "rb") as source:
        for run in _runs(source, name):
            failed = insert(database, name, run)
            if failed:
                raise refused(name, failed, count)
            count += len(run)
    indexes = [_index(index) for index in about.get("indexes", []) if index["name"] != "_id_"]
    if indexes:
        database.command({"createIndexes": name, "indexes": indexes})
    return count


def _index(index: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in index.items() if key != "ns"}


def _runs(source: IO[bytes], name: str) -> Iterator[pa.Array]:
    """The documents of a file in groups of some megabytes, a binary value each."""
    found: list[bytes] = []
    size = 0
    while head := source.read(4):
        length = int.from_bytes(head, "little")
        body = source.read(length - 4) if length > 4 else b""
        if len(head) < 4 or length < 5 or len(body) != length - 4:
            raise PackageError(f"the documents of {name} end in the middle of one: the file is not whole")
        if size + length > RUN_BYTES or len(found) == 100_000:
            yield pa.array(found, pa.large_binary())
            found, size = [], 0
        found.append(head + body)
        size += length
    if found:
        yield pa.array(found, pa.large_binary())
