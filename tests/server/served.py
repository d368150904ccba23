"""A real `mockcraft server`, started as a process on a free loopback port, and a client for it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from tests.server.serving import BIN, Serving

SMALL = """
tables:
  users:
    count: 500
    columns:
      id: {type: integer, primary_key: true, generator: sequence}
      email: {type: text, generator: email}
  orders:
    count: 2000
    columns:
      id: {type: integer, primary_key: true, generator: sequence}
      user_id: {type: integer, references: users.id}
"""


ENDED = ("done", "failed", "cancelled", "expired")


def large(rows: int, tables: int = 4) -> str:
    """A schema that takes some seconds: tables `t0` … of so many rows."""
    columns = "{id: {type: integer, primary_key: true, generator: sequence}, name: {type: text, generator: full_name}}"
    made = "".join(f"  t{number}: {{count: {rows}, columns: {columns}}}\n" for number in range(tables))
    return f"tables:\n{made}"


class Served(Serving):
    """A running `mockcraft server`."""

    def __init__(self, folder: Path, *flags: str, environment: Mapping[str, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.data = folder / "data"
        command = [str(BIN / "mockcraft"), "server", "--port", "0"]
        command += [] if "--data" in flags else ["--data", str(self.data)]
        super().__init__([*command, *flags], folder / "log", own="MOCKCRAFT_", environment=environment)

    def logged(self, request_id: str, event: str = "request") -> dict[str, Any]:
        """The line of a request; it is written when the answer has gone out."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for line in self.lines():
                if (line.get("id"), line.get("event")) == (request_id, event):
                    return line
            time.sleep(0.01)
        raise AssertionError(f"{request_id} is not in the log")

    def get(self, path: str, **options: Any) -> httpx.Response:
        """GET."""
        return self.client.get(path, **options)

    def seed(self, schema: str, query: str = "", **headers: str) -> httpx.Response:
        """POST /api/seed."""
        sent = {
            "content-type": "application/yaml",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return self.client.post(f"/api/seed{query}", content=schema, headers=sent)

    def begun(self, schema: str, query: str = "", **headers: str) -> str:
        """The id of a new job."""
        answer = self.seed(schema, query, **headers)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        """GET /api/jobs/{id}."""
        answer = self.get(f"/api/jobs/{job_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def until(self, job_id: str, *states: str, seconds: float = 60) -> dict[str, Any]:
        """The job once it is in one of the states (default: at its end)."""
        wanted = states or ENDED
        deadline = time.monotonic() + seconds
        while (found := self.job(job_id))["state"] not in wanted:
            over = time.monotonic() > deadline or (found["state"] in ENDED and "expired" not in wanted)
            assert not over, f"{found}\n{self.log.read_text()}"
            time.sleep(0.03)
        return found

    def workers(self, *job_ids: str) -> list[int]:
        """The living processes that run the jobs, as the log names them."""
        started = [line for line in self.lines() if line.get("event") == "worker started"]
        return [line["pid"] for line in started if line["job"] in job_ids and _lives(line["pid"])]


def _lives(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
