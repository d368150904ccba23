"""A package is released whole or not at all, and never over what is none."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotfixture.errors import InputError, PackageError
from hotfixture.plans import package


def made(folder: Path, text: str = "SELECT 1;\n") -> Path:
    folder.mkdir(parents=True)
    (folder / "x.sql").write_text(text)
    (folder / "deep").mkdir()
    (folder / "deep" / "y.txt").write_bytes(b"\xff")
    package.write_manifest(folder, {"tables": []})
    return folder


def test_the_manifest_lists_every_file_but_itself(tmp_path: Path) -> None:
    manifest = package.read_manifest(made(tmp_path / "p"))
    assert sorted(manifest["files"]) == ["deep/y.txt", "x.sql"]
    assert manifest["files"]["deep/y.txt"] == {
        "bytes": 1,
        "sha256": "a8100ae6aa1940d0b663bb31cd466142ebbdbd5187131b92d93818987832eb89",
    }
    assert package.check_files(tmp_path / "p", manifest) == []


def test_a_manifest_may_hold_what_json_has_no_form_for(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    package.write_manifest(tmp_path / "p", {"parameters": {"path": Path("a"), "name": "Zoë"}})
    text = (tmp_path / "p" / "METADATA" / "manifest.json").read_bytes()
    assert json.loads(text)["parameters"] == {"path": "a", "name": "Zoë"}
    assert b"\r" not in text


def test_the_stage_is_gone_whatever_happens(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), package.staging(tmp_path / "sub" / "p") as stage:  # noqa: PT012 - what happens inside is the test
        (stage / "half").write_text("x")
        assert stage.parent == tmp_path / "sub"
        raise KeyboardInterrupt
    assert list((tmp_path / "sub").iterdir()) == []


def test_a_package_takes_the_place_of_an_earlier_one_at_once(tmp_path: Path) -> None:
    made(tmp_path / "old", "old")
    package.release(made(tmp_path / "new", "new"), tmp_path / "old")
    assert (tmp_path / "old" / "x.sql").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_an_empty_folder_and_an_earlier_file_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    package.release(made(tmp_path / "a"), tmp_path / "empty")
    (tmp_path / "x.sql").write_text("earlier")
    (tmp_path / "y.sql").write_text("later")
    package.release(tmp_path / "y.sql", tmp_path / "x.sql")
    assert (tmp_path / "x.sql").read_text() == "later"


@pytest.mark.parametrize("kind", ["a folder over a file", "a folder over a folder of others", "a file over a folder"])
def test_what_is_no_package_is_never_replaced(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "place"
    if kind == "a folder over a file":
        place.write_text("thesis")
    else:
        place.mkdir()
        (place / "thesis.txt").write_text("thesis")
    finished = tmp_path / "x.sql" if kind.startswith("a file") else made(tmp_path / "p")
    if kind.startswith("a file"):
        finished.write_text("x")
    with pytest.raises(InputError, match="Name"):
        package.release(finished, place)
    assert "thesis" in (place if place.is_file() else place / "thesis.txt").read_text()
    assert finished.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '"x"', "\ufeff{}", "null"])
def test_what_is_no_manifest_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "METADATA").mkdir()
    (tmp_path / "METADATA" / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(PackageError, match="no package"):
        package.read_manifest(tmp_path)


def test_missing_changed_and_foreign_files_are_told_apart(tmp_path: Path) -> None:
    folder = made(tmp_path / "p")
    manifest = package.read_manifest(folder)
    (folder / "x.sql").write_text("SELECT 2;\n")
    (folder / "deep" / "y.txt").unlink()
    (folder / "z").write_text("")
    assert package.check_files(folder, manifest) == ["deep/y.txt: missing", "x.sql: changed", "z: not in the manifest"]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=3000), max_size=9))
def test_what_is_written_is_digested_meanwhile(pieces: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        with package.Digested(Path(folder) / "x.sql") as file:
            file.writelines(pieces[:3])
            for piece in pieces[3:]:
                file.write(memoryview(piece))
        assert (Path(folder) / "x.sql").read_bytes() == b"".join(pieces)
        assert file.digest == package.digest(Path(folder) / "x.sql")
