"""Where in a plain value something may have to be cleaned: the texts in it, and what stands under telling keys."""

from __future__ import annotations

from typing import Any, NamedTuple

from hotfixture.capture.sanitising.decisions import NOTHING, Decision, Decisions
from hotfixture.capture.sanitising.keys import HIDDEN, SECRET, is_people

TAG = "$type"
"""Key of what `values.plain` makes of values that are no plain JSON."""
_MARKED = frozenset({
    TAG, "value", "state", "args", "class", "text", "name", "base", "most", "zone", "fold", "dtype", "shape", "scalar",
    "base64",
})  # fmt: skip
"""Keys of marks: a document with a `$type` of its own has others, too, and is none."""
BYTES = ("bytes", "bytearray", "memoryview")
_INSIDE = ("value", "state", "args")
_OPEN = frozenset({"session", "auth", "authentication", "account", "private", "device", "signature", "assertion"})
"""Names of secrets under which often a whole document stands, not one secret: it is looked into instead."""
_LONG_NUMBER = 10**11
_COUNTS = 1000


class Keyed(NamedTuple):
    """A value under a telling key."""

    container: Any
    key: Any
    value: Any
    decision: Decision
    siblings: Any
    """What else the row, the object, has."""


class Renamed(NamedTuple):
    """In the place of a key: the key itself is a text to be cleaned."""

    name: str


class Places:
    """All places of one value."""

    __slots__ = ("_calm", "_decide", "_known", "_within", "at", "keyed", "octets", "texts")

    def __init__(self, decisions: Decisions) -> None:
        self._known, self._decide = decisions.plain, decisions.of
        self._calm, self._within = decisions.calm, decisions.calm_within
        self.texts: list[str] = []
        self.at: list[tuple[Any, Any]] = []
        """Container and key of each text."""
        self.keyed: list[Keyed] = []
        self.octets: list[dict[str, Any]] = []
        """Marks of bytes, whose value is Base64."""

    def look(self, value: Any, people: bool = False) -> None:
        """Take in a list or a dict; `people` says that it is, or holds, somebody."""
        if isinstance(value, dict):
            self._dict(value, people)
        else:
            self._list(value, people)

    def _dict(self, value: dict[str, Any], people: bool) -> None:
        if not (self._within if people else self._calm).issuperset(value):
            self._telling(value, people)
            return
        texts, at = self.texts, self.at
        for key, inner in value.items():
            kind = type(inner)
            if kind is str:
                texts.append(inner)
                at.append((value, key))
            elif kind is dict:
                self._dict(inner, self._decide(key).people)
            elif kind is list or kind is tuple:
                self._list(inner, self._decide(key).people)
            elif kind is int and inner > _LONG_NUMBER:
                texts.append(str(inner))
                at.append((value, key))

    def _telling(self, value: dict[str, Any], people: bool) -> None:
        """A dict of which a key may say something about its value, or is met for the first time."""
        if is_mark(value):
            self._mark(value, people)
            return
        if "value" in value and ("name" in value or "key" in value):
            people = self._pair(value, people, value.get("name", value.get("key")), "value")
        elif "Value" in value and ("Name" in value or "Key" in value):  # as AWS has it
            people = self._pair(value, people, value.get("Name", value.get("Key")), "Value")
        known, texts, at = self._known, self.texts, self.at
        for key, inner in value.items():
            decision = known.get(key)
            if decision is None:
                decision = self._decide(key) if type(key) is str else NOTHING
            kind = type(inner)
            if decision is NOTHING:
                if kind is str:
                    texts.append(inner)
                    at.append((value, key))
                elif kind is dict:
                    self._dict(inner, False)
                elif kind is list or kind is tuple:
                    self._list(inner, False)
                elif kind is int and inner > _LONG_NUMBER:
                    texts.append(str(inner))
                    at.append((value, key))
            elif inner is not None and kind is not bool and not (kind is int and _is_count(inner, decision)):
                self._decided(value, key, inner, decision, people)

    def _decided(self, container: Any, key: Any, inner: Any, decision: Decision, people: bool) -> None:
        if decision.odd:
            self.texts.append(key)
            self.at.append((container, Renamed(key)))
        if decision.hides:
            if isinstance(inner, dict | list | tuple) and not self._whole(key, inner, decision):
                self.look(inner, decision.people or decision.kind not in HIDDEN)
            else:
                self.keyed.append(Keyed(container, key, inner, decision, container))
        elif decision.bare and people and isinstance(inner, str):
            self.keyed.append(Keyed(container, key, inner, Decision(decision.bare), container))
        elif isinstance(inner, dict | list | tuple):
            self.look(inner, decision.people or (people and bool(decision.bare)))
        elif isinstance(inner, str):
            self.texts.append(inner)
            self.at.append((container, key))
        elif type(inner) is int and inner > _LONG_NUMBER:
            self.texts.append(str(inner))
            self.at.append((container, key))

    def _whole(self, key: str, inner: Any, decision: Decision) -> bool:
        """Whether all that stands under the key is hidden; else it is looked into."""
        if isinstance(inner, dict) and not is_mark(inner):
            return decision.kind in HIDDEN and key.lower() not in _OPEN
        return True

    def _pair(self, value: dict[str, Any], people: bool, name: Any, key: str) -> bool:
        """`{"name": "Authorization", "value": …}`: the name decides about the value."""
        decision = self._decide(name) if isinstance(name, str) else NOTHING
        if decision.hides and isinstance(value[key], str | int):
            self.keyed.append(Keyed(value, key, value[key], decision, value))
            return False
        return people

    def _list(self, value: Any, people: bool) -> None:
        if value and _may_be_a_pair(value[0]) and all(map(_is_pair, value)):
            for item in value:
                self._named(item["value"] if type(item) is dict else item)
            return
        texts, at = self.texts, self.at
        option = False
        for key, inner in enumerate(value):
            kind = type(inner)
            if kind is str:
                if not (option and self._option(value, key)):
                    texts.append(inner)
                    at.append((value, key))
                option = inner[:2] == "--"
                continue
            option = False
            if kind is dict:
                self._dict(inner, people)
            elif kind is list or kind is tuple:
                self._list(inner, people)
            elif kind is int and inner > _LONG_NUMBER:
                texts.append(str(inner))
                at.append((value, key))

    def _option(self, value: Any, key: int) -> bool:
        """`["--password", …]`: an option of a command that speaks for what follows it."""
        decision = NOTHING if "=" in value[key - 1] else self._decide(value[key - 1].lstrip("-"))
        if decision.hides:
            self.keyed.append(Keyed(value, key, value[key], decision, None))
        return decision.hides

    def _named(self, pair: Any) -> None:
        """`[name, value]`, one of several such pairs."""
        name, inner = pair
        decision = self._decide(name)
        self.texts.append(name)
        self.at.append((pair, 0))
        if decision.hides and inner is not None and not isinstance(inner, bool):
            self.keyed.append(Keyed(pair, 1, inner, decision, None))
        elif isinstance(inner, str):
            self.texts.append(inner)
            self.at.append((pair, 1))
        elif isinstance(inner, dict | list | tuple):
            self.look(inner, decision.people)

    def _pairs(self, pairs: list[Any], people: bool) -> None:
        """What stands under keys of which some are no texts: texts speak, and those in tuples."""
        if not all(type(pair) is list and len(pair) == 2 for pair in pairs):
            self._list(pairs, people)  # a document that has the key of our marks
            return
        for pair in pairs:
            first = pair[0]
            if type(first) is str:
                self._named(pair)
            elif (decision := self._of_tuple(first)).hides and pair[1] is not None and not isinstance(pair[1], bool):
                self._dict(first, people)
                self.keyed.append(Keyed(pair, 1, pair[1], decision, None))
            else:
                self._list(pair, people)

    def _of_tuple(self, key: Any) -> Decision:
        inner = key.get("value") if type(key) is dict and key.get(TAG) == "tuple" else None
        texts = [one for one in inner if type(one) is str] if isinstance(inner, list) else []
        return next((found for found in map(self._decide, texts) if found.hides), NOTHING)

    def _mark(self, value: dict[str, Any], people: bool) -> None:
        """A typed value: what is in it, not how it is told."""
        people = people or is_people(str(value.get("class", "")).rpartition(".")[2])
        if value[TAG] in BYTES and isinstance(value.get("value"), str):
            self.octets.append(value)
            return
        if value[TAG] == "dict" and isinstance(value.get("value"), list):
            self._pairs(value["value"], people)
            return
        for key in (*_INSIDE, "text", "base64"):
            inner = value.get(key)
            if isinstance(inner, str):
                self.texts.append(inner)
                self.at.append((value, key))
            elif isinstance(inner, dict | list | tuple):
                self.look(inner, people)


def is_mark(value: Any) -> bool:
    """Whether a dict is what `values.plain` makes of a typed value, and no document that has such a key."""
    return TAG in value and _MARKED.issuperset(value) and type(value[TAG]) is str


def _is_count(value: int, decision: Decision) -> bool:
    """Whether a number under the name of a secret is one of something: `{"pass": 12, "fail": 3}`."""
    return decision.kind == SECRET and -_COUNTS < value < _COUNTS


def _may_be_a_pair(item: Any) -> bool:
    kind = type(item)
    return kind is list or kind is tuple or (kind is dict and TAG in item)


def _is_pair(item: Any) -> bool:
    """Whether it is a list or tuple of a text and something else."""
    if type(item) is dict:
        item = item.get("value") if item.get(TAG) == "tuple" else None
    return isinstance(item, list | tuple) and len(item) == 2 and type(item[0]) is str
