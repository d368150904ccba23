"""What `hfit capture compare` is told on the command line decides what counts (cases 28 and 29)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.capture import made

from hotfixture.cli import output
from hotfixture.cli.hfit import hfit

Compare = Callable[..., tuple[int, str]]


@pytest.fixture
def recordings(tmp_path: Path) -> list[Path]:
    """Three recordings of one program: `nonce` and `at` differ from one to the next."""

    def one(number: int) -> Path:
        def order(path: int, **more: Any) -> dict[str, Any]:
            said = {"id": path, "total": 12.5, "items": [1, 2], "nonce": f"n-{number}-{path}", **more}
            return made.http(path, "GET", f"/orders/{path}", said=said)

        calls = [order(1), order(2, note=None)]
        calls.append(made.http(3, "POST", "/orders", 201, {"id": 9}, sent={"sku": "A", "trace": f"t-{number}"}))
        return made.session(tmp_path / f"capture_20261121_16150{number}_{number}.json", calls)

    return [one(number) for number in range(3)]


@pytest.fixture
def compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Compare:
    """Exit code and output of a comparison; mocks may be a dict."""

    def ran(capture: Path, mocks: Any, *options: str | Path) -> tuple[int, str]:
        if isinstance(mocks, dict):
            (tmp_path / "mocks.json").write_text(json.dumps(mocks))
            mocks = tmp_path / "mocks.json"
        code = output.run(hfit, ["capture", "compare", str(capture), str(mocks), *map(str, options)])
        return code, capsys.readouterr().out

    return ran


@pytest.fixture
def mocks(recordings: list[Path], tmp_path: Path) -> Path:
    """Mocks of the first recording: one exact rule for each request."""
    path = tmp_path / "new.json"
    words = ["capture", "baseline", str(recordings[0]), str(path), "--generalise"]
    assert output.run(hfit, words) == 0
    return path


def test_without_learning_every_nonce_is_a_difference(compare: Compare, recordings: list[Path], mocks: Path) -> None:
    code, said = compare(recordings[1], mocks, "--verbose", "--fail-under", "100")
    assert code == 1
    assert "n-1-1" in said


def test_what_differs_between_recordings_does_not_count_and_is_shown(
    compare: Compare, recordings: list[Path], mocks: Path
) -> None:
    """Case 28: learned from three recordings are exactly `nonce` of the answers and `trace` of the requests."""
    learn = ("--learn-from", recordings[0], "--learn-from", recordings[2])
    code, said = compare(recordings[1], mocks, *learn, "--json")
    told = json.loads(said)
    assert {(one["side"], one["path"]) for one in told["volatile"]} == {
        ("request", "body.trace"), ("response", "body.nonce")}  # fmt: skip
    assert {one["operation"]: one["accuracy"] for one in told["by_operation"]}["GET /orders/{id}"] == 1.0
    assert code == 0
    drifted = compare(recordings[0], recordings[1], "--fail-under", "100")
    assert (drifted[0], "trace" in drifted[1]) == (1, True)
    quiet = compare(recordings[0], recordings[1], "--learn-from", recordings[2], "--fail-under", "100")
    assert quiet[0] == 0, quiet[1]


def test_mocks_that_are_none_lack_everything(compare: Compare, recordings: list[Path]) -> None:
    code, said = compare(recordings[0], {}, "--fail-under", "1", "--json")
    assert code == 1
    assert {one["operation"] for one in json.loads(said)["missing_mocks"]} == {"GET /orders/{id}", "POST /orders"}


def test_a_place_that_is_ignored_does_not_count(compare: Compare, recordings: list[Path], mocks: Path) -> None:
    code, said = compare(recordings[1], mocks, "--ignore", "body.nonce", "--ignore", "**.trace", "--fail-under", "60")
    assert code == 0, said
    assert compare(recordings[1], mocks, "--ignore", "body.total", "--fail-under", "60")[0] == 1


def flat(**changes: Any) -> dict[str, Any]:
    said = {"id": 1, "total": 12.5, "items": [1, 2], "nonce": "n-0-1", **changes}
    return {"api.shop.example.GET /orders/{id}": {"status": 200, "body": {"json": said}}}


@pytest.mark.parametrize(
    ("changes", "options", "agrees"),
    [
        ({}, (), True),
        ({"total": 12.6}, (), False),
        ({"total": 12.6}, ("--tolerance", "0.02"), True),
        ({"total": 13.6}, ("--tolerance", "0.02"), False),
        ({"id": 1.0}, (), True),
        ({"items": [2, 1]}, (), False),
    ],
)
def test_tolerances_are_what_they_say(
    compare: Compare, tmp_path: Path, changes: Any, options: tuple[str, ...], agrees: bool
) -> None:
    """Case 29."""
    said = {"id": 1, "total": 12.5, "items": [1, 2], "nonce": "n-0-1"}
    capture = made.session(tmp_path / "capture_20261121_161500_7.json", [made.http(1, "GET", "/orders/1", said=said)])
    code, printed = compare(capture, flat(**changes), *options, "--fail-under", "100")
    assert code == (0 if agrees else 1), printed


def test_strictly_a_cosmetic_difference_counts_too(compare: Compare, tmp_path: Path) -> None:
    said = {"id": 1, "total": 12.5, "items": [1, 2], "nonce": "n-0-1"}
    capture = made.session(tmp_path / "capture_20261121_161500_7.json", [made.http(1, "GET", "/orders/1", said=said)])
    extra = flat(added="by the mock")
    codes = [compare(capture, extra, *options, "--fail-under", "100")[0] for options in ((), ("--strict",))]
    assert codes[1] == 1
    assert json.loads(compare(capture, extra, "--json")[1])["total_comparisons"] == 1


def test_two_sessions_tell_drift_by_default(compare: Compare, recordings: list[Path], tmp_path: Path) -> None:
    """Case 28: the code sends another field now; the exit code tells."""
    calls = [made.http(1, "GET", "/orders/1", said={}), made.http(3, "POST", "/orders", 201, {}, sent={"sku": "B"})]
    other = made.session(tmp_path / "capture_20261121_161509_9.json", calls)
    code, said = compare(recordings[0], other, "--fail-under", "100")
    assert code == 1
    assert "sku" in said
    assert compare(recordings[0], recordings[0], "--fail-under", "100")[0] == 0


def test_the_output_is_a_file_where_that_is_asked_for(
    compare: Compare, recordings: list[Path], mocks: Path, tmp_path: Path
) -> None:
    code, said = compare(recordings[0], mocks, "--output", tmp_path / "out.txt", "--fail-under", "100")
    assert code == 0, said
    assert "100" in (tmp_path / "out.txt").read_text()
