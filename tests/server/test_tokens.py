"""Access tokens: what the file holds opens nothing by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotfixture.errors import InputError
from hotfixture.server import tokens


def test_a_token_is_known_by_its_line_and_stands_nowhere_in_it(tmp_path: Path) -> None:
    token, line = tokens.make("ann")
    path = tmp_path / "tokens"
    path.write_text(f"# who may\n\n{line}\n")
    known = tokens.read(path)
    assert token not in line
    assert tokens.owner_of(known, f"Bearer {token}".encode()) == "ann"
    assert tokens.owner_of(known, f"bearer {token}".encode()) == "ann"
    for wrong in (b"", b"Bearer", b"Bearer " + line.encode(), b"Basic " + token.encode(), f"Bearer {token}x".encode()):
        assert tokens.owner_of(known, wrong) == ""


def test_two_tokens_of_one_name_differ_and_both_open(tmp_path: Path) -> None:
    (one, first), (other, second) = tokens.make("ann"), tokens.make("ann")
    path = tmp_path / "tokens"
    path.write_text(f"{first}\n{second}\n")
    assert one != other
    assert {tokens.owner_of(tokens.read(path), f"Bearer {token}".encode()) for token in (one, other)} == {"ann"}


def test_a_wrong_line_is_named_and_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.write_text("mc_this-is-a-token-by-mistake\n")
    with pytest.raises(InputError) as error:
        tokens.read(path)
    assert f"{path}:1:1" in str(error.value)
    assert "mistake" not in str(error.value)


def test_a_file_without_tokens_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.write_text("# nobody\n")
    with pytest.raises(InputError, match="holds no token"):
        tokens.read(path)


def test_a_name_that_would_break_the_line_is_refused() -> None:
    with pytest.raises(InputError):
        tokens.make("a:b\n")
