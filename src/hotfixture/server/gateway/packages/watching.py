"""Waiting for a package to change: one look into the store for all that wait, ten times a second."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from anyio import to_thread

from hotfixture.errors import DatabaseError
from hotfixture.server.gateway.packages.package import version_of
from hotfixture.server.gateway.packages.shelf import Shelf

_EVERY = 0.1
_AT_ONCE = 500
"""Packages of one query."""


class Watch:
    """Who waits for what."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._waiting: dict[str, dict[asyncio.Event, str]] = {}
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    async def change(self, package_id: str, version: str, seconds: float, event: asyncio.Event) -> None:
        """Return when the package has another version than this one, the time is over, or the event is set."""
        self._waiting.setdefault(package_id, {})[event] = version
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look(), name="watch")
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), seconds)
        finally:
            waiting = self._waiting[package_id]
            del waiting[event]
            if not waiting:
                del self._waiting[package_id]

    async def _look(self) -> None:
        """Wake who waits for what has changed; ends when nobody waits."""
        while self._waiting:
            with suppress(DatabaseError):  # the store is away for a moment
                await self._compare(list(self._waiting))
            await asyncio.sleep(_EVERY)

    async def _compare(self, ids: list[str]) -> None:
        for start in range(0, len(ids), _AT_ONCE):
            asked = ids[start : start + _AT_ONCE]
            rows = await to_thread.run_sync(self._shelf.versions, asked)
            now = {row.id: version_of(row.state, row.attempt, row.cancel, row.progress) for row in rows}
            for package_id in asked:
                for event, version in self._waiting.get(package_id, {}).items():
                    if now.get(package_id) != version:
                        event.set()
