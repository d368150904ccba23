"""Builds the data of the locales that came after the first eight, from tools/pools/, mimesis and Faker (both MIT).

Run by hand with mimesis, Faker and babel installed, before a release only: once released a pool never changes. What
build_pools.py wrote is left alone, except that the tables of locales and of countries' names grow.
"""

from __future__ import annotations

import unicodedata
from importlib import import_module

import romanise
from build_pools import DATA, NO_COUNTRIES, OWN, UNWANTED, lists, manifest, slug, unique, write
from build_pools import LOCALES as FIRST_LOCALES

VARIANTS = ("en_GB", "en_CA", "en_AU", "es_MX", "fr_CA", "de_AT", "de_CH")
LANGUAGES = (
    "nl", "pl", "cs", "sv", "da", "nb", "fi", "pt_PT", "uk", "tr", "el", "hu", "ro",
    "ko", "zh", "ar", "he", "hi", "id", "vi",
)  # fmt: skip
FAKER = {"nl": "nl_NL", "cs": "cs_CZ", "sv": "sv_SE", "da": "da_DK", "nb": "no_NO", "fi": "fi_FI", "pt_PT": "pt_PT",
         "el": "el_GR", "hu": "hu_HU", "ro": "ro_RO"}  # fmt: skip
"""Whose first names (and last names, where our list has none) are Faker's; Polish ones are of mimesis."""
ROMANISED = {"uk": romanise.ukrainian, "el": romanise.greek, "ko": romanise.korean, "hi": romanise.hindi}
REPEATS = ("prefix", "form")


def is_name(name: str) -> bool:
    """Whether it is one plain name of letters and marks, perhaps with a hyphen, an apostrophe or blanks inside."""
    letters = [each for each in name if each not in "-' "]
    plain = all(unicodedata.category(each)[0] in "LM" for each in letters)
    return bool(letters) and plain and name.casefold() not in UNWANTED and not name.startswith(("-", "'"))


def spelled(name: str, locale: str) -> str:
    """The name in lower ASCII letters."""
    made = ROMANISED[locale](name.replace(" ", "")) if locale in ROMANISED else name
    return slug(made.replace("å", "aa") if locale == "da" else made, locale)


def borrowed(locale: str, key: str) -> list[str]:
    """A list of mimesis or Faker."""
    if locale == "pl":
        import json
        from pathlib import Path

        import mimesis

        place = Path(mimesis.__file__).parent / "datasets/pl/person.json"
        person = json.loads(place.read_text(encoding="utf-8"))
        return person["surnames"]["male"] if key == "last" else person["names"][key.removeprefix("first_")]
    provider = import_module(f"faker.providers.person.{FAKER[locale]}").Provider
    names = getattr(provider, {"last": "last_names"}.get(key, f"first_names_{key.removeprefix('first_')}"))
    unfit = MISPLACED.get(f"{locale}/{key}", "").split()
    return [name for name in names if name[0] == name[0].upper() and name not in unfit]


MISPLACED = {
    "sv/first_female": "Abdi Ahmed Ali Hassan Hussein Ibrahim Mohamed Mohammed",
}
"""Names that stand in a borrowed list of the other sex."""


def write_pairs(path: str, pairs: list[tuple[str, str]]) -> None:
    write(f"{path}.txt", [pair[0] for pair in pairs])
    write(f"{path}.slug.txt", [pair[1] for pair in pairs])


def read_pairs(entries: list[str], locale: str) -> list[tuple[str, str]]:
    """Names with their spelling, sorted: `name=spelling`, or computed."""
    pairs = {}
    for entry in unique(entries):
        name, _, given = entry.partition("=")
        if is_name(name) and (given or spelled(name, locale)):
            pairs[name] = given or spelled(name, locale)
    return sorted(pairs.items())


def names(locale: str, ours: dict[str, list[str]]) -> None:
    for key in ("first_female", "first_male"):
        write_pairs(f"{locale}/{key}", read_pairs(ours.pop(key, None) or borrowed(locale, key), locale))
    last = ours.pop("last", None) or borrowed(locale, "last")
    if locale not in SEXED:
        write_pairs(f"{locale}/last", read_pairs(last, locale))
        return
    families = sorted({(his, her) for his, her in map(SEXED[locale], unique(last)) if is_name(his) and her})
    for place, sex in enumerate(("male", "female")):
        write_pairs(f"{locale}/last_{sex}", [(pair[place], spelled(pair[place], locale)) for pair in families])


def polish(name: str) -> tuple[str, str]:
    """Adjectives change; other names do not, and names in -y, -i that are neither are left out."""
    if name.endswith(("ski", "cki", "dzki")):
        return name, f"{name[:-1]}a"
    return name, "" if name[-1] in "yieo" else name


def czech(entry: str) -> tuple[str, str]:
    """Adjectives in -ý take -á, names in -í stay, others take -ová; a list gives what loses or changes a letter."""
    his, _, her = entry.partition("|")
    if her:
        return his, her
    return his, f"{his[:-1]}á" if his.endswith("ý") else his if his.endswith("í") else f"{his}ová"


def paired(entry: str) -> tuple[str, str]:
    his, _, her = entry.partition("|")
    return his, her


UKRAINIAN_SAME = ("енко", "чук", "ук", "юк", "як", "ко", "ич", "ець", "ан", "ар")


def ukrainian(name: str) -> tuple[str, str]:
    if name.endswith(("ський", "цький", "зький")):
        return name, f"{name[:-2]}а"
    return name, name if name.endswith(UKRAINIAN_SAME) else ""


SEXED = {"pl": polish, "cs": czech, "el": paired, "uk": ukrainian}


def borrow_ukrainian() -> list[str]:
    """The commonest endings of Ukrainian family names, from Faker's list for men."""
    return [name.replace("ʼ", "'") for name in import_module("faker.providers.person.uk_UA").Provider.last_names_male]


def words(locale: str, ours: dict[str, list[str]]) -> None:
    """Every list as a pool of its own; streets of two parts are multiplied out."""
    parts = ours.pop("street_name", [])
    before, behind = ours.pop("street_prefix", []), ours.pop("street_suffix", [])
    if before:
        ours["street"] = [f"{first} {last}" for last in parts for first in before]
    if behind:
        ours["street"] = [f"{first} {last}".replace(" +", "") for first in parts for last in behind]
    for key, entries in ours.items():
        kept = [unicodedata.normalize("NFC", entry) for entry in entries]
        write(f"{locale}/{key}.txt", kept if key in REPEATS else list(dict.fromkeys(kept)))


def swiss(entries: list[str]) -> list[str]:
    return [entry.replace("ß", "ss") for entry in entries]


def derive_swiss() -> None:
    """German as Switzerland writes it: without ß. Files that have none are those of `de`."""
    for path in sorted((DATA / "de").glob("*.txt")):
        lines = path.read_text(encoding="utf-8").splitlines()
        if swiss(lines) != lines and not path.name.startswith("form"):
            write(f"de_CH/{path.name}", swiss(lines))


PHONES = {
    "en_CA": "({a}) 555-01##", "fr_CA": "{a} 555-01##", "en_AU": "({a}) 5550 ####", "de_AT": "{a} 0#####",
    "de_CH": "{a} 0## ## ##", "nl": "{a}-0*10", "pl": "{a} 0## ## ##", "cs": "0## ### ###", "da": "{a} ## ## ##",
    "nb": "{a} ## ## ##", "fi": "{a} 0######", "pt_PT": "5## ### ###", "uk": "+380 {a} 0##-##-##",
    "tr": "(0{a}) 0## ## ##", "el": "{a}0*10", "hu": "06 {a} 0*8", "ro": "{a} 0*10", "ko": "{a}-0##-####",
    "zh": "{a}-0*11", "ar": "{a} 0## ####", "he": "{a}-0##-####", "hi": "{a}-0*11", "id": "({a}) 0*10",
    "vi": "{a} 0*11", "es_MX": "{a} 0*10",
}  # fmt: skip
"""Patterns of telephone numbers that reach nobody; `0*n` is a 0 and as many places as make n digits of it."""


def phone(locale: str, area: str) -> str:
    if locale == "en_GB":
        return area
    if locale == "sv":
        return area or "070-174 06 1#"
    made = PHONES[locale].replace("{a}", area)
    head, star, width = made.partition("0*")
    return f"{head}0{'#' * (int(width) - len(area) - 1)}" if star else made


def places(locale: str) -> None:
    """Cities with their region, postcodes, centre (hundredths of a degree) and telephone pattern."""
    rows = []
    for line in (OWN / f"cities/{locale}.txt").read_text(encoding="utf-8").splitlines():
        city, region, low, high, latitude, longitude, *more = line.split("|")
        degrees = [str(round(float(value) * 100)) for value in (latitude, longitude)]
        area, head = [*more, "", ""][:2]
        row = [city, region, str(int(low)), str(int(high) - int(low) + 1), "1", *degrees, phone(locale, area)]
        rows.append("\t".join([*row, head] if locale in LETTERED else row))
    title = ["city", "region", "low", "span", "step", "latitude", "longitude", "phone"]
    write(f"{locale}/places.tsv", ["\t".join([*title, "area"] if locale in LETTERED else title), *rows])


LETTERED = ("en_GB", "en_CA", "fr_CA", "nl")


def countries() -> None:
    """ISO 3166-1 codes and the names of the Unicode CLDR in every language."""
    from babel import Locale

    columns = [*FIRST_LOCALES, *LANGUAGES]
    names = [Locale.parse(locale).territories for locale in columns]
    codes = sorted(code for code in names[0] if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES)
    rows = ["\t".join([code, *(by_code[code] for by_code in names)]) for code in codes]
    write("countries.tsv", ["\t".join(["code", *columns]), *rows])


def main() -> None:
    for locale in (*VARIANTS, *LANGUAGES):
        ours = lists(locale)
        if locale == "uk":
            ours["last"] = borrow_ukrainian()
        if locale in LANGUAGES:
            names(locale, ours)
        words(locale, ours)
        places(locale)
    derive_swiss()
    countries()
    write("locales.tsv", (OWN / "locales.tsv").read_text(encoding="utf-8").splitlines())
    (DATA / "MANIFEST").write_text(manifest(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
