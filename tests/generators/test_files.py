"""Files: name, extension, media type, path and size of one draw belong together."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.errors import UnknownNameError
from hotfixture.generators import find, generate

DRAWS = Draws.from_rows(3, "files", 0, 300)


def made(name, **options):
    return find(name)(DRAWS, **options).to_pylist()


def test_the_parts_of_a_file_agree():
    for row in made("files.file"):
        assert PurePosixPath(row["path"]).name == row["name"]
        assert PurePosixPath(row["name"]).suffix == f".{row['extension']}"
    assert [row["mime_type"] for row in made("files.file")] == made("mime_type")


def test_a_kind_has_extensions_of_its_own():
    assert {PurePosixPath(value).suffix for value in made("file_name", kind="font")} <= {
        ".ttf",
        ".otf",
        ".woff",
        ".woff2",
    }
    assert all(value.endswith(".pdf") for value in made("file_path", extension="pdf"))
    with pytest.raises(UnknownNameError):
        generate("file_name", kind="nothing")


@pytest.mark.parametrize("depth", [0, 1, 5])
def test_paths_are_those_of_their_system(depth):
    for value in agreed("file_path", depth=depth):
        assert PurePosixPath(value).is_absolute()
    for value in agreed("file_path", depth=depth, system="windows"):
        assert PureWindowsPath(value).is_absolute()
        assert "/" not in value


def test_the_file_lies_in_the_folder_of_the_same_draws():
    assert [str(PurePosixPath(value).parent) for value in made("file_path")] == made("directory")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 1 << 40), min_size=2, max_size=2).map(sorted))
def test_sizes_stay_in_any_range(bounds):
    agreed("file_size", count=50, low=bounds[0], high=bounds[1])


def test_small_files_are_as_frequent_as_large_ones():
    sizes = agreed("file_size", count=3000, low=1 << 10, high=(1 << 30) - 1)
    assert 0.45 < sum(size < 1 << 20 for size in sizes) / len(sizes) < 0.55


def test_both_spellings_of_permissions_mean_the_same():
    for symbolic, octal in zip(made("permissions"), made("permissions", notation="octal"), strict=True):
        bits = "".join("0" if mark in "-ST" else "1" for mark in symbolic[1:])
        assert int(bits, 2) == int(octal, 8) & 0o777


def test_partitions_are_numbered():
    assert all(value[-1].isdigit() for value in agreed("files.device", partition=True))
