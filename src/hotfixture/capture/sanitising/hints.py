"""What a text, or many joined, may hold: told at once by marks that cost little to look for.

Two kilobytes take some ten microseconds. What is flagged is looked at closely by the finders of that flag.
"""

from __future__ import annotations

import re
from base64 import b64encode, urlsafe_b64encode
from binascii import a2b_base64
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from typing import NamedTuple

from hotfixture.capture.sanitising import compression, credentials, numbers
from hotfixture.capture.sanitising.compression import UnreadableError
from hotfixture.capture.sanitising.credentials import Find

AT, NUMBER, TOKEN, JWT, PEM, TOLD, PACKED, PERCENT, DOCUMENT = (1 << bit for bit in range(9))
ALL = (1 << 9) - 1
SEPARATOR = "\x00"
"""Between texts that are looked at together."""
_SEPARATOR = SEPARATOR.encode()

_QUIET: set[bytes] = set()
"""Shapes of texts that surely hold nothing. Whether one is among them changes nothing but the time that it takes."""
_MOST_QUIET, _LONGEST_QUIET = 1 << 14, 96
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_DIGITS_TOGETHER = re.compile(rb"0[0 ()./\xa0\xc2-]{5,}0")
_DATES = (b"0000-00-00", b"0000/00/00", b"00/00/0000", b"00.00.0000", b"0000.00.00")
_UUID = re.compile(rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_STRETCH, _OVERLAP = 4 << 20, 1 << 12
_LONGEST_NUMBER = 100
_FEWEST_OF_CARDS, _FEWEST_OF_PHONES = 12, 7
LONG = 16
_PACKED = 24
_KEPT = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-.+/"
_WORDS = bytes(code if code in _KEPT else 32 for code in range(256))
"""Everything but the characters of tokens becomes a blank."""
_SPELLED = tuple(start.encode().translate(_DIGITS) for start in credentials.LITERALS)
_MARKS = tuple(start for start in _SPELLED if b"/" in start or b"." in start)
_STARTS = frozenset(start[:3] for start in _SPELLED if start not in _MARKS)
_CUT = bytes(code if chr(code) not in "./+" else 32 for code in range(256))
_NAME = 24
"""Bytes before `=` that are looked at for the name of a secret."""
_STEM = re.compile("|".join(map(re.escape, credentials.STEMS)).encode())
_SCHEMES = (
    b"earer ", b"asic ", b"oken ", b"EARER ", b"-user ", b"-u ", b"</",
    b"-key ", b"secret ", b"ssword ", b"SSWORD ", b"ntified ", b"NTIFIED ",
)  # fmt: skip
_RUN = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_PIECE = re.compile(r"[A-Za-z0-9+_-]{24,}={0,2}")
_HEX_BYTES = re.compile(rb"[0-9a-f]{32,}")
_HEX = re.compile(r"[0-9a-fA-F]{32,}")
_TEXTUAL = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*")
_PLUS = str.maketrans("-_", "+/")
_SQUEEZED = {b"\x1f\x8b": "gzip", b"\x78\x01": "deflate", b"\x78\x9c": "deflate", b"\x78\xda": "deflate"}
"""How compressed bytes begin (RFC 1952, RFC 1950)."""
_LARGEST = 16 << 20
"""Bytes of a text that was compressed within another."""


def flags(text: str) -> int:
    """What may stand in the text; 0 for nothing."""
    return flags_of(text.encode("utf-8", "surrogatepass"))


def flags_of(data: bytes) -> int:
    """The same for a text in UTF-8; of a long one piece by piece."""
    if len(data) > _STRETCH + _OVERLAP:
        found = 0
        for start in range(0, len(data), _STRETCH):
            found |= flags_of(data[max(start - _OVERLAP, 0) : start + _STRETCH])
        return found
    found = AT * (b"@" in data) | PERCENT * (b"%" in data) | DOCUMENT * (b'"' in data)
    if b"PRIVATE KEY" in data:
        found |= PEM
    shapes = data.translate(_DIGITS).split(_SEPARATOR)
    return found if _QUIET.issuperset(shapes) else found | _flags_of_shapes(set(shapes) - _QUIET, data)


def _flags_of_shapes(shapes: set[bytes], data: bytes) -> int:
    """What stands in texts of these shapes, each digit of them spelled as 0. Those in which nothing does are
    remembered: most texts have a shape that was there before."""
    zeros = _SEPARATOR.join(shapes)
    found = TOLD * _told(zeros) | NUMBER * numeric(zeros)
    sure = True
    long = {word for word in zeros.translate(_WORDS).split() if len(word) >= LONG}
    if long:
        tokens, sure = _tokens(long, data)
        found |= tokens
    if not found and sure:
        if len(_QUIET) > _MOST_QUIET:
            _QUIET.clear()
        _QUIET.update(shape for shape in shapes if len(shape) <= _LONGEST_QUIET)
    return found


def _told(zeros: bytes) -> bool:
    """Whether what stands before `:` or `=` may name a secret; times and the beginnings of URLs are left out."""
    pieces = zeros.replace(b"00:00:00", b"").replace(b"://", b" ").replace(b"=", b":").split(b":")
    pieces.pop()
    names = b" ".join([name.rpartition(_SEPARATOR)[2] for name in {piece[-_NAME:] for piece in pieces}]).lower()
    if _STEM.search(names) is not None:
        return True
    for mark in _SCHEMES:  # noqa: SIM110 - a generator would take as long again
        if mark in zeros:
            return True
    return False


def numeric(zeros: bytes) -> bool:
    """Whether digits stand together, with what people write between them, that may be somebody's number; each digit is
    spelled as 0."""
    zeros = zeros.replace(b"0000-00-00", b"").replace(b"00:00:00", b"")
    for match in _DIGITS_TOGETHER.finditer(zeros):
        sure = _may_be_a_number(match[0][:_LONGEST_NUMBER])
        start, end = match.span()
        before = zeros[start - 1 : start]
        if not sure or before == b"." or _UUID.fullmatch(zeros, max(end - 36, 0), end):
            continue  # small, a fraction, the end of a uuid
        if sure > 1 or before.isalpha() or zeros[end : end + 1].isalpha():
            return True
    return False


@lru_cache(maxsize=1 << 12)
def _may_be_a_number(shape: bytes) -> int:
    """Whether digits in this form, each spelled as 0, may be a card, a telephone or a national number: 2; 1 if so only
    beside a letter (IBAN, DNI); 0 for points in time, versions, small identifiers."""
    bare = shape.strip(b" ()./-")
    for date in _DATES if len(bare) < _LONGEST_NUMBER else ():
        bare = bare.replace(date, b"")
    digits = bare.count(b"0")
    if digits < _FEWEST_OF_PHONES:
        return 0
    return 2 if digits >= _FEWEST_OF_CARDS or len(bare) > digits else 1


def _tokens(long: Iterable[bytes], data: bytes) -> tuple[int, bool]:
    """What words of sixteen characters and more may be, digits spelled as 0 in them; and whether other digits would
    make no difference."""
    joined = b" ".join(long)
    found = JWT | PACKED if b"eyJ" in joined else 0
    starts = [piece[:3] for piece in joined.translate(_CUT).split()]
    if not _STARTS.isdisjoint(starts):
        found |= TOKEN
    else:
        for mark in _MARKS:
            if mark in joined:
                found |= TOKEN
                break
    if found & PACKED or not any(map(_may_hold, joined.replace(b".", b" ").split())):
        return found, True
    words = data.translate(_WORDS).replace(b".", b" ").split()
    return found | PACKED * any(map(_holds, words)), False


def _may_hold(word: bytes) -> bool:
    """Whether a word may be packed text: Base64 of a text has capitals."""
    return len(word) >= _PACKED and (not word.islower() or _HEX_BYTES.fullmatch(word) is not None)


def _holds(word: bytes) -> bool:
    """Whether a word is packed text."""
    return _may_hold(word) and next(unpacked(word.decode("ascii")), None) is not None


_FINDERS: tuple[tuple[int, Callable[[str], Iterator[Find]]], ...] = (
    (PEM, credentials.keys),
    (JWT, credentials.jwts),
    (TOKEN, credentials.tokens),
    (AT, credentials.in_urls),
    (TOLD, credentials.told),
    (AT, numbers.emails),
    (NUMBER, numbers.numbers),
)


def has_number(text: str) -> bool:
    """Whether one text may hold somebody's number."""
    return numeric(text.encode("utf-8", "replace").translate(_DIGITS))


def finds(text: str, flagged: int) -> list[Find]:
    """All that stands in a text, by the flags; of what overlaps, the first kind wins."""
    found: list[Find] = []
    for flag, finder in _FINDERS:
        if flagged & flag:
            for one in finder(text):
                if not any(one.start < other.end and other.start < one.end for other in found):
                    found.append(one)
    return found


class Packed(NamedTuple):
    """A text that was packed, and how another is packed in the same way."""

    text: str
    spell: Callable[[str], str]


def unpacked(text: str) -> Iterator[tuple[int, int, Packed]]:
    """Where Base64 (either alphabet) or hexadecimal digits stand in a text that hold a text themselves."""
    for match in _RUN.finditer(text):
        start, end = match.span()
        pieces = [(start, end)]
        if "/" in match[0]:  # of a path, perhaps
            pieces += [(start + piece.start(), start + piece.end()) for piece in _PIECE.finditer(match[0])]
        for first, last in pieces:
            found = unpack(text[first:last]) if last - first >= _PACKED else None
            if found is not None:
                yield first, last, found
                break


def unpack(run: str) -> Packed | None:
    """The text that the run holds; None where it holds none."""
    data = _bytes_of(run)
    text = _readable(data) if data is not None else None
    if text is None and len(run) % 2 == 0 and _HEX.fullmatch(run):
        text = _readable(bytes.fromhex(run))
        return None if text is None else Packed(text, _in_hex)
    bare = run.rstrip("=")
    spelling = "-" in bare or "_" in bare, len(run) != len(bare) or len(bare) % 4 == 0
    if text is None:
        return None if data is None else _squeezed(data, *spelling)
    return Packed(text, _BASE64[spelling])


def _squeezed(data: bytes, urlsafe: bool, padded: bool) -> Packed | None:
    """The text that is compressed in the bytes."""
    name = _SQUEEZED.get(data[:2])
    if name is None:
        return None
    try:
        found = compression.unpack(data, [name], _LARGEST)
    except UnreadableError:
        return None
    text = _readable(found.data) if found.whole else None
    return None if text is None else Packed(text, partial(_squeeze, name, urlsafe, padded))


def _squeeze(name: str, urlsafe: bool, padded: bool, text: str) -> str:
    data = compression.pack(text.encode("utf-8", "surrogatepass"), [name])
    made = (urlsafe_b64encode if urlsafe else b64encode)(data).decode()
    return made if padded else made.rstrip("=")


def unpack_short(run: str) -> Packed | None:
    """The text that Base64 of any length holds."""
    data = _bytes_of(run)
    try:
        text = data.decode() if data else None
    except UnicodeDecodeError:
        return None
    return Packed(text, _BASE64["-" in run or "_" in run, run.endswith("=") or len(run) % 4 == 0]) if text else None


def _bytes_of(run: str) -> bytes | None:
    bare = run.rstrip("=")
    if len(bare) % 4 == 1:
        return None
    try:
        return a2b_base64(bare.translate(_PLUS) + "=" * (-len(bare) % 4))
    except ValueError:
        return None


def _readable(data: bytes) -> str | None:
    """The text of at least eight characters that the bytes are."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return text if len(text) >= 8 and _TEXTUAL.fullmatch(text) else None


def _in_hex(text: str) -> str:
    return text.encode().hex()


def _in_base64(urlsafe: bool, padded: bool) -> Callable[[str], str]:
    encode = urlsafe_b64encode if urlsafe else b64encode

    def spell(text: str) -> str:
        made = encode(text.encode("utf-8", "surrogatepass")).decode()
        return made if padded else made.rstrip("=")

    return spell


_BASE64 = {(urlsafe, padded): _in_base64(urlsafe, padded) for urlsafe in (True, False) for padded in (True, False)}
