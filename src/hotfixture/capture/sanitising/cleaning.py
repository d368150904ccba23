"""The work of a sanitiser on plain values and texts: find the places, work out what stands instead, put it there."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

from hotfixture.capture.sanitising import hints, media
from hotfixture.capture.sanitising.credentials import Find
from hotfixture.capture.sanitising.decisions import Decision, Decisions
from hotfixture.capture.sanitising.hints import AT, DOCUMENT, JWT, NUMBER, PACKED, PEM, PERCENT, SEPARATOR, TOKEN, TOLD
from hotfixture.capture.sanitising.instead import Instead
from hotfixture.capture.sanitising.json_style import Spans, style_of
from hotfixture.capture.sanitising.keys import SECRET
from hotfixture.capture.sanitising.learned import Learned
from hotfixture.capture.sanitising.paths import ruled
from hotfixture.capture.sanitising.persons import Persons
from hotfixture.capture.sanitising.places import Places, Renamed
from hotfixture.capture.sanitising.rules import Rules

DEEPEST = 5
"""So many times a text may be packed in another: JSON in Base64 in a form in JSON …"""
_PERCENT = re.compile(r"(?<![\w.~*+-])[\w.~*+-]*(?:%[0-9A-Fa-f]{2}[\w.~*+-]*)+")
_PACKINGS = TOKEN | JWT | PEM | PACKED
_SHORTEST = 6


class Cleaner:
    """Cleans plain values and texts."""

    def __init__(self, decisions: Decisions, instead: Instead, secrets: Learned, rules: Rules) -> None:
        self.decisions, self.instead, self.secrets = decisions, instead, secrets
        instead.basic, instead.claims = self._basic, partial(self.value, depth=1)
        self._patterns = rules.patterns
        self._paths = rules.paths
        self._persons = Persons() if rules.policy else None

    def value(self, value: Any, *, people: bool = False, depth: int = 0) -> Any:
        """The clean value: the same object where nothing is to be done, else a copy."""
        root = [value]
        places = self._places(root, people)
        changes = self._changes(places, depth)
        if not changes:
            return value
        root = [_copy(value)]
        _put(self._places(root, people), changes)
        return root[0]

    def own(self, value: Any, *, depth: int = 0) -> bool:
        """Clean a list or dict itself; whether anything was to be done."""
        places = self._places([value], people=False)
        changes = self._changes(places, depth)
        _put(places, changes)
        return bool(changes)

    def _places(self, root: list[Any], people: bool) -> Places:
        places = Places(self.decisions)
        places.look(root, people)
        if self._paths and isinstance(root[0], dict | list):
            ruled(places, root[0], self._paths)
        return places

    def _changes(self, places: Places, depth: int) -> dict[int, Any]:
        """What stands instead, by the number of the place: texts first, then what stands under keys."""
        changes: dict[int, Any] = {}
        if places.keyed:
            self.instead.prepare(places.keyed)
            keyed = places.keyed if self._persons is None else self._persons.agreed(places.keyed)
            for number, one in enumerate(keyed, len(places.texts)):
                made = self.instead.under(one)
                if made is not one.value:
                    changes[number] = made
        if places.texts:
            changes.update(self._texts(places.texts, depth))
        for number, mark in enumerate(places.octets, len(places.texts) + len(places.keyed)):
            made = self._octets(mark["value"], depth)
            if made != mark["value"]:
                changes[number] = made
        return changes

    def _octets(self, packed: str, depth: int) -> str:
        """Bytes in Base64, cleaned as the text that they are, else where something can be read in them."""
        try:
            data = b64decode(packed, validate=True)
        except ValueError:
            return self.text(packed, depth)
        try:
            made = self.text(data.decode(), depth + 1).encode()
        except UnicodeError:
            made = media.readable_cleaned(data, self)
        return packed if made == data else b64encode(made).decode()

    def _texts(self, texts: Sequence[str], depth: int) -> dict[int, str]:
        """The texts that change, by number."""
        joined = SEPARATOR.join(texts).encode("utf-8", "surrogatepass")
        flagged = hints.flags_of(joined)
        changes: dict[int, str] = {}
        if flagged or self._patterns:
            found = {number: finds for number, text in enumerate(texts) if (finds := self._finds(text, flagged, depth))}
            self.instead.prepare_finds(one for finds in found.values() for one in finds)
            for number, finds in found.items():
                made = self._spliced(texts[number], finds)
                if made != texts[number]:
                    changes[number] = made
        if self.secrets.stands_in(joined):
            for number, text in enumerate(texts):
                before = changes.get(number, text)
                made = self.secrets.text(before)
                if made is not before:
                    changes[number] = made
        return changes

    def text(self, text: str, depth: int = 0) -> str:
        """The clean text."""
        if len(text) < _SHORTEST:
            return text
        return self._texts((text,), depth).get(0, text)

    def leaves(self, text: str, names: Iterable[str]) -> bool:
        """Whether surely nothing is to be done about a text with these keys in it; a quick look, that may miss it."""
        if self._patterns or self._paths or "\\u" in text:
            return False
        decide = self.decisions.of
        if any(decision.hides or decision.bare or decision.odd for decision in map(decide, names)):
            return False
        flagged = hints.flags(text) & ~DOCUMENT
        if flagged & (PACKED | PERCENT) or (flagged and hints.finds(text, flagged)):
            return False
        return not self.secrets.stands_in(text.encode("utf-8", "surrogatepass"))

    def _finds(self, text: str, flagged: int, depth: int) -> list[Find]:
        flagged = _likely(text, flagged)
        if flagged & DOCUMENT and depth < DEEPEST:
            made = self._document(text, depth)
            if made is not None:
                return [Find("made", 0, len(text), made)] if made != text else []
        found = [
            Find(str(number), *match.span(), match[0])
            for number, (pattern, _) in enumerate(self._patterns)
            for match in pattern.finditer(text)
        ]
        if flagged & ~DOCUMENT:
            found += [one for one in hints.finds(text, flagged) if _free(one, found)]
            if depth < DEEPEST:
                found += [one for one in self._packed(text, flagged, depth) if _free(one, found)]
        return found

    def _document(self, text: str, depth: int) -> str | None:
        """A text that is a JSON document, cleaned as such; None where it is none."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, dict | list):
            return None
        style = style_of(text, value)
        if style is None:
            return self.literals(text, depth + 1)
        return style.spell(value) if self.own(value, depth=depth + 1) else text

    def literals(self, text: str, depth: int = 0) -> str:
        """A JSON document of any style, with single literals replaced."""
        spans = Spans(text)
        places = self._places([spans.value], people=False)
        changes = self._changes(places, depth)
        if not changes:
            return text
        placed = _placed(places, changes)
        return spans.with_changes((container, key, _fitting(container, key, made)) for container, key, made in placed)

    def _packed(self, text: str, flagged: int, depth: int) -> Iterable[Find]:
        if flagged & PACKED:
            for start, end, packed in hints.unpacked(text):
                made = self.text(packed.text, depth + 1)
                if made != packed.text:
                    yield Find("made", start, end, packed.spell(made))
        if flagged & PERCENT:
            for match in _PERCENT.finditer(text):
                plain = unquote(match[0])
                made = self.text(plain, depth + 1)
                if made != plain:
                    yield Find("made", *match.span(), quote(made, safe="*"))

    def _spliced(self, text: str, finds: Sequence[Find]) -> str:
        pieces, done = [], 0
        for find in sorted(finds, key=lambda one: one.start):
            pieces += [text[done : find.start], self._made(find)]
            done = find.end
        return "".join((*pieces, text[done:]))

    def _made(self, find: Find) -> str:
        if find.kind == "made":
            return find.value
        if find.kind.isdigit():
            spec = self._patterns[int(find.kind)][1]
            decision = Decision(SECRET) if spec is None else Decision(spec=spec)
            return str(self.instead.of(decision, find.value))
        if find.kind == "jwt":
            return self.instead.token(find.value)
        if find.kind == "basic":
            return self._basic(find.value)
        return self.instead.found(find)

    def _basic(self, value: str) -> str:
        """Credentials of HTTP's Basic scheme (RFC 7617): the password is hidden, the user where it is an address."""
        packed = hints.unpack_short(value)
        if packed is None or ":" not in packed.text:
            return self.instead.secret(value)
        user, _, password = packed.text.partition(":")
        return packed.spell(f"{self.text(user, 1)}:{self.instead.secret(password)}")


def _copy(value: Any) -> Any:
    """A copy of lists and dicts; tuples become lists."""
    if isinstance(value, dict):
        return {key: _copy(inner) for key, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list | tuple) else value


def _targets(places: Places) -> Iterable[tuple[Any, Any]]:
    yield from places.at
    yield from ((one.container, one.key) for one in places.keyed)
    yield from ((mark, "value") for mark in places.octets)


def _placed(places: Places, changes: dict[int, Any]) -> list[tuple[Any, Any, Any]]:
    """Containers and keys with what comes there; of one place the last counts: what stands under a telling key comes
    after what is found in it as a text, and keys after their values."""
    targets = list(_targets(places))
    placed = [(*targets[number], made) for number, made in sorted(changes.items())]
    return sorted(placed, key=lambda one: isinstance(one[1], Renamed))


def _put(places: Places, changes: dict[int, Any]) -> None:
    for container, key, made in _placed(places, changes):
        if isinstance(key, Renamed):
            items = [(made if name == key.name else name, inner) for name, inner in container.items()]
            container.clear()
            container.update(items)
        else:
            container[key] = _fitting(container, key, made)


def _fitting(container: Any, key: Any, made: Any) -> Any:
    """What was a number is one again, where it can be: it was looked at as a text."""
    if isinstance(key, Renamed) or not isinstance(container[key], int):
        return made
    try:
        return type(container[key])(made)
    except ValueError:
        return made


def _free(one: Find, others: Iterable[Find]) -> bool:
    return all(one.end <= other.start or one.start >= other.end for other in others)


def _likely(text: str, flagged: int) -> int:
    """Which of the flags of a whole document may be meant for this text."""
    if len(text) < _SHORTEST:
        return 0
    found = flagged & AT * ("@" in text) | flagged & PERCENT * ("%" in text)
    if flagged & DOCUMENT and text[0] in "{[ \n" and text.rstrip()[-1:] in ("}", "]"):
        found |= DOCUMENT
    if flagged & _PACKINGS and len(text) >= hints.LONG:
        found |= hints.flags(text) & _PACKINGS
    if flagged & NUMBER and hints.has_number(text):
        found |= NUMBER
    if flagged & TOLD and (":" in text or "=" in text or " " in text or "<" in text):
        found |= TOLD
    return found
