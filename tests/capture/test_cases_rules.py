"""What is wrong with the rules is said before anything is recorded, and nothing is then."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from tests.capture import recordings
from tests.test_pytest_plugin import Project

from hotfixture.capture import capture, replay
from hotfixture.capture.providers import RealServiceProvider
from hotfixture.errors import InputError


@pytest.mark.parametrize("rules", [{"hid": ["x"]}, {"patterns": {"x": "("}}, "no-such.yaml", Path("no-such.yaml")])
@pytest.mark.parametrize("within", [True, False])
def test_rules_that_do_not_hold_are_said_at_once(rules: Any, within: bool, sessions: Path) -> None:
    ran = []
    with pytest.raises(InputError, match=r"hid|regular expression|no-such\.yaml"), capture(rules=rules, within=within):
        ran.append(1)
    assert ran == []
    assert not list(sessions.rglob("*.jsonl"))


def test_the_file_that_the_environment_names_is_looked_at_too(sessions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_CAPTURE_RULES", "no-such.yaml")
    for begin in (capture, replay, lambda: RealServiceProvider(capture_mode=True)):
        with pytest.raises(InputError, match=r"no-such\.yaml"), begin():
            pass


@pytest.mark.parametrize("within", [True, False])
def test_a_file_a_path_and_a_mapping_say_the_same(within: bool, tmp_path: Path, sessions: Path) -> None:
    """Also where the program has gone to another folder since: the scribe looks where the program did."""
    file = tmp_path / "rules.yaml"
    file.write_text("hide: [value]\n")
    answers = []
    for rules in (file, str(file), {"hide": ["value"]}):
        with capture(rules=rules, within=within) as session:
            recordings.call("x", "told-to-nobody-4711")
        answers.append(session.interactions[0].response["value"])
    assert len(set(answers)) == 1
    assert answers[0] != "told-to-nobody-4711"


@pytest.mark.parametrize("options", [(), ("-p", "xdist.plugin", "-n", "2")])
def test_a_run_of_tests_does_not_begin_with_rules_that_do_not_hold(options: tuple[str, ...], tmp_path: Path) -> None:
    """And says so once, not once for each worker."""
    project = Project(tmp_path)
    project.write("def test_it():\n    raise AssertionError('it ran')\n")
    for mode in ("capture", "replay"):
        done = project.run(mode, *options, TEST_CAPTURE_RULES="no-such.yaml")
        assert done.returncode == pytest.ExitCode.USAGE_ERROR
        assert f"TEST_MODE={mode}: " in done.stderr
        assert "it ran" not in done.stdout
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("within", [True, False])
def test_secrets_of_the_environment_are_those_of_the_session_that_begins(
    within: bool, sessions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the scribe was started with: it waits for the next session. They stand in no name and label either."""
    with capture("first", within=within):
        recordings.call("x")
    secret = "quiet-" + "harbour-of-the-north"
    monkeypatch.setenv("SERVICE_API_TOKEN", secret)
    with capture(f"with {secret}", labels={"of": secret}, within=within) as session:
        recordings.call("x", f"told {secret}")
        assert session.interactions
        during = b"".join(path.read_bytes() for path in sessions.rglob("*") if path.is_file())
    after = b"".join(path.read_bytes() for path in sessions.rglob("*") if path.is_file())
    assert b"with " in after
    assert secret.encode() not in during + after


@pytest.mark.parametrize("within", [True, False])
def test_secrets_that_are_put_into_the_environment_later_are_known_too(
    within: bool, sessions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a test, or by what loads a file of variables."""
    secret = "quiet-" + "harbour-of-the-south"
    with capture("late", within=within):
        recordings.call("x", "before")
        monkeypatch.setenv("PLAIN_WORD", "sailing-to-the-north")
        os.environ.update({"SERVICE_API_TOKEN": secret})
        recordings.call("x", f"told {secret}, sailing-to-the-north")
    monkeypatch.delenv("SERVICE_API_TOKEN")
    after = b"".join(path.read_bytes() for path in sessions.rglob("*") if path.is_file())
    assert b"sailing-to-the-north" in after
    assert secret.encode() not in after
    with capture("off", within=within, rules={"environment": False}):
        recordings.call("x", "before")
        monkeypatch.setenv("SERVICE_API_TOKEN", secret)
        recordings.call("x", f"told {secret}")
    after = b"".join(path.read_bytes() for path in sessions.rglob("*") if path.is_file())
    assert secret.encode() in after
