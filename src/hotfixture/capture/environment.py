"""Variables that a program sets while it is recorded (by `load_dotenv`, by a test): their values may be secrets.

Writers know the environment as it was when the session began; what is set later is told to them here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from functools import wraps
from typing import Any, Protocol
from weakref import WeakSet

from hotfixture.capture.once import once

SHORTEST = 8
"""Characters of the shortest value that may be taken for a secret."""


class Listener(Protocol):
    """Is told what is set."""

    def environment(self, changed: Mapping[str, str]) -> None:
        """Variables by name."""


_listeners: WeakSet[Listener] = WeakSet()


def watch(listener: Listener) -> None:
    """Tell the listener from now on."""
    _install()
    _listeners.add(listener)


def leave(listener: Listener) -> None:
    """Tell it no more."""
    _listeners.discard(listener)


def spelled(variables: Mapping[str, str]) -> dict[str, str]:
    """Variables as they can be sent: bytes that are no text become question marks."""
    return {name.encode(errors="replace").decode(): value.encode(errors="replace").decode()
            for name, value in variables.items()}  # fmt: skip


@once
def _install() -> None:
    """Patch the setting of variables; a second time does nothing."""
    kind: Any = type(os.environ)
    original = kind.__setitem__

    @wraps(original)
    def set_item(variables: Any, name: Any, value: Any) -> None:
        original(variables, name, value)
        if variables is os.environ and len(value) >= SHORTEST and _listeners:
            _tell({name: value})

    kind.__setitem__ = set_item


def _tell(changed: Mapping[str, str]) -> None:
    for listener in list(_listeners):
        with suppress(Exception):  # the program under test must not see it
            listener.environment(spelled(changed))
