"""Keys: each carries a moment of 2015 to 2024 where its kind does."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from tests.generators.agreement import agreed


def within(second):
    return datetime(2015, 1, 1, tzinfo=UTC) <= datetime.fromtimestamp(second, UTC) < datetime(2025, 1, 1, tzinfo=UTC)


def test_time_based_uuids_carry_a_moment_and_no_machine():
    for value in agreed("uuid1"):
        read = UUID(value)
        assert read.version == 1
        assert within((read.time - 0x01B21DD213814000) / 10**7)
        assert read.node >> 40 & 1


def test_object_ids_begin_with_their_second():
    assert all(within(int(value[:8], 16)) for value in agreed("object_id"))


def test_snowflakes_rise_with_time():
    assert all(within(((value >> 22) + 1_288_834_974_657) / 1000) for value in agreed("snowflake"))


@pytest.mark.parametrize("length", [2, 21, 128])
def test_short_keys_have_the_length_wanted_and_do_not_repeat(length):
    values = agreed("nanoid", length=length)
    assert {len(value) for value in values} == {length}
    assert length == 2 or len(set(values)) == len(values)
