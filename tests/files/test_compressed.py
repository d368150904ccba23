"""A compressed file gives back what was written, and the same bytes give the same file."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotfixture.files.compressed import SUFFIXES, best, opener


@pytest.mark.parametrize("kind", SUFFIXES)
def test_what_was_written_is_read(kind: str, tmp_path: Path) -> None:
    text = bytes(range(256)) * 3000
    packed = []
    for name in ("one", "two"):
        with opener(kind)(tmp_path / name, "wb") as out:
            out.write(text[:7])
            out.write(text[7:])
        with opener(kind)(tmp_path / name, "rb") as source:
            assert source.read(3) == text[:3]
            assert source.read() == text[3:]
        packed.append((tmp_path / f"{name}{SUFFIXES[kind]}").read_bytes())
    assert packed[0] == packed[1]
    assert len(packed[0]) < len(text) / 10


def test_the_best_is_one_that_opens() -> None:
    assert best() in SUFFIXES
