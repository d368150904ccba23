"""`${name}` in a path is text that cannot leave its volume."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotfixture.documents import Text
from hotfixture.errors import InputError, Where
from hotfixture.plans.paths import expand_path
from hotfixture.plans.values import DateRange

WHERE = Where("t.yaml", 1, 1)


def expand(path: str, **values: object) -> tuple[str, ...]:
    return expand_path(Text(path, WHERE), values)


def test_a_list_gives_a_path_for_each_item():
    assert expand("${ids}/*.pdf", ids=[12847, 15923]) == ("12847/*.pdf", "15923/*.pdf")
    assert expand("${a}/${b}-${a}", a=[1, 2], b=["x", "y"]) == ("1/x-1", "1/y-1", "2/x-2", "2/y-2")
    assert expand("${ids}/*", ids=[]) == ()
    assert expand("fixed/**") == ("fixed/**",)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"), (True, "true"), (Decimal("1.50"), "1.50"), (Decimal("1e3"), "1000"),
        (date(2024, 10, 15), "2024-10-15"), (datetime(2024, 10, 15, 14, 30, tzinfo=UTC), "20241015T143000"),
        ("Müller", "Müller"),
    ],
)  # fmt: skip
def test_every_value_has_one_spelling(value: object, text: str):
    assert expand("a/${x}", x=value) == (f"a/{text}",)


def test_a_part_of_a_range_stands_in_a_path():
    period = DateRange(date(2024, 1, 1), date(2024, 1, 2))
    assert expand_path(Text("${p.start}", WHERE), {"p": period, "p.start": period.start}) == ("2024-01-01",)


@pytest.mark.parametrize(
    "value",
    [
        "..",
        "a/b",
        "/etc",
        "*",
        "?",
        "[a]",
        "a\\b",
        "C:",
        "",
        ".",
        "con",
        "a\0",
        "${y}",
        "a\u2215b",
        "\uff0e\uff0e",
        None,
        DateRange(date(2024, 1, 1), date(2024, 1, 1)),
        b"x",
    ],
)
def test_a_value_that_would_steer_the_path_is_refused_at_its_place(value: object):
    with pytest.raises(InputError) as caught:
        expand("${x}/a", x=value)
    assert caught.value.problems[0].where == WHERE


def test_a_value_is_checked_together_with_what_stands_around_it():
    with pytest.raises(InputError):
        expand("co${x}", x="n")
    with pytest.raises(InputError):
        expand(".${x}${y}", x="a", y="b" * 300)


def test_all_wrong_values_are_said_at_once():
    with pytest.raises(InputError) as caught:
        expand("${x}/${y}", x="..", y="*")
    assert len(caught.value.problems) == 2


def test_the_number_of_paths_is_bounded():
    with pytest.raises(InputError, match="250000 paths"):
        expand("${a}/${b}", a=list(range(500)), b=list(range(500)))


@settings(deadline=None)
@given(st.text(max_size=8) | st.text("./\\:*$%~a\u2024", max_size=8))
def test_whatever_the_value_the_path_keeps_its_shape(value: str):
    try:
        paths = expand("in/x${v}y/*.pdf", v=value)
    except InputError:
        return
    assert len(paths) == 1
    assert paths[0].split("/") == ["in", f"x{value}y", "*.pdf"]
    assert not set(value) & set("*?[]")
