"""Redis as a place to seed: every kind of value, expiry, marks, clusters, dumps; on real servers."""

from __future__ import annotations

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from ipaddress import IPv4Address
from pathlib import Path
from typing import IO, Any, Literal
from urllib.parse import urlsplit

import hypothesis.strategies as st
import pyarrow as pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from tests.document_servers import Redis
from tests.servers import PASSWORD

from hotfixture.databases import open_target
from hotfixture.databases.redis import RedisTarget
from hotfixture.databases.redis_commands import packed, unpacked
from hotfixture.databases.redis_layout import KeyPattern, Layout
from hotfixture.databases.redis_text import objects, texts, typed
from hotfixture.databases.redis_wire import answers_of
from hotfixture.errors import DatabaseError, InputError, OptionError, PackageError, UnknownNameError
from hotfixture.schema import Column, Schema, Table, TableName


@pytest.fixture(params=["redis_url", "redis_cluster_url"])
def target(request: pytest.FixtureRequest) -> Iterator[RedisTarget]:
    """An open target over an empty Redis, alone and as a cluster."""
    with open_target(request.getfixturevalue(request.param)) as opened:
        assert isinstance(opened, RedisTarget)
        yield opened


@pytest.fixture
def single(redis_url: str) -> Iterator[RedisTarget]:
    """An open target over one empty Redis."""
    with open_target(redis_url) as opened:
        assert isinstance(opened, RedisTarget)
        yield opened


def table_of(batch: pa.RecordBatch, *, natives: dict[str, str] | None = None, **storage: str) -> Table:
    """A table whose columns are those of the batch, and its storage."""
    natives = natives or {}
    columns = tuple(Column(f.name, f.type, native=natives.get(f.name, "")) for f in batch.schema)
    return Table(TableName("", "things"), columns, primary_key=("id",), storage=tuple(storage.items()))


def rows_of(first: int, count: int) -> pa.RecordBatch:
    """Rows that a plan could make; three teams of them."""
    numbers = range(first, first + count)
    return pa.RecordBatch.from_pydict(
        {
            "id": pa.array(numbers, pa.int64()),
            "team": pa.array([f"team-{n % 3}" for n in numbers]),
            "name": pa.array([None if n % 5 == 4 else f"name {n}\r\n" for n in numbers]),
            "points": pa.array([n / 4 for n in numbers], pa.float64()),
        }
    )


KINDS: dict[str, dict[str, str]] = {
    "hash": {},
    "string": {"kind": "string", "key": "thing:${id}:name", "value": "name"},
    "json": {"kind": "json"},
    "list": {"kind": "list", "key": "team:${team}:list", "value": "name"},
    "set": {"kind": "set", "key": "{${team}}:set", "value": "name"},
    "zset": {"kind": "zset", "key": "team:${team}:ranks", "value": "name", "score": "points"},
    "stream": {"kind": "stream", "key": "team:${team}:events", "value": "id,name,points"},
    "list of objects": {"kind": "list", "key": "team:${team}:objects", "value": "id,name"},
}
kinds = pytest.mark.parametrize("kind", list(KINDS))


def contents(target: RedisTarget) -> dict[str, Any]:
    """Everything that the server holds but marks, as another client sees it."""
    client, found = target.client, {}
    for key in client.scan_iter():
        if key.startswith(b"_mockcraft"):
            continue
        command, arguments = {
            b"string": ("GET", ()),
            b"hash": ("HGETALL", ()),
            b"list": ("LRANGE", (0, -1)),
            b"set": ("SMEMBERS", ()),
            b"zset": ("ZRANGE", (0, -1, "WITHSCORES")),
            b"stream": ("XRANGE", ("-", "+")),
        }[client.type(key)]
        found[key.decode()] = client.execute_command(command, key, *arguments)
    return found


def test_each_kind_lies_as_its_layout_says(target: RedisTarget) -> None:
    batch = rows_of(0, 6)
    for storage in KINDS.values():
        target.put("p", table_of(batch, **storage), batch, first=0)
    found = contents(target)
    # The hash of the same key gave way to the JSON text that came later.
    assert json.loads(found["things:1"]) == {"id": 1, "team": "team-1", "name": "name 1\r\n", "points": 0.25}
    assert found["thing:2:name"] == b"name 2\r\n"
    assert "thing:4:name" not in found
    assert found["team:team-0:list"] == [b"name 0\r\n", b"name 3\r\n"]
    assert set(found["{team-2}:set"]) == {b"name 2\r\n", b"name 5\r\n"}
    assert [bytes(pair[0]) for pair in _pairs(found["team:team-2:ranks"])] == [b"name 2\r\n", b"name 5\r\n"]
    assert [float(pair[1]) for pair in _pairs(found["team:team-2:ranks"])] == [0.5, 1.25]
    assert found["team:team-1:events"] == [
        (b"2-0", {b"id": b"1", b"name": b"name 1\r\n", b"points": b"0.25"}),
        (b"5-0", {b"id": b"4", b"points": b"1"}),
    ]
    assert json.loads(found["team:team-1:objects"][1]) == {"id": 4, "name": None}


def _pairs(answer: Any) -> list[Any]:
    flat = not answer or not isinstance(answer[0], list | tuple)
    return list(zip(answer[::2], answer[1::2], strict=True)) if flat else list(answer)


def test_a_hash_leaves_nulls_out_and_json_keeps_them(single: RedisTarget) -> None:
    batch = rows_of(3, 2)
    single.put("p", table_of(batch), batch, first=0)
    assert single.client.hgetall("things:4") == {b"id": b"4", b"team": b"team-1", b"points": b"1"}
    single.create([table_of(batch)], replace=True)
    single.put("q", table_of(batch, kind="json"), batch, first=0)
    assert json.loads(single.client.get("things:4")) == {"id": 4, "team": "team-1", "name": None, "points": 1.0}


@kinds
def test_rows_come_with_their_mark_and_putting_them_again_changes_nothing(target: RedisTarget, kind: str) -> None:
    table = table_of(rows_of(0, 1), **KINDS[kind])
    target.put("p", table, rows_of(0, 250), first=0)
    target.put("p", table, rows_of(250, 50), first=250)
    assert target.marks("p") == {"things": 300}
    assert target.marks("q") == {}
    before = contents(target)
    assert before
    if target.cluster or kind in {"hash", "string", "json", "set", "zset"}:
        # One server stores a row of a list or stream and its mark together, so that it never comes twice there.
        target.put("p", table, rows_of(200, 100), first=200)
        assert contents(target) == before
        assert target.marks("p") == {"things": 300}
    target.finish([table])
    target.forget("p")
    assert target.marks("p") == {}
    assert [key for key in target.client.scan_iter() if key.startswith(b"_mockcraft")] == []
    assert contents(target) == before


def test_a_mark_can_be_set_by_itself(target: RedisTarget) -> None:
    target.note("p", "things late", 5)
    target.note("p", "things late", 7)
    target.note("q", "things", 1)
    assert target.marks("p") == {"things late": 7}
    target.forget("p")
    assert target.marks("p") == {}
    assert target.marks("q") == {"things": 1}


@kinds
def test_what_was_put_is_read_back_typed_and_counted(target: RedisTarget, kind: str) -> None:
    batch = rows_of(0, 60)
    table = table_of(batch, **KINDS[kind])
    target.put("p", table, batch, first=0)
    target.client.set("somebody:else", "x")
    layout = Layout.of(table)
    names = [n for n in batch.schema.names if n in {*layout.key.columns, *layout.value, layout.score}]
    back = pa.Table.from_batches(list(target.read(table, names)))
    assert back.schema == batch.select(names).schema
    # Where the name is the value itself, a row without a name has nothing to store.
    expected = [row for row in batch.select(names).to_pylist() if row["name"] is not None or len(layout.value) > 1]
    assert sorted(map(repr, back.to_pylist())) == sorted(map(repr, expected))
    assert target.count(table) == len(expected)


@kinds
def test_exactly_the_named_rows_are_removed(target: RedisTarget, kind: str) -> None:
    table = table_of(rows_of(0, 1), **KINDS[kind])
    target.put("other", table, rows_of(0, 20), first=0)
    kept = contents(target)
    target.client.set("things:of somebody else", "x")
    target.put("p", table, rows_of(20, 30), first=20)
    keys = rows_of(20, 30).select(list(target.identity(table)))
    stored = 30 if Layout.of(table).kind in {"hash", "json", "stream"} or "," in KINDS[kind].get("value", "") else 24
    assert target.remove(table, keys) == stored
    assert target.remove(table, keys) == 0
    assert contents(target) == {**kept, "things:of somebody else": b"x"}


def test_replacing_removes_the_keys_of_the_pattern_alone(target: RedisTarget) -> None:
    batch = rows_of(0, 30)
    table = table_of(batch)
    target.put("p", table, batch, first=0)
    others = {"things:1:orders": "a", "things:x": "b", "thing:1": "c", "things": "d"}
    for key, value in others.items():
        target.client.set(key, value)
    target.create([table], replace=False)
    assert target.count(table) == 30
    target.create([table], replace=True)
    assert contents(target) == {key: value.encode() for key, value in others.items()}
    with pytest.raises(InputError, match="could be anybody's"):
        target.create([table_of(batch, key="${id}")], replace=True)


def test_expiry_is_within_its_bounds_and_belongs_to_the_row(target: RedisTarget) -> None:
    batch = rows_of(0, 200)
    for number, storage in enumerate(KINDS.values()):
        table = table_of(batch, **{**storage, "key": f"k{number}:${{id}}", "expire": "1000", "jitter": "500"})
        target.put("p", table, batch, first=0)
        first = {key: target.client.ttl(key) for key in target.client.scan_iter(match=f"k{number}:*")}
        assert len(first) >= 160
        assert 990 <= min(first.values()) < 1100
        assert 1400 < max(first.values()) <= 1500
        if target.cluster or Layout.of(table).kind not in {"list", "stream"}:
            target.put("p", table, batch, first=0)
            again = {key: target.client.ttl(key) for key in first}
            assert all(abs(first[key] - again[key]) <= 2 for key in first)
    table = table_of(batch)
    target.put("p", table, batch, first=0)
    assert target.client.ttl("things:0") == -1


def test_a_key_of_another_type_is_refused_by_row_and_the_mark_does_not_claim_it(target: RedisTarget) -> None:
    table = table_of(rows_of(0, 1))
    target.put("p", table, rows_of(0, 10), first=0)
    target.client.set("things:17", "hunter2")
    with pytest.raises(DatabaseError, match=r"things, row 17: Redis refused: the key holds another type") as raised:
        target.put("p", table, rows_of(10, 10), first=10)
    assert "hunter2" not in str(raised.value)
    assert target.marks("p") == {"things": 10}
    target.client.delete("things:17")
    target.put("p", table, rows_of(10, 10), first=10)
    assert target.count(table) == 20


def test_a_piece_that_cannot_be_made_leaves_those_before_it_whole(redis_url: str) -> None:
    with open_target(f"{redis_url}?pipeline=5") as target:
        batch = pa.RecordBatch.from_pydict({"id": pa.array([*range(12), None, *range(13, 20)])})
        table = table_of(batch)
        target.client.set("things:7", "x")
        with pytest.raises(DatabaseError, match="row 7: Redis refused: the key holds another type"):
            target.put("p", table, batch, first=0)
        assert target.marks("p") == {"things": 5}
        target.client.delete("things:7")
        with pytest.raises(DatabaseError, match="row 12: the key needs a value of id"):
            target.put("p", table, batch.slice(5), first=5)
        assert target.marks("p") == {"things": 10}
        target.put("p", table, batch.slice(0, 10), first=0)
        assert target.count(table) == 10


def test_a_stream_with_later_entries_is_refused(target: RedisTarget) -> None:
    table = table_of(rows_of(0, 1), kind="stream", key="events")
    target.client.xadd("events", {"of": "somebody else"})
    with pytest.raises(DatabaseError, match="things, row 5: the stream has entries with later ids"):
        target.put("p", table, rows_of(5, 10), first=5)
    assert target.client.xlen("events") == 1


def test_keys_that_could_be_misread_are_refused(single: RedisTarget) -> None:
    batch = pa.RecordBatch.from_pydict({"id": pa.array([1, None]), "a": ["x", "y:z"], "b": ["1", "2"]})
    with pytest.raises(DatabaseError, match="things, row 8: the key needs a value of id, which is null"):
        single.put("p", table_of(batch), batch, first=7)
    with pytest.raises(DatabaseError, match="things, row 1: a holds ':', which ends it in the key") as raised:
        single.put("p", table_of(batch, key="k:${a}:${b}"), batch, first=0)
    assert "y:z" not in str(raised.value)
    single.put("p", table_of(batch, key="k:${b}:${a}"), batch, first=0)
    assert single.client.hget("k:2:y:z", "a") == b"y:z"


def test_seeding_stops_before_memory_runs_out(redis_url: str) -> None:
    with open_target(f"{redis_url}?max_memory=1kb&pipeline=10") as target:
        with pytest.raises(DatabaseError, match=r"stopped before row 0: Redis uses .* allowed are 1,024"):
            target.put("p", table_of(rows_of(0, 1)), rows_of(0, 30), first=0)
        assert target.marks("p") == {}


def test_keys_that_the_server_throws_away_are_noticed(redis_server: Redis, redis_url: str) -> None:
    with redis_server.client(redis_url) as client, open_target(f"{redis_url}?pipeline=50") as target:
        client.config_set("maxmemory-policy", "allkeys-random")
        client.config_set("maxmemory", client.info("memory")["used_memory"] + (2 << 20))
        try:
            batch = pa.RecordBatch.from_pydict({"id": range(4000), "text": ["x" * 1000] * 4000})
            target.put("p", table_of(batch), batch, first=0)
            with pytest.raises(DatabaseError, match=r"threw .* keys away"):
                target.finish([])
            client.config_set("maxmemory-policy", "noeviction")
            with pytest.raises(DatabaseError, match="the server's memory is full"):
                target.put("p", table_of(batch), pa.concat_batches([batch, batch]), first=4000)
        finally:
            client.config_set("maxmemory", 0)
            client.config_set("maxmemory-policy", "noeviction")


def test_the_marks_of_a_cluster_name_no_row_that_another_node_lacks(redis_cluster_url: str) -> None:
    with open_target(redis_cluster_url) as target:
        assert isinstance(target, RedisTarget)
        target.put("p", table_of(rows_of(0, 1)), rows_of(0, 3000), first=0)
        sizes = [target.client.dbsize(target_nodes=node) for node in target.client.get_primaries()]
        assert len(sizes) == 3
        assert min(sizes) > 500
        assert sum(sizes) == 3001


def test_a_slot_that_has_moved_is_followed(redis_cluster_url: str) -> None:
    with open_target(redis_cluster_url) as target:
        assert isinstance(target, RedisTarget)
        table = table_of(rows_of(0, 1))
        wrong = target.client.get_primaries()[0].name
        target.wire._nodes.update(dict.fromkeys(range(16384), wrong))  # type: ignore[attr-defined]  # what it remembers
        target.put("p", table, rows_of(0, 50), first=0)
        assert target.count(table) == 50


SEEDING = """
import sys
sys.path[:0] = sys.argv[3:]
from tests.databases.test_redis import KINDS, rows_of, table_of
from hotfixture.databases import open_target
with open_target(sys.argv[1]) as target:
    table = table_of(rows_of(0, 1), **KINDS[sys.argv[2]])
    print("begun", flush=True)
    for first in range(target.marks("p").get("things", 0), 20_000, 2_000):
        first = target.marks("p").get("things", 0)
        target.put("p", table, rows_of(first, min(2_000, 20_000 - first)), first=first)
    target.finish([table])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no kill -9")
@pytest.mark.parametrize("kind", ["hash", "list", "stream"])
@pytest.mark.parametrize("server", ["redis_url", "redis_cluster_url"])
def test_a_killed_run_loses_nothing_and_doubles_nothing(kind: str, server: str, request: Any) -> None:
    url = request.getfixturevalue(server)
    command = [sys.executable, "-c", SEEDING, f"{url}?pipeline=500", kind, os.getcwd()]  # noqa: PTH109 - the folder that holds the tests
    for delay in (0.01, 0.05):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with open_target(url) as target:
        table = table_of(rows_of(0, 1), **KINDS[kind])
        back = pa.Table.from_batches(list(target.read(table, ["name"])))["name"].to_pylist()
        named = [name for name in rows_of(0, 20_000)["name"].to_pylist() if name is not None]
        assert sorted(name for name in back if name is not None) == sorted(named)
        assert target.marks("p") == {"things": 20_000}


def gzipped(path: Path, mode: Literal["rb", "wb"]) -> IO[bytes]:
    """A caller's compression."""
    return gzip.GzipFile(f"{path}.gz", mode)


@pytest.mark.parametrize("opener", [None, gzipped])
def test_a_restored_dump_is_the_same_database(
    target: RedisTarget, redis_server: Redis, tmp_path: Path, opener: Any
) -> None:
    batch = rows_of(0, 300)
    for storage in KINDS.values():
        target.put("p", table_of(batch, **{**storage, "key": f"{storage.get('kind')}{{x}}:${{team}}"}), batch, first=0)
    target.client.set("soon", "x", px=3_600_000)
    target.client.set(b"\xff*[", b"\0")
    keys = {target.client.dbsize() if not target.cluster else sum(1 for _ in target.client.scan_iter())}
    assert set(target.dump(tmp_path, opener=opener).values()) == keys
    url = redis_server.fresh_database()
    try:
        with open_target(url) as other:
            assert isinstance(other, RedisTarget)
            assert set(other.restore(tmp_path, opener=opener).values()) == keys
            assert other.fingerprints() == target.fingerprints()
            assert len(other.fingerprints()) == 6
            assert 3_500_000 < other.client.pttl("soon") <= 3_600_000
            with pytest.raises(DatabaseError, match="stand in the database already"):
                other.restore(tmp_path, opener=opener)
            other.client.set("soon", "other")
            assert other.fingerprints() != target.fingerprints()
            other.restore(tmp_path, opener=opener, replace=True)
            assert other.fingerprints() == target.fingerprints()
    finally:
        redis_server.drop(url)


def test_a_dump_of_a_prefix_has_those_keys_alone(single: RedisTarget, tmp_path: Path) -> None:
    for key in ("a*:1", "a*:2", "ab:1"):
        single.client.set(key, key)
    assert single.dump(tmp_path, prefix="a*:") == {"redis.dump": 2}
    single.client.flushdb()
    single.restore(tmp_path)
    assert set(single.client.scan_iter()) == {b"a*:1", b"a*:2"}


def test_a_dump_that_is_cut_is_refused(single: RedisTarget, tmp_path: Path) -> None:
    single.put("p", table_of(rows_of(0, 1)), rows_of(0, 10), first=0)
    single.dump(tmp_path)
    path = tmp_path / "redis.dump"
    whole = path.read_bytes()
    for cut in (10, len(whole) - 3, len(whole) - 12, 60):
        path.write_bytes(whole[:cut])
        with pytest.raises(PackageError):
            single.restore(tmp_path, replace=True)
    with pytest.raises(PackageError, match="no dump of Redis"):
        single.restore(tmp_path / "..", replace=True)


def test_no_error_says_the_password(redis_url: str) -> None:
    parts = urlsplit(redis_url)
    wrong = redis_url.replace(PASSWORD, "hunter2")
    with pytest.raises(DatabaseError, match="user or password is wrong") as refused:
        open_target(wrong)
    with pytest.raises(DatabaseError, match="unreachable") as unreachable:
        open_target(wrong.replace(f":{parts.port}", ":1"))
    for url in ("redis://:hunter2@host:port/0", "redis://:hunter2@[bad/0", "redis://:hunter2@127.0.0.1:1/0?nonsense=1"):
        with pytest.raises((InputError, DatabaseError)) as malformed:
            open_target(url)
        assert "hunter2" not in str(malformed.value)
    assert "hunter2" not in f"{refused.value}{unreachable.value}"


def test_an_account_with_few_rights_may_seed_too(redis_server: Redis, redis_url: str) -> None:
    with redis_server.client(redis_url) as client:
        rights = ["on", ">hunter2", "~things:*", "~_mockcraft*", "+@all", "-info"]
        client.execute_command("ACL", "SETUSER", "plain", *rights)
        try:
            with open_target(redis_url.replace(f":{PASSWORD}@", "plain:hunter2@")) as target:
                table = table_of(rows_of(0, 1))
                target.put("p", table, rows_of(0, 10), first=0)
                target.finish([table])
                assert target.count(table) == 10
                with pytest.raises(DatabaseError, match="no right to do this"):
                    target.put("p", table_of(rows_of(0, 1), key="other:${id}"), rows_of(0, 10), first=0)
        finally:
            client.execute_command("ACL", "DELUSER", "plain")


def test_a_url_may_ask_for_tls(redis_server: Redis, redis_url: str) -> None:
    if not redis_server._folder:
        pytest.skip("somebody else's server keeps its settings")
    certificate = self_signed(redis_server._folder / "tls.pem")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    names = ("tls-cert-file", "tls-key-file", "tls-ca-cert-file")
    with redis_server.client() as client:
        client.config_set(*(part for name in names for part in (name, str(certificate))), "tls-auth-clients", "no")
        client.config_set("tls-port", port)
    parts = urlsplit(redis_url)
    url = parts._replace(scheme="rediss", netloc=f":{PASSWORD}@127.0.0.1:{port}").geturl()
    try:
        with pytest.raises(DatabaseError, match="unreachable"):
            open_target(url)
        with open_target(f"{url}?ssl_ca_certs={certificate}&pipeline=3") as target:
            target.put("p", table_of(rows_of(0, 1)), rows_of(0, 10), first=0)
            assert target.count(table_of(rows_of(0, 1))) == 10
    finally:
        with redis_server.client() as client:
            client.config_set("tls-port", 0)


def self_signed(path: Path) -> Path:
    """A file with the key and certificate of a server on this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, *form) + certificate)
    path.chmod(0o644)
    return path


def test_a_target_has_no_tables(single: RedisTarget) -> None:
    assert single.existing() == Schema({})


# Layouts, without a server


def test_a_pattern_says_its_keys_and_takes_them_apart() -> None:
    pattern = KeyPattern("{${tenant}}:$${x}[*]:${id}")
    assert pattern.columns == ("tenant", "id")
    assert pattern.glob == "{*}:${x}\\[\\*\\]:*"
    found = pattern.regex({"tenant": pa.string(), "id": pa.int32()}).fullmatch(b"{acme}:${x}[*]:-12")
    assert found
    assert found.groups() == (b"acme", b"-12")
    assert not pattern.regex({"tenant": pa.string(), "id": pa.int32()}).fullmatch(b"{acme}:${x}[*]:12:more")


@pytest.mark.parametrize(
    ("storage", "message"),
    [
        ({"kind": "hsah"}, "unknown kind of Redis value 'hsah'"),
        ({"keys": "x"}, "unknown storage of things"),
        ({"key": "k:${nmae}"}, "unknown column of things 'nmae'"),
        ({"key": "k"}, "the same for all rows"),
        ({"kind": "zset", "key": "k", "value": "name"}, "do not go together"),
        ({"score": "points"}, "do not go together"),
        ({"expire": "soon"}, "a whole number of seconds"),
        ({"jitter": "5"}, "an expiry to add it to"),
        ({"kind": "string", "key": "${id}${team}${name}${points}"}, "no column is left"),
    ],
)
def test_a_layout_that_cannot_be_is_refused(storage: dict[str, str], message: str) -> None:
    with pytest.raises((InputError, OptionError, UnknownNameError), match=message):
        Layout.of(table_of(rows_of(0, 1), **storage))


def test_a_table_without_a_key_needs_a_pattern() -> None:
    table = Table(TableName("", "things"), (Column("a", pa.int32()),))
    with pytest.raises(InputError, match="no key tells its rows apart"):
        Layout.of(table)


VALUES: list[tuple[pa.DataType, Any, bytes]] = [
    (pa.int64(), -5, b"-5"),
    (pa.float64(), 0.5, b"0.5"),
    (pa.bool_(), True, b"true"),
    (pa.decimal128(10, 2), Decimal("12.50"), b"12.50"),
    (pa.string(), "Zoë\0", "Zoë\0".encode()),
    (pa.binary(), b"\xff\0", b"\xff\0"),
    (pa.binary(16), bytes(range(16)), b"00010203-0405-0607-0809-0a0b0c0d0e0f"),
    (pa.date32(), date(1969, 12, 31), b"1969-12-31"),
    (pa.timestamp("ms"), datetime(2024, 10, 15, 14, 30, 0, 123000), b"2024-10-15 14:30:00.123"),  # noqa: DTZ001 - a column without a zone
    (pa.list_(pa.int32()), [1, None], b"[1,null]"),
    (pa.struct([("a", pa.string())]), {"a": "ä"}, '{"a":"ä"}'.encode()),
    (pa.dictionary(pa.int32(), pa.string()), "word", b"word"),
]


@pytest.mark.parametrize("number", range(len(VALUES)), ids=[str(kind) for kind, *_ in VALUES])
def test_every_type_has_its_text_and_comes_back(number: int) -> None:
    kind, value, text = VALUES[number]
    column = pa.array([value, None, value], kind)
    assert texts(column.slice(1)).to_pylist() == [None, text]
    assert typed(texts(column).to_pylist(), kind, "v").to_pylist() == [value, None, value]


@settings(max_examples=100)
@given(st.lists(st.lists(st.binary(max_size=12), min_size=1, max_size=4), max_size=4))
def test_commands_are_unpacked_as_they_were_packed(commands: list[list[bytes]]) -> None:
    assert unpacked(b"".join(packed(*arguments) for arguments in commands)) == commands


def test_answers_are_what_the_protocol_says() -> None:
    raw = b"+OK\r\n:5\r\n-WRONGTYPE no\r\n*2\r\n$3\r\na\r\n\r\n:1\r\n$-1\r\n*-1\r\n"
    ok, five, wrong, inside, nothing, none = answers_of(raw)
    assert (ok, five, inside, nothing, none) == (b"OK", 5, [b"a\r\n", 1], None, None)
    assert str(wrong) == "WRONGTYPE no"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.none() | st.text(st.characters(codec="utf-8"), max_size=8),
            st.none() | st.integers(-(2**63), 2**63 - 1),
            st.none() | st.floats(allow_nan=False, allow_infinity=False),
            st.none() | st.booleans(),
            st.none() | st.lists(st.none() | st.text(st.characters(codec="utf-8"), max_size=3), max_size=3),
        ),
        max_size=6,
    )
)
def test_json_objects_hold_the_values_of_their_rows(rows: list[tuple[Any, ...]]) -> None:
    kinds_of = (pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.list_(pa.string()))
    arrays = [pa.array([row[place] for row in rows], kind) for place, kind in enumerate(kinds_of)]
    batch = pa.RecordBatch.from_arrays(arrays, names=["a", "b", 'c"', "d", "ä"])
    assert [json.loads(text) for text in objects(batch.slice(1)).to_pylist()] == batch.slice(1).to_pylist()
    special = pa.RecordBatch.from_arrays([pa.array([float("nan"), float("-inf"), None, 1.5])], names=["x"])
    assert [json.loads(text)["x"] for text in objects(special).to_pylist()] == ["nan", "-inf", None, 1.5]
