"""Public keys: forms, fingerprints, what is refused."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_public_key
from hypothesis import given
from hypothesis import strategies as st
from tests.identity import ssh

from hotfixture.errors import InputError
from hotfixture.identity import keys
from hotfixture.identity.fields import natural, string


@pytest.mark.parametrize("name", ssh.KINDS)
def test_a_line_and_its_pem_are_one_key_with_the_fingerprint_that_ssh_keygen_prints(
    key_files: dict[str, Path], name: str
) -> None:
    path = key_files[name].with_suffix(".pub")
    line = keys.read(path.read_text())
    pem = load_ssh_public_key(path.read_bytes()).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert keys.read(pem).blob == line.blob
    if name != "ed25519":  # of which ssh-keygen 9 writes no PEM
        assert keys.read(ssh.run("ssh-keygen", "-e", "-m", "PKCS8", "-f", str(path))).blob == line.blob
    assert line.line == path.read_text().strip()
    printed = ssh.run("ssh-keygen", "-l", "-f", str(path)).decode().split()
    assert line.fingerprint == printed[1]
    assert printed[0] in {"256", line.title.split()[-1]}


def test_an_rsa_key_in_its_older_pem_is_read(key_files: dict[str, Path]) -> None:
    path = key_files["rsa3072"].with_suffix(".pub")
    older = ssh.run("ssh-keygen", "-e", "-m", "PEM", "-f", str(path))
    assert b"BEGIN RSA PUBLIC KEY" in older
    assert keys.read(older).blob == keys.read(path.read_text()).blob


@given(st.binary(min_size=32, max_size=32))
def test_every_ed25519_key_comes_back_from_its_line_and_its_pem(seed: bytes) -> None:
    public = ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key()
    line = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    key = keys.read(line)
    assert key == keys.read(pem) == keys.of_key(public)
    assert keys.read(key.line) == key


@given(st.binary(max_size=200), st.text(max_size=100))
def test_noise_is_refused_and_never_more_than_that(noise: bytes, text: str) -> None:
    for given_ in (noise, text, b"ssh-ed25519 " + base64.b64encode(noise), string("ssh-ed25519") + noise):
        with pytest.raises(InputError):
            keys.read(given_)


@given(st.data())
def test_a_key_changed_in_one_bit_of_its_frame_is_refused(data: st.DataObject) -> None:
    key = keys.of_key(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key())
    bit = data.draw(st.integers(0, 8 * 19 - 1))  # the lengths and the name of the kind stand in the first 19 bytes
    changed = bytearray(key.blob)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(InputError):
        keys.of_blob(bytes(changed))


def test_a_private_key_is_refused_without_being_repeated(key_files: dict[str, Path]) -> None:
    with pytest.raises(InputError, match=r"private key\n.*\.pub") as caught:
        keys.read(key_files["ed25519"].read_bytes())
    assert "b3BlbnNza" not in str(caught.value)


def line_of(*fields: bytes | str) -> str:
    """A line with a key of these fields."""
    kind = fields[0] if isinstance(fields[0], str) else fields[0].decode()
    return f"{kind} {base64.b64encode(b''.join(map(string, fields))).decode()}"


def test_small_and_odd_rsa_keys_are_refused_by_their_size() -> None:
    small = rsa.generate_private_key(65537, 2048).public_key()
    with pytest.raises(InputError, match="RSA of 2048 bits: expected 3072 to 16384"):
        keys.of_key(small)
    for modulus, exponent, said in (
        (2**3071 + 1, 3, "not safe"),
        (2**3071 + 1, 65536, "not safe"),
        (2**3071, 65537, "not safe"),
        (2**3071 + 1, 2**256 + 1, "not safe"),
        (2**16_384 + 1, 65537, "16385 bits"),
    ):
        with pytest.raises(InputError, match=said):
            keys.of_blob(string("ssh-rsa") + natural(exponent) + natural(modulus))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (line_of("ssh-dss", b"x"), "DSA keys are too weak"),
        (line_of("ssh-ed25519-cert-v01@openssh.com", b"x"), "certificates are not taken"),
        (line_of("sk-ecdsa-sha2-nistp256@openssh.com", b"x"), "of security keys only Ed25519"),
        (line_of("ssh-ed448", b"x"), "'ssh-ed448': expected Ed25519, ECDSA"),
        (line_of("sk-ssh-ed25519@openssh.com", bytes([3] * 32), "https://example.com"), "not `ssh:`"),
        (line_of("ssh-ed25519", bytes([3] * 31)), "32 bytes, found 31"),
        (line_of("ssh-ed25519", bytes([3] * 32), b"more"), "too many"),
        (line_of("ecdsa-sha2-nistp256", "nistp384", b"\4" + bytes(96)), "expected its own"),
        (line_of("ecdsa-sha2-nistp256", "nistp256", b"\2" + bytes(32)), "uncompressed"),
        (line_of("ecdsa-sha2-nistp256", "nistp256", b"\4" + bytes(63) + b"\1"), "make no key"),
        ("ssh-ed25519", "one word"),
        ("ssh-ed25519 !!!", "no base64"),
        ('command="x" ssh-ed25519 AAAA', "no base64"),
        ("", "found 0 lines"),
        ("ssh-ed25519 AAAA\nssh-ed25519 AAAA", "found 2 lines"),
        ("ssh-rsa " + line_of("ssh-ed25519", bytes([3] * 32)).split()[1], "the line says 'ssh-rsa'"),
        ("-----BEGIN CERTIFICATE-----", "certificates are not taken"),
        ("---- BEGIN SSH2 PUBLIC KEY ----", "expected `TYPE BASE64"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "no public key"),
        ("-----BEGIN A-----\n-----BEGIN B-----", "one PEM block"),
        ("x" * 20_000, "longer than"),
    ],
)
def test_what_is_not_taken_is_refused_by_its_name(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        keys.read(text)


def test_other_kinds_in_pem_are_refused_by_their_name() -> None:
    others = {"Ed448": ed448.Ed448PrivateKey.generate(), "secp256k1": ec.generate_private_key(ec.SECP256K1())}
    for said, key in others.items():
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        with pytest.raises(InputError, match=said.replace("secp", ".*")):
            keys.read(pem)


def test_points_of_small_order_are_refused_in_every_spelling() -> None:
    """Adding a point of order 1, 2, 4 or 8 to itself eight times gives the neutral element."""
    p, d = keys._P, -121665 * pow(121666, -1, keys._P) % keys._P
    for height in keys._SMALL:
        square = (height * height - 1) * pow(d * height * height + 1, -1, p) % p
        root = next(
            r for i in (1, pow(2, (p - 1) // 4, p)) if (r := pow(square, (p + 3) // 8, p) * i % p) ** 2 % p == square
        )
        point = (root, height)
        for _ in range(3):
            x, y = point
            t = d * x * x * y * y % p
            point = (2 * x * y * pow(1 + t, -1, p) % p, (y * y + x * x) * pow(1 - t, -1, p) % p)
        assert point == (0, 1)
        for sign in (0, 1 << 255):
            with pytest.raises(InputError, match="forged"):
                keys.read(line_of("ssh-ed25519", (height | sign).to_bytes(32, "little")))
    for height in (p, p + 1):
        with pytest.raises(InputError, match="forged"):
            keys.read(line_of("ssh-ed25519", height.to_bytes(32, "little")))


def test_a_comment_can_be_shown_anywhere() -> None:
    line = line_of("ssh-ed25519", bytes([3] * 32))
    assert keys.read(f"{line} me\x1b[31m@\thome {'x' * 300}").comment.startswith("me[31m@home xxx")
    assert len(keys.read(f"{line} {'x' * 300}").comment) == 200
