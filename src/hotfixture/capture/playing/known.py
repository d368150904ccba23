"""What is known of the requests of well-known services: which parts of them are made anew in every run."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

AUTO_ID = re.compile(r"(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9]{20}")
"""The ids that Firestore's clients make up for new documents."""


def asked(method: str, data: Any) -> Any:
    """The content of a request as it takes part in matching: what is made anew in every run looks like a UUID."""
    change = _SERVICES.get(method.lstrip("/").rpartition("/")[0])
    return data if change is None else _changed(data, change)


def _changed(data: Any, change: Callable[[str], Any]) -> Any:
    if isinstance(data, str):
        return change(data)
    if isinstance(data, dict):
        return {name: _changed(inner, change) for name, inner in data.items()}
    if isinstance(data, list):
        return [_changed(inner, change) for inner in data]
    return data


def _firestore(text: str) -> Any:
    """A path becomes a list where one of its documents has a made-up id."""
    segments = text.split("/")
    if not any(AUTO_ID.fullmatch(one) for one in segments):
        return text
    told = [hashlib.md5(one.encode()).hexdigest() if AUTO_ID.fullmatch(one) else one for one in segments]  # noqa: S324 - no secret: only the look of a UUID is wanted
    return told if len(told) > 1 else told[0]


_SERVICES: Mapping[str, Callable[[str], Any]] = {"google.firestore.v1.Firestore": _firestore}

NOISE = frozenset(
    (f"google.firestore.v1.Firestore/{method}", f"body[].{path}")
    for method, paths in {
        "BatchGetDocuments": ("transaction", "readTime"),
        "BeginTransaction": ("options.readWrite.retryTransaction", "options.readOnly.readTime"),
        "Commit": ("transaction",),
        "Listen": ("addTarget.resumeToken", "addTarget.readTime"),
        "Rollback": ("transaction",),
        "RunAggregationQuery": ("transaction", "readTime"),
        "RunQuery": ("transaction", "readTime"),
        "Write": ("streamId", "streamToken"),
    }.items()
    for path in paths
)
"""Fields of requests that a server made up earlier: transactions, tokens, times."""
