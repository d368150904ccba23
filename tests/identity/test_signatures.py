"""SSHSIG: ours and OpenSSH's agree; nothing else passes."""

from __future__ import annotations

import base64
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.identity import ssh

from hotfixture.errors import HotFixtureError, InputError, RefusedError
from hotfixture.identity import keys, private, signatures
from hotfixture.identity.fields import string
from hotfixture.identity.keys import PublicKey

SPACE = "hotfixture-login@fixtures.example.com"
KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER = private.PrivateKey(keys.of_key(KEY.public_key()), KEY)
RSA = rsa.generate_private_key(65537, 3072)
P256 = ec.generate_private_key(ec.SECP256R1())


def accepts(key: PublicKey, armoured: str, message: bytes, namespace: str, folder: Path) -> bool:
    """Whether `ssh-keygen -Y verify` accepts a signature."""
    allowed, signature = folder / "allowed", folder / "signature"
    allowed.write_text(f"me@example.com {key.line}\n")
    signature.write_text(armoured)
    command = ("ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", "me@example.com", "-n", namespace)
    try:
        ssh.run(*command, "-s", str(signature), given=message)
    except subprocess.CalledProcessError:
        return False
    return True


@pytest.mark.parametrize("name", ssh.KINDS)
def test_ssh_keygen_verifies_what_is_signed_here(key_files: dict[str, Path], name: str, tmp_path: Path) -> None:
    signer = private.read_file(key_files[name])
    armoured = signatures.sign(signer, b"message", SPACE)
    assert accepts(signer.public, armoured, b"message", SPACE, tmp_path)
    assert not accepts(signer.public, armoured, b"massage", SPACE, tmp_path)


@pytest.mark.parametrize("name", ssh.KINDS)
def test_what_ssh_keygen_signs_is_verified_here(key_files: dict[str, Path], name: str) -> None:
    command = ("ssh-keygen", "-Y", "sign", "-f", str(key_files[name]), "-n", SPACE, "-q")
    armoured = ssh.run(*command, given=b"message").decode()
    public = keys.read(key_files[name].with_suffix(".pub").read_text())
    assert signatures.verify(armoured, b"message", SPACE).blob == public.blob
    for message, namespace in ((b"massage", SPACE), (b"message", "file"), (b"", SPACE)):
        with pytest.raises(RefusedError):
            signatures.verify(armoured, message, namespace)


@given(st.binary(max_size=5000), st.text(min_size=1, max_size=30))
def test_a_signature_is_right_for_its_message_and_namespace_alone(message: bytes, namespace: str) -> None:
    armoured = signatures.sign(SIGNER, message, namespace)
    assert signatures.verify(armoured, message, namespace).blob == SIGNER.public.blob
    for other, space in ((message + b"\0", namespace), (message, namespace + "x")):
        with pytest.raises(RefusedError):
            signatures.verify(armoured, other, space)


@given(st.data())
@settings(max_examples=300)
def test_a_signature_changed_in_any_bit_is_refused(data: st.DataObject) -> None:
    raw = bytearray(inner(signatures.sign(SIGNER, b"message", SPACE)))
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(HotFixtureError):
        assert signatures.verify(armour(bytes(raw)), b"message", SPACE).blob == SIGNER.public.blob


@given(st.data())
def test_a_signature_cut_off_anywhere_or_with_more_behind_it_is_refused(data: st.DataObject) -> None:
    raw = inner(signatures.sign(SIGNER, b"message", SPACE))
    cut = data.draw(st.integers(0, len(raw) - 1))
    with pytest.raises(InputError):
        signatures.verify(armour(raw[:cut]), b"message", SPACE)
    with pytest.raises(InputError, match="too many"):
        signatures.verify(armour(raw + data.draw(st.binary(min_size=1, max_size=9))), b"message", SPACE)


@given(st.text(max_size=300))
def test_noise_is_no_signature(text: str) -> None:
    for noise in (text, f"-----BEGIN SSH SIGNATURE-----{text}-----END SSH SIGNATURE-----"):
        with pytest.raises(InputError):
            signatures.parse(noise)


def inner(armoured: str) -> bytes:
    """The bytes under the armour."""
    return base64.b64decode("".join(armoured.split("\n")[1:-2]))


def armour(raw: bytes) -> str:
    """The armour around bytes."""
    return f"-----BEGIN SSH SIGNATURE-----\n{base64.b64encode(raw).decode()}\n-----END SSH SIGNATURE-----\n"


def made(key: PublicKey, blob: bytes, *, version: int = 1, reserved: str = "", hashed: str = "sha512") -> str:
    """An SSHSIG of these parts."""
    head = b"SSHSIG" + version.to_bytes(4, "big")
    return armour(head + string(key.blob) + string(SPACE) + string(reserved) + string(hashed) + string(blob))


SIGNED = signatures._signed(b"message", SPACE)


def rsa_blob(algorithm: str, hashed: hashes.HashAlgorithm) -> bytes:
    """An SSH signature by the RSA key."""
    return string(algorithm) + string(RSA.sign(SIGNED, padding.PKCS1v15(), hashed))


def test_rsa_signs_with_sha_2_only() -> None:
    """What SHA-1 made is refused under its own name and under those of SHA-2."""
    public = keys.of_key(RSA.public_key())
    for algorithm, hashed in (("rsa-sha2-512", hashes.SHA512()), ("rsa-sha2-256", hashes.SHA256())):
        assert signatures.verify(made(public, rsa_blob(algorithm, hashed)), b"message", SPACE) == public
    with pytest.raises(RefusedError, match="'ssh-rsa': expected rsa-sha2-512 or"):
        signatures.verify(made(public, rsa_blob("ssh-rsa", hashes.SHA1())), b"message", SPACE)
    for algorithm in ("rsa-sha2-512", "rsa-sha2-256"):
        with pytest.raises(RefusedError):
            signatures.verify(made(public, rsa_blob(algorithm, hashes.SHA1())), b"message", SPACE)
    longer = string("rsa-sha2-512") + string(b"\0" + RSA.sign(SIGNED, padding.PKCS1v15(), hashes.SHA512()))
    with pytest.raises(RefusedError):
        signatures.verify(made(public, longer), b"message", SPACE)


def test_an_rsa_signature_without_its_leading_zeros_is_right() -> None:
    public = keys.of_key(RSA.public_key())
    for number in range(5000):
        signed = signatures._signed(b"%d" % number, SPACE)
        raw = RSA.sign(signed, padding.PKCS1v15(), hashes.SHA512())
        if raw[0] == 0:
            blob = string("rsa-sha2-512") + string(raw.lstrip(b"\0"))
            assert signatures.verify(made(public, blob), b"%d" % number, SPACE) == public
            return
    pytest.fail("no signature began with a zero")


def test_an_algorithm_that_is_not_the_keys_is_refused() -> None:
    ed = keys.of_key(KEY.public_key())
    curve = keys.of_key(P256.public_key())
    raw = signatures.ecdsa_fields(P256.sign(SIGNED, ec.ECDSA(hashes.SHA256())))
    other = string("ecdsa-sha2-nistp384") + string(raw)
    for key, blob in (
        (ed, string("ssh-rsa") + string(KEY.sign(SIGNED))),
        (curve, other),
        (keys.of_key(RSA.public_key()), string("ssh-ed25519") + string(KEY.sign(SIGNED))),
    ):
        with pytest.raises(RefusedError, match="signature algorithm"):
            signatures.verify(made(key, blob), b"message", SPACE)


def test_other_versions_hashes_and_filled_reserves_are_refused() -> None:
    blob = SIGNER.sign(SIGNED)
    for armoured, said in (
        (made(SIGNER.public, blob, version=2), "expected version 1, found 2"),
        (made(SIGNER.public, blob, reserved="x"), "reserved"),
        (made(SIGNER.public, blob, hashed="sha256"), "expected the hash sha512"),
        (armour(b"SSHSIX" + bytes(100)), "does not begin with SSHSIG"),
        ("x" * 20_000, "longer than"),
    ):
        with pytest.raises(InputError, match=said):
            signatures.verify(armoured, b"message", SPACE)


def touched(flags: int, counter: int = 7) -> tuple[PublicKey, bytes]:
    """A security key and its signature, as PROTOCOL.u2f has them."""
    raw = KEY.public_key().public_bytes_raw()
    key = keys.of_blob(string(keys.ED25519_SK) + string(raw) + string("ssh:"))
    extra = bytes([flags]) + counter.to_bytes(4, "big")
    signature = KEY.sign(sha256(b"ssh:").digest() + extra + sha256(SIGNED).digest())
    return key, string(keys.ED25519_SK) + string(signature) + extra


def test_a_security_keys_signature_is_taken_when_somebody_touched_it(tmp_path: Path) -> None:
    key, blob = touched(1)
    armoured = made(key, blob)
    assert signatures.verify(armoured, b"message", SPACE) == key
    assert accepts(key, armoured, b"message", SPACE, tmp_path)
    with pytest.raises(RefusedError, match="nobody touched"):
        signatures.verify(made(*touched(0)), b"message", SPACE)
    changed = blob[:-1] + b"\x08"  # the counter is signed too
    with pytest.raises(RefusedError):
        signatures.verify(made(key, changed), b"message", SPACE)


def test_a_signature_needs_a_namespace() -> None:
    with pytest.raises(InputError, match="namespace"):
        signatures.sign(SIGNER, b"message", "")
