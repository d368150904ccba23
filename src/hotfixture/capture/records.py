"""What is kept of one interaction and of one session: the shapes on disk, and what the recorded program hands over.

A *frame* is what the caller's side collects while a call runs: raw bytes and plain values, nothing cleaned. It never
touches a disk. An *interaction* is the clean record that is made of it, as one line of a journal.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

VERSION = 1
"""Of the journal's lines; `upgrades.py` has one step for each older version."""

Kind = Literal["http", "grpc", "sql", "call"]
NAMES = "$names"
"""In the request of a frame: what the parameters in `args` are called, for the cleaning; no interaction has it."""
Status = Literal["success", "error", "cancelled", "closed"]
"""`closed`: the caller stopped reading before the answer ended."""


class Failure(msgspec.Struct, kw_only=True):
    """An exception, so that one of the same class with the same arguments and attributes can be raised."""

    module: str
    name: str
    text: str
    arguments: list[Any] = []
    """Typed plain values, as `values.plain` gives them."""
    attributes: dict[str, Any] = {}
    cause: Failure | None = None
    context: Failure | None = None
    suppressed: bool = False
    """Whether it was raised `from` something, so that its context is not shown."""


class Frame(msgspec.Struct, array_like=True):
    """One finished call as the caller's side saw it. Values of any type in `request` and `response` have gone through
    `values.plain` once, by whoever made the call: nothing later does it again."""

    number: int
    parent: int | None
    kind: Kind
    service: str
    operation: str
    request: dict[str, Any]
    response: Any
    """Parts of the answer by name; of calls that users record themselves, any plain value."""
    sent: list[bytes]
    """The request's body, as it was sent."""
    received: list[bytes]
    """The answer's body (or messages), chunk by chunk."""
    times: list[int]
    """Microseconds from the start of the call to each received chunk."""
    started: float
    """Seconds since the epoch, UTC."""
    duration: int
    """Nanoseconds, monotonic."""
    status: Status
    failure: Failure | None
    thread: str
    task: str | None
    scope: str | None
    """What was going on: the test's name, or the label of the innermost `capture`."""
    notes: list[str]


class Interaction(msgspec.Struct, kw_only=True):
    """One interaction as it is kept. The first eleven fields are those of the contract's session files."""

    id: str
    timestamp: str
    """ISO 8601, UTC."""
    service: str
    operation: str
    request: Any
    start_time: float
    """Seconds since the epoch."""
    duration_ms: float | None
    status: str
    response: Any = None
    error: str | None = None
    error_type: str | None = None
    kind: str = "call"
    number: int = 0
    """Order of the beginnings within one process."""
    parent: str | None = None
    """Id of the interaction within which it happened."""
    process: int = 0
    thread: str = ""
    task: str | None = None
    scope: str | None = None
    failure: Failure | None = None
    chunks: list[tuple[int, int]] = []
    """Of a streamed answer: microseconds since the start, and size (bytes of a body, 1 for a message or item)."""
    notes: list[str] = []


class Header(msgspec.Struct, kw_only=True, tag="header", tag_field="type"):
    """The first line of a journal."""

    version: int = VERSION
    session_id: str
    """Milliseconds since the epoch, made unique in its folder."""
    name: str
    timestamp: str
    process: int
    tool: str
    """Version of Hot Fixture Tool."""
    key: str | None = None
    """Identifier of the key that surrogates were made with."""
    labels: dict[str, str] = {}


class Trailer(msgspec.Struct, kw_only=True, tag="trailer", tag_field="type"):
    """The last line of a journal that was ended properly."""

    count: int
    lost: int = 0
    """Calls that could not be recorded."""
    problems: list[str] = []
    closed: bool = True
    """False where the program went away before it had ended its session."""
