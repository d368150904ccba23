"""One asyncpg connection on an event loop of its own, used synchronously from outside.

Every statement runs inside a transaction (read-only unless opened for writing), or inside a savepoint of the snapshot,
so that neither an error nor a reader that leaves early ends the snapshot.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from typing import Any, TypeVar

import asyncpg

from hotfixture.databases.postgresql_errors import FAILURES, told
from hotfixture.databases.postgresql_loop import Loop, LoopClosedError, WorkCancelledError
from hotfixture.errors import DatabaseError

T = TypeVar("T")

PIECE = 2_000_000
"""Bytes after which a stream is cut, at the next line end; a batch of it stays well inside Arrow's 32-bit offsets."""

_SETTINGS = {
    "client_encoding": "UTF8",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "3",  # floats to the last bit
    "bytea_output": "hex",
    "xmloption": "content",
    "lc_monetary": "C",  # money reads back the same only where both sides count the same decimals
    "standard_conforming_strings": "on",
    "synchronize_seqscans": "off",  # with the next line: the same table gives the same order of rows
    "max_parallel_workers_per_gather": "0",
    "random_page_cost": "1.1",  # keys are looked up by index: the default means spinning disks and an empty cache
    "row_security": "off",  # a policy that would hide rows is an error, never a smaller result
}
"""What makes a value's text the same on every server, and exact."""

_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SAVEPOINT hotfixture"
_TIME = "SELECT to_char(transaction_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"

CHUNK = 1 << 19
"""Bytes sent at once."""

Header = tuple[str, str, Sequence[str]]
"""Where a COPY goes: schema, table, columns."""


class Session:
    """A connection: `run` waits for a coroutine, `copy_out` streams; every failure is a DatabaseError."""

    def __init__(self, url: str, *, write: bool, timeout: float | None) -> None:
        self._loop = Loop()
        self._write = write
        self._busy = False
        self._in_snapshot = False
        self._stream: tuple[_Cutter, asyncio.Task[None]] | None = None
        self.connection: Any = None
        try:
            self.connection = self.run(_connect(url, write=write, timeout=timeout))
        except BaseException:
            self._loop.close()
            raise

    @property
    def version(self) -> tuple[int, ...]:
        """Major and minor, as in (15, 4) and (9, 6)."""
        found = self.connection.get_server_version()
        return (found.major, found.minor)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What the coroutine gives; leaving by an exception (an interrupt) cancels it."""
        try:
            return self._loop.run(work)
        except LoopClosedError:
            raise _closed() from None
        except WorkCancelledError:
            raise DatabaseError("PostgreSQL: the statement was cancelled") from None
        except FAILURES as error:
            raise told(error) from None  # the driver's own error carries row values in its details

    def close(self) -> None:
        """End the connection and its loop; twice does no harm."""
        if self._loop.is_closed:
            return
        with suppress(DatabaseError):
            self._end_stream()
            self.run(self.connection.close(timeout=5))
        self._loop.close()

    def interrupt(self) -> None:
        """Cancel whatever is waited for, from any thread."""
        self._loop.interrupt()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        """The connection inside a transaction or savepoint."""
        if self._busy:
            raise DatabaseError("PostgreSQL: a result of this connection is still being read: read it to its end first")
        options = {} if self._write else {"readonly": True}
        self._busy = True
        try:
            if self._in_snapshot:
                async with self._kept():
                    yield self.connection
                return
            if self.connection.is_in_transaction():
                yield self.connection  # somebody has executed a BEGIN
                return
            async with self.connection.transaction(**options):
                yield self.connection
        finally:
            self._busy = False

    @asynccontextmanager
    async def _kept(self) -> AsyncIterator[None]:
        """The snapshot goes on after an error: since nothing in it writes, its one savepoint serves all statements."""
        try:
            yield
        except BaseException:
            if not self.connection.is_closed():
                await self.connection.execute("ROLLBACK TO SAVEPOINT hotfixture")
            raise

    def inside(self, work: Callable[[Any], Coroutine[Any, Any, T]]) -> T:
        """What `work` gives for the connection inside a transaction."""

        async def all_of_it() -> T:
            async with self.transaction() as connection:
                return await work(connection)

        return self.run(all_of_it())

    def execute(self, statement: str) -> None:
        """Run a statement as it is, in the transaction that is open or in none."""
        self.run(self.connection.execute(statement))

    def fetch(self, query: str, *arguments: object, path: str | None = None) -> list[Any]:
        """The rows of a query; with `path`, under that search path."""

        async def work(connection: Any) -> list[Any]:
            if path is None:
                return list(await connection.fetch(query, *arguments))
            await connection.execute(f"SET LOCAL search_path = {path}")
            found = list(await connection.fetch(query, *arguments))
            await connection.execute("SET LOCAL search_path TO DEFAULT")  # the snapshot's transaction goes on
            return found

        return self.inside(work)

    @contextmanager
    def snapshot(self) -> Iterator[str]:
        """One repeatable-read, read-only transaction; gives its time, ISO 8601 UTC."""
        if self._in_snapshot:
            raise DatabaseError("PostgreSQL: a snapshot is already open on this connection")
        time = self.run(self._begun())
        self._in_snapshot = True
        try:
            yield time
        finally:
            self._in_snapshot = False
            with suppress(DatabaseError):
                self._end_stream()
                self.run(self.connection.execute("ROLLBACK"))

    async def _begun(self) -> str:
        """The time of the transaction that is begun, and in it the savepoint that `_kept` returns to."""
        found: list[bytes] = []

        async def take(data: bytes) -> None:
            found.append(data)

        # A message each and no more: a copy has its answer without being prepared first.
        await self.connection.execute(_BEGIN)
        await self.connection.copy_from_query(_TIME, output=take)
        return b"".join(found).decode().strip()

    def copy_out(self, query: str) -> Iterator[bytes]:
        """The rows of a query in COPY text form, in pieces of whole lines; leaving early cancels the statement."""
        cut = _Cutter()
        try:
            task = self._loop.start(lambda begun: self._copy(query, cut, begun))
        except LoopClosedError:
            raise _closed() from None
        found = cut.all_of_it() if task.done() else []
        if not task.done():
            self._stream = self._stream or (cut, task)
            self._loop.background()
        try:
            while piece := found.pop(0) if found else self.run(cut.pieces.get()):
                if isinstance(piece, BaseException):
                    raise told(piece) if isinstance(piece, FAILURES) else piece
                yield piece
        finally:
            if not task.done():
                self.run(cut.ended(task))
            if self._stream == (cut, task):
                self._stream = None

    def _end_stream(self) -> None:
        """Stops a stream that its reader has neither finished nor closed."""
        if self._stream:
            cut, task = self._stream
            self._stream = None
            self.run(cut.ended(task))

    async def _copy(self, query: str, cut: _Cutter, begun: asyncio.Future[None]) -> None:
        cut.begun = begun
        end: BaseException | None = None
        try:
            async with self.transaction() as connection:
                await connection.copy_from_query(query, output=cut.take)
                await cut.rest()
        except Exception as error:  # noqa: BLE001 - whatever broke the stream is raised where it is read
            end = error
        except asyncio.CancelledError:
            cut.give_up()
            raise
        await cut.pieces.put(end)

    def copy_in(self, header: Header, pieces: Iterable[Any]) -> int:
        """The number of rows copied from COPY lines; `pieces` are made in the caller's thread."""
        waiting: asyncio.Queue[Any] = asyncio.Queue(2)
        self._loop.background()
        task = self.run(_started(self._feed(header, waiting)))
        end: Any = _LeftError()  # until all pieces have come, their end is a failure and rolls everything back
        try:
            for piece in pieces:
                self.run(_put(waiting, piece, task))
            end = None
        finally:
            with suppress(DatabaseError) if end else nullcontext():
                self.run(_put(waiting, end, task))
                rows = self.run(_value(task))
        return rows

    async def _feed(self, header: Header, waiting: asyncio.Queue[Any]) -> int:
        async with self.transaction() as connection:
            return await copy_in(connection, header, _chunks(waiting))


def _closed() -> DatabaseError:
    return DatabaseError("PostgreSQL: the connection has been closed")


class _LeftError(ConnectionError):
    """The other side of a stream has left; raised inside the driver, so that it ends the COPY in good order."""

    def __init__(self) -> None:
        super().__init__("the result was cut off: its snapshot or connection has ended")


class _Cutter:
    """Collects what the server sends and passes it on in pieces of whole lines."""

    begun: asyncio.Future[None]
    """Done when there is something to read: the first of several pieces, or all of a short answer."""

    def __init__(self) -> None:
        self.pieces: asyncio.Queue[bytes | BaseException | None] = asyncio.Queue(2)
        self._left = False
        self._held: list[bytes] = []
        self._size = 0

    async def take(self, data: bytes) -> None:
        """What the driver calls with whatever has come."""
        self._held.append(data)
        self._size += len(data)
        if self._size >= PIECE and b"\n" in data:
            whole = b"".join(self._held)
            # Not at the last line end that has come: the same rows make the same pieces, however they arrive.
            end = whole.find(b"\n", PIECE - 1) + 1
            rest = whole[end:]
            self._held, self._size = [rest], len(rest)
            if end:
                self.begin()
                await self.pieces.put(whole[:end])
        if self._left:
            raise _LeftError()

    def begin(self) -> None:
        """There is something to read."""
        if not self.begun.done():
            self.begun.set_result(None)

    def all_of_it(self) -> list[Any]:
        """What waits to be read."""
        return [self.pieces.get_nowait() for _ in range(self.pieces.qsize())]

    def give_up(self) -> None:
        """What waits to be read is dropped: whoever reads learns that the stream was cut off."""
        self.all_of_it()
        self.pieces.put_nowait(_LeftError())

    async def rest(self) -> None:
        """Passes on what is left at the end."""
        if self._size:
            await self.pieces.put(b"".join(self._held))

    async def ended(self, task: asyncio.Task[None]) -> None:
        """Waits until the stream has ended and its connection is free again.

        A stream that somebody left is stopped from inside `take`: the driver loses its place when it is cancelled
        between two chunks. Only a server that sends nothing is cancelled from outside.
        """
        self._left = True
        for _ in range(20):
            while not self.pieces.empty():
                self.pieces.get_nowait()
            done, _waiting = await asyncio.wait([task], timeout=0.05)
            if done:
                break
        else:
            task.cancel()
            await asyncio.wait([task], timeout=5)
        if self.pieces.empty():
            self.pieces.put_nowait(_LeftError())  # whoever still reads learns that this was not the end


async def _started(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    return asyncio.get_running_loop().create_task(work)


async def _value(task: asyncio.Task[T]) -> T:
    return await task


async def _put(waiting: asyncio.Queue[Any], item: Any, task: asyncio.Task[Any]) -> None:
    """Puts the item, unless the task that takes the items has ended: then its error is raised."""
    put = asyncio.ensure_future(waiting.put(item))
    await asyncio.wait([put, task], return_when=asyncio.FIRST_COMPLETED)
    if not put.done():
        put.cancel()
        await task


async def _chunks(waiting: asyncio.Queue[Any]) -> AsyncIterator[bytes]:
    while (piece := await waiting.get()) is not None:
        if isinstance(piece, BaseException):
            raise piece
        view = memoryview(piece)
        for start in range(0, len(view), CHUNK):
            yield bytes(view[start : start + CHUNK])


async def copy_in(connection: Any, header: Header, source: Any) -> int:
    """The number of rows copied into (schema, table, columns) from COPY lines: an async iterable or a binary file."""
    schema, table, columns = header
    done = await connection.copy_to_table(table, source=source, columns=columns, schema_name=schema or None)
    return int(done.rpartition(" ")[2])


async def _connect(url: str, *, write: bool, timeout: float | None) -> Any:
    scheme, colon, rest = url.partition(":")
    dsn = scheme.partition("+")[0] + colon + rest
    try:
        connection = await asyncpg.connect(dsn, timeout=30, statement_cache_size=0)
    except (asyncpg.InterfaceError, ValueError) as error:
        raise _not_understood(error) from None
    settings = dict(_SETTINGS)
    if connection.get_server_version().major >= 11:
        settings["jit"] = "off"  # compiling costs more than it gives for statements that are run once
    if not write:
        settings["default_transaction_read_only"] = "on"
    if timeout is not None:
        settings["statement_timeout"] = str(max(1, round(timeout * 1000)))
    await connection.execute("".join(f"SET {name} = '{value}';" for name, value in settings.items()))
    return connection


def _not_understood(error: Exception) -> DatabaseError:
    """Without the driver's words: they may quote a part of the URL, and with it the password."""
    hint = "Expected postgresql://user:password@host:5432/database?sslmode=…, special characters percent-encoded."
    return DatabaseError(f"PostgreSQL: the URL or its settings are not understood ({type(error).__name__})", hint=hint)
