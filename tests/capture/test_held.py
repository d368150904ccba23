"""Values on their way to the scribe: what arrives is what `plain` would have made of them at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.capture.held import held, opened
from hotfixture.capture.values import plain

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates() | st.decimals()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner, inner),
    max_leaves=20,
)


def _through(parts: dict[str, Any]) -> Any:
    """As it goes to the scribe and is opened there."""
    return opened(msgspec.msgpack.decode(msgspec.msgpack.encode(parts, enc_hook=plain)))


@given(VALUES)
def test_what_is_held_arrives_as_its_plain_form(value: Any) -> None:
    parts = {"value": held(value), "args": [held(value)], "kwargs": {"name": held(value)}, "manner": "value"}
    form = msgspec.msgpack.decode(msgspec.msgpack.encode(plain(value)))
    assert _text(_through(parts)) == _text({"value": form, "args": [form], "kwargs": {"name": form}, "manner": "value"})


def _text(value: Any) -> str:
    """NaN is equal to itself here."""
    return repr(value)


def test_later_changes_do_not_reach_what_is_held() -> None:
    value = {"a": [1]}
    kept = {"value": held(value)}
    value["a"].append(2)
    assert opened(kept) == {"value": {"a": [1]}}


def test_a_value_that_looks_like_ours_stays_what_it_is() -> None:
    value = {"$held": b"\x00"}
    assert opened({"value": held(value)}) == {"value": plain(value)}
    assert opened({"value": plain(value)}) == {"value": plain(value)}


def test_depth_and_cycles_are_no_trouble() -> None:
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]
    cycle: list[Any] = [dt.date(2026, 1, 2)]
    cycle.append(cycle)
    for value in (deep, cycle):
        assert opened({"value": held(value)}) == {"value": plain(value)}
