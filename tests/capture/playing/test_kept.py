"""Recordings read as far as they are asked for are the recordings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.capture.playing.recorded import JSON

from hotfixture.capture import journal, one_file
from hotfixture.capture.playing import kept
from hotfixture.capture.playing.kept import Answers, Kept
from hotfixture.capture.playing.playback import Playback
from hotfixture.capture.records import Interaction
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.capture.session import Session
from hotfixture.errors import CaptureError
from hotfixture.transforms.masks.keys import MaskingKey

LARGE = json.dumps({"items": ["some words"] * 20_000}).encode()


def session(directory: Path, count: int = 5) -> Path:
    """A session of exchanges, the last of them large both ways."""
    made = Session("kept", directory=directory, within=True)
    for number in range(count):
        call = made.begin("http", "api.example", "POST /a", {"method": "POST", "url": f"https://api.example/a?n={number}",
                                                             "headers": JSON})  # fmt: skip
        call.send(LARGE if number == count - 1 else b'{"n": %d}' % number)
        call.answered(status=200, reason="OK", version="HTTP/1.1", headers=JSON)
        call.chunk(LARGE if number == count - 1 else b'{"answer": %d}' % number)
        call.done()
    made.close()
    return made.folder


def plain(one: Interaction) -> Any:
    return msgspec.to_builtins(one)


@pytest.mark.parametrize("form", ["folder", "file"])
def test_what_is_read_late_is_what_is_read_at_once(tmp_path: Path, form: str) -> None:
    path = session(tmp_path)
    if form == "file":
        one_file.write(tmp_path / "one.json", {"session_id": "1", "timestamp": ""}, list(journal.read(path)))
        path = tmp_path / "one.json"
    found = list(kept.read(path))
    assert all(isinstance(one, Kept) for one in found)
    for late, now in zip(found, journal.read(path), strict=True):
        assert plain(kept.whole(late)) == plain(now)
        assert kept.asked(late) == now.request
        assert {name: getattr(late, name) for name in ("id", "service", "operation", "kind", "scope", "response")} == {
            name: getattr(now, name) for name in ("id", "service", "operation", "kind", "scope", "response")
        }
        answer = kept.answer(late)
        assert (answer.id, answer.response, answer.chunks) == (now.id, now.response, now.chunks)


def test_a_playback_of_a_folder_answers_as_one_of_its_interactions(tmp_path: Path) -> None:
    path = session(tmp_path)
    for source in (path, list(journal.read(path))):
        playback = Playback(source)
        for number in (4, 2, 0, 1, 3):
            asked = {"method": "POST", "url": f"https://api.example/a?n={number}", "headers": JSON}
            sent = LARGE if number == 4 else b'{"n":%d}' % number
            played = playback.play("http", "api.example", "POST /a", asked, [sent])
            assert played.body == (LARGE if number == 4 else b'{"answer": %d}' % number)
            assert played.interaction.request["url"] == asked["url"]
        assert playback.close().problems() == []


def test_a_line_that_is_none_is_told_with_its_place(tmp_path: Path) -> None:
    path = session(tmp_path)
    (journal_,) = path.glob("*.jsonl")
    lines = journal_.read_bytes().splitlines(keepends=True)
    journal_.write_bytes(b"".join([*lines[:2], b'{"id": 7}\n', *lines[2:]]))
    with pytest.raises(CaptureError, match=r"no interaction.*"):
        list(kept.read(path))


def test_an_answer_that_is_gone_is_told_when_it_is_played(tmp_path: Path) -> None:
    path = session(tmp_path)
    playback = Playback(path)
    (played, *_) = (one for one in playback.interactions if one.number == 5)
    for blob in (path / "blobs").iterdir():
        blob.unlink()
    with pytest.raises(CaptureError, match="moved as a whole"):
        kept.answer(played)
    playback.close()


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12) | st.integers(1, 10**15)


def line(number: int, name: Any) -> Kept:
    """A recording of an answer that speaks of somebody of that name."""
    one = Interaction(
        id=f"x-{number}", timestamp="", service="a", operation="GET /", request={}, start_time=1.0, duration_ms=1.0,
        status="success", kind="http", response={"body": {"json": {"user": {"first_name": name}}}},
    )  # fmt: skip
    return Kept(msgspec.json.encode(one), Path("none"), number, None)


@given(st.lists(NAMES, min_size=1, max_size=5), NAMES)
@example(['"Anna" \\ \u00e9\U0001f600'], "Otto")
def test_names_of_recorded_answers_are_known_and_others_are_not(names: list[Any], other: Any) -> None:
    one = Sanitiser(MaskingKey(bytes(32)), {"environment": False})
    one.adopt_from(Answers([line(number, name) for number, name in enumerate(names)]))
    for name in names:
        assert one.value({"first_name": name}) == {"first_name": name}
    asked = one.value({"first_name": other})
    assert asked == (
        {"first_name": other} if str(other) in map(str, names)
        else Sanitiser(MaskingKey(bytes(32)), {"environment": False}).value({"first_name": other})
    )  # fmt: skip


def test_each_answer_is_given_once_however_much_is_asked() -> None:
    found = Answers([line(number, f"Name {number}") for number in range(200)])
    first = [answer["body"]["json"]["user"]["first_name"] for answer in found("Name 7")]
    assert first == ["Name 7", *(f"Name 7{number}" for number in range(10))]
    assert found("Name 7") == []
    others = [found(f"nobody {number}") for number in range(100)]
    assert sum(map(len, others)) == 200 - len(first)
