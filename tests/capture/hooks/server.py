"""A real HTTP/1 server on loopback that writes its answers byte by byte: every encoding, stream and accident.

Each path is a function that gets the request and writes raw bytes, so that nothing between it and the client tidies up.
"""

from __future__ import annotations

import base64
import gzip
import json
import socket
import ssl
import struct
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import zstandard
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

DOCUMENT = json.dumps({"order": 17, "state": "paid", "lines": [{"sku": "A-1", "n": 2}] * 20}).encode()
HUGE = bytes(range(256)) * 20480
"""5 MiB with NUL bytes and every other octet: no valid UTF-8."""
EVENTS = [b"data: %d\n\n" % number for number in range(5)]


@dataclass
class Request:
    """What the client sent, and the way to answer."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    write: Callable[[bytes], None]
    connection: socket.socket
    server: Server

    @property
    def path(self) -> list[str]:
        """The segments of the path."""
        return urlsplit(self.target).path.strip("/").split("/")

    def header(self, name: str) -> str:
        """The value of a header, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def answer(self, body: bytes, *headers: str, status: str = "200 OK") -> None:
        """A whole answer."""
        lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]
        self.write("\r\n".join(lines).encode("latin-1") + (b"" if self.method == "HEAD" else body))

    def head(self, *headers: str, status: str = "200 OK") -> None:
        """The head alone."""
        self.write("\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode("latin-1"))

    def chunk(self, piece: bytes) -> None:
        """One piece of an answer in chunks; an empty one ends it."""
        self.write(b"%x\r\n%b\r\n" % (len(piece), piece))

    def reset(self) -> None:
        """Cut the connection, as a crashed server does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise ConnectionAbortedError


class Server:
    """A thread for each connection; `url` names it. `hits` counts requests by path, `sent` is when events went out."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._context = context
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http{'s' if context else ''}://{'localhost' if context else '127.0.0.1'}:{self.port}"
        self.hits: Counter[str] = Counter()
        self.sent: list[float] = []
        self.bodies: list[bytes] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """No more connections; who waits for one waits no longer."""
        with suppress(OSError):  # where systems say that nobody is connected
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection.makefile("rb") as lines:
                while (request := _read(lines, connection, self)) is not None:
                    if request.method == "CONNECT":
                        return self._tunnel(request)
                    self.hits["/".join(request.path)] += 1
                    self.bodies.append(request.body)
                    PATHS[request.path[0]](request)
                    if request.header("connection").lower() == "close" or request.path[0] in CLOSING:
                        return None
        except (OSError, ValueError, LookupError):
            pass  # what clients and accidents do to a connection
        finally:
            connection.close()

    def _tunnel(self, request: Request) -> None:
        """A proxy's tunnel to wherever the client wants."""
        host, _, port = request.target.rpartition(":")
        self.hits["CONNECT"] += 1
        with socket.create_connection((host, int(port))) as far:
            request.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=_pump, args=(far, request.connection), daemon=True)
            back.start()
            _pump(request.connection, far)
            back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # either side went away


def _read(lines, connection: socket.socket, server: Server) -> Request | None:
    first = lines.readline().decode("latin-1").split()
    if not first:
        return None
    headers = []
    while (line := lines.readline().decode("latin-1").strip()) != "":
        name, _, value = line.partition(":")
        headers.append((name, value.strip()))
    request = Request(first[0], first[1], headers, b"", connection.sendall, connection, server)
    if request.header("expect").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.body = _body(lines, request)
    return request


def _body(lines, request: Request) -> bytes:
    if request.header("transfer-encoding").lower() != "chunked":
        return lines.read(int(request.header("content-length") or 0))
    body = b""
    while size := int(lines.readline(), 16):
        body += lines.read(size)
        lines.readline()
    lines.readline()
    return body


def echo(request: Request) -> None:
    told = {"method": request.method, "target": request.target, "body": base64.b64encode(request.body).decode()}
    request.answer(json.dumps(told).encode(), "Content-Type: application/json")


def encoded(request: Request) -> None:
    raw = zlib.compressobj(wbits=-15)
    made = {
        "identity": lambda: DOCUMENT, "gzip": lambda: gzip.compress(DOCUMENT, mtime=0),
        "deflate": lambda: zlib.compress(DOCUMENT), "raw-deflate": lambda: raw.compress(DOCUMENT) + raw.flush(),
        "br": lambda: brotli.compress(DOCUMENT), "zstd": lambda: zstandard.compress(DOCUMENT),
        "secret-gzip": lambda: gzip.compress(b'{"password": "hunter2-very-secret", "n": 1}', mtime=0),
    }  # fmt: skip
    name = request.path[1]
    token = name.rpartition("-")[2]
    request.answer(made[name](), "Content-Type: application/json", f"Content-Encoding: {token}")


def chunked(request: Request) -> None:
    request.head("Content-Type: text/plain", "Transfer-Encoding: chunked")
    for piece in (b"one\n", b"two two\n", "dreißig\n".encode("latin-1")):
        time.sleep(0.008)
        request.chunk(piece)
    time.sleep(0.008)
    request.chunk(b"")


def gzip_chunks(request: Request) -> None:
    data = gzip.compress(DOCUMENT, mtime=0)
    request.head("Content-Type: application/json", "Content-Encoding: gzip", "Transfer-Encoding: chunked")
    for start in range(0, len(data), 40):
        request.chunk(data[start : start + 40])
        time.sleep(0.003)
    request.chunk(b"")


def events(request: Request) -> None:
    request.head("Content-Type: text/event-stream", "Transfer-Encoding: chunked")
    request.server.sent.clear()
    for event in EVENTS:
        time.sleep(int(request.path[1]) / 1000)
        request.server.sent.append(time.perf_counter())
        request.chunk(event)
    request.chunk(b"")


def forever(request: Request) -> None:
    request.head("Content-Type: text/event-stream", "Transfer-Encoding: chunked")
    for number in range(2000):
        request.chunk(b"data: %d\n\n" % number)
        time.sleep(0.008)


def trailers(request: Request) -> None:
    request.head("Transfer-Encoding: chunked", "Trailer: X-Digest")
    request.chunk(b"body")
    time.sleep(0.008)
    request.write(b"0\r\nX-Digest: abc\r\nX-Count: 1\r\n\r\n")


def cut(request: Request) -> None:
    """`/cut/<how it is delimited>/<how it ends>` after two pieces."""
    _, framing, end = request.path
    request.head("Content-Length: 3000" if framing == "length" else "Transfer-Encoding: chunked")
    for letter in (b"a", b"b"):
        request.chunk(letter * 1000) if framing == "chunked" else request.write(letter * 1000)
        time.sleep(0.008)
    if end == "reset":
        request.reset()


def vanish(request: Request) -> None:
    if request.path[1:] == ["reset"]:
        request.reset()


def garbage(request: Request) -> None:
    request.write(b"this is not HTTP\r\n\r\n")


def until_closed(request: Request) -> None:
    request.write(b"HTTP/1.0 200 Fine\r\nContent-Type: text/plain\r\n\r\nno length, ")
    time.sleep(0.008)
    request.write(b"just an end")


def early(request: Request) -> None:
    request.write(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
    request.answer(b"then this")


def headers(request: Request) -> None:
    request.answer(
        b"h", "X-Case-Kept: Yes", "x-dup: 1", "X-Dup: 2", "x-DUP: 3", "Vary: a", "Vary: b",
        "X-Latin: caf\xe9", "X-Empty:", "X-Spaces:   inner  spaces", status="207 Many Things Said",
    )  # fmt: skip


def status(request: Request) -> None:
    code = int(request.path[1])
    if code in (204, 304):
        return request.head("ETag: abc", status=f"{code} {'No Content' if code == 204 else 'Not Modified'}")
    return request.answer(b"" if request.path[2:] == ["empty"] else b"why", status=f"{code} Said So")


def redirect(request: Request) -> None:
    left, code = int(request.path[2]), request.path[1]
    where = f"/redirect/{code}/{left - 1}" if left > 1 else "/echo/landed"
    request.answer(b"moved", f"Location: {where}", f"Set-Cookie: hop{left}=1; Path=/", status=f"{code} Moved")


def slow(request: Request) -> None:
    time.sleep(0.6)
    request.answer(b"late")


def slow_body(request: Request) -> None:
    request.head("Content-Length: 8")
    request.write(b"half")
    time.sleep(0.6)
    request.write(b"done")


def huge(request: Request) -> None:
    request.answer(HUGE, "Content-Type: application/octet-stream")


def flaky(request: Request) -> None:
    count = request.server.hits["/".join(request.path)]
    good = count > int(request.path[1])
    request.answer(b"%d" % count, status="200 OK" if good else "503 Busy")


def counter(request: Request) -> None:
    request.answer(b"%d" % request.server.hits["/".join(request.path)])


def secret(request: Request) -> None:
    if request.header("authorization"):
        return request.answer(b"let in")
    return request.answer(b"who?", 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"', status="401 Who")


PATHS: dict[str, Callable[[Request], None]] = {
    "chunked": chunked, "counter": counter, "cut": cut, "early": early, "echo": echo, "encoded": encoded,
    "events": events, "flaky": flaky, "forever": forever, "garbage": garbage, "gzip-chunks": gzip_chunks,
    "headers": headers, "huge": huge, "redirect": redirect, "secret": secret, "slow": slow, "slow-body": slow_body,
    "status": status, "trailers": trailers, "until-closed": until_closed, "vanish": vanish,
}  # fmt: skip
CLOSING = ("cut", "garbage", "until-closed", "vanish")


@dataclass
class Certificate:
    """A certificate that signs itself, for localhost; nobody trusts it unless told to."""

    folder: Path
    path: Path = field(init=False)

    def __post_init__(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )  # fmt: skip
        self.path = self.folder / "localhost.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))

    def server(self) -> ssl.SSLContext:
        """For the server."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path)
        return context

    def trusting(self) -> ssl.SSLContext:
        """For clients that are told to trust it."""
        return ssl.create_default_context(cafile=self.path)
