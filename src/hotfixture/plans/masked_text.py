"""Texts on their way through masks: decoded piece by piece, line by line, and encoded as they were."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from hotfixture.errors import RefusedError
from hotfixture.schema import Column
from hotfixture.transforms.masks import bind
from hotfixture.transforms.people import first_names

if TYPE_CHECKING:
    from hotfixture.plans.witness import Maskers
    from hotfixture.transforms.masks import MaskSpec

LONGEST = 64 << 20
"""Characters of one line, record or document: what must be seen as one."""
BATCH = 4 << 20
"""Characters that go through the masks together."""
MARK = "\ufeff"
_TIME = re.compile(
    r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?(?=[\s\]])", re.ASCII
).match


def decoded(pieces: Iterable[bytes], encoding: str) -> Iterator[str]:
    """The text, without holding it; RefusedError where the bytes are none in that encoding."""
    decode = codecs.getincrementaldecoder(encoding)().decode
    try:
        for piece in pieces:
            if text := decode(piece):
                yield text
        if text := decode(b"", True):
            yield text
    except UnicodeError:
        raise RefusedError(f"it is no text in {encoding}", hint="Say its encoding in the policy's rule.") from None


def encoded(texts: Iterable[str], encoding: str) -> Iterator[bytes]:
    """The inverse of `decoded`."""
    encode = codecs.getincrementalencoder(encoding)("replace").encode
    for text in texts:
        if text:
            yield encode(text)


def unmarked(texts: Iterator[str]) -> tuple[str, Iterator[str]]:
    """The byte order mark that stands before the text, if any, and the text without it."""
    first = next(texts, "")
    mark = MARK if first.startswith(MARK) else ""
    return mark, _from(first[len(mark) :], texts)


def _from(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def lines(texts: Iterable[str]) -> Iterator[str]:
    """The lines, each with its line feed; RefusedError for one longer than `LONGEST`."""
    waiting: list[str] = []
    length = 0
    for text in texts:
        *whole, rest = text.split("\n")
        if whole:
            yield "".join([*waiting, whole[0], "\n"])
            yield from (f"{line}\n" for line in whole[1:])
            waiting, length = [], 0
        waiting.append(rest)
        length += len(rest)
        if length > LONGEST:
            raise RefusedError(f"a line of more than {LONGEST} characters")
    if last := "".join(waiting):
        yield last


def batches(items: Iterable[str], most: int = BATCH) -> Iterator[list[str]]:
    """The items in lists of about `most` characters."""
    found: list[str] = []
    size = 0
    for item in items:
        found.append(item)
        size += len(item) + 1
        if size >= most:
            yield found
            found, size = [], 0
    if found:
        yield found


def masked(texts: Iterator[str], spec: MaskSpec, maskers: Maskers) -> Iterator[str]:
    """The lines of a text, each masked; what a mask must see together stays together."""
    mask = bind(spec, Column("text", pa.string()))
    masker = maskers.of({"text": mask})
    for batch in batches(_joined(lines(texts))):
        before = [_stamp(line) for line in batch] if spec.name == "scrub" else [0] * len(batch)
        after = [len(line.rstrip("\r\n")) for line in batch]
        bodies = [line[start:end] for line, start, end in zip(batch, before, after, strict=True)]
        made = masker({"text": pa.array(bodies, pa.string())})["text"].to_pylist()
        parts = zip(batch, before, made, after, strict=True)
        yield "".join(f"{line[:start]}{text or ''}{line[end:]}" for line, start, text, end in parts)


def _stamp(line: str) -> int:
    """Where the time ends that a line of a log begins with: nobody's, but it holds as many digits as a phone number.

    Lines of 80 characters without anything else to scrub take a tenth of the time so.
    """
    found = _TIME(line)
    return found.end() if found else 0


def _joined(found: Iterable[str]) -> Iterator[str]:
    """The lines; one that ends with a first name comes with the line that goes on, for the name may."""
    known = first_names()
    waiting = ""
    for line in found:
        whole = waiting + line
        word = line.rstrip("\r\n").rpartition(" ")[2]
        if word[:1].isupper() and len(whole) < LONGEST and word.lower() in known:
            waiting = whole
            continue
        waiting = ""
        yield whole
    if waiting:
        yield waiting
