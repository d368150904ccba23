"""Parts of files, as HTTP asks for them (RFC 9110, sections 13.1.5 and 14), and tags that tell whether one changed."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import NamedTuple

from hotfixture.errors import OptionError
from hotfixture.wire.sources import Listed

_ONE = re.compile(r"\s*bytes\s*=\s*(\d{0,19})\s*-\s*(\d{0,19})\s*", re.IGNORECASE)


class Part(NamedTuple):
    """Some bytes of a file."""

    start: int
    length: int

    def content_range(self, size: int) -> str:
        """The header that says which part of how many bytes this is."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def parse(header: str, size: int) -> Part | None:
    """The part that a `Range` header asks for of a file of `size` bytes; None for the whole.

    The whole is also the answer to several ranges, to another unit and to what is no range at all: the RFC allows it.
    OptionError where no byte of the file is in the range.
    """
    found = _ONE.fullmatch(header)
    if not found or found[1] == found[2] == "":
        return None
    first, last = found[1], found[2]
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1 if last else size, size)
        if last and int(last) < start:
            return None
    if start >= end:
        raise OptionError("Range", header[:40], f"a part of {size} bytes")
    return Part(start, end - start)


def tag(file: Listed) -> str:
    """A tag of a file's state, quoted for the header `ETag`: another size or time gives another."""
    facts = "\n".join((file.name, str(file.size), repr(file.mtime)))
    return f'"{sha256(facts.encode()).hexdigest()[:32]}"'


def still_holds(if_range: str, current: str) -> bool:
    """Whether a part may be sent: nothing was said in `If-Range`, or the tag of what is there now."""
    return not if_range or if_range.strip() == current
