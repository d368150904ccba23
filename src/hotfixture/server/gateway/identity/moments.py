"""Times as the API says them."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(seconds: float) -> str:
    """ISO 8601 in UTC, to the second, of seconds since 1970."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
