"""What sampled values say about a column: the share of them that has the form of something sensitive."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeAlias

import pyarrow as pa

from hotfixture.generators.pools import members
from hotfixture.transforms.patterns import find, is_wholly

Judgement: TypeAlias = "tuple[str, float, str]"
"""Class, confidence, evidence."""

MOST = 1000
FEWEST = 5
"""Below so many values nothing is concluded from names and forms without check digits."""
_LOCALES = ("en", "de", "fr", "es", "it", "pt_BR", "ja", "ru")

_SECRETS = re.compile(
    r"\$2[abxy]\$\d\d\$|\$argon2|\$[156y]\$|pbkdf2[_:]|scrypt[:$]|\{S?SHA\d*\}|bcrypt"
    r"|eyJ[\w-]{5,}\.[\w-]{5,}\.|-----BEGIN|(sk|pk|rk)_(live|test)_|gh[pousr]_|xox[abprs]-|AKIA[0-9A-Z]{12}|glpat-"
)
_NATIONAL = re.compile(
    r"\d{3}-\d{2}-\d{4}|\d{3}\.\d{3}\.\d{3}-\d{2}|[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]|\d{8}[A-HJ-NP-TV-Z]"
)
_COORDINATES = re.compile(r"\(?-?\d{1,2}\.\d{3,}\s*[,; ]\s*-?\d{1,3}\.\d{3,}\)?")
_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")
_DATE = re.compile(r"(\d{4})-\d{2}-\d{2}")
_FORMS: tuple[tuple[str, float, float, Any], ...] = (
    # class, share needed, confidence, test
    ("email", 0.5, 0.95, lambda text: is_wholly("email", text)),
    ("iban", 0.5, 0.95, lambda text: is_wholly("iban", text)),
    ("card", 0.8, 0.9, lambda text: is_wholly("card", text)),
    ("ip", 0.8, 0.85, lambda text: is_wholly("ipv4", text) or is_wholly("ipv6", text)),
    ("mac", 0.8, 0.85, _MAC.fullmatch),
    ("secret", 0.5, 0.95, _SECRETS.match),
    ("national_id", 0.7, 0.85, _NATIONAL.fullmatch),
    ("coordinates", 0.7, 0.8, _COORDINATES.fullmatch),
    ("phone", 0.7, 0.8, lambda text: is_wholly("phone", text) and not text.isdecimal()),
)


def judge(sample: pa.Array, holds: str) -> Iterator[Judgement]:
    """What the values say; `holds` is the kind of the column."""
    if holds in ("date", "timestamp"):
        yield from _birth_dates(sample)
    if holds not in ("text", "other", "integer"):
        return
    texts = [text.strip() for text in _texts(sample) if text.strip()]
    if len(texts) < FEWEST:
        return
    for kind, needed, confidence, holds_for in _FORMS:
        share = sum(map(bool, map(holds_for, texts))) / len(texts)
        if share >= needed and len(set(texts)) >= min(FEWEST, len(texts) // 2 + 1):
            yield kind, confidence, f"{share:.0%} of {len(texts)} sampled values have the form"
    yield from _names(texts)
    yield from _prose(texts)


def _texts(sample: pa.Array) -> list[str]:
    values = sample.slice(0, MOST).drop_null().cast(pa.string()).to_pylist()
    return [value for value in values if isinstance(value, str)]


@cache
def _known(of: str) -> frozenset[str]:
    sexes = ("first_female", "first_male") if of == "first" else ("last",)
    pools = (members(f"{locale}/{sex}") for locale in _LOCALES for sex in sexes)
    return frozenset(name.lower() for pool in _existing(pools) for name in pool)


def _existing(pools: Iterator[frozenset[str]]) -> Iterator[frozenset[str]]:
    """The pools there are; a locale may have a list less."""
    while True:
        try:
            yield next(pools)
        except StopIteration:
            return
        except OSError:
            continue


def _names(texts: list[str]) -> Iterator[Judgement]:
    distinct = {text.lower() for text in texts}
    if len(distinct) < FEWEST:
        return
    for kind, of in (("first_name", "first"), ("last_name", "last")):
        share = sum(text in _known(of) for text in distinct) / len(distinct)
        if share >= 0.5:
            yield (
                kind,
                0.45 + share * 0.4 + 0.01 * (of == "first"),
                f"{share:.0%} of the distinct values are known names",
            )
    pairs = [text.split() for text in distinct if 2 <= len(text.split()) <= 3]
    share = sum(pair[0] in _known("first") for pair in pairs) / len(distinct)
    if share >= 0.4:
        yield "full_name", 0.5 + share * 0.4, f"{share:.0%} of the distinct values begin with a known first name"


def _prose(texts: list[str]) -> Iterator[Judgement]:
    """Longer texts in which something identifying stands."""
    long = [text for text in texts if len(text) > 20 and text.count(" ") >= 3]
    if len(long) < len(texts) * 0.3:
        return
    hits = sum(bool(find(text)) for text in long)
    if hits:
        yield "free_text", 0.9, f"{hits} of {len(long)} sampled texts mention an e-mail, phone, card, IBAN or IP"


def _birth_dates(sample: pa.Array) -> Iterator[Judgement]:
    """Dates spread over more than thirty years that end years ago are birth dates more often than not."""
    years = sorted(int(match[1]) for text in _texts(sample) if (match := _DATE.match(text)))
    if len(years) < 4 * FEWEST:
        return
    low, high = years[len(years) // 20], years[-1 - len(years) // 20]
    if 1920 <= low <= 1980 and high - low > 30 and high <= 2015:
        yield "birth_date", 0.6, "the sampled dates are spread like birth dates"


def documents(sample: pa.Array) -> Mapping[str, pa.Array]:
    """The texts and numbers inside sampled JSON documents, by path; list members under `[*]`."""
    found: dict[str, list[str]] = {}
    for text in _texts(sample):
        try:
            _collect(json.loads(text), "$", found)
        except ValueError:
            continue
    return {path: pa.array(values, pa.string()) for path, values in found.items()}


def _collect(value: Any, path: str, found: dict[str, list[str]]) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            step = f".{name}" if re.fullmatch(r"[\w-]+", name) else f"['{name}']"
            _collect(inner, path + step, found)
    elif isinstance(value, list):
        for inner in value:
            _collect(inner, f"{path}[*]", found)
    elif value is not None and not isinstance(value, bool):
        found.setdefault(path, []).append(str(value))
