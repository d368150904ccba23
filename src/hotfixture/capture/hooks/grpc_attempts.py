"""One attempt at an RPC while it is recorded, synchronous or not: what goes over the wire is told to its call.

gRPC's own (de)serialisers are stood in for, so that the very bytes of each message are seen, beside the message itself,
whose class tells what they mean.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from hotfixture.capture import tapes
from hotfixture.capture.calls import Call

STREAMS = {"unary_stream", "stream_stream"}
"""Arities with a stream of answers."""
_PACKED = re.compile(rb"googleapis\.com/([\w.]+)")
Pairs = list[tuple[str, str | bytes]]
_described: WeakKeyDictionary[Any, set[tuple[int, str]]] = WeakKeyDictionary()
"""By session: the process and the name of each file of definitions that was handed over."""


def names(method: bytes | str) -> tuple[str, str]:
    """Service and operation of `/package.Service/Method`: the same for every host that offers it."""
    operation = (method.decode() if isinstance(method, bytes) else method).lstrip("/")
    return operation.rpartition("/")[0], operation


def pairs(metadata: Iterable[tuple[str, str | bytes]] | None) -> Pairs:
    """Metadata as plain pairs."""
    return [(name, value) for name, value in metadata or ()]


def unknown(what: str) -> None:
    """The inside of gRPC is not the one that is known here: recordings and playbacks that run say so at their end."""
    for tape in tapes.opened:
        opened: Any = tape
        if opened.playing:
            opened.gate.bypassed.append(what)
        else:
            opened.trouble(NotImplementedError(what))


class Attempt:
    """What is seen of one attempt. `sent` and `received` stand in for the serialiser and the deserialiser."""

    __slots__ = ("_new", "_packing", "after", "arity", "call", "ending", "received", "seen", "sent", "types")

    def __init__(self, call: Call, arity: str, serializer: Any, deserializer: Any) -> None:
        self.call, self.arity = call, arity
        self.sent = Sent(self, serializer)
        self.received = Received(self, deserializer)
        self.types: set[str] = set()
        self._new: set[tuple[int, str]] = set()
        self._packing = {"request", "response"}
        """Sides whose messages may have others packed in them."""
        self.after: list[int] = []
        """For each message received: how many were sent before it."""
        self.seen = 0
        self.ending: Callable[[], None] | None = None
        """What is left to do once the answer of a unary call was read."""

    def describe(self, side: str, message: Any) -> None:
        """The class of a message of the `request` or `response`, the first time; and the definitions of it, where they
        were not handed over yet in this session by this process."""
        if side in self.types:
            return
        self.types.add(side)
        try:
            kind = descriptor_of(message) or declared(self.call.request["method"]).get(side)
            if kind is not None:
                self._tell(side, kind)
                if not packs(kind):
                    self._packing.discard(side)
        except Exception as error:  # noqa: BLE001 - a recording that fails must not reach the program under test
            self.call.session.trouble(error)

    def packed(self, side: str, data: bytes) -> None:
        """The definitions of what is packed in the message as Any, where the program knows them."""
        if side not in self._packing or b"googleapis.com/" not in data:
            return
        for found in _PACKED.findall(data):
            if (name := found.decode()) in self.types:
                continue
            self.types.add(name)
            pools = sys.modules.get("google.protobuf.descriptor_pool")
            try:
                if pools is not None:
                    self._define(pools.Default().FindMessageTypeByName(name))
            except KeyError:
                continue

    def _tell(self, side: str, kind: Any) -> None:
        (self.call.asked if side == "request" else self.call.answered)(type=kind.full_name)
        self._define(kind)

    def _define(self, kind: Any) -> None:
        call, process = self.call, os.getpid()
        known = _described.setdefault(call.session, set())
        if (process, kind.file.name) in known:
            return
        new = {name: data for name, data in files(kind.file) if (process, name) not in known}
        call.asked(descriptors=[*call.request.get("descriptors", ()), *new.values()])
        self._new.update((process, name) for name in new)

    def dropped(self) -> None:
        """The program has let a stream of answers go without cancelling it: it had what it wanted, and that is a
        success. What the server said after it is not known."""
        if self.after and self.arity == "unary_stream":
            self.ended({"code": "OK", "details": "", "unread": True}, self.call.done)

    def ended(self, status: dict[str, Any], end: Callable[[], None]) -> None:
        """The RPC has ended with this status; `end` closes the call.

        What definitions it carries count as handed over only now: a call of another thread may overtake this one.
        """
        call = self.call
        if call.ended:
            return
        call.answered(**status)
        if self.arity == "stream_stream":
            call.answered(after=self.after)
        end()
        if self._new:
            _described[call.session].update(self._new)


class Sent:
    """Stands in for the serialiser of requests."""

    __slots__ = ("attempt", "original")

    def __init__(self, attempt: Attempt, original: Any) -> None:
        self.attempt, self.original = attempt, original

    def __call__(self, message: Any) -> Any:
        """The message's bytes."""
        data = message if self.original is None else self.original(message)
        attempt = self.attempt
        attempt.seen += 1
        attempt.call.send(data)
        attempt.describe("request", message)
        attempt.packed("request", data)
        return data


class Received:
    """Stands in for the deserialiser of answers."""

    __slots__ = ("attempt", "original")

    def __init__(self, attempt: Attempt, original: Any) -> None:
        self.attempt, self.original = attempt, original

    def __call__(self, data: bytes) -> Any:
        """The message of these bytes."""
        attempt = self.attempt
        attempt.after.append(attempt.seen)
        attempt.call.chunk(data)
        message = data if self.original is None else self.original(data)
        attempt.describe("response", message)
        attempt.packed("response", data)
        if attempt.ending is not None:
            attempt.ending()
        return message


def descriptor_of(message: Any) -> Any:
    """The descriptor of a message of protobuf or proto-plus; None of anything else."""
    found = getattr(message, "DESCRIPTOR", None)
    if found is None:
        found = getattr(getattr(message, "_pb", None), "DESCRIPTOR", None)
    return found if hasattr(found, "full_name") and hasattr(found, "file") else None


@lru_cache(maxsize=4096)
def packs(kind: Any) -> bool:
    """Whether messages of a type may hold one of any type: only those are looked through for it."""
    seen, waiting = set(), [kind]
    while waiting:
        one = waiting.pop()
        if one.full_name == "google.protobuf.Any" or one.is_extendable:
            return True
        if one.full_name not in seen:
            seen.add(one.full_name)
            waiting += [field.message_type for field in one.fields if field.message_type is not None]
    return False


def files(file: Any) -> Iterator[tuple[str, bytes]]:
    """Name and serialised definition of a file and of all that it imports, those first."""
    for other in file.dependencies:
        yield from files(other)
    yield file.name, file.serialized_pb


def declared(method: str) -> dict[str, Any]:
    """The types of a method, where the program has loaded its service's definition; for bytes sent as they are."""
    pools = sys.modules.get("google.protobuf.descriptor_pool")
    if pools is None:
        return {}
    service, operation = names(method)
    try:
        found = pools.Default().FindServiceByName(service).methods_by_name[operation.rpartition("/")[2]]
    except KeyError:
        return {}
    return {"request": found.input_type, "response": found.output_type}
