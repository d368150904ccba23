"""Calls to be recorded, without any library: what hooks do, done by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hotfixture.capture import journal, tapes
from hotfixture.capture.records import Interaction

ROOT = Path(__file__).parent.parent.parent


def call(name: str, value: Any = None, *, operation: str = "ask") -> None:
    """One call of the tape that this context has, if it has any."""
    tape: Any = tapes.current()
    if tape is not None:
        tape.begin("call", "svc", operation, {"name": name}).done(name=name, value=value)


def names(interactions: Iterable[Interaction]) -> Counter[str]:
    """What was asked, and how often; each answer stands on its own call."""
    found = Counter[str]()
    for one in interactions:
        assert one.response is None or one.response["name"] == one.request["name"], one
        found[one.request["name"]] += 1
    return found


def only(directory: Path) -> Path:
    """The folder of the one session that there is."""
    (folder,) = (path for path in directory.iterdir() if path.is_dir())
    return folder


def run(program: str, *arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program with this directory's calls at hand, and give what it said."""
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]), **environment},
        capture_output=True, text=True, check=check, timeout=120,
    )  # fmt: skip


def read(directory: Path) -> list[Interaction]:
    """All that the one session of a directory holds."""
    return list(journal.read(only(directory)))
