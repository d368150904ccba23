"""Recordings made for tests of playback: real sessions, written by a session within the process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from hotfixture.capture.session import Session

JSON = [("content-type", "application/json")]
Asked = tuple[str, str, Any]
"""Method, URL, body (None for no body)."""


def http(session: Session, asked: Asked, answer: Any, *, status: int = 200, scope: str | None = None) -> None:
    """One recorded exchange."""
    method, url, body = asked
    session.scope = scope
    call = session.begin("http", "api.example", f"{method} …", {"method": method, "url": url, "headers": JSON})
    if body is not None:
        call.send(msgspec.json.encode(body))
    call.answered(status=status, reason="OK", version="HTTP/1.1", headers=JSON)
    call.chunk(msgspec.json.encode(answer))
    call.done()


def record(folder: Path, exchanges: Sequence[tuple[Asked, Any]]) -> Path:
    """A session of these exchanges; gives its folder."""
    session = Session("recorded", directory=folder, within=True)
    for asked, answer in exchanges:
        http(session, asked, answer)
    session.close()
    return session.folder


def ask(playback: Any, asked: Asked) -> Any:
    """What the playback answers, decoded."""
    method, url, body = asked
    sent = [] if body is None else [msgspec.json.encode(body)]
    played = playback.play("http", "api.example", f"{method} …", {"method": method, "url": url, "headers": JSON}, sent)
    return msgspec.json.decode(played.body)
