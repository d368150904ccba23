"""Values on their way to the scribe: copied at the speed of C in the caller's time, and made plain where they arrive.

`marshal` takes the built-in types alone, each as itself, so that what it has taken is what the caller had; all else is
made plain at once. Its bytes never leave the memory of the two processes, which run the same Python.
"""

from __future__ import annotations

import marshal
from typing import Any

from hotfixture.capture.values import plain

_MARK = "$held"


def held(value: Any) -> Any:
    """A copy of a value, that later changes do not reach: its plain form, or bytes that `opened` makes that of."""
    if type(value) not in (dict, list):
        return plain(value)
    try:
        return {_MARK: marshal.dumps(value)}
    except (ValueError, RecursionError):  # another type somewhere in it, or too deep
        return plain(value)


def opened(parts: Any) -> Any:
    """Request or answer of a call with the plain forms of what was held, as it is, in a list or under names."""
    if type(parts) is not dict:
        return parts
    return {name: _opened(part) for name, part in parts.items()}


def _opened(part: Any) -> Any:
    if type(part) is list:
        return [_one(each) for each in part]
    if type(part) is dict and _MARK not in part:
        return {name: _one(each) for name, each in part.items()}
    return _one(part)


def _one(part: Any) -> Any:
    if type(part) is dict and len(part) == 1 and isinstance(data := part.get(_MARK), bytes):
        return plain(marshal.loads(data))  # noqa: S302 - bytes of our own making, out of a pipe of our own
    return part
