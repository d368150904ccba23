"""Streams are cut where they were cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotfixture.capture.sanitising.cuts import recut


@given(st.lists(st.binary(max_size=30), min_size=1, max_size=8), st.binary(max_size=80))
def test_there_are_as_many_pieces_and_nothing_is_lost(pieces: list[bytes], new: bytes) -> None:
    made = recut([len(piece) for piece in pieces], b"".join(pieces), new)
    assert len(made) == len(pieces)
    assert sum(made) == len(new) or b"".join(pieces) == b"" == new or len(b"".join(pieces)) == len(new)
    assert all(size >= 0 for size in made)


def test_events_stay_whole() -> None:
    """case 6: what came as one event comes as one, with a longer or shorter secret in it"""
    old = [b'data: {"a": 1}\n\n', b'data: {"token": "short"}\n\n', b"data: end\n\n"]
    new = [b'data: {"a": 1}\n\n', b'data: {"token": "much-longer-than-before"}\n\n', b"data: end\n\n"]
    assert recut([len(one) for one in old], b"".join(old), b"".join(new)) == [len(one) for one in new]


def test_one_line_is_cut_around_what_changed() -> None:
    old, new = b"head SECRET tail", b"head surrogate-text tail"
    assert recut([5, 6, 5], old, new) == [5, len(new) - 10, 5]
