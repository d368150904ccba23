"""What stands on the disk: journals, blobs, the one-file form, older versions, and files that mean harm."""

from __future__ import annotations

import base64
import gzip
import json
import os
import stat
import sys
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.capture import blobs, journal, one_file, recovery, upgrades
from hotfixture.capture.journal import Journal
from hotfixture.capture.records import VERSION, Header, Interaction, Trailer
from hotfixture.errors import CaptureError


def interaction(number: int, started: float, *, kind: str = "call", process: int = 1, **parts: Any) -> Interaction:
    return Interaction(
        id=f"p{process}-{number}", timestamp="2024-01-01T00:00:00+00:00", service="s", operation="o",
        request=parts.get("request", {}), start_time=started, duration_ms=1.0, status="success",
        response=parts.get("response"), kind=kind, number=number, process=process,
    )  # fmt: skip


def write(folder: Path, *interactions: Interaction, process: int = 1, closed: bool = True) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{process}-abcdef01.jsonl"
    one = Journal(path, Header(session_id="17", name="n", timestamp="2024-01-01", process=process, tool="1"))
    for each in interactions:
        one.append(each)
    if closed:
        one.close(Trailer(count=len(interactions)))
    else:
        one.forget()
    return path


def http(number: int, body: dict[str, Any] | None, started: float = 1.0) -> Interaction:
    return interaction(number, started, kind="http", request={"url": "u", "body": None}, response={"body": body})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "capture_20240101_000000_17"


def test_interactions_come_in_the_order_they_began_whatever_process_wrote_them(folder: Path) -> None:
    write(folder, interaction(2, 5.0), interaction(1, 1.0), interaction(3, 3.0))
    write(folder, interaction(1, 2.0, process=2), interaction(2, 3.0, process=2), process=2)
    assert [(one.process, one.number) for one in journal.read(folder)] == [(1, 1), (2, 1), (1, 3), (2, 2), (1, 2)]


def test_a_torn_last_line_is_left_out_at_whatever_byte_it_was_torn(folder: Path) -> None:
    path = write(folder, interaction(1, 1.0), interaction(2, 2.0), closed=False)
    whole = path.read_bytes()
    start = whole.rindex(b"\n", 0, -1) + 1
    for end in range(start, len(whole)):
        path.write_bytes(whole[:end])
        assert [one.number for one in journal.read(folder)] == [1]


def test_a_damaged_line_is_told_with_its_file_and_line(folder: Path) -> None:
    path = write(folder, interaction(1, 1.0), interaction(2, 2.0))
    path.write_bytes(path.read_bytes().replace(b'"number":2', b'"number":"'))
    with pytest.raises(CaptureError, match=rf"{path.name}:3: "):
        list(journal.read(folder))


FORMS = [
    {"text": "ü" * 100_000, "charset": "utf-8"},
    {"base64": base64.b64encode(bytes(range(256)) * 500).decode(), "encoding": "gzip"},
    {"json": {"rows": [{"n": number, "x": None} for number in range(10_000)]}},
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: next(iter(form)))
def test_a_large_body_stands_in_a_file_of_its_own_and_readers_do_not_notice(folder: Path, form: dict[str, Any]) -> None:
    path = write(folder, http(1, form), http(2, form, 2.0), http(3, {"text": "small"}, 3.0))
    assert path.stat().st_size < 5_000
    assert len(list((folder / "blobs").iterdir())) == 1
    assert [one.response["body"] for one in journal.read(folder)] == [form, form, {"text": "small"}]
    saved = recovery.save(folder)
    assert [one.response["body"] for one in journal.read(saved)] == [form, form, {"text": "small"}]


def test_messages_of_a_stream_may_be_large_too(folder: Path) -> None:
    forms = [{"base64": base64.b64encode(bytes([n]) * 90_000).decode()} for n in range(3)]
    path = write(
        folder, interaction(1, 1.0, kind="grpc", request={"messages": forms}, response={"messages": forms[:1]})
    )
    assert path.stat().st_size < 5_000
    (found,) = journal.read(folder)
    assert found.request["messages"] == forms


def test_a_value_of_a_call_that_looks_like_a_blob_is_left_alone(folder: Path) -> None:
    value = {"body": {"blob": "x", "of": "text"}, "long": "x" * 100_000}
    write(folder, interaction(1, 1.0, request=value))
    assert next(journal.read(folder)).request == value


@pytest.mark.parametrize("name", ["../../../secret", "/etc/passwd", "A" * 64, "a" * 63, "", None, 5, "a" * 64 + "\n"])
def test_the_name_of_a_blob_leads_nowhere_else(folder: Path, name: Any) -> None:
    """case 33: path traversal in a body's file name."""
    (folder.parent / "secret").write_text("s")
    write(folder, http(1, {"blob": name, "of": "text"}))
    with pytest.raises(CaptureError, match="no name of a blob"):
        list(journal.read(folder))


def test_a_blob_that_is_a_link_or_changed_is_refused(folder: Path) -> None:
    """case 33: a link out of the session, a body that was exchanged."""
    write(folder, http(1, {"text": "x" * 100_000}))
    (path,) = (folder / "blobs").iterdir()
    path.write_text("y" * 100_000)
    with pytest.raises(CaptureError, match="changed or damaged"):
        list(journal.read(folder))
    path.unlink()
    path.symlink_to("/etc/hostname")
    with pytest.raises(CaptureError, match="plain file"):
        list(journal.read(folder))
    path.unlink()
    with pytest.raises(CaptureError, match="moved as a whole"):
        list(journal.read(folder))


def test_only_the_user_can_read_what_is_written(folder: Path) -> None:
    made, _ = journal.create(folder.parent / "deeper", 1.0)
    write(made, http(1, {"text": "x" * 100_000}))
    saved = recovery.save(made)
    for path in [saved, *made.rglob("*"), made]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_disk_that_is_full_leaves_no_half_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    path = folder / "1-ab.jsonl"
    one = Journal(path, Header(session_id="1", name="", timestamp="", process=1, tool=""))
    real, room = os.write, [30]

    def full(file: int, data: Any) -> int:
        if not room[0]:
            raise OSError(28, "No space left on device")
        count = real(file, bytes(data)[: room[0]])
        room[0] -= count
        return count

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        one.append(interaction(1, 1.0))
    monkeypatch.undo()
    one.append(interaction(2, 2.0))
    one.close(Trailer(count=1, lost=1))
    assert [each.number for each in journal.read(folder)] == [2]


def test_the_one_file_form_has_the_fields_of_the_contract(folder: Path) -> None:
    write(folder, interaction(1, 1.0, response=0), interaction(2, 2.0))
    saved = recovery.save(folder)
    assert saved.name == f"{folder.name}.json"
    told = json.loads(saved.read_text())
    assert list(told)[:3] == ["session_id", "timestamp", "total_interactions"]
    assert (told["session_id"], told["total_interactions"], told["version"]) == ("17", 2, VERSION)
    fields = ["id", "timestamp", "service", "operation", "request", "start_time", "duration_ms", "status", "response",
              "error", "error_type"]  # fmt: skip
    assert list(told["interactions"][0])[:11] == fields
    assert list(journal.read(saved)) == list(journal.read(folder))
    assert len(saved.read_text().splitlines()) == 4


@given(st.lists(st.floats(min_value=0, max_value=1e9), max_size=5))
def test_any_layout_of_the_one_file_form_is_read_the_same(times: list[float]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "s.json"
        one_file.write(path, {"session_id": "1"}, [interaction(n, at) for n, at in enumerate(times)])
        first = list(journal.read(path))
        path.write_text(json.dumps(json.loads(path.read_text()), indent=2))
        assert list(journal.read(path)) == first
        assert len(first) == len(times)


def test_a_file_of_the_first_framework_is_read(tmp_path: Path) -> None:
    path = tmp_path / "capture_20240101_120000_1704110400000.json"
    old = {
        "id": "firestore_0", "timestamp": "2024-01-01T12:00:00", "service": "firestore", "operation": "document.get",
        "request": {"document_path": "a/b"}, "start_time": 1704110400.5, "duration_ms": 12.5, "status": "success",
        "response": {"exists": False, "data": None, "id": "b"}, "error": None, "error_type": None,
    }  # fmt: skip
    failed = old | {"status": "error", "error": "no", "error_type": "NotFound", "duration_ms": None}
    bare = {"id": 3, "service": "gemini", "operation": "generate_content", "timestamp": "2024-01-01T12:00:01+00:00"}
    path.write_text(
        json.dumps({"session_id": "1", "total_interactions": 3, "interactions": [old, failed, bare]}, indent=2)
    )
    first, second, third = journal.read(path)
    assert first.response == {"exists": False, "data": None, "id": "b"}
    assert (first.start_time, first.kind) == (1704110400.5, "call")
    assert (second.id, second.error_type, second.number) == ("firestore_0-2", "NotFound", 2)
    assert (third.id, third.start_time) == ("3", 1704110401.0)


def test_every_older_version_has_its_step() -> None:
    assert sorted(upgrades.STEPS) == list(range(VERSION))


def test_a_newer_version_is_refused_with_what_to_do(folder: Path) -> None:
    path = write(folder, interaction(1, 1.0))
    saved = recovery.save(folder)
    path.write_bytes(path.read_bytes().replace(b'"version":1', b'"version":99', 1))
    saved.write_bytes(saved.read_bytes().replace(b'"version":1', b'"version":99', 1))
    for source in (folder, saved):
        with pytest.raises(CaptureError, match="pip install --upgrade"):
            list(journal.read(source))


DEEP = "[" * 1_000_000
HARMFUL = {
    "zip bomb": gzip.compress(b"0" * 1_000_000),
    "yaml with tags": b"interactions:\n- !!python/object/apply:os.system ['echo pwned']\nversion: 1\n",
    "a million levels": ('{"interactions": ' + DEEP).encode(),
    "no session": b"[1, 2]",
    "no interactions": b'{"interactions": 5}',
    "interactions that are none": b'{"version": 1, "interactions": [{"id": 1}]}',
    "old ones that are none": b'{"interactions": [5]}',
    "a version that is none": b'{"version": "x", "interactions": []}',
    "nothing": b"",
    "broken off": b'{"session_id":"1","version":1,"interactions":[\n',
    "deep in a line": b'{"session_id":"1","version":1,"interactions":[\n{"id":"1","request":'
    + DEEP.encode()
    + b"\n]}\n",
    "binary": bytes(range(256)) * 10,
}


@pytest.mark.parametrize("name", HARMFUL)
def test_a_file_that_means_harm_is_refused(tmp_path: Path, name: str) -> None:
    """case 33: YAML tags, a zip bomb, a million levels in each other."""
    path = tmp_path / "session.json"
    path.write_bytes(HARMFUL[name])
    with pytest.raises(CaptureError, match=r"session\.json") as raised:
        list(journal.read(path))
    assert len(str(raised.value)) < 500


@pytest.mark.parametrize(
    "line", [b'{"id":' + DEEP.encode(), b'{"id":"1"}', b"!!python/object:x", b"\x1f\x8b\x08", b"null"]
)
def test_a_journal_that_means_harm_is_refused_with_its_line(folder: Path, line: bytes) -> None:
    """case 33: the same in a journal."""
    path = write(folder, interaction(1, 1.0), closed=False)
    with path.open("ab") as file:
        file.write(line + b"\n")
    with pytest.raises(CaptureError, match=rf"{path.name}:3: "):
        list(journal.read(folder))


def test_the_line_of_an_error_is_said(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text('{\n "interactions": [\n  nonsense\n ]\n}')
    with pytest.raises(CaptureError, match=r"s\.json:3: no JSON"):
        list(journal.read(path))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="No such file"):
        list(journal.read(tmp_path / "none.json"))


def test_ten_thousand_lines_are_read_in_the_memory_of_one(folder: Path) -> None:
    import tracemalloc

    body = {"text": "x" * 20_000}
    write(folder, *(http(number, body, float(-number)) for number in range(1500)))
    tracemalloc.start()
    try:
        assert sum(1 for _ in journal.read(folder)) == 1500
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5 * 2**20  # 30 MB stand there


def test_sessions_that_begin_in_one_millisecond_have_folders_of_their_own(tmp_path: Path) -> None:
    made = [journal.create(tmp_path, 1_700_000_000.123) for _ in range(50)]
    assert len({folder for folder, _ in made}) == len({name for _, name in made}) == 50
    assert made[0][0].name == "capture_20231114_221320_1700000000123"


def test_blobs_are_written_as_a_whole_or_not_at_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()

    def no(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", no)
    with pytest.raises(OSError, match="No space"):
        blobs.put_aside(http(1, {"text": "x" * 100_000}), folder)
    assert list((folder / "blobs").iterdir()) == []
    assert msgspec.json.encode(http(1, None))


@pytest.mark.skipif(sys.platform == "win32", reason="no such locks")
def test_a_journal_is_held_though_somebody_asks_just_then_whether_it_is(folder: Path) -> None:
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{os.getpid()}-00000000.jsonl"
    path.touch()
    made: list[Journal] = []
    header = Header(session_id="1", name="", timestamp="", process=os.getpid(), tool="")
    with path.open("rb") as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        begun = threading.Thread(target=lambda: made.append(Journal(path, header)))
        begun.start()
        time.sleep(0.05)
        assert not path.stat().st_size  # nothing is written before it is held
    begun.join()
    assert recovery.is_written(path)
    made[0].forget()
    assert not recovery.is_written(path)
