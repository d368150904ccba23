"""Journals are cleaned of what was learned late."""

from __future__ import annotations

from pathlib import Path

from hotfixture.capture import journal
from hotfixture.capture.sanitising.bodies import raw_of
from hotfixture.capture.session import Session

SECRET = "zz-late-" + "secret-123"


def test_a_secret_that_is_told_at_last_stands_in_no_file_of_the_session(sessions: Path) -> None:
    """case 16: lines, blobs, and what the lines before say, all the same"""
    session = Session("late", within=True)
    for number, answer in enumerate(
        ({"n": 1}, {"text": SECRET}, {"big": ["x" * 90_000, SECRET]}, {"password": SECRET})
    ):
        call = session.begin("call", "shop", "ask", {"n": number})
        call.done(value=answer)
    http = session.begin("http", "h", "GET /", {"method": "GET", "url": "http://h/", "headers": []})
    http.answered(status=200, headers=[])
    http.chunk(b"y" * 90_000 + SECRET.encode())
    http.done()
    session.close()
    files = [path for path in sessions.rglob("*") if path.is_file()]
    assert files
    assert not [path.name for path in files if SECRET.encode() in path.read_bytes()]
    kept = list(journal.read(session.folder))
    assert [one.number for one in kept] == [1, 2, 3, 4, 5]
    assert kept[0].response == {"value": {"n": 1}}
    surrogate = kept[3].response["value"]["password"]
    assert kept[1].response["value"]["text"] == surrogate
    assert not [path for path in files if path.name.startswith(".")]


def test_a_blob_that_was_written_before_is_cleaned_too(sessions: Path) -> None:
    session = Session("late", within=True)
    http = session.begin("http", "h", "GET /", {"method": "GET", "url": "http://h/", "headers": []})
    http.answered(status=200, headers=[])
    http.chunk(b"y" * 90_000 + SECRET.encode())
    http.done()
    session.begin("call", "shop", "ask", {}).done(password=SECRET)
    session.close()
    files = [path for path in sessions.rglob("*") if path.is_file()]
    assert any(path.parent.name == "blobs" for path in files)
    assert not [path.name for path in files if SECRET.encode() in path.read_bytes()]
    body = next(iter(journal.read(session.folder))).response["body"]["text"]
    assert body.startswith("y" * 90_000)


def test_lengths_and_cuts_follow(sessions: Path) -> None:
    session = Session("late", within=True)
    http = session.begin("http", "h", "GET /", {"method": "GET", "url": "http://h/", "headers": []})
    pieces = [b"data: one\n\n", f"data: {SECRET}\n\n".encode(), b"data: end\n\n"]
    http.answered(status=200, headers=[("Content-Length", str(len(b"".join(pieces))))])
    for piece in pieces:
        http.chunk(piece)
    http.done()
    session.begin("call", "shop", "ask", {}).done(password="x", token=SECRET)
    session.close()
    kept = next(iter(journal.read(session.folder)))
    raw = raw_of(kept.response["body"])
    assert SECRET.encode() not in raw
    assert kept.response["headers"] == [["Content-Length", str(len(raw))]]
    sizes = [size for _, size in kept.chunks]
    assert sum(sizes) == len(raw)
    assert raw[: sizes[0]] == pieces[0]
    assert raw[sizes[0] + sizes[1] :] == pieces[2]
