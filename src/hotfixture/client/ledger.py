"""What was downloaded to this machine, and when it is to be deleted: one small file for each download.

An entry's name begins with the second at which it is due (zeros where never), so that a later run learns by one look
at a folder whether anything is. Entries are written whole and removed one by one: runs at the same time need no lock,
and whoever comes second finds the work done.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from hotfixture.client.profiles import folder, replace
from hotfixture.errors import HotFixtureError, InputError, RefusedError, Where

NEVER = 0
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """One download."""

    path: str
    """Absolute."""
    source: str
    """A template's name, or a volume and path."""
    package: str
    """Its id at the daemon; empty for a file of a volume."""
    sha256: str
    """Empty for what was not downloaded to its end."""
    size: int
    due: int
    """Seconds since 1970; NEVER where only `hfit cleanup --all` deletes it."""
    begun: int
    """When it was downloaded."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What became of one entry: deleted, gone already, or kept and why."""

    path: str
    done: str
    """`deleted`, `gone` or `kept`."""
    why: str = ""


class Ledger:
    """The entries in a folder; it is made when the first is written."""

    def __init__(self, place: Path | None = None) -> None:
        self.place = place or folder("state") / "downloads"

    def add(self, entry: Entry) -> None:
        """Write an entry; earlier ones of the same path are forgotten, and those of files that somebody has deleted.

        Raises HotFixtureError where it cannot be written.
        """
        from secrets import token_hex

        try:
            self.place.mkdir(parents=True, exist_ok=True, mode=0o700)
            earlier = [name for name, one in self._entries() if one.path == entry.path or _is_stale(one)]
            replace(self.place / f"{entry.due:0{_DIGITS}}-{token_hex(8)}.json", json.dumps(asdict(entry)).encode())
        except OSError as error:
            raise HotFixtureError(f"the ledger of downloads cannot be written: {error.strerror}") from None
        for name in earlier:
            self._forget(name)

    def find(self, path: Path) -> Entry | None:
        """The entry of a file."""
        wanted = str(path.absolute())
        return next((entry for _, entry in self._entries() if entry.path == wanted), None)

    def forget(self, path: Path) -> None:
        """Remove the entry of a file that has gone."""
        wanted = str(path.absolute())
        for name, entry in list(self._entries()):
            if entry.path == wanted:
                self._forget(name)

    def entries(self) -> list[Entry]:
        """Every entry, the one that is due first at the front, those that never are at the end."""
        found = [entry for _, entry in self._entries()]
        return sorted(found, key=lambda entry: (entry.due == NEVER, entry.due, entry.path))

    def has_due(self, now: float) -> bool:
        """Whether anything is to be deleted; one look at a folder."""
        return any(_is_due(name, now) for name in self._names())

    def clean(self, now: float, *, everything: bool = False) -> Iterator[Cleaned]:
        """Delete what is due, or everything. What has changed since, or is a link, is kept, and never due again."""
        for name, entry in list(self._entries(None if everything else now)):
            cleaned = _clean(entry)
            if cleaned.done == "kept" and entry.due != NEVER:
                self.add(dataclasses.replace(entry, due=NEVER))
            elif cleaned.done != "kept":
                self._forget(name)
            yield cleaned

    def _entries(self, due: float | None = None) -> Iterator[tuple[str, Entry]]:
        for name in self._names():
            if due is None or _is_due(name, due):
                with suppress(OSError, ValueError, TypeError):  # another run has just removed it, or it is not ours
                    yield name, Entry(**json.loads((self.place / name).read_bytes()))

    def _names(self) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self.place) if name.endswith(".json") and name[0] != ".")  # noqa: PTH208 - names alone, and pathlib makes an object of each
        except OSError:
            return []

    def _forget(self, name: str) -> None:
        with suppress(OSError):
            (self.place / name).unlink()


def _is_due(name: str, now: float) -> bool:
    digits = name[:_DIGITS]
    return digits.isdecimal() and NEVER < int(digits) <= now


def _is_stale(entry: Entry) -> bool:
    """What is due one day stays, though its disk may be away for now."""
    return entry.due == NEVER and not os.path.lexists(entry.path)


def _clean(entry: Entry) -> Cleaned:
    from hotfixture.client.erasing import erase

    path = Path(entry.path)
    try:
        found = path.lstat()
    except OSError:
        return Cleaned(entry.path, "gone")
    try:
        if entry.sha256 and not path.is_symlink():
            _check_same(path, entry)
        erase(path, found)
    except HotFixtureError as error:
        return Cleaned(entry.path, "kept", error.problems[0].message)
    return Cleaned(entry.path, "deleted")


def _check_same(path: Path, entry: Entry) -> None:
    """RefusedError where the file's bytes are not those that were downloaded."""
    from hashlib import file_digest

    try:
        with path.open("rb") as file:
            same = (
                os.fstat(file.fileno()).st_size == entry.size
                and file_digest(file, "sha256").hexdigest() == entry.sha256
            )
    except OSError as error:
        raise HotFixtureError(f"cannot be read: {error.strerror}", where=Where(str(path))) from None
    if not same:
        raise RefusedError("it has changed since it was downloaded", where=Where(str(path)))


def seconds(text: str) -> int:
    """`7d`, `12h`, `30m`, `90s` or `2w` as seconds; InputError otherwise."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
    number = text[:-1]
    if not text or text[-1] not in units or not number.isdecimal() or not 0 < int(number) * units[text[-1]] < 10**10:
        raise InputError(f"{text[:40]!r}: expected a length of time such as 7d, 12h or 30m")
    return int(number) * units[text[-1]]
