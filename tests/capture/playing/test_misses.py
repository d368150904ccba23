"""What is said of a request that no recording answers, in the words that comparisons of sessions have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.capture.playing.recorded import Asked, ask, record

from hotfixture.capture.comparing.drift import compare_sessions
from hotfixture.capture.playing.playback import Playback
from hotfixture.cli.hfit_capture_shown import drift_lines
from hotfixture.errors import ReplayMissError

URL = "https://api.example/orders/17"
UUIDS = ["0b9e8f0a-5f0c-4c2e-9d0f-6a1f4dbb6f10", "9f0c1c1e-0a44-4e7e-8f0a-77aa4dbb6f99"]


def post(body: Any, url: str = URL) -> Asked:
    return ("POST", url, body)


CASES = [
    (post({"a": 5}), post({"a": 6}), "body.a: recorded 5, asked 6"),
    (post({"a": 5}), post({"a": "5"}), 'body.a: recorded 5, asked "5"'),
    (post({"a": 1}), post({"a": True}), "body.a: recorded 1, asked true"),
    (post({"a": 5, "b": 1}), post({"a": 5}), "body.b: was recorded (1), is not asked"),
    (post({"a": 5}), post({"a": 5, "b c": "x"}), 'body.b c: is asked ("x"), was not recorded'),
    (post([1, 2, 4]), post([1, 2]), "body: recorded 3 elements, asked 2"),
    (post(["x", "y"]), post(["y", "x"]), "body: the same elements in another order"),
    (post(1), post(1, URL + "?page=2"), 'query.page: is asked ("2"), was not recorded'),
    (post(1), post(1, URL + "8"), 'path[1]: recorded "17", asked "178"'),
]


@pytest.mark.parametrize(("recorded", "asked", "said"), CASES, ids=[said for _, _, said in CASES])
def test_a_miss_and_a_comparison_say_the_same(tmp_path: Path, recorded: Asked, asked: Asked, said: str) -> None:
    """Case 28."""
    folder = record(tmp_path, [(recorded, "ok")])
    playback = Playback(folder)
    with pytest.raises(ReplayMissError) as caught:
        ask(playback, asked)
    playback.close()
    assert caught.value.problems[0].message.endswith(f" differs from what was recorded: {said}")
    lines = list(drift_lines(compare_sessions(folder, record(tmp_path, [(asked, "ok")]))))
    assert [line.split(maxsplit=1)[1] for line in lines if line.startswith("  ")] == [said]


def test_the_nearest_of_several_is_named_and_what_passes_is_not(tmp_path: Path) -> None:
    folder = record(tmp_path, [(post({"a": 1, "b": 1}), 1), (post({"a": 2, "b": 2, "id": UUIDS[0]}), 2)])
    playback = Playback(folder)
    with pytest.raises(ReplayMissError, match=r"recorded: body\.b: recorded 2, asked 3\n"):
        ask(playback, post({"a": 2, "b": 3, "id": UUIDS[1]}))
    playback.close()


def test_where_only_what_passes_differs_and_is_not_forgiven_it_is_said(tmp_path: Path) -> None:
    """As in a path."""
    playback = Playback(record(tmp_path, [(("GET", f"{URL}/{UUIDS[0]}", None), "ok")]))
    with pytest.raises(ReplayMissError, match=rf'path\[2\]: recorded "{UUIDS[0]}", asked "{UUIDS[1]}"\n'):
        ask(playback, ("GET", f"{URL}/{UUIDS[1]}", None))
    playback.close()


def test_another_host_is_named(tmp_path: Path) -> None:
    playback = Playback(record(tmp_path, [(post(1), "ok")]))
    with pytest.raises(ReplayMissError, match=r'host: recorded "https://api.example", asked "https://other.example"\n'):
        ask(playback, post(1, "https://other.example/orders/17"))
    playback.close()
