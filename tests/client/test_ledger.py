"""The ledger of downloads: what is due goes, what somebody changed stays."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from hotfixture.client.ledger import NEVER, Entry, Ledger, seconds
from hotfixture.errors import InputError

NOW = 1_900_000_000


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger")


def put(ledger: Ledger, path: Path, due: int = NOW, content: bytes = b"rows") -> Path:
    """A downloaded file, in the ledger."""
    path.write_bytes(content)
    ledger.add(Entry(str(path), "daily", "id", sha256(content).hexdigest(), len(content), due, NOW - 10))
    return path


def cleaned(ledger: Ledger, now: float = NOW, *, everything: bool = False) -> dict[str, str]:
    return {Path(one.path).name: one.done for one in ledger.clean(now, everything=everything)}


def test_what_is_due_is_deleted_and_nothing_else(ledger: Ledger, tmp_path: Path):
    due, later, never = (put(ledger, tmp_path / name, at) for name, at in (("a", NOW), ("b", NOW + 1), ("c", NEVER)))
    assert ledger.has_due(NOW)
    assert cleaned(ledger) == {"a": "deleted"}
    assert [due.exists(), later.exists(), never.exists()] == [False, True, True]
    assert not ledger.has_due(NOW)
    assert [Path(entry.path).name for entry in ledger.entries()] == ["b", "c"]


def test_all_of_them_go_when_that_is_asked_for(ledger: Ledger, tmp_path: Path):
    for name, due in (("a", NOW), ("b", NOW + 1), ("c", NEVER)):
        put(ledger, tmp_path / name, due)
    assert cleaned(ledger, everything=True) == {"a": "deleted", "b": "deleted", "c": "deleted"}
    assert ledger.entries() == []


def test_a_file_that_has_changed_since_is_kept_and_not_asked_about_again(ledger: Ledger, tmp_path: Path):
    put(ledger, tmp_path / "a").write_bytes(b"mine")
    found = list(ledger.clean(NOW))
    assert [(one.done, one.why) for one in found] == [("kept", "it has changed since it was downloaded")]
    assert (tmp_path / "a").read_bytes() == b"mine"
    assert not ledger.has_due(NOW)
    assert cleaned(ledger, everything=True) == {"a": "kept"}


def test_a_file_with_the_same_bytes_under_another_inode_is_still_the_download(ledger: Ledger, tmp_path: Path):
    path = put(ledger, tmp_path / "a")
    path.unlink()
    path.write_bytes(b"rows")
    assert cleaned(ledger) == {"a": "deleted"}


def test_links_are_kept_and_so_is_what_they_point_at(ledger: Ledger, tmp_path: Path):
    path = put(ledger, tmp_path / "a")
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    hard = put(ledger, tmp_path / "b")
    os.link(hard, tmp_path / "other name")
    assert cleaned(ledger) == {"a": "kept", "b": "kept"}
    assert (tmp_path / "elsewhere").read_bytes() == b"rows"
    assert (tmp_path / "other name").read_bytes() == b"rows"


def test_what_is_gone_already_is_forgotten(ledger: Ledger, tmp_path: Path):
    put(ledger, tmp_path / "a").unlink()
    assert cleaned(ledger) == {"a": "gone"}
    assert ledger.entries() == []


def test_the_ledger_does_not_grow_with_files_that_somebody_deleted(ledger: Ledger, tmp_path: Path):
    put(ledger, tmp_path / "never", NEVER).unlink()
    put(ledger, tmp_path / "later", NOW + 99).unlink()  # its disk may be away for now
    put(ledger, tmp_path / "a", NEVER)
    assert [Path(entry.path).name for entry in ledger.entries()] == ["later", "a"]


def test_a_folder_in_the_place_of_a_file_is_kept(ledger: Ledger, tmp_path: Path):
    put(ledger, tmp_path / "a").unlink()
    (tmp_path / "a").mkdir()
    assert cleaned(ledger) == {"a": "kept"}


def test_a_second_download_to_the_same_place_counts_alone(ledger: Ledger, tmp_path: Path):
    put(ledger, tmp_path / "a", NOW)
    put(ledger, tmp_path / "a", NEVER, b"more rows")
    assert not ledger.has_due(NOW)
    assert ledger.find(tmp_path / "a") == ledger.entries()[0]
    ledger.forget(tmp_path / "a")
    assert ledger.find(tmp_path / "a") is None


def test_runs_at_the_same_time_delete_everything_once_and_fail_never(ledger: Ledger, tmp_path: Path):
    for number in range(60):
        put(ledger, tmp_path / f"f{number}", NOW, bytes([number]) * 1000)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: cleaned(Ledger(ledger.place)), range(4)))
    assert not [one for run in found for one in run.values() if one == "kept"] or not list(tmp_path.glob("f*"))
    assert not list(tmp_path.glob("f*"))
    assert not ledger.has_due(NOW)


def test_what_is_no_entry_is_passed_over(ledger: Ledger, tmp_path: Path):
    put(ledger, tmp_path / "a")
    (ledger.place / "000000000001-x.json").write_text("{not json")
    (ledger.place / "000000000001-y.json").write_text("[]")
    (ledger.place / "notes.txt").write_text("mine")
    assert cleaned(ledger) == {"a": "deleted"}


def test_entries_are_for_the_user_alone(ledger: Ledger, tmp_path: Path):
    put(ledger, tmp_path / "a")
    if os.name == "posix":
        assert ledger.place.stat().st_mode & 0o777 == 0o700
        assert all(path.stat().st_mode & 0o777 == 0o600 for path in ledger.place.iterdir())


@pytest.mark.parametrize(
    ("text", "found"), [("7d", 604_800), ("12h", 43_200), ("30m", 1800), ("90s", 90), ("2w", 1_209_600)]
)
def test_lengths_of_time_are_read(text: str, found: int):
    assert seconds(text) == found


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "-1d", "1.5h", "7 d", "7y", "99999999999999d", "²d"])
def test_what_is_no_length_of_time_is_refused(text: str):
    with pytest.raises(InputError, match="7d, 12h"):
        seconds(text)
