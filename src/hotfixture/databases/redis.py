"""Redis as a place to seed: a table is a pattern of keys, and its rows are sent as ready commands.

On one server a part of the rows and its mark are one transaction. On a cluster, where a transaction ends at the border
of a slot, every command may come twice without effect: a killed run resumes and stores nothing twice on either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import pyarrow as pa
import redis
import redis.exceptions

from hotfixture.databases import redis_read
from hotfixture.databases.redis_commands import removing, stream_entries, writing
from hotfixture.databases.redis_layout import Layout
from hotfixture.databases.redis_wire import ClusterWire, Piece, SingleWire, Wire, field, translated
from hotfixture.databases.target import MARKS, Target
from hotfixture.errors import DatabaseError, InputError, OptionError
from hotfixture.flow import ahead
from hotfixture.schema import Schema, Table

if TYPE_CHECKING:
    from pathlib import Path

    from hotfixture.databases.redis_dump import Opener

PIPELINE = 5_000
"""Rows sent at once: on one server a transaction, during which nobody else is served (some 20 ms)."""
EARLY = 3
"""Parts of `PIPELINE` rows that wait at the server while it stores the one before."""
_UNITS = {"": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30}


class RedisTarget(Target):
    """One database of a Redis, or a cluster."""

    name = "redis"

    def __init__(self, client: Any, *, cluster: bool = False, pipeline: int = PIPELINE, max_memory: int = 0) -> None:
        self.client = client
        self.cluster = cluster
        self.pipeline = pipeline
        self.max_memory = max_memory
        self.wire: Wire = ClusterWire(client) if cluster else SingleWire(client)
        self._evicted = self._evictions()

    @classmethod
    def open(cls, url: str) -> Self:
        """`redis://user:password@host:6379/0`, `rediss://…` with TLS; a cluster is found by any of its nodes.

        Our options in the URL: `pipeline` (rows sent at once, 5000) and `max_memory` (`512mb`; seeding stops before the
        server uses more); the others are the driver's.
        """
        with ExitStack() as stack, translated():
            try:
                plain, pipeline, memory = _options(url)
                client: Any = redis.Redis.from_url(plain)
                stack.callback(client.close)
                client.ping()
                cluster = _is_cluster(client)
            except (ValueError, TypeError, AttributeError):
                # The driver's text may quote a part of the URL, and so of the password.
                hint = "redis://user:password@host:6379/0; special characters percent-encoded"
                raise InputError("the Redis URL is malformed", hint=hint) from None
            if cluster:
                client.close()
                client = redis.RedisCluster.from_url(plain)
                stack.callback(client.close)
            target = cls(client, cluster=cluster, pipeline=pipeline, max_memory=memory)
            stack.pop_all()
        return target

    def close(self) -> None:
        self.client.close()

    def existing(self) -> Schema:
        """Empty: keys say nothing of tables."""
        return Schema({})

    def identity(self, table: Table) -> tuple[str, ...]:
        """The columns of the key, and of the value where several rows share one."""
        return Layout.of(table).identity

    def create(self, tables: Sequence[Table], *, replace: bool) -> None:
        """Nothing but the check of the layouts; with `replace`, the keys of each pattern are removed, and no others."""
        layouts = [(table, Layout.of(table)) for table in tables]
        if not replace:
            return
        for table, layout in layouts:
            if not layout.key.prefix:
                hint = "Begin the key with a text of its own, `users:${id}`, or remove the keys by hand."
                raise InputError(f"{table.name}: the key {layout.key.text} could be anybody's", hint=hint)
        with translated():
            for table, layout in layouts:
                for found in redis_read.found_keys(self.client, table, layout):
                    self._unlink([key for key, _ in found])

    def _unlink(self, keys: Sequence[bytes]) -> None:
        pipeline = self.client.pipeline(transaction=False)
        for key in keys:
            pipeline.unlink(key)
        pipeline.execute()

    def marks(self, plan: str) -> dict[str, int]:
        with translated():
            found = self.client.hgetall(MARKS)
        start = field(plan, "")
        return {mark[len(start) :].decode(): int(rows) for mark, rows in found.items() if mark.startswith(start)}

    def note(self, plan: str, name: str, rows: int) -> None:
        with translated():
            self.client.hset(MARKS, field(plan, name), str(rows))

    def put(self, plan: str, table: Table, batch: pa.RecordBatch, *, first: int) -> None:
        """Store rows and mark, `pipeline` rows at a time, so that the mark may come to stand inside the batch."""
        layout = Layout.of(table)
        # What is appended must not come twice when a piece before it fails: such pieces wait for each other.
        early = 0 if layout.kind in {"list", "stream"} else EARLY
        with translated():
            self.wire.put(str(table.name), plan, self._pieces(table, layout, batch, first), early=early)

    def _pieces(self, table: Table, layout: Layout, batch: pa.RecordBatch, first: int) -> Iterator[Piece]:
        for piece in ahead(self._encoded(table, layout, batch, first)):
            self._check_memory(table, piece.first)
            yield piece

    def _encoded(self, table: Table, layout: Layout, batch: pa.RecordBatch, first: int) -> Iterator[Piece]:
        for start in range(0, batch.num_rows, self.pipeline):
            piece = batch.slice(start, self.pipeline)
            row = first + start
            yield Piece(writing(table, layout, piece, row), row, row + piece.num_rows)

    def _check_memory(self, table: Table, row: int) -> None:
        if not self.max_memory:
            return
        used = max((node["used_memory"] for node in self._info("memory")), default=0)
        if used > self.max_memory:
            raise DatabaseError(
                f"{table.name}: stopped before row {row}: Redis uses {used:,} bytes, allowed are {self.max_memory:,}",
                hint="Fewer rows, shorter values, or a larger `max_memory` in the URL; a new run resumes there.",
            )

    def _info(self, section: str) -> list[dict[str, Any]]:
        """What each server says of itself; nothing where the account may not ask."""
        try:
            if not self.cluster:
                return [self.client.info(section)]
            return [self.client.info(section, target_nodes=node) for node in self.client.get_primaries()]
        except redis.exceptions.NoPermissionError:
            return []

    def _evictions(self) -> int:
        with translated():
            return sum(int(node.get("evicted_keys", 0)) for node in self._info("stats"))

    def finish(self, tables: Sequence[Table]) -> None:  # noqa: ARG002 - what is noted belongs to no single table
        """Remove what a cluster noted beside lists; DatabaseError where the server has thrown keys away meanwhile."""
        if self.cluster:
            with translated():
                self._drop_companions("*")
        lost = self._evictions() - self._evicted
        if lost:
            hint = "Raise its `maxmemory`, or set `maxmemory-policy noeviction`, and seed again."
            raise DatabaseError(f"Redis threw {lost:,} keys away while it was seeded, to save memory", hint=hint)

    def _drop_companions(self, plan: str) -> None:
        keys = self.client.scan_iter(match=f"{MARKS}:{plan}:*", count=1000)
        while some := list(islice(keys, 1000)):
            self._unlink(some)

    def remove(self, table: Table, keys: pa.RecordBatch) -> int:
        layout = Layout.of(table)
        removed = 0
        with translated():
            for start in range(0, keys.num_rows, self.pipeline):
                piece = keys.slice(start, self.pipeline)
                if layout.kind == "stream":
                    removed += self._remove_entries(table, layout, piece)
                else:
                    answers = self.wire.run(removing(table, layout, piece))
                    removed += sum(int(answer) for said in answers for answer in _unbroken(said))
        return removed

    def _remove_entries(self, table: Table, layout: Layout, rows: pa.RecordBatch) -> int:
        """Entries of streams are found by their fields; a stream that is empty then goes too."""
        wanted: dict[bytes, list[dict[bytes, bytes]]] = {}
        for key, fields in zip(*stream_entries(table, layout, rows), strict=True):
            wanted.setdefault(key, []).append(fields)
        removed = 0
        for key, gone in wanted.items():
            chosen = []
            for number, fields in self.client.xrange(key):
                if fields in gone:
                    gone.remove(fields)
                    chosen.append(number)
            removed += self.client.xdel(key, *chosen) if chosen else 0
            if chosen and not self.client.xlen(key):
                self.client.unlink(key)
        return removed

    def forget(self, plan: str) -> None:
        with translated():
            start = field(plan, "")
            gone = [mark for mark in self.client.hkeys(MARKS) if mark.startswith(start)]
            if gone:
                self.client.hdel(MARKS, *gone)
            if self.cluster:
                self._drop_companions(plan)

    def count(self, table: Table) -> int:
        """Keys of the table's pattern and type; elements, where several rows share a key."""
        with translated():
            return redis_read.count(self.client, table, Layout.of(table))

    def read(self, table: Table, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        with translated():
            yield from redis_read.batches(self.client, table, Layout.of(table), columns)

    def dump(self, folder: Path, *, opener: Opener | None = None, prefix: str = "") -> dict[str, int]:
        """All keys that begin with `prefix`, with the time they have left: see `redis_dump.dump`."""
        from hotfixture.databases.redis_dump import dump

        with translated():
            return dump(self.client, folder, opener, prefix)

    def restore(self, folder: Path, *, opener: Opener | None = None, replace: bool = False) -> dict[str, int]:
        """What `dump` has written: see `redis_dump.restore`."""
        from hotfixture.databases.redis_dump import restore

        with translated():
            return restore(self.client, folder, opener, replace=replace)

    def fingerprints(self, prefix: str = "") -> dict[str, str]:
        """For each type a digest of its keys and values; equal after a true restore."""
        from hotfixture.databases.redis_dump import fingerprints

        with translated():
            return fingerprints(self.client, prefix)


def _unbroken(answers: Sequence[Any]) -> Sequence[Any]:
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return answers


def _is_cluster(client: Any) -> bool:
    """False where the account may not ask."""
    try:
        return bool(client.info("cluster").get("cluster_enabled"))
    except redis.exceptions.NoPermissionError:
        return False


def _options(url: str) -> tuple[str, int, int]:
    """The URL without our options, rows sent at once, bytes that the server may use."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    pipeline, memory = options.pop("pipeline", str(PIPELINE)), options.pop("max_memory", "0")
    if not pipeline.isdecimal() or not int(pipeline):
        raise OptionError("pipeline", pipeline, "a number of rows")
    number = memory.lower().rstrip("kmgb")
    unit = memory.lower()[len(number) :]
    if not number.isdecimal() or unit not in _UNITS:
        raise OptionError("max_memory", memory, "bytes, or a number of kb, mb or gb")
    return parts._replace(query=urlencode(options)).geturl(), int(pipeline), int(number) * _UNITS[unit]
