"""Ranges of bytes, as HTTP asks for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.errors import OptionError
from hotfixture.files.ranges import Part, parse, still_holds, tag
from hotfixture.wire.sources import Listed


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-9", (0, 10)),
        ("bytes=5-", (5, 5)),
        ("bytes=-3", (7, 3)),
        ("bytes=-30", (0, 10)),
        ("Bytes = 2 - 99", (2, 8)),
        ("", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
        ("bytes=٣-٤", None),
        ("bytes=a-b", None),
    ],
)
def test_a_header_asks_for_a_part_or_for_the_whole(header: str, part: tuple[int, int] | None):
    if "٣" in header:
        header = header.encode("utf-8").decode("latin-1")  # as it comes from the wire
    assert parse(header, 10) == part


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=10-", 10), ("bytes=99-100", 10), ("bytes=-0", 10), ("bytes=0-", 0)]
)
def test_a_range_without_a_byte_of_the_file_is_refused(header: str, size: int):
    with pytest.raises(OptionError, match=f"a part of {size} bytes"):
        parse(header, size)


@given(st.integers(1, 50), st.integers(0, 60), st.integers(0, 60))
def test_a_part_is_what_a_slice_gives(size: int, first: int, last: int):
    data = bytes(range(size))
    expected = data[first : last + 1]
    if last < first:
        assert parse(f"bytes={first}-{last}", size) is None
    elif not expected:
        with pytest.raises(OptionError):
            parse(f"bytes={first}-{last}", size)
    else:
        part = parse(f"bytes={first}-{last}", size)
        assert part is not None
        assert data[part.start :][: part.length] == expected
        assert part.content_range(size) == f"bytes {first}-{first + len(expected) - 1}/{size}"


def test_a_tag_changes_with_what_it_is_a_tag_of():
    file = Listed("a", 1, 2.0)
    others = [Listed("b", 1, 2.0), Listed("a", 2, 2.0), Listed("a", 1, 2.0000001)]
    assert len({tag(one) for one in (file, *others)}) == 4
    assert tag(file) == tag(Listed("a", 1, 2.0))
    assert still_holds("", tag(file))
    assert still_holds(tag(file), tag(file))
    assert not still_holds(tag(others[0]), tag(file))
    assert Part(3, 2).content_range(9) == "bytes 3-4/9"
