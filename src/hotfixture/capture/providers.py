"""Service providers: the mock, the real, the captured or the replayed service, by TEST_MODE."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from hotfixture.capture import modes, retention, services, tapes
from hotfixture.capture.captures import CaptureManager, Uncaptured
from hotfixture.capture.costs import Guard
from hotfixture.capture.described import Described
from hotfixture.capture.wrapping import wrap
from hotfixture.errors import CaptureError, RefusedError

TEST_PREFIX = "test_"
"""Collections that tests may make carry it; no other is ever deleted."""


class ServiceProvider:
    """Gives services, each made when it is first asked for; `cleanup` ends them."""

    mode: ClassVar[str]
    is_real_service = False
    capture_mode = False

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}
        self._collections: list[str] = []

    def get_service(self, name: str) -> Any:
        """The service of that name, built in or registered; UnknownNameError suggests the nearest."""
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> Any:
        raise NotImplementedError

    def get_firestore(self) -> Any:
        """Firestore."""
        return self.get_service("firestore")

    def get_gemini(self) -> Any:
        """Gemini. ValueError in real and capture mode without TEST_GEMINI_API_KEY."""
        return self.get_service("gemini")

    def get_auth(self) -> Any:
        """Users and tokens for tests."""
        return self.get_service("auth")

    def track_test_collection(self, name: str) -> None:
        """`cleanup` deletes this collection; RefusedError where its name does not begin with `test_`."""
        if not name.startswith(TEST_PREFIX):
            raise RefusedError(
                f"collection {name!r} is not deleted: its name does not begin with {TEST_PREFIX!r}",
                hint=f"Name it {TEST_PREFIX}{name}.",
            )
        if name not in self._collections:
            self._collections.append(name)

    def get_capture_summary(self) -> dict[str, Any]:
        """The contract's summary of what was captured; empty where nothing is."""
        return {}

    def save_capture_data(self, filename: str | None = None) -> Path | None:
        """Save what was captured, and give where; None where nothing is."""
        del filename
        return None

    def cleanup(self) -> None:
        """End the services; a second time does nothing."""
        self._made.clear()
        self._collections.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cleanup()


class MockServiceProvider(ServiceProvider):
    """Services in memory: nothing leaves the process."""

    mode = "mock"

    def _make(self, name: str) -> Any:
        return services.find(name).mock()


class RealServiceProvider(ServiceProvider):
    """The real services, within limits of calls and money; captured where that was asked for.

    `capture_manager` records; `guard` counts.
    """

    mode = "real"
    is_real_service = True

    def __init__(
        self, capture_mode: bool = False, *, capture_dir: str | Path | None = None, guard: Guard | None = None
    ) -> None:
        super().__init__()
        self.capture_mode = capture_mode
        self.guard = guard or Guard()
        self.capture_manager = CaptureManager(capture_dir, guard=self.guard) if capture_mode else None
        self._lower: Any = None
        if capture_mode:
            self._open_lower(capture_dir)

    def _open_lower(self, capture_dir: str | Path | None) -> None:
        """Beside what is described, the traffic itself, so that it can be replayed: unless somebody records already."""
        if tapes.peek() is not None:
            return
        from hotfixture.capture import running

        self._lower = running.record(LOWER, directory=capture_dir)

    def _make(self, name: str) -> Any:
        service = services.find(name)
        manager = self.capture_manager or Uncaptured(self.guard)
        made = service.real()
        if service.capture:
            return service.capture(made, manager)
        # Beside what is described, its calls are recorded as they are, so that they can be played.
        return Described(wrap(made, name) if self.capture_mode else made, manager, name)

    def get_capture_summary(self) -> dict[str, Any]:
        return self.capture_manager.get_summary() if self.capture_manager else {}

    def save_capture_data(self, filename: str | None = None) -> Path | None:
        return self.capture_manager.save_captures(filename) if self.capture_manager else None

    def cleanup(self) -> None:
        """Delete the tracked collections, save the capture and say where."""
        try:
            self._delete_collections()
        finally:
            self._close_lower()
            if self.capture_manager is not None and not self.capture_manager.closed:
                path = self.capture_manager.save_captures()
                self.capture_manager.close()
                count = len(self.capture_manager.interactions)
                print(f"hotfixture: {count} interactions captured: {path}", file=sys.stderr)
            super().cleanup()

    def _close_lower(self) -> None:
        """End the recording of the traffic; where there was none, nothing of it stays."""
        lower, self._lower = self._lower, None
        if lower is None:
            return
        outcome = lower.close()
        if not outcome.count and not outcome.lost:
            retention.remove(lower.folder)

    def _delete_collections(self) -> None:
        if not self._collections:
            return
        client = getattr(self.get_firestore(), "__wrapped__", self.get_firestore())
        with tapes.paused():
            for name in self._collections:
                _delete(client.collection(name))


LOWER = "services"
"""Name of the sessions of a provider's traffic."""
_BATCH = 400
"""Deletes in one batch; Firestore takes 500."""


def _delete(collection: Any) -> None:
    """Every document of a collection."""
    while True:
        documents = list(collection.limit(_BATCH).stream())
        if not documents:
            return
        for document in documents:
            document.reference.delete()


class ReplayServiceProvider(ServiceProvider):
    """The real clients, answered from recordings: from the playback that runs, else from the newest session."""

    mode = "replay"

    def __init__(self, session: str | Path | None = None, *, capture_dir: str | Path | None = None) -> None:
        super().__init__()
        self._playing: Any = None
        current = tapes.peek()
        if session is not None or current is None or not current.playing:
            from hotfixture.capture.running import Running

            self._playing = Running(session, directory=capture_dir, name=LOWER)

    def _make(self, name: str) -> Any:
        service = services.find(name)
        playback = self._playing.playback if self._playing is not None else None
        recorded, described = ([], []) if playback is None else (playback.interactions, playback.tally.unplayable)
        if (recorded or described) and all(one.kind == "call" and _is_described(one.service) for one in recorded):
            raise CaptureError(
                "this session describes calls of services, and has not their traffic: it can be analysed, not replayed",
                hint="Record it anew: TEST_MODE=capture keeps both.",
            )
        made = (service.replay or service.real)()
        return made if service.capture else wrap(made, name)

    def track_test_collection(self, name: str) -> None:
        """Nothing was made, nothing is deleted."""

    def cleanup(self) -> None:
        """End the playback, where it is this provider's own; ReplayMissError where it does not fit."""
        super().cleanup()
        if self._playing is not None:
            playing, self._playing = self._playing, None
            playing.end()


def _is_described(name: str) -> bool:
    """Whether calls of a service are described by a capturing client of its own: that nobody can play."""
    return name in services.names() and services.find(name).capture is not None


class Services:
    """The services of a provider by name, as items or attributes, each made when it is looked at."""

    def __init__(self, provider: ServiceProvider) -> None:
        self._provider = provider

    def __getitem__(self, name: str) -> Any:
        return self._provider.get_service(name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._provider.get_service(name)

    def __iter__(self) -> Iterator[str]:
        return iter(services.names())


_current: ServiceProvider | None = None


def get_service_provider(mode: str | None = None) -> ServiceProvider:
    """A new provider of that mode, else of TEST_MODE; ValueError names the modes there are."""
    wanted = modes.mode(mode)
    if wanted == "mock":
        return MockServiceProvider()
    if wanted == "replay":
        return ReplayServiceProvider()
    return RealServiceProvider(capture_mode=wanted == "capture")


def get_current_provider() -> ServiceProvider:
    """The provider of this process, made by TEST_MODE when it is first asked for."""
    if _current is None:
        set_service_provider(get_service_provider())
    assert _current is not None
    return _current


def set_service_provider(provider: ServiceProvider | None) -> None:
    """Make it the provider of this process."""
    global _current  # noqa: PLW0603 - one process has one such provider
    _current = provider


def reset_global_provider() -> None:
    """Clean up the provider of this process, and have none."""
    provider = _current
    set_service_provider(None)
    if provider is not None:
        provider.cleanup()
