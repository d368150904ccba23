"""Digests, fingerprints and bytes: the right length and alphabet, of nothing in particular."""

from __future__ import annotations

from typing import Any

from hotfixture.generators import values
from hotfixture.generators.base import AnyDraws, Column, Generator, generator
from hotfixture.generators.drawn import HEX, base64_of, hexadecimal, letters, matching, octets, text_of
from hotfixture.generators.options import Option

_SIZE = Option("size", "integer", 16, "How many bytes.", low=1, high=256)


def _digest(name: str, bits: int, source: str) -> Generator:
    """The generator of digests of `bits` bits."""
    width = bits // 4

    def digest(draws: AnyDraws) -> Column:
        return text_of(hexadecimal(draws.lane(0), width))

    digest.__doc__ = f"A digest of {bits} bits in hexadecimal digits; the digest of no known text."
    made = generator(f"it.{name}", source=source, holds=matching(f"[0-9a-f]{{{width}}}"), capacity=1 << bits)
    return made(digest)


crc32 = _digest("crc32", 32, "the length of a CRC-32")
md5 = _digest("md5", 128, "RFC 1321: the length of an MD5 digest")
sha1 = _digest("sha1", 160, "FIPS 180-4: the length of a SHA-1 digest")
sha256 = _digest("sha256", 256, "FIPS 180-4: the length of a SHA-256 digest")
sha512 = _digest("sha512", 512, "FIPS 180-4: the length of a SHA-512 digest")


@generator(
    "it.hex_bytes",
    options=(
        _SIZE,
        Option("separator", "text", None, "What stands between two bytes; nothing where not given."),
        Option("upper", "boolean", False, "Capital letters."),
    ),
    source="two hexadecimal digits a byte",
    holds=lambda value, size, separator, upper: (
        len(value) == 2 * size + len(separator or "") * (size - 1)
        and set(value) <= set(HEX.upper() if upper else HEX) | set(separator or "")
    ),
    capacity=lambda size, separator, upper: 256**size,  # noqa: ARG005 - every option is passed
)
def hex_bytes(draws: AnyDraws, *, size: int, separator: str | None, upper: bool) -> Column:
    """Bytes in hexadecimal digits."""
    alphabet = HEX.upper() if upper else HEX
    widths = [min(16, 2 * size - place) for place in range(0, 2 * size, 16)]
    glyphs = [values.base_glyphs(draws.lane(lane).bits, alphabet, width) for lane, width in enumerate(widths)]
    if not separator:
        return text_of(values.beside(*glyphs))
    pairs = [
        text_of(group[place : place + 2] if isinstance(group, str) else group[:, place : place + 2])
        for group in glyphs
        for place in range(0, _width(group), 2)
    ]
    return values.join(*pairs, separator=separator)


def _width(glyphs: Column) -> int:
    return len(glyphs) if isinstance(glyphs, str) else int(glyphs.shape[1])


def _is_base64(value: Any, *, size: int, url: bool) -> bool:
    from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode

    decoded = (urlsafe_b64decode if url else b64decode)(value)
    return len(decoded) == size and (urlsafe_b64encode if url else b64encode)(decoded).decode() == value


@generator(
    "it.base64",
    options=(_SIZE, Option("url", "boolean", False, "The alphabet that is safe in addresses and file names.")),
    source="RFC 4648, sections 4 and 5",
    holds=_is_base64,
    capacity=lambda size, url: 256**size,  # noqa: ARG005 - every option is passed
)
def base64(draws: AnyDraws, *, size: int, url: bool) -> Column:
    """Bytes in base 64."""
    return base64_of(octets(draws.lane(0), size), url=url)


@generator(
    "it.ssh_fingerprint",
    source="the spelling of OpenSSH: SHA-256 in base 64 without padding",
    holds=matching(r"SHA256:[A-Za-z0-9+/]{43}"),
    capacity=1 << 256,
)
def ssh_fingerprint(draws: AnyDraws) -> Column:
    """The fingerprint of an SSH key that nobody has."""
    return values.join("SHA256:", base64_of(octets(draws.lane(0), 32), padding=False))


@generator(
    "it.password_hash",
    source="the modular crypt format of bcrypt; the salt and the digest are random, no password fits",
    holds=matching(r"\$2b\$12\$[./A-Za-z0-9]{53}"),
    capacity=64**53,
)
def password_hash(draws: AnyDraws) -> Column:
    """A stored password as bcrypt spells it, which no password opens."""
    alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return values.join("$2b$12$", text_of(letters(draws.lane(0), alphabet, 53)))
