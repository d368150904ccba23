"""The recorded answer of an RPC, as both kinds of gRPC play it: which message is due, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from hotfixture.capture.hooks import grpc_likeness, grpc_order
from hotfixture.capture.hooks.grpc_attempts import declared, descriptor_of, files, names
from hotfixture.capture.hooks.grpc_order import Order
from hotfixture.capture.sanitising import messages
from hotfixture.errors import ReplayMissError

FAILED = "FAILED_PRECONDITION"
"""Told where nothing was recorded and gRPC has no way to raise the miss itself: a code that is never tried again."""


_unasked: WeakKeyDictionary[Any, dict[str, bool]] = WeakKeyDictionary()
"""Of playbacks, whether servers spoke first, by operation."""


class Question:
    """What the program asks while it is played: stands in for the serialiser of requests."""

    def __init__(self, tape: Any, arity: str, asked: dict[str, Any], serializer: Any) -> None:
        self.tape, self.arity, self.asked = tape, arity, asked
        self.sent: list[bytes] = []
        self._serializer = serializer

    def __call__(self, message: Any) -> Any:
        """The message's bytes."""
        data = message if self._serializer is None else self._serializer(message)
        if "type" not in self.asked:
            kind = descriptor_of(message) or declared(self.asked["method"]).get("request")
            self.asked["type"] = kind and kind.full_name
            if kind is not None and messages.find(kind.full_name) is None:
                messages.learn(content for _, content in files(kind.file))
        self.sent.append(data)
        return data

    def answer(self) -> Answer:
        """What was recorded; ReplayMissError where nothing was."""
        sent = self.sent
        if self.arity == "stream_stream":
            sent = [] if self.unasked() else self.sent[:1]
        likeness, kind = grpc_likeness.of(self.tape), self.asked.get("type")
        played = self.tape.play("grpc", *names(self.asked["method"]), self.asked, likeness.asked(sent, kind))
        recorded = played.interaction.request.get("messages", ())
        likeness.learn([messages.raw_of(one) for one in recorded], sent, kind)
        grpc_order.of(self.tape).make(played.interaction)
        return Answer(played, self)

    def unasked(self) -> bool:
        """Whether it was recorded that a server speaks first."""
        found = _unasked.setdefault(self.tape, {})
        operation = names(self.asked["method"])[1]
        if operation not in found:
            found[operation] = any(
                one.kind == "grpc" and one.operation == operation and not one.request["messages"]
                for one in self.tape.interactions
            )
        return found[operation]


class Answer:
    """One recorded answer."""

    def __init__(self, played: Any, question: Question) -> None:
        response = played.response
        self._played = played
        forms = response.get("messages", ())
        self._kind = forms[0]["type"] if forms else None
        self._likeness = grpc_likeness.of(question.tape)
        self._messages = [messages.raw_of(one) for one in forms]
        self.count = len(self._messages)
        self.waits = [wait for wait, _ in played.waits()]
        self.after: list[int] = response.get("after", [])
        self.initial_metadata = messages.metadata_of(response.get("initial_metadata", ()))
        self.trailing_metadata = messages.metadata_of(response.get("trailing_metadata", ()))
        self.code: str = response.get("code", "UNKNOWN")
        self.details: str = response.get("details") or ""
        self.debug_error_string: str = response.get("debug_error_string") or ""
        status = played.outcome.status
        self._unread = bool(response.get("unread"))
        self.broken_off = self._unread or status in ("closed", "cancelled")
        """The program had ended it."""
        self.waits_on = status == "cancelled" or question.arity == "stream_stream" or bool(response.get("waiting"))
        """It had waited for more when it did: that is done again."""
        self._order = Order(question.tape, played.outcome) if self.waits_on and self.count else None

    def message(self, number: int) -> bytes:
        """One message as it is told in this run."""
        return self._likeness.told(self._messages[number : number + 1], self._kind)[0]

    def due(self, number: int, sent: int) -> bool:
        """Whether that message may come when so many were sent."""
        return number >= len(self.after) or self.after[number] <= sent

    def held(self, number: int, again: Callable[[], None]) -> float:
        """Seconds that the message is to be held back at most, 0 where it may come; `again` is called before that
        where it may have come to be due."""
        if self._order is None or not (left := self._order.left(number)):
            return 0.0
        self._order.progress.wake(again)
        return left

    def exhausted(self) -> None:
        """The program asks for more than what it had read; raises ReplayMissError where that is not known."""
        if self._unread:
            raise ReplayMissError(
                f"{self._played.outcome.operation}: the recording {self._played.outcome.id} ends here, for the "
                f"program had read no further",
                hint="Record it anew with the program as it is now.",
            )
        if not self.waits_on:
            self._played.finish()
