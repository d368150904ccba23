"""Defects: logged by their place, reported to Sentry where that is set up, told to the client without their text."""

from __future__ import annotations

import gzip
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module

import pytest
from tests.server.conftest import Serve
from tests.server.served import SMALL, Served


@pytest.fixture
def sink() -> Iterator[tuple[str, list[bytes]]]:
    """The DSN of a server that keeps what Sentry would get."""
    got: list[bytes] = []

    class Keep(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            got.append(unpacked(body, self.headers.get("content-encoding", "")))
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Quietly."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Keep) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://key@127.0.0.1:{server.server_port}/1", got
        server.shutdown()


def unpacked(body: bytes, encoding: str) -> bytes:
    """A body as it was before it was compressed; the reporter takes Brotli wherever that is installed."""
    if encoding == "br":
        return bytes(import_module("brotli").decompress(body))
    return gzip.decompress(body) if encoding == "gzip" else body


def broken(server: Served) -> str:
    """The id of a job whose row somebody has spoilt: reading it is a defect."""
    job_id = server.begun(SMALL)
    with closing(sqlite3.connect(server.data / "jobs.sqlite")) as connection, connection:
        connection.execute("UPDATE mockcraft_jobs SET wanted = 's3cret'")
    return job_id


def test_a_defect_is_reported_with_its_place_and_the_client_learns_an_id_alone(
    serve: Serve, sink: tuple[str, list[bytes]]
) -> None:
    dsn, got = sink
    server = serve("--workers", "0", MOCKCRAFT_SENTRY_DSN=dsn)
    answer = server.get(f"/api/jobs/{broken(server)}", headers={"x-request-id": "defect-1"})
    assert (answer.status_code, answer.json()["request_id"]) == (500, "defect-1")
    assert "JSON" not in answer.text
    line = server.logged("defect-1", "request failed")
    assert line["error"] == "JSONDecodeError"
    assert any("store.py" in place for place in line["at"])
    assert server.stop() == 0  # what waits to be sent is sent at the end
    assert any(b"JSONDecodeError" in body for body in got)
    assert b"s3cret" not in b"".join(got)
    assert "s3cret" not in server.log.read_text()
    assert "key@" not in server.log.read_text()


def test_without_its_store_the_server_says_so_and_still_makes_values(serve: Serve) -> None:
    server = serve("--workers", "0")
    with closing(sqlite3.connect(server.data / "jobs.sqlite")) as connection, connection:
        connection.execute("DROP TABLE mockcraft_jobs")
    assert server.get("/health").status_code == 200
    assert server.get("/health/ready").json()["store"] == "away"
    assert server.get("/health/ready").status_code == 503
    assert server.get("/api/jobs").status_code == 503
    assert server.get("/api/generate/uuid").status_code == 200
