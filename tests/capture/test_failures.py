"""A recorded exception is raised again with its class, arguments and attributes (case 25)."""

from __future__ import annotations

import asyncio
import atexit
import http.client
import json
import socket
import sqlite3
import ssl
import sys
import urllib.error
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import httpx
import msgspec
import psycopg
import pymysql
import pytest
import requests
import urllib3

from hotfixture.capture.failures import describe, rebuild
from hotfixture.capture.records import Failure
from hotfixture.errors import CaptureError


def caught(work: Callable[..., Any], *args: Any, **kwargs: Any) -> BaseException:
    """What the work raises."""
    try:
        work(*args, **kwargs)
    except BaseException as error:  # noqa: BLE001 - that is the question
        return error
    raise AssertionError("nothing was raised")


def free_port() -> int:
    """A port where nobody listens, nor can: it is taken as long as this process is there."""
    one = socket.socket()
    atexit.register(one.close)
    one.bind(("127.0.0.1", 0))
    return int(one.getsockname()[1])


def through(error: BaseException) -> BaseException:
    """The exception, once through the very JSON that journals hold."""
    return rebuild(msgspec.json.decode(msgspec.json.encode(describe(error)), type=Failure))


NOWHERE = f"127.0.0.1:{free_port()}"
ATTRIBUTES = (
    "errno", "strerror", "filename", "filename2", "start", "end", "object", "reason", "encoding", "name", "path",
    "value", "sqlite_errorcode", "sqlite_errorname", "sqlstate", "lineno", "colno", "doc", "pos", "msg", "partial",
    "expected", "code", "details", "url", "library", "verify_code", "add_note", "__notes__",
)  # fmt: skip


class OwnError(Exception):
    """One of the program's own, whose constructor wants something else than it keeps."""

    def __init__(self, order: int, *, shop: str) -> None:
        super().__init__(f"order {order}")
        self.order, self.shop = order, shop


def noted() -> BaseException:
    error = ValueError("x")
    error.add_note("a note")
    return error


CASES: list[Callable[[], BaseException]] = [
    lambda: caught(Path("/no/such/file").open),
    lambda: OSError(18, "cross", "from", None, "to"),
    lambda: ConnectionRefusedError(111, "Connection refused"),
    lambda: ConnectionResetError(104, "Connection reset by peer"),
    lambda: TimeoutError("timed out"),
    TimeoutError,
    lambda: socket.gaierror(-2, "Name or service not known"),
    lambda: ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] no"),
    lambda: ssl.SSLEOFError(8, "EOF"),
    lambda: caught(b"\xff".decode),
    lambda: caught("ü".encode, "ascii"),
    lambda: caught(json.loads, "{"),
    lambda: KeyError("key", 2),
    lambda: StopIteration({"a": (1,)}),
    lambda: ImportError("no", name="n", path="/p"),
    lambda: http.client.RemoteDisconnected("Remote end closed connection without response"),
    lambda: http.client.IncompleteRead(b"ab", 5),
    lambda: http.client.BadStatusLine("x"),
    lambda: urllib.error.URLError(ConnectionRefusedError(111, "no")),
    lambda: caught(sqlite3.connect(":memory:").execute, "selec"),
    lambda: sqlite3.IntegrityError("UNIQUE constraint failed: a.b"),
    lambda: psycopg.errors.UniqueViolation("duplicate key"),
    lambda: caught(psycopg.connect, f"host=127.0.0.1 port={free_port()} connect_timeout=1"),
    lambda: pymysql.err.IntegrityError(1062, "Duplicate entry"),
    lambda: caught(requests.get, f"http://{NOWHERE}/"),
    lambda: requests.exceptions.ReadTimeout("read timed out"),
    lambda: requests.exceptions.ChunkedEncodingError(urllib3.exceptions.ProtocolError("broken", OSError(1, "x"))),
    lambda: caught(urllib3.PoolManager().request, "GET", f"http://{NOWHERE}/", retries=1),
    lambda: urllib3.exceptions.IncompleteRead(3, 5),
    lambda: caught(httpx.get, f"http://{NOWHERE}/", trust_env=False),
    lambda: httpx.HTTPStatusError("m", request=httpx.Request("GET", "http://a"), response=httpx.Response(500)),
    lambda: httpx.DecodingError("bad"),
    lambda: asyncio.IncompleteReadError(b"a", 3),
    lambda: ExceptionGroup("two", [ValueError(1), KeyError("k")]),
    lambda: OwnError(7, shop="s"),
    noted,
]


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # of the connections of failed calls
@pytest.mark.parametrize("make", CASES)
def test_an_exception_is_raised_again_as_it_was(make: Callable[[], BaseException]) -> None:
    error = make()
    found = through(error)
    assert type(found) is type(error)
    assert str(found) == str(error)
    assert len(found.args) == len(error.args)
    assert [str(one) for one in found.args] == [str(one) for one in error.args]
    for name in ATTRIBUTES:
        ours, theirs = getattr(found, name, None), getattr(error, name, None)
        if not callable(theirs) and not isinstance(theirs, BaseException):
            assert ours == theirs, name


def test_the_errors_of_grpc_answer_as_they_did() -> None:
    with grpc.insecure_channel(NOWHERE) as channel:
        error: Any = caught(channel.unary_unary("/a.B/c"), b"x", timeout=2)
    found: Any = through(error)
    assert type(found) is type(error)
    assert isinstance(found, grpc.RpcError)
    assert (found.code(), found.details(), str(found)) == (error.code(), error.details(), str(error))
    assert found.debug_error_string() == error.debug_error_string()
    told = grpc.aio.AioRpcError(
        grpc.StatusCode.ABORTED, grpc.aio.Metadata(("a", "1")), grpc.aio.Metadata(("t", b"\0")), "why", "debug"
    )
    again: Any = through(told)
    assert (again.code(), again.details()) == (told.code(), told.details())
    assert list(again.initial_metadata()) == [("a", "1")]
    assert list(again.trailing_metadata()) == [("t", b"\0")]


def test_a_database_s_error_is_not_changed_by_being_recorded() -> None:
    error: Any = psycopg.errors.UniqueViolation("duplicate key", info={1: b"x"})
    error._pgconn = connection = object()
    describe(error)
    assert error._pgconn is connection
    assert error._info == {1: b"x"}


def raised() -> None:
    try:
        try:
            raise KeyError("inner")
        except KeyError as inner:
            raise ValueError("outer") from inner
    except ValueError:
        raise TypeError("last")  # noqa: B904 - its context is the question


def test_causes_and_contexts_come_along() -> None:
    found = through(caught(raised))
    assert isinstance(found.__context__, ValueError)
    assert isinstance(found.__context__.__cause__, KeyError)
    assert found.__context__.__suppress_context__
    assert not found.__suppress_context__


def test_causes_in_a_circle_end() -> None:
    one, other = ValueError(1), ValueError(2)
    one.__context__, other.__cause__ = other, one
    assert isinstance(through(one).__context__, ValueError)


@pytest.mark.parametrize("name", ["SystemExit", "KeyboardInterrupt"])
def test_a_recording_does_not_end_the_program(name: str) -> None:
    found = rebuild(Failure(module="builtins", name=name, text="", arguments=[3]))
    assert isinstance(found, CaptureError)
    assert name in str(found)


def test_a_class_that_is_not_here_is_told_and_nothing_is_imported() -> None:
    assert "antigravity" not in sys.modules
    for module, name in [("antigravity", "Error"), ("os", "system"), ("builtins", "eval"), ("builtins", "object")]:
        found = rebuild(Failure(module=module, name=name, text="boom", arguments=["echo"]))
        assert isinstance(found, CaptureError)
        assert f"{module}.{name}: boom" in str(found)
    assert "antigravity" not in sys.modules


class BrokenError(Exception):
    """Everything of it fails."""

    def __str__(self) -> str:
        raise RuntimeError

    def __repr__(self) -> str:
        raise RuntimeError

    def __reduce__(self) -> Any:
        raise RuntimeError


def test_an_exception_whose_own_code_fails_is_recorded_all_the_same() -> None:
    error = BrokenError(1)
    error.itself = error  # type: ignore[attr-defined]
    failure = describe(error)
    assert failure.text == "<its text raised RuntimeError>"
    assert type(rebuild(failure)) is BrokenError


@pytest.mark.parametrize("module", ["hotfixture.errors", "tests.no.such"])
def test_damaged_records_of_failures_are_told(module: str) -> None:
    failure = Failure(
        module=module, name="CapacityError", text="t", arguments=[{"$type": []}], attributes={"": {"$type": 1}}
    )
    assert isinstance(rebuild(failure), Exception)
