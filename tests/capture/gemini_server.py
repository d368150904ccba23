"""A local server that answers as Gemini does: whole answers, streams of server-sent events, errors."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USAGE = {"promptTokenCount": 3, "candidatesTokenCount": 5, "totalTokenCount": 8}


def answer(text: str) -> dict[str, Any]:
    """An answer with a text."""
    return {
        "candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP"}],
        "usageMetadata": USAGE,
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = asked["contents"][-1]["parts"][0]["text"]
        if "streamGenerateContent" in self.path:
            self._stream(prompt)
        elif prompt == "too many":
            self._send(429, {"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}})
        elif prompt == "blocked":
            self._send(200, {"promptFeedback": {"blockReason": "SAFETY"}})
        elif prompt == "call":
            part = {"functionCall": {"name": "weather", "args": {"city": "Bern"}}}
            self._send(200, {"candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP"}]})
        else:
            self._send(200, answer(f"echo: {prompt}"))

    def _send(self, status: int, document: Any) -> None:
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, prompt: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for word in prompt.split():
            self.wfile.write(b"data: " + json.dumps(answer(word)).encode() + b"\r\n\r\n")
            self.wfile.flush()
            time.sleep(0.02)
        self.close_connection = True

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


@contextmanager
def serving() -> Iterator[str]:
    """The base URL of a running server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
