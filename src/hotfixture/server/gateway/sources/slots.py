"""Connections to providers, counted in the store: all daemons and workers together never open more than allowed.

A slot is a row with a lease, renewed while its process lives. A process that dies loses its connections at once; its
slots are free as soon as somebody on the same machine asks for one, elsewhere when the leases end.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Condition, Thread

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hotfixture.errors import DatabaseError
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import SLOTS

LEASE = 30.0
"""Seconds after which a slot that nobody renews is free again."""
RENEWED = 5.0
_LONGEST = 10.0
"""Seconds that the end waits for a renewal that is under way."""
POLL = 0.2
"""Seconds between two looks for a free slot; each look moves a little, so that those who wait do not look together."""


class Slot:
    """One connection that may be open."""

    def __init__(self, name: str, number: int) -> None:
        self.name, self.number = name, number
        self.is_lost = False
        """Its lease ended before it was given back: somebody else may have it."""
        self._end: Callable[[], None] | None = None

    def lost_by(self, end: Callable[[], None] | None) -> None:
        """What ends the use of the slot where it is lost; None once it is used no more."""
        self._end = end
        if self.is_lost and end:
            end()

    def lose(self) -> None:
        """Say that it is somebody else's."""
        self.is_lost = True
        if self._end:
            self._end()


class Slots:
    """The slots of one process; safe in any thread."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._holder = f"{_machine()}:{os.getpid()}:{secrets.token_hex(8)}"
        self._held: set[Slot] = set()
        self._changed = Condition()
        """Guards what is held, and wakes the thread that renews it."""
        self._stopped = False
        self._keeper: Thread | None = None

    def close(self) -> None:
        """Renew nothing any more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            keeper = self._keeper
        if keeper is not None:
            keeper.join(_LONGEST)

    def attempt(self, name: str, most: int) -> Slot | None:
        """A slot of `most`, if one is free now. DatabaseError where the store is away."""
        if not self._state.is_settled:  # who holds one renews it by the new time first
            return None
        now = self._state.now()
        with self._state.read() as connection:
            asked = sa.select(SLOTS.c.number, SLOTS.c.until, SLOTS.c.holder).where(SLOTS.c.provider == name)
            known = {row.number: row for row in connection.execute(asked)}
        # What lasts longer than any lease is from before the clock was set back.
        held = {number for number, row in known.items() if now <= row.until <= now + 2 * LEASE}
        dead = {known[number].holder for number in held if _is_dead(known[number].holder)}
        free = [number for number in range(1, most + 1) if number not in held or known[number].holder in dead]
        if not free:
            return None
        slot = Slot(name, secrets.choice(free))
        ended = (SLOTS.c.until < now) | (SLOTS.c.until > now + 2 * LEASE) | SLOTS.c.holder.in_(dead)
        with self._state.change() as connection:
            if slot.number not in known:
                self._add(connection, slot)
            taken = connection.execute(
                SLOTS.update().where(*_same(slot), ended).values(holder=self._holder, until=now + LEASE)
            )
        return self._hold(slot) if taken.rowcount else None

    @contextmanager
    def reserved(
        self, name: str, most: int, *, wait: float, check: Callable[[], object] = lambda: None
    ) -> Iterator[Slot]:
        """A slot, waited for up to `wait` seconds, given back at the end; `check` is called while it waits, to stop it.

        DatabaseError where none became free. It holds its thread: requests wait by `queue` instead.
        """
        until = time.monotonic() + wait
        while (slot := self.attempt(name, most)) is None:
            check()
            if time.monotonic() >= until:
                raise DatabaseError(busy(name, most, wait), hint="Try again later.")
            time.sleep(pause())
        try:
            yield slot
        finally:
            self.give_back(slot)

    def give_back(self, slot: Slot) -> None:
        """End a slot; where the store is away, its lease ends by itself."""
        with self._changed:
            self._held.discard(slot)
            self._changed.notify_all()
        with suppress(DatabaseError), self._state.change() as connection:
            own = SLOTS.c.holder == self._holder
            connection.execute(SLOTS.update().where(*_same(slot), own).values(holder="", until=0.0))

    def renew(self) -> None:
        """Renew all that this process holds; what is no longer its own is marked as lost."""
        with self._changed:
            held = list(self._held)
        now = self._state.now()
        with self._state.change() as connection:
            for slot in held:
                own = SLOTS.c.holder == self._holder
                found = connection.execute(SLOTS.update().where(*_same(slot), own).values(until=now + LEASE))
                if not found.rowcount and slot in self._held:
                    slot.lose()

    def _hold(self, slot: Slot) -> Slot:
        with self._changed:
            self._held.add(slot)
            if self._keeper is None:
                self._keeper = Thread(target=self._keep, name="slots", daemon=True)
                self._keeper.start()
        return slot

    def _keep(self) -> None:
        """Renew while there is something to renew."""
        while True:
            with self._changed:
                if self._changed.wait_for(lambda: self._stopped or not self._held, RENEWED):
                    self._keeper = None
                    return
            with suppress(DatabaseError):  # the store may be back before the leases end
                self.renew()

    def _add(self, connection: sa.Connection, slot: Slot) -> None:
        """The slot's row, unless another process has made it meanwhile."""
        kind = postgresql if self._state.is_shared else sqlite
        values = {"provider": slot.name, "number": slot.number, "holder": "", "until": 0.0}
        connection.execute(kind.insert(SLOTS).values(**values).on_conflict_do_nothing())


def _same(slot: Slot) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return SLOTS.c.provider == slot.name, SLOTS.c.number == slot.number


def _machine() -> str:
    """What processes have in common that see each other's numbers: this start of the machine, this container."""
    try:
        start = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")[:13]
        return f"{start}.{Path('/proc/self/ns/pid').readlink().name[5:-1]}"
    except OSError:
        return f"?{socket.gethostname()[:50]}"  # a name says too little


def _is_dead(holder: str) -> bool:
    """Whether the process that held a slot is known to be gone: its connections have gone with it."""
    machine, _, rest = holder.partition(":")
    number = rest.partition(":")[0]
    if machine.startswith("?") or machine != _machine() or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # it is there, and somebody else's
    return False


def pause() -> float:
    """Seconds until the next look."""
    return POLL * (0.75 + secrets.randbelow(500) / 1000)


def busy(name: str, most: int, wait: float) -> str:
    """What is said to who waited in vain."""
    return f"all {most} connections to {name} were in use for {wait:g} seconds"
