"""The secrets a session has met: found again wherever they stand, also spelled for a URL, for JSON or in HTML.

They are kept in memory only. Looking for them costs the same however many there are: the first eight bytes of each are
looked up at every place of a text at once.
"""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from html import escape
from typing import Any
from urllib.parse import quote, quote_plus

SHORTEST = 8
"""Bytes; what is shorter stands in texts by chance."""
_PACKED = 18
"""Bytes of a text whose Base64 is long enough to be unpacked and looked into (see `hints`); a shorter one is known by
its parts that are always the same."""
FEW = 16
"""Up to so many are looked for one by one."""
_BITS = 18
_PIECE = 1 << 20
_ODD = 0x9E3779B97F4A7C15
_SHIFT = 64 - _BITS
_WORD = (1 << 64) - 1
COMMON = frozenset({
    "accepted", "anonymous", "application/json", "authorization", "bearer", "credentials", "disabled", "localhost",
    "optional", "password", "password1", "redacted", "required", "undefined", "username",
})  # fmt: skip
"""Words that stand under the keys of secrets and are none."""
MOST = 200_000


class Learned:
    """Originals and their surrogates, as bytes of UTF-8."""

    def __init__(self) -> None:
        self._made: dict[bytes, bytes] = {}
        self._starts: dict[bytes, list[bytes]] = {}
        self._table = bytearray()
        """Whether one of them may begin with eight bytes of that hash; empty as long as they are few."""
        self._within: set[bytes] = set()
        """What is looked for within longer words, too."""
        self.count = 0
        """Rises with every secret: what was written before may be looked at once more."""

    def __len__(self) -> int:
        return len(self._made)

    def add(self, original: str, surrogate: str) -> None:
        """Remember a secret, unless it is too short or a word that everybody writes."""
        data = original.encode("utf-8", "surrogatepass")
        if len(data) < SHORTEST or data in self._made or original == surrogate or len(self._made) >= MOST:
            return
        if original.lower() in COMMON or len(set(original)) < 4:
            return
        self.count += 1
        for spelled in (str, _in_json, _in_ascii_json, _in_url, quote_plus, escape):
            form = spelled(original).encode("utf-8", "surrogatepass")
            if form not in self._made:
                self._add(form, spelled(surrogate).encode("utf-8", "surrogatepass"))
        if len(data) < _PACKED:
            fitted = (surrogate.encode("utf-8", "surrogatepass") * len(data))[: len(data)]
            for shift in range(3):
                for encode in (b64encode, urlsafe_b64encode):
                    form = _middle(data, shift, encode)
                    if form not in self._made:
                        self._within.add(form)
                        self._add(form, _middle(fitted, shift, encode))

    def _add(self, form: bytes, surrogate: bytes) -> None:
        self._made[form] = surrogate
        start = form[:8]
        self._starts.setdefault(start, []).append(form)
        self._starts[start].sort(key=len, reverse=True)
        if self._table:
            self._mark(start)
        elif len(self._made) > FEW:
            self._table = bytearray(1 << _BITS)
            for known in self._starts:
                self._mark(known)

    def _mark(self, start: bytes) -> None:
        self._table[(int.from_bytes(start, "little") * _ODD & _WORD) >> _SHIFT] = 1

    def originals(self) -> list[str]:
        """Every spelling of every secret; to be kept in memory only."""
        return [form.decode("utf-8", "surrogatepass") for form in self._made]

    def stands_in(self, data: bytes) -> bool:
        """Whether one of them stands in the bytes."""
        if not self._made or len(data) < SHORTEST:
            return False
        if len(self._made) <= FEW and not any(form in data for form in self._made):
            return False
        return next(self._places(data), None) is not None

    def _places(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Where each stands: of two that overlap the first, of two that begin together the longer."""
        done = 0
        for place in self._likely(data):
            if place < done:
                continue
            for form in self._starts.get(data[place : place + 8], ()):
                if data.startswith(form, place) and (form in self._within or _stands_alone(data, place, form)):
                    yield place, form
                    done = place + len(form)
                    break

    def _likely(self, data: bytes) -> Iterator[int]:
        """The places at which one of them may begin, in their order."""
        if self._table:
            yield from self._hashed(data)
        else:
            yield from sorted(place for start in self._starts for place in _all(data, start))

    def _hashed(self, data: bytes) -> Iterator[int]:
        """The same by the table, a piece at a time: a piece takes twice eight times its memory."""
        import numpy as np

        table: Any = np.frombuffer(self._table, np.bool_)
        odd, shift = np.uint64(_ODD), np.uint64(_SHIFT)
        for start in range(0, max(len(data) - 7, 0), _PIECE):
            size = min(_PIECE, len(data) - 7 - start)
            windows = np.ndarray((size,), "<u8", data, offset=start, strides=(1,))
            yield from (np.flatnonzero(table[(windows * odd) >> shift]) + start).tolist()

    def replaced(self, data: bytes) -> bytes:
        """The bytes with surrogates in the places of all secrets; the same object where there is none."""
        if not self.stands_in(data):
            return data
        pieces, done = [], 0
        for place, form in self._places(data):
            pieces += [data[done:place], self._made[form]]
            done = place + len(form)
        return b"".join((*pieces, data[done:]))

    def text(self, text: str) -> str:
        """The text with surrogates in the places of all secrets."""
        if not self._made or len(text) < SHORTEST // 4:
            return text
        data = text.encode("utf-8", "surrogatepass")
        made = self.replaced(data)
        return text if made is data else made.decode("utf-8", "surrogatepass")


def _all(data: bytes, start: bytes) -> Iterator[int]:
    place = data.find(start)
    while place >= 0:
        yield place
        place = data.find(start, place + 1)


def _stands_alone(data: bytes, place: int, form: bytes) -> bool:
    """Whether a number is not part of a longer one, nor a word part of a word; other secrets may stand anywhere."""
    if not form.isdigit() and not form.isalpha():
        return True
    end = place + len(form)
    return not (data[place - 1 : place].isalnum() or data[end : end + 1].isalnum())


def _middle(data: bytes, shift: int, encode: Callable[[bytes], bytes]) -> bytes:
    """The Base64 of bytes behind so many others, as far as it does not depend on what stands around them."""
    return encode(bytes(shift) + data + bytes(2))[-(-8 * shift // 6) : 8 * (shift + len(data)) // 6]


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _in_ascii_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _in_url(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")
