"""Recording by hand: `CaptureManager`, whose interactions can be looked at while it runs, and the files of sessions."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from hotfixture.capture import journal, modes, one_file, tapes
from hotfixture.capture.calls import Call
from hotfixture.capture.costs import Guard
from hotfixture.capture.records import Frame, Interaction
from hotfixture.capture.session import Session
from hotfixture.capture.sinks import Within
from hotfixture.capture.values import plain
from hotfixture.errors import CaptureError

ENTRY = (
    "id", "timestamp", "service", "operation", "request", "start_time", "duration_ms", "status", "response", "error",
    "error_type",
)  # fmt: skip
"""Fields of an interaction in the contract's dicts, in their order."""


RUNNING = "running"
"""Status of an interaction that has not ended."""


class _Session(Session):
    """Tells the manager of each record that stands on the disk."""

    def __init__(self, entries: _Entries, directory: str | Path | None) -> None:
        super().__init__(directory=directory, within=True)
        self._entries = entries
        self._written: set[int] = set()

    @property
    def elsewhere(self) -> int:
        """Nothing: only what is described is recorded, wherever that is."""
        return 0

    @elsewhere.setter
    def elsewhere(self, count: int) -> None:
        del count

    def keep(self, frame: Frame) -> None:
        to = self._open()
        if not isinstance(to, Within) or self._closed is not None:
            super().keep(frame)
            return
        self._running.pop(frame.number, None)
        made = to.write(frame, again=frame.number in self._written)
        self._written.add(frame.number)
        if made is not None:
            self._entries.keep(made)

    def forked(self) -> None:
        super().forked()
        self._entries.clear()
        self._written.clear()

    @property
    def file_name(self) -> str:
        """Of the one-file form; the child of a fork has a file of its own beside."""
        child = "" if self._owner == os.getpid() else f"_{os.getpid()}"
        return f"{self.folder.name}{child}.json"

    def clean(self, value: Any) -> Any:
        """A plain value as it is written; None where nothing can be written."""
        to = self._open()
        return to.clean(value) if isinstance(to, Within) else None

    def id_of(self, call: Call) -> str:
        """The id under which a call is kept."""
        return f"{self._prefix}-{call.number}"


class _Entries:
    """Interactions by id, in the order of their beginnings: running ones as dicts, ended ones as records too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.dicts: dict[str, dict[str, Any]] = {}
        self.records: dict[str, Interaction] = {}

    def add(self, entry: dict[str, Any]) -> None:
        with self._lock:
            self.dicts[entry["id"]] = entry

    def clear(self) -> None:
        """There are none: they are another process's."""
        self._lock = threading.Lock()
        self.dicts.clear()
        self.records.clear()

    def keep(self, made: Interaction) -> None:
        """It ended, or was answered again."""
        with self._lock:
            self.records[made.id] = made
            entry = self.dicts.setdefault(made.id, {})
            entry |= {name: getattr(made, name) for name in ENTRY}
            if made.notes:
                entry["notes"] = list(made.notes)

    def whole(self) -> list[Interaction]:
        """All that is known of each, for a file."""
        with self._lock:
            return [
                self.records[name] if name in self.records else msgspec.convert(entry, Interaction)
                for name, entry in self.dicts.items()
            ]


class Recording:
    """A block that is recorded: `with` (or `async with`) gives the interaction as the contract's dict."""

    def __init__(self, manager: CaptureManager, call: Call, entry: dict[str, Any]) -> None:
        self._manager, self.call, self.entry = manager, call, entry
        self._token: Any = None

    def __enter__(self) -> dict[str, Any]:
        self._token = tapes.parent.set(self.call)
        return self.entry

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()
        self.end(error)

    def leave(self) -> None:
        """What is called from here on does not belong to it."""
        with suppress(ValueError):  # left in another context than it was entered in: a generator may be
            tapes.parent.reset(self._token)

    async def __aenter__(self) -> dict[str, Any]:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    def close(self) -> None:
        """The program reads no further in its answer."""
        self.call.closed()

    def end(self, error: BaseException | None = None) -> None:
        """It is over; an answer that was put into the dict by hand counts too."""
        shown = self._manager.shown.pop(self.entry["id"], None)
        if self.entry["response"] is not shown:
            self.call.answer(plain(self.entry["response"]))
        if error is None:
            self.call.done()
        else:
            self.call.failed(error)


class CaptureManager:
    """Records interactions that are described to it, each with an id of its own, whatever threads and tasks do."""

    def __init__(self, capture_dir: str | Path | None = None, *, guard: Guard | None = None) -> None:
        self.guard = guard
        self.capture_dir = modes.directory(capture_dir)
        self.capture_dir.mkdir(parents=True, exist_ok=True)
        self._entries = _Entries()
        self.session = _Session(self._entries, self.capture_dir)
        self.capture_session_id = self.session.id
        """Milliseconds since the epoch, unique in the directory."""
        self.closed = False
        self._calls: dict[str, Call] = {}
        self.shown: dict[str, Any] = {}
        """Of running interactions: the answer that the dict shows by our doing."""

    @property
    def interactions(self) -> list[dict[str, Any]]:
        """All interactions, in the order of their beginnings; those that still run say so."""
        return list(self._entries.dicts.values())

    def capture_interaction(self, service: str, operation: str, request_data: Any = None) -> Recording:
        """A context, synchronous or not, that yields the interaction: a dict with its `id`."""
        request = plain(request_data)
        call = self.session.begin("call", service, operation, request)
        started = call.started
        entry = dict.fromkeys(ENTRY) | {
            "id": self.session.id_of(call),
            "timestamp": datetime.fromtimestamp(started, UTC).isoformat(),
            "service": service,
            "operation": operation,
            "request": self._clean(request),
            "start_time": started,
            "status": RUNNING,
        }
        self._entries.add(entry)
        self._calls[self.session.id_of(call)] = call
        return Recording(self, call, entry)

    def record_response(self, interaction_id: str, response_data: Any) -> None:
        """The answer to an interaction, within its block or after it; of several the last counts, and a note says so.

        CaptureError where this manager has no such interaction.
        """
        call = self._calls.get(interaction_id)
        if call is None:
            raise CaptureError(
                f"no interaction {interaction_id!r} in session {self.capture_session_id}",
                hint="Give the `id` of the dict that capture_interaction() yields.",
            )
        value = plain(response_data)
        call.answer(value)
        if not call.ended:
            shown = self.shown[interaction_id] = self._clean(value)
            self._entries.dicts[interaction_id]["response"] = shown

    def _clean(self, value: Any) -> Any:
        """What may be shown while the interaction runs: the same that will be written."""
        try:
            return self.session.clean(value)
        except Exception as error:  # noqa: BLE001 - a recording that fails must not reach the program under test
            self.session.trouble(error)
            return None

    def save_captures(self, filename: str | None = None) -> Path:
        """Write all interactions to one file and give its path; saving again replaces it."""
        path = self.capture_dir / (filename or self.session.file_name)
        interactions = self._entries.whole()
        facts = {
            "session_id": self.capture_session_id,
            "timestamp": self.session.timestamp,
            "total_interactions": len(interactions),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        one_file.write(path, facts, interactions)
        _saved[path] = len(interactions)
        return path

    def get_summary(self) -> dict[str, Any]:
        """Counts by service and operation, durations in milliseconds, errors, and the share that went well (0…1)."""
        return summary(self.interactions)

    def close(self) -> None:
        """No more is recorded; a second time does nothing."""
        self.closed = True
        self.session.close()


class Uncaptured:
    """In the place of a manager where nothing is recorded, and calls are counted only."""

    def __init__(self, guard: Guard | None = None) -> None:
        self.guard = guard
        self.session = self

    def trouble(self, error: Exception) -> None:
        """Nothing was to be recorded."""

    def capture_interaction(self, service: str, operation: str, request_data: Any = None) -> Unrecorded:
        """A block that is not recorded."""
        del service, operation, request_data
        return Unrecorded(self)

    def record_response(self, interaction_id: str, response_data: Any) -> None:
        """Nowhere."""


class Unrecorded:
    """As `Recording`, of nothing."""

    def __init__(self, session: Uncaptured) -> None:
        self.session = session
        self.call = self
        self.ended = False

    def __enter__(self) -> dict[str, Any]:
        return {"id": ""}

    def __exit__(self, *_error: object) -> None:
        """Nothing ends."""

    def leave(self) -> None:
        """Nothing is left."""

    def answer(self, value: Any) -> None:
        """Nowhere."""

    def chunk(self, data: bytes) -> None:
        """Nowhere."""

    def end(self, error: BaseException | None = None) -> None:
        """It is over."""
        del error
        self.ended = True

    close = end


_saved: dict[Path, int] = {}


def saved() -> dict[Path, int]:
    """The files that managers of this process have written, and how many interactions are in each."""
    return dict(_saved)


def summary(interactions: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The contract's summary of interactions as dicts."""
    services: dict[str, dict[str, Any]] = {}
    total, errors, duration = 0, 0, 0.0
    for one in interactions:
        total += 1
        errors += one["status"] not in ("success", "closed", RUNNING)
        duration += one["duration_ms"] or 0.0
        service = services.setdefault(one["service"], {"count": 0, "operations": {}})
        service["count"] += 1
        service["operations"][one["operation"]] = service["operations"].get(one["operation"], 0) + 1
    return {
        "total": total,
        "services": services,
        "total_duration_ms": duration,
        "avg_duration_ms": duration / total if total else 0.0,
        "errors": errors,
        "success_rate": (total - errors) / total if total else 0.0,
    }


def load_capture_data(path: str | Path) -> dict[str, Any]:
    """A session, one file or a folder, as the contract's dict.

    FileNotFoundError where there is none, CaptureError where it cannot be read.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"no recorded session: {path}")
    interactions = [msgspec.to_builtins(one) for one in journal.read(path)]
    stem = path.name.removesuffix(".json")
    return {
        "session_id": stem.rpartition("_")[2],
        "timestamp": min((one["timestamp"] for one in interactions), default=None),
        "total_interactions": len(interactions),
        "interactions": interactions,
    }


def cleanup_old_captures(directory: str | Path | None = None, days_to_keep: float = 7) -> int:
    """Remove sessions that are older; gives how many."""
    from hotfixture.capture import retention

    return len(retention.cleanup(modes.directory(directory), days=days_to_keep))


def create_mock_baseline(capture: str | Path, output: str | Path) -> int:
    """Write mocks, `{"service.operation": answer}`, made of a session; gives how many there are."""
    from hotfixture.capture import baselines

    return int(baselines.create_mock_baseline(capture, output))
