"""Signatures over messages with SSH keys: the SSHSIG format, which `ssh-keygen -Y sign` and `-Y verify` speak.

Format: OpenSSH's PROTOCOL.sshsig; the signatures in it: RFC 8709 (Ed25519), RFC 5656 (ECDSA), RFC 8332 (RSA with
SHA-2), OpenSSH's PROTOCOL.u2f (security keys). A signature holds for one namespace only, so that what was signed for a
login is worth nothing as, say, a signed commit. The message is hashed by SHA-512; RSA with SHA-1 is refused.
"""

from __future__ import annotations

import base64
import binascii
import re
from hashlib import sha256, sha512
from typing import TYPE_CHECKING, NamedTuple, Protocol

from hotfixture.errors import InputError, RefusedError
from hotfixture.identity import keys
from hotfixture.identity.fields import Fields, natural, string
from hotfixture.identity.keys import PublicKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import hashes

MAGIC = b"SSHSIG"
VERSION = 1
HASH = "sha512"
LONGEST = 16_384
"""Bytes of an armoured signature: RSA of 16,384 bits needs 6,000."""
RSA_512, RSA_256 = "rsa-sha2-512", "rsa-sha2-256"
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_LINE = 70
_BASE64 = re.compile(r"[A-Za-z0-9+/=\r\n]+")
_TOUCHED = 1
"""The flag of a security key that says: a person touched it."""


class Signer(Protocol):
    """What can sign: a private key, or an agent's key."""

    @property
    def public(self) -> PublicKey:
        """The public half."""

    def sign(self, data: bytes) -> bytes:
        """The SSH signature of the bytes: name of the algorithm and what it made."""


class Signature(NamedTuple):
    """An SSHSIG, taken apart; not yet verified."""

    key: PublicKey
    namespace: str
    blob: bytes


def sign(signer: Signer, message: bytes, namespace: str) -> str:
    """The armoured signature of a message."""
    if not namespace:
        raise InputError("a signature needs a namespace")
    blob = signer.sign(_signed(message, namespace))
    head = string(signer.public.blob) + string(namespace) + string(b"") + string(HASH)
    raw = MAGIC + VERSION.to_bytes(4, "big") + head + string(blob)
    text = base64.b64encode(raw).decode()
    lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    return "\n".join([_BEGIN, *lines, _END, ""])


def _signed(message: bytes, namespace: str) -> bytes:
    """What the key signs in place of the message."""
    return MAGIC + string(namespace) + string(b"") + string(HASH) + string(sha512(message).digest())


def parse(armoured: str) -> Signature:
    """The parts of an armoured signature; InputError where it is not exactly one, or of another version or hash."""
    fields = Fields(_unarmoured(armoured), "signature")
    if fields.take(len(MAGIC)) != MAGIC:
        raise InputError("signature: it does not begin with SSHSIG")
    version = fields.uint32()
    if version != VERSION:
        raise InputError(f"signature: expected version {VERSION}, found {version}")
    key = keys.of_blob(fields.string())
    namespace, reserved, hashed, blob = fields.string(), fields.string(), fields.string(), fields.string()
    fields.end()
    if reserved:
        raise InputError("signature: the reserved field is not empty")
    if hashed != HASH.encode():
        raise InputError(f"signature: expected the hash {HASH}")
    try:
        return Signature(key, namespace.decode(), blob)
    except UnicodeDecodeError:
        raise InputError("signature: the namespace is no text") from None


def _unarmoured(text: str) -> bytes:
    if len(text) > LONGEST:
        raise InputError(f"signature: longer than {LONGEST} characters")
    body = text.strip()
    inner = body.removeprefix(_BEGIN).removesuffix(_END)
    if len(inner) != len(body) - len(_BEGIN) - len(_END) or not _BASE64.fullmatch(inner):
        raise InputError(f"signature: expected `{_BEGIN}`, base64 and `{_END}`")
    try:
        return base64.b64decode("".join(inner.split()), validate=True)
    except (binascii.Error, ValueError):
        raise InputError("signature: the base64 is damaged") from None


def verify(armoured: str, message: bytes, namespace: str) -> PublicKey:
    """The key that signed the message in this namespace. Whether that key may do so is the caller's question.

    Raises InputError where it is no signature, RefusedError where it is one of something else.
    """
    found = parse(armoured)
    if found.namespace != namespace:
        raise RefusedError("the signature was made for another namespace")
    check(found.key, found.blob, _signed(message, namespace))
    return found.key


def check(key: PublicKey, blob: bytes, data: bytes) -> None:
    """Nothing, if `blob` is the key's SSH signature of the bytes; otherwise InputError or RefusedError."""
    fields = Fields(blob, "signature")
    algorithm, raw = fields.text(), fields.string()
    if key.kind == keys.ED25519_SK:
        extra = fields.take(5)
        fields.end()
        _expect(algorithm, keys.ED25519_SK)
        _check_touched(key, raw, data, extra)
        return
    fields.end()
    if key.kind == keys.RSA:
        _check_rsa(key, algorithm, raw, data)
    elif key.kind == keys.ED25519:
        _expect(algorithm, key.kind)
        _check_ed25519(key, raw, data)
    else:
        _expect(algorithm, key.kind)
        _check_ecdsa(key, raw, data)


def _expect(algorithm: str, expected: str) -> None:
    if algorithm != expected:
        raise RefusedError(f"signature algorithm {algorithm!r}: expected {expected}")


def _wrong() -> RefusedError:
    return RefusedError("the signature is not this key's signature of this message")


def _check_ed25519(key: PublicKey, raw: bytes, data: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    public = keys.public(key)
    assert isinstance(public, Ed25519PublicKey)
    try:
        public.verify(raw, data)
    except InvalidSignature:
        raise _wrong() from None


def _check_touched(key: PublicKey, raw: bytes, data: bytes, extra: bytes) -> None:
    """A security key signs hashes, its own flags and a counter."""
    if not extra[0] & _TOUCHED:
        raise RefusedError("nobody touched the security key")
    fields = Fields(key.blob, key.kind)
    fields.string(), fields.string()
    _check_ed25519(key, raw, sha256(fields.string()).digest() + extra + sha256(data).digest())


def _check_rsa(key: PublicKey, algorithm: str, raw: bytes, data: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256, SHA512

    if algorithm not in (RSA_512, RSA_256):
        raise RefusedError(f"signature algorithm {algorithm!r}: expected {RSA_512} or {RSA_256}")
    public = keys.public(key)
    assert isinstance(public, RSAPublicKey)
    size = (public.key_size + 7) // 8
    if len(raw) > size:
        raise _wrong()
    try:
        # Some agents drop leading zeros (RFC 8332 has them kept, RFC 4253 did not).
        whole = raw.rjust(size, b"\0")
        public.verify(whole, data, padding.PKCS1v15(), SHA512() if algorithm == RSA_512 else SHA256())
    except InvalidSignature:
        raise _wrong() from None


def _check_ecdsa(key: PublicKey, raw: bytes, data: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    public = keys.public(key)
    assert isinstance(public, EllipticCurvePublicKey)
    fields = Fields(raw, "ECDSA signature")
    r, s = fields.natural(), fields.natural()
    fields.end()
    try:
        public.verify(encode_dss_signature(r, s), data, ECDSA(ecdsa_hash(key.kind)))
    except InvalidSignature:
        raise _wrong() from None


def ecdsa_hash(kind: str) -> hashes.HashAlgorithm:
    """The hash that goes with a curve (RFC 5656, section 6.2.1)."""
    from cryptography.hazmat.primitives import hashes

    known: dict[str, hashes.HashAlgorithm] = {"256": hashes.SHA256(), "384": hashes.SHA384(), "521": hashes.SHA512()}
    return known[kind[-3:]]


def ecdsa_fields(der: bytes) -> bytes:
    """An ECDSA signature as SSH writes it, of the DER form."""
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    return b"".join(map(natural, decode_dss_signature(der)))
