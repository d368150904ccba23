"""Listings of volumes: the words that filter and sort them, and the lines they are sent as.

`name:*.log` (a pattern with `/` means the whole path below the folder), `mtime:7` (days: newer than that), `mtime:>7`
(older), `mtime:2024-10-15..2024-10-16` (days in UTC, both whole), `size:>1024`, `size:1KiB..1MiB`, `type:folder`,
`depth:1`, `sort:mtime:desc`, `limit:10`. Words of one kind are alternatives for `name`; any other stands once.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from math import inf, nextafter
from operator import attrgetter
from typing import Any, Literal, TypeAlias

import msgspec

from hotfixture.errors import InputError, UnknownNameError
from hotfixture.files.globs import matches, segment_matcher
from hotfixture.files.names import check_path
from hotfixture.wire.sources import Kind, Listed, Unlisted

Entry: TypeAlias = "Listed | Unlisted"
Span: TypeAlias = "tuple[float, float]"
"""From the first value, up to the second without it."""
Field = Literal["name", "mtime", "size"]

EVERYTHING: Span = (-inf, inf)
MOST = 1_000_000
"""Files that may be held at once to be sorted."""
_MOST_MISSED = 1000
WORDS = ("name", "mtime", "size", "type", "depth", "sort", "limit")
_UNITS = {"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
          "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}  # fmt: skip
_AGES = {"": 86400, "d": 86400, "h": 3600, "m": 60, "w": 7 * 86400}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s?([A-Za-z]*)")
_FORMS = {
    "mtime": "mtime:7 (newer than 7 days), mtime:>7 (older), mtime:12h, or mtime:2024-10-15..2024-10-16 (UTC)",
    "size": "size:>1024, size:<10MiB, or size:1KiB..1MiB",
    "sort": "sort:name, sort:mtime or sort:size, and :desc for the largest first",
    "type": "type:file or type:folder",
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which files of a volume are wanted, and in which order."""

    names: tuple[str, ...] = ()
    """Patterns, any of which a name matches; none given means every name."""
    mtime: Span = EVERYTHING
    size: Span = EVERYTHING
    kind: Kind = "file"
    depth: int | None = None
    """How many folders deep; 1 is the folder itself."""
    sort: tuple[Field, bool] | None = None
    """The field, and whether the largest comes first."""
    limit: int | None = None

    @classmethod
    def parse(cls, words: Iterable[str], *, now: float) -> Filter:
        """The filter that the words say; `now` (seconds since 1970) is what ages count from.

        InputError where a word means nothing.
        """
        made, seen = cls(), set[str]()
        for word in words:
            name, colon, value = word.partition(":")
            if not colon or name not in WORDS:
                raise UnknownNameError("filter", name, WORDS, hint="Write word:value, such as name:*.log")
            if name in seen and name != "name":
                raise InputError(f"the filter {name!r} stands twice")
            seen.add(name)
            made = _READERS[name](made, value, now)
        return made

    def keeps(self, entry: Listed) -> bool:
        """Whether size and time are as wanted."""
        low, high = self.mtime
        least, most = self.size
        return low <= entry.mtime < high and least <= entry.size < most

    def base(self) -> Callable[[str], object] | None:
        """Tells whether a name without its folders matches; None where every name does, or paths decide."""
        return segment_matcher(self.names) if self.names and not self._whole() else None

    def path(self) -> Callable[[str], bool] | None:
        """Tells whether a path below the folder matches; None where names alone decide."""
        if not self._whole():
            return None
        patterns = [pattern if "/" in pattern else f"**/{pattern}" for pattern in self.names]
        return lambda name: any(matches(name, pattern) for pattern in patterns)

    def _whole(self) -> bool:
        return any("/" in pattern for pattern in self.names)

    def newest(self) -> Filter:
        """The same, but the first one only."""
        return replace(self, limit=1)


def _name(made: Filter, value: str, _: float) -> Filter:
    return replace(made, names=(*made.names, check_path(value, glob=True)))


def _mtime(made: Filter, value: str, now: float) -> Filter:
    """Ages where numbers stand, moments where dates stand."""
    low, dots, high = value.partition("..")
    if re.match(r"\d{4}-", low or high):
        return replace(made, mtime=(_moment(low, end=False), _moment(high if dots else low, end=True)))
    if dots:
        young, old = _age(low, 0), _age(high, inf)
        return replace(made, mtime=_ordered((now - old, nextafter(now - young, inf)), "mtime", value))
    if value.startswith(">"):
        return replace(made, mtime=(-inf, now - _age(value[1:])))
    return replace(made, mtime=(now - _age(value.removeprefix("<")), inf))


def _age(text: str, missing: float | None = None) -> float:
    if not text and missing is not None:
        return missing
    return _amount("mtime", text, _AGES)


def _moment(text: str, *, end: bool) -> float:
    if not text:
        return inf if end else -inf
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"the filter mtime: no date {text[:40]!r}", hint=f"Write {_FORMS['mtime']}.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment + timedelta(days=1) if end and len(text) == len("2024-10-15") else moment).timestamp()


def _size(made: Filter, value: str, _: float) -> Filter:
    low, dots, high = value.partition("..")
    if dots:
        span = (_bytes(low) if low else -inf, _bytes(high) + 1 if high else inf)
        return replace(made, size=_ordered(span, "size", value))
    if value[:1] in (">", "<"):
        bound = _bytes(value[1:])
        return replace(made, size=(bound + 1, inf) if value[0] == ">" else (-inf, bound))
    return replace(made, size=(_bytes(value), _bytes(value) + 1))


def _bytes(text: str) -> int:
    return int(_amount("size", text, _UNITS))


def _amount(name: str, text: str, units: dict[str, int]) -> float:
    found = _AMOUNT.fullmatch(text)
    if not found or found[2] not in units:
        near = f" Units: {', '.join(filter(None, units))}." if found else ""
        raise InputError(f"the filter {name}: no amount {text[:40]!r}", hint=f"Write {_FORMS[name]}.{near}")
    return float(found[1]) * units[found[2]]


def _ordered(span: Span, name: str, value: str) -> Span:
    if span[0] > span[1]:
        raise InputError(f"the filter {name}:{value[:40]} begins after its end")
    return span


def _type(made: Filter, value: str, _: float) -> Filter:
    kinds: dict[str, Kind] = {"file": "file", "f": "file", "folder": "folder", "d": "folder"}
    if value not in kinds:
        raise InputError(f"the filter type: no kind {value[:40]!r}", hint=f"Write {_FORMS['type']}.")
    return replace(made, kind=kinds[value])


def _sort(made: Filter, value: str, _: float) -> Filter:
    field, colon, order = value.partition(":")
    fields: dict[str, Field] = {"name": "name", "mtime": "mtime", "size": "size"}
    if field not in fields or (colon and order not in ("asc", "desc")):
        raise InputError(f"the filter sort: no order {value[:40]!r}", hint=f"Write {_FORMS['sort']}.")
    return replace(made, sort=(fields[field], order == "desc"))


def _depth(made: Filter, value: str, _: float) -> Filter:
    return replace(made, depth=_count("depth", value))


def _limit(made: Filter, value: str, _: float) -> Filter:
    return replace(made, limit=_count("limit", value))


def _count(name: str, value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,7}", value) or not 1 <= int(value) <= MOST:
        raise InputError(f"the filter {name}: expected a number from 1 to {MOST}, found {value[:40]!r}")
    return int(value)


_READERS: dict[str, Callable[[Filter, str, float], Filter]] = {
    "name": _name, "mtime": _mtime, "size": _size, "type": _type, "depth": _depth, "sort": _sort, "limit": _limit,
}  # fmt: skip


def arranged(parts: Iterable[list[Entry]], wanted: Filter) -> Iterator[list[Entry]]:
    """The parts of a walk as wanted: sorted, and no more than the limit; what could not be looked at comes as it is."""
    if wanted.sort:
        yield from _sorted(parts, wanted, *wanted.sort)
        return
    left = wanted.limit
    for part in parts:
        if left is None:
            yield part
            continue
        found = sum(isinstance(entry, Listed) for entry in part)
        yield part if found <= left else [*islice((entry for entry in part if isinstance(entry, Listed)), left)]
        left -= found
        if left <= 0:
            return


def _sorted(parts: Iterable[list[Entry]], wanted: Filter, field: Field, descending: bool) -> Iterator[list[Entry]]:
    """Everything in order, through a heap where a limit says how much of it; then what could not be looked at."""
    missed: list[Entry] = []
    key: Callable[[Any], Any] = attrgetter(field, "name")
    files = _files(parts, missed)
    if wanted.limit:
        pick = heapq.nlargest if descending else heapq.nsmallest
        yield [*pick(wanted.limit, files, key)]
    else:
        few = [*islice(files, MOST + 1)]
        if len(few) > MOST:
            raise InputError(f"more than {MOST} files are to be sorted", hint="Say how many are wanted: limit:100")
        few.sort(key=key, reverse=descending)
        yield [*few]
    yield missed


def _files(parts: Iterable[list[Entry]], missed: list[Entry]) -> Iterator[Listed]:
    """The files; what could not be looked at is put aside, no more of it than anybody reads."""
    for entry in chain.from_iterable(parts):
        if isinstance(entry, Listed):
            yield entry
        elif len(missed) < _MOST_MISSED:
            missed.append(entry)


def lines(parts: Iterable[list[Entry]]) -> Iterator[bytes]:
    """NDJSON, one piece for each part; a part without entries gives an empty piece: a moment to stop or to flush."""
    encode = msgspec.json.Encoder().encode_lines
    for part in parts:
        yield encode(part) if part else b""
