"""The four modes, and what the environment says about them; read anew each time, so that tests may change it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

MODES = ("mock", "real", "capture", "replay")
DEFAULT = "mock"


def mode(given: str | None = None, environment: Mapping[str, str] | None = None) -> str:
    """The mode that was asked for, else that of `TEST_MODE`; ValueError names the modes there are."""
    environment = os.environ if environment is None else environment
    wanted = (given if given is not None else environment.get("TEST_MODE") or DEFAULT).strip().lower()
    if wanted not in MODES:
        raise ValueError(f"TEST_MODE={wanted!r}: expected one of {', '.join(MODES)}")
    return wanted


def directory(given: str | Path | None = None, environment: Mapping[str, str] | None = None) -> Path:
    """Where sessions go: what was given, else `TEST_CAPTURE_DIR`, else `test_captures` in the temporary folder."""
    environment = os.environ if environment is None else environment
    named = given or environment.get("TEST_CAPTURE_DIR")
    return Path(named) if named else Path(tempfile.gettempdir()) / "test_captures"
