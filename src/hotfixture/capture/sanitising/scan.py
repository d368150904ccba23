"""Proves that no secret is left in recordings: sessions, their one-file form, HAR files, cassettes, any text file.

Looked for are: values that the user gives, and those of environment variables with the names of secrets, also spelled
for URLs or JSON, in Base64, in compressed bodies; what has the form of a credential; what stands under the keys of
secrets; mail addresses, cards, national numbers. What is a surrogate is none. A finding says where and what, never the
value.
"""

from __future__ import annotations

import base64
import gzip
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from hotfixture.capture.sanitising import compression, credentials, headers, hints, known, media
from hotfixture.capture.sanitising.compression import UnreadableError
from hotfixture.capture.sanitising.keys import HIDDEN
from hotfixture.capture.sanitising.learned import Learned
from hotfixture.capture.sanitising.places import Keyed, Places, Renamed
from hotfixture.capture.sanitising.rules import Rules, load, of_environment
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.errors import InputError, Where
from hotfixture.transforms.masks.keys import MaskingKey

_DEEPEST = 6
_SHORTEST = 8
"""Characters of the shortest value that is looked for."""
_KINDS = frozenset({"secret", "jwt", "pem", "basic", "email", "card", "national_id", "iban"})
_TEXT_PIECE = 1 << 22


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that should not be there."""

    file: str
    line: int
    """From 1; 0 where the file has no lines."""
    place: str
    """Such as `request.headers[3]`, in a document."""
    kind: str
    """What it looks like: `secret`, `jwt`, `email` …; `given` for a value that was given."""

    def told(self) -> dict[str, Any]:
        """For programs."""
        return {"file": self.file, "line": self.line, "place": self.place, "kind": self.kind}

    def __str__(self) -> str:
        place = f" {self.place}" if self.place else ""
        return f"{self.file}{f':{self.line}' if self.line else ''}:{place}: {_SPOKEN.get(self.kind, self.kind)}"


_SPOKEN: Mapping[str, str] = {
    "secret": "looks like a secret",
    "jwt": "a JSON Web Token with a signature",
    "pem": "a private key",
    "basic": "credentials of the Basic scheme",
    "email": "a mail address",
    "card": "the number of a payment card",
    "iban": "an IBAN",
    "national_id": "a national number",
    "given": "a value that was named as a secret",
}


def scan(
    path: str | Path,
    *,
    secrets: Iterable[str] = (),
    rules: Any = None,
    environment: Mapping[str, str] | None = None,
) -> list[Finding]:
    """What is left in a file, or in all files of a folder, in their order; empty where nothing is.

    `secrets` are values that must not be there (those of fewer than eight characters are not looked for), beside those
    of `environment` (default: of the process) whose variables have the names of secrets. InputError where there is
    no such file.
    """
    path = Path(path)
    if not path.exists():
        raise InputError("there is no such file or folder", where=Where(str(path)))
    environment = os.environ if environment is None else environment
    search = _Search(load(rules, environment), [*secrets, *of_environment(environment)])
    root = path if path.is_dir() else path.parent
    files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
    return [finding for file in files for finding in search.file(file, file.relative_to(root).as_posix())]


class _Search:
    """One search through files."""

    def __init__(self, rules: Rules, given: Iterable[str]) -> None:
        self._rules = rules
        self._cleaner = Sanitiser(MaskingKey(os.urandom(32)), replace(rules, secrets=(), key_file=None)).cleaner
        self._given = Learned()
        for value in (*given, *rules.secrets):
            value = value.strip()  # noqa: PLW2901 - lines of a file
            if len(value) >= _SHORTEST and not known.secret(value):
                self._given.add(value, "\0" * 8)

    def file(self, path: Path, name: str) -> Iterator[Finding]:
        """What is left in one file."""
        seen: set[Finding] = set()
        for number, piece in _pieces(path):
            for place, kind in self._bytes(piece, "", 0):
                finding = Finding(name, number, place, kind)
                if finding not in seen:
                    seen.add(finding)
                    yield finding

    def _bytes(self, data: bytes, place: str, depth: int) -> Iterator[tuple[str, str]]:
        """Places and kinds, in one document, text or binary."""
        if self._given.stands_in(data):
            yield place, "given"
        try:
            text = data.decode()
        except UnicodeDecodeError:
            yield from self._binary(data, place, depth)
            return
        yield from self._text(text, place, depth)

    def _binary(self, data: bytes, place: str, depth: int) -> Iterator[tuple[str, str]]:
        for match in media.READABLE.finditer(data):
            yield from self._text(match[0].decode("ascii", "replace"), place, depth)

    def _text(self, text: str, place: str, depth: int) -> Iterator[tuple[str, str]]:
        if len(text) < 6 or depth > _DEEPEST:
            return
        if text.lstrip()[:1] in ("{", "["):
            try:
                value = msgspec.json.decode(text)
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                pass
            else:
                yield from self._value(value, place, depth)
                return
        flagged = hints.flags(text)
        for find in hints.finds(text, flagged):
            if find.kind in _KINDS and not self._is_clean(find):
                yield place, find.kind
        for number, (pattern, _) in enumerate(self._rules.patterns):
            if any(not known.secret(match[0]) for match in pattern.finditer(text)):
                yield place, f"pattern {number + 1}"
        if flagged & hints.PACKED:
            for _, _, packed in hints.unpacked(text):
                yield from self._bytes(packed.text.encode("utf-8", "replace"), place, depth + 1)

    def _is_clean(self, find: credentials.Find) -> bool:
        value = find.value
        if find.kind == "basic":
            packed = hints.unpack_short(value)
            password = packed.text.partition(":")[2] if packed else value
            return not password or known.secret(password)
        spelled = (value, value[find.prefix :], unquote(value))
        return known.personal(value) or known.personal(spelled[2]) or any(map(known.secret, spelled))

    def _value(self, value: Any, place: str, depth: int) -> Iterator[tuple[str, str]]:
        """In a document: bodies are unpacked, keys speak for what stands under them."""
        if depth > _DEEPEST:
            return
        yield from self._forms(value, place, depth)
        places = Places(self._cleaner.decisions)
        try:
            places.look([value])
        except RecursionError:
            yield place, "too deep to be looked into"
            return
        named = _Named(value, place)
        for one in places.keyed:
            if one.container is value and _is_own_id(one):
                continue
            if one.decision.kind in HIDDEN and not self._is_hidden(one):
                yield named.of(one.container, one.key), "secret"
            elif isinstance(one.value, str):
                yield from self._text(one.value, named.of(one.container, one.key), depth + 1)
        for text, (container, key) in zip(places.texts, places.at, strict=True):
            if len(text) >= 6 and not (key == "packed" and "encodings" in container):  # which `_forms` has looked into
                yield from self._leaf(text, container, key, named, depth)

        for mark in places.octets:
            try:
                data = base64.b64decode(mark["value"])
            except ValueError:
                continue
            yield from ((named.of(mark, "value"), kind) for _, kind in self._bytes(data, "", depth + 1))

    def _leaf(self, text: str, container: Any, key: Any, named: _Named, depth: int) -> Iterator[tuple[str, str]]:
        found = list(self._bytes(text.encode("utf-8", "surrogatepass"), "", depth + 1))
        for inner, kind in found:
            place = named.of(container, key.name if isinstance(key, Renamed) else key)
            yield f"{place}{'.' if inner and inner[0] != '[' else ''}{inner}", kind

    def _is_hidden(self, one: Keyed) -> bool:
        """Whether a value under the key of a secret is one already: then cleaning it changes nothing."""
        if isinstance(one.value, str):
            name = _name_of(one)
            if headers.cleaned([(name, one.value)], self._cleaner) == [(name, one.value)]:
                return True
        return bool(self._cleaner.instead.under(one) == one.value)

    def _forms(self, value: Any, place: str, depth: int) -> Iterator[tuple[str, str]]:
        """The bodies in an interaction that are packed."""
        stack = [(value, place)]
        while stack:
            inner, where = stack.pop()
            if isinstance(inner, dict):
                if isinstance(inner.get("packed") or inner.get("base64"), str):
                    yield from self._form(inner, where, depth)
                stack.extend((one, f"{where}.{key}" if where else str(key)) for key, one in inner.items())
            elif isinstance(inner, list):
                stack.extend((one, f"{where}[{number}]") for number, one in enumerate(inner))

    def _form(self, form: dict[str, Any], place: str, depth: int) -> Iterator[tuple[str, str]]:
        try:
            raw = base64.b64decode(form.get("packed") or form["base64"])
            data = compression.unpack(raw, _sent(form), self._rules.largest).data if "packed" in form else raw
        except (ValueError, UnreadableError):
            return
        yield from self._bytes(data, place, depth + 1)


def _is_own_id(one: Keyed) -> bool:
    """Whether it is the id that a session of ours is named by: it opens nothing."""
    value = one.value
    return one.key == "session_id" and isinstance(value, str) and value.isdigit() and "timestamp" in one.container


def _sent(form: Mapping[str, Any]) -> list[str]:
    """The encodings of a body in the order of its header."""
    return [name.removesuffix("-raw") for name in reversed(form.get("encodings", []))]


def _name_of(one: Keyed) -> str:
    """The name that speaks for a value: its key, the first of a pair, the `name` beside a `value`."""
    if isinstance(one.key, int):
        return str(one.container[0])
    if one.key in ("value", "Value") and isinstance(one.container, dict):
        named = {str(key).lower(): inner for key, inner in one.container.items()}
        return str(named.get("name", named.get("key", "value")))
    return str(one.key)


class _Named:
    """What places of a document are called: worked out when there is something to be said."""

    def __init__(self, value: Any, place: str) -> None:
        self._value, self._place = value, place
        self._names: dict[int, str] = {}

    def of(self, container: Any, key: Any) -> str:
        """The place of a key of one of the document's lists and dicts; a key that may be a secret is not quoted."""
        if not self._names:
            self._walk()
        around = self._names.get(id(container), self._place)
        if isinstance(key, int):
            return f"{around}[{key}]"
        shown = key if str(key).isidentifier() and len(str(key)) < 40 else "(a key)"
        return f"{around}.{shown}" if around else str(shown)

    def _walk(self) -> None:
        stack = [(self._value, self._place)]
        while stack:
            inner, where = stack.pop()
            self._names[id(inner)] = where
            items = inner.items() if isinstance(inner, dict) else enumerate(inner) if isinstance(inner, list) else ()
            for key, one in items:
                if isinstance(one, dict | list):
                    shown = f"[{key}]" if isinstance(key, int) else f".{key}" if str(key).isidentifier() else ".(a key)"
                    stack.append((one, (where + shown).lstrip(".")))


def _pieces(path: Path) -> Iterator[tuple[int, bytes]]:
    """A file line by line where it has lines that are documents, else whole."""
    if path.suffix == ".gz":
        with gzip.open(path, "rb") as file:
            yield 0, file.read(_TEXT_PIECE * 16)
        return
    if path.suffix in (".jsonl", ".ndjson", ".log", ".txt", ".md", ".yaml", ".yml"):
        with path.open("rb") as file:
            yield from enumerate((line.rstrip(b"\r\n") for line in file), 1)
        return
    yield 0, path.read_bytes()
