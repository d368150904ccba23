"""Ready commands sent to one Redis, or to the nodes of a cluster that hold their keys; its errors as ours."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from socket import MSG_WAITALL
from ssl import SSLSocket
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import redis
import redis.exceptions
from redis.crc import key_slot

from hotfixture.databases.addresses import REACH
from hotfixture.databases.octets import joined
from hotfixture.databases.redis_commands import Commands, packed, unpacked
from hotfixture.databases.target import MARKS
from hotfixture.errors import DatabaseError

Answers = list[list[Any]]
"""For each entry what the server says to each of its commands; an error is an exception among them."""

_MOVED = ("MOVED ", "ASK ", "TRYAGAIN ", "CLUSTERDOWN ")
_LAST = b"hotfixture:last"
_LAST_ANSWER = b"$%d\r\n%b\r\n" % (len(_LAST), _LAST)
"""What the server is asked to say after its answers."""
_PUSHES = b"*3\r\n$5\r\nRPUSH"
_BROKEN = (
    redis.exceptions.ConnectionError,
    redis.exceptions.TimeoutError,
    redis.exceptions.RedisClusterException,
    OSError,
)
_LATER = "equal or smaller than the target stream top item"
_PUSH_ONCE = b"""
local done = tonumber(redis.call('HGET', KEYS[2], KEYS[1]) or '-1')
for i = 1, #ARGV, 2 do
  if tonumber(ARGV[i]) > done then redis.call('RPUSH', KEYS[1], ARGV[i + 1]) end
end
return redis.call('HSET', KEYS[2], KEYS[1], ARGV[#ARGV - 1])
"""
"""Appends the rows that come after the last one a list has got; which that is stands beside it, in the same slot."""


class Piece(NamedTuple):
    """Some rows of a table on their way: what stores them, and the marks before and after them."""

    commands: Commands
    first: int
    done: int


class Wire(ABC):
    """Where ready commands go."""

    def __init__(self, client: Any) -> None:
        self.client = client

    @abstractmethod
    def put(self, table: str, plan: str, pieces: Iterable[Piece], *, early: int) -> None:
        """Run the commands of each piece and raise the mark of the table; DatabaseError names a refused row.

        Up to `early` pieces may be sent before the one ahead of them is answered, so that the server never waits.
        """

    @abstractmethod
    def run(self, commands: Commands) -> Answers:
        """Run commands, without a transaction."""


class SingleWire(Wire):
    """One server: the commands of a piece and its mark are one transaction, so a row is stored exactly once."""

    def put(self, table: str, plan: str, pieces: Iterable[Piece], *, early: int) -> None:
        waiting: deque[Piece] = deque()
        found: list[_Refusal] = []
        with _talk(self.client) as talk:
            try:
                for piece in pieces:
                    mark = packed(b"HSET", MARKS.encode(), field(plan, table), b"%d" % piece.done)
                    talk.send([packed(b"MULTI"), joined(piece.commands.bytes), mark, packed(b"EXEC")])
                    waiting.append(piece)
                    if len(waiting) > early:
                        found += _refusals(table, waiting[0], talk.answers(_least(waiting.popleft())))
                    if found:
                        break
            finally:
                # What was sent is looked at, whatever went wrong with the pieces after it.
                while waiting:
                    found += _refusals(table, waiting[0], talk.answers(_least(waiting.popleft())))
                if found:
                    # Redis does not take back the commands beside the one that failed; no mark may claim its row.
                    self._set_back(plan, table, found[0].first)
                    raise found[0].error

    def _set_back(self, plan: str, table: str, first: int) -> None:
        if first:
            self.client.hset(MARKS, field(plan, table), first)
        else:
            self.client.hdel(MARKS, field(plan, table))

    def run(self, commands: Commands) -> Answers:
        with _talk(self.client) as talk:
            talk.send([joined(commands.bytes)])
            return _by_entry(answers_of(talk.answers()), commands.each)


class _Refusal(NamedTuple):
    """Why a piece was not stored whole, and the mark before it."""

    first: int
    error: DatabaseError


def _least(piece: Piece) -> int:
    """The bytes that the answers to a transaction have at least: `+OK`, and `+QUEUED` for each of its commands."""
    return 5 + 9 * (len(piece.commands) * piece.commands.each + 1)


def _refusals(table: str, piece: Piece, raw: bytes) -> list[_Refusal]:
    """One where an error is among the answers to a transaction."""
    if not _broken(raw):
        return []
    queued = answers_of(raw)
    said = queued[-1] if isinstance(queued[-1], list) else queued[1:-1]
    wrong = next((number for number, answer in enumerate(said) if isinstance(answer, Exception)), None)
    if wrong is None:
        return [_Refusal(piece.first, refused(table, None, queued[-1]))]
    place = wrong // piece.commands.each
    row = int(piece.commands.rows[place]) if place < len(piece.commands) else None
    return [_Refusal(piece.first, refused(table, row, said[wrong]))]


class ClusterWire(Wire):
    """A cluster: each node gets the commands of its slots, then the mark is set; commands may come twice."""

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self._nodes: dict[int, str] = {}

    def put(self, table: str, plan: str, pieces: Iterable[Piece], *, early: int) -> None:  # noqa: ARG002 - nodes differ in speed
        for commands, _, done in pieces:
            pushes = len(commands) and commands.bytes[0].as_py().startswith(_PUSHES)
            self._store(table, once(commands, plan) if pushes else commands)
            self.client.hset(MARKS, field(plan, table), done)

    def _store(self, table: str, commands: Commands) -> None:
        for place, answers in enumerate(self.run(commands)):
            wrong = next((answer for answer in answers if isinstance(answer, Exception)), None)
            if wrong is not None and not self._stands(commands, place, wrong):
                raise refused(table, int(commands.rows[place]), wrong)

    def _stands(self, commands: Commands, place: int, wrong: Exception) -> bool:
        """Whether an entry of a stream was refused because it, with all its fields, is there already."""
        if _LATER not in str(wrong):
            return False
        _, key, number, *fields = unpacked(commands.bytes[place].as_py())[0]
        found = self.client.xrange(key, number, number)
        return bool(found) and list(found[0][1].items()) == list(zip(fields[::2], fields[1::2], strict=True))

    def run(self, commands: Commands) -> Answers:
        places: dict[str, list[int]] = defaultdict(list)
        for place, key in enumerate(commands.keys.to_pylist()):
            places[self._node(key)].append(place)
        answers: Answers = [[] for _ in range(len(commands))]
        for node, own in places.items():
            part = commands.take(np.array(own))
            single = self.client.get_redis_connection(self.client.get_node(node_name=node))
            with _talk(single) as talk:
                talk.send([joined(part.bytes)])
                found = _by_entry(answers_of(talk.answers()), commands.each)
            for place, said in zip(own, found, strict=True):
                moved = any(isinstance(answer, Exception) and str(answer).startswith(_MOVED) for answer in said)
                answers[place] = self._again(commands, place) if moved else said
        return answers

    def _node(self, key: bytes) -> str:
        """The name of the node that has the key's slot, as far as the client knows."""
        slot = key_slot(key)
        if slot not in self._nodes:
            self._nodes[slot] = self.client.get_node_from_key(key).name
        return self._nodes[slot]

    def _again(self, commands: Commands, place: int) -> list[Any]:
        """A slot has moved to another node: the client follows it."""
        self._nodes.clear()
        found: list[Any] = []
        for verb, *arguments in unpacked(commands.bytes[place].as_py()):
            try:
                found.append(self.client.execute_command(verb.decode(), *arguments))
            except redis.exceptions.ResponseError as error:
                found.append(error)
        return found


def once(commands: Commands, plan: str) -> Commands:
    """Commands that append to lists, as one script a key that may run twice; the rows are those of the last ones."""
    pushed: dict[bytes, list[bytes]] = defaultdict(list)
    lives: dict[bytes, list[bytes]] = {}
    rows: dict[bytes, int] = {}
    for entry, row in zip(commands.bytes.to_pylist(), commands.rows.tolist(), strict=True):
        (_, key, value), *expiry = unpacked(entry)
        pushed[key] += [b"%d" % row, value]
        lives[key] = expiry[0] if expiry else []
        rows[key] = row
    entries = []
    for key, arguments in pushed.items():
        script = packed(b"EVAL", _PUSH_ONCE, b"2", key, companion(key, plan), *arguments)
        entries.append(script + (packed(*lives[key]) if lives[key] else b""))
    keys = pa.array(list(pushed), pa.large_binary())
    return Commands(pa.array(entries, pa.large_binary()), keys, np.array(list(rows.values())), commands.each)


def companion(key: bytes, plan: str) -> bytes:
    """A key of the same slot, where the last row that a list got is kept until its plan is done."""
    _, opening, rest = key.partition(b"{")
    tag, closing, _ = rest.partition(b"}")
    return b"%b:%b:{%b}" % (MARKS.encode(), plan.encode(), tag if opening and closing and tag else key)


def field(plan: str, table: str) -> bytes:
    """Where the mark of a table stands in the hash of marks."""
    return f"{plan}:{table}".encode()


class _Talk:
    """One connection, over which many commands go before anybody looks at the answers.

    Answers are read from the driver's socket: its parser takes 3 µs for one, as long as the server for the command.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._read = bytearray()

    def send(self, body: Sequence[bytes]) -> None:
        """Send commands, and ask for a last word after their answers."""
        self._connection.send_packed_command([*body, packed(b"ECHO", _LAST)])

    def answers(self, least: int = 0) -> bytes:
        """The answers to the oldest commands that were sent and not yet answered; `least` bytes of them, or more.

        A server writes answers as it goes, a few at a time, and each return from a read has to wait for its turn among
        the threads that make rows: what must come anyway is read in one go, in half the time on a busy machine.
        """
        looked = 0
        while (end := self._read.find(_LAST_ANSWER, looked)) < 0:
            looked = max(0, len(self._read) - len(_LAST_ANSWER))
            piece = self._received(least - len(self._read))
            if not piece:
                raise redis.exceptions.ConnectionError("closed by the server")
            self._read += piece
        found = bytes(self._read[:end])
        del self._read[: end + len(_LAST_ANSWER)]
        return found

    def _received(self, missing: int) -> bytes:
        connected = self._connection._sock
        if missing > 0 and not isinstance(connected, SSLSocket):
            return bytes(connected.recv(missing, MSG_WAITALL))
        return bytes(connected.recv(1 << 18))


@contextmanager
def _talk(client: Any) -> Iterator[_Talk]:
    """A connection of the client's; it is closed where something goes wrong on the way."""
    pool = client.connection_pool
    connection = pool.get_connection()
    try:
        yield _Talk(connection)
    except BaseException:
        connection.disconnect()  # answers that nobody has read would be taken for those of the next commands
        raise
    finally:
        pool.release(connection)


def _broken(raw: bytes) -> bool:
    """Whether an error is among the answers; answers to writes hold no text of anybody's."""
    return raw.startswith(b"-") or b"\r\n-" in raw


def answers_of(raw: bytes) -> list[Any]:
    """Answers as Python values, an error as an exception; those kinds of RESP that answers to writes have."""
    found, place = [], 0
    while place < len(raw):
        value, place = _parsed(raw, place)
        found.append(value)
    return found


def _parsed(raw: bytes, place: int) -> tuple[Any, int]:
    end = raw.index(b"\r\n", place)
    kind, line, place = raw[place : place + 1], raw[place + 1 : end], end + 2
    if kind == b":":
        return int(line), place
    if kind == b"-":
        return redis.exceptions.ResponseError(line.decode(errors="replace")), place
    if kind == b"$" and line != b"-1":
        return raw[place : place + int(line)], place + int(line) + 2
    if kind == b"*" and line != b"-1":
        items = []
        for _ in range(int(line)):
            item, place = _parsed(raw, place)
            items.append(item)
        return items, place
    return (line if kind == b"+" else None), place


def _by_entry(found: list[Any], each: int) -> Answers:
    return [found[start : start + each] for start in range(0, len(found), each)]


_REASONS = {
    "WRONGTYPE": "the key holds another type of value",
    "OOM": "the server's memory is full (its `maxmemory`)",
    "NOAUTH": "a password is needed",
    "WRONGPASS": "user or password is wrong",
    "NOPERM": "the account has no right to do this",
    "READONLY": "the server is a replica",
    "MISCONF": "the server cannot save to its disk, and so takes no writes",
    "CROSSSLOT": "the key and its mark are in different slots: braces in the key hold a closing brace",
    "BUSYKEY": "the key exists already",
}


def refused(table: str, row: int | None, error: Any) -> DatabaseError:
    """What the server says of a command, without the values that its text may quote."""
    where = table if row is None else f"{table}, row {row}"
    return DatabaseError(f"{where}: {_reason(error)}")


def _reason(error: Any) -> str:
    text = str(error)
    if _LATER in text:
        return "the stream has entries with later ids, of somebody else or of another plan"
    code = next((code for code in _REASONS if text.startswith(code) or code in _names(error)), "")
    return f"Redis refused: {_REASONS[code]}" if code else f"Redis refused ({text.split(' ', 1)[0]})"


def _names(error: Any) -> str:
    """The client has classes of its own for some errors and takes their code off the text."""
    kinds = {
        redis.exceptions.OutOfMemoryError: "OOM",
        redis.exceptions.AuthenticationError: "WRONGPASS",
        redis.exceptions.NoPermissionError: "NOPERM",
        redis.exceptions.ReadOnlyError: "READONLY",
    }
    return " ".join(code for kind, code in kinds.items() if isinstance(error, kind))


@contextmanager
def translated() -> Iterator[None]:
    """The driver's errors as ours; addresses and values stay out."""
    try:
        yield
    except redis.exceptions.AuthenticationError:
        hint = "redis://user:password@host:6379/0"
        raise DatabaseError("Redis refused: user or password is wrong", hint=hint) from None
    except _BROKEN as error:
        raise DatabaseError(f"Redis is unreachable or broke off: {type(error).__name__}", hint=REACH) from None
    except redis.exceptions.RedisError as error:
        raise DatabaseError(_reason(error)) from None
