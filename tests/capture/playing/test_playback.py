"""A playback answers what was recorded, in its order, once; whatever else is asked is a miss that says why."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.capture.playing.recorded import ask, http, record

from hotfixture.capture.calls import Call
from hotfixture.capture.playing.playback import Playback, replay
from hotfixture.capture.session import Session
from hotfixture.errors import CaptureError, ReplayMissError

HOST = "https://api.example"
GET = ("GET", f"{HOST}/orders/17", None)


def order(amount: int, **more: Any) -> tuple[str, str, Any]:
    return "POST", f"{HOST}/orders", {"amount": amount, **more}


def test_the_same_question_is_answered_in_the_recorded_order_and_then_missed(tmp_path: Path) -> None:
    """Case 13."""
    folder = record(tmp_path, [(GET, n) for n in (1, 2, 3)])
    playback = Playback(folder)
    assert [ask(playback, GET) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(ReplayMissError, match="more often than it was recorded"):
        ask(playback, GET)
    playback.close()
    assert playback.problems() == [f"1 misses: GET {HOST}/orders/17 was asked more often than it was recorded"]


def test_the_last_answer_is_repeated_where_that_is_asked_for_and_counted(tmp_path: Path) -> None:
    """Case 13, the other policy."""
    playback = Playback(record(tmp_path, [(GET, 1), (GET, 2)]), more="repeat")
    assert [ask(playback, GET) for _ in range(4)] == [1, 2, 2, 2]
    assert len(playback.close().repeated) == 2
    assert playback.problems() != []
    assert playback.tally.problems(frozenset({"repeated"})) == []


def test_what_is_read_after_a_change_is_what_was_read_after_it(tmp_path: Path) -> None:
    """Case 14: the program polls twice where the recording polled three times."""
    folder = record(tmp_path, [(GET, "new"), (GET, "new"), (GET, "new"), (order(5), "ok"), (GET, "paid")])
    playback = Playback(folder)
    for asked, answer in [(GET, "new"), (GET, "new"), (order(5), "ok"), (GET, "paid")]:
        assert ask(playback, asked) == answer
    assert len(playback.close().unplayed) == 1


def test_a_changed_field_of_the_body_is_a_miss_that_names_it(tmp_path: Path) -> None:
    """Case 28: the URL matches, the body does not."""
    playback = Playback(record(tmp_path, [(order(5, note="x"), "ok")]))
    with pytest.raises(ReplayMissError, match=r"body\.amount: recorded 5, asked 6\n") as caught:
        ask(playback, order(6, note="x"))
    assert "note" not in caught.value.problems[0].message
    playback.close()
    assert len(playback.problems()) == 2  # a miss, and the order that was not played


@pytest.mark.parametrize(
    ("recorded", "asked"),
    [
        ({"id": "0b9e8f0a-5f0c-4c2e-9d0f-6a1f4dbb6f10"}, {"id": "9f0c1c1e-0a44-4e7e-8f0a-77aa4dbb6f99"}),
        ({"at": "2026-11-21T16:00:00Z"}, {"at": "2027-01-01T00:00:00.123+01:00"}),
        ({"price": 1}, {"price": 1.0}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ],
    ids=["uuid", "time", "spelling of a number", "order of keys"],
)
def test_what_passes_from_run_to_run_does_not_count(tmp_path: Path, recorded: Any, asked: Any) -> None:
    playback = Playback(record(tmp_path, [(order(5, **recorded), "ok")]))
    assert ask(playback, order(5, **asked)) == "ok"
    assert playback.close().unplayed == []


def test_an_exact_match_comes_before_one_that_forgives(tmp_path: Path) -> None:
    times = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z")
    playback = Playback(record(tmp_path, [(order(5, at=at), at) for at in times]))
    assert ask(playback, order(5, at=times[1])) == times[1]
    assert ask(playback, order(5, at="2030-01-01T00:00:00Z")) == times[0]
    assert ask(playback, order(5, at=times[2])) == times[2]
    playback.close()


def test_learned_noise_is_forgiven_in_its_own_operation_alone(tmp_path: Path) -> None:
    folder = record(tmp_path, [(order(5, nonce="abc"), "ok")])
    forgiving = Playback(folder, noise=frozenset({("POST …", "body.nonce")}))
    assert ask(forgiving, order(5, nonce="xyz")) == "ok"
    forgiving.close()
    strict = Playback(folder, noise=frozenset({("PUT …", "body.nonce")}))
    with pytest.raises(ReplayMissError):
        ask(strict, order(5, nonce="xyz"))
    strict.close()


def test_noise_is_learned_from_other_recordings_and_nothing_else_is_forgiven(tmp_path: Path) -> None:
    """Case 28: three recordings differ in the nonce alone."""
    folders = [record(tmp_path, [(order(5, nonce=nonce), "ok")]) for nonce in ("abc", "def", "ghi")]
    for asked, fits in [(order(5, nonce="xyz"), True), (order(6, nonce="xyz"), False)]:
        playback = Playback(folders[0], learn_from=folders[1:])
        if fits:
            assert ask(playback, asked) == "ok"
        else:
            with pytest.raises(ReplayMissError, match=r"body\.amount"):
                ask(playback, asked)
        playback.close()
    strict = Playback(folders[0])
    with pytest.raises(ReplayMissError, match=r"body\.nonce"):
        ask(strict, order(5, nonce="xyz"))
    strict.close()


def test_query_parameters_match_in_any_order_and_by_value(tmp_path: Path) -> None:
    playback = Playback(record(tmp_path, [(("GET", f"{HOST}/find?a=1&b=2&b=3", None), "found")]))
    with pytest.raises(ReplayMissError, match="query"):
        ask(playback, ("GET", f"{HOST}/find?a=1&b=2", None))
    assert ask(playback, ("GET", f"{HOST}/find?b=2&a=1&b=3", None)) == "found"
    playback.close()


def test_this_machine_s_ports_do_not_count_and_other_ports_do(tmp_path: Path) -> None:
    exchanges = [(("GET", "http://127.0.0.1:4711/a", None), 1), (("GET", "http://far.example:4711/a", None), 2)]
    playback = Playback(record(tmp_path, exchanges))
    assert ask(playback, ("GET", "http://127.0.0.1:50999/a", None)) == 1
    with pytest.raises(ReplayMissError, match="host"):
        ask(playback, ("GET", "http://far.example:50999/a", None))
    playback.close()


def test_each_test_is_given_the_answers_of_its_own_recording(tmp_path: Path) -> None:
    session = Session("r", directory=tmp_path, within=True)
    for scope in ("first", "second"):
        for n in (1, 2):
            http(session, GET, f"{scope} {n}", scope=scope)
    session.close()
    playback = Playback(session.folder)
    found = []
    for scope in ("second", "first", "second", "first"):
        playback.scope = scope
        found.append(ask(playback, GET))
    assert found == ["second 1", "first 1", "second 2", "first 2"]
    assert playback.close().unplayed == []


def test_of_a_part_of_the_tests_only_its_own_recordings_can_be_unplayed(tmp_path: Path) -> None:
    session = Session("r", directory=tmp_path, within=True)
    for scope in ("first", "second"):
        http(session, GET, scope, scope=scope)
    session.close()
    playback = Playback(session.folder)
    playback.scopes = {"second"}
    assert len(playback.close().unplayed) == 1


def test_a_recorded_failure_is_raised_again(tmp_path: Path) -> None:
    session = Session("r", directory=tmp_path, within=True)
    asked = {"method": "GET", "url": GET[1], "headers": []}
    session.begin("http", "api.example", "GET …", asked).failed(ConnectionRefusedError(111, "Connection refused"))
    session.close()
    playback = Playback(session.folder)
    with pytest.raises(ConnectionRefusedError) as caught:
        ask(playback, GET)
    assert (caught.value.errno, caught.value.strerror) == (111, "Connection refused")
    playback.close()


def streamed(folder: Path, end: str) -> Path:
    """A stream of three pieces, and how it ended."""
    session = Session("s", directory=folder, within=True)
    call: Call = session.begin("http", "api.example", "GET …", {"method": "GET", "url": GET[1], "headers": []})
    call.answered(status=200, reason="OK", version="HTTP/1.1", headers=[("content-type", "text/event-stream")])
    for n in range(3):
        call.chunk(b"data: %d\n\n" % n)
        call.times[-1] = (n + 1) * 200_000
    getattr(call, end)()
    session.close()
    return session.folder


@pytest.mark.parametrize(("speed", "waits"), [(0, [0, 0, 0]), (1, [0.2, 0.2, 0.2]), (10, [0.02, 0.02, 0.02])])
def test_a_stream_comes_in_its_pieces_at_the_chosen_speed(tmp_path: Path, speed: float, waits: list[float]) -> None:
    """Case 6: what the hooks are told to wait; they are timed in their own tests."""
    playback = Playback(streamed(tmp_path, "done"), speed=speed)
    played = playback.play("http", "api.example", "GET …", {"method": "GET", "url": GET[1], "headers": []})
    assert [(pytest.approx(wait), piece) for wait, piece in played.chunks()] == [
        (wait, b"data: %d\n\n" % n) for n, wait in enumerate(waits)
    ]
    played.finish()
    playback.close()


def test_more_than_was_read_when_recording_cannot_be_read_again(tmp_path: Path) -> None:
    """Case 7."""
    playback = Playback(streamed(tmp_path, "closed"))
    played = playback.play("http", "api.example", "GET …", {"method": "GET", "url": GET[1], "headers": []})
    assert len(list(played.chunks())) == 3
    with pytest.raises(ReplayMissError, match="had stopped reading"):
        played.finish()
    playback.close()


def test_threads_take_each_recording_once(tmp_path: Path) -> None:
    playback = Playback(record(tmp_path, [(GET, n) for n in range(400)]))
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.extend(ask(playback, GET) for _ in range(50))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(400))
    assert playback.close().problems() == []


def test_a_playback_that_does_not_fit_fails_at_its_end_though_the_program_swallowed_the_miss(tmp_path: Path) -> None:
    folder = record(tmp_path, [(GET, 1)])
    with (
        pytest.raises(ReplayMissError, match=r"1 misses.*1 unplayed"),
        replay(folder) as playback,
        contextlib.suppress(ReplayMissError),
    ):
        ask(playback, order(5))
    with replay(folder, allow=["unplayed"]) as playback:
        pass
    assert str(playback.tally) == "0 played, 1 unplayed"


def test_the_latest_session_is_found_by_default_and_others_by_id(tmp_path: Path) -> None:
    first = record(tmp_path, [(GET, "first")])
    record(tmp_path, [(GET, "second")])
    for source, expected in [("latest", "second"), (first.name.rpartition("_")[2], "first"), (first.name, "first")]:
        playback = Playback(source, directory=tmp_path)
        assert ask(playback, GET) == expected
        playback.close()
    with pytest.raises(CaptureError, match="no recording 'absent'"):
        Playback("absent", directory=tmp_path)


def test_several_sessions_play_as_one(tmp_path: Path) -> None:
    folders = [record(tmp_path, [(GET, n)]) for n in (1, 2)]
    playback = Playback(folders)
    assert [ask(playback, GET), ask(playback, GET)] == [1, 2]
    playback.close()
