"""Names of files that stay inside their folder on every system."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotfixture.errors import InputError
from hotfixture.files.names import check_path, check_pattern, check_segment, check_value

UNSAFE = [
    "", ".", "..", "...", " ", "a/b", "a\\b", "a:b", "C:", "a.", "a ", " a", "a\0", "a\n", "a\x7f",
    "CON", "con.txt", "Lpt1", "COM¹.x", "nul .txt", "conin$", "a*b", "a?b", "a<b", 'a"b', "a|b",
    "a\u200bb", "a\u202eb", "a\u2028b", "\ue000", "a\uff0fb", "\u2024\u2024", "\u2025", "a\u2215b", "a\u2044b",
    "a\uff3cb", "a\uff1ab", "ａｕｘ", "a\ufe52", "x" * 256, "é" * 128, "a\ud800",
]  # fmt: skip

SAFE = [
    "a",
    "a.b",
    ".hidden",
    "12847",
    "invoice-2024_10 (1).pdf",
    "Müller",
    "日本",
    "a\u0301",
    "x" * 255,
    "console",
    "com10",
    "a[1]",
]


@pytest.mark.parametrize("name", UNSAFE)
def test_an_unsafe_name_is_refused_alone_and_inside_a_path(name: str):
    with pytest.raises(InputError):
        check_segment(name)
    if name != "a/b":
        with pytest.raises(InputError):
            check_path(f"x/{name}/y")


@pytest.mark.parametrize("name", SAFE)
def test_an_ordinary_name_is_allowed(name: str):
    assert check_path(f"{check_segment(name)}/x") == f"{name}/x"


@pytest.mark.parametrize(
    "path", ["/x", "\\x", "~/x", "c:/x", "a//b", "a/", "../x", "a/../b", "x/" * 600 + "x", "\\\\?\\x"]
)
def test_a_path_that_is_absolute_or_climbs_is_refused(path: str):
    with pytest.raises(InputError):
        check_path(path)


@settings(deadline=None)
@given(st.text(max_size=12) | st.text("./\\:~*?[]ab \u2024\uff0fcon1", max_size=12))
def test_what_is_allowed_stays_below_its_folder_on_every_system(path: str):
    try:
        check_path(path)
    except InputError:
        return
    root = Path("/srv/root")
    assert (root / path).resolve() != root
    assert (root / path).resolve().is_relative_to(root)
    windows = PureWindowsPath(path)
    assert not windows.drive
    assert not windows.root
    assert ".." not in windows.parts


@pytest.mark.parametrize("path", ["${a}/*.pdf", "**/${a}-${b.start}.pdf", "a/[0-9]?/x*"])
def test_patterns_with_parameters_are_allowed(path: str):
    assert check_pattern(path) == path


@pytest.mark.parametrize("path", ["../${a}", "/${a}", "${a}/..", "a//b", "${a b}"[:0]])
def test_a_pattern_that_leaves_its_volume_is_refused(path: str):
    with pytest.raises(InputError):
        check_pattern(path)


@pytest.mark.parametrize(
    "text", [*UNSAFE[:12], "*", "[a]", "a..b", "..", "~", "$x", "${x}", "%2e", ".a", "a.", "a\uff0a"]
)
def test_a_value_that_could_steer_a_path_is_refused(text: str):
    with pytest.raises(InputError):
        check_value(text)


@pytest.mark.parametrize("text", ["12847", "a-b_c", "Müller GmbH", "2024-10-15", "1.5"])
def test_an_ordinary_value_is_allowed(text: str):
    assert check_value(text) == text


def test_an_error_shows_no_control_characters():
    with pytest.raises(InputError) as caught:
        check_segment("a\x1b[31m")
    assert "\x1b" not in str(caught.value)
