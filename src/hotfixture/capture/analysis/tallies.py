"""Counts and durations per service and operation, gathered in one pass and bounded memory."""

from __future__ import annotations

from collections import Counter
from heapq import heappush, heappushpop
from typing import Any

from hotfixture.capture.analysis.reading import Glimpse
from hotfixture.capture.analysis.statistics import Sample, wilson

OPERATIONS = 1000
"""Operations told apart; the calls of all others are counted together."""
OTHERS = "(others)"
ERRORS = 1000
"""Errors that are listed one by one; all are counted."""
EXAMPLES = 5
SERVER_ERROR = 500
"""The least status of HTTP by which a server says that it failed; to the program such a call is answered."""


class Tally:
    """One operation."""

    __slots__ = ("_slowest", "codes", "count", "durations", "errors", "operation", "service", "statuses")

    def __init__(self, service: str, operation: str) -> None:
        self.service, self.operation = service, operation
        self.count = 0
        self.durations = Sample()
        self.errors: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.codes: Counter[int] = Counter()
        """Statuses of HTTP answers."""
        self._slowest: list[tuple[float, str]] = []

    def add(self, seen: Glimpse, code: int | None) -> None:
        """One more call."""
        self.count += 1
        if code is not None:
            self.codes[code] += 1
        self.statuses[seen.status] += 1
        duration = seen.duration_ms
        if duration is not None:
            self.durations.add(duration)
            slow = self._slowest
            if len(slow) < EXAMPLES:
                heappush(slow, (duration, str(seen.id)))
            elif duration > slow[0][0]:
                heappushpop(slow, (duration, str(seen.id)))

    @property
    def failed(self) -> int:
        """Calls that ended with an error."""
        return self.statuses["error"]

    @property
    def slowest(self) -> list[dict[str, Any]]:
        """The slowest calls, slowest first."""
        return [{"id": one, "duration_ms": duration} for duration, one in sorted(self._slowest, reverse=True)]

    def summary(self) -> dict[str, Any]:
        """All that is known of the operation; durations in milliseconds."""
        held = self.durations
        middle, p90, p95, p99 = held.percentiles(50, 90, 95, 99)
        return {
            "service": self.service,
            "operation": self.operation,
            "count": self.count,
            "errors": self.failed,
            "error_types": dict(self.errors.most_common()),
            "error_rate_interval": list(wilson(self.failed, self.count)),
            "http_statuses": {str(code): count for code, count in sorted(self.codes.items())},
            "statuses": dict(self.statuses.most_common()),
            "total_duration": held.total,
            "min_duration": held.least if held.count else 0.0,
            "avg_duration": held.mean,
            "p50": middle,
            "p90": p90,
            "p95": p95,
            "p99": p99,
            "max_duration": held.greatest if held.count else 0.0,
            "percentiles_exact": held.exact,
            "slowest": self.slowest,
        }


class Tallies:
    """All operations of some sessions."""

    def __init__(self) -> None:
        self.by_name: dict[tuple[str, str], Tally] = {}
        self.errors: list[dict[str, Any]] = []

    def add(self, seen: Glimpse, code: int | None) -> None:
        """One more call."""
        tally = self.by_name.get((seen.service, seen.operation)) or self._new(seen)
        tally.add(seen, code)
        if seen.status == "error":
            kind = seen.error_type or "unknown"
            tally.errors[kind] += 1
            if len(self.errors) < ERRORS:
                self.errors.append(_error(seen))

    def _new(self, seen: Glimpse) -> Tally:
        name = (seen.service, seen.operation) if len(self.by_name) < OPERATIONS else (seen.service, OTHERS)
        if name not in self.by_name and len(self.by_name) >= 2 * OPERATIONS:
            name = (OTHERS, OTHERS)
        return self.by_name.setdefault(name, Tally(*name))

    def __iter__(self) -> Any:
        return iter(self.by_name.values())


def _error(seen: Glimpse) -> dict[str, Any]:
    return {
        "service": seen.service,
        "operation": seen.operation,
        "error": seen.error,
        "error_type": seen.error_type,
        "id": seen.id,
        "start_time": seen.start_time,
    }
