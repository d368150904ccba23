"""Mocks made of what was recorded: a flat file, one response an operation; or rules that answer more than was asked."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from hotfixture.capture.comparing.answers import is_http_answer, response_of
from hotfixture.capture.comparing.differences import canonical
from hotfixture.capture.comparing.recorded import Source, interactions
from hotfixture.capture.mocks import Mocks
from hotfixture.capture.records import Interaction


def create_mock_baseline(capture: Source, output: str | os.PathLike[str], *, generalise: bool = False) -> int:
    """Write mocks of a session to a file; the number of mocks comes out.

    Flat, as the first framework has it: of each operation the whole response that was given most often, those that
    mean success first. With `generalise` rules in the format of `mocks`. The same recordings give the same bytes, in
    whatever order parallel calls were answered.
    """
    found = interactions(capture)
    made = generalised(found) if generalise else flat(found)
    made.save(output)
    return len(made)


def flat(found: Iterable[Interaction]) -> Mocks:
    """One response for each operation that was answered."""
    answers: dict[str, Counter[bytes]] = defaultdict(Counter)
    samples: dict[bytes, Any] = {}
    for one in found:
        if one.status == "success":
            response = response_of(one)
            key = canonical(response)
            answers[f"{one.service}.{one.operation}"][key] += 1
            samples.setdefault(key, response)
    chosen = {
        name: samples[min(counts, key=lambda key, counts=counts: (_fails(samples[key]), -counts[key], key))]  # type: ignore[misc]  # the default binds the loop's variable
        for name, counts in sorted(answers.items())
    }
    return Mocks(flat=chosen)


def _fails(response: Any) -> bool:
    return is_http_answer(response) and response["status"] >= 400


def generalised(found: Iterable[Interaction]) -> Mocks:
    """Rules that answer every recorded request as it was answered, and others of their like."""
    from hotfixture.capture.induction import rules_of

    return Mocks(rules_of(found))
