"""Builds the word pools under src/hotfixture/generators/data/ from the JSON of the mimesis package and tools/pools/.

Run by hand with mimesis installed, before a release only: once released a pool never changes. `--check` compares the
files with MANIFEST and writes nothing.
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


def own(path: str) -> list[str]:
    """Lines of a pool of our own; none where there is no such file."""
    place = OWN / path
    return place.read_text(encoding="utf-8").split("\n")[:-1] if place.exists() else []


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
            pairs = sorted(line.split("\t") for line in own(f"ja/{path}.tsv"))
            write(f"ja/{path}.txt", [pair[0] for pair in pairs])
            write(f"ja/{path}.slug.txt", [pair[1] for pair in pairs])
        return
    person = source(locale, "person")
    for sex in ("female", "male"):
        write_names(f"{locale}/first_{sex}", own(f"{locale}/first_{sex}.txt") or person["names"][sex], locale)
    surnames = person["surnames"]
    if isinstance(surnames, dict):
        russian(surnames)
    else:
        write_names(f"{locale}/last", own(f"{locale}/last.txt") or surnames, locale)


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


def manifest() -> str:
    """One line a file: SHA-256, and the path."""
    files = sorted(path for path in DATA.rglob("*") if path.is_file() and path.name != "MANIFEST")
    return "".join(f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(DATA).as_posix()}\n" for path in files)


def copy_own() -> None:
    """Pools and tables written by hand go over as they are."""
    names = ("ja/first_female.tsv", "ja/first_male.tsv", "ja/last.tsv", "unwanted.txt")
    for path in sorted(OWN.rglob("*")):
        relative = path.relative_to(OWN).as_posix()
        if path.is_file() and relative not in names and not path.name.startswith(("first_", "last")):
            write(relative, path.read_text(encoding="utf-8").split("\n")[:-1])


def main() -> int:
    if "--check" in sys.argv:
        return int(manifest() != (DATA / "MANIFEST").read_text(encoding="utf-8"))
    for locale in LOCALES:
        people(locale)
    copy_own()
    (DATA / "MANIFEST").write_text(manifest(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
