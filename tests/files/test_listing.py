"""Listings of volumes: what the words mean, that a walk keeps what they say, and that nothing is left out unsaid."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.errors import HotFixtureError, InputError, UnknownNameError
from hotfixture.files import listing
from hotfixture.files.listing import Filter, lines
from hotfixture.files.volumes import Volume, open_volume
from hotfixture.wire.sources import Listed, Unlisted

NOW = 1_729_000_000.0
"""2024-10-15 13:46:40 UTC."""
DAY = 86400
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and such names are POSIX")


def wanted(*words: str) -> Filter:
    return Filter.parse(words, now=NOW)


def names(volume: Volume, *words: str, folder: str = "") -> list[str]:
    return [entry.name for part in volume.list(folder, wanted(*words)) for entry in part if isinstance(entry, Listed)]


def missed(volume: Volume, *words: str) -> list[Unlisted]:
    return [entry for part in volume.list("", wanted(*words)) for entry in part if isinstance(entry, Unlisted)]


FILES = {
    "app/today.log": (2000, 0.5),
    "app/old.log": (3000, 9),
    "app/2024/é.log": (10, 3),
    "app/notes.txt": (1024, 1),
    "top.log": (1025, 6.9),
    "web/access.log.gz": (5000, 2),
}
"""Size, and age in days."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, (size, age) in FILES.items():
        path = tmp_path / "logs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
        os.utime(path, (NOW - age * DAY,) * 2)
    return tmp_path / "logs"


CASES: list[tuple[tuple[str, ...], set[str]]] = [
    ((), set(FILES)),
    (("name:*.log",), {"app/today.log", "app/old.log", "app/2024/é.log", "top.log"}),
    (("name:*.log", "name:*.txt"), {"app/today.log", "app/old.log", "app/2024/é.log", "top.log", "app/notes.txt"}),
    (("name:[ot]o*",), {"app/today.log", "top.log"}),
    (("name:e\u0301*",), {"app/2024/é.log"}),
    (("name:app/*.log",), {"app/today.log", "app/old.log"}),
    (("name:app/**",), {name for name in FILES if name.startswith("app/")}),
    (("mtime:7",), set(FILES) - {"app/old.log"}),
    (("mtime:>7",), {"app/old.log"}),
    (("mtime:<36h",), {"app/today.log", "app/notes.txt"}),
    (("mtime:2..4",), {"app/2024/é.log", "web/access.log.gz"}),
    (("mtime:2024-10-14..2024-10-15",), {"app/today.log", "app/notes.txt"}),
    (("mtime:2024-10-12",), {"app/2024/é.log"}),
    (("mtime:..2024-10-06",), {"app/old.log"}),
    (("mtime:2024-10-15T00:00:00..",), {"app/today.log"}),
    (("size:>1024",), set(FILES) - {"app/notes.txt", "app/2024/é.log"}),
    (("size:1024",), {"app/notes.txt"}),
    (("size:<1KiB",), {"app/2024/é.log"}),
    (("size:1KiB..2kB",), {"app/notes.txt", "top.log", "app/today.log"}),
    (("name:*.log", "mtime:7", "size:>1024"), {"app/today.log", "top.log"}),
    (("depth:1",), {"top.log"}),
    (("depth:2",), set(FILES) - {"app/2024/é.log"}),
    (("type:folder",), {"app", "app/2024", "web"}),
    (("type:folder", "depth:1"), {"app", "web"}),
    (("type:folder", "name:2*"), {"app/2024"}),
]


@pytest.mark.parametrize(("words", "expected"), CASES, ids=lambda value: " ".join(sorted(value)) if value else "-")
def test_a_walk_keeps_what_the_words_say(folder: Path, words: tuple[str, ...], expected: set[str]):
    found = names(open_volume(str(folder)), *words)
    assert set(found) == expected
    assert len(found) == len(expected)


def test_sorting_and_limits(folder: Path):
    volume = open_volume(str(folder))
    by_age = sorted(FILES, key=lambda name: FILES[name][1])
    assert names(volume, "sort:mtime:desc") == by_age
    assert names(volume, "sort:mtime", "limit:2") == by_age[:-3:-1]
    assert names(volume, "sort:size:desc", "limit:1") == ["web/access.log.gz"]
    assert names(volume, "sort:name") == sorted(FILES)
    assert len(names(volume, "limit:4")) == 4


def test_the_newest_file_of_a_folder(folder: Path):
    """The pick of `sort:mtime:desc` of a folder."""
    volume = open_volume(str(folder))
    newest = wanted("sort:mtime:desc", "name:*.log").newest()
    (entry,) = (entry for part in volume.list("app/2024/", newest) for entry in part)
    assert entry.name == "app/2024/é.log"
    assert names(volume, "name:**/*.log", folder="app") == names(volume, "name:*.log", folder="app")


def test_patterns_of_paths_count_from_the_folder_that_is_listed(folder: Path):
    assert names(open_volume(str(folder)), "name:2024/*", folder="app") == ["app/2024/é.log"]


@pytest.mark.parametrize(
    "word",
    [
        "colour:red", "name", "name:../*", "name:/etc/*", "mtime:", "mtime:soon", "mtime:2024-13-01", "mtime:5..2",
        "size:>1K", "size:1M", "size:", "size:9..1", "type:link", "depth:0", "limit:0", "limit:-1", "limit:1000001",
        "limit:\u0663", "sort:colour", "sort:mtime:down",
    ],
)  # fmt: skip
def test_a_word_that_means_nothing_is_refused_with_what_could_be_meant(word: str):
    with pytest.raises(InputError) as caught:
        wanted(word)
    assert "filter" in str(caught.value) or "no path below" in str(caught.value) or ".." in str(caught.value)


def test_a_word_stands_once():
    with pytest.raises(InputError, match="twice"):
        wanted("limit:1", "limit:2")


@given(st.lists(st.floats(0, 30), max_size=8), st.integers(0, 30))
def test_an_age_is_what_find_means_by_it(ages: list[float], days: int):
    files = [Listed(str(age), 1, NOW - age * DAY) for age in ages]
    newer, older = wanted(f"mtime:{days}"), wanted(f"mtime:>{days}")
    for file in files:
        assert newer.keeps(file) != older.keeps(file)
        assert newer.keeps(file) == (file.mtime >= NOW - days * DAY)


def test_lines_are_one_object_a_file(folder: Path):
    text = b"".join(lines(open_volume(str(folder)).list("", wanted("name:top.log"))))
    assert json.loads(text) == {"name": "top.log", "size": 1025, "mtime": NOW - 6.9 * DAY}
    assert text.endswith(b"}\n")


@pytest.mark.parametrize("folder_name", ["../x", "/etc", "a\0b", "C:/x", "app/../..", "\uff0e\uff0e/x"])
def test_no_folder_outside_is_listed(folder: Path, folder_name: str):
    with pytest.raises(InputError):
        open_volume(str(folder)).walk(folder_name, wanted())


def test_a_folder_that_is_not_there_is_an_error(folder: Path):
    with pytest.raises(UnknownNameError, match="absent"):
        open_volume(str(folder)).walk("absent", wanted())


@POSIX
def test_links_are_neither_listed_nor_walked(folder: Path):
    (folder.parent / "outside.log").write_bytes(b"secret")
    (folder / "link.log").symlink_to(folder.parent / "outside.log")
    (folder / "up").symlink_to(folder.parent)
    os.mkfifo(folder / "pipe")
    volume = open_volume(str(folder))
    assert set(names(volume)) == set(FILES)
    assert set(names(volume, "type:folder")) == {"app", "app/2024", "web"}
    with pytest.raises(HotFixtureError):
        volume.walk("up", wanted())


@POSIX
def test_links_are_not_followed_where_folders_cannot_be_opened_by_descriptor(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    """As on Windows: the real path must be the path."""
    from hotfixture.files import walking

    monkeypatch.setattr(walking, "BY_DESCRIPTOR", False)
    (folder / "up").symlink_to(folder.parent)
    volume = open_volume(str(folder))
    assert set(names(volume)) == set(FILES)
    assert set(names(volume, folder="app")) == {name for name in FILES if name.startswith("app/")}
    with pytest.raises(HotFixtureError, match="it is a link"):
        volume.walk("up", wanted())


@POSIX
def test_a_folder_replaced_by_a_link_during_the_walk_is_not_followed(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """Between the look at a name and its opening somebody with write access may put a link there."""
    (folder.parent / "outside").mkdir()
    (folder.parent / "outside" / "secret.log").write_bytes(b"s")
    from hotfixture.files import walking

    real = walking.open_folder

    def swapping(name: str | Path, above: int | None = None) -> int:
        if name == "web":
            (folder / "web").rename(folder.parent / "moved")
            (folder / "web").symlink_to(folder.parent / "outside")
        return real(name, above)

    monkeypatch.setattr(walking, "open_folder", swapping)
    volume = open_volume(str(folder))
    entries = [entry for part in volume.list("", wanted()) for entry in part]
    assert not [entry for entry in entries if "secret" in entry.name]
    assert [entry.name for entry in entries if isinstance(entry, Unlisted)] == ["web"]


@POSIX
def test_what_cannot_be_looked_at_is_said(folder: Path):
    (folder / "a\nb.log").write_bytes(b"")
    (folder / os.fsdecode(b"\xff.log")).write_bytes(b"") if sys.platform == "linux" else None
    found = {entry.name for entry in missed(open_volume(str(folder)))}
    assert "a\\nb.log" in found
    assert all(name.isprintable() for name in found)
    assert b"\n".join(lines(open_volume(str(folder)).list("", wanted()))).count(b"problem") == len(found)


@pytest.mark.skipif(sys.platform == "win32" or not hasattr(os, "setresuid"), reason="needs accounts of POSIX")
def test_a_folder_without_permission_is_said(folder: Path):
    (folder / "web").chmod(0)
    folder.parent.chmod(0o755)
    program = (
        "import os, sys, time\n"
        "from hotfixture.files.volumes import open_volume\n"
        "from hotfixture.files.listing import Filter, lines\n"
        "if os.getuid() == 0: os.setresuid(65534, 65534, 65534)\n"
        "os.chdir('/')\n"
        "sys.stdout.buffer.writelines(lines(open_volume(sys.argv[1]).list('', Filter())))\n"
    )
    for above in [folder, *folder.parents]:
        if above.stat().st_uid == os.getuid() and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o055)
    made = subprocess.run([sys.executable, "-c", program, str(folder)], capture_output=True, check=False)
    assert made.returncode == 0, made.stderr
    entries = [json.loads(line) for line in made.stdout.splitlines()]
    assert {"name": "web", "problem": "cannot be listed: Permission denied"} in entries
    assert len([entry for entry in entries if "size" in entry]) == len(FILES) - 1


def test_folders_nested_beyond_reason_are_said(tmp_path: Path):
    deep = tmp_path
    for _ in range(70):
        deep /= "d"
        deep.mkdir()
    (found,) = missed(open_volume(str(tmp_path)))
    assert found.problem == "is nested too deep"


def test_a_walk_leaves_no_descriptor_open(folder: Path):
    if not Path("/proc/self/fd").exists():
        pytest.skip("counts descriptors in /proc")
    walk = open_volume(str(folder)).list("", wanted("limit:1"))
    next(walk)
    walk.close()  # type: ignore[attr-defined]  # it is a generator
    names(open_volume(str(folder)))
    assert opened_below(folder) == []


def opened_below(folder: Path) -> list[Path]:
    """What this process has open there; other threads of it may open and close what they like elsewhere."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # it was closed meanwhile
            found.append(descriptor.readlink())
    return [path for path in found if path.is_relative_to(folder)]


def test_too_many_files_to_sort_need_a_limit(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listing, "MOST", 4)
    with pytest.raises(InputError, match="more than 4"):
        names(open_volume(str(folder)), "sort:size")
    assert len(names(open_volume(str(folder)), "sort:size", "limit:2")) == 2


def test_the_first_line_comes_long_before_the_last(tmp_path: Path):
    """Parts leave as they are found: a walk of many folders needs not end first."""
    for number in range(60):
        (tmp_path / str(number)).mkdir()
        for file in range(60):
            (tmp_path / str(number) / f"{file}.log").touch()
    walk = open_volume(str(tmp_path)).walk("", wanted())
    started = time.perf_counter()
    first = next(part for part in walk if part)
    early = time.perf_counter() - started
    assert 0 < len(first) < 3600
    assert early < 1  # a part leaves after PATIENCE, which is a twentieth of that
    assert len(first) + sum(map(len, walk)) == 3600
