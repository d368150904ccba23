"""Unified diffs."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hotfixture.server.gateway.templates.diffs import unified

LINES = st.lists(st.sampled_from(["", "a: 1", "b: 2", "  c\x0b: é", "d\r", "-x", "+y", "\\ No"]), max_size=12)
TEXTS = st.builds(lambda lines, end: "\n".join(lines) + end, LINES, st.sampled_from(["", "\n"]))


@given(TEXTS, TEXTS)
@example("a", "a\n")
@example("", "a")
@settings(max_examples=60)
def test_patch_makes_the_new_text_of_the_old_one(old: str, new: str) -> None:
    diff = unified(old, new, "old", "new")
    assert bool(diff) == (old != new)
    if not diff or not (old and new):  # `patch` removes a file that becomes empty
        return
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "file"
        path.write_bytes(old.encode())
        made = subprocess.run(["patch", "--binary", str(path)], input=diff.encode(), capture_output=True, check=False)
        assert made.returncode == 0, made.stdout
        assert path.read_bytes() == new.encode()


@pytest.mark.parametrize(("old", "new", "shown"), [("", "a\n", "+a"), ("a\n", "", "-a")])
def test_an_empty_text_is_shown_as_all_or_nothing(old: str, new: str, shown: str) -> None:
    assert shown in unified(old, new, "/dev/null", "revision 1").splitlines()
