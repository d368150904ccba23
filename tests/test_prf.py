"""The keyed hash of a column: AES-CMAC, value for value."""

from __future__ import annotations

import time

import numpy as np
import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.prf import cmac, subkey

RFC_KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
RFC_MESSAGE = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
RFC_TAGS = {
    0: "bb1d6929e95937287fa37d129b756746",
    16: "070a16b46b4d4144f79bdd9dd04a287c",
    40: "dfa66747de9ae63030ca32611497c827",
    64: "51f0bebf7e3b9d92fc49741779363cfe",
}


def single(key: bytes, value: bytes) -> bytes:
    mac = CMAC(AES(key))
    mac.update(value)
    return mac.finalize()


@pytest.mark.parametrize("length", RFC_TAGS)
def test_the_vectors_of_rfc_4493(length):
    assert cmac(RFC_KEY, pa.array([RFC_MESSAGE[:length]])).tobytes().hex() == RFC_TAGS[length]


@given(st.lists(st.one_of(st.none(), st.binary(max_size=70)), max_size=30))
def test_whole_columns_hash_as_the_library_hashes_value_by_value(values):
    key = subkey(bytes(32), "column")
    tags = cmac(key, pa.array(values, pa.binary()))
    assert tags.shape == (len(values), 16)
    assert [tag.tobytes() for tag in tags] == [single(key, value or b"") for value in values]


@given(st.lists(st.text(max_size=40), min_size=4, max_size=20), st.integers(0, 3))
def test_slices_hash_as_their_values_do(values, start):
    """An Arrow slice keeps the buffers of the whole: only its own values count."""
    whole = pa.array(values)
    assert np.array_equal(cmac(RFC_KEY, whole.slice(start)), cmac(RFC_KEY, whole)[start:])


def test_text_hashes_as_its_utf_8_bytes():
    assert np.array_equal(
        cmac(RFC_KEY, pa.array(["Grüße", "犬"])), cmac(RFC_KEY, pa.array(["Grüße".encode(), "犬".encode()]))
    )


def test_one_long_value_among_many_short_ones_is_hashed_right():
    values = [b"x"] * 100 + [b"y" * 100_000]
    assert cmac(RFC_KEY, pa.array(values))[-1].tobytes() == single(RFC_KEY, values[-1])


def test_no_two_domains_or_masters_share_a_key():
    keys = {subkey(master, domain) for master in (b"", bytes(32), bytes(64)) for domain in ("", "a", "b")}
    assert len(keys) == 9
    assert {len(key) for key in keys} == {32}


def test_a_hundred_thousand_values_take_less_than_half_a_second():
    values = pa.array([f"person{number}@mail.example" for number in range(100_000)])
    start = time.thread_time()
    cmac(RFC_KEY, values)
    assert time.thread_time() - start < 0.5


@given(st.integers(0, 40), st.integers(1, 20), st.data())
def test_values_of_one_length_are_hashed_like_any_others(length, count, data):
    values = data.draw(st.lists(st.binary(min_size=length, max_size=length), min_size=count, max_size=count))
    expected = [single(RFC_KEY, value) for value in values]
    assert [tag.tobytes() for tag in cmac(RFC_KEY, pa.array(values))] == expected
    assert [tag.tobytes() for tag in cmac(RFC_KEY, pa.array([b"neighbour", *values]).slice(1))] == expected
