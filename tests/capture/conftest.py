"""Every test of recordings has a masking key of its own, and a directory for its sessions."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def masking_key(monkeypatch: pytest.MonkeyPatch) -> str:
    """A key that is not the user's; programs that a test starts have it too."""
    key = bytes(range(32)).hex()
    monkeypatch.setenv("HFIT_MASKING_KEY", key)
    return key


@pytest.fixture
def sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the sessions of this test go."""
    directory = tmp_path / "sessions"
    monkeypatch.setenv("TEST_CAPTURE_DIR", str(directory))
    return directory
