"""The real service of the walk: what some other team runs. `python service.py PORT`."""

from __future__ import annotations

import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

RATES = {"usd": 1.0842, "jpy": 163.91, "chf": 0.9517}
TOKENS: set[str] = set()
BOOKINGS: dict[int, dict[str, Any]] = {}


class Service(BaseHTTPRequestHandler):
    """Logs in, tells rates, books."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Rates, bookings, and a stream of ticks."""
        _, kind, *rest = self.path.split("/")
        if not self._known():
            self._answer(401, {"error": "who are you?"})
        elif kind == "ticks":
            self._stream()
        elif kind == "rates" and rest[0] in RATES:
            self._answer(
                200, {"currency": rest[0], "rate": RATES[rest[0]], "as_of": time.strftime("%FT%TZ", time.gmtime())}
            )
        elif kind == "bookings" and int(rest[0]) in BOOKINGS:
            self._answer(200, BOOKINGS[int(rest[0])])
        else:
            self._answer(404, {"error": "not found"})

    def do_POST(self) -> None:
        """Log in; book."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/login":
            token = f"tok_{secrets.token_hex(16)}"
            TOKENS.add(token)
            self._answer(
                200, {"access_token": token, "user": {"email": "carla.brandt@bank.example.com", "role": "trader"}}
            )
        elif not self._known():
            self._answer(401, {"error": "who are you?"})
        else:
            number = len(BOOKINGS) + 1
            rate = RATES[body["currency"]]
            BOOKINGS[number] = {"number": number, **body, "rate": rate, "total": round(body["amount"] * rate, 2),
                                "state": "booked", "trader": "carla.brandt@bank.example.com"}  # fmt: skip
            self._answer(201, BOOKINGS[number])

    def _known(self) -> bool:
        return self.headers.get("authorization", "").removeprefix("Bearer ") in TOKENS

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        for number in range(3):
            self.wfile.write(b"data: %s\n\n" % json.dumps({"currency": "usd", "rate": 1.08 + number / 100}).encode())
            self.wfile.flush()
            time.sleep(0.05)
        self.close_connection = True

    def _answer(self, status: int, value: Any) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Nothing: the walk tells its own story."""


def main() -> None:
    """Serve until killed; prints the port."""
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Service)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
