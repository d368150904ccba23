"""The network, closed while a playback runs: connections, datagrams, name look-ups, sockets of the file system.

It is closed where Python itself tells of it (audit events), so no library can go round it by its own import of
`socket`. What C and Rust libraries do in themselves is not told; the hooks on those that are known keep them from it.
Programs that are started are counted: their network cannot be closed from here.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import Any

from hotfixture.capture import tapes
from hotfixture.errors import NetworkBlockedError

_STARTING = ("subprocess.Popen", "os.posix_spawn", "os.system", "os.exec", "os.startfile", "pty.spawn")


class Gate:
    """What may pass (`host`, `host:port`, `*.internal:443`, `unix:/path`), and what tried to."""

    def __init__(self, allow: Iterable[str] = ()) -> None:
        self.allow = tuple(allow)
        self.bypassed: list[str] = []
        self.processes: list[str] = []

    def passes(self, place: str) -> bool:
        """Whether the place is one of those that are allowed."""
        host = place.rpartition(":")[0] or place
        return any(fnmatchcase(place, one) or fnmatchcase(host, one) for one in self.allow)

    def stop(self, place: str, what: str) -> None:
        """NetworkBlockedError, and a count of it, unless the place is one of those that may pass."""
        if self.passes(place):
            return
        self.bypassed.append(f"{what} {place}")
        raise NetworkBlockedError(
            f"the network is closed while recordings are played: {what} {place}",
            hint="Record what is asked there, or allow the place (network=['host:port']).",
        )


_gates: list[Gate] = []
_hooked = False


@contextmanager
def closed(gate: Gate) -> Iterator[None]:
    """Within, code that runs under a playback reaches no network but what the gate allows."""
    _hook()
    _gates.append(gate)
    try:
        yield
    finally:
        _gates.remove(gate)


def _hook() -> None:
    """Listen to Python's audit events, once: such a listener cannot be taken away again."""
    global _hooked  # noqa: PLW0603 - one process has one such listener
    if not _hooked:
        sys.addaudithook(_listen)
        _hooked = True


def _listen(event: str, args: tuple[Any, ...]) -> None:
    if not _gates or event not in _EVENTS:
        return
    tape = tapes.peek()
    gate = getattr(tape, "gate", None)  # recordings have none
    if gate in _gates:
        _EVENTS[event](gate, args)


def _connecting(gate: Gate, args: tuple[Any, ...]) -> None:
    sock, address = args[:2]
    if _own_pair():
        return
    try:
        gate.stop(_place(sock, address), "connection to")
    except NetworkBlockedError:
        sock.close()  # callers close it for an OSError only, and this is none: it must not be taken for a bad line
        raise


def _sending(gate: Gate, args: tuple[Any, ...]) -> None:
    if args[1] is not None:
        gate.stop(_place(args[0], args[1]), "datagram to")


def _looking_up(gate: Gate, args: tuple[Any, ...]) -> None:
    host = args[0].decode("idna") if isinstance(args[0], bytes) else args[0]
    if host is not None and not _is_own(host) and not _numeric(host):
        gate.stop(f"{host}:{args[1]}" if len(args) > 1 and args[1] else str(host), "look-up of")


def _naming(gate: Gate, args: tuple[Any, ...]) -> None:
    """The name of an address: asked of the network too, whether it is one already or a name."""
    host = str(args[0][0] if isinstance(args[0], tuple) else args[0])
    if not _is_own(host):
        gate.stop(host, "look-up of")


def _is_own(host: str) -> bool:
    """Whether it is this machine: that is known here (RFC 6761, section 6.3), and servers that start ask for it."""
    return host in ("", "localhost", "::1", "0.0.0.0", "::") or host.startswith("127.") or host == socket.gethostname()  # noqa: S104 - compared only


def _starting(gate: Gate, args: tuple[Any, ...]) -> None:
    gate.processes.append(str(args[0] or (args[1][0] if len(args) > 1 and args[1] else "")))


_EVENTS: Mapping[str, Callable[[Gate, tuple[Any, ...]], None]] = {
    "socket.connect": _connecting,
    "socket.sendto": _sending,
    "socket.sendmsg": _sending,
    "socket.getaddrinfo": _looking_up,
    "socket.gethostbyname": _looking_up,
    "socket.gethostbyaddr": _naming,
    "socket.getnameinfo": _naming,
    **dict.fromkeys(_STARTING, _starting),
}


def _place(sock: socket.socket, address: Any) -> str:
    """`host:port`, or `unix:/path`."""
    if isinstance(address, tuple):
        return f"{address[0]}:{address[1]}" if len(address) > 1 else str(address[0])
    path = address.decode(errors="replace") if isinstance(address, bytes) else str(address)
    return f"unix:{path}" if sock.family == getattr(socket, "AF_UNIX", None) else path


def _numeric(host: str) -> bool:
    """Whether it is an address already: finding it asks nobody."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except OSError:
            continue
        return True
    return False


def _own_pair() -> bool:
    """Whether `socket.socketpair` is at work: where a system has none it connects to itself (asyncio wakes by it)."""
    frame = sys._getframe(3)  # an audit event does not say who caused it
    return frame.f_globals.get("__name__") == "socket" and "socketpair" in frame.f_code.co_name
