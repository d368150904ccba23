"""Volumes: what a pattern names, and nothing outside; local folders for real, S3 against a server of its own."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotfixture.errors import HotFixtureError, InputError, UnknownNameError
from hotfixture.files.listing import Filter
from hotfixture.files.volumes import Volume, matches, open_volume
from hotfixture.wire.sources import Listed

FILES = {
    "12847/a.pdf": b"A" * 3_000_000,
    "12847/b.txt": b"B",
    "15923/é.pdf": b"C",
    "15923/deep/er/c.pdf": b"",
    "top.pdf": b"T",
}


POSIX = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and such names are POSIX")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in FILES.items():
        path = tmp_path / "invoices" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (tmp_path / "secret").write_bytes(b"outside")
    return tmp_path / "invoices"


@pytest.fixture(scope="session")
def s3() -> Iterator[dict[str, str]]:
    """Options of a store on moto's server."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield {
        "endpoint": f"http://127.0.0.1:{port}", "region": "us-east-1", "access_key_id": "k", "secret_access_key": "s",
        "client_options": {"allow_http": True},
    }  # fmt: skip
    server.stop()


@pytest.fixture(params=["local", "s3"])
def volume(request: pytest.FixtureRequest, folder: Path) -> Volume:
    if request.param == "local":
        return open_volume(str(folder))
    options = request.getfixturevalue("s3")
    import urllib.request

    bucket = f"b{abs(hash(request.node.name))}"
    urllib.request.urlopen(urllib.request.Request(f"{options['endpoint']}/{bucket}", method="PUT")).close()
    import obstore
    from obstore.store import S3Store

    store = S3Store(bucket, **options)
    for name, data in FILES.items():
        obstore.put(store, f"in/{name}", data)
    obstore.put(store, "secret", b"outside")
    return open_volume(f"s3://{bucket}/in", options=options)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("12847/*.pdf", ["12847/a.pdf"]),
        ("*/*.pdf", ["12847/a.pdf", "15923/é.pdf"]),
        ("**/*.pdf", ["12847/a.pdf", "15923/deep/er/c.pdf", "15923/é.pdf", "top.pdf"]),
        ("15923/**", ["15923/deep/er/c.pdf", "15923/é.pdf"]),
        ("15923/**/c.pdf", ["15923/deep/er/c.pdf"]),
        ("12847/?.[a-p]*", ["12847/a.pdf"]),
        ("15923/e\u0301.pdf", ["15923/é.pdf"]),
        ("top.pdf", ["top.pdf"]),
        ("absent/*", []),
    ],
)
def test_a_pattern_names_the_same_files_everywhere(volume: Volume, pattern: str, names: list[str]):
    found = list(volume.find(pattern))
    assert [file.name for file in found] == names
    assert [file.size for file in found] == [len(FILES[name]) for name in names]


def test_a_file_is_read_in_pieces(volume: Volume):
    pieces = list(volume.read("12847/a.pdf"))
    assert b"".join(pieces) == FILES["12847/a.pdf"]
    assert len(pieces) > 1
    assert max(len(piece) for piece in pieces) < 2_500_000


@pytest.mark.parametrize(
    "name", ["../secret", "12847/../../secret", "/etc/passwd", "12847\\a.pdf", "", ".", "a\0", "C:\\x", "\u2025/secret"]
)
def test_nothing_outside_is_reachable(volume: Volume, name: str):
    with pytest.raises(InputError):
        list(volume.read(name))
    with pytest.raises(InputError):
        list(volume.find(name))


@pytest.mark.parametrize(
    ("start", "length"), [(0, 5), (2_999_999, 1), (1_000_000, 1_500_000), (2_999_990, None), (7, 0)]
)
def test_a_part_of_a_file_is_read(volume: Volume, start: int, length: int | None):
    end = None if length is None else start + length
    assert b"".join(volume.read("12847/a.pdf", start=start, length=length)) == FILES["12847/a.pdf"][start:end]


def test_size_and_time_of_one_file(volume: Volume):
    facts = volume.stat("12847/a.pdf")
    assert (facts.name, facts.size) == ("12847/a.pdf", 3_000_000)
    assert abs(facts.mtime - time.time()) < 600
    for name in ("absent", "12847"):
        with pytest.raises(HotFixtureError):
            volume.stat(name)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ([], sorted(FILES)),
        (["name:*.pdf", "size:>0"], ["12847/a.pdf", "15923/é.pdf", "top.pdf"]),
        (["name:*.pdf", "sort:size:desc", "limit:1"], ["12847/a.pdf"]),
        (["name:15923/**"], ["15923/deep/er/c.pdf", "15923/é.pdf"]),
        (["depth:1"], ["top.pdf"]),
        (["type:folder"], ["12847", "15923", "15923/deep", "15923/deep/er"]),
        (["type:folder", "depth:1"], ["12847", "15923"]),
        (["mtime:1"], sorted(FILES)),
        (["mtime:>1"], []),
    ],
)
def test_a_listing_is_the_same_everywhere(volume: Volume, words: list[str], names: list[str]):
    wanted = Filter.parse(words, now=time.time())
    found = [entry for part in volume.list("", wanted) for entry in part]
    assert sorted(entry.name for entry in found) == names
    assert all(entry.size == len(FILES.get(entry.name, b"")) for entry in found if isinstance(entry, Listed))
    below = Filter.parse(["name:*.txt"], now=0)
    assert [entry.name for part in volume.list("12847/", below) for entry in part] == ["12847/b.txt"]


def test_a_missing_file_is_an_error_that_names_it(volume: Volume):
    with pytest.raises(HotFixtureError, match="absent"):
        list(volume.read("absent"))


@POSIX
def test_links_are_neither_listed_nor_followed(folder: Path):
    (folder / "link.pdf").symlink_to(folder.parent / "secret")
    (folder / "elsewhere").symlink_to(folder.parent)
    (folder / "inside").symlink_to(folder / "12847")
    volume = open_volume(str(folder))
    assert [file.name for file in volume.find("**")] == sorted(FILES, key=str.encode)
    for name in ("link.pdf", "elsewhere/secret", "inside/a.pdf"):
        with pytest.raises(HotFixtureError, match="cannot be read"):
            list(volume.read(name))


@POSIX
def test_a_pipe_is_no_file_and_does_not_block(folder: Path):
    os.mkfifo(folder / "pipe")
    volume = open_volume(str(folder))
    assert not list(volume.find("pipe"))
    with pytest.raises(HotFixtureError, match="cannot be read"):
        list(volume.read("pipe"))


@POSIX
def test_a_found_file_with_an_unsafe_name_is_refused_by_its_name(folder: Path):
    (folder / "a:b.pdf").write_bytes(b"")
    assert list(open_volume(str(folder)).find("12847/*"))
    with pytest.raises(InputError, match=r"a:b\.pdf"):
        open_volume(str(folder)).find("*.pdf")


@POSIX
def test_a_folder_itself_may_be_reached_by_a_link(folder: Path):
    (folder.parent / "alias").symlink_to(folder)
    assert list(open_volume(str(folder.parent / "alias")).read("top.pdf")) == [b"T"]


@POSIX
def test_every_spelling_of_a_local_folder_is_understood(folder: Path, monkeypatch: pytest.MonkeyPatch):
    (folder.parent / "a b").symlink_to(folder)
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.chdir(folder.parent)
    for url in (
        folder.as_uri(),
        f"file://localhost{folder}",
        "invoices",
        "~/invoices",
        (folder.parent / "a b").as_uri(),
    ):
        assert list(open_volume(url).find("top.pdf"))


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("ftp://x/y", UnknownNameError),
        ("s3://key:secret@bucket/x", InputError),
        ("file://server/share", InputError),
        ("/no/such/folder", InputError),
    ],
)
def test_a_wrong_url_is_refused_without_repeating_secrets(url: str, error: type[Exception]):
    with pytest.raises(error) as caught:
        open_volume(url)
    assert "secret" not in str(caught.value)


def test_an_unreachable_store_says_so_without_its_credentials():
    options = {"endpoint": "http://127.0.0.1:9", "region": "x", "access_key_id": "k", "secret_access_key": "hunter2"}
    volume = open_volume(
        "s3://b/x", options={**options, "client_options": {"allow_http": True}, "retry_config": {"max_retries": 0}}
    )
    with pytest.raises(HotFixtureError, match="s3://b/x") as caught:
        volume.find("*")
    assert "hunter2" not in str(caught.value)
    assert "credentials in the environment" in str(caught.value)


NAMES = st.lists(st.text("ab", min_size=1, max_size=2), min_size=1, max_size=4).map("/".join)
PATTERNS = st.lists(st.sampled_from(["**", "*", "a", "?b", "b*"]), min_size=1, max_size=4).map("/".join)


@settings(deadline=None)
@given(NAMES, PATTERNS)
def test_a_pattern_means_what_all_its_expansions_mean(name: str, pattern: str):
    """`**` is any number of `*`; a last one at least one name."""
    parts = [["*" * 1] if part != "**" else None for part in pattern.split("/")]
    depth = name.count("/") + 1

    def expand(at: int, room: int) -> Iterator[list[str]]:
        if at == len(parts):
            yield []
            return
        written = pattern.split("/")[at]
        for count in (1,) if written != "**" else range(1 if at == len(parts) - 1 else 0, room + 1):
            for rest in expand(at + 1, room - count) if count <= room else ():
                yield [written if written != "**" else "*"] * count + rest

    expected = any(
        len(expanded) == depth and all(map(fnmatchcase, name.split("/"), expanded)) for expanded in expand(0, depth)
    )
    assert matches(name, pattern) == expected


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_no_text_is_refused_not_guessed(folder: Path):
    (folder / os.fsdecode(b"\xff.pdf")).write_bytes(b"")
    with pytest.raises(InputError, match="no safe file name"):
        open_volume(str(folder)).find("*.pdf")


def test_folders_nested_beyond_reason_are_an_error_and_no_crash(tmp_path: Path):
    deep = tmp_path
    for _ in range(30):
        deep /= "d" * 50
        deep.mkdir()
    with pytest.raises(InputError, match="nested deeper"):
        open_volume(str(tmp_path)).find("**")


def test_too_many_files_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hotfixture.files.volumes.MAX_FILES", 4)
    assert len(list(open_volume(str(folder)).find("*/**"))) == 4
    with pytest.raises(InputError, match="more than 4 files"):
        open_volume(str(folder)).find("**")


def test_a_folder_that_cannot_be_made_is_said_in_the_system_s_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(HotFixtureError, match="Not a directory"):
        open_volume(str(tmp_path / "file" / "folder"), create=True)
