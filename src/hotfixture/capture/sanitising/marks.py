"""Clean values looked at once more: surrogates made into one mark, and what in them belongs to people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from operator import is_
from typing import TYPE_CHECKING, Any

from hotfixture.capture.sanitising import hints, known
from hotfixture.capture.sanitising.keys import HIDDEN
from hotfixture.capture.sanitising.persons import is_of_family
from hotfixture.capture.sanitising.places import Places

if TYPE_CHECKING:
    from hotfixture.capture.sanitising.decisions import Decisions

MARK = "⟨secret⟩"
_RUN = re.compile(r"[A-Za-z0-9_.~+/=-]{16,}")
_PART = re.compile(r"[A-Za-z0-9_-]{16,}")
_SHORTEST = 16
_LONGEST = 200
"""Characters of the longest text that is remembered."""


def wild(value: Any, decisions: Decisions) -> Any:
    """The value with a mark in the places of surrogates, of all that stands under the keys of secrets, and of names to
    which a policy gives a mask."""
    if isinstance(value, str):
        return _text(value) if len(value) >= _SHORTEST else value
    if isinstance(value, dict):
        return _wild_dict(value, decisions)
    if isinstance(value, list | tuple):
        if len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], str):
            return [value[0], _under(value[0], value[1], decisions)]
        made = [wild(inner, decisions) for inner in value]
        same = type(value) is list and all(map(is_, made, value))
        return value if same else made
    return value


def _wild_dict(value: dict[Any, Any], decisions: Decisions) -> dict[Any, Any]:
    """The same object where nothing is to be marked in it."""
    calm = decisions.calm.issuperset(value)
    made = value
    for key, inner in value.items():
        kind = type(inner)
        if kind is dict or kind is list or kind is tuple:
            new = wild(inner, decisions)
        elif calm:
            new = _text(inner) if kind is str and len(inner) >= _SHORTEST else inner
        else:
            new = _under(key, inner, decisions)
        if new is not inner and new != inner:
            made = dict(value) if made is value else made
            made[key] = new
    return made


def text(value: str) -> str:
    """A clean text with a mark in the places of surrogates."""
    return _text(value) if len(value) >= _SHORTEST else value


def marked(name: Any, decisions: Decisions) -> bool:
    """Whether a mark stands in the place of all values under that key."""
    if name in decisions.calm or type(name) is not str:
        return False
    decision = decisions.of(name)
    return decision.kind in HIDDEN or (decisions.policed and is_of_family(decision))


def _under(key: Any, value: Any, decisions: Decisions) -> Any:
    kind = type(value)
    if kind is dict or kind is list or kind is tuple:
        return wild(value, decisions)
    # A name follows the address beside it; where it stands alone, as in a question, it has another surrogate.
    if value not in (None, "", True, False) and marked(key, decisions):
        return MARK
    return _text(value) if kind is str and len(value) >= _SHORTEST else value


def _text(text: str) -> str:
    return _short(text) if len(text) <= _LONGEST else _marked(text)


def _marked(text: str) -> str:
    if known.secret(text):
        return MARK
    for run in _RUN.findall(text):
        if run != text and known.secret(run):
            text = text.replace(run, MARK)
            continue
        for part in _PART.findall(run):
            if part != run and known.secret(part):
                text = text.replace(part, MARK)
    return text


_short = lru_cache(maxsize=1 << 12)(_marked)


def personal(value: Any, decisions: Decisions) -> Iterator[str]:
    """What stands under the keys of people in a clean value, as text; and what in its texts is somebody's."""
    places = Places(decisions)
    places.look([value])
    for one in places.keyed:
        yield from _leaves(one.value)
    flagged = hints.flags(hints.SEPARATOR.join(places.texts)) & (hints.AT | hints.NUMBER)
    for text in places.texts if flagged else ():
        yield from (find.value for find in hints.finds(text, flagged))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)
