"""What `mockcraft seed` and `check` say: numbers with their words, what was there already, what cannot grow."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from hotfixture.cli import output
from hotfixture.cli.mockcraft import mockcraft

ONE = """
tables:
  users:
    count: 1
    columns:
      id: {type: integer, primary_key: true, generator: sequence}
"""
PAIRS = """
tables:
  users: {count: 5, columns: {id: {type: integer, primary_key: true}}}
  games: {count: 5, columns: {id: {type: integer, primary_key: true}}}
  played:
    count: 9
    columns: {user_id: {references: users.id}, game_id: {references: games.id}}
    unique: [[user_id, game_id]]
  liked:
    count: 0..3 per users
    columns: {user_id: {references: users.id}, game_id: {references: games.id}}
    unique: [[user_id, game_id]]
"""


@pytest.fixture
def said(capfd: pytest.CaptureFixture[str]):
    """What a command line prints and says, its exit code asserted to be 0."""

    def said(*words: object) -> tuple[str, str]:
        assert output.run(mockcraft, list(map(str, words))) == 0
        return capfd.readouterr()

    return said


@pytest.fixture
def one(tmp_path: Path) -> Path:
    path = tmp_path / "one.yaml"
    path.write_text(ONE, encoding="utf-8")
    return path


def test_one_table_is_no_tables(said, one: Path, tmp_path: Path) -> None:
    assert said("seed", "--config", one, "--output", "csv", "--dir", tmp_path / "out").err == "1 row in 1 table\n"
    assert said("check", one).err.startswith("1 row, about ")


def test_the_url_of_a_draft_may_stand_in_the_environment(said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.execute("CREATE TABLE shelves (id INTEGER PRIMARY KEY)")
    monkeypatch.setenv("MOCKCRAFT_DB", f"sqlite:///{tmp_path}/a.db")
    assert "name: shelves" in said("introspect").out


def test_a_folder_that_nobody_named_is_said(said, one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert said("seed", "--config", one, "--output", "csv").err == "1 row in 1 table, in output/\n"
    assert (tmp_path / "output" / "users.csv").is_file()


def test_a_run_that_finished_did_not_go_on_and_neither_does_a_table_that_grows(said, one: Path, tmp_path: Path) -> None:
    words = ("seed", "--config", one, "--db", f"sqlite:///{tmp_path / 'one.db'}")
    assert said(*words).err == "1 row in 1 table\n"
    assert said(*words).err == "1 row was there already\n0 rows in 1 table\n"
    assert said(*words, "--append", 2).err == "1 row was there already\n2 rows in 1 table\n"


def test_a_run_that_was_broken_off_goes_on(said, one: Path, tmp_path: Path) -> None:
    one.write_text(ONE.replace("count: 1", "count: 300000"), encoding="utf-8")
    url = f"sqlite:///{tmp_path / 'one.db'}"
    from hotfixture.plans.seed.calls import seed
    from hotfixture.plans.seed.fill import CancelledError

    stored = 0

    def count(_table: str, rows: int) -> None:
        nonlocal stored
        stored += rows

    with pytest.raises(CancelledError):
        seed(one, url, batch_size=100_000, progress=count, cancelled=lambda: stored > 0)
    assert said("seed", "--config", one, "--db", url).err == (
        f"went on after {stored:,} rows that were there already\n{300_000 - stored:,} rows in 1 table\n"
    )


def test_check_warns_of_tables_that_cannot_grow_and_of_no_others(said, tmp_path: Path) -> None:
    path = tmp_path / "pairs.yaml"
    path.write_text(PAIRS, encoding="utf-8")
    warnings = [line for line in said("check", path).err.splitlines() if line.startswith("warning: ")]
    assert [line.split()[1] for line in warnings] == ["played"]
    assert json.loads(said("check", path, "--json").out)["warnings"] == [warnings[0].removeprefix("warning: ")]


def test_what_check_warns_of_is_what_append_refuses(said, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "pairs.yaml"
    path.write_text(PAIRS, encoding="utf-8")
    words = ["seed", "--config", str(path), "--db", f"sqlite:///{tmp_path / 'pairs.db'}"]
    said(*words)
    said(*words, "--append", "played=4")
    said(*words, "--append", "games=2")
    assert output.run(mockcraft, [*words, "--append", "played=1"]) == 2
    assert "played: its combinations of references cannot grow" in capfd.readouterr().err
    assert said("verify", path, "--db", words[-1]).err.count("comparisons hold")


PROGRAM = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"  # a run in the background ignores it
    "from hotfixture.cli.mockcraft import main; main()"
)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
@pytest.mark.parametrize(
    "words",
    [
        ("seed", "--config", "one.yaml", "--output", "csv", "--dir", "out"),
        ("seed", "--config", "one.yaml", "--output", "csv", "--dir", "out", "--workers", "2"),
        ("generate", "uuid", "--count", "1000000000", "-o", "out/values"),
    ],
    ids=["seed", "workers", "generate"],
)
def test_what_is_told_to_end_leaves_no_piece_of_a_file(one: Path, words: tuple[str, ...], name: str, code: int) -> None:
    one.write_text(ONE.replace("count: 1", "count: 1000000000"), encoding="utf-8")
    place = one.parent / "out"
    place.mkdir()
    with subprocess.Popen([sys.executable, "-c", PROGRAM, *words], cwd=one.parent, stderr=subprocess.PIPE) as running:
        deadline = time.monotonic() + 30
        while not list(place.iterdir()) and running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert list(place.iterdir())  # it has begun
        running.send_signal(signal.Signals[name])
        assert running.stderr
        assert running.stderr.read() == b""
    assert running.returncode == code
    assert [path.name for path in place.iterdir() if path.suffix != ".csv"] == []
