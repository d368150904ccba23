"""Where something stands in a JSON value, as text, and patterns of such places.

A place is written `items[0].owner.name`; a key that is not a plain word is quoted: `headers["x.y"]`; the whole value
is the empty text. In a pattern `*` stands for one key, `[*]` (or `[]`) for any element, `**` for any way down, none
included.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from hotfixture.errors import OptionError

Place = tuple[str | int, ...]
_PLAIN = re.compile(r"[^\W\d][\w$@/:{} +-]*")
_STEP = re.compile(r'\[(?P<index>\d+|\*|)\]|\["(?P<quoted>(?:[^"\\]|\\.)*)"\]|\.?(?P<name>\*\*|\*|[^.\[\]]+)')


def written(place: Place) -> str:
    """The text of a place."""
    text = ""
    for step in place:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step, ensure_ascii=False)}]"
    return text


def general(place: Place) -> str:
    """The text of a place with every index of a list left open: `items[*].owner`."""
    text, start = "", 0
    for number, step in enumerate([*place, 0]):
        if isinstance(step, int):
            own = written(place[start:number])
            text += f".{own}" if text and own and not own.startswith("[") else own
            text += "[*]" if number < len(place) else ""
            start = number + 1
    return text


class Ignored:
    """Places that are left out of a comparison; `in` asks for one."""

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        self.patterns = tuple(patterns)
        self._match = re.compile("|".join(map(_expression, self.patterns))).fullmatch if self.patterns else None
        self._known: dict[str, bool] = {}

    def __contains__(self, place: object) -> bool:
        if self._match is None:
            return False
        text = written(place) if isinstance(place, tuple) else str(place)
        if text not in self._known:
            if len(self._known) > 10_000:  # a list of a million elements has as many places
                self._known.clear()
            self._known[text] = self._match(text) is not None
        return self._known[text]


_ANY_KEY = r'(?:[^.\[\]]+|\["(?:[^"\\]|\\.)*"\])'
_ANY_STEP = rf"(?:\.?{_ANY_KEY}|\[\d+\])"


def _expression(pattern: str) -> str:
    """A regular expression for the texts of the places that a pattern stands for; OptionError where it is none."""
    found, end = "", 0
    for step in _STEP.finditer(pattern):
        if step.start() != end:
            break
        end = step.end()
        index, quoted, name = step.group("index", "quoted", "name")
        if index is not None:
            found += rf"\[{index}\]" if index.isdecimal() else r"\[\d+\]"
        elif name == "**":
            found += rf"{_ANY_STEP}*"
        elif name == "*":
            found += rf"\.?{_ANY_KEY}"
        else:
            spelled = re.escape(written((json.loads(f'"{quoted}"') if name is None else name,)))
            found += spelled if spelled.startswith(r"\[") else rf"\.?{spelled}"
    if end != len(pattern):
        raise OptionError("ignore", pattern, 'a place, such as body.items[].at or headers["x.y"]')
    return f"(?:{found})"


def parsed(text: str) -> Place:
    """The place that a text is written of."""
    steps = (step.group("index", "quoted", "name") for step in _STEP.finditer(text))
    return tuple(
        int(index) if index else name if quoted is None else json.loads(f'"{quoted}"') for index, quoted, name in steps
    )


def at(value: Any, place: Place, default: Any = None) -> Any:
    """What stands at a place of a value."""
    for step in place:
        held = isinstance(value, dict) and step in value
        if not held and not (isinstance(value, list | tuple) and isinstance(step, int) and step < len(value)):
            return default
        value = value[step]
    return value
