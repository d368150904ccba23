"""Recordings in the formats of other tools: read and written side by side, one format a file.

To add one: a module with `NAME`, `ENDINGS`, `recognised(head)`, `read(path, sanitiser)`, `write(interactions, path)`;
and a line in TABLE. What a format cannot carry `write` returns as sentences, for people to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from hotfixture.capture.records import Interaction
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.errors import InputError, Where
from hotfixture.registry import Registry

TABLE: Mapping[str, str] = {
    "har": "hotfixture.capture.formats.har:HAR",
    "mocks": "hotfixture.capture.formats.mocks:MOCKS",
    "openapi": "hotfixture.capture.formats.openapi:OPENAPI",
    "session": "hotfixture.capture.formats.session:SESSION",
    "vcr": "hotfixture.capture.formats.vcr:VCR",
    "wiremock": "hotfixture.capture.formats.wiremock:WIREMOCK",
}
"""Name -> what reads and writes it."""
_HEAD = 65_536
LARGEST = 1 << 30
"""Bytes of a file of another tool that are read; those of our own sessions are read as a stream, without a bound."""


class Format(Protocol):
    """One format."""

    def recognised(self, path: Path, head: str) -> bool:
        """Whether a file is of this format, by its name and its beginning."""

    def read(self, path: Path, sanitiser: Sanitiser) -> Iterator[Interaction]:
        """The interactions of a file, cleaned; InputError says what is wrong with it, and where."""

    def write(self, interactions: Iterable[Interaction], path: Path) -> list[str]:
        """Write them whole or not at all; gives what the format could not carry, a sentence each."""


FORMATS: Registry[Format] = Registry("format", TABLE, group="hotfixture.capture_formats")


def recognise(path: Path) -> str:
    """The name of the format a file (or session folder) is of; InputError where it is none that is known."""
    if path.is_dir():
        return "session"
    if not path.exists():
        raise InputError("there is no such file", where=Where(str(path)))
    with path.open("rb") as file:
        head = file.read(_HEAD).decode("utf-8", "replace")
    for name in FORMATS:
        if FORMATS.find(name).recognised(path, head):
            return name
    raise InputError(
        "of no format that is known", where=Where(str(path)), hint=f"Known: {', '.join(FORMATS)}; or say --from."
    )


def read(path: Path, sanitiser: Sanitiser, *, form: str = "") -> Iterator[Interaction]:
    """The interactions of a file in any format."""
    return FORMATS.find(form or recognise(path)).read(path, sanitiser)


def bounded(path: Path) -> bytes:
    """The bytes of a file of another tool; InputError where it is too large or cannot be read."""
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"more than {LARGEST >> 20} MB", where=Where(str(path)))
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=Where(str(path))) from None


def whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    aside = path.with_name(f".{path.name}.part")
    try:
        aside.write_bytes(data)
        aside.replace(path)
    except OSError as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise InputError(f"cannot be written: {error.strerror}", where=Where(str(path))) from None


__all__ = ["FORMATS", "TABLE", "Format", "bounded", "read", "recognise", "whole"]
