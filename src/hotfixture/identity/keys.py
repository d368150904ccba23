"""Public keys: OpenSSH lines and PEM read into one form; which keys are good enough; fingerprints.

Taken are Ed25519 (RFC 8709), also on a security key, ECDSA on NIST P-256, P-384 and P-521 (RFC 5656) and RSA from 3072
bits (NIST SP 800-57 part 1: 128 bits of security). Everything else is refused by its name.
"""

from __future__ import annotations

import base64
import binascii
import re
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from hotfixture.errors import InputError, Where
from hotfixture.identity.fields import Fields, natural, string

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

LEAST_RSA = 3072
MOST_RSA = 16_384
"""Bits; as ssh: larger keys only serve to keep the verifier busy."""
LONGEST = 16_384
"""Bytes of a public key's text."""
FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
ED25519 = "ssh-ed25519"
ED25519_SK = "sk-ssh-ed25519@openssh.com"
RSA = "ssh-rsa"
ECDSA = "ecdsa-sha2-nistp"
CURVES = {"nistp256": 32, "nistp384": 48, "nistp521": 66}
"""Curve → bytes of a coordinate."""
KINDS = (ED25519, *(f"ecdsa-sha2-{curve}" for curve in CURVES), RSA, ED25519_SK)
TAKEN = f"Ed25519, ECDSA (256, 384, 521) or RSA of at least {LEAST_RSA} bits"
_HINT = "Make a key: ssh-keygen -t ed25519"
_LONGEST_COMMENT = 200
_P = 2**255 - 19
_ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
_SMALL = {0, 1, _P - 1, _ORDER_8, _P - _ORDER_8}
"""The y of the eight points of Curve25519 with a small order: under such a key anybody's signature can be right."""


class PublicKey(NamedTuple):
    """One public key: what kind, its one binary form (RFC 4253, section 6.6), and its owner's comment."""

    kind: str
    blob: bytes
    comment: str = ""

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` prints it: `SHA256:` and base64 without padding."""
        return "SHA256:" + base64.b64encode(sha256(self.blob).digest()).decode().rstrip("=")

    @property
    def line(self) -> str:
        """The OpenSSH form: kind, base64, comment."""
        return f"{self.kind} {base64.b64encode(self.blob).decode()} {self.comment}".rstrip()

    @property
    def title(self) -> str:
        """The kind and size for people, as `Ed25519`, `RSA 4096`."""
        if self.kind == RSA:
            return f"RSA {_rsa_numbers(self.blob)[1].bit_length()}"
        if self.kind.startswith(ECDSA):
            return f"ECDSA {self.kind.removeprefix(ECDSA)}"
        return "Ed25519" if self.kind == ED25519 else "Ed25519 on a security key"


def read(text: str | bytes, source: str = "key") -> PublicKey:
    """The key of an OpenSSH line (`ssh-ed25519 AAAA… comment`) or a PEM block (`BEGIN PUBLIC KEY`).

    Raises InputError where it is no public key, another form, or not one of the kinds that are taken.
    """
    raw = text.encode() if isinstance(text, str) else text
    where = Where(source)
    if len(raw) > LONGEST:
        raise InputError(f"longer than {LONGEST} bytes: no public key", where=where)
    if b"PRIVATE KEY-----" in raw:
        raise InputError("this is a private key", where=where, hint="Give its public half, the file that ends in .pub.")
    try:
        return _from_pem(raw) if b"-----BEGIN" in raw else _from_line(raw.decode())
    except UnicodeDecodeError:
        raise InputError("expected an OpenSSH line or PEM", where=where, hint=_HINT) from None
    except InputError as error:
        problem = error.problems[0]
        raise InputError(problem.message, where=where, hint=problem.hint or _HINT) from None


def of_blob(blob: bytes, comment: str = "") -> PublicKey:
    """The key of its binary form; InputError where it is not canonical or not taken."""
    if len(blob) > LONGEST:
        raise InputError(f"longer than {LONGEST} bytes: no public key")
    kind = Fields(blob, "public key").text()
    if kind not in KINDS:
        raise InputError(_refusal(kind), hint=_HINT)
    {ED25519: _check_ed25519, ED25519_SK: _check_ed25519_sk, RSA: _check_rsa}.get(kind, _check_ecdsa)(blob)
    return PublicKey(kind, blob, comment)


def _refusal(kind: str) -> str:
    """Why a kind is not taken."""
    if "-cert-" in kind:
        return f"{kind}: certificates are not taken, keys are"
    if kind == "ssh-dss":
        return "DSA keys are too weak"
    if kind.startswith("sk-"):
        return f"{kind}: of security keys only Ed25519 is taken"
    return f"key type {kind!r}: expected {TAKEN}"


def _from_line(text: str) -> PublicKey:
    lines = [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]
    if len(lines) != 1:
        raise InputError(f"expected one public key on one line, found {len(lines)} lines")
    kind, _, rest = lines[0].partition(" ")
    data, _, comment = rest.strip().partition(" ")
    try:
        blob = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise InputError("expected `TYPE BASE64 COMMENT`, found no base64 after the type") from None
    if not blob:
        raise InputError("expected `TYPE BASE64 COMMENT`, found one word")
    key = of_blob(blob, _comment(comment))
    if key.kind != kind:
        raise InputError(f"the line says {kind[:50]!r}, the key in it is {key.kind}")
    return key


def _comment(text: str) -> str:
    """A comment that can be shown anywhere: no control characters, not endless."""
    return "".join(sign for sign in text.strip() if sign.isprintable())[:_LONGEST_COMMENT]


def _from_pem(raw: bytes) -> PublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    if b"BEGIN CERTIFICATE" in raw:
        raise InputError("certificates are not taken, keys are")
    if b"BEGIN SSH2 PUBLIC KEY" in raw:
        raise InputError("expected an OpenSSH line or PEM", hint="Turn it into a line: ssh-keygen -i -f FILE")
    if raw.count(b"-----BEGIN") != 1:
        raise InputError("expected one PEM block")
    try:
        key = load_pem_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        raise InputError("the PEM block holds no public key that can be read") from None
    return of_key(key)


def of_key(key: PublicKeyTypes, comment: str = "") -> PublicKey:
    """The key of an object of `cryptography`; InputError where its kind is not taken."""
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if isinstance(key, ed25519.Ed25519PublicKey):
        blob = string(ED25519) + string(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    elif isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        blob = string(RSA) + natural(numbers.e) + natural(numbers.n)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        curve = key.curve.name.replace("secp", "nistp").removesuffix("r1")
        point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        blob = string(f"ecdsa-sha2-{curve}") + string(curve) + string(point)
    elif isinstance(key, dsa.DSAPublicKey):
        raise InputError(_refusal("ssh-dss"), hint=_HINT)
    else:
        raise InputError(_refusal(type(key).__name__.strip("_").removesuffix("PublicKey")), hint=_HINT)
    return of_blob(blob, comment)


# ---- one check a kind


def _check_ed25519(blob: bytes) -> None:
    fields = Fields(blob, ED25519)
    fields.string()
    _check_point(fields.string())
    fields.end()


def _check_ed25519_sk(blob: bytes) -> None:
    fields = Fields(blob, ED25519_SK)
    fields.string()
    _check_point(fields.string())
    if not fields.text().startswith("ssh:"):  # another application's key may be used without the person's will
        raise InputError("the security key's application is not `ssh:`")
    fields.end()


def _check_point(raw: bytes) -> None:
    if len(raw) != 32:
        raise InputError(f"an Ed25519 key has 32 bytes, found {len(raw)}")
    height = int.from_bytes(raw, "little") & (2**255 - 1)
    if height >= _P or height in _SMALL:
        raise InputError("the Ed25519 key is a point under which forged signatures would be right")


def _check_rsa(blob: bytes) -> None:
    exponent, modulus = _rsa_numbers(blob)
    bits = modulus.bit_length()
    if not LEAST_RSA <= bits <= MOST_RSA:
        raise InputError(f"RSA of {bits} bits: expected {LEAST_RSA} to {MOST_RSA}", hint=_HINT)
    # FIPS 186-5, section 5.4 (e): odd, above 2^16 and below 2^256.
    if not 2**16 < exponent < 2**256 or not exponent % 2 or not modulus % 2:
        raise InputError("the RSA key's exponent or modulus is not safe", hint=_HINT)


def _rsa_numbers(blob: bytes) -> tuple[int, int]:
    fields = Fields(blob, RSA)
    fields.string()
    numbers = fields.natural(), fields.natural()
    fields.end()
    return numbers


def _check_ecdsa(blob: bytes) -> None:
    fields = Fields(blob, "ECDSA key")
    kind, curve, point = fields.text(), fields.text(), fields.string()
    fields.end()
    if curve not in CURVES or kind != f"ecdsa-sha2-{curve}":
        raise InputError(f"{kind} on the curve {curve!r}: expected its own")
    if point[:1] != b"\x04" or len(point) != 1 + 2 * CURVES[curve]:
        raise InputError("the ECDSA key's point is not in its uncompressed form")
    public(PublicKey(kind, blob))


def public(key: PublicKey) -> PublicKeyTypes:
    """The key as an object of `cryptography`; InputError where its point is not on its curve."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    fields = Fields(key.blob, key.kind)
    fields.string()
    try:
        if key.kind == RSA:
            return rsa.RSAPublicNumbers(fields.natural(), fields.natural()).public_key()
        if key.kind in (ED25519, ED25519_SK):
            return ed25519.Ed25519PublicKey.from_public_bytes(fields.string())
        curves: dict[str, ec.EllipticCurve] = {
            "nistp256": ec.SECP256R1(), "nistp384": ec.SECP384R1(), "nistp521": ec.SECP521R1(),
        }  # fmt: skip
        return ec.EllipticCurvePublicKey.from_encoded_point(curves[fields.text()], fields.string())
    except ValueError:
        raise InputError(f"{key.kind}: the key's numbers make no key") from None
