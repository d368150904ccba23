"""Parameters are resolved all at once: values of the declared types, or every problem."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

import pytest

from hotfixture.errors import InputError
from hotfixture.plans.parameters import resolve
from hotfixture.plans.template import Template, from_text
from hotfixture.plans.values import DateRange

A_TIMESTAMP = "expected a timestamp, as in 2024-10-15 14:30:00 or 2024-10-15T14:30:00+02:00"
TODAY = date(2024, 10, 15)


def template(parameters: str = "", query: str = "SELECT 1", prepare: str = "[]") -> Template:
    head = f"parameters: {parameters}\n" if parameters else ""
    return from_text(f'name: t\n{head}prepare: {prepare}\nexports: {{q: {{provider: P, query: "{query}"}}}}', "t.yaml")


def problems(of: Template, given: Mapping[str, object]) -> list[str]:
    with pytest.raises(InputError) as caught:
        resolve(of, given, TODAY)
    return [str(problem) for problem in caught.value.problems]


DECLARED = (
    "{ids: {type: list[integer], description: whose}, start: timestamp,"
    " period: {type: date_range, default: last_7_days}, note: {required: false}}"
)


def test_words_become_values_of_the_declared_types():
    values = resolve(template(DECLARED), {"ids": "12847,15923", "start": "2024-10-15 14:30:00"}, TODAY)
    assert values == {
        "ids": [12847, 15923],
        "start": datetime(2024, 10, 15, 14, 30),  # noqa: DTZ001 - without a zone, as it was written
        "period": DateRange(date(2024, 10, 9), TODAY),
        "period.start": date(2024, 10, 9),
        "period.end": TODAY,
        "period.after": date(2024, 10, 16),
        "note": None,
        "row_limit": None,
        "sample_rate": None,
        "include_indexes": None,
        "debug_mode": None,
    }


def test_what_every_template_understands_needs_no_declaration():
    given = {"row_limit": "5", "table_size_factor": "0.1", "include_indexes": "no", "debug_mode": True}
    values = resolve(template("{}"), given, TODAY)
    assert values == {"row_limit": 5, "sample_rate": Decimal("0.1"), "include_indexes": False, "debug_mode": True}


def test_a_default_is_for_the_day_of_the_run():
    of = template("{d: {type: date, default: yesterday}}")
    assert resolve(of, {}, TODAY)["d"] == date(2024, 10, 14)
    assert resolve(of, {}, date(2025, 1, 1))["d"] == date(2024, 12, 31)


def test_everything_that_is_wrong_is_said_at_once():
    found = problems(template(DECLARED), {"id": "1", "start": "14:30", "row_limit": "0"})
    assert found == [
        "row_limit=0: expected at least 1",
        f"start=14:30: {A_TIMESTAMP}\n  Declared at t.yaml:2:62: timestamp.",
        "unknown parameter 'id'\n  Did you mean ids?",
        "t.yaml:2:14: the parameter 'ids' is missing\n  Add ids=\"…\" (list[integer]: whose).",
    ]


def test_a_missing_parameter_is_said_where_it_is_used():
    assert problems(template("{a: integer}", "SELECT\\n ${a}"), {})[0].startswith(
        "t.yaml:4:45: the parameter 'a' is missing"
    )


def test_a_template_without_declarations_takes_any_parameter_it_uses():
    values = resolve(template("", "SELECT ${a}, ${b}, ${c}"), {"a": "1,2", "b": "2024-10-15", "c": "gold"}, TODAY)
    assert (values["a"], values["b"], values["c"]) == ([1, 2], TODAY, "gold")


def test_without_declarations_what_is_not_used_or_not_given_is_still_an_error():
    found = problems(template("", "SELECT ${alpha}"), {"alhpa": "1"})
    assert found[0] == "unknown parameter 'alhpa'\n  Did you mean alpha?"
    assert "'alpha' is missing" in found[1]


def test_a_built_in_parameter_that_a_query_uses_must_have_a_value():
    of = template("{}", "SELECT ${row_limit}")
    assert "'row_limit' is missing" in problems(of, {})[0]
    assert resolve(of, {"row_limit": 3}, TODAY)["row_limit"] == 3


def test_a_prepared_variable_cannot_be_given():
    of = template("", "SELECT ${v}", "[{setVar: v, provider: P, query: SELECT 1}]")
    assert "the template prepares it itself" in problems(of, {"v": "1"})[0]
    assert "v" not in resolve(of, {}, TODAY)


def test_both_names_of_a_parameter_at_once_are_refused():
    assert "given already" in problems(template("{}"), {"sample_rate": "0.1", "table_size_factor": "0.2"})[0]


def test_a_long_or_strange_word_is_shown_shortened_and_printable():
    found = problems(template("{a: integer}"), {"a": "\x1b[31m" + "x" * 500})[0]
    assert "\x1b" not in found
    assert len(found) < 250
