"""Service tokens: what CI and other programs log in with. Shown once, kept as a hash, recognisable for secret scanners.

SHA-256 without salt is enough to keep them: a token has 256 random bits, so there is no dictionary to try.
"""

from __future__ import annotations

import re
from binascii import crc32
from hashlib import sha256
from secrets import token_hex

from hotfixture.errors import InputError

PREFIX = "hft_"
_FORM = re.compile(r"hft_([0-9a-f]{64})([0-9a-f]{8})")


def make() -> str:
    """A new token: `hft_`, 256 random bits, and a check by which a mistyped one is known without asking anybody."""
    secret = token_hex(32)
    return f"{PREFIX}{secret}{_check(secret)}"


def _check(secret: str) -> str:
    return f"{crc32(secret.encode()):08x}"


def is_whole(token: str) -> bool:
    """Whether this has the form of a service token, to its check."""
    found = _FORM.fullmatch(token)
    return bool(found and _check(found[1]) == found[2])


def digest(token: str) -> str:
    """What is kept of a token: its SHA-256 in hexadecimal."""
    return sha256(token.encode()).hexdigest()


def read(text: str) -> str:
    """The token in what somebody pasted; InputError, without repeating it, where it is none or was cut off."""
    token = text.strip()
    if not is_whole(token):
        raise InputError(f"this is no service token: expected {PREFIX} and 72 hexadecimal digits, all of them")
    return token
