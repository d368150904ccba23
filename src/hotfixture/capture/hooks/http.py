"""What all hooks on HTTP share: how a call is named."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

_HOLE = re.compile(r"\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16,}", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def names(method: str, url: str) -> tuple[str, str]:
    """Service and operation: the host, with a port that is not the usual one; the method and the path's template."""
    parts = urlsplit(url)
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    segments = ("{id}" if _HOLE.fullmatch(segment) else segment for segment in parts.path.split("/"))
    return f"{parts.hostname or ''}{port}", f"{method} {'/'.join(segments) or '/'}"


def pairs(raw: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    """Headers as text; every byte stands for one character (latin-1), as HTTP has it."""
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw]
