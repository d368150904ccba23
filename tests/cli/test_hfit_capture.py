"""`hfit capture`: what each command prints, writes and exits with; `python -m hotfixture.capture` is the same."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hotfixture.capture.hooks.http import names
from hotfixture.capture.session import Session
from hotfixture.cli import output
from hotfixture.cli.hfit import hfit
from hotfixture.cli.hfit_capture import enough

JSON = [("content-type", "application/json")]
HOST = "https://shop.test"
Run = Callable[..., tuple[int, str, str]]


def exchange(session: Session, path: str, answer: Any, *, status: int = 200, sent: Any = None) -> None:
    """One recorded exchange."""
    method = "GET" if sent is None else "POST"
    asked = {"method": method, "url": HOST + path, "headers": JSON}
    call = session.begin("http", *names(method, HOST + path), asked)
    if sent is not None:
        call.send(json.dumps(sent).encode())
    call.answered(status=status, reason="", version="HTTP/1.1", headers=JSON)
    call.chunk(json.dumps(answer).encode())
    call.done()


def recorded(directory: Path, **more: Any) -> Path:
    """A session of three exchanges and a failure; gives its folder."""
    session = Session("shop", directory=directory, within=True)
    exchange(session, "/orders/17", {"number": 17, "total": 12.5, **more})
    exchange(session, "/health", {"ok": True})
    exchange(session, "/orders", {"number": 18}, status=201, sent={"sku": "A", **more})
    failing = session.begin("http", "shop.test", "GET /slow", {"method": "GET", "url": f"{HOST}/slow", "headers": []})
    failing.failed(TimeoutError("timed out"))
    session.close()
    return session.folder


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `hfit capture` over a directory of its own; gives exit code, output, errors."""

    def ran(*words: str | Path) -> tuple[int, str, str]:
        code = output.run(hfit, ["capture", "--capture-dir", str(tmp_path / "sessions"), *map(str, words)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return ran


@pytest.fixture
def sessions(tmp_path: Path) -> Path:
    """Where the commands look for sessions."""
    return tmp_path / "sessions"


def test_sessions_are_listed_and_shown_by_id_name_and_latest(run: Run, sessions: Path) -> None:
    folder = recorded(sessions)
    code, out, _ = run("list", "--json")
    [told] = json.loads(out)
    assert (code, told["name"], told["count"], told["state"]) == (0, "shop", 4, "complete")
    for wanted in ("latest", told["id"], folder.name, folder):
        code, out, _ = run("show", wanted)
        assert (code, out.count("shop.test"), out.count("TimeoutError")) == (0, 4, 1)
    _, out, _ = run("show", "latest", "--json")
    one = json.loads(out)[0]
    assert json.loads(run("show", "latest", one["id"])[1]) == one


def test_of_a_folder_that_is_not_there_nothing_is_told_as_if_it_were_empty(run: Run, sessions: Path) -> None:
    code, out, err = run("analyze")
    assert (code, out, "no such folder" in err) == (1, "", True)
    assert run("scan")[0] != 0
    sessions.mkdir()
    code, out, err = run("analyze")
    assert (code, out[:8], "no sessions" in err) == (0, "# Captur", True)
    code, _, err = run("scan")
    assert (code, "nothing is recorded" in err, "no secret" in err) == (0, True, False)


def test_recorded_names_move_no_cursor_and_break_no_table(run: Run, sessions: Path, tmp_path: Path) -> None:
    """A session may come from anybody."""
    evil = "pay\x1b[31m\n\u202e" + "x" * 5000
    session = Session(evil, directory=sessions, within=True)
    session.begin("call", evil, evil, {}).done(value=1)
    session.close()
    (tmp_path / "m.json").write_text(json.dumps({"billing.pay": 2}))
    for words in (["list"], ["show"], ["compare", "latest", tmp_path / "m.json", "-v"]):
        code, out, _ = run(*words)
        assert code == 0
        assert not any(sign in out for sign in "\x1b\u202e")
        assert len(out.splitlines()) <= 3
    assert max(map(len, run("show")[1].splitlines())) < 400


def test_what_is_not_there_ends_with_an_error_and_not_with_0(run: Run, tmp_path: Path) -> None:
    """Defect 9 of the first framework."""
    for words in (["show", "absent"], ["compare", "absent", "absent"], ["baseline", "absent", tmp_path / "m.json"],
                  ["serve", "absent"], ["convert", "absent", tmp_path / "a.har"], ["scan", "absent"],
                  ["recover", "absent"]):  # fmt: skip
        code, _, err = run(*words)
        assert code == 1, words
        assert "no recording 'absent'" in err
        assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_there_is_called_a_file(run: Run, sessions: Path) -> None:
    recorded(sessions)
    for words in (["compare", "latest", "mocks.json"], ["serve", "here/mocks"], ["convert", "a.har", "b.har"]):
        code, _, err = run(*words)
        assert (code, "there is no such file" in err, "Record one" in err) == (1, True, False), words


@pytest.mark.parametrize(
    ("words", "begins"),
    [([], "# Capture Analysis Report"), (["--json"], "{"), (["--html"], "<!doctype html>")],
    ids=["markdown", "json", "html"],
)
def test_an_analysis_is_written_in_each_form(run: Run, sessions: Path, words: list[str], begins: str) -> None:
    recorded(sessions)
    code, out, _ = run("analyze", *words)
    assert (code, out[: len(begins)].lower()) == (0, begins.lower())
    assert "shop.test" in out


def test_the_file_s_name_says_the_form_too(run: Run, sessions: Path, tmp_path: Path) -> None:
    recorded(sessions)
    for name in ("report.md", "report.html", "report.json", "report.htm"):
        assert run("analyze", "--output", tmp_path / name)[:2] == (0, "")
    assert (tmp_path / "report.htm").read_text().startswith("<!doctype html>")
    assert json.loads((tmp_path / "report.json").read_text())["total_interactions"] == 4
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")
    assert run("analyze", "--html", "--json")[0] == 2


def test_stale_mocks_fail_under_a_share_and_say_where(run: Run, sessions: Path, tmp_path: Path) -> None:
    recorded(sessions)
    mocks = {
        f"shop.test.GET {path}": {"status": 200, "headers": JSON, "body": {"json": body}}
        for path, body in (("/orders/{id}", {"number": "17", "total": 12.5}), ("/health", {"ok": True}))
    }
    (tmp_path / "mocks.json").write_text(json.dumps(mocks))
    code, out, err = run("compare", "latest", tmp_path / "mocks.json", "--verbose", "--fail-under", "95")
    assert code == 1
    assert "1 of 3 interactions agree" in out
    assert "type_mismatch at body.number" in out.replace("body.json.", "body.")
    assert "no mock: shop.test POST /orders" in out
    assert "95 % are asked for" in err
    assert run("compare", "latest", tmp_path / "mocks.json", "--fail-under", "10")[0] == 0
    _, out, _ = run("compare", "latest", tmp_path / "mocks.json", "--json")
    assert json.loads(out)["matches"] == 1


@pytest.mark.parametrize("matches", [7, 29, 57, 58])
def test_a_share_that_is_met_exactly_is_enough(matches: int) -> None:
    """0.57 times 100 is less than 57 in floating point."""
    assert enough(matches, 100, float(matches))
    assert not enough(matches - 1, 100, float(matches))
    assert enough(161, 1000, 16.1)
    assert not enough(0, 0, 1)
    assert enough(0, 0, 0)


def test_differences_are_told_by_place_and_with_verbose_one_by_one(run: Run, tmp_path: Path) -> None:
    """Of thousands that differ in the same field a reader wants one line; no value floods the screen."""
    session = Session("many", directory=tmp_path / "sessions", within=True)
    for number in range(30):
        exchange(session, f"/orders/{number}", {"number": number, "text": "x" * 5000, "gone\x1b[31m": 1})
    session.close()
    mock = {"status": 200, "headers": JSON, "body": {"number": -1, "text": "", "new": [1]}}
    (tmp_path / "m.json").write_text(json.dumps({"shop.test.GET /orders/{id}": mock}))
    _, out, _ = run("compare", "latest", tmp_path / "m.json")
    assert out.count("shop.test GET /orders/{id}: 30 interactions") == 1
    assert out.count("value_mismatch at body.number") == 1
    assert len(out) < 1000
    _, out, _ = run("compare", "latest", tmp_path / "m.json", "--verbose")
    assert "value_mismatch at body.number: recorded 29, mock -1" in out
    assert "extra_key_in_mock at body.new: mock [1]" in out
    assert "5,002 characters; --json has them all" in out
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) < 400


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "many"])
def test_an_amount_that_is_none_is_refused(run: Run, sessions: Path, tmp_path: Path, value: str) -> None:
    folder = recorded(sessions)
    run("baseline", "latest", tmp_path / "m.json")
    compare = ("compare", "latest", tmp_path / "m.json")
    for words in (("analyze", "--days"), ("cleanup", "--days"), ("cleanup", "--megabytes"),
                  (*compare, "--fail-under"), (*compare, "--tolerance")):  # fmt: skip
        code, out, err = run(*words, value)
        assert (code, out, "Invalid value" in err) == (2, "", True), words
    assert folder.exists()


def test_what_a_comparison_cannot_do_is_said_rather_than_left_out(run: Run, sessions: Path, tmp_path: Path) -> None:
    folder = recorded(sessions)
    run("baseline", "latest", tmp_path / "m.json")
    for words in (["--ignore", "[[["], ["--ignore", ""]):
        code, out, err = run("compare", "latest", tmp_path / "m.json", *words)
        assert (code, out, "a place" in err) == (2, "", True), words
    code, out, err = run("compare", folder, folder, "--strict")
    assert (code, out, "two sessions" in err) == (2, "", True)


def test_a_folder_that_is_no_session_is_refused(run: Run, sessions: Path, tmp_path: Path) -> None:
    """The directory of the sessions too: whoever gives it means one of them."""
    recorded(sessions)
    run("baseline", "latest", tmp_path / "m.json")
    for folder in (sessions, tmp_path):
        for words in (["show", folder], ["compare", folder, tmp_path / "m.json"], ["compare", "latest", folder],
                      ["baseline", folder, tmp_path / "n.json"], ["convert", folder, tmp_path / "a.har"],
                      ["serve", folder, "--port", "0"]):  # fmt: skip
            code, out, err = run(*words)
            assert (code, out, "no session" in err) == (1, "", True), words
    assert sorted(one.name for one in tmp_path.iterdir()) == ["m.json", "sessions"]


def test_a_list_of_secrets_that_is_no_text_is_refused(run: Run, sessions: Path, tmp_path: Path) -> None:
    recorded(sessions)
    (tmp_path / "secrets").write_bytes(b"\xff\xfe\x00")
    code, _, err = run("scan", "--secrets", tmp_path / "secrets")
    assert (code, "no text in UTF-8" in err) == (2, True)


def test_mocks_go_nowhere_where_they_cannot_be_written(run: Run, sessions: Path, tmp_path: Path) -> None:
    recorded(sessions)
    code, _, err = run("baseline", "latest", tmp_path / "none" / "m.json")
    assert (code, "cannot be written" in err) == (2, True)


@pytest.mark.parametrize("words", [[], ["--generalise"]], ids=["flat", "rules"])
def test_mocks_made_of_a_recording_agree_with_it(run: Run, sessions: Path, tmp_path: Path, words: list[str]) -> None:
    """Case 30."""
    recorded(sessions)
    mocks = tmp_path / "new.json"
    code, _, err = run("baseline", "latest", mocks, *words)
    assert code == 0
    assert f"{mocks}: " in err
    assert run("compare", "latest", mocks, "--fail-under", "100")[0] == 0


def test_two_sessions_compared_tell_what_the_program_sends_now(run: Run, sessions: Path) -> None:
    old, new = recorded(sessions), recorded(sessions, note="now with a note")
    code, out, _ = run("compare", old, new)
    assert code == 1
    assert "request changed: shop.test POST /orders" in out
    assert "answer changed: shop.test GET /orders/{id}" in out
    assert run("compare", old, old)[:2] == (0, "4 requests compared\nthe program asks and gets what it asked and got\n")


def test_old_sessions_are_removed_and_young_ones_kept(run: Run, sessions: Path) -> None:
    folder = recorded(sessions)
    assert run("cleanup", "--days", "1")[2] == "0 sessions removed\n"
    assert folder.exists()
    assert "1 session removed" in run("cleanup", "--days", "0")[2]
    assert list(sessions.iterdir()) == []


def test_a_session_whose_program_was_killed_is_finished(run: Run, sessions: Path) -> None:
    code = f"""
import os, signal
from hotfixture.capture.session import Session
session = Session("killed", directory={str(sessions)!r}, within=True)
call = session.begin("call", "s", "o", {{}})
call.done(value=1)
os.kill(os.getpid(), signal.{"SIGKILL" if hasattr(signal, "SIGKILL") else "SIGTERM"})
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    assert json.loads(run("list", "--json")[1])[0]["state"] == "broken"
    assert "1 interaction" in run("recover")[2]
    assert json.loads(run("list", "--json")[1])[0]["state"] == "complete"
    assert "nothing to recover" in run("recover")[2]


def test_recordings_are_clean_and_a_file_with_a_secret_is_not(run: Run, sessions: Path, tmp_path: Path) -> None:
    secret = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"
    recorded(sessions, api_key=secret)
    code, out, err = run("scan")
    assert (code, out, err) == (0, "", "no secret is left\n")
    (tmp_path / "leaky.har").write_text(json.dumps({"log": {"entries": [], "comment": f"key {secret}"}}))
    code, out, err = run("scan", tmp_path / "leaky.har")
    assert code == 3
    assert "leaky.har" in out
    assert secret not in out + err
    (tmp_path / "known").write_text("carla-and-nobody-else\n")
    (tmp_path / "told.txt").write_text("said: carla-and-nobody-else")
    assert run("scan", tmp_path / "told.txt")[0] == 0
    assert run("scan", tmp_path / "told.txt", "--secrets", tmp_path / "known")[0] == 3


def test_a_recording_goes_to_other_tools_and_comes_back(run: Run, sessions: Path, tmp_path: Path) -> None:
    recorded(sessions)
    for name, words in {"a.har": [], "c.yaml": [], "w.json": ["--to", "wiremock"], "o.json": ["--to", "openapi"],
                        "m.json": ["--to", "mocks"], "s.json": ["--to", "session"]}.items():  # fmt: skip
        code, _, err = run("convert", "latest", tmp_path / name, *words)
        assert (code, (tmp_path / name).exists()) == (0, True), err
    code, _, err = run("convert", tmp_path / "a.har", tmp_path / "back.json", "--to", "session")
    assert code == 0
    assert json.loads((tmp_path / "back.json").read_text())["total_interactions"] == 3
    assert "1 calls that were not answered" in run("convert", "latest", tmp_path / "a.har")[2]
    assert run("convert", "latest", tmp_path / "a.txt")[0] == 2


@contextmanager
def serving(mocks: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`hfit capture serve` on a free port, by the other way to start it."""
    command = [sys.executable, "-m", "hotfixture.capture", "serve", str(mocks), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        line = server.stderr.readline()
        try:
            yield line.split(" at ")[1].strip().rstrip("/"), server
        finally:
            server.kill()


def ask(url: str, sent: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """Status and JSON of an answer."""
    data = None if sent is None else json.dumps(sent).encode()
    asked = urllib.request.Request(url, data, {"content-type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


@pytest.mark.parametrize(
    "words", [["baseline", "latest"], ["baseline", "latest", "--generalise"]], ids=["flat", "rules"]
)
def test_mocks_are_served_to_any_program(run: Run, sessions: Path, tmp_path: Path, words: Sequence[str]) -> None:
    """Case 30: as they were recorded; what no mock answers is 404, told, and the exit code."""
    recorded(sessions)
    run(*words[:2], tmp_path / "m.json", *words[2:])
    with serving(tmp_path / "m.json") as (url, server):
        assert ask(f"{url}/orders/17") == (200, {"number": 17, "total": 12.5})
        assert ask(f"{url}/orders", {"sku": "A"}) == (201, {"number": 18})
        status, problem = ask(f"{url}/absent")
        assert (status, problem["title"]) == (404, "No mock answers this")
        _, told = ask(f"{url}/__hotfixture/calls")
        assert (told["answered"], told["missed"]) == (2, 1)
        assert ask(f"{url}/health", headers={"X-Mock-Service": "shop.test"}) == (200, {"ok": True})
        if hasattr(signal, "SIGINT") and sys.platform != "win32":
            server.send_signal(signal.SIGTERM)
            deadline = time.monotonic() + 20
            while server.poll() is None and time.monotonic() < deadline:
                time.sleep(0.02)
            assert server.returncode not in (0, None)


def test_a_taken_port_is_said(run: Run, sessions: Path, tmp_path: Path) -> None:
    recorded(sessions)
    run("baseline", "latest", tmp_path / "m.json")
    with serving(tmp_path / "m.json") as (url, _):
        code, _, err = run("serve", tmp_path / "m.json", "--port", url.rpartition(":")[2])
    assert (code, "cannot listen" in err) == (2, True)
