"""Which generators of one table describe one person or one place when nothing else is said."""

from __future__ import annotations

_PERSONAL = frozenset({"internet.email", "internet.user_name"})
_GROUPS = {"people": "person", "places": "place", "contact": "place"}


def family(generator: str) -> str:
    """`person`, `place`, or nothing for a generator that stands for itself."""
    return "person" if generator in _PERSONAL else _GROUPS.get(generator.partition(".")[0], "")
