"""Identifiers."""

from __future__ import annotations

from uuid import RFC_4122, UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.generators.agreement import agreed

from hotfixture import generators
from hotfixture.errors import CapacityError, OptionError
from hotfixture.generators.identifiers import CROCKFORD


@pytest.mark.parametrize("version", [4, 7])
def test_uuids_are_of_their_version_in_canonical_spelling_and_distinct(version):
    found = agreed("uuid", count=20_000, version=version)
    read = [UUID(text) for text in found]
    assert [str(one) for one in read] == found
    assert {(one.version, one.variant) for one in read} == {(version, RFC_4122)}
    assert len(set(found)) == 20_000


@pytest.mark.parametrize(("version", "fixed"), [(4, 6), (7, 6)])
def test_every_bit_of_a_uuid_but_the_fixed_ones_is_free(version, fixed):
    read = [UUID(text).int for text in agreed("uuid", count=2_000, version=version)]
    ones = [sum(number >> bit & 1 for number in read) for bit in range(128)]
    if version == 4:
        assert sum(count in (0, 2_000) for count in ones) == fixed
    assert all(850 < count < 1150 for bit, count in enumerate(ones) if bit < 62)


def test_a_uuid_of_version_7_begins_with_its_moment():
    moments = [UUID(text).int >> 80 for text in agreed("uuid", count=3_000, version=7)]
    assert 1_420_070_400_000 <= min(moments) < 1_420_570_400_000
    assert 1_735_189_600_000 < max(moments) < 1_735_689_600_000


@pytest.mark.parametrize("version", [5, 6])
def test_versions_that_are_not_random_are_refused(version):
    with pytest.raises(OptionError, match=f"version={version}"):
        generators.generate("uuid", version=version)


def test_ulids_are_26_characters_of_crockford_s_alphabet_and_sort_by_their_moment():
    found = agreed("ulid", count=20_000)
    assert len(set(found)) == 20_000
    assert {len(text) for text in found} == {26}
    assert set("".join(text[10:] for text in found)) == set(CROCKFORD)
    assert all(text[0] <= "7" for text in found)


@settings(deadline=None)
@given(st.integers(-(10**12), 10**12), st.integers(-(10**6), 10**6).filter(bool), st.integers(0, 10**9))
def test_a_sequence_is_its_start_and_a_step_a_row(start, step, first):
    found = generators.generate("sequence", count=5, first=first, start=start, step=step).to_pylist()
    assert found == [start + step * (first + row) for row in range(5)]
    assert found[3] == generators.generate("sequence", first=first + 3, start=start, step=step)


def test_a_sequence_does_not_depend_on_the_seed():
    assert agreed("sequence", seed=1) == agreed("sequence", seed=2)


@pytest.mark.parametrize("step", [1, -1, 7, -7])
def test_a_sequence_ends_where_64_bits_end_instead_of_wrapping(step):
    bound = 2**63 - 1 if step > 0 else -(2**63)
    start = bound - 3 * step
    assert agreed("sequence", count=4, start=start, step=step)[-1] == bound
    for count in (None, 5):
        with pytest.raises(CapacityError, match="4 values"):
            generators.generate("sequence", count=count, first=0 if count else 4, start=start, step=step)


def test_a_step_of_zero_is_refused():
    with pytest.raises(OptionError, match="step=0"):
        generators.generate("sequence", step=0)


@settings(deadline=None)
@given(st.integers(-(2**63), 2**63 - 1000), st.integers(1, 900), st.integers(0, 2**64 - 1))
def test_a_permutation_is_every_number_of_its_range_once(low, size, seed):
    found = agreed("permutation", count=size, seed=seed, low=low, high=low + size - 1)
    assert sorted(found) == list(range(low, low + size))


def test_another_seed_or_key_is_another_permutation():
    options = {"count": 100, "low": 1, "high": 100}
    found = {tuple(agreed("permutation", seed=seed, **options)) for seed in range(5)}
    found |= {tuple(agreed("permutation", key=key, **options)) for key in range(50, 55)}
    assert len(found) == 10
    assert agreed("permutation", seed=1, key=7, **options) == agreed("permutation", seed=2, key=7, **options)


@pytest.mark.parametrize("count", [None, 11])
def test_a_row_beyond_the_range_of_a_permutation_is_refused_with_the_size(count):
    with pytest.raises(CapacityError, match="10 values"):
        generators.generate("permutation", count=count, first=0 if count else 10, low=1, high=10)


def test_a_permutation_of_more_than_two_to_the_63_numbers_is_refused():
    with pytest.raises(OptionError, match="high="):
        generators.generate("permutation", low=-5, high=2**63 - 1)
