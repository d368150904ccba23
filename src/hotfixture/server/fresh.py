"""Fresh single values kept ready: made in blocks of a seed of their own, handed out one by one, each once.

Requests for one value without a seed are the most frequent; an answer then costs a list's pop.
"""

from __future__ import annotations

import os
from time import perf_counter
from typing import Any

from anyio import to_thread

from hotfixture import generators
from hotfixture.files import values
from hotfixture.server.asked import Asked

_BLOCK = 256
_KINDS = 512  # of requests whose values are kept ready
_QUICK = 0.02  # seconds: a block made so fast is made at once from then on, without a thread
_LONG = 256  # bytes of a value that is not kept

Key = tuple[str, bytes]
"""Path and query of a request, as they came."""


class Fresh:
    """The values that are ready, by request."""

    def __init__(self) -> None:
        self._ready: dict[Key, tuple[str, list[bytes]]] = {}
        self._seen: set[Any] = set()
        self._filling: set[Key] = set()
        self._quick: set[Key] = set()

    def take(self, key: Key) -> tuple[str, bytes] | None:
        """Media type and body of a value that is ready; None where there is none."""
        found = self._ready.get(key)
        if found is None:
            return None
        media_type, bodies = found
        body = bodies.pop()
        if not bodies:
            del self._ready[key]
        return media_type, body

    async def fill(self, key: Key, asked: Asked) -> bool:
        """Whether values for such a request are ready now; from its second time on, where that is right."""
        if asked.rows != 1 or asked.seed is not None or asked.made.by_row or not again(self._seen, key):
            return False
        if key in self._quick:
            return self._keep(key, asked, block(asked))
        if key in self._filling:  # one request makes the block, the others make their own value meanwhile
            return False
        self._filling.add(key)
        try:
            begun = perf_counter()
            bodies = await to_thread.run_sync(block, asked)
        finally:
            self._filling.discard(key)
        if perf_counter() - begun < _QUICK and len(self._quick) < _KINDS:
            self._quick.add(key)
        return self._keep(key, asked, bodies)

    def _keep(self, key: Key, asked: Asked, bodies: list[bytes]) -> bool:
        if max(map(len, bodies)) > _LONG:
            return False
        while len(self._ready) >= _KINDS:
            del self._ready[next(iter(self._ready))]
        self._ready[key] = (asked.media_type, bodies)
        return True


def again(seen: set[Any], key: Any) -> bool:
    """Whether the key was there before; it is from now on."""
    if key in seen:
        return True
    if len(seen) >= _KINDS:
        seen.clear()
    seen.add(key)
    return False


def block(asked: Asked) -> list[bytes]:
    """Fresh values, each as a whole answer."""
    made = generators.generate(asked.made.name, count=_BLOCK, seed=fresh_seed(), **asked.options)
    return [values.one(asked.form, asked.short, value) for value in made.to_pylist()]


def fresh_seed() -> int:
    """A seed that nobody has had."""
    return int.from_bytes(os.urandom(8))
