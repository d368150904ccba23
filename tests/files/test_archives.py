"""Archives: byte-reproducible, whole or absent, and nothing that one says is believed."""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from hotfixture.errors import HotFixtureError, InputError, PackageError
from hotfixture.files.archives import SUFFIXES, files_of, pack, unpack

FILES = {
    "data.sql": b"x" * 3_000_000,
    "METADATA/manifest.json": b"{}",
    "a/é 1.pdf": os.urandom(70_000),
    "a/empty": b"",
    "a.b": b"1",
}
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes are POSIX")
EACH = pytest.mark.parametrize("suffix", SUFFIXES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "incident"
    for name, data in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    (root / "empty folder").mkdir()
    return root


def contents(folder: Path) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in files_of(folder)}


@EACH
def test_every_file_comes_back_as_it_was(folder: Path, tmp_path: Path, suffix: str):
    pack(folder, tmp_path / f"p{suffix}")
    unpack(tmp_path / f"p{suffix}", tmp_path / "back")
    assert contents(tmp_path / "back") == {f"incident/{name}": data for name, data in FILES.items()}


@EACH
def test_the_bytes_depend_on_names_and_contents_alone(folder: Path, tmp_path: Path, suffix: str):
    pack(folder, tmp_path / f"p{suffix}")
    first = (tmp_path / f"p{suffix}").read_bytes()
    other = tmp_path / "elsewhere" / "incident"
    for name, data in reversed(FILES.items()):
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        (other / name).write_bytes(data)
        (other / name).chmod(0o600)
        os.utime(other / name, (1, 1))
    pack(other, tmp_path / f"p{suffix}")
    assert (tmp_path / f"p{suffix}").read_bytes() == first


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of one process alone is told by /proc")
@EACH
def test_memory_does_not_grow_with_a_file(tmp_path: Path, suffix: str):
    """200 MB of a sparse file, packed and unpacked in a process of its own, within 60 MB."""
    (tmp_path / "big").mkdir()
    with (tmp_path / "big" / "file").open("wb") as file:
        file.truncate(200_000_000)
    script = f"""
from pathlib import Path
from hotfixture.files.archives import pack, unpack
pack(Path("big"), Path("p{suffix}"))
unpack(Path("p{suffix}"), Path("back"))
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""
    run = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (tmp_path / "back" / "big" / "file").stat().st_size == 200_000_000
    assert int(run.stdout) < 60_000


def test_the_root_folder_can_be_named_or_left_out(folder: Path, tmp_path: Path):
    pack(folder, tmp_path / "p.zip", root="")
    with zipfile.ZipFile(tmp_path / "p.zip") as packed:
        assert packed.namelist() == sorted(FILES)
    pack(folder, tmp_path / "p.tar.gz", root="x")
    with tarfile.open(tmp_path / "p.tar.gz") as tar:
        assert tar.getnames() == sorted(f"x/{name}" for name in FILES)


@EACH
def test_a_failure_leaves_what_was_there(folder: Path, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / f"p{suffix}").write_bytes(b"old")
    (folder / "z").write_bytes(b"z")
    opened = Path.open

    def fails(path: Path, *args, **options):
        if path.name == "z":
            raise OSError(5, "disk")
        return opened(path, *args, **options)

    monkeypatch.setattr(Path, "open", fails)
    with pytest.raises(HotFixtureError, match="disk"):
        pack(folder, tmp_path / f"p{suffix}")
    assert (tmp_path / f"p{suffix}").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["incident", f"p{suffix}"]


@POSIX
def test_links_and_pipes_are_not_packed(folder: Path, tmp_path: Path):
    (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(InputError, match="link"):
        pack(folder, tmp_path / "p.zip")
    (folder / "link").unlink()
    os.mkfifo(folder / "pipe")
    with pytest.raises(InputError, match="pipe"):
        pack(folder, tmp_path / "p.zip")


def test_names_that_some_system_merges_are_not_packed(folder: Path, tmp_path: Path):
    if (folder / "DATA.sql").exists():
        pytest.skip("this file system merges them itself")
    (folder / "DATA.sql").write_bytes(b"")
    with pytest.raises(InputError, match="one name"):
        pack(folder, tmp_path / "p.zip")


def test_an_unknown_kind_of_archive_is_refused(folder: Path, tmp_path: Path):
    with pytest.raises(InputError, match=r"\.tar\.zst"):
        pack(folder, tmp_path / "p.rar")


HOSTILE = [
    "../x",
    "/etc/x",
    "a/../../x",
    "C:\\x",
    "a\\b",
    "C:x",
    "a/./b",
    "a//b",
    "nul",
    "x/aux.txt",
    "a:b",
    "a ",
    "a.",
    "a\u202eb",
    "\uff0e\uff0e/x",
]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("suffix", [".tar.gz", ".zip"])
def test_a_hostile_name_is_refused_and_nothing_stays(tmp_path: Path, suffix: str, name: str):
    archive = tmp_path / f"p{suffix}"
    hostile(archive, [("ok", b"1"), (name, b"2")])
    refused(archive, "no safe|absolute|below")
    assert [path.name for path in tmp_path.iterdir()] == [archive.name]


def hostile(archive: Path, members: list[tuple[str, bytes]]) -> None:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive, "w") as packed:
            for name, data in members:
                packed.writestr(zipfile.ZipInfo(name), data)
        return
    with tarfile.open(archive, "w:gz") as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def refused(archive: Path, message: str, **bounds) -> None:
    with pytest.raises(PackageError, match=message):
        unpack(archive, archive.parent / "back", **bounds)
    assert not (archive.parent / "back").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes):
    with tarfile.open(tmp_path / "p.tar.gz", "w:gz") as tar:
        info = tarfile.TarInfo("x")
        info.type, info.linkname = kind, "/etc/passwd"
        tar.addfile(info)
    refused(tmp_path / "p.tar.gz", "no plain file")


def test_a_link_in_a_zip_is_refused(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as packed:
        info = zipfile.ZipInfo("x")
        info.external_attr = 0o120777 << 16
        packed.writestr(info, "/etc/passwd")
    refused(tmp_path / "p.zip", "no plain file")


@pytest.mark.parametrize("suffix", [".tar.gz", ".zip"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_refused(tmp_path: Path, suffix: str):
    hostile(tmp_path / f"p{suffix}", [("a", b"1"), ("A", b"2")])
    refused(tmp_path / f"p{suffix}", "twice")


@pytest.mark.parametrize("suffix", [".tar.gz", ".zip"])
def test_bytes_and_files_are_bounded_by_what_is_read(tmp_path: Path, suffix: str):
    hostile(tmp_path / f"p{suffix}", [("a", bytes(5_000_000)), ("b", b"")])
    refused(tmp_path / f"p{suffix}", "more bytes", max_bytes=4_999_999)
    refused(tmp_path / f"p{suffix}", "more than 1 files", max_files=1)
    unpack(tmp_path / f"p{suffix}", tmp_path / "back", max_bytes=5_000_000, max_files=2)


def test_a_huge_header_is_refused_before_it_is_read(tmp_path: Path):
    with tarfile.open(tmp_path / "p.tar.gz", "w:gz", pax_headers={"comment": "x" * 5_000_000}):
        pass
    refused(tmp_path / "p.tar.gz", "header")


@EACH
def test_a_damaged_archive_is_a_package_error(folder: Path, tmp_path: Path, suffix: str):
    archive = tmp_path / f"p{suffix}"
    pack(folder, archive)
    data = archive.read_bytes()
    archive.write_bytes(data[: len(data) // 2])
    refused(archive, "damaged")
    middle = len(data) // 2
    archive.write_bytes(data[:middle] + bytes(byte ^ 0xFF for byte in data[middle : middle + 64]) + data[middle + 64 :])
    refused(archive, "damaged")
    archive.write_bytes(b"no archive")
    refused(archive, "damaged")


def test_an_existing_folder_is_not_written_into(folder: Path, tmp_path: Path):
    pack(folder, tmp_path / "p.zip")
    with pytest.raises(InputError, match="exists already"):
        unpack(tmp_path / "p.zip", folder)
    assert contents(folder) == FILES


@pytest.mark.parametrize("suffix", [".tar.gz", ".zip"])
@pytest.mark.parametrize("names", [["a", "a/b"], ["a/b", "a"]])
def test_a_name_that_is_file_and_folder_is_refused(tmp_path: Path, suffix: str, names: list[str]):
    hostile(tmp_path / f"p{suffix}", [(name, b"") for name in names])
    refused(tmp_path / f"p{suffix}", "as a file and as a folder")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_no_text_is_not_packed(folder: Path, tmp_path: Path):
    (folder / os.fsdecode(b"\xff")).write_bytes(b"")
    with pytest.raises(InputError, match="no safe file name"):
        pack(folder, tmp_path / "p.zip")


def test_an_absent_archive_is_an_input_error(tmp_path: Path):
    with pytest.raises(InputError, match="cannot be read"):
        unpack(tmp_path / "p.zip", tmp_path / "back")


@EACH
def test_whatever_bytes_an_archive_holds_it_is_opened_or_refused(folder: Path, tmp_path: Path, suffix: str):
    """A hundred small damages to a good archive: none ends in another error, none leaves anything behind."""
    archive = tmp_path / f"p{suffix}"
    (folder / "data.sql").unlink()
    pack(folder, archive)
    good, chance = archive.read_bytes(), random.Random(7)
    for _ in range(100):
        data = bytearray(good)
        for _ in range(3):
            # Most of the bytes that decide anything stand at the ends.
            data[chance.choice([chance.randrange(200), -chance.randrange(1, 400)])] = chance.randrange(256)
        archive.write_bytes(data)
        try:
            unpack(archive, tmp_path / "back")
        except PackageError:
            assert not (tmp_path / "back").exists()
        else:
            shutil.rmtree(tmp_path / "back")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["incident", archive.name]
