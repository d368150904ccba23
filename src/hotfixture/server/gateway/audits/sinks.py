"""Sends audit events on, to syslog and to a webhook: each at least once and in order, by one daemon at a time.

How far a sink has come stands in the store, so that events of a time when it was away are sent later.
"""

from __future__ import annotations

import logging
import logging.handlers
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from secrets import token_hex
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import msgspec
import sqlalchemy as sa

from hotfixture.errors import HotFixtureError, InputError
from hotfixture.server.gateway.audits.chain import page
from hotfixture.server.gateway.audits.heads import HeadKey, sign_newest
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.gateway.state import State, fact, set_fact
from hotfixture.server.gateway.tables import SLOTS
from hotfixture.server.logs import log

if TYPE_CHECKING:
    from hotfixture.wire.audit import AuditEvent

_EVERY = 1.0
_HEAD_EVERY = 30
"""Rounds between signed heads, where events came."""
_LEASE = 30.0
_LOT = 100


class Sink(Protocol):
    """Takes events; raises OSError or HotFixtureError where they did not arrive."""

    name: str

    def send(self, events: Sequence[AuditEvent]) -> None:
        """Hand them over."""


class Syslog:
    """A syslog daemon, by datagrams: one JSON text a message, facility `authpriv`."""

    name = "syslog"

    def __init__(self, place: str) -> None:
        parts = urlsplit(place)
        if parts.scheme not in ("", "udp") or (parts.scheme and not parts.hostname):
            raise InputError("audit_syslog: expected udp://host:514 or the path of a socket")
        address = (parts.hostname or "", parts.port or 514) if parts.scheme else place
        self._handler = _Raising(address, facility=logging.handlers.SysLogHandler.LOG_AUTHPRIV)
        self._handler.ident = "hfitd: "

    def send(self, events: Sequence[AuditEvent]) -> None:
        """One datagram an event."""
        for event in events:
            text = msgspec.json.encode(event).decode()
            self._handler.emit(logging.LogRecord("audit", logging.INFO, "", 0, text, None, None))


class _Raising(logging.handlers.SysLogHandler):
    """Says when a message could not be sent, instead of printing it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, ARG002 - the name of the standard library
        raise HotFixtureError("syslog did not take an audit event")


class Webhook:
    """An HTTP endpoint that is posted `{"events": […]}`."""

    name = "webhook"

    def __init__(self, url: str) -> None:
        import urllib3

        if not url.startswith(("https://", "http://")):
            raise InputError("audit_webhook: expected an http(s) URL")
        self._url, self._pool = url, urllib3.PoolManager(num_pools=1, timeout=10.0, retries=False)

    def send(self, events: Sequence[AuditEvent]) -> None:
        """One request for all of them."""
        from urllib3.exceptions import HTTPError

        body = msgspec.json.encode({"events": list(events)})
        try:
            answer = self._pool.request("POST", self._url, body=body, headers={"content-type": "application/json"})
        except HTTPError as error:  # its text may hold the URL, which may hold a secret
            raise HotFixtureError(f"the webhook was not reached ({type(error).__name__})") from None
        if answer.status >= 300:
            raise HotFixtureError(f"the webhook answered {answer.status}")


class Relay:
    """The thread that signs heads and sends events on."""

    def __init__(self, settings: DaemonSettings, state: State, key: HeadKey) -> None:
        self._state, self._key = state, key
        self._holder = token_hex(8)
        self._ended = threading.Event()
        self._sinks: list[Sink] = []
        if settings.audit_syslog:
            self._sinks.append(Syslog(settings.audit_syslog))
        if settings.audit_webhook:
            self._sinks.append(Webhook(settings.audit_webhook))
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Send what is left, sign the last head, end."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(15)
        self._try(self._sign)
        if not self._thread.is_alive():
            for sink in self._sinks:
                self._try(lambda sink=sink: self.forward(sink))  # type: ignore[misc]  # bound to this turn's sink
        self._try(self._release)

    def _run(self) -> None:
        rounds = 0
        while not self._ended.wait(_EVERY):
            if rounds % _HEAD_EVERY == 0:
                self._try(self._sign)
            rounds += 1
            for sink in self._sinks:
                self._try(lambda sink=sink: self.forward(sink))  # type: ignore[misc]  # bound to this turn's sink

    def _sign(self) -> None:
        sign_newest(self._state, self._key)

    def _try(self, action: Callable[[], None]) -> None:
        try:
            action()
        except (HotFixtureError, OSError) as error:
            log().warning("audit", problem=str(error)[:200])

    def forward(self, sink: Sink) -> None:
        """Send on what the sink has not had yet, if no other daemon does."""
        if not self._mine(sink.name):
            return
        name = f"audit.{sink.name}"
        with self._state.read() as connection:
            done = int(fact(connection, name) or 0)
        while found := page(self._state, after=done, limit=_LOT, condition=None):
            sink.send(found)
            done = found[-1].seq
            with self._state.change() as connection:
                set_fact(connection, name, str(done))

    def _release(self) -> None:
        """Whoever comes next need not wait for the lease to end."""
        with self._state.change() as connection:
            connection.execute(SLOTS.delete().where(SLOTS.c.holder == self._holder))

    def _mine(self, name: str) -> bool:
        now, slot = self._state.now(), f":audit.{name}"
        values = {"holder": self._holder, "until": now + _LEASE}
        own = (SLOTS.c.provider == slot) & ((SLOTS.c.holder == self._holder) | (SLOTS.c.until < now))
        with self._state.change() as connection:
            if connection.execute(SLOTS.update().where(own).values(**values)).rowcount:
                return True
            if connection.execute(sa.select(SLOTS.c.holder).where(SLOTS.c.provider == slot)).first():
                return False
        with suppress(HotFixtureError), self._state.change() as connection:  # another daemon may insert it first
            connection.execute(SLOTS.insert().values(provider=slot, number=0, **values))
            return True
        return False
