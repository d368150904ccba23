"""Generators as objects: options settle, types are declared, one value costs no numpy."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from hotfixture import generators
from hotfixture.draws import Draw, Draws
from hotfixture.errors import OptionError, UnknownNameError
from hotfixture.generators import values
from hotfixture.generators.base import generator
from hotfixture.generators.options import LOCALE, LOCALES, Option

SOURCES = sorted(Path(generators.__file__).parent.glob("*.py"))


def refuse_crossed(*, low: int, high: int) -> None:
    if high < low:
        raise OptionError("high", high, f"an integer, at least low={low}")


@generator(
    "tests.between",
    type="int32",
    source="this test",
    options=(Option("low", "integer", 0, "Least."), Option("high", "integer", 9, "Most.", high=99)),
    holds=lambda value, *, low, high: low <= value <= high,
    capacity=lambda *, low, high: high - low + 1,
    check=refuse_crossed,
)
def between(draws, *, low, high):
    """An integer between two bounds."""
    return draws.below(high - low + 1) + low


def test_a_generator_says_what_it_is():
    assert (between.name, between.group, between.doc) == ("tests.between", "tests", "An integer between two bounds.")
    assert between.arrow_type(high=3) == pa.int32()
    assert between.capacity(low=1, high=5) == 5
    assert between.holds(3, low=3, high=3)
    assert not between.holds(4, low=3, high=3)
    assert repr(between) == "<Generator tests.between>"


def test_arrays_are_cast_to_the_declared_type_and_one_value_is_plain():
    array = between(Draws.from_rows(0, "x", 0, 5), low=1, high=2)
    assert array.type == pa.int32()
    assert type(between(Draw.from_row(0, "x", 0), low=1, high=2)) is int


def test_options_settle_with_defaults_and_texts():
    assert between.settle({"high": "7"}) == {"low": 0, "high": 7}


def test_options_that_are_wrong_only_together_are_refused():
    with pytest.raises(OptionError, match=r"high=1: expected an integer, at least low=5"):
        between.settle({"low": 5, "high": 1})


def test_an_unknown_option_suggests_the_nearest():
    with pytest.raises(UnknownNameError, match=r"unknown option of tests.between 'hihg'\n  Did you mean high\?"):
        between.settle({"hihg": 1})


def test_one_value_needs_neither_numpy_nor_pyarrow_nor_metadata():
    """The cold start of `mockcraft generate firstname`, for every locale."""
    script = f"""
import sys
from hotfixture.generators import generate
for locale in {LOCALES!r}:
    for name in ("firstname", "full_name", "email", "address_line", "phone", "company", "sentence", "birth_date"):
        generate(name, locale=locale) if name != "birth_date" else generate(name)
heavy = {{"numpy", "pyarrow", "importlib.metadata", "dataclasses", "inspect", "decimal", "pathlib"}} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", script], check=True)


IMPURE_MODULES = {
    "random", "secrets", "time", "socket", "subprocess", "tempfile", "locale", "platform", "getpass", "pathlib",
    "threading", "multiprocessing", "asyncio",
}  # fmt: skip
IMPURE_NAMES = {
    "now",
    "today",
    "utcnow",
    "environ",
    "getenv",
    "urandom",
    "getrandbits",
    "uuid1",
    "uuid4",
    "open",
    "random",
}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_generators_know_no_clock_no_chance_no_environment_and_no_files(path):
    """Purity: what the generators import and name; reading the project's own pools is the one exception."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & IMPURE_MODULES
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] not in IMPURE_MODULES
            assert node.module != "os" or {alias.name for alias in node.names} == {"path"}
        elif isinstance(node, ast.Attribute):
            assert node.attr not in IMPURE_NAMES
        elif isinstance(node, ast.Name):
            assert node.id not in IMPURE_NAMES


def test_every_spelling_of_a_name_finds_the_same_generator():
    spellings = ("people.first_name", "firstname", "first_name", "firstName", "First-Name", "person.first-name")
    assert {generators.find(spelling).name for spelling in spellings} == {"people.first_name"}


def test_every_generator_is_found_by_its_short_name_alone():
    """No two generators share a short name, and no alias hides one."""
    for name in generators.TABLE:
        assert generators.canonical(name.partition(".")[2]) == name
        assert generators.find(name).name == name
    assert not {
        alias for alias in generators.ALIASES if generators.ALIASES[alias].partition(" ")[0] not in generators.TABLE
    }
    assert all(alias.isalnum() and alias == alias.lower() for alias in generators.ALIASES)


def test_an_alias_may_stand_behind_its_group():
    """As the users of other libraries write it: `animal.cat`, `commerce.isbn`."""
    assert generators.canonical("animal.cat") == generators.canonical("Animals.CAT") == "animals.cat_breed"
    assert generators.canonical("commerce.isbn") == "commerce.isbn13"
    with pytest.raises(UnknownNameError):
        generators.canonical("commerce.cat")


@pytest.mark.parametrize(("wrong", "near"), [("fristname", "first_name"), ("emial", "email"), ("places.ctiy", "city")])
def test_a_wrong_name_suggests_a_right_one(wrong, near):
    with pytest.raises(UnknownNameError, match=f"unknown generator '{wrong}'\n  Did you mean .*{near}"):
        generators.find(wrong)


def test_generate_makes_one_value_or_an_array_of_them():
    array = generators.generate("email", count=5, seed=7, locale="de")
    assert array.type == pa.string()
    assert [generators.generate("email", seed=7, first=row, locale="de") for row in range(5)] == array.to_pylist()
    assert generators.generate("email", count=3, seed=7, first=2, locale="de").equals(array.slice(2))
    assert not generators.generate("email", count=5, seed=8, locale="de").equals(array)


@pytest.mark.parametrize(("option", "wrong"), [("count", -1), ("first", -1)])
def test_generate_refuses_negative_counts_and_rows(option, wrong):
    with pytest.raises(OptionError, match=f"{option}={wrong}"):
        generators.generate("email", **{"count": 1, option: wrong})


WRITTEN = {
    "pt-br": "pt_BR", "PT": "pt_BR", "en_US": "en", "de-AT": "de_AT", "de-LU": "de", "ja": "ja", "no": "nb",
    "nb_NO.UTF-8": "nb", "zh-Hans-CN": "zh", "en-GB": "en_GB", "iw": "he", "pt-PT": "pt_PT", "es-AR": "es",
}  # fmt: skip


def test_locales_may_be_written_as_is_usual_elsewhere():
    assert [LOCALE.validate(text) for text in WRITTEN] == list(WRITTEN.values())
    with pytest.raises(OptionError, match="locale=xx: expected one of en, de"):
        LOCALE.validate("xx")


def test_values_come_from_nowhere_but_the_draws(monkeypatch):
    """The same under another environment, time zone and working directory."""
    before = generators.generate("person", count=20, locale="ru")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("LANG", "tr_TR.UTF-8")
    monkeypatch.chdir("/")
    assert generators.generate("person", count=20, locale="ru").equals(before)
    assert values.is_one(generators.generate("sex"))


@pytest.mark.parametrize("name", ["times.timestamp", "numbers.float", "numbers.int8", "numbers.boolean", "text.word"])
def test_pieces_given_one_by_one_are_put_together_in_order(name):
    """With the number of rows known beforehand and without, for types of every width."""
    made = generators.find(name)
    pieces = [
        Draws.from_rows(3, "pieces", first, count) for first, count in ((0, 20_000), (20_000, 1), (20_001, 19_999))
    ]
    whole = made(Draws.from_rows(3, "pieces", 0, 40_000))
    for rows in (None, 40_000):
        found = made.over(iter(pieces), rows)
        assert found.equals(whole)
        found.validate(full=True)
