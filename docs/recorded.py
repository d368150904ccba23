"""The picture of recordings: the commands, and what they print about the tests of `examples/capture`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

EXAMPLE = Path(__file__).parent.parent / "examples" / "capture"
sys.path.insert(0, str(EXAMPLE))
import walk  # noqa: E402 - stands there

SECRETS = {
    "HFIT_MASKING_KEY": sha256(b"the picture").hexdigest(),
    "RATES_USER": "carla",
    "RATES_PASSWORD": "T0psecret!",
}
COMMANDS = (
    "TEST_MODE=capture pytest -q",
    "hfit capture compare latest mocks.json --verbose",
    "hfit capture baseline latest new_mocks.json --generalise",
    "hfit capture compare latest new_mocks.json",
    "TEST_MODE=replay pytest -q",
)
ALIKE = (
    (r"(capture_\d{4})\d+_\d+_\d+", r"\1…"),
    (r"\d{4}-\d\d-\d\dT[\d:]+Z", "2026-11-21T12:00:00Z"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:8953"),
    (r" in \d+\.\d+s", ""),
    (r"={10,} hotfixture ={10,}", "=" * 34 + " hotfixture " + "=" * 34),
)
"""What is another in each run, and what stands in its place."""


def printed() -> Iterator[tuple[str, str]]:
    """Each command with what it printed; SystemExit where one fails."""
    with tempfile.TemporaryDirectory() as folder:
        own = {**SECRETS, "TEST_CAPTURE_DIR": f"{folder}/sessions"}
        with walk.running([sys.executable, str(EXAMPLE / "service.py"), "0"]) as port:
            own["RATES_URL"] = f"http://127.0.0.1:{port}"
            yield COMMANDS[0], _said(COMMANDS[0], folder, own)
        mocks = {f"127.0.0.1:{port}.{name}": mock for name, mock in walk.STALE.items()}
        Path(folder, "mocks.json").write_text(json.dumps(mocks), encoding="utf-8")
        for command in COMMANDS[1:]:  # the service is stopped
            yield command, _said(command, folder, own)


def _said(command: str, folder: str, own: dict[str, str]) -> str:
    words = command.split()
    if words[0].startswith("TEST_MODE="):
        own = own | {"TEST_MODE": words[0].partition("=")[2]}
        words, place = ["pytest", *words[2:], "-p", "no:cacheprovider", "test_rates.py"], str(EXAMPLE)
    else:
        words, place = ["hotfixture.capture", *words[2:]], folder
    done = subprocess.run(  # noqa: S603 - this interpreter, and commands of this file
        [sys.executable, "-m", *words], cwd=place, env=os.environ | own, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{command} fails: {done.stdout}{done.stderr}")
    text = done.stdout.replace(f"{folder}/", "")
    for pattern, instead in ALIKE:
        text = re.sub(pattern, instead, text)
    return text.strip()
