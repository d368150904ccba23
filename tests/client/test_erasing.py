"""Erasing: the bytes are overwritten where they stand, and only those of the file that is meant."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from hotfixture.client.erasing import erase
from hotfixture.errors import HotFixtureError, RefusedError

SECRET = b"anna.kern@firm.test" * 100_000


def test_the_bytes_are_overwritten_before_the_name_goes(tmp_path: Path):
    path = tmp_path / "a"
    path.write_bytes(SECRET)
    with path.open("rb") as still:  # the file itself, whatever its name
        erase(path)
        found = still.read()
    assert not path.exists()
    assert not list(tmp_path.iterdir())
    assert len(found) == len(SECRET)
    assert b"anna" not in found


def test_an_empty_file_goes_too(tmp_path: Path):
    (tmp_path / "a").touch()
    erase(tmp_path / "a")
    assert not list(tmp_path.iterdir())


def test_a_link_is_refused_and_its_target_untouched(tmp_path: Path):
    (tmp_path / "a").write_bytes(SECRET)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with pytest.raises(RefusedError, match="link"):
        erase(tmp_path / "link")
    assert (tmp_path / "a").read_bytes() == SECRET


def test_a_file_with_another_name_is_refused(tmp_path: Path):
    (tmp_path / "a").write_bytes(SECRET)
    os.link(tmp_path / "a", tmp_path / "b")
    with pytest.raises(RefusedError, match="other names"):
        erase(tmp_path / "a")
    assert (tmp_path / "b").read_bytes() == SECRET


def test_another_file_than_was_looked_at_is_refused(tmp_path: Path):
    (tmp_path / "a").write_bytes(SECRET)
    looked_at = (tmp_path / "a").stat()
    (tmp_path / "b").write_bytes(b"mine")
    (tmp_path / "b").replace(tmp_path / "a")
    with pytest.raises(RefusedError, match="another file"):
        erase(tmp_path / "a", looked_at)
    assert (tmp_path / "a").read_bytes() == b"mine"


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path):
    with pytest.raises(HotFixtureError, match="cannot be deleted"):
        erase(tmp_path / "a")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_what_is_no_file_is_refused(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RefusedError, match="no file"):
        erase(tmp_path / "pipe")
    assert (tmp_path / "pipe").exists()
