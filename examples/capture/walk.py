"""Recording, analysing, comparing, baselines, playing back, in one walk: `python examples/capture/walk.py [FOLDER]`.

It runs the tests of `test_rates.py` four times: against the service, against recordings with the service stopped,
and against mocks that were made of the recording.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
HFIT = [sys.executable, "-m", "hotfixture.capture"]
STALE = {
    "GET /rates/usd": {"status": 200, "body": {"currency": "usd", "rate": "1.10"}},
    "POST /bookings": {"status": 201, "body": {"number": 1, "amount": 250, "state": "booked"}},
}
"""The mocks that the team has been testing with: a rate that is a text, a booking without its total."""


def main() -> int:
    """Walk; the exit code."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="walk-"))
    folder.mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "TEST_CAPTURE_DIR": str(folder / "sessions"),
        "RATES_USER": "carla",
        "RATES_PASSWORD": "T0psecret-walk!",
    }
    new_mocks = folder / "new_mocks.json"

    title("1. The tests, as they are, against the real service; everything is recorded")
    with running([sys.executable, str(HERE / "service.py"), "0"]) as port:
        os.environ["RATES_URL"] = f"http://127.0.0.1:{port}"
        tests("capture")
    hfit("list")
    hfit("show")
    hfit("scan", str(folder / "sessions"))

    title("2. What the service did")
    hfit("analyze", "--output", str(folder / "report.md"))
    hfit("analyze", "--html", "--output", str(folder / "report.html"))

    title("3. How far the mocks in use are from that")
    stale = folder / "mocks.json"
    stale.write_text(json.dumps({f"127.0.0.1:{port}.{name}": mock for name, mock in STALE.items()}, indent=1))
    hfit("compare", "latest", str(stale), "--verbose", "--fail-under", "95", expected=1)

    title("4. Better mocks")
    hfit("baseline", "latest", str(new_mocks), "--generalise")
    hfit("compare", "latest", str(new_mocks), "--fail-under", "100")

    title("5. The tests again: the service is stopped, the network closed")
    tests("replay")

    title("6. The tests once more, against the mocks as a server: a program in any language could ask it")
    with running([*HFIT, "serve", str(new_mocks), "--port", "0"], told=sys.stderr) as served:
        os.environ["RATES_URL"] = f"http://127.0.0.1:{served}"
        tests("mock")
    print(f"\nAll of it stands in {folder}")
    return 0


def title(text: str) -> None:
    """A new part of the walk."""
    print(f"\n{text}\n{'-' * len(text)}", flush=True)


def tests(mode: str) -> None:
    """Run the tests in a mode."""
    run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(HERE / "test_rates.py")], TEST_MODE=mode)


def hfit(*words: str, expected: int = 0) -> None:
    """Run `hfit capture`."""
    run([*HFIT, *words], expected=expected)


def run(command: list[str], *, expected: int = 0, **environment: str) -> None:
    """Show a command, run it, and stop where it ends otherwise than it should."""
    shown = [Path(word).name if os.sep in word else word for word in command]
    print("$", *(f"{name}={value}" for name, value in environment.items()), *shown, flush=True)
    code = subprocess.run(command, env=os.environ | environment, cwd=HERE, check=False).returncode  # noqa: S603 - our own
    if code != expected:
        raise SystemExit(f"this should have ended with {expected}, and ended with {code}")


@contextmanager
def running(command: list[str], told: object = None) -> Iterator[int]:
    """A server beside us; gives its port, which stands in the first line that it prints."""
    where = {"stderr": subprocess.PIPE} if told is sys.stderr else {"stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **where) as server:  # noqa: S603 - our own
        line = (server.stderr or server.stdout).readline()
        try:
            yield int(line.rstrip("/\n").rpartition(":")[2])
        finally:
            server.terminate()


if __name__ == "__main__":
    sys.exit(main())
