"""The laws that every generator keeps, tested once over the whole registry."""

from __future__ import annotations

import inspect
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bundles import bundled, by_beginning
from tests.generators import golden
from tests.generators.cases import CASES, draw, draws, label

from hotfixture.draws import Draws, SharedDraws
from hotfixture.errors import OptionError, UnknownNameError
from hotfixture.generators import find, names

every_generator = bundled("made", bundles=by_beginning([(name, (find(name),)) for name in names()], "."))
every_case = bundled("made", "options", bundles=by_beginning([(label(case), case) for case in CASES], "."))
PLAIN = (bool, int, float, str, date, datetime, time, timedelta, Decimal, dict, list)


@every_case
def test_batches_of_any_size_are_the_same_values(made, options):
    """Batch law: rows in one piece, or in any pieces, are the same."""
    whole = made(draws(made, 0, 300), **options)
    pieces = [made(draws(made, first, count), **options) for first, count in ((0, 1), (1, 6), (7, 93), (100, 200))]
    assert pa.concat_arrays(pieces).equals(whole)


@every_generator
def test_rows_beyond_the_internal_piece_are_the_same_values(made):
    """Batch law, where the generator itself works in pieces."""
    size = made.piece()
    around = made(draws(made, 0, size + 20)).slice(size - 20)
    assert around.equals(made(draws(made, size - 20, 40)))


@every_generator
def test_draws_that_columns_share_give_each_of_them_its_values(made):
    """Nobody changes what another one gets, however often it is asked for."""
    shared = SharedDraws(draws(made, 0, 300).bits)
    assert made(shared).equals(made(draws(made, 0, 300)))
    assert made(shared).equals(made(draws(made, 0, 300)))


@every_case
def test_permuted_draws_give_permuted_values(made, options):
    """Order law: a value depends on its own draw alone."""
    given_draws = draws(made, 0, 200)
    order = np.random.default_rng(7).permutation(200)
    assert made(given_draws.take(order), **options).equals(made(given_draws, **options).take(pa.array(order)))


@every_case
def test_arrays_have_the_declared_type_and_length(made, options):
    """Type law, for no rows as well."""
    for count in (0, 1, 57):
        array = made(draws(made, 0, count), **options)
        assert (array.type, len(array), array.null_count) == (made.arrow_type(**options), count, 0)
        array.validate(full=True)


@every_case
def test_values_satisfy_the_generators_own_predicate(made, options):
    """Range law; `holds` itself settles the options anew for each value, which takes as long as to judge it."""
    values, settled = made(draws(made, 0, 400), **options).to_pylist(), made.settle(options)
    assert [value for value in values if not made._holds(value, **settled)] == []
    assert made.holds(values[0], **options)


def _foreign(value: Any) -> Any:
    """A value of the same type that no generator gives."""
    if isinstance(value, dict):
        return {name: _foreign(part) for name, part in value.items()}
    absurd = {str: "\0 no such value", int: -(10**40), float: -1e305, Decimal: Decimal(-(10**40))}
    absurd |= {date: date(1, 1, 1), datetime: datetime(1, 1, 1), timedelta: timedelta(-999_999_999)}  # noqa: DTZ001 - no moment is meant
    return absurd.get(type(value))


@every_generator
def test_the_predicate_refuses_what_is_foreign(made):
    """A predicate that holds for everything would prove nothing."""
    sample = draws(made, 0, 1)
    foreign = _foreign(made(sample).to_pylist()[0])
    if foreign is None or made.name in UNBOUNDED:
        return  # every value of the type is possible
    # A predicate may also refuse by not being able to read the value.
    with suppress(ValueError, TypeError, ArithmeticError, LookupError):
        assert not made.holds(foreign)


UNBOUNDED = frozenset({"distributions.normal"})


@every_case
def test_one_draw_gives_the_value_of_its_row(made, options):
    """Scalar law: plain Python and arrays agree, value for value and in type."""
    many = made(draws(made, 5, 60), **options).to_pylist()
    one = [made(draw(made, row), **options) for row in range(5, 65)]
    assert one == many
    assert {type(value) for value in one} == {type(value) for value in many}
    assert type(one[0]) in PLAIN


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, (1 << 64) - 1), min_size=1, max_size=20))
def test_extreme_draws_are_no_exception(bits):
    """Scalar and range law for draws that hypothesis seeks out: all zeros, all ones."""
    vector = Draws(np.array(bits, np.uint64))
    for name in (
        "people.person",
        "places.address",
        "internet.url",
        "business.company",
        "text.sentence",
        "contact.phone",
    ):
        made = find(name)
        many = made(vector).to_pylist()
        assert all(made.holds(value) for value in many)


@every_generator
def test_options_are_documented_and_agree_with_the_function(made):
    """Option law: what the decorator declares is what the function takes."""
    parameters = list(inspect.signature(made._function).parameters.values())
    keywords = {each.name: each.default for each in parameters if each.kind is each.KEYWORD_ONLY}
    open_ended = any(each.kind is each.VAR_KEYWORD for each in parameters)
    assert [option.name for option in made.options if not open_ended or option.name in keywords] == list(keywords)
    for option in made.options:
        assert keywords.get(option.name, inspect.Parameter.empty) in (inspect.Parameter.empty, option.default)
        assert option.help.endswith(".")
        assert option.validate(option.default) == option.default
        assert str(option.default) or option.default is None


@every_generator
def test_wrong_options_are_refused_by_name_and_range(made):
    """Option law: `name=value` and the range stand in the error."""
    with pytest.raises(UnknownNameError, match="no_such_option"):
        made(draws(made, 0, 1), no_such_option=1)
    for option in made.options:
        wrong = object()
        with pytest.raises(OptionError) as caught:
            made(draws(made, 0, 1), **{option.name: wrong})
        assert f"{option.name}={wrong}" in str(caught.value)
        assert option.expected in str(caught.value)


@every_generator
def test_bounds_of_options_are_kept(made):
    """Option law: one step outside a declared bound is refused."""
    for option in made.options:
        for bound, step in ((option.low, -1), (option.high, 1)):
            if isinstance(bound, int) and option.kind in ("integer", "float", "decimal"):
                with pytest.raises(OptionError):
                    option.validate(bound + step if abs(bound) < 1 << 53 else bound * 4 + step)


@every_generator
def test_options_can_be_written_as_text(made):
    """The command line gives texts; they mean the same as the values."""
    for option in made.options:
        if option.default is not None:
            default = option.default
            text = ",".join(map(str, default)) if isinstance(default, tuple) else str(default)
            assert option.validate(text) == default


@every_generator
def test_generators_say_what_comes_out_and_where_the_rule_comes_from(made):
    assert made.doc.splitlines()[0].endswith(".")
    assert made.source
    assert made.name.startswith(f"{made.group}.")
    assert made.version >= 1


def _distinct(values: pa.Array) -> int:
    """How many different values; structs and lists have no order of their own, so their texts are counted."""
    nested = pa.types.is_nested(values.type)
    return len({repr(value) for value in values.to_pylist()}) if nested else len(values.unique())


@every_case
def test_capacity_is_the_number_of_distinct_values_at_most(made, options):
    capacity = made.capacity(**options)
    if capacity is None:
        return  # unknown, or without bound
    seen = made(draws(made, 0, 2000), **options)
    assert _distinct(seen) <= capacity
    if capacity <= 100:
        assert _distinct(made(draws(made, 0, 20_000), **options)) == capacity


@pytest.mark.xdist_group("promises")
def test_values_are_those_that_were_promised():
    """Stable for ever: `python -m tests.generators.golden` adds new promises and never breaks one."""
    promised = golden.read()
    found = {label(case): {"version": case[0].version, "digest": golden.digest(*case)} for case in CASES}
    assert {name: entry for name, entry in promised.items() if name in found} == found
    assert set(promised) == set(found)


@pytest.mark.xdist_group("promises")
def test_a_promise_cannot_be_overwritten_without_a_new_version():
    promised = golden.read()
    name = next(iter(promised))
    with pytest.raises(SystemExit, match="raise the version"):
        golden.merged({**promised, name: {**promised[name], "digest": "0"}})
    raised = golden.merged({**promised, name: {"version": promised[name]["version"] - 1, "digest": "0"}})
    assert raised == promised
