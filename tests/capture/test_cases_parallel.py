"""Case 15: what is made of recordings does not depend on which of several parallel answers came first."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from tests.capture import made

from hotfixture.cli import output
from hotfixture.cli.hfit import hfit


def recorded(path: Path, order: tuple[int, ...]) -> Path:
    """A session of three identical questions asked at once, and one before them."""
    before = made.http(1, "GET", "/health", said={"ok": True}, start_time=0.5)
    parallel: list[dict[str, Any]] = [
        made.http(
            number, "GET", "/jobs", said={"state": answer}, start_time=1 + number / 1000, duration_ms=100 + number
        )
        for number, answer in enumerate(order, 2)
    ]
    for one in (before, *parallel):
        one["response"]["headers"] = [["Content-Type", "application/json"]]
    return made.session(path, [before, *parallel])


@pytest.mark.parametrize(
    "words",
    [
        ("baseline",), ("baseline", "--generalise"), ("convert", "--to", "openapi"), ("convert", "--to", "wiremock"),
        ("convert", "--to", "mocks"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_the_same_file_is_made_whichever_answer_came_first(words: tuple[str, ...], tmp_path: Path) -> None:
    files = set()
    for order in permutations((1, 2, 3)):
        session = recorded(tmp_path / "capture_20261121_161500_1.json", order)
        target = tmp_path / "made.json"
        assert output.run(hfit, ["capture", words[0], str(session), str(target), *words[1:]]) == 0
        files.add(target.read_bytes())
    assert len(files) == 1
