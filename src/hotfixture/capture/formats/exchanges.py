"""An HTTP exchange as other tools see it: what is common to all of their formats."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hotfixture.capture.hooks.http import names
from hotfixture.capture.records import Frame, Interaction
from hotfixture.capture.sanitising import bodies
from hotfixture.capture.sanitising.interactions import interaction_of
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.errors import InputError, Problem, Where

Headers = list[tuple[str, str]]
OURS = ("id", "parent", "process", "thread", "task", "scope", "notes", "number")
"""What other formats have no field for; those that allow fields of others carry it in one of ours."""


@dataclass(slots=True)
class Exchange:
    """Request and answer; `status` is None where nothing was answered."""

    method: str
    url: str
    request_headers: Headers = field(default_factory=list)
    request_body: bytes | None = None
    status: int | None = None
    reason: str = ""
    version: str = "HTTP/1.1"
    headers: Headers = field(default_factory=list)
    body: bytes | None = None
    trailers: Headers = field(default_factory=list)
    started: float = 0.0
    duration_ms: float = 0.0
    chunks: Sequence[tuple[int, int]] = ()
    ours: Mapping[str, Any] = field(default_factory=dict)


def exchanges(interactions: Iterable[Interaction], lost: list[str]) -> Iterator[tuple[Interaction, Exchange]]:
    """Those that are of HTTP and were answered; what is left out is counted in `lost` when all are through."""
    others = unanswered = 0
    for interaction in interactions:
        if interaction.kind != "http":
            others += 1
        elif not interaction.response or "status" not in interaction.response:
            unanswered += 1
        else:
            yield interaction, exchange_of(interaction)
    if others:
        lost.append(f"{others} interactions that are not HTTP")
    if unanswered:
        lost.append(f"{unanswered} calls that were not answered")


def exchange_of(interaction: Interaction) -> Exchange:
    """The exchange of an answered interaction of HTTP."""
    request, response = interaction.request, interaction.response
    return Exchange(
        method=request["method"],
        url=request["url"],
        request_headers=_pairs(request.get("headers")),
        request_body=_raw(request.get("body")),
        status=response["status"],
        reason=response.get("reason") or "",
        version=response.get("version") or "HTTP/1.1",
        headers=_pairs(response.get("headers")),
        body=_raw(response.get("body")),
        trailers=_pairs(response.get("trailers")),
        started=interaction.start_time,
        duration_ms=interaction.duration_ms or 0.0,
        chunks=interaction.chunks,
        ours={name: value for name in OURS if (value := getattr(interaction, name)) not in (None, "", [])},
    )


def _pairs(found: Any) -> Headers:
    return [(name, value) for name, value in found or ()]


def _raw(form: Any) -> bytes | None:
    return None if form is None else bodies.raw_of(form)


def imported(
    entries: Iterable[Any], make: Callable[[Any], Exchange], noun: str, path: Path, sanitiser: Sanitiser
) -> Iterator[Interaction]:
    """The interactions of a file's entries, in their order; then InputError, where some are none, that says them all.

    Of an entry that is none only the sort of its fault is said, or the field that is missing: values may be secrets.
    """
    problems: list[Problem] = []
    for number, entry in enumerate(entries, 1):
        try:
            exchange = make(entry)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            fault = f"no {error.args[0]!r}" if isinstance(error, KeyError) else type(error).__name__
            problems.append(Problem(f"{noun} {number} cannot be read: {fault}", Where(str(path))))
        else:
            yield interaction_from(exchange, sanitiser, number)
    if problems:
        raise InputError.of(problems)


def interaction_from(exchange: Exchange, sanitiser: Sanitiser, number: int, *, prefix: str = "imported") -> Interaction:
    """The interaction of an exchange that another tool had recorded, cleaned as if it were recorded now."""
    service, operation = names(exchange.method, exchange.url)
    data, chunks = exchange.body, list(exchange.chunks)
    if data is not None and sum(size for _, size in chunks) != len(data):
        chunks = [(round(exchange.duration_ms * 1000), len(data))]
    response: dict[str, Any] | None = None
    if exchange.status is not None:
        response = {"status": exchange.status, "reason": exchange.reason, "version": exchange.version,
                    "headers": exchange.headers}  # fmt: skip
        response |= {"trailers": exchange.trailers} if exchange.trailers else {}
    request = {"method": exchange.method, "url": exchange.url, "headers": exchange.request_headers}
    frame = Frame(
        number, None, "http", service, operation, request, response,
        [] if exchange.request_body is None else [exchange.request_body], _cut(data, chunks),
        [at for at, _ in chunks] if data is not None else [],
        exchange.started, round(exchange.duration_ms * 1e6), "success", None, "", None, None, [],
    )  # fmt: skip
    made = interaction_of(frame, sanitiser, process=0, prefix=prefix)
    for name, value in exchange.ours.items():
        if name in OURS:
            setattr(made, name, value)
    return made


def _cut(data: bytes | None, chunks: Sequence[tuple[int, int]]) -> list[bytes]:
    if data is None:
        return []
    pieces, start = [], 0
    for _, size in chunks:
        pieces.append(data[start : start + size])
        start += size
    return pieces


def text_or_base64(data: bytes) -> tuple[str, bool]:
    """The text of some bytes, or their base64 and True where they are none."""
    try:
        return data.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(data).decode(), True


def header(headers: Headers, name: str) -> str:
    """The value of the first header of that name; empty where there is none."""
    return next((value for found, value in headers if found.lower() == name), "")
