"""Listings are read as they come, whatever pieces they come in."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.client.calls_of_sources import Entries
from hotfixture.errors import DatabaseError, InputError

NAMES = st.text(min_size=1, max_size=20)
LINES = st.lists(
    st.fixed_dictionaries({"name": NAMES, "size": st.integers(0, 2**50), "mtime": st.floats(0, 2e9)})
    | st.fixed_dictionaries({"name": NAMES, "problem": NAMES}),
    max_size=12,
)


@given(LINES, st.lists(st.integers(1, 40), min_size=1, max_size=5), st.booleans())
def test_pieces_of_any_size_give_the_same_files(lines: list[dict[str, object]], cuts: list[int], escaped: bool):
    data = b"".join(json.dumps(line, ensure_ascii=escaped).encode("utf-8", "surrogatepass") + b"\n" for line in lines)
    files = [line for line in lines if "problem" not in line]
    problems = [(line["name"], line["problem"]) for line in lines if "problem" in line]
    fed, raw = Entries(), Entries()
    found, text, at, number = [], b"", 0, 0
    while at < len(data):
        piece = data[at : at + cuts[number % len(cuts)]]
        found += [{"name": one.name, "size": one.size, "mtime": one.mtime} for one in fed.feed(piece)]
        text += raw.raw(piece)
        at, number = at + len(piece), number + 1
    assert found == files
    assert [json.loads(line) for line in text.splitlines()] == files
    assert fed.unlisted == raw.unlisted == problems


@pytest.mark.parametrize("read", ["feed", "raw"])
def test_a_listing_that_fails_in_its_middle_is_an_error(read: str):
    entries = Entries()
    piece = b'{"name":"a","size":1,"mtime":2}\n{"name":"","problem":"the volume does not answer"}\n'
    with pytest.raises(DatabaseError, match="does not answer"):
        list(getattr(entries, read)(piece))


@pytest.mark.parametrize("name", ["", "/", "../x", "a/../b", "./a"])
def test_a_path_that_names_no_file_is_refused(name: str):
    from hotfixture.client.calls_of_sources import file

    with pytest.raises(InputError):
        file("logs", name)
