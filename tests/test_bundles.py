"""A bundle tries every case, and its failure names each that failed."""

from __future__ import annotations

import pytest
from tests.bundles import Case, bundled, by_beginning

CASES: list[Case] = [(f"{kind}.{number}", (number,)) for kind, number in (("a", 1), ("a", 2), ("b", 3), ("a", 4))]


def test_cases_whose_names_begin_alike_are_a_bundle_in_their_order() -> None:
    assert by_beginning(CASES, ".") == {"a": [CASES[0], CASES[1], CASES[3]], "b": [CASES[2]]}


def test_every_case_is_tried_and_a_failure_names_each_that_failed(tmp_path: object) -> None:
    tried = []

    @bundled("number", bundles=by_beginning(CASES, "."))
    def test(number: int, tmp_path: object) -> None:
        tried.append((number, tmp_path))
        if number == 1:
            pytest.skip("nobody would see it")
        with pytest.raises(ZeroDivisionError):
            _ = number % (number - 4)
        assert number > 2

    with pytest.raises(BaseExceptionGroup) as caught:
        test(bundle=CASES, tmp_path=tmp_path)
    assert [error.__notes__ for error in caught.value.exceptions] == [["case: a.1"], ["case: a.2"], ["case: b.3"]]
    assert tried == [(number, tmp_path) for number in (1, 2, 3, 4)]
    test(bundle=CASES[3:], tmp_path=tmp_path)


@bundled("number", bundles=by_beginning(CASES, "."))
def test_a_bundle_is_a_test_with_fixtures_beside_its_cases(number: int, request: pytest.FixtureRequest) -> None:
    assert request.node.name.endswith(f"[{'b' if number == 3 else 'a'}]")
