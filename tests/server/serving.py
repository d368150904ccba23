"""A server of ours as a real process on a free loopback port: started, read by its log, ended."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import httpx
from tests.forking import CAN_FORK, Forked, begin

BIN = Path(sys.executable).parent


def _begun(command: Sequence[str], environment: Mapping[str, str], log: BinaryIO) -> subprocess.Popen[bytes]:
    tether = ["setpriv", "--pdeathsig", "KILL", "--"] if sys.platform == "linux" and shutil.which("setpriv") else []
    return subprocess.Popen([*tether, *command], stderr=log, stdout=log, env=environment)


def _forked(command: Sequence[str], environment: Mapping[str, str], log: BinaryIO) -> Forked:
    return begin(command, Path.cwd(), environment, out=log, err=log)


def kill(pid: int) -> bool:
    """End a process as `kill -9` does; False where it is gone, as it may be at any moment."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


class Serving:
    """A running server; `url` and `client` speak to it."""

    def __init__(
        self, command: Sequence[str], log: Path, *, own: str, environment: Mapping[str, str] | None, anew: bool = False
    ) -> None:
        """`own` begins the variables that it is not to take from this process; `anew` where `/proc` is looked at."""
        self.log = log
        self._before = log.stat().st_size if log.exists() else 0
        kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
        given = {**kept, **(environment or {})}
        anew = anew or any(name.startswith(("PYTHON", "LD_")) for name in environment or {})
        with log.open("ab") as stream:
            self.process = _begun(command, given, stream) if anew or not CAN_FORK else _forked(command, given, stream)
        self.url = f"http://127.0.0.1:{self._port()}"
        self.client = httpx.Client(base_url=self.url, timeout=30, trust_env=False)

    def _port(self) -> int:
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline and self.process.poll() is None:
            for line in self.lines():
                if line.get("event") == "serving":
                    return int(line["port"])
            time.sleep(0.02)
        raise RuntimeError(f"the server did not start ({self.process.poll()}): {self.log.read_text()}")

    def lines(self) -> list[dict[str, Any]]:
        """What it has logged, without what servers before it in the same file did."""
        found = []
        for line in self.log.read_bytes()[self._before :].decode(errors="replace").splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                found.append({"event": "", "text": line})
        return found

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self.process.kill()
        self.process.wait()
        self.client.close()

    def stop(self) -> int:
        """End it as an administrator does; its exit code."""
        self.client.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)
