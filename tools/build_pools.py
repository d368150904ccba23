"""Builds the word pools under src/hotfixture/generators/data/ from the JSON of the mimesis package and tools/pools/.

Run by hand with mimesis and babel installed, before a release only: once released a pool never changes. `--manifest`
writes the MANIFEST alone, `--check` compares it with the files and writes nothing.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "src/hotfixture/generators/data"
OWN = Path(__file__).with_name("pools")
LOCALES = {"en": "en", "de": "de", "fr": "fr", "es": "es", "it": "it", "pt_BR": "pt-br", "ja": "ja", "ru": "ru"}

# Names that are also vulgar, a slur, a notorious person or no name at all.
UNWANTED = {
    line.strip().casefold() for line in (OWN / "unwanted.txt").read_text(encoding="utf-8").splitlines() if line.strip()
}
LATIN = "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya"
CYRILLIC = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", LATIN.split(), strict=True))
SPECIAL = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "ı": "i", "đ": "d"}


def slug(name: str, locale: str) -> str:
    """ASCII letters and digits for the local part of an e-mail address: transliterated, accents dropped."""
    folded = "".join(_latin(character, locale) for character in unicodedata.normalize("NFC", name.casefold()))
    return "".join(character for character in folded if character.isascii() and character.isalnum())


def _latin(character: str, locale: str) -> str:
    if character in CYRILLIC:
        return CYRILLIC[character].replace("_", "")
    if character in SPECIAL and (locale == "de" or character not in "äöü"):
        return SPECIAL[character]
    return unicodedata.normalize("NFD", character)[0]


def is_name(text: str) -> bool:
    """Whether a pool entry is one plain name: capital first, letters, perhaps a hyphen, an apostrophe or a blank."""
    letters = text.replace("-", "").replace("'", "").replace("’", "").replace(" ", "")
    return len(letters) > 1 and letters.isalpha() and text[0].isupper() and text.casefold() not in UNWANTED


def unique(entries: list[str]) -> list[str]:
    """The entries once each, NFC, sorted by code point."""
    return sorted({unicodedata.normalize("NFC", " ".join(entry.split())).replace("’", "'") for entry in entries})


def write(path: str, lines: list[str]) -> None:
    target = DATA / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


def source(locale: str, name: str) -> dict[str, object]:
    import mimesis

    place = Path(mimesis.__file__).parent / "datasets" / LOCALES[locale] / f"{name}.json"
    return json.loads(place.read_text(encoding="utf-8"))


def write_names(path: str, names: list[str], locale: str) -> None:
    kept = [name for name in unique(names) if is_name(name) and slug(name, locale)]
    write(f"{path}.txt", kept)
    write(f"{path}.slug.txt", [slug(name, locale) for name in kept])


def people(locale: str) -> None:
    """First and last names with their slugs; Japanese ones are our own, since their reading cannot be computed."""
    if locale == "ja":
        for path in ("first_female", "first_male", "last"):
            pairs = sorted(line.split("\t") for line in (OWN / f"ja/{path}.tsv").read_text("utf-8").splitlines())
            write(f"ja/{path}.txt", [pair[0] for pair in pairs])
            write(f"ja/{path}.slug.txt", [pair[1] for pair in pairs])
        return
    person, ours = source(locale, "person"), lists(locale)
    for sex in ("female", "male"):
        write_names(f"{locale}/first_{sex}", ours.get(f"first_{sex}") or person["names"][sex], locale)
    surnames = person["surnames"]
    if isinstance(surnames, dict):
        russian(surnames)
    else:
        write_names(f"{locale}/last", ours.get("last") or surnames, locale)


def russian(surnames: dict[str, list[str]]) -> None:
    """Male and female forms line by line, so that one draw gives one family: only the regular endings are kept."""
    pairs = sorted({(name, feminine(name)) for name in surnames["male"] if is_name(name) and feminine(name)})
    for place, sex in enumerate(("male", "female")):
        write(f"ru/last_{sex}.txt", [pair[place] for pair in pairs])
        write(f"ru/last_{sex}.slug.txt", [slug(pair[place], "ru") for pair in pairs])


def feminine(name: str) -> str:
    """The female form of a Russian surname; empty where the ending does not tell it."""
    if name.endswith(("ов", "ев", "ёв", "ин", "ын")):
        return f"{name}а"
    if name.endswith(("ский", "цкий")):
        return f"{name[:-2]}ая"
    return ""


def lists(name: str) -> dict[str, list[str]]:
    """The word lists of tools/pools/lists/<name>.txt: a line is `key: entry, entry`, or `key: entry|entry`."""
    found = {}
    for line in (OWN / f"lists/{name}.txt").read_text(encoding="utf-8").splitlines():
        key, _, entries = line.partition(": ")
        found[key] = entries.split("|" if key in ("prefix", "agent_system") else ", ")
    return found


def words(name: str, folder: str) -> None:
    """Every list of our own as a pool of its own; streets of two parts are multiplied out, pairs are taken apart."""
    ours = lists(name)
    names, suffixes = ours.pop("street_name", []), ours.pop("street_suffix", [])
    if names:
        ours["street"] = [f"{first} {last}" for first in names for last in suffixes]
    pairs = [pair.split("|") for pair in ours.pop("job_pair", [])]
    if pairs:
        ours["job_female"], ours["job_male"] = ([pair[place] for pair in pairs] for place in (0, 1))
    for key, entries in ours.items():
        if not key.startswith(("first_", "last")):
            repeats = ("prefix", "form", "street", "job_female", "job_male", "agent_system")
            write(f"{folder}{key}.txt", entries if key in repeats else list(dict.fromkeys(entries)))


FRENCH_DRAMA = {"1": "01 99 00", "2": "02 61 91", "3": "03 53 01", "4": "04 65 71", "5": "05 36 49"}


def phone(locale: str, area: list[str]) -> str:
    """The pattern of telephone numbers that reach nobody, in this city; docs say where each range comes from."""
    code = area[0] if area else ""
    if locale == "de":
        return f"{code}{'#' * int(area[1])}" if area else "0171 39200##"
    return {
        "en": f"({code}) 555-01##",
        "fr": f"{FRENCH_DRAMA.get(code)} ## ##",
        "es": "39# ### ###",
        "it": "9## #######",
        "pt_BR": f"({code}) 90###-####",
        "ja": f"{code}-0{'#' * (5 - len(code))}-####",
        "ru": f"+7 {code} 0{'#' * (5 - len(code))}-##-##",
    }[locale]


def places(locale: str) -> None:
    """Cities with their region, postcodes, centre (hundredths of a degree) and telephone pattern."""
    rows = ["\t".join(("city", "region", "low", "span", "step", "latitude", "longitude", "phone"))]
    for line in (OWN / f"cities/{locale}.txt").read_text(encoding="utf-8").splitlines():
        city, region, low, high, latitude, longitude, *area = line.split("|")
        steps = (100, 10, 1) if locale == "fr" else (1,)
        step = next(step for step in steps if not (int(high) - int(low)) % step)
        span = (int(high) - int(low)) // step + 1
        degrees = (str(round(float(value) * 100)) for value in (latitude, longitude))
        rows.append("\t".join((city, region, str(int(low)), str(span), str(step), *degrees, phone(locale, area))))
    write(f"{locale}/places.tsv", rows)


NO_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}


def countries() -> None:
    """ISO 3166-1 codes and the names of the Unicode CLDR in every locale."""
    from babel import Locale

    names = [Locale.parse(locale).territories for locale in LOCALES]
    codes = sorted(code for code in names[0] if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES)
    rows = ["\t".join([code, *(by_code[code] for by_code in names)]) for code in codes]
    write("countries.tsv", ["\t".join(["code", *LOCALES]), *rows])


def manifest() -> str:
    """One line a file: SHA-256, and the path."""
    files = sorted(path for path in DATA.rglob("*") if path.is_file() and path.name != "MANIFEST")
    return "".join(f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(DATA).as_posix()}\n" for path in files)


def main() -> int:
    if "--check" in sys.argv:
        return int(manifest() != (DATA / "MANIFEST").read_text(encoding="utf-8"))
    if "--manifest" not in sys.argv:
        for locale in LOCALES:
            people(locale)
            words(locale, f"{locale}/")
            places(locale)
        words("common", "")
        countries()
        write("locales.tsv", (OWN / "locales.tsv").read_text(encoding="utf-8").splitlines())
    (DATA / "MANIFEST").write_text(manifest(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
