"""The walk of examples/capture runs: recorded, analysed, compared, made into mocks, played back, served."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.plugins import ALONE

WALK = Path(__file__).parent.parent / "examples" / "capture" / "walk.py"
SECRETS = (b"T0psecret-walk!", b"carla.brandt@bank")


def test_the_walk_goes_through_and_leaves_no_secret(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TEST_", "PYTEST_"))}
    environment["PYTEST_ADDOPTS"] = ALONE
    done = subprocess.run(
        [sys.executable, str(WALK), str(tmp_path)], env=environment, capture_output=True, check=False, timeout=120
    )
    shown = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == 0, shown
    assert shown.count("4 passed") == 3
    assert "type_mismatch at body.rate" in shown
    assert "10 of 10 interactions agree" in shown
    assert "10 played" in shown
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"report.md", "report.html", "new_mocks.json"} <= {path.name for path in files}
    assert [path for path in files if any(secret in path.read_bytes() for secret in SECRETS)] == []
