"""Many small cases of one property as a few tests: what a test costs by itself, a case of a millisecond need not pay.

Every case is tried, whatever fails before it; a failure names each case that failed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

Test = Callable[..., None]
Case = tuple[str, tuple[Any, ...]]
"""Its name, and a value for each argument."""
FAILURES = (Exception, pytest.fail.Exception, pytest.skip.Exception)
"""A case cannot be skipped: nobody would see which."""


def bundled(*arguments: str, bundles: Mapping[str, Iterable[Case]]) -> Callable[[Test], Test]:
    """One test a bundle, of a test of one case that takes these arguments, and fixtures beside them."""

    def decorate(test: Test) -> Test:
        def holds_for_all(bundle: Iterable[Case], **fixtures: Any) -> None:
            failed = []
            for name, values in bundle:
                try:
                    test(**dict(zip(arguments, values, strict=True)), **fixtures)
                except FAILURES as error:
                    error.add_note(f"case: {name}")
                    failed.append(error)
            if failed:
                raise BaseExceptionGroup(f"cases that failed: {len(failed)}", failed)

        asked = [one for name, one in inspect.signature(test).parameters.items() if name not in arguments]
        bundle = inspect.Parameter("bundle", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        holds_for_all.__signature__ = inspect.Signature([bundle, *asked])  # type: ignore[attr-defined]  # pytest reads it
        for name in ("__name__", "__qualname__", "__module__", "__doc__"):
            setattr(holds_for_all, name, getattr(test, name))
        return pytest.mark.parametrize("bundle", [list(cases) for cases in bundles.values()], ids=list(bundles))(
            holds_for_all
        )

    return decorate


def by_beginning(cases: Iterable[Case], separator: str) -> dict[str, list[Case]]:
    """Bundles of the cases whose names begin alike, up to the separator."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(case[0].partition(separator)[0], []).append(case)
    return found
