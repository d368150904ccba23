"""Bridges: values of Faker and Mimesis that depend on their own draw alone."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from json import loads

import numpy as np
import pyarrow as pa
import pytest

from hotfixture.draws import Draw, Draws
from hotfixture.errors import InputError, MissingExtraError, OptionError, UnknownNameError
from hotfixture.generators import bridges, canonical, find, generate

NAMES = ["faker:color_name", "faker:name", "faker:pyint", "mimesis:Person.full_name", "mimesis:numeric.integer_number"]


@pytest.mark.parametrize("name", NAMES)
def test_values_depend_on_their_own_draw_alone(name):
    """Batch, order, type and scalar law."""
    made, draws = find(name), Draws.from_rows(1, "bridges", 0, 60)
    whole = made(draws)
    assert whole.type == made.arrow_type() == pa.string()
    assert len(set(whole.to_pylist())) > 10
    order = np.random.default_rng(7).permutation(60)
    assert made(draws.take(order)).equals(whole.take(pa.array(order)))
    assert pa.concat_arrays([made(Draws(draws.bits[:7])), made(Draws(draws.bits[7:]))]).equals(whole)
    assert [made(Draw(int(bits))) for bits in draws.bits] == whole.to_pylist()


def test_threads_do_not_disturb_each_other():
    made = find("faker:name")
    pieces = [Draws.from_rows(1, "bridges", first, 100) for first in range(0, 800, 100)]
    alone = [made(piece) for piece in pieces]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(made, pieces)) == alone


def test_options_are_passed_on_and_read_as_json():
    assert set(generate("faker:random_element", count=50, elements='["a", "b"]').to_pylist()) == {"a", "b"}
    assert set(generate("faker:pyint", count=50, max_value="1").to_pylist()) == {"0", "1"}
    assert all(len(value) == 9 for value in generate("faker:password", count=5, length=9).to_pylist())


def test_the_locale_is_the_packages_own():
    german = set(generate("faker:color_name", count=300, locale="de_DE").to_pylist())
    assert "Blau" in german
    assert generate("mimesis:address.city", locale="ja") != generate("mimesis:address.city", locale="ru")
    for name in ("faker:name", "mimesis:person.name"):
        with pytest.raises(OptionError, match="locale=xx"):
            generate(name, locale="xx")


def test_values_that_are_no_texts_become_texts():
    assert generate("faker:date_object", seed=1).count("-") == 2
    assert isinstance(loads(generate("faker:simple_profile", seed=1)), dict)
    assert generate("faker:pybool", seed=1) in ("true", "false")


@pytest.mark.parametrize(("name", "near"), [("faker:colour_name", "color_name"), ("mimesis:persn.name", "person")])
def test_wrong_names_suggest_the_nearest(name, near):
    assert canonical(name) == name
    with pytest.raises(UnknownNameError, match=near):
        find(name)


@pytest.mark.parametrize("name", ["seed_instance", "add_provider", "parse", "unique", "__class__"])
def test_only_methods_of_providers_are_reached(name):
    with pytest.raises(UnknownNameError):
        find(f"faker:{name}")


def test_what_the_package_refuses_is_an_error_of_input():
    with pytest.raises(InputError, match="faker:pyint"):
        generate("faker:pyint", min_value=5, max_value=1)
    with pytest.raises(UnknownNameError, match="no_such_option"):
        generate("faker:pyint", no_such_option=1)


def test_numbers_of_things_are_bounded_and_bounds_of_values_are_not():
    """A server that offers the bridge must not be talked into a gigabyte."""
    for name, option in (("binary", "length"), ("text", "max_nb_chars"), ("pystr", "max_chars")):
        with pytest.raises(OptionError, match=f"{option}=1000000000"):
            generate(f"faker:{name}", **{option: 10**9})
    assert int(generate("faker:pyint", min_value=10**8, max_value=10**9)) >= 10**8


@pytest.mark.parametrize("package", ["faker", "mimesis"])
def test_an_absent_package_says_how_to_install_it(monkeypatch, package):
    bridges.find.cache_clear()
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr(bridges, "_IDLE", {})
    with pytest.raises(MissingExtraError, match=rf"pip install 'hotfixture\[{package}\]'"):
        bridges.find(f"{package}:person.name")
