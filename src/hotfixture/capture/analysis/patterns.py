"""What calls do together: retries, N+1, repeated identical calls, error bursts, slow tails; each with its evidence.

Looked for journal by journal, that is within one process, as the calls go by; what is remembered is bounded.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Generic, TypeVar

import msgspec

from hotfixture.capture.analysis.reading import Glimpse
from hotfixture.capture.analysis.tallies import Tally
from hotfixture.capture.comparing.paths import written
from hotfixture.capture.comparing.requests import view

RETRY_WITHIN = 30.0
"""Seconds between a failure and the same request, up to which that is a retry."""
MANY = 5
"""Calls of one operation within one parent or test, that differ in one value, from which they are an N+1."""
REPEATED = 3
"""Identical calls within one parent or test, from which they are listed."""
BURST, BURST_WITHIN = 5, 10.0
"""Errors of one service within so many seconds, from which they are a burst."""
TAIL, TAIL_FROM = 10.0, 20
"""Times the median that the 99th percentile of a slow tail is, and the calls from which it is told."""
REMEMBERED = 2048
"""Requests, and groups of calls, that are followed at a time; twice as many at most."""
SAMPLES, SAMPLE_BYTES = 8, 4096
"""Requests of a group that are looked at, and their largest size."""
EVIDENCE = 20
LISTED = 200
"""Findings of one pattern that are listed, the greatest first."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Finding = dict[str, Any]


class _Recent(Generic[K, V]):
    """The things that were seen lately; what was not for long is given to `ended`.

    Two generations: when the young one is full, the old one ends, and the young one is the old one. That costs a
    quarter of what an order of all of them does.
    """

    def __init__(self, ended: Callable[[K, V], None]) -> None:
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}
        self._ended = ended

    def find(self, key: K) -> V | None:
        value = self._young.get(key)
        if value is None and (value := self._old.pop(key, None)) is not None:
            self._young[key] = value
        return value

    def put(self, key: K, value: V) -> V:
        self._young[key] = value
        if len(self._young) >= REMEMBERED:
            self._turn()
        return value

    def _turn(self) -> None:
        ending, self._old, self._young = self._old, self._young, {}
        for key, value in ending.items():
            self._ended(key, value)

    def close(self) -> None:
        self._turn()
        self._turn()

    def __len__(self) -> int:
        return len(self._young) + len(self._old)


class _Http(msgspec.Struct):
    method: str = ""
    url: str = ""
    body: msgspec.Raw = msgspec.Raw(b"null")


class _Grpc(msgspec.Struct):
    messages: msgspec.Raw = msgspec.Raw(b"[]")


_http = msgspec.json.Decoder(_Http).decode
_grpc = msgspec.json.Decoder(_Grpc).decode
_any = msgspec.json.Decoder().decode


def fingerprint(seen: Glimpse) -> Hashable:
    """The same for calls that ask the same; headers of HTTP and metadata of gRPC are not part of the question."""
    try:
        if seen.kind == "http":
            asked = _http(seen.request)
            return seen.service, seen.operation, asked.method, asked.url, hash(bytes(asked.body))
        if seen.kind == "grpc":
            return seen.service, seen.operation, hash(bytes(_grpc(seen.request).messages))
    except msgspec.DecodeError:
        pass  # no request of that kind; all of it is taken
    return seen.service, seen.operation, hash(bytes(seen.request))


class _Group:
    """Calls of one operation within one parent or test."""

    __slots__ = ("count", "ids", "requests", "total")

    def __init__(self) -> None:
        self.count = 0
        self.total = 0.0
        self.ids: list[str | int] = []
        self.requests: list[bytes] = []


class _Same:
    """One request within one parent or test, and the tries of it that failed."""

    __slots__ = ("count", "ended", "ids", "tries", "waits")

    def __init__(self, ids: tuple[str | int, ...] = (), ended: float = 0.0) -> None:
        self.count = len(ids)
        self.ended = ended
        self.ids = ids
        self.tries: tuple[str | int, ...] = ()
        self.waits: tuple[float, ...] = ()


class Patterns:
    """Watches calls go by; `journal_ended` between processes, `findings` at the end."""

    def __init__(self) -> None:
        self._found: dict[str, list[Finding]] = defaultdict(list)
        self._counts: dict[str, int] = defaultdict(int)
        self._begin()

    def _begin(self) -> None:
        self._groups: _Recent[Hashable, _Group] = _Recent(self._group_ended)
        self._same: _Recent[Hashable, _Same | tuple[str | int, float]] = _Recent(self._same_ended)
        """Most requests are made once, and go well: of those the id and the end are enough."""
        self._errors: dict[str, deque[tuple[float, str | int]]] = {}
        self._bursts: dict[str, Finding] = {}

    def add(self, seen: Glimpse, code: int | None) -> None:
        """One more call."""
        within = seen.parent if seen.parent is not None else (seen.scope, seen.thread)
        name = within, seen.service, seen.operation
        group = self._groups.find(name) or self._groups.put(name, _Group())
        group.count += 1
        group.total += seen.duration_ms or 0.0
        if group.count <= EVIDENCE:
            group.ids.append(seen.id)
            if group.count <= SAMPLES and len(seen.request) <= SAMPLE_BYTES:
                group.requests.append(bytes(seen.request))
        bad = seen.status == "error" or (code is not None and (code == 429 or code >= 500))
        self._watch(seen, (within, fingerprint(seen)), bad=bad)
        if bad:
            self._error(seen)

    def _watch(self, seen: Glimpse, key: Hashable, *, bad: bool) -> None:
        same = self._same.find(key)
        end = seen.start_time + (seen.duration_ms or 0.0) / 1000
        if same is None and not bad:
            self._same.put(key, (seen.id, end))
            return
        if not isinstance(same, _Same):
            same = _Same() if same is None else _Same(same[:1], same[1])
            self._same.put(key, same)
        if same.tries and seen.start_time - same.ended <= RETRY_WITHIN:
            same.waits += (round(max(0.0, seen.start_time - same.ended), 6),)
            same.tries += (seen.id,)
            if not bad:
                self._retried(seen.service, seen.operation, same, recovered=True)
        elif bad:
            self._retried(seen.service, seen.operation, same, recovered=False)
            same.tries = (seen.id,)
        else:
            same.count += 1
            if len(same.ids) < EVIDENCE:
                same.ids += (seen.id,)
        same.ended = end

    def _retried(self, service: str, operation: str, same: _Same, *, recovered: bool) -> None:
        if len(same.tries) > 1:
            self._keep("retries", {
                "service": service, "operation": operation, "attempts": len(same.tries), "recovered": recovered,
                "waits_s": list(same.waits[:EVIDENCE]), "ids": list(same.tries[:EVIDENCE]),
            }, len(same.tries))  # fmt: skip
        same.tries, same.waits = (), ()

    def _same_ended(self, key: Any, same: _Same | tuple[str | int, float]) -> None:
        if not isinstance(same, _Same):
            return
        _, (service, operation, *_) = key
        self._retried(service, operation, same, recovered=False)
        if same.count >= REPEATED:
            finding = {"service": service, "operation": operation, "count": same.count, "ids": list(same.ids)}
            self._keep("repeated_calls", finding, same.count)

    def _group_ended(self, key: Any, group: _Group) -> None:
        if group.count < MANY:
            return
        place = _differing(group.requests)
        if place is None:
            return
        within, service, operation = key
        named = {"parent": within} if not isinstance(within, tuple) else {"scope": within[0]}
        self._keep("n_plus_one", {
            "service": service, "operation": operation, "count": group.count, "differs_in": place, **named,
            "total_duration": group.total, "ids": group.ids,
        }, group.count)  # fmt: skip

    def _error(self, seen: Glimpse) -> None:
        recent = self._errors.setdefault(seen.service, deque())
        recent.append((seen.start_time, seen.id))
        while seen.start_time - recent[0][0] > BURST_WITHIN:
            recent.popleft()
        burst = self._bursts.get(seen.service)
        if burst is not None and seen.start_time - burst["until"] <= BURST_WITHIN:
            burst["until"], burst["count"] = seen.start_time, burst["count"] + 1
            if len(burst["ids"]) < EVIDENCE:
                burst["ids"].append(seen.id)
        elif len(recent) >= BURST:
            self._burst_ended(seen.service)
            self._bursts[seen.service] = {
                "service": seen.service, "count": len(recent), "since": recent[0][0], "until": seen.start_time,
                "ids": [one for _, one in recent],
            }  # fmt: skip
        if len(recent) > EVIDENCE:
            recent.popleft()

    def _burst_ended(self, service: str) -> None:
        burst = self._bursts.pop(service, None)
        if burst is not None:
            self._keep("error_bursts", burst, burst["count"])

    def _keep(self, name: str, finding: Finding, weight: float) -> None:
        self._counts[name] += 1
        kept = self._found[name]
        kept.append({**finding, "_weight": weight})
        if len(kept) >= 2 * LISTED:
            kept[:] = _greatest(kept)

    def journal_ended(self) -> None:
        """The next call is another process's."""
        self._groups.close()
        self._same.close()
        for service in list(self._bursts):
            self._burst_ended(service)
        self._begin()

    def findings(self, tallies: Iterable[Tally]) -> dict[str, list[Finding]]:
        """What was found, by pattern, the greatest first."""
        self.journal_ended()
        names = ("retries", "n_plus_one", "repeated_calls", "error_bursts")
        found = {name: [_shown(one) for one in _greatest(self._found[name])] for name in names}
        return {**found, "slow_tails": slow_tails(tallies)}

    @property
    def counts(self) -> dict[str, int]:
        """How often each pattern was found, those that are not listed included."""
        return dict(self._counts)


def _greatest(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda one: -one["_weight"])[:LISTED]


def _shown(finding: Finding) -> Finding:
    return {name: value for name, value in finding.items() if name != "_weight"}


def slow_tails(tallies: Iterable[Tally]) -> list[Finding]:
    """Operations of which one call in a hundred takes many times as long as the middle one."""
    found = []
    for tally in tallies:
        middle, p99 = tally.durations.percentiles(50, 99)
        if tally.count >= TAIL_FROM and middle > 0 and p99 >= TAIL * middle:
            found.append({
                "service": tally.service, "operation": tally.operation, "count": tally.count, "p50": middle,
                "p99": p99, "ratio": p99 / middle, "ids": [one["id"] for one in tally.slowest],
            })  # fmt: skip
    return sorted(found, key=lambda one: -one["ratio"])


def _differing(requests: list[bytes]) -> str | None:
    """The one place in which requests differ; None where they differ in none or in several."""
    if len(requests) < 2:
        return None
    leaves = [dict(_leaves((), view(_any(one)))) for one in requests]
    places = {
        place
        for other in leaves[1:]
        for place in leaves[0].keys() | other.keys()
        if leaves[0].get(place, leaves) != other.get(place, leaves)
    }
    return written(places.pop()) if len(places) == 1 else None


def _leaves(place: tuple[str | int, ...], value: Any) -> Iterable[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict) and len(place) < 20:
        for key, inner in value.items():
            if not (not place and key == "headers"):
                yield from _leaves((*place, str(key)), inner)
    elif isinstance(value, list) and len(place) < 20:
        for number, inner in enumerate(value):
            yield from _leaves((*place, number), inner)
    else:
        yield place, value
