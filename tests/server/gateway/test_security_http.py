"""What reaches the daemon before anybody is known: malformed, oversized, slow and smuggled requests, odd paths."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import quote

import httpx
import pytest
from tests.server.gateway.daemons import TEMPLATE, Daemon, set_up

SAFE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
PATIENCE = 1.5
OUTSIDE = "what-no-one-may-read"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that waits for nobody for long."""
    folder = tmp_path_factory.mktemp("http")
    set_up(folder, more=f"workers: 0\nrequest_timeout: {PATIENCE}s\n")
    (folder / "masking.yaml").write_text(
        (folder / "masking.yaml").read_text().replace('"logs:**/*.log", text: scrub', '"logs:**", keep: open'),
    )
    (folder / "secret.log").write_text(OUTSIDE)
    (folder / "logs" / "link.log").symlink_to(folder / "secret.log")
    (folder / "logs" / "sub").mkdir()
    (folder / "logs" / "out").symlink_to(folder)
    daemon = Daemon(folder)
    yield daemon
    daemon.stop()


@pytest.fixture(scope="module")
def dev(daemon: Daemon) -> dict[str, str]:
    """A developer who is logged in."""
    return daemon.somebody("dev@x.test")


def raw(daemon: Daemon, *parts: bytes, pause: float = 0.0) -> bytes:
    """All that the daemon answers to these bytes until it closes the connection, or says nothing for long."""
    host, _, port = daemon.url.partition("//")[2].partition(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE * 4) as open_socket:
        for part in parts:
            try:
                open_socket.sendall(part)
            except OSError:
                break
            time.sleep(pause)
        found = b""
        try:
            while piece := open_socket.recv(65_536):
                found += piece
        except (TimeoutError, ConnectionResetError):
            pass
        return found


def status(answer: bytes) -> int:
    """The status of the first answer."""
    return int(answer.split(b" ", 2)[1]) if answer else 0


# ---- headers


def test_every_kind_of_answer_has_the_security_headers(daemon: Daemon, dev: dict[str, str]) -> None:
    client = daemon.client
    text, yaml = TEMPLATE.format(name="one"), {"content-type": "application/yaml"}
    answers = {
        200: client.get("/api/whoami", headers=dev),
        201: client.post("/api/templates", content=text, headers=dev | yaml),
        204: client.delete("/auth/session", headers=daemon.login("dev@x.test", daemon.folder / "dev.key")),
        206: client.get("/api/volumes/logs/files/app.log", headers=dev | {"range": "bytes=0-3"}),
        400: client.get("/api/whoami?x=1", headers=dev),
        401: client.get("/api/whoami"),
        403: client.get("/api/users", headers=dev),
        404: client.get("/nowhere", headers=dev),
        405: client.put("/health", headers=dev),
        413: client.post("/api/templates", content=b"x" * (1 << 21), headers=dev | yaml),
        415: client.post("/api/packages", content=b"x", headers=dev | {"content-type": "text/plain"}),
        416: client.get("/api/volumes/logs/files/app.log", headers=dev | {"range": "bytes=900-"}),
    }
    assert {expected: answer.status_code for expected, answer in answers.items()} == {one: one for one in answers}
    for expected, answer in answers.items():
        assert SAFE.items() <= dict(answer.headers).items(), expected
        assert answer.headers["x-request-id"]
        assert "server" not in answer.headers
        if expected >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
        if answer.content:
            assert "no-store" in answer.headers["cache-control"], expected


def test_what_no_http_is_answered_in_the_same_form(daemon: Daemon) -> None:
    answer = raw(daemon, b"nonsense\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert status(answer) == 400
    lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    assert SAFE.items() <= lines.items()
    assert lines["content-type"] == "application/problem+json"
    assert b"nonsense" not in body


def test_pages_of_other_origins_are_told_nothing(daemon: Daemon) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        headers = {"origin": "https://evil.test", "access-control-request-method": "POST"}
        answer = daemon.client.request(method, "/auth/challenge", headers=headers)
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "OPTIONS", "BREW"])
def test_methods_that_are_not_offered_are_refused(daemon: Daemon, dev: dict[str, str], method: str) -> None:
    head = f"{method} /api/whoami HTTP/1.1\r\nhost: x\r\nauthorization: {dev['authorization']}\r\n"
    answer = raw(daemon, f"{head}connection: close\r\n\r\n".encode())
    assert status(answer) in (400, 405)
    assert dev["authorization"].encode() not in answer


def test_no_cookie_is_set_and_none_is_believed(daemon: Daemon, dev: dict[str, str]) -> None:
    answer = daemon.client.get("/api/whoami", headers={"cookie": f"token={dev['authorization'][7:]}"})
    assert answer.status_code == 401
    assert "set-cookie" not in daemon.client.get("/api/whoami", headers=dev).headers


def test_a_token_in_the_address_is_not_believed(daemon: Daemon, dev: dict[str, str]) -> None:
    token = dev["authorization"][7:]
    for name in ("token", "access_token", "authorization"):
        assert daemon.client.get("/api/whoami", params={name: token}).status_code == 401


def test_an_address_that_somebody_claims_is_not_believed(daemon: Daemon) -> None:
    forged = {"x-forwarded-for": "198.51.100.9", "x-real-ip": "198.51.100.9", "forwarded": "for=198.51.100.9"}
    daemon.client.get("/api/whoami", headers=forged | {"x-request-id": "claimed"})
    deadline = time.monotonic() + 5
    while not (lines := [line for line in daemon.lines() if line.get("id") == "claimed"]):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert lines[0]["address"] == "127.0.0.1"


def test_an_answer_goes_nowhere_else(daemon: Daemon) -> None:
    for path in ("/api/v1/", "/api", "//evil.test/", "/health/", "/api/whoami/"):
        assert not daemon.client.get(path).is_redirect


# ---- bounds


def test_a_head_that_is_too_long_is_431(daemon: Daemon) -> None:
    one = b"GET /health HTTP/1.1\r\nhost: x\r\nlong: " + b"a" * 70_000 + b"\r\n\r\n"
    many = b"GET /health HTTP/1.1\r\nhost: x\r\n" + b"".join(b"h%d: 1\r\n" % n for n in range(9000)) + b"\r\n"
    path = b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n"
    endless = [b"GET /health HTTP/1.1\r\nhost: x\r\nlong: ", *[b"a" * 50_000] * 4]
    for parts in ([one], [many], [path], endless):
        answer = raw(daemon, *parts, pause=0.02)
        assert status(answer) == 431
        assert re.search(rb"\r\nx-request-id: ([0-9a-f]{32})\r\n.*\1", answer, re.DOTALL), "the body repeats it"
    fits = b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\nlong: " + b"a" * 60_000 + b"\r\n\r\n"
    assert status(raw(daemon, fits)) == 200


def test_a_head_that_does_not_come_is_408(daemon: Daemon) -> None:
    for parts in ([b""], [b"GET /hea"], [b"GET /health HTTP/1.1\r\nhost: x\r\nslow: ", *[b"a"] * 4]):
        started = time.monotonic()
        answer = raw(daemon, *parts, pause=PATIENCE / 10)
        assert status(answer) == 408
        assert PATIENCE * 0.8 < time.monotonic() - started < PATIENCE * 3


def test_a_body_that_does_not_come_is_408_and_its_connection_ends(daemon: Daemon) -> None:
    head = b"POST /auth/challenge HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n"
    started = time.monotonic()
    answer = raw(daemon, head, *[b" "] * 4, pause=PATIENCE / 10)
    assert status(answer) == 408
    assert time.monotonic() - started < PATIENCE * 3


def test_a_connection_that_is_kept_serves_one_request_after_another(daemon: Daemon) -> None:
    with httpx.Client(base_url=daemon.url, limits=httpx.Limits(max_connections=1)) as client:
        for pause in (0, PATIENCE * 1.2, 0):
            time.sleep(pause)
            assert client.get("/health").status_code == 200


def test_a_body_that_is_too_large_is_413_whether_it_says_so_or_not(daemon: Daemon, dev: dict[str, str]) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(40):
            yield b"x" * 50_000

    headers = dev | {"content-type": "application/yaml"}
    assert daemon.client.post("/api/templates", content=b"x" * (1 << 21), headers=headers).status_code == 413
    with suppress(httpx.TransportError):  # refused while it was sent
        assert daemon.client.post("/api/templates", content=endless(), headers=headers).status_code == 413
    lying = b"POST /auth/challenge HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n"
    assert status(raw(daemon, lying)) in (400, 413)
    assert daemon.client.get("/health").status_code == 200


# ---- smuggling

INNER = b"GET /api/smuggled HTTP/1.1\r\nhost: x\r\n\r\n"
POST = b"POST /auth/challenge HTTP/1.1\r\nhost: x\r\n"
SMUGGLED = {
    "both lengths": POST + b"content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" + INNER,
    "two lengths": POST + b"content-length: 0\r\ncontent-length: 40\r\n\r\n" + INNER,
    "a list of lengths": POST + b"content-length: 0, 40\r\n\r\n" + INNER,
    "a signed length": POST + b"content-length: +0\r\n\r\n" + INNER,
    "a length in hexadecimal": POST + b"content-length: 0x0\r\n\r\n" + INNER,
    "chunked, then not": POST + b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n" + INNER,
    "a spelling of chunked": POST + b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n" + INNER,
    "a blank before the colon": POST + b"transfer-encoding : chunked\r\n\r\n0\r\n\r\n" + INNER,
    "a folded line": POST + b"x: y\r\n transfer-encoding: chunked\r\n\r\n0\r\n\r\n" + INNER,
    "lines that end with LF": b"POST /auth/challenge HTTP/1.1\nhost: x\ntransfer-encoding: chunked\n\n0\n\n" + INNER,
    "a chunk's size that is none": POST + b"transfer-encoding: chunked\r\n\r\n-1\r\n" + INNER,
    "NUL in a header": POST + b"x: a\x00b\r\ncontent-length: 0\r\n\r\n" + INNER,
}


@pytest.mark.parametrize("sent", SMUGGLED.values(), ids=SMUGGLED)
def test_no_second_request_hides_in_a_first(daemon: Daemon, sent: bytes) -> None:
    answer = raw(daemon, sent)
    assert status(answer) >= 400
    assert answer.count(b"HTTP/1.1 ") == 1
    assert not [line for line in daemon.lines() if line.get("path") == "/api/smuggled"]


# ---- paths of volumes

TRICKS = [
    "..%2fsecret.log", "%2e%2e/secret.log", "%2e%2e%2fsecret.log", "sub/..%2f..%2fsecret.log", "..%5csecret.log",
    "..%252fsecret.log", "sub%2f..%2f..%2fsecret.log", ".%2e/secret.log", "....//secret.log", "..;/secret.log",
    "%2fetc%2fpasswd", "//etc/passwd", "%00", "app.log%00.txt", "secret.log%00app.log", "%5c%5chost%5cshare",
    "C:%5csecret.log", "C:/secret.log", "CON", "nul.log", "app.log::$DATA", "app.log.", "app.log%20",
    "..%c0%afsecret.log", "..%ef%bc%8fsecret.log", "..%e2%88%95secret.log", "%ef%bc%8e%ef%bc%8e/secret.log",
    "..%e2%81%84secret.log", "link.log", "out/secret.log", "out/keys/masking.key", "sub", ".", "..", "~/secret.log",
    "file:%2f%2f%2fetc%2fpasswd", "a%0d%0ax: y",
]  # fmt: skip


@pytest.mark.parametrize("trick", TRICKS)
def test_no_path_leads_out_of_a_volume(daemon: Daemon, dev: dict[str, str], trick: str) -> None:
    """As it is written and encoded once more; sent as bytes, because clients would clean it."""
    for spelled in (trick, quote(trick, safe="")):
        head = f"GET /api/volumes/logs/files/{spelled} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
        answer = raw(daemon, f"{head}authorization: {dev['authorization']}\r\n\r\n".encode())
        assert status(answer) in (400, 404), answer[:300]
        assert OUTSIDE.encode() not in answer
        assert b"root:" not in answer
        assert b"\r\nx: y" not in answer


@pytest.mark.parametrize(
    "folder", ["..", "../", "/", "/etc", "out", "sub/../..", "..%5c", "\\\\host", "a\x00b", "..\uff0f"]
)
def test_no_listing_leads_out_of_a_volume(daemon: Daemon, dev: dict[str, str], folder: str) -> None:
    answer = daemon.client.get("/api/volumes/logs/files", params={"folder": folder}, headers=dev)
    assert "secret.log" not in answer.text
    assert "passwd" not in answer.text
    assert answer.status_code in (200, 400, 404)
    assert answer.status_code != 200 or folder.strip("/") == ""
