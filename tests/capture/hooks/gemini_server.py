"""A server that speaks as Gemini's API does, as far as its client package asks; on loopback, over plain HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

KEY = "AIzaSyA-not-a-real-key-0123456789abcdef"
WORDS = ["The ", "answer ", "is ", "forty", "-two."]


class Gemini:
    """Runs until `stop`; `asked` has the path of every request, `refusals` is how many calls meet 429 first."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.refusals = 0
        self.uploads: dict[str, bytes] = {}
        gemini = self

        class Handler(_Handler):
            server_state = gemini

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """No more answers."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server_state: Gemini
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Silence."""

    def do_GET(self) -> None:
        self.server_state.asked.append(self.path)
        name = urlsplit(self.path).path.rpartition("/")[2]
        self._json(200, _file(name, self.server_state.uploads.get(name, b"")))

    def do_POST(self) -> None:
        state = self.server_state
        state.asked.append(self.path)
        body = self._body()
        path = urlsplit(self.path).path
        if "upload/" in path:
            address = f"{state.url}/put/one?upload_id=abc"
            self._json(200, {}, {"X-Goog-Upload-URL": address, "X-Goog-Upload-Status": "active"})
        elif path.startswith("/put/"):
            self._upload(body)
        elif state.refusals:
            state.refusals -= 1
            error = {"code": 429, "message": "Resource has been exhausted", "status": "RESOURCE_EXHAUSTED"}
            self._json(429, {"error": error}, {"Retry-After": "1"})
        elif path.endswith(":streamGenerateContent"):
            self._events(_stream(_prompt(body)))
        elif path.endswith(":countTokens"):
            self._json(200, {"totalTokens": len(_prompt(body))})
        else:
            self._json(200, _answer(json.loads(body)))

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        pieces = []
        while size := int(self.rfile.readline(), 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def _upload(self, body: bytes) -> None:
        state = self.server_state
        state.uploads["one"] = state.uploads.get("one", b"") + body
        final = "finalize" in self.headers["X-Goog-Upload-Command"]
        told = {"file": _file("one", state.uploads["one"])} if final else {}
        self._json(200, told, {"X-Goog-Upload-Status": "final" if final else "active"})

    def _json(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(data)))
        for name, one in (headers or {}).items():
            self.send_header(name, one)
        self.end_headers()
        self.wfile.write(data)

    def _events(self, events: Iterator[Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in events:
            data = f"data: {json.dumps(event)}\r\n\r\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()
            time.sleep(0.02)
        self.wfile.write(b"0\r\n\r\n")


def _prompt(body: bytes) -> str:
    return str(json.loads(body)["contents"][-1]["parts"][-1].get("text", ""))


def _stream(prompt: str) -> Iterator[Any]:
    for number, word in enumerate(WORDS):
        yield _told([{"text": word}], prompt, finished=number == len(WORDS) - 1)


def _answer(asked: Any) -> Any:
    parts = asked["contents"][-1]["parts"]
    said = parts[-1].get("text", "")
    if "forbidden" in said:
        return {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 3}}
    if asked.get("tools") and "functionResponse" not in parts[-1]:
        return _told([{"functionCall": {"name": "weather", "args": {"city": "Paris"}}}], said)
    if "functionResponse" in parts[-1]:
        return _told([{"text": f"It is {parts[-1]['functionResponse']['response']['result']}."}], said)
    return _told([{"text": f"{len(asked['contents'])}: {said}"}], said)


def _told(parts: list[Any], prompt: str, *, finished: bool = True) -> Any:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
    if finished:
        candidate["finishReason"] = "STOP"
    usage = {"promptTokenCount": len(prompt), "candidatesTokenCount": 5, "totalTokenCount": len(prompt) + 5}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini-test", "responseId": "r1"}


def _file(name: str, data: bytes) -> Any:
    return {
        "name": f"files/{name}", "mimeType": "text/plain", "sizeBytes": str(len(data)),
        "createTime": "2026-01-02T03:04:05.678901Z", "uri": f"https://gemini.example/v1beta/files/{name}",
        "state": "ACTIVE", "source": "UPLOADED",
    }  # fmt: skip
