"""MongoDB as a place to seed: its own types, rows that are put twice, indexes, dumps; on a real server."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Literal
from urllib.parse import urlsplit

import bson
import hypothesis.strategies as st
import pyarrow as pa
import pytest
from hypothesis import given, settings
from tests.document_servers import MongoDB
from tests.servers import PASSWORD

from hotfixture.databases import open_target
from hotfixture.databases.mongodb import READING, MongodbTarget
from hotfixture.databases.mongodb_bson import documents, object_ids
from hotfixture.errors import DatabaseError, InputError, PackageError, UnsupportedError
from hotfixture.schema import Column, Reference, Table, TableName, Unique


@pytest.fixture
def target(mongodb_url: str) -> Iterator[MongodbTarget]:
    """An open target over an empty database."""
    with open_target(mongodb_url) as opened:
        assert isinstance(opened, MongodbTarget)
        yield opened


def table_of(
    batch: pa.RecordBatch, *, name: str = "things", natives: dict[str, str] | None = None, **more: Any
) -> Table:
    """A table whose columns are those of the batch."""
    natives = natives or {}
    columns = tuple(Column(f.name, f.type, native=natives.get(f.name, "")) for f in batch.schema)
    return Table(TableName("", name), columns, **more)


def rows_of(first: int, count: int) -> pa.RecordBatch:
    """Rows that a plan could make: a number and a text."""
    numbers = range(first, first + count)
    return pa.RecordBatch.from_pydict(
        {"id": pa.array(numbers, pa.int64()), "name": pa.array([f"name {n}" for n in numbers])}
    )


def stored(target: MongodbTarget, name: str = "things") -> list[dict[str, Any]]:
    """The documents as another client sees them, in the order of their ids."""
    return list(target.database[name].find({}).sort("_id", 1))


MOMENT = datetime(2024, 10, 15, 14, 30, 0, 123000, tzinfo=UTC)
OID = bytes(range(12))
UUID = bytes(range(16))
TYPES: list[tuple[pa.DataType, str, Any, int | str]] = [
    (pa.int8(), "", -5, "int"),
    (pa.int32(), "", 2**31 - 1, "int"),
    (pa.uint16(), "", 65535, "int"),
    (pa.int64(), "", -(2**40), "long"),
    (pa.uint32(), "", 2**32 - 1, "long"),
    (pa.uint64(), "", 2**63 - 1, "long"),
    (pa.float32(), "", 0.5, "double"),
    (pa.float64(), "", -1e300, "double"),
    (pa.bool_(), "", True, "bool"),
    (pa.string(), "", "Zoë \0 💡", "string"),
    (pa.large_string(), "", "", "string"),
    (pa.dictionary(pa.int32(), pa.string()), "", "word", "string"),
    (pa.binary(), "", b"\0\xff", "binData"),
    (pa.binary(12), "", OID, "objectId"),
    (pa.string(), "objectId", OID.hex(), "objectId"),
    (pa.large_string(), "object_id", OID.hex(), "objectId"),
    (pa.binary(16), "", UUID, "binData"),
    (pa.string(), "uuid", "00010203-0405-0607-0809-0a0b0c0d0e0f", "binData"),
    (pa.uuid(), "", UUID, "binData"),
    (pa.timestamp("ms", "UTC"), "", MOMENT, "date"),
    (pa.timestamp("us"), "", MOMENT.replace(tzinfo=None), "date"),
    (pa.timestamp("s"), "", datetime(1901, 2, 3, 4, 5, 6), "date"),  # noqa: DTZ001 - a column without a zone
    (pa.date32(), "", date(1969, 12, 31), "date"),
    (pa.decimal128(10, 2), "", Decimal("-12345678.90"), "decimal"),
    (pa.decimal128(34, 0), "", Decimal(10**34 - 1), "decimal"),
    (pa.decimal128(38, 10), "", Decimal("1.0000000001"), "decimal"),
    (pa.duration("s"), "", None, "null"),
    (pa.time64("us"), "", None, "null"),
    (pa.list_(pa.int32()), "", [1, None, 3], "array"),
    (pa.list_(pa.list_(pa.string())), "", [["a"], [], ["b", "c"]], "array"),
    (pa.list_(pa.binary(12), 2), "", [OID, OID[::-1]], "array"),
    (pa.struct([("a", pa.int64()), ("b", pa.struct([("c", pa.string())]))]), "", {"a": 1, "b": {"c": "d"}}, "object"),
    (pa.list_(pa.struct([("sku", pa.string()), ("n", pa.int32())])), "", [{"sku": "x", "n": 1}], "array"),
    (pa.map_(pa.string(), pa.decimal128(5, 1)), "", [("k", Decimal("1.5"))], "object"),
    (pa.string(), "json", '{"a":[1,null,"x"]}', "object"),
    (pa.null(), "", None, "null"),
]


@pytest.mark.parametrize("number", range(len(TYPES)), ids=[f"{kind} {native}".strip() for kind, native, *_ in TYPES])
def test_every_type_has_its_own_form_and_comes_back_as_it_was(number: int, target: MongodbTarget) -> None:
    kind, native, value, alias = TYPES[number]
    array = (
        pa.array([value, None, value], kind.storage_type) if kind == pa.uuid() else pa.array([value, None, value], kind)
    )
    array = pa.ExtensionArray.from_storage(kind, array) if kind == pa.uuid() else array
    batch = pa.RecordBatch.from_arrays([array], names=["v"])
    table = table_of(batch, natives={"v": native})
    target.create([table], replace=False)
    target.put("p", table, batch.slice(1), first=1)  # a slice, since batches are handed on in slices
    kinds = [document["t"] for document in target.database.things.aggregate([{"$project": {"t": {"$type": "$v"}}}])]
    assert sorted(kinds) == sorted(["null", alias])
    (back,) = target.read(table, ["v"])
    assert back.schema == batch.schema
    assert sorted(map(str, back.column(0).to_pylist())) == sorted(map(str, batch.slice(1).column(0).to_pylist()))


SCALARS = st.sampled_from(
    [
        (pa.int32(), st.integers(-(2**31), 2**31 - 1)),
        (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
        (pa.float64(), st.floats(allow_nan=False)),
        (pa.bool_(), st.booleans()),
        (pa.large_string(), st.text(st.characters(codec="utf-8"), max_size=20)),
        (pa.binary(), st.binary(max_size=20)),
        (pa.decimal128(34, 3), st.decimals(-(10**30), 10**30, places=3)),
        (pa.timestamp("ms"), st.datetimes().map(lambda moment: moment.replace(microsecond=0))),
    ]
)
KINDS = st.recursive(
    SCALARS,
    lambda inner: (
        inner.map(lambda one: (pa.list_(one[0]), st.lists(st.none() | one[1], max_size=4)))
        | st.lists(inner, min_size=1, max_size=3).map(
            lambda many: (
                pa.struct([(f"f{n}", kind) for n, (kind, _) in enumerate(many)]),
                st.fixed_dictionaries({f"f{n}": st.none() | values for n, (_, values) in enumerate(many)}),
            )
        )
    ),
    max_leaves=4,
)


def plain(value: Any) -> Any:
    """What the driver decodes, as Arrow shows it."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.to_decimal() if isinstance(value, bson.Decimal128) else value


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_documents_decode_to_the_values_of_their_rows(data: st.DataObject) -> None:
    columns = data.draw(st.lists(KINDS, min_size=1, max_size=4))
    rows = data.draw(st.integers(0, 5))
    arrays = [pa.array(data.draw(st.lists(st.none() | v, min_size=rows, max_size=rows)), kind) for kind, v in columns]
    batch = pa.RecordBatch.from_arrays(arrays, names=[f"c{number}" for number in range(len(arrays))])
    start = data.draw(st.integers(0, rows))
    found = [plain(bson.decode(document, READING)) for document in documents(batch.slice(start), {}).to_pylist()]
    assert found == batch.slice(start).to_pylist()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.none() | st.integers(0, 9), max_size=9))
def test_a_null_is_no_field_where_nulls_are_missing(values: list[int | None]) -> None:
    batch = pa.RecordBatch.from_arrays([pa.array(values, pa.int32()), pa.array(values, pa.int64())], names=["a", "b"])
    found = [bson.decode(document) for document in documents(batch, {}, nulls=False).to_pylist()]
    assert found == [{} if value is None else {"a": value, "b": value} for value in values]


@given(st.integers(0, 2**40), st.integers(1, 50))
def test_object_ids_grow_and_belong_to_their_rows(first: int, count: int) -> None:
    ids = object_ids(b"stem!", first, count).to_pylist()
    assert ids == sorted(set(ids))
    assert ids[-1] == object_ids(b"stem!", first + count - 1, 1)[0].as_py()
    assert not set(ids) & set(object_ids(b"other", first, count).to_pylist())


def test_numbers_that_bson_cannot_hold_are_refused_by_the_name_of_their_column() -> None:
    for kind, value in ((pa.uint64(), 2**63), (pa.decimal128(38, 0), Decimal(10**34))):
        batch = pa.RecordBatch.from_arrays([pa.array([value], kind)], names=["big"])
        with pytest.raises(DatabaseError, match="column big") as raised:
            documents(batch, {})
        assert str(value) not in str(raised.value)
    wrong = pa.RecordBatch.from_arrays([pa.array(["zz" * 12])], names=["oid"])
    with pytest.raises(DatabaseError, match="column oid: a character is no hexadecimal digit"):
        documents(wrong, {"oid": "objectid"})


def test_rows_come_with_their_mark_and_putting_them_again_changes_nothing(target: MongodbTarget) -> None:
    table = table_of(rows_of(0, 1))
    target.create([table], replace=False)
    assert target.marks("p") == {}
    target.put("p", table, rows_of(0, 250), first=0)
    target.put("p", table, rows_of(250, 50), first=250)
    assert target.marks("p") == {"things": 300}
    before = stored(target)
    target.put("p", table, rows_of(200, 150), first=200)  # 100 of them stand there
    assert target.marks("p") == {"things": 350}
    assert stored(target)[:300] == before
    assert [document["id"] for document in stored(target)] == list(range(350))
    assert target.count(table) == 350
    target.forget("p")
    assert target.marks("p") == {}
    target.forget("unknown")


def test_a_mark_can_be_set_by_itself(target: MongodbTarget) -> None:
    target.note("p", "things late", 5)
    target.note("p", "things late", 7)
    target.note("q", "things", 1)
    assert target.marks("p") == {"things late": 7}
    target.forget("p")
    assert target.marks("p") == {}
    assert target.marks("q") == {"things": 1}


def test_a_document_of_somebody_else_with_the_same_id_is_an_error(target: MongodbTarget) -> None:
    batch = pa.RecordBatch.from_pydict({"_id": [1, 2, 3], "secret": ["a", "b", "hunter2"]})
    table = table_of(batch)
    target.database.things.insert_one({"_id": 3, "secret": "other"})
    with pytest.raises(DatabaseError, match=r"things, row 12: another document has the same key in _id_") as raised:
        target.put("p", table, batch, first=10)
    assert "hunter2" not in str(raised.value)
    assert target.marks("p") == {}


def test_a_broken_unique_key_names_the_row_and_the_index_not_the_value(target: MongodbTarget) -> None:
    table = table_of(rows_of(0, 1), primary_key=("id",), uniques=(Unique("u", ("name",)),))
    target.create([table], replace=False)
    target.put("p", table, rows_of(0, 10), first=0)
    doubled = pa.RecordBatch.from_pydict({"id": [100, 101], "name": ["fresh", "name 4"]})
    with pytest.raises(DatabaseError, match=r"things, row 11: another document has the same key in name_1") as raised:
        target.put("p", table, doubled, first=10)
    assert "name 4" not in str(raised.value)


@pytest.mark.parametrize("storage", [(), (("nulls", "missing"),)])
def test_a_unique_column_may_hold_many_nulls(target: MongodbTarget, storage: tuple[tuple[str, str], ...]) -> None:
    batch = pa.RecordBatch.from_pydict({"a": pa.array([None, None, 1]), "b": pa.array([1, 1, 1])})
    table = table_of(batch, uniques=(Unique("a", ("a",)), Unique("ab", ("a", "b"))), storage=storage)
    target.create([table], replace=False)
    target.put("p", table, batch, first=0)
    assert target.count(table) == 3
    with pytest.raises(DatabaseError, match="same key"):
        target.put("p", table, batch.slice(2), first=3)


def test_a_unique_that_ignores_case_refuses_what_differs_in_case_alone(target: MongodbTarget) -> None:
    batch = pa.RecordBatch.from_pydict({"mail": ["a@mail.example", "A@MAIL.example"]})
    for unique in (Unique("m", ("mail",)), Unique("m", ("mail",), expression="lower(mail)")):
        columns = (Column("mail", pa.string(), ignores_case=not unique.expression),)
        table = Table(TableName("", "things"), columns, uniques=(unique,))
        target.create([table], replace=True)
        with pytest.raises(DatabaseError, match="row 1: another document"):
            target.put("p", table, batch, first=0)
    with pytest.raises(UnsupportedError, match="md5"):
        target.create([table_of(batch, uniques=(Unique("m", ("mail",), expression="md5(mail)"),))], replace=True)


def test_a_document_over_16_megabytes_is_named_by_table_and_row(target: MongodbTarget) -> None:
    batch = pa.RecordBatch.from_pydict({"text": ["x", "y" * (16 << 20), "z"]})
    with pytest.raises(DatabaseError, match=r"things, row 8: a document of 16,777,\d+ bytes"):
        target.put("p", table_of(batch), batch, first=7)
    near = pa.RecordBatch.from_pydict({"text": ["y" * ((16 << 20) - 100), "z" * (9 << 20), "x"]})
    target.put("q", table_of(near), near, first=0)
    assert target.count(table_of(near)) == 3


def test_names_that_no_query_reaches_are_refused(target: MongodbTarget) -> None:
    for name in ("a.b", "$set", ""):
        batch = pa.RecordBatch.from_arrays([pa.array([1])], names=[name])
        with pytest.raises(InputError, match="cannot name a field"):
            target.create([table_of(batch)], replace=False)
    with pytest.raises(InputError, match="nulls=field and nulls=missing"):
        target.create([table_of(rows_of(0, 1), storage=(("nulls", "maybe"),))], replace=False)


def test_creating_keeps_what_stands_there_unless_it_is_replaced(target: MongodbTarget) -> None:
    table = table_of(rows_of(0, 1))
    target.put("p", table, rows_of(0, 3), first=0)
    target.create([table], replace=False)
    assert target.count(table) == 3
    target.create([table], replace=True)
    assert target.count(table) == 0


def test_what_stands_there_is_seen_with_types_and_uniques(target: MongodbTarget) -> None:
    batch = pa.RecordBatch.from_pydict({"id": [1, 2], "tags": [["a"], None], "in": [{"x": 1.5}, {"x": 2.5}]})
    table = table_of(batch, primary_key=("id",))
    target.create([table], replace=False)
    target.put("p", table, batch, first=0)
    (found,) = target.existing()
    assert found.name == TableName("", "things")
    assert {column.name: str(column.arrow) for column in found.columns} == {
        "_id": "fixed_size_binary[12]",
        "id": "int64",
        "tags": "list<item: string>",
        "in": "struct<x: double>",
    }
    assert [unique.columns for unique in found.uniques] == [("id",)]
    assert [column.nullable for column in found.columns] == [False, False, True, False]
    assert found.rows == 2


def test_references_are_indexed_at_the_end(target: MongodbTarget) -> None:
    reference = Reference("r", TableName("", "things"), ("id",), TableName("", "other"), ("id",))
    table = table_of(rows_of(0, 1), references=(reference,))
    target.create([table], replace=False)
    assert set(target.database.things.index_information()) == {"_id_"}
    target.finish([table])
    assert set(target.database.things.index_information()) == {"_id_", "id_1"}


@pytest.mark.parametrize("key", [("id",), ("id", "name"), ()])
def test_exactly_the_named_rows_are_removed(target: MongodbTarget, key: tuple[str, ...]) -> None:
    table = table_of(rows_of(0, 1), primary_key=key)
    target.create([table], replace=False)
    target.put("p", table, rows_of(0, 20), first=0)
    target.database.things.insert_one({"id": 1000, "name": "of somebody else"})
    keys = rows_of(5, 10).select(list(target.identity(table)))
    assert target.remove(table, keys) == 10
    assert target.remove(table, keys) == 0
    assert sorted(document["id"] for document in stored(target)) == [*range(5), *range(15, 20), 1000]


def test_removing_without_a_key_takes_one_row_for_each(target: MongodbTarget) -> None:
    batch = pa.RecordBatch.from_pydict({"a": [1, 1, 1]})
    table = table_of(batch)
    target.put("p", table, batch, first=0)
    assert target.remove(table, batch.slice(0, 2)) == 2
    assert target.count(table) == 1


def test_reading_a_value_of_another_type_names_the_column(target: MongodbTarget) -> None:
    target.database.things.insert_one({"id": "a text", "name": "n"})
    with pytest.raises(DatabaseError, match="column id holds a value that is no int64") as raised:
        list(target.read(table_of(rows_of(0, 1)), ["id"]))
    assert "a text" not in str(raised.value)


def gzipped(path: Path, mode: Literal["rb", "wb"]) -> IO[bytes]:
    """A caller's compression."""
    return gzip.GzipFile(f"{path}.gz", mode)


@pytest.mark.parametrize("opener", [None, gzipped])
def test_a_restored_dump_is_the_same_database(
    target: MongodbTarget, mongodb_server: MongoDB, tmp_path: Path, opener: Any
) -> None:
    for number, (kind, native, value, _) in enumerate(TYPES):
        if kind == pa.uuid():
            continue
        batch = pa.RecordBatch.from_arrays([pa.array([value, None], kind)], names=["v"])
        target.put("p", table_of(batch, name=f"t{number}", natives={"v": native}), batch, first=0)
    things = target.database.create_collection("odd/name", capped=True, size=1 << 20)
    things.insert_many([{"_id": n, "at": datetime(2024, 1, 1), "re": bson.Regex("^a", "i")} for n in range(5)])  # noqa: DTZ001 - as stored
    things.create_index([("at", 1), ("_id", -1)], name="by time", partialFilterExpression={"_id": {"$gt": 2}})
    target.database.command({"create": "seen", "viewOn": "odd/name", "pipeline": [{"$match": {"_id": 1}}]})
    target.database.create_collection("empty")
    counts = target.dump(tmp_path / "dump", opener=opener)
    assert counts["odd/name"] == 5
    url = mongodb_server.fresh_database()
    try:
        with open_target(url) as other:
            assert isinstance(other, MongodbTarget)
            assert other.restore(tmp_path / "dump", opener=opener) == counts
            assert other.fingerprints() == target.fingerprints()
            assert other.database["odd/name"].options() == target.database["odd/name"].options()
            assert list(other.database.seen.find({}, {"_id": 1})) == [{"_id": 1}]
            ours, theirs = (t.database["odd/name"].index_information() for t in (target, other))
            assert [{**i, "ns": ""} for i in ours.values()] == [{**i, "ns": ""} for i in theirs.values()]
            with pytest.raises(DatabaseError, match="holds documents already"):
                other.restore(tmp_path / "dump", opener=opener)
            other.restore(tmp_path / "dump", opener=opener, replace=True)
            assert other.fingerprints() == target.fingerprints()
    finally:
        mongodb_server.drop(url)


def test_a_dump_that_is_cut_is_refused(target: MongodbTarget, tmp_path: Path) -> None:
    table = table_of(rows_of(0, 1))
    target.put("p", table, rows_of(0, 100), first=0)
    target.dump(tmp_path)
    path = tmp_path / "things.bson"
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(PackageError, match="things end in the middle"):
        target.restore(tmp_path, replace=True)
    with pytest.raises(PackageError, match="no dump of MongoDB"):
        target.restore(tmp_path / "..", replace=True)


SEEDING = """
import sys
sys.path[:0] = sys.argv[2:]
from tests.databases.test_mongodb import rows_of, table_of
from hotfixture.databases import open_target
with open_target(sys.argv[1]) as target:
    table = table_of(rows_of(0, 1), primary_key=("id",))
    target.create([table], replace=False)
    print("begun", flush=True)
    for first in range(target.marks("p").get("things", 0), 30_000, 3_000):
        target.put("p", table, rows_of(first, 3_000), first=first)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no kill -9")
def test_a_killed_run_loses_nothing_and_doubles_nothing(target: MongodbTarget, mongodb_url: str) -> None:
    command = [sys.executable, "-c", SEEDING, mongodb_url, os.getcwd()]  # noqa: PTH109 - the folder that holds the tests
    for delay in (0.005, 0.03, 0.06, 0.09):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    assert sorted(document["id"] for document in stored(target)) == list(range(30_000))
    assert target.marks("p") == {"things": 30_000}


def test_no_error_says_the_password(mongodb_url: str) -> None:
    parts = urlsplit(mongodb_url)
    wrong = mongodb_url.replace(PASSWORD, "hunter2")
    with pytest.raises(DatabaseError, match="AuthenticationFailed") as refused:
        open_target(wrong)
    closed = wrong.replace(f":{parts.port}", ":1") + "&serverSelectionTimeoutMS=50"
    with pytest.raises(DatabaseError, match="unreachable") as unreachable:
        open_target(closed)
    for url in ("mongodb://u:hunter2@x@y/db", "mongodb://u:hunter2@host:port/db", "mongodb://u:hunter2@127.0.0.1"):
        with pytest.raises(InputError, match="malformed or names no database") as malformed:
            open_target(url)
        assert "hunter2" not in str(malformed.value)
    assert "hunter2" not in f"{refused.value}{unreachable.value}"
