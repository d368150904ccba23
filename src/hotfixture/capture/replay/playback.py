"""A playback that runs: it answers calls from recordings, and counts what was missed, repeated and never asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hotfixture.capture import clocks, tapes
from hotfixture.capture.records import Frame, Interaction, Kind
from hotfixture.capture.sanitising import bodies


class Played:
    """One recorded answer, to be given to the program."""

    def __init__(self, interaction: Interaction, speed: float = 0) -> None:
        self.interaction = interaction
        self._speed = speed

    @property
    def response(self) -> dict[str, Any]:
        """The recorded answer: for HTTP `status`, `reason`, `version`, `headers`, `trailers`; typed
        values for calls."""
        response: dict[str, Any] = self.interaction.response
        return response

    @property
    def body(self) -> bytes:
        """The whole body of an HTTP answer, as it was sent."""
        return bodies.raw_of(self.response.get("body"))

    def chunks(self) -> Iterator[tuple[float, bytes]]:
        """Seconds to wait before each piece (0 at speed 0), and the piece, cut where it was cut when recorded."""
        left, before = memoryview(self.body), 0
        for at, size in self.interaction.chunks:
            yield ((at - before) / 1e6 / self._speed if self._speed else 0.0), bytes(left[:size])
            left, before = left[size:], at

    def finish(self) -> None:
        """Call after the last piece: raises what ended the recorded call, where something did; a call that the
        program itself had broken off has no more to give, and ReplayMissError says so."""


class Playback:
    """Recorded interactions, by what was asked."""

    playing = True

    def __init__(self, source: str | Path | Iterable[Interaction], **options: Any) -> None:
        self.elsewhere = 0
        self.options = options
        self.source = source

    def play(
        self, kind: Kind, service: str, operation: str, request: dict[str, Any], sent: list[bytes] | None = None
    ) -> Played:
        """The recorded answer to this request; ReplayMissError where there is none. A recorded exception is raised by
        `Played.finish`, after the pieces that came before it; where there were none, here."""
        raise NotImplementedError

    def close(self) -> Any:
        """The end: the tally; problems in it fail the run."""


__all__ = ["Frame", "Playback", "Played", "clocks", "tapes"]
