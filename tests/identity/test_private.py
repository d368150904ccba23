"""Private key files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.identity import ssh

from hotfixture.errors import InputError
from hotfixture.identity import keys, private, signatures


@pytest.mark.parametrize("form", ["", "PEM", "PKCS8"])
@pytest.mark.parametrize("kind", [("ed25519", ""), ("ecdsa", "384"), ("rsa", "3072")])
@pytest.mark.parametrize("passphrase", ["", "open sesame é"])
def test_every_form_is_read_with_its_passphrase(
    kind: tuple[str, str], form: str, passphrase: str, tmp_path: Path
) -> None:
    path = ssh.make_key(tmp_path / "key", *kind, passphrase, pem=form)
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return passphrase

    key = private.read_file(path, ask)
    assert key.public.blob == keys.read(path.with_suffix(".pub").read_text()).blob
    assert asked == ([f"Passphrase for {path}: "] if passphrase else [])
    assert signatures.verify(signatures.sign(key, b"m", "n"), b"m", "n").blob == key.public.blob
    if path.read_bytes().startswith(b"-----BEGIN OPENSSH"):
        assert private.public_half(path.read_bytes()) == key.public


@pytest.mark.parametrize("form", ["", "PKCS8"])
def test_a_wrong_passphrase_is_asked_for_three_times(form: str, tmp_path: Path) -> None:
    path = ssh.make_key(tmp_path / "key", "ecdsa", "256", "right one", pem=form)
    asked: list[str] = []
    with pytest.raises(InputError, match="none that was given opens it"):
        private.read_file(path, lambda question: asked.append(question) or "wrong")
    assert len(asked) == 3
    answers = iter(["wrong", "right one"])
    assert private.read_file(path, lambda _: next(answers)).public
    with pytest.raises(InputError, match="none that was given"):
        private.read_file(path, lambda _: "")
    with pytest.raises(InputError, match=r"nobody can be asked\n.*ssh-add"):
        private.read_file(path)


@pytest.mark.skipif(os.name == "nt", reason="theirs: Windows has no such modes")
def test_a_key_that_others_may_read_is_not_used(key_files: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "open"
    path.write_bytes(key_files["ed25519"].read_bytes())
    path.chmod(0o640)
    with pytest.raises(InputError, match=r"others may read this key \(mode 0640\)\n.*chmod 600"):
        private.read_file(path)
    path.chmod(0o600)
    assert private.read_file(path).public


def test_what_is_no_key_that_is_taken_says_so(key_files: dict[str, Path], tmp_path: Path) -> None:
    small = rsa.generate_private_key(65537, 2048)
    pem = small.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    damaged = key_files["ed25519"].read_bytes().replace(b"AAAA", b"AAAB")
    for data, said in (
        (pem, "RSA of 2048 bits"),
        (key_files["ed25519"].with_suffix(".pub").read_bytes(), r"no private key\n.*without .pub"),
        (b"PuTTY-User-Key-File-3: ssh-ed25519", "puttygen"),
        (damaged, "damaged"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "damaged"),
    ):
        with pytest.raises(InputError, match=said):
            private.read(data)
    with pytest.raises(InputError, match="cannot be read: No such file"):
        private.read_file(tmp_path / "absent")
    assert private.public_half(b"noise") is None
    assert private.public_half(damaged) is None


def test_a_private_key_does_not_print_itself(key_files: dict[str, Path]) -> None:
    key = private.read_file(key_files["ed25519"])
    assert repr(key) == f"PrivateKey({key.public.fingerprint})"
