"""Private key files: OpenSSH's form and PEM, with a passphrase or without; what they sign."""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hotfixture.errors import InputError, Where
from hotfixture.identity import keys, signatures
from hotfixture.identity.fields import Fields, string
from hotfixture.identity.keys import PublicKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    Ask = Callable[[str], str]
    """Shows a question, gives the passphrase that was typed; empty to give up."""

LONGEST = 65_536
"""Bytes of a key file."""
TRIES = 3
_OPENSSH = re.compile(rb"-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----")
_MAGIC = b"openssh-key-v1\0"


class PrivateKey(NamedTuple):
    """A private key that was read; signs as `signatures.Signer`."""

    public: PublicKey
    key: PrivateKeyTypes

    def __repr__(self) -> str:
        return f"PrivateKey({self.public.fingerprint})"

    def sign(self, data: bytes) -> bytes:
        """The SSH signature of the bytes; RSA signs with SHA-512."""
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
        from cryptography.hazmat.primitives.hashes import SHA512

        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return string(keys.ED25519) + string(self.key.sign(data))
        if isinstance(self.key, rsa.RSAPrivateKey):
            return string(signatures.RSA_512) + string(self.key.sign(data, padding.PKCS1v15(), SHA512()))
        assert isinstance(self.key, ec.EllipticCurvePrivateKey)  # `read` takes no other
        der = self.key.sign(data, ec.ECDSA(signatures.ecdsa_hash(self.public.kind)))
        return string(self.public.kind) + string(signatures.ecdsa_fields(der))


def read_file(path: Path, ask: Ask | None = None) -> PrivateKey:
    """The key of a file; InputError where it cannot be read, or where others may read it too."""
    return read(content(path), ask, str(path))


def content(path: Path) -> bytes:
    """The bytes of a key file; InputError where it cannot be read, or where others may read it too."""
    try:
        with path.open("rb") as file:
            _check_mode(os.fstat(file.fileno()), path)
            data = file.read(LONGEST + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=Where(str(path))) from None
    if len(data) > LONGEST:
        raise InputError(f"longer than {LONGEST} bytes: no key", where=Where(str(path)))
    return data


def _check_mode(found: os.stat_result, path: Path) -> None:
    """As ssh: a key of one's own that others may read is not used."""
    if os.name == "nt" or found.st_uid != os.getuid() or not found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return
    message = f"others may read this key (mode {stat.S_IMODE(found.st_mode):04o})"
    raise InputError(message, where=Where(str(path)), hint=f"chmod 600 {path}")


def read(data: bytes, ask: Ask | None = None, source: str = "key") -> PrivateKey:
    """The key in the bytes of a file. `ask` is called for a passphrase where there is one, at most three times.

    Raises InputError where it is no private key, of a kind that is not taken, or the passphrase is missing or wrong.
    """
    where = Where(source)
    if data.startswith(b"PuTTY-User-Key-File"):
        hint = "Turn it into OpenSSH's form: puttygen FILE -O private-openssh -o NEW"
        raise InputError("PuTTY's own form of keys is not read", where=where, hint=hint)
    if b"PRIVATE KEY-----" not in data:
        raise InputError("holds no private key", where=where, hint="Name the file without .pub.")
    key = _load(data, None, where)
    if key is None:
        key = _unlocked(data, ask, where)
    try:
        return PrivateKey(keys.of_key(key.public_key()), key)
    except InputError as error:
        raise InputError(error.problems[0].message, where=where, hint=error.problems[0].hint) from None


def _unlocked(data: bytes, ask: Ask | None, where: Where) -> PrivateKeyTypes:
    if ask is None:
        hint = "Load it into the agent: ssh-add, then try again."
        raise InputError("the key has a passphrase, and nobody can be asked", where=where, hint=hint)
    for _ in range(TRIES):
        passphrase = ask(f"Passphrase for {where}: ")
        if not passphrase:
            break
        key = _load(data, passphrase.encode(), where)
        if key is not None:
            return key
    raise InputError("the key has a passphrase; none that was given opens it", where=where)


def _load(data: bytes, passphrase: bytes | None, where: Where) -> PrivateKeyTypes | None:
    """The key, or None where it has a passphrase and this is not it."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    load = load_ssh_private_key if _OPENSSH.search(data) else load_pem_private_key
    try:
        return load(data, passphrase)
    except TypeError:  # a passphrase is needed
        return None
    except UnsupportedAlgorithm as error:
        raise InputError(f"a key of this kind is not read ({error.args[0]})", where=where) from None
    except ValueError:
        if passphrase is None:
            raise InputError("the private key is damaged, or of a kind that is not read", where=where) from None
        return None


def public_half(data: bytes) -> PublicKey | None:
    """The public key that stands in the clear in OpenSSH's form, passphrase or not; None in other forms."""
    found = _OPENSSH.search(data)
    try:
        fields = Fields(base64.b64decode(b"".join(found[1].split()), validate=True) if found else b"", "private key")
        if fields.take(len(_MAGIC)) != _MAGIC:
            return None
        fields.string(), fields.string(), fields.string()  # cipher, derivation of its key, its options
        return keys.of_blob(fields.string()) if fields.uint32() == 1 else None
    except (InputError, binascii.Error, ValueError):
        return None
