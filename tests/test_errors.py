"""Errors say where, what was found and what to do; each class has its exit code."""

from __future__ import annotations

import pytest

from hotfixture import errors
from hotfixture.errors import HotFixtureError, InputError, OptionError, Problem, UnknownNameError, Where


def classes() -> list[type[HotFixtureError]]:
    return [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, HotFixtureError)]


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = (errors.__doc__ or "").splitlines()
    code = 1
    found: dict[str, int] = {}
    for line in drawn:
        words = line.replace("├", " ").replace("─", " ").replace("└", " ").replace("│", " ").split()
        if words and words[0].endswith("Error"):
            code = int(words[2]) if words[1:2] == ["exit"] else code
            found[words[0]] = code
    assert found == {one.__name__: one.exit_code for one in classes()}


def test_places_are_written_as_compilers_write_them() -> None:
    assert str(Where("t.yaml", 3, 5)) == "t.yaml:3:5"
    assert str(Where("t.yaml", 3)) == "t.yaml:3"
    assert str(Where("t.yaml")) == "t.yaml"


def test_problems_of_one_error_stand_in_the_order_of_their_places() -> None:
    places = [Where("b", 1, 1), Where("a", 10, 2), None, Where("a", 9, 30), Where("a", 10, 1)]
    error = InputError.of(Problem(f"p{number}", where) for number, where in enumerate(places))
    assert [problem.message for problem in error.problems] == ["p2", "p3", "p4", "p1", "p0"]
    assert str(error).splitlines() == ["p2", "a:9:30: p3", "a:10:1: p4", "a:10:2: p1", "b:1:1: p0"]


def test_a_hint_stands_below_its_problem() -> None:
    assert str(InputError("no such thing", where=Where("a", 1, 2), hint="Make one.")) == (
        "a:1:2: no such thing\n  Make one."
    )


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("custmers", ["customers", "orders"], "Did you mean customers?"),
        ("emial", ["email", "decimal"], "Did you mean email?"),
        ("x", ["orders", "customers"], "Known: orders, customers. See the manual."),
        ("x", [], "See the manual."),
        ("x", [f"table{number}" for number in range(13)], "See the manual."),
    ],
)
def test_a_near_miss_is_suggested_and_few_names_are_listed(name: str, known: list[str], hint: str) -> None:
    (problem,) = UnknownNameError("table", name, known, hint="See the manual.").problems
    assert problem.message == f"unknown table {name!r}"
    assert problem.hint == hint


def test_a_wrong_option_is_said_as_it_was_written() -> None:
    error = OptionError("count", -1, "1 or more")
    assert (str(error), error.option) == ("count=-1: expected 1 or more", "count")
