"""Surrogates of secrets: of the same form, always the same under one key, and to be told from a secret by themselves.

The letters and digits of a secret are replaced from a keyed stream, the last eight of them by a check (an unkeyed
hash of the rest): so anybody can tell that a text is a surrogate, in a recording, in what a program sends back when it
is replayed, and in a scan, and nobody can tell what it stands for. A secret too short for a check gets sixteen
letters and digits; digits (a PIN, a code) stay as many.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b, shake_256

from hotfixture.prf import subkey
from hotfixture.transforms.masks.keys import MaskingKey

CHECK = 8
SHORTEST = 16
"""Letters and digits of the shortest surrogate that carries a check; digits alone: `SHORTEST` of them."""
SHORTEST_NUMBER = 8
"""Digits of the shortest number whose surrogate carries a check, of four or five of them."""
_DIGITS = "0123456789"
_LOWER, _UPPER = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HEX = _DIGITS + "abcdef"
_BASE36 = _DIGITS + _LOWER
_ALPHABETS = (_HEX, _HEX.upper(), _BASE36, _BASE36.upper(), _DIGITS, _DIGITS + _UPPER + _LOWER)
_PLACES = re.compile(r"[0-9A-Za-z]|[^\x00-\x7f]")
"""What is replaced: all that is no ASCII is replaced by ASCII."""
_ALNUM = re.compile("[0-9A-Za-z]")
_OTHERS = re.compile("[^0-9A-Za-z]")
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_UUID_KEPT = (14, 19)
"""Where a uuid says its version and variant."""
_STARS = re.compile(r"\*{3,}|\[redacted\]|<redacted>|x{4,}", re.IGNORECASE)
NINES = re.compile("9{1,7}")


class Surrogates:
    """Makes surrogates of secrets under one key."""

    def __init__(self, key: MaskingKey) -> None:
        self._key = subkey(key.secret, "capture secret")

    def of(self, secret: str, prefix: int = 0) -> str:
        """The surrogate; the first `prefix` characters are public (`sk_test_`) and stay. A surrogate stays itself."""
        if not secret or is_surrogate(secret):
            return secret
        head, body = secret[:prefix], secret[prefix:]
        bare = _OTHERS.sub("", body)
        if bare.isdigit() and len(bare) < SHORTEST:
            return self._numbered(secret, head, body, len(bare))
        if len(bare) < SHORTEST or 2 * len(bare) < len(body):
            return self._filled(secret, head, "0" * SHORTEST, _BASE36)
        kept = _UUID_KEPT if not prefix and _UUID.fullmatch(secret) else ()
        return self._filled(secret, head, body, _alphabet(bare), kept=kept)

    def _numbered(self, secret: str, head: str, body: str, count: int) -> str:
        """Digits in their form: with a check of four or five where there are eight and more, else nines."""
        plain = not head and body.isascii()
        if plain and count >= SHORTEST_NUMBER:
            return self._filled(secret, head, body, _DIGITS, check=_check_size(count))
        if plain and body.isdigit():
            return "9" * count
        return self._filled(secret, head, "0" * SHORTEST, _BASE36)

    def _filled(
        self, secret: str, head: str, shape: str, alphabet: str, *, kept: tuple[int, ...] = (), check: int = CHECK
    ) -> str:
        """The shape with its letters and digits drawn anew, and the check at the end of them."""
        places = [match.start() for match in _PLACES.finditer(shape) if match.start() not in kept]
        draws = self._stream(secret, len(places))
        made = list(shape)
        for place, draw in zip(places[:-check], draws, strict=False):
            made[place] = alphabet[draw % len(alphabet)]
        if alphabet == _DIGITS and made[places[0]] == "0":
            made[places[0]] = "1"  # a number keeps as many digits
        marks = _spelled(_tag(head + _without(made, places[-check:])), alphabet, check)
        for place, mark in zip(places[-check:], marks, strict=True):
            made[place] = mark
        return head + "".join(made)

    def _stream(self, secret: str, size: int) -> bytes:
        tag = blake2b(secret.encode("utf-8", "surrogatepass"), key=self._key, digest_size=32).digest()
        return tag if size <= len(tag) else shake_256(tag).digest(size)


def _without(made: list[str], checks: list[int]) -> str:
    """All but the places of the check."""
    left = set(checks)
    return "".join(character for place, character in enumerate(made) if place not in left)


def _check_size(count: int) -> int:
    """How many of so many digits are a check."""
    return 4 if count < 10 else 5


def _alphabet(bare: str) -> str:
    if bare.isdigit():
        return _DIGITS
    lower, upper = bare.lower(), bare.upper()
    if not set(lower) - set(_HEX) and bare in (lower, upper):
        return _HEX if bare == lower else _HEX.upper()
    if bare in (lower, upper):
        return _BASE36 if bare == lower else _BASE36.upper()
    return _DIGITS + _UPPER + _LOWER


def _tag(rest: str) -> int:
    data = rest.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8, person=b"hotfixture.surr").digest())


def _spelled(number: int, alphabet: str, count: int = CHECK) -> str:
    size, marks = len(alphabet), []
    for _ in range(count):
        number, rest = divmod(number, size)
        marks.append(alphabet[rest])
    return "".join(marks)


def is_surrogate(text: str) -> bool:
    """Whether the whole text is the surrogate of a secret: by its check; nines and stars are one as well."""
    if NINES.fullmatch(text) or _STARS.fullmatch(text):
        return True
    return len(text) >= SHORTEST_NUMBER and _checked(text)


@lru_cache(maxsize=1 << 12)
def _checked(text: str) -> bool:
    places = [match.start() for match in _ALNUM.finditer(text)]
    if len(places) < SHORTEST_NUMBER:
        return False
    if len(places) < SHORTEST:
        checks = places[-_check_size(len(places)) :]
        alphabets: tuple[str, ...] = (_DIGITS,) if all(text[place].isdigit() for place in places) else ()
    else:
        checks, alphabets = places[-CHECK:], _ALPHABETS
    marks = "".join(text[place] for place in checks)
    fitting = [alphabet for alphabet in alphabets if not set(marks) - set(alphabet)]
    tag = _tag(_without(list(text), checks)) if fitting else 0
    return any(marks == _spelled(tag, alphabet, len(checks)) for alphabet in fitting)
