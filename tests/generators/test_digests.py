"""Digests and bytes: lengths and alphabets; one and many agree."""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64decode

import pytest
from tests.generators.agreement import agreed


@pytest.mark.parametrize(
    ("name", "bits"), [("crc32", 32), ("md5", 128), ("sha1", 160), ("sha256", 256), ("sha512", 512)]
)
def test_digests_have_the_length_of_their_algorithm(name, bits):
    values = agreed(name)
    assert {len(bytes.fromhex(value)) * 8 for value in values} == {bits}
    assert len(set(values)) == len(values)


@pytest.mark.parametrize("size", [1, 7, 8, 9, 33])
@pytest.mark.parametrize("url", [False, True])
def test_base_64_decodes_to_the_size_wanted(size, url):
    decode = urlsafe_b64decode if url else b64decode
    assert {len(decode(value)) for value in agreed("it.base64", size=size, url=url)} == {size}


@pytest.mark.parametrize("size", [1, 8, 9, 20])
def test_bytes_may_be_spelled_with_separators_and_capitals(size):
    plain = agreed("hex_bytes", size=size)
    spelled = agreed("hex_bytes", size=size, separator=":", upper=True)
    assert [value.replace(":", "").lower() for value in spelled] == plain
    assert {len(bytes.fromhex(value.replace(":", ""))) for value in spelled} == {size}


def test_fingerprints_are_32_bytes():
    assert {len(b64decode(f"{value.removeprefix('SHA256:')}=")) for value in agreed("ssh_fingerprint")} == {32}
