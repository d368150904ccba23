"""What Prometheus reads at /metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60)


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        of: dict[str, Any] = {"registry": self.registry, "namespace": "mockcraft"}
        self._requests = Counter("requests", "Requests answered.", ["endpoint", "status"], **of)
        self._seconds = Histogram("request_seconds", "Time to answer a request.", ["endpoint"], buckets=_SECONDS, **of)
        self.values = Counter("values", "Values made for /api/generate.", **of)
        self.limited = Counter("rate_limited", "Requests refused by a rate limit.", ["endpoint"], **of)
        self.concurrent = Gauge("requests_in_work", "Requests being answered.", **of)
        self.jobs = Gauge("jobs", "Jobs in the store by state.", ["state"], **of)
        self.job_rows = Counter("job_rows", "Rows written by jobs that ended here.", **of)
        self.jobs_ended = Counter("jobs_ended", "Jobs that ended on this server.", ["state"], **of)
        self.takeovers = Counter("job_takeovers", "Jobs taken over after their worker or server died.", **of)
        self.disk = Gauge("disk_bytes", "Bytes of all jobs' files.", **of)
        self._cached: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    def request(self, endpoint: str, status: int, seconds: float) -> None:
        """Count one answer."""
        key = (endpoint, status)
        found = self._cached.get(key)
        if found is None:
            found = self._requests.labels(endpoint, str(status)), self._seconds.labels(endpoint)
            self._cached[key] = found
        found[0].inc()
        found[1].observe(seconds)

    def set_jobs(self, counts: Mapping[str, int]) -> None:
        """The number of jobs in each state."""
        for state, number in counts.items():
            self.jobs.labels(state).set(number)

    def text(self) -> bytes:
        """All of it in Prometheus's text form."""
        return generate_latest(self.registry)
