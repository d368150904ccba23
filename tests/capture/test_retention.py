"""Old sessions go, by age and by size; those that run stay."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.capture.recordings import call
from tests.capture.test_journal import http, interaction, write

from hotfixture.capture import journal, recovery, retention
from hotfixture.capture.session import capture

NOW = time.time()


def session(directory: Path, days: float, *, size: int = 10) -> Path:
    """A session that began so many days ago."""
    folder, _ = journal.create(directory, NOW - days * 86_400)
    write(folder, http(1, {"text": "x" * size}), process=2**22 + 1)
    recovery.save(folder)
    return folder


def test_what_is_older_than_the_days_goes_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    old, new = session(tmp_path, 8, size=100_000), session(tmp_path, 6)
    gone = retention.cleanup(tmp_path, days=7)
    assert [one.path for one in gone] == [old]
    assert sorted(tmp_path.iterdir()) == [new, recovery.file_of(new)]


def test_the_oldest_go_until_the_rest_is_small_enough(tmp_path: Path) -> None:
    folders = [session(tmp_path, days, size=10_000) for days in (5, 4, 3, 2)]
    each = retention.sessions(tmp_path)[0].bytes
    assert each > 20_000
    gone = retention.cleanup(tmp_path, bytes=2 * each + each // 2)
    assert [one.path for one in gone] == folders[:2]
    assert retention.cleanup(tmp_path, bytes=0, days=100)
    assert list(tmp_path.iterdir()) == []


def test_a_session_that_runs_is_never_touched(sessions: Path) -> None:
    with capture("running") as running:
        call("one")
        assert len(running.interactions) == 1
        (kept,) = retention.sessions(sessions)
        assert (kept.state, kept.name, kept.count) == ("running", "running", 1)
        assert retention.cleanup(sessions, days=-1, bytes=0) == []
        assert recovery.recover(running.folder) is None
    assert [one.state for one in retention.sessions(sessions)] == ["complete"]
    assert len(retention.cleanup(sessions, days=-1)) == 1


def test_a_folder_and_its_one_file_form_are_one_session(tmp_path: Path) -> None:
    folder = session(tmp_path, 1)
    lonely = tmp_path / "capture_20240101_000000_1704067200000.json"
    lonely.write_text('{"session_id": "1", "total_interactions": 3, "interactions": []}')
    (tmp_path / "mocks.json").write_text("{}")
    (tmp_path / "capture_notes").mkdir()
    found = retention.sessions(tmp_path)
    assert [(one.path, one.count) for one in found] == [(lonely, 3), (folder, 1)]
    assert len(retention.cleanup(tmp_path, days=0.5)) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["capture_notes", "mocks.json"]


def test_links_lead_nowhere(tmp_path: Path) -> None:
    """A link in the place of a session does not remove what it points to."""
    other = tmp_path / "other"
    precious = session(other, 1)
    directory = tmp_path / "sessions"
    directory.mkdir()
    (directory / precious.name).symlink_to(precious)
    assert retention.sessions(directory) == []
    retention.cleanup(directory, days=0)
    assert precious.exists()


def test_a_session_that_cannot_be_read_is_listed_and_can_go(tmp_path: Path) -> None:
    folder = session(tmp_path, 9)
    next(folder.glob("*.jsonl")).write_bytes(b"\x00\xff\n{}\n")
    (kept,) = retention.sessions(tmp_path)
    assert kept.count == 0
    assert len(retention.cleanup(tmp_path, days=7)) == 1


def test_a_directory_that_is_not_there_has_no_sessions(tmp_path: Path) -> None:
    assert retention.sessions(tmp_path / "none") == retention.cleanup(tmp_path / "none", days=1) == []


def test_recovery_ends_every_journal_that_nobody_writes(tmp_path: Path) -> None:
    folder, _ = journal.create(tmp_path, NOW)
    whole = write(folder, interaction(1, 1.0), process=2**22 + 1)
    broken = write(folder, interaction(1, 2.0, process=2), closed=False, process=2**22 + 2)
    os.truncate(broken, broken.stat().st_size - 5)
    recovered = recovery.recover(folder)
    assert recovered is not None
    assert recovered.count == 1
    assert recovered.torn > 100
    assert len(list(journal.read(recovery.file_of(folder)))) == 1
    end = journal.trailer(broken)
    assert end is not None
    assert (end.count, end.closed) == (0, False)
    told = journal.trailer(whole)
    assert told is not None
    assert told.closed
