"""What is done once in a process, whoever asks for it first: patches of what all of a program shares."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps


def once(work: Callable[[], None]) -> Callable[[], None]:
    """The work, that does nothing from the second call on. Nobody waits for it, and a fork has what its parent had."""
    begun = threading.Lock()

    @wraps(work)
    def first() -> None:
        if begun.acquire(blocking=False):
            work()

    return first
