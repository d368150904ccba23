"""Case 16, from end to end: a token and a person go through a program in every spelling, and reach nothing else."""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import opentelemetry.trace
import pytest
import requests
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from hotfixture.capture import capture, replay
from hotfixture.capture.formats import FORMATS
from hotfixture.capture.sanitising import scan
from hotfixture.cli import output
from hotfixture.cli.hfit import hfit
from hotfixture.errors import ReplayMissError

TOKEN = "T0ken+of/the=Se55ion~9q8w7e6r"
PERSON = "carla.brandt@firma-brandt.de"
PASSWORD = "Winter!2026 morgens"


class _Service(BaseHTTPRequestHandler):
    """Issues the token, and takes it in each of its spellings."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/login":
            good = sent == {"user": PERSON, "password": PASSWORD}
            self.answer(200 if good else 403, {"access_token": TOKEN, "user": {"email": PERSON}} if good else {})
        else:
            inside = json.loads(sent["payload"])
            told = json.loads(base64.urlsafe_b64decode(sent["jwt"].split(".")[1] + "=="))
            good = inside["auth"] == told["token"] == base64.b64decode(sent["packed"]).decode() == TOKEN
            self.answer(200 if good else 403, {"done": good, "said": f"for {PERSON} with {TOKEN}"})

    def do_GET(self) -> None:
        if self.path == "/stream":
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for piece in (f"begin {TOKEN[:13]}", f"{TOKEN[13:]} end\n", "over\n"):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece.encode()))
            self.wfile.write(b"0\r\n\r\n")
        elif self.path.startswith("/broken"):
            self.answer(500, {"error": f"cannot open https://x:{quote(TOKEN, safe='')}@db.internal/ for {PERSON}"})
        else:
            known = self.headers.get("Authorization") == f"Bearer {TOKEN}" or quote(TOKEN, safe="") in self.path
            self.answer(200 if known else 401, {"known": known, "again": base64.b64encode(TOKEN.encode()).decode()})

    def answer(self, status: int, said: Any) -> None:
        data = gzip.compress(json.dumps(said).encode())
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Set-Cookie", f"session={TOKEN}; Path=/; HttpOnly")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def service() -> Iterator[str]:
    """Where the service is."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Service)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """What spans are told, in a program that has OpenTelemetry."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(opentelemetry.trace, "get_tracer_provider", lambda: provider)
    return exporter


def program(url: str) -> list[Any]:
    """Logs in, and uses what it was given in every way; gives what does not depend on the token's spelling."""
    seen: list[Any] = []
    with requests.Session() as session:
        session.trust_env = False
        login = session.post(f"{url}/login", json={"user": PERSON, "password": PASSWORD})
        token = login.json()["access_token"]
        me = session.get(f"{url}/me", headers={"Authorization": f"Bearer {token}"})
        seen += [login.status_code, me.status_code, me.json()["known"]]
        claims = base64.urlsafe_b64encode(json.dumps({"sub": PERSON, "token": token}).encode()).rstrip(b"=").decode()
        head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=").decode()
        job = session.post(f"{url}/jobs", json={
            "payload": json.dumps({"auth": token, "n": 1}), "jwt": f"{head}.{claims}.c2lnbmF0dXJlLW9mLXRoZS10ZXN0",
            "packed": base64.b64encode(token.encode()).decode(),
        })  # fmt: skip
        seen += [job.status_code, job.json()["done"]]
        spelled = quote(token, safe="")
        seen.append(session.get(f"{url}/files?signature={spelled}&page=2").status_code)
        seen.append(session.get(f"{url}/share/{spelled}/{quote(PERSON)}").status_code)
        stream = session.get(f"{url}/stream", stream=True)
        pieces = list(stream.iter_content(None))
        seen += [len(pieces), pieces[-1].endswith(b"over\n"), b"".join(pieces).split()[0]]
        seen.append(session.get(f"{url}/broken").status_code)
    return seen


def spellings() -> dict[str, bytes]:
    """All that must not be found, by what it is."""
    found: dict[str, str] = {}
    for name, secret in {"token": TOKEN, "person": PERSON, "password": PASSWORD}.items():
        found |= {
            name: secret, f"{name} in a URL": quote(secret, safe=""), f"{name} in a form": quote_plus(secret),
            f"{name} in JSON": json.dumps(secret)[1:-1],
            f"{name}, backwards": secret[::-1], f"{name} in hexadecimal": secret.encode().hex(),
        }  # fmt: skip
        for shift in range(3):  # a text within a text that is in Base64 has three spellings
            middle = base64.b64encode(b"\0" * shift + secret.encode() + b"\0" * 3).decode()
            inner = middle[4 if shift else 0 : len(middle) - 8]
            found |= {f"{name} in Base64 {shift}": inner,
                      f"{name} in Base64 {shift} for URLs": inner.replace("+", "-").replace("/", "_")}  # fmt: skip
    found |= {"half of the token": TOKEN[:13], "the other half": TOKEN[13:]}
    return {name: secret.encode() for name, secret in found.items()}


def search(name: str, data: bytes) -> list[str]:
    """What is found in some bytes, and in what is compressed in them."""
    found = [f"{name}: {what}" for what, secret in spellings().items() if secret in data]
    for inner in re.findall(rb"H4sI[\w+/=-]{8,}", data):
        try:
            found += search(f"{name} (unpacked)", gzip.decompress(base64.b64decode(inner + b"==")))
        except (OSError, EOFError, ValueError):
            continue
    return found


def test_a_secret_reaches_nothing_that_is_kept_or_said_and_the_program_is_played(
    service: str, sessions: Path, tmp_path: Path, exported: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 16: files, temporary files, exports, reports, mocks, spans, errors; and the playback fits."""
    aside = tmp_path / "temporary"
    aside.mkdir()
    monkeypatch.setenv("TMPDIR", str(aside))
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    with capture("secrets") as session:
        seen = program(service)
        waiting = session.interactions  # a part of it stands on the disk by now
    assert seen == [200, 200, True, 200, True, 200, 200, 3, True, b"begin", 500]
    assert len(waiting) == 7
    said = exports(session.folder, tmp_path / "made")
    with replay(session.folder) as playback:
        assert program(service) == seen
        with pytest.raises(ReplayMissError) as missed:
            requests.get(f"{service}/files?access_token={quote(TOKEN, safe='')}&page={quote(PERSON)}", timeout=5)
        playback.tally.misses.clear()
    said["the miss"] = f"{missed.value!r} {missed.value}"
    said["spans"] = "".join(span.to_json() for span in exported.get_finished_spans())
    assert len(exported.get_finished_spans()) == 7
    left = [one for name, text in said.items() for one in search(name, text.encode())]
    for path in tmp_path.rglob("*"):
        if path.is_file():
            left += search(str(path.relative_to(tmp_path)), path.read_bytes())
    assert left == [], "\n".join(left)
    assert not list(scan.scan(session.folder, secrets=[TOKEN, PERSON, PASSWORD]))


def exports(folder: Path, made: Path) -> dict[str, str]:
    """Everything that can be made of a session: files in a folder, and what the commands print."""
    made.mkdir()
    said: dict[str, str] = {}

    def run(*words: str) -> None:
        text = io.StringIO()
        with redirect_stdout(text), redirect_stderr(text):
            code = output.run(hfit, ["capture", *words])
        assert code == 0, (words, text.getvalue())
        said[" ".join(words[:3])] = text.getvalue()

    for form in FORMATS:
        run("convert", str(folder), str(made / f"session.{form}"), "--to", form)
    run("baseline", str(folder), str(made / "flat.json"))
    run("baseline", str(folder), str(made / "mocks.json"), "--generalise")
    (made / "wrong.json").write_text("{}")
    for mocks in ("flat.json", "mocks.json", "wrong.json"):
        run("compare", str(folder), str(made / mocks), "--verbose", "--output", str(made / f"compared-{mocks}"))
    for form in ("md", "html", "json"):
        run("analyze", "--output", str(made / f"report.{form}"))
    run("show", str(folder))
    run("list")
    return said


def test_the_service_itself_would_notice_a_wrong_token(service: str) -> None:
    """Otherwise the test above tells nothing."""
    with socket.create_connection(("127.0.0.1", int(service.rpartition(":")[2])), timeout=5):
        assert requests.get(f"{service}/me", headers={"Authorization": "Bearer x"}, timeout=5).status_code == 401
        assert search("x", gzip.compress(b"x") + base64.b64encode(b"ab" + TOKEN.encode() + b"cdef")) != []
