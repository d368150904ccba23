"""The recorded answer of an RPC, as both kinds of gRPC play it: which message is due, and how it ends."""

from __future__ import annotations

from typing import Any

from hotfixture.capture.hooks.grpc_attempts import declared, descriptor_of, files, names
from hotfixture.capture.sanitising import messages

FAILED = "FAILED_PRECONDITION"
"""Told where nothing was recorded and gRPC has no way to raise the miss itself: a code that is never tried again."""


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
        sent = self.sent[:1] if self.arity == "stream_stream" else self.sent
        played = self.tape.play("grpc", *names(self.asked["method"]), self.asked, list(sent))
        return Answer(played, self.arity)


class Answer:
    """One recorded answer."""

    def __init__(self, played: Any, arity: str) -> None:
        response = played.response
        self._played = played
        self.messages = [messages.raw_of(one) for one in response.get("messages", ())]
        self.waits = [wait for wait, _ in played.waits()]
        self.after: list[int] = response.get("after", [])
        self.initial_metadata = messages.metadata_of(response.get("initial_metadata", ()))
        self.trailing_metadata = messages.metadata_of(response.get("trailing_metadata", ()))
        self.code: str = response.get("code", "UNKNOWN")
        self.details: str = response.get("details") or ""
        self.debug_error_string: str = response.get("debug_error_string") or ""
        status = played.interaction.status
        self.broken_off = status in ("closed", "cancelled")
        """The program had ended it."""
        self.waits_on = status == "cancelled" or arity == "stream_stream" or bool(response.get("waiting"))
        """It had waited for more when it did: that is done again."""

    def due(self, number: int, sent: int) -> bool:
        """Whether that message may come when so many were sent."""
        return number >= len(self.after) or self.after[number] <= sent

    def exhausted(self) -> None:
        """The program asks for more than what it had read; raises ReplayMissError where that is not known."""
        if not self.waits_on:
            self._played.finish()
