"""How far the mocks in use are from what was recorded: every interaction against the mock that would answer it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hotfixture.capture.analysis.statistics import wilson
from hotfixture.capture.comparing import volatile
from hotfixture.capture.comparing.answers import compare_answers, response_of
from hotfixture.capture.comparing.differences import Difference, agree, canonical
from hotfixture.capture.comparing.paths import Ignored
from hotfixture.capture.comparing.recorded import Source, interactions
from hotfixture.capture.comparing.requests import asked
from hotfixture.capture.comparing.tolerances import DEFAULT, Tolerance
from hotfixture.capture.mocks import Answer, Found, Mocks, mocks_of
from hotfixture.capture.records import Interaction

EXAMPLES = 5
UNFINISHED = {"cancelled": "the caller gave up", "closed": "the caller stopped reading"}


def compare(
    capture: Source,
    mocks: Any,
    *,
    tolerance: Tolerance = DEFAULT,
    ignore: Iterable[str] = (),
    learn_from: Iterable[Source] = (),
    strict: bool = False,
) -> dict[str, Any]:
    """The contract's keys, and beside them accuracy by operation with Wilson's interval, the volatile fields that were
    left out, and what could not be compared.

    An interaction counts as a match when its answer and the mock's agree (with `strict`: differ in nothing at all). One
    that no mock answers counts as a miss. Calls that failed are compared with mocks that say how they fail; mocks of
    the flat file cannot, and such calls are left out, as are those that the caller broke off. `learn_from` are other
    recordings of the same program: what differs between them is volatile, and left out.
    """
    found, given = interactions(capture), mocks_of(mocks)
    recordings = [found, *(interactions(one) for one in learn_from)]
    learned = volatile.learn(recordings) if len(recordings) > 1 else []
    comparison = _Comparison(tolerance, tuple(ignore), volatile.ignored(learned), strict=strict)
    given.rewind()
    for one in found:
        comparison.add(one, given)
    given.rewind()
    return {**comparison.result(), "volatile": [one.shown() for one in learned]}


@dataclass
class _Operation:
    """What came of one operation."""

    matches: int = 0
    count: int = 0
    severities: Counter[str] = field(default_factory=Counter)
    used: Counter[str] = field(default_factory=Counter)
    missing: list[Interaction] = field(default_factory=list)
    missed: int = 0


class _Comparison:
    """Interactions against mocks, one by one."""

    def __init__(
        self,
        tolerance: Tolerance,
        ignore: tuple[str, ...],
        learned: Mapping[tuple[str, str], list[str]],
        *,
        strict: bool,
    ) -> None:
        self._tolerance, self._strict = tolerance, strict
        self._ignore, self._learned = ignore, learned
        self._ignored: dict[tuple[str, str], Ignored] = {}
        self._operations: dict[tuple[str, str], _Operation] = defaultdict(_Operation)
        self._differences: dict[bytes, dict[str, Any]] = {}
        self._skipped: Counter[str] = Counter()
        self._given: dict[tuple[int, bytes], list[int]] = defaultdict(list)

    def add(self, one: Interaction, mocks: Mocks) -> None:
        """One more interaction."""
        if one.status in UNFINISHED:
            self._skipped[UNFINISHED[one.status]] += 1
            return
        found = mocks.find(one.kind, one.service, one.operation, one.request)
        operation = self._operations[one.service, one.operation]
        if found is None:
            if one.status == "error":
                self._skipped["the call failed, and no mock says how"] += 1
                return
            operation.count += 1
            operation.missed += 1
            if len(operation.missing) < EXAMPLES:
                operation.missing.append(one)
        elif one.status == "error" and not _fails(found):
            self._skipped["the call failed, and no mock says how"] += 1
        else:
            operation.count += 1
            self._compared(one, found, operation)

    def _compared(self, one: Interaction, found: Found, operation: _Operation) -> None:
        ignored = self._of(one)
        answer, differences = self._nearest(one, found, ignored)
        good = not differences if self._strict else agree(differences)
        operation.matches += good
        operation.severities.update(each.severity for each in differences)
        if differences:
            self._keep(one, found.beside(response_of(one), answer), differences, good=good)

    def _of(self, one: Interaction) -> Ignored:
        name = (one.service, one.operation)
        if name not in self._ignored:
            self._ignored[name] = Ignored((*self._ignore, *self._learned.get(name, ())))
        return self._ignored[name]

    def _nearest(self, one: Interaction, found: Found, ignored: Ignored) -> tuple[Answer, list[Difference]]:
        """The answer that is due; else one that was not given yet, or a variant, if it agrees."""
        rule = found.rule
        given = self._given[id(rule), canonical(found.asked.request)]
        due = next((number for number, each in enumerate(rule.answers) if each is found.answer), 0)
        order = [due, *(number for number in range(len(rule.answers)) if number != due and number not in given)]
        first: tuple[Answer, list[Difference]] | None = None
        for answer in (*(rule.answers[number] for number in order), *rule.variants):
            differences = self._against(one, found, answer, ignored)
            if first is None:
                first = answer, differences
            if agree(differences):
                given += [number for number, each in enumerate(rule.answers) if each is answer]
                return answer, differences
        assert first is not None
        return first

    def _against(self, one: Interaction, found: Found, answer: Answer, ignored: Ignored) -> list[Difference]:
        if one.status == "error" or answer.status == "error":
            real, theirs = _ending(one), _ending(answer)
            return [] if real == theirs else [Difference("status_mismatch", "", real, theirs, "breaking")]
        mock = found.beside(response_of(one), answer)
        return compare_answers(one.kind, one.response, mock, tolerance=self._tolerance, ignore=ignored)

    def _keep(self, one: Interaction, mock: Any, differences: list[Difference], *, good: bool) -> None:
        """One entry for all interactions of an operation that differ in the same places by the same values."""
        key = canonical(
            [one.service, one.operation, [[each.type, each.path, each.real, each.mock] for each in differences]]
        )
        entry = self._differences.get(key)
        if entry is None:
            entry = self._differences[key] = {
                "service": one.service, "operation": one.operation,
                "differences": [each.told() for each in differences],
                "real_sample": one.response, "mock_sample": mock, "count": 0, "ids": [], "match": good,
            }  # fmt: skip
        entry["count"] += 1
        if len(entry["ids"]) < EXAMPLES:
            entry["ids"].append(one.id)

    def result(self) -> dict[str, Any]:
        """The contract's keys, and ours."""
        count = sum(one.count for one in self._operations.values())
        matches = sum(one.matches for one in self._operations.values())
        entries = sorted(self._differences.values(), key=lambda one: (-one["count"], one["service"], one["operation"]))
        return {
            "total_comparisons": count,
            "matches": matches,
            "differences": [one for one in entries if not one["match"]],
            "missing_mocks": self._missing(),
            "accuracy_score": matches / count if count else 0.0,
            "accuracy_interval": list(wilson(matches, count)),
            "by_operation": [_accuracy(*each) for each in sorted(self._operations.items(), key=lambda each: each[0])],
            "cosmetic": [one for one in entries if one["match"]],
            "skipped": dict(self._skipped),
        }

    def _missing(self) -> list[dict[str, Any]]:
        """Operations that no mock answers, the most used first."""
        lacking = [(name, one) for name, one in self._operations.items() if one.missed]
        return [
            {
                "service": name[0], "operation": name[1], "count": one.missed,
                "real_response_sample": one.missing[0].response, "request_sample": asked(one.missing[0]),
                "ids": [each.id for each in one.missing],
            }
            for name, one in sorted(lacking, key=lambda each: (-each[1].missed, each[0]))
        ]  # fmt: skip


def _ending(one: Interaction | Answer) -> str:
    return f"{one.status} {one.error_type or ''}".strip()


def _fails(found: Found) -> bool:
    return any(one.status == "error" for one in (*found.rule.answers, *found.rule.variants))


def _accuracy(name: tuple[str, str], one: _Operation) -> dict[str, Any]:
    return {
        "service": name[0], "operation": name[1], "comparisons": one.count, "matches": one.matches,
        "missing": one.missed, "accuracy": one.matches / one.count if one.count else None,
        "interval": list(wilson(one.matches, one.count)), "severities": dict(one.severities),
    }  # fmt: skip
