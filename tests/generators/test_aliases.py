"""Aliases: what users of Faker, gofakeit and faker-js type means something, or known_names.tsv says why it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.bundles import bundled, by_beginning

from hotfixture.errors import UnknownNameError
from hotfixture.generators import ALIASES, TABLE, aliases, canonical, find, generate

HEAD, *KNOWN = (
    line.split("\t") for line in Path(__file__).with_name("known_names.tsv").read_text(encoding="utf-8").splitlines()
)
MEANT = sorted({meaning for _, _, meaning, _ in KNOWN if meaning != "-"})


def squeezed(name):
    return "".join(character for character in name.lower() if character.isalnum())


@pytest.mark.parametrize("tool", ["faker", "gofakeit", "faker-js"])
def test_most_names_of_other_tools_mean_something(tool):
    names = [meaning for of, _, meaning, _ in KNOWN if of == tool]
    assert len(names) > 220
    assert sum(meaning != "-" for meaning in names) / len(names) >= 0.85


def test_each_name_means_what_the_list_says_and_the_others_have_a_reason():
    assert HEAD == ["tool", "name", "meaning", "reason"]
    wrong = [(name, meaning) for _, name, meaning, _ in KNOWN if meaning != "-" and canonical(name) != meaning]
    assert wrong == []
    assert [name for _, name, meaning, reason in KNOWN if (meaning == "-") != bool(reason)] == []


@bundled("meaning", bundles=by_beginning([(meaning, (meaning,)) for meaning in MEANT], "."))
def test_what_a_name_means_can_be_made(meaning):
    made = find(meaning)
    one, many = generate(meaning, seed=1), generate(meaning, seed=1, count=20)
    assert one == many[0].as_py()
    assert made.holds(one)


def test_names_that_mean_nothing_are_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean"):
        canonical("frist_name")
    with pytest.raises(UnknownNameError, match="minecraft"):
        canonical("minecraft_ore")


def test_keys_are_squeezed_and_meanings_exist():
    assert [alias for alias in ALIASES if alias != squeezed(alias)] == []
    assert [alias for alias, meaning in ALIASES.items() if meaning.partition(" ")[0] not in TABLE] == []


def test_no_alias_hides_a_generator():
    own = {squeezed(spelling): name for name in TABLE for spelling in (name, name.partition(".")[2])}
    assert [alias for alias in ALIASES if alias in own and own[alias] != ALIASES[alias]] == []


def test_no_alias_means_two_things():
    """Each stands once in all tables, or means the same wherever it stands."""
    meanings: dict[str, set[str]] = {}
    for table in (aliases.FAKERJS, aliases.GOFAKEIT, aliases.FAKER, aliases.TRADES):
        for meaning, names in table.items():
            for name in names.split():
                meanings.setdefault(squeezed(name), set()).add(meaning)
    assert {name: found for name, found in meanings.items() if len(found) > 1} == {}
    assert {name for name, found in meanings.items() if ALIASES[name] not in found} == set()


def test_the_methods_of_the_installed_faker_are_known():
    from faker import Faker

    providers = Faker().factories[0].providers
    names = {name for provider in providers for name in vars(type(provider)) if not name.startswith("_")}
    methods = {name for name in names if any(callable(getattr(type(each), name, None)) for each in providers)}
    listed = {name for tool, name, _, _ in KNOWN if tool == "faker"}
    assert len(methods & listed) / len(methods) > 0.85
