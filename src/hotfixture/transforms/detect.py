"""Finds columns that look sensitive, by their names and by sampled values.

Names are compared by words: `monkey` holds no `key`, `email_verified_at` is no e-mail. Values are judged by the share
of them that has a form (with check digits where there are some); evidence names shares, never values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any
from unicodedata import combining, normalize

from hotfixture.schema import Column, Table, TableName
from hotfixture.transforms.kinds import kind_of
from hotfixture.transforms.masks import MaskSpec
from hotfixture.transforms.suspicions import PROPOSALS, Suspicion
from hotfixture.transforms.vocabulary import ABOUT, BARE_NAMES, PEOPLE, PHRASES, STILL, SUPPORT

if TYPE_CHECKING:
    import pyarrow as pa

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\dA-Z_]+|\d+")
_FREE_TEXT = frozenset({"description", "text", "content", "details", "summary"})
_TYPES: Mapping[str, tuple[str, ...]] = {
    "coordinates": ("decimal", "float", "text", "other", "array"),
    "salary": ("integer", "decimal", "float", "text"),
    "birth_date": ("date", "timestamp", "text", "integer"),
    "image": ("binary", "text"),
    "secret": ("text", "binary", "json", "uuid", "other", "array"),
    "phone": ("text", "integer", "decimal", "json", "array"),
    "card": ("text", "integer", "decimal", "binary"),
    "card_code": ("text", "integer", "binary", "decimal"),
    "gender": ("text", "enum", "integer"),
    "device": ("text", "uuid", "binary"),
    "belief": ("text", "enum", "array", "json"),
    "health": ("text", "enum", "array", "json", "integer"),
    "ip": ("text", "other", "binary", "integer", "array"),
    "mac": ("text", "other", "binary"),
}
_TEXTUAL = ("text", "json", "array", "binary", "other")
_NUMBERS = ("account", "tax_id", "national_id", "passport", "vehicle", "postcode")


def words(name: str) -> tuple[str, ...]:
    """The words of a name: `customerEMail2`, `customer_e_mail` and `CUSTOMER-E-MAIL` hold `customer`, `e`, `mail`."""
    plain = "".join(part for part in normalize("NFKD", name.replace("ß", "ss")) if not combining(part))
    if plain.isupper():
        plain = plain.lower()
    return tuple(word.lower() for word in _WORDS.findall(plain))


def suspect(table: Table, samples: Mapping[str, pa.Array] | None = None) -> list[Suspicion]:
    """The columns of a table that look sensitive, one suspicion each, in the table's order.

    `samples` holds some decoded values (text) of each column, a few hundred are enough.
    """
    found = []
    for column in table.columns:
        sample = samples.get(column.name) if samples else None
        best = max(_all(table, column, sample), key=lambda one: one.confidence, default=None)
        if best:
            found.append(best)
    return found


def _all(table: Table, column: Column, sample: pa.Array | None) -> Iterator[Suspicion]:
    from hotfixture.transforms.evidence import documents, judge

    named = by_name(column.name, words(table.name.name), kind_of(column))
    if named:
        yield _suspicion(table.name, column, *named)
    if sample is None or not len(sample):
        return
    if kind_of(column) == "json":
        yield from _inside(table.name, column, documents(sample))
        return
    for kind, confidence, evidence in judge(sample, kind_of(column)):
        agree = named is not None and named[0] == kind
        yield _suspicion(table.name, column, kind, min(confidence + 0.04 * agree, 0.99), evidence)


def _inside(table: TableName, column: Column, documents: Mapping[str, pa.Array]) -> Iterator[Suspicion]:
    """One suspicion for all that stands in a JSON column, with a mask for each path."""
    from hotfixture.transforms.evidence import judge

    masks: dict[str, Any] = {}
    first: tuple[str, float] = ("", 0.0)
    for path, sample in documents.items():
        name = re.sub(r"\[.*?\]", "", path).rpartition(".")[2]
        found = [one for one in (by_name(name, (), "text"), *judge(sample, "text")) if one]
        if found:
            kind, confidence, _ = max(found, key=lambda one: one[1])
            masks[path] = proposal(kind, replace(column, native="", nullable=True)).plain()
            first = max(first, (kind, confidence), key=lambda one: one[1])
    if masks:
        evidence = f"inside the documents, at {', '.join(masks)}"
        yield Suspicion(table, column.name, first[0], MaskSpec("json", masks), first[1], evidence)


def _suspicion(table: TableName, column: Column, kind: str, confidence: float, evidence: str) -> Suspicion:
    return Suspicion(table, column.name, kind, proposal(kind, column), confidence, evidence)


def proposal(kind: str, column: Column) -> MaskSpec:
    """The mask for a class of data that fits the column's type and whether it may be null."""
    spec = MaskSpec.parse(PROPOSALS[kind])
    holds = kind_of(column)
    if spec.name == "null":
        return spec if column.nullable else MaskSpec("redact")
    if holds in ("integer", "decimal") and kind not in ("salary", "coordinates", "birth_date"):
        return MaskSpec("permute", {"luhn": True} if kind == "card" and holds == "decimal" else {})
    if kind == "birth_date" and holds == "integer":
        return MaskSpec("bucket", main=5)
    if kind in ("salary", "coordinates") and holds not in ("integer", "decimal", "float"):
        return MaskSpec("redact") if holds != "other" else MaskSpec("null")
    if holds in ("uuid", "binary"):
        return MaskSpec("permute" if holds == "uuid" else "redact")
    if holds in ("array", "json", "enum"):
        return MaskSpec("redact")
    return spec


@cache
def _phrases() -> dict[tuple[str, ...], tuple[str, float]]:
    """Each phrase as words, and written as one word, with its class and confidence."""
    found: dict[tuple[str, ...], tuple[str, float]] = {}
    for block in re.split(r"\n(?=\S)", PHRASES.strip()):
        kind, confidence, phrases = block.split(maxsplit=2)
        for phrase in phrases.split(","):
            parts = words(phrase)
            found[parts] = (kind, float(confidence))
            found.setdefault(("".join(parts),), (kind, float(confidence)))
    return found


def by_name(name: str, table: tuple[str, ...] = (), holds: str = "text") -> tuple[str, float, str] | None:
    """Class, confidence and evidence that a column's name gives, in a table with these words; None for none."""
    parts = words(name)
    found = _bare(parts, table) or _longest(parts)
    if not found:
        return None
    kind, confidence, phrase = found
    if holds not in _TYPES.get(kind, (*_TEXTUAL, "integer", "decimal") if kind in _NUMBERS else _TEXTUAL):
        return None
    rest = set(parts) - set(phrase)
    if rest & ABOUT and not (kind in STILL and not rest & {"at", "type", "count", "is", "has", "length", "policy"}):
        return None
    return kind, confidence, f"its name says {' '.join(phrase)!r}"


def _bare(parts: tuple[str, ...], table: tuple[str, ...]) -> tuple[str, float, tuple[str, ...]] | None:
    if len(parts) != 1:
        return None
    word = parts[0]
    if word in BARE_NAMES and PEOPLE & set(table):
        return BARE_NAMES[word], 0.8, parts
    if word in _FREE_TEXT and SUPPORT & set(table):
        return "free_text", 0.6, parts
    return None


def _longest(parts: tuple[str, ...]) -> tuple[str, float, tuple[str, ...]] | None:
    """The longest phrase among the words of a name; of equally long ones the last, which names the thing itself."""
    phrases = _phrases()
    for size in range(len(parts), 0, -1):
        for start in range(len(parts) - size, -1, -1):
            phrase = parts[start : start + size]
            if phrase in phrases:
                return (*phrases[phrase], phrase)
    return None
