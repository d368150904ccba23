"""A playback that runs: it answers calls from recordings, and counts what was missed, repeated and never asked for."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from hotfixture import settings
from hotfixture.capture import failures, modes, tapes
from hotfixture.capture.comparing import volatile
from hotfixture.capture.playing import blocking, described, kept, misses, sharing, sources
from hotfixture.capture.playing.kept import Answers, Recorded
from hotfixture.capture.playing.library import Library
from hotfixture.capture.playing.matching import Noise, Parts, parts_of, raw_key
from hotfixture.capture.playing.tally import Tally
from hotfixture.capture.records import Frame, Interaction, Kind
from hotfixture.capture.sanitising import bodies, messages
from hotfixture.capture.sanitising.interactions import question_of
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.errors import ReplayMissError
from hotfixture.transforms.masks.keys import MaskingKey

_NAMES = 4096
"""Names of services and operations that are remembered."""


class Played:
    """One recorded answer, to be given to the program."""

    def __init__(self, recorded: Recorded, speed: float = 0) -> None:
        self._recorded = recorded
        self.outcome = kept.answer(recorded)
        """The recording, but for its request: what was answered, how it ended."""
        self._speed = speed

    @cached_property
    def interaction(self) -> Interaction:
        """The recording as a whole."""
        return kept.whole(self._recorded)

    @property
    def response(self) -> dict[str, Any]:
        """The recorded answer: for HTTP `status`, `reason`, `version`, `headers`, `trailers`; typed
        values for calls. Empty where the call failed before anything was answered."""
        response: dict[str, Any] = self.outcome.response or {}
        return response

    @cached_property
    def body(self) -> bytes:
        """The whole body of an HTTP answer, as it was sent."""
        return bodies.raw_of(self.response.get("body"))

    def chunks(self) -> Iterator[tuple[float, bytes]]:
        """Seconds to wait before each piece (0 at speed 0), and the piece, cut where it was cut when recorded."""
        left = memoryview(self.body)
        for wait, size in self.waits():
            yield wait, bytes(left[:size])
            left = left[size:]
        if left:
            yield 0.0, bytes(left)

    def waits(self) -> Iterator[tuple[float, int]]:
        """Seconds to wait before each piece of a stream, and its size."""
        before = 0
        for at, size in self.outcome.chunks:
            yield max(at - before, 0) / 1e6 / self._speed if self._speed else 0.0, size
            before = at

    def failed(self) -> None:
        """Raises what the recorded call failed with, where it did."""
        if self.outcome.failure is not None:
            raise failures.rebuild(self.outcome.failure)

    def finish(self) -> None:
        """To be called when the program has taken all pieces and asks for more.

        Raises what ended the recorded call, where something did. Where the recording breaks off because the program
        itself had stopped reading, nothing is known of what came after: ReplayMissError says so.
        """
        interaction = self.outcome
        self.failed()
        if interaction.status in ("closed", "cancelled") and not self._whole():
            raise ReplayMissError(
                f"{interaction.operation}: the recording {interaction.id} ends here, for the program had "
                f"{'stopped reading' if interaction.status == 'closed' else 'cancelled the call'}",
                hint="Record it anew with the program as it is now.",
            )

    def _whole(self) -> bool:
        """Whether all that was announced had arrived before the program stopped."""
        announced = [value for name, value in self.response.get("headers", ()) if name.lower() == "content-length"]
        return bool(announced) and announced[-1].strip() == str(len(self.body))


class Playback:
    """Recorded interactions that answer what is asked.

    `source` is a session (folder, file, id, name, or `latest`), several of them, or interactions. `speed` 1 waits
    between the pieces of a stream as long as it took when recorded, 10 a tenth, 0 not at all. A question that is asked
    more often than it was recorded is a miss, or is answered as the last time where `more` is `repeat`. `allow` names
    what shall not fail the run (of tally.FAILING). `learn_from` are other recordings of the same program: fields of
    requests that differ between them and the source are noise, and no matching goes by them; `noise` names more.
    """

    playing = True
    leaves: frozenset[str] = frozenset()
    """Names of hooks that play nothing of it."""

    def __init__(
        self,
        source: str | Path | Iterable[Any] = "latest",
        *,
        directory: str | Path | None = None,
        speed: float = 0,
        more: Literal["miss", "repeat"] = "miss",
        rules: dict[str, Any] | str | Path | None = None,
        noise: Noise = frozenset(),
        learn_from: Iterable[str | Path] = (),
        allow: Iterable[str] = (),
        network: Iterable[str] = (),
        sanitiser: Sanitiser | None = None,
    ) -> None:
        if sanitiser is None:
            secret, _ = settings.masking_key(settings.load())
            sanitiser = Sanitiser(MaskingKey(secret), str(rules) if isinstance(rules, Path) else rules)
        self._sanitiser = sanitiser
        place = modes.directory(directory)
        found, unplayable = described.playable(sources.interactions(source, place), sanitiser)
        others = [list(sources.interactions(one, place)) for one in learn_from]
        if others:
            noise |= volatile.noise(volatile.learn([list(map(kept.whole, one)) for one in (found, *others)]))
        self._library = Library(found, self._sanitiser, noise | sources.KNOWN_NOISE)
        # Names and numbers that the program got from recorded answers, and gives back, are surrogates already.
        self._sanitiser.adopt_from(Answers(self._library.items))
        self._lock = threading.Lock()
        self._speed, self._more, self._allow = speed, more, frozenset(allow)
        allowed = tuple(network)
        self._options = {"speed": speed, "more": more, "noise": noise, "network": allowed}
        self.place = ""
        """Of what it shares with other processes; empty as long as there are none."""
        self.gate = blocking.Gate(allowed)
        """What may pass to the network."""
        self.scope: str | None = None
        self.scopes: set[str] | None = None
        """Where only a part of the tests runs, the scopes of that part: others cannot be unplayed."""
        self._named: dict[str, str] = {}
        self._named_at = -1
        self.tally = Tally(bypassed=self.gate.bypassed, processes=self.gate.processes, unplayable=unplayable)
        self.elsewhere = 0
        self._closed = False
        tapes.opened.append(self)

    def play(
        self, kind: Kind, service: str, operation: str, request: dict[str, Any], sent: list[bytes] | None = None
    ) -> Played:
        """The recorded answer to this request. What the call failed with before it was answered is raised here.

        ReplayMissError where nothing answers it: says what comes nearest, and where that differs.
        """
        played = self.found(kind, service, operation, request, sent)
        if not played.response:
            played.failed()
        return played

    def found(
        self, kind: Kind, service: str, operation: str, request: dict[str, Any], sent: list[bytes] | None = None
    ) -> Played:
        """As `play`, but a call that failed before it was answered is given, not raised."""
        frame = Frame(0, None, kind, service, operation, request, None, sent or [], [], [],
                      0.0, 0, "success", None, "", None, None, [])  # fmt: skip
        operation = self._clean(operation)
        parts = self._in_the_same_bytes(frame, operation)
        if parts is None:
            asked = question_of(frame, self._sanitiser)
            parts = self._library.known(raw_key(kind, operation, asked))
            if parts is None:
                parts = parts_of(kind, self._clean(service), operation, asked)
        with self._lock:
            found = self._find(parts)
        return Played(found, self._speed)

    def _in_the_same_bytes(self, frame: Frame, operation: str) -> Parts | None:
        """What was recorded of messages of gRPC in these very bytes, which are clean then."""
        if frame.kind != "grpc" or not frame.sent:
            return None
        messages.metadata(frame.request.get("metadata", ()), self._sanitiser)  # secrets of it may stand in others
        raw = [{"raw": base64.b64encode(one).decode()} for one in messages.asking(frame)]
        return self._library.known(raw_key(frame.kind, operation, frame.request | {"messages": raw}))

    def _clean(self, name: str) -> str:
        """The name of a service or operation, cleaned once for as long as nothing new is learned."""
        if self._named_at != self._sanitiser.learned or len(self._named) >= _NAMES:
            self._named, self._named_at = {}, self._sanitiser.learned
        found = self._named.get(name)
        if found is None:
            found = self._named[name] = self._sanitiser.text(name)
        return found

    def _find(self, parts: Parts) -> Recorded:
        found = self._library.take(parts, self.scope)
        if found is not None:
            self.tally.played += 1
            return found
        again = self._library.again(parts)
        if again is not None and self._more == "repeat":
            self.tally.repeated.append(parts["operation"])
            return again
        error = misses.miss(parts, self._library.like(parts), asked_before=again is not None)
        self.tally.misses.append(error.problems[0].message)
        raise error

    @property
    def interactions(self) -> list[Recorded]:
        """All that may be played."""
        return self._library.items

    def scope_of(self, name: str) -> str:
        """A scope of that name as recordings have it: clean."""
        return self._sanitiser.text(name)

    def share(self, place: Path | None = None) -> Path:
        """From now on what is played is played for all processes that have the place; there may be some soon."""
        if not self.place:
            place = place or sharing.folder(self)
            self.place = str(place)
            with self._lock:
                self._library = sharing.shared(self._library, self.tally, place)
            self.gate.bypassed, self.gate.processes = self.tally.bypassed, self.tally.processes
        return Path(self.place)

    def onward(self) -> sharing.Onward:
        """What another process needs to go on with it."""
        place = self.share()
        sharing.recordings(place, map(kept.whole, self._library.items))
        return sharing.Onward(
            place=self.place, secret=self._sanitiser.key.secret, rules=self._sanitiser.rules, options=self._options,
            scope=self.scope, leaves=self.leaves, opened=Playback.joined,
        )  # fmt: skip

    @classmethod
    def joined(cls, onward: sharing.Onward) -> Playback:
        """The playback of another process, going on in this one."""
        place = Path(onward.place)
        sanitiser = Sanitiser(MaskingKey(onward.secret), onward.rules)
        made = cls(sharing.recordings(place, ()), sanitiser=sanitiser, **onward.options)
        made.scope, made.leaves = onward.scope, onward.leaves
        made.share(place)
        return made

    def forked(self) -> None:
        """This process is a fork of the one that plays: a thread that it has not got may have held the lock."""
        self._lock = threading.Lock()
        sharing.forked()

    def settle(self) -> None:
        """Nothing waits: what is played is told at once."""

    def trouble(self, error: Exception) -> None:
        """A process could not be told to play, too."""
        self.tally.processes.append(f"of multiprocessing ({type(error).__name__})")

    def problems(self) -> list[str]:
        """What makes the run fail, a line each; complete once it is closed."""
        return self.tally.problems(self._allow)

    def close(self) -> Tally:
        """The end: what was not played is counted. A second time gives the same answer."""
        if not self._closed:
            self._closed = True
            tapes.opened.remove(self)
            self.tally.unplayed += [
                f"{one.operation} ({one.id})"
                for one in self._library.left()
                if self.scopes is None or one.scope in self.scopes
            ]
            self.tally.unplayed += self.tally.unplayable if self.scopes is None else []
        return self.tally


@contextmanager
def replay(source: str | Path | Iterable[Any] = "latest", **options: Any) -> Iterator[Playback]:
    """Answer everything that runs within from recordings, with the network closed; options are those of Playback.

    ReplayMissError at its end where something was missed, not played, repeated or went past it, and no other exception
    is on its way.
    """
    from hotfixture.capture import hooks, processes

    hooks.install()
    processes.install()
    playback = Playback(source, **options)
    try:
        with tapes.under(playback), blocking.closed(playback.gate):
            yield playback
    finally:
        playback.close()
    if found := playback.problems():
        raise ReplayMissError("the playback does not fit: " + "; ".join(found))
