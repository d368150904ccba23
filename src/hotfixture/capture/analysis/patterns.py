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

F = TypeVar("F", bound=tuple[Any, ...])
V = TypeVar("V")
Called = tuple[str | int, float, bytes]
"""Of a first call its id, its duration, and the request if it is small."""
Went = tuple[str | int, float]
"""Of a first request its id, and when it was answered."""
Finding = dict[str, Any]


class _Recent(Generic[F, V]):
    """What was seen lately, by a hash of what it is; what was not for long is given to `ended`.

    Of most operations a test makes one call, and most requests go well the first time. Of a first call a tuple is
    held, that is let go without a word; that, hashes in place of keys, and two generations (when the young one is full,
    the old one ends, and the young one is the old one) make it a third of what an order of full records costs.
    """

    def __init__(self, ended: Callable[[V], None]) -> None:
        self._young: dict[int, F | V] = {}
        self._old: dict[int, F | V] = {}
        self._ended = ended

    def find(self, key: int) -> F | V | None:
        value = self._young.get(key)
        if value is None and (value := self._old.pop(key, None)) is not None:
            self._young[key] = value
        return value

    def put(self, key: int, value: F | V) -> None:
        self._young[key] = value
        if len(self._young) >= REMEMBERED:
            self._turn()

    def _turn(self) -> None:
        ending, self._old, self._young = self._old, self._young, {}
        for value in ending.values():
            if not isinstance(value, tuple):
                self._ended(value)

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
    """The same for calls of one operation that ask the same; headers of HTTP and metadata of gRPC ask nothing."""
    try:
        if seen.kind == "http":
            asked = _http(seen.request)
            return asked.method, asked.url, bytes(asked.body)
        if seen.kind == "grpc":
            return bytes(_grpc(seen.request).messages)
    except msgspec.DecodeError:
        pass  # no request of that kind; all of it is taken
    return bytes(seen.request)


class _Group:
    """Calls of one operation within one parent or test, from the second on."""

    __slots__ = ("count", "ids", "named", "requests", "total")

    def __init__(self, first: Called, seen: Glimpse) -> None:
        within = {"scope": seen.scope} if seen.parent is None else {"parent": seen.parent}
        self.named: Finding = {"service": seen.service, "operation": seen.operation, **within}
        self.count = 1
        self.ids = [first[0]]
        self.total = first[1]
        self.requests = [first[2]] if first[2] else []

    def add(self, seen: Glimpse) -> None:
        """One more call."""
        self.count += 1
        self.total += seen.duration_ms or 0.0
        if self.count <= EVIDENCE:
            self.ids.append(seen.id)
            if self.count <= SAMPLES and (request := _small(seen.request)):
                self.requests.append(request)


def _small(request: msgspec.Raw) -> bytes:
    """A request that may be looked at later; empty for one that is too large to be kept."""
    return bytes(request) if len(request) <= SAMPLE_BYTES else b""


class _Same:
    """One request within one parent or test: how often it went well, and the tries that are going on."""

    __slots__ = ("attempts", "count", "ended", "ids", "named", "tries", "waits")

    def __init__(self, first: Went | None, seen: Glimpse) -> None:
        self.named: Finding = {"service": seen.service, "operation": seen.operation}
        self.count = 0 if first is None else 1
        self.ids = [] if first is None else [first[0]]
        self.ended = 0.0 if first is None else first[1]
        self.attempts = 0
        self.tries: list[str | int] = []
        self.waits: list[float] = []

    def tried(self, seen: Glimpse) -> None:
        """One more attempt; `ended` is still that of the one before it."""
        if self.attempts and len(self.waits) < EVIDENCE:
            self.waits.append(round(max(0.0, seen.start_time - self.ended), 6))
        self.attempts += 1
        if len(self.tries) < EVIDENCE:
            self.tries.append(seen.id)

    def went_well(self, seen: Glimpse) -> None:
        """Answered at once."""
        self.count += 1
        if len(self.ids) < EVIDENCE:
            self.ids.append(seen.id)


class Patterns:
    """Watches calls go by; `journal_ended` between processes, `findings` at the end."""

    def __init__(self) -> None:
        self._found: dict[str, list[Finding]] = defaultdict(list)
        self._counts: dict[str, int] = defaultdict(int)
        self._begin()

    def _begin(self) -> None:
        self._groups: _Recent[Called, _Group] = _Recent(self._group_ended)
        self._same: _Recent[Went, _Same] = _Recent(self._same_ended)
        self._errors: dict[str, deque[tuple[float, str | int]]] = {}
        self._bursts: dict[str, Finding] = {}

    def add(self, seen: Glimpse, code: int | None) -> None:
        """One more call."""
        within = seen.parent if seen.parent is not None else (seen.scope, seen.thread)
        key = hash((within, seen.service, seen.operation))
        group = self._groups.find(key)
        if group is None:
            self._groups.put(key, (seen.id, seen.duration_ms or 0.0, _small(seen.request)))
        else:
            if isinstance(group, tuple):
                group = _Group(group, seen)
                self._groups.put(key, group)
            group.add(seen)
        bad = seen.status == "error" or (code is not None and (code == 429 or code >= 500))
        self._watch(seen, hash((key, fingerprint(seen))), bad=bad)
        if bad:
            self._error(seen)

    def _watch(self, seen: Glimpse, key: int, *, bad: bool) -> None:
        same = self._same.find(key)
        end = seen.start_time + (seen.duration_ms or 0.0) / 1000
        if same is None and not bad:
            self._same.put(key, (seen.id, end))
            return
        if same is None or isinstance(same, tuple):
            same = _Same(same, seen)
            self._same.put(key, same)
        again = same.attempts and seen.start_time - same.ended <= RETRY_WITHIN
        if same.attempts and not again:
            self._retried(same, recovered=False)
        if bad or again:
            same.tried(seen)
        else:
            same.went_well(seen)
        if again and not bad:
            self._retried(same, recovered=True)
        same.ended = end

    def _retried(self, same: _Same, *, recovered: bool) -> None:
        if same.attempts > 1:
            finding = {**same.named, "attempts": same.attempts, "recovered": recovered}
            self._keep("retries", {**finding, "waits_s": same.waits, "ids": same.tries}, same.attempts)
        same.attempts, same.tries, same.waits = 0, [], []

    def _same_ended(self, same: _Same) -> None:
        self._retried(same, recovered=False)
        if same.count >= REPEATED:
            self._keep("repeated_calls", {**same.named, "count": same.count, "ids": same.ids}, same.count)

    def _group_ended(self, group: _Group) -> None:
        place = _differing(group.requests) if group.count >= MANY else None
        if place is not None:
            found = {**group.named, "count": group.count, "differs_in": place}
            self._keep("n_plus_one", {**found, "total_duration": group.total, "ids": group.ids}, group.count)

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
