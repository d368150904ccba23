"""The data files: complete, unchanged since their release, clean, and aligned where they belong together."""

from __future__ import annotations

import unicodedata
from hashlib import sha256
from pathlib import Path

import pytest
from tests.bundles import bundled, by_beginning

from hotfixture.generators import pools
from hotfixture.generators.options import LOCALES
from hotfixture.generators.people import SEXED
from hotfixture.generators.places import country_names

DATA = Path(pools.__file__).with_name("data")
FILES = sorted(path.relative_to(DATA).as_posix() for path in DATA.rglob("*") if path.is_file())
TEXTS = [name for name in FILES if name.endswith(".txt") and not name.startswith("LICENSE")]


def test_every_file_is_the_one_of_the_manifest():
    """A pool never changes once released: values of every user would."""
    lines = (DATA / "MANIFEST").read_text(encoding="utf-8").splitlines()
    promised = {name: digest for digest, name in (line.split("  ") for line in lines)}
    found = {name: sha256((DATA / name).read_bytes()).hexdigest() for name in FILES if name != "MANIFEST"}
    assert found == promised


@bundled("name", bundles=by_beginning([(name, (name,)) for name in TEXTS], "/"))
def test_entries_are_clean(name):
    """No empty line, no blanks around, composed Unicode, no control characters, line feeds only."""
    text = pools.read(name)
    lines = text.split("\n")
    assert lines.pop() == ""
    for line in lines:
        assert line == line.strip()
        assert line
        assert line == unicodedata.normalize("NFC", line)
        assert not any(unicodedata.category(character).startswith("C") for character in line)


@pytest.mark.parametrize("locale", LOCALES)
def test_names_and_their_spellings_in_ascii_stand_line_by_line(locale):
    kinds = ["first_female", "first_male", *(["last_female", "last_male"] if (locale, "last") in SEXED else ["last"])]
    for kind in kinds:
        names, slugs = pools.pool(f"{locale}/{kind}").lines, pools.pool(f"{locale}/{kind}.slug").lines
        assert len(names) == len(slugs)
        assert all(slug.isascii() and slug.isalnum() and slug == slug.lower() for slug in slugs)


def test_russian_families_have_a_form_for_each_sex():
    for her, his in zip(pools.pool("ru/last_female").lines, pools.pool("ru/last_male").lines, strict=True):
        assert her in (f"{his}а", f"{his[:-2]}ая")


def test_families_have_a_form_for_each_sex_where_the_language_has_two():
    """Line by line the same family: the forms begin alike, and differ where the language wants it."""
    for locale, ending in (("pl", "ska"), ("cs", "ová"), ("uk", "ська"), ("el", "ου")):
        pairs = list(
            zip(pools.pool(f"{locale}/last_female").lines, pools.pool(f"{locale}/last_male").lines, strict=True)
        )
        folded = [tuple(unicodedata.normalize("NFD", name)[:3] for name in pair) for pair in pairs]
        assert all(her == his for her, his in folded)
        assert any(her.endswith(ending) and her != his for her, his in pairs)


@pytest.mark.parametrize("locale", LOCALES)
def test_pools_are_large_enough_to_look_alive(locale):
    for kind, least in (("first_female", 80), ("first_male", 80), ("street", 80), ("word", 130), ("mail", 4)):
        assert len(set(pools.pool(f"{locale}/{kind}").lines)) >= least, kind
    for kind, least in (("form", 3), ("trade", 20)):
        assert len(set(pools.pool(f"{locale}/{kind}").lines)) >= least, kind
    assert len(set(pools.table(f"{locale}/places")["city"].lines)) >= 16


SCRIPTS = {
    "ru": "CYRILLIC", "uk": "CYRILLIC", "el": "GREEK", "ja": "CJK HIRAGANA KATAKANA", "ko": "HANGUL", "zh": "CJK",
    "ar": "ARABIC", "he": "HEBREW", "hi": "DEVANAGARI",
}  # fmt: skip


@pytest.mark.parametrize("locale", LOCALES)
def test_words_are_written_in_the_script_of_the_language(locale):
    """One letter of another script that looks the same is a typing error that nobody sees."""
    wanted = tuple(SCRIPTS.get(locale, "LATIN").split())
    lasts = ["last_female", "last_male"] if (locale, "last") in SEXED else ["last"]
    for kind in ("first_female", "first_male", "street", "word", *lasts):
        text = "".join(pools.pool(f"{locale}/{kind}").lines)
        letters = {character for character in text if character.isalpha() and character not in "ºª々ー"}
        foreign = {each for each in letters if not unicodedata.name(each).startswith(wanted)}
        assert not foreign, kind


def test_what_a_country_has_not_of_its_own_is_its_languages():
    assert pools.read("de_AT/last.txt") == pools.read("de/last.txt")
    assert pools.read("de_AT/form.txt") != pools.read("de/form.txt")
    assert "ß" not in pools.read("de_CH/street.txt") + pools.read("de_CH/word.txt") + pools.read("de_CH/last.txt")
    with pytest.raises(OSError, match="no_such"):
        pools.read("en_GB/no_such.txt")


def test_codes_with_leading_zeros_stay_texts():
    assert pools._typed(["01067", "10115"]) == ["01067", "10115"]
    assert pools._typed(["1067", "-5"]) == [1067, -5]


def test_countries_are_those_of_iso_3166():
    table = pools.table("countries")
    assert len(table["code"]) == 249
    assert {"DE", "NA", "US"} <= set(table["code"].lines)
    assert all(len(set(country_names(locale).lines)) == 249 for locale in LOCALES)


def test_facts_know_every_locale():
    assert pools.table("locales")["locale"].lines == list(LOCALES)
    assert [pools.facts(locale)["country"] for locale in ("en", "en_GB", "nb", "zh")] == ["US", "GB", "NO", "CN"]


def test_pools_offer_lists_and_arrays():
    both = pools.pool("en/first_female", "en/first_male")
    assert both.array.to_pylist() == both.lines
    assert both[len(pools.pool("en/first_female"))] == pools.pool("en/first_male")[0]
    assert pools.pool("en/first_female", "en/first_male") is both
    assert pools.numbers(3).lines == ["1", "2", "3"]
