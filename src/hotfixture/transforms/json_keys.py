"""Keys inside JSON columns: a small JSON path (`$.user.id`, `$.items[*].sku`, `$["a b"][0]`) and what it finds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from hotfixture.errors import InputError

Step = str | int | None
"""A member's name, an element's number, or None for every element."""

_STEP = re.compile(
    r"""\.(?P<name>[^.\[\]"'\s]+)|\[(?P<index>\d+)\]|\[(?P<all>\*)\]|\[(?P<quote>["'])(?P<quoted>.+?)(?P=quote)\]"""
)


def parse(path: str) -> tuple[Step, ...]:
    """The steps of a JSON path; InputError where it is more than members, element numbers and `[*]`."""
    steps: list[Step] = []
    place = 1
    while path.startswith("$") and place < len(path) and (found := _STEP.match(path, place)):
        steps.append(_step(found))
        place = found.end()
    if not steps or place != len(path):
        raise InputError(
            f"path {path!r}: expected a JSON path of members and elements",
            hint="For example $.user.id or $.items[*].sku",
        )
    return tuple(steps)


def _step(found: re.Match[str]) -> Step:
    if found["all"]:
        return None
    return int(found["index"]) if found["index"] else found["name"] or found["quoted"]


def keys(document: str, steps: Sequence[Step]) -> list[str]:
    """The texts and whole numbers at the path, as text; nothing where the path, or the document, is no such thing."""
    try:
        value = json.loads(document)
    except ValueError:
        return []
    return [str(found) for found in _walk(value, steps) if isinstance(found, str | int) and not isinstance(found, bool)]


def _walk(value: Any, steps: Sequence[Step]) -> Iterator[Any]:
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    if step is None:
        for element in value if isinstance(value, list) else ():
            yield from _walk(element, rest)
    elif isinstance(step, str):
        if isinstance(value, dict) and step in value:
            yield from _walk(value[step], rest)
    elif isinstance(value, list) and step < len(value):
        yield from _walk(value[step], rest)
