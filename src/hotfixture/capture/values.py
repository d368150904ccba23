"""Any Python value as JSON that remembers its type, and back. `plain` never raises, whatever it is given.

Texts, numbers, truth values, None, lists and dicts with text keys stay what they are. Everything else becomes a
*mark*: a dict with the key `$type`, its value in `value`, `state` (attributes by name) or `args`. A dict that has keys
that are no texts, or a `$type` of its own, becomes `{"$type": "dict", "value": [[key, value], …]}`. What is too deep,
too much or within itself is cut with a mark that says so.
"""

from __future__ import annotations

from typing import Any

from hotfixture.capture import objects
from hotfixture.capture.foreign import TAG, Mark
from hotfixture.capture.objects import MAKERS, Placeholder

DEPTH = 100
"""Levels of JSON that are kept: readers go down recursively, and Python allows about 1,000 calls in each other."""
MOST = 2_000_000
"""Items that are kept of one value: one list that holds itself twice at forty levels would fill any disk."""
_LEAST, _LARGEST = -(2**63), 2**64 - 1
_END = object()
_OPEN = (dict, list)
_EACH = 4
"""What a list or dict counts beside its items."""
_SHALLOW, _FEW = 12, 50_000
"""Levels and lists or dicts that the short way takes."""

__all__ = ["DEPTH", "Placeholder", "plain", "restored"]


def plain(value: Any, *, whole: bool = True) -> Any:
    """JSON-able form of a value: a copy, that later changes of the value do not reach. Nothing is consumed, and no
    property is called. Without `whole`, objects whose classes do not declare their fields are only named.
    """
    try:
        return _simple(value, 0, [_FEW])
    except (_OddError, RuntimeError):  # something that is not plain JSON, or that another thread changes just now
        pass
    box: list[Any] = []
    try:
        _Work(whole).fill([value], box)
    except Exception as error:  # noqa: BLE001 - the program under test must not see it
        return cut(f"could not be taken apart: {type(error).__qualname__}")
    return box[0]


class _OddError(Exception):
    """Something in the value wants the long way."""


def _simple(value: Any, level: int, left: list[int]) -> Any:
    """A copy of plain JSON of few levels: the short way, for most values are that. Its two loops are one written twice:
    a call for each item would double what recording costs."""
    left[0] -= 1
    kind = type(value)
    if level > _SHALLOW or left[0] < 0:
        raise _OddError
    if kind is dict:
        return _simple_dict(value, level + 1, left)
    if kind is not list:
        return _scalar(value)
    made: list[Any] = []
    for item in value:
        kind = type(item)
        if kind is dict or kind is list:
            item = _simple(item, level + 1, left)  # noqa: PLW2901 - the copy takes the place of the original
        elif not (item is None or kind is bool or (kind is str and item.isascii())):
            _scalar(item)
        made.append(item)
    return made


def _simple_dict(value: dict[Any, Any], level: int, left: list[int]) -> dict[str, Any]:
    if TAG in value:
        raise _OddError
    made = {}
    for key, item in value.items():
        if type(key) is not str or not key.isascii():
            raise _OddError
        kind = type(item)
        if kind is dict or kind is list:
            item = _simple(item, level, left)  # noqa: PLW2901 - the copy takes the place of the original
        elif not (item is None or kind is bool or (kind is str and item.isascii())):
            _scalar(item)
        made[key] = item
    return made


def _scalar(item: Any) -> Any:
    kind = type(item)
    if (
        item is None
        or kind is bool
        or (kind is int and _LEAST <= item <= _LARGEST)
        or (kind is float and item - item == 0)
        or (kind is str and objects.text(item) is item)
    ):
        return item
    raise _OddError


def cut(why: str) -> Mark:
    """The mark in place of what was not kept."""
    return {TAG: "cut", "text": why}


class _Work:
    """The making of one plain form, by a stack of its own: values may be deeper than calls may be."""

    def __init__(self, whole: bool) -> None:
        self.whole = whole
        self.left = MOST
        self.active: set[int] = set()
        """What the value in hand stands in: one that is met again stands within itself."""
        self.stack: list[tuple[Any, Any, int, int]] = []

    def fill(self, source: Any, target: Any) -> None:
        stack, active = self.stack, self.active
        stack.append((source, target, 0, 0))
        while stack:
            source, target, level, owner = stack.pop()
            if source is _END:
                active.discard(owner)
                continue
            active.add(owner)
            self.left -= len(source) + _EACH
            below = len(stack)
            if type(target) is dict:
                self._fill_dict(source, target, level)
            else:
                self._fill_list(source, target, level)
            if len(stack) == below:
                active.discard(owner)
            else:
                # Comes up when all that stands in it is done; until then it holds the source, so that nothing new
                # is made at the address that stands for it.
                stack.insert(below, (_END, source, 0, owner))

    def _fill_list(self, source: list[Any], target: list[Any], level: int) -> None:
        for item in source.copy():
            kind = type(item)
            if kind is str:
                target.append(item if item.isascii() else objects.text(item))
            elif item is None or kind is bool or (kind is int and _LEAST <= item <= _LARGEST):
                target.append(item)
            else:
                target.append(self._one(item, kind, level))

    def _fill_dict(self, source: dict[Any, Any], target: dict[str, Any], level: int) -> None:
        if TAG in source:
            self._fill_pairs(source, target, level)
            return
        for key, item in list(source.items()):
            if type(key) is not str or not (key.isascii() or objects.text(key) is key):
                target.clear()
                self._fill_pairs(source, target, level)
                return
            kind = type(item)
            if kind is str:
                target[key] = item if item.isascii() else objects.text(item)
            elif item is None or kind is bool or (kind is int and _LEAST <= item <= _LARGEST):
                target[key] = item
            else:
                target[key] = self._one(item, kind, level)

    def _fill_pairs(self, source: dict[Any, Any], target: dict[str, Any], level: int) -> None:
        pairs: list[Any] = []
        target[TAG], target["value"] = "dict", pairs
        self.stack.append(([[key, item] for key, item in list(source.items())], pairs, level + 1, id(pairs)))

    def _one(self, item: Any, kind: type, level: int) -> Any:
        if kind is float:
            return item if item - item == 0 else {TAG: "float", "value": repr(item)}
        if kind is int:
            return objects.number(item)
        if id(item) in self.active:
            return cut("stands within itself")
        if level >= DEPTH:
            return cut(f"deeper than {DEPTH} levels")
        if self.left < 0:
            return cut(f"more than {MOST} items")
        if kind in _OPEN:
            target: Any = kind()
            self.stack.append((item, target, level + 1, id(item)))
            return target
        return self._taken(item, level)

    def _taken(self, item: Any, level: int) -> Any:
        try:
            mark, pieces = objects.taken(item, whole=self.whole)
        except Exception as error:  # noqa: BLE001 - code of the program under test may raise anything
            return {
                TAG: "opaque",
                "class": type(item).__qualname__,
                "text": f"could not be taken apart: {type(error).__qualname__}",
            }
        deeper = level + (10 if mark[TAG] == "object" else 2)  # objects hold each other: nine in each other are enough
        self.stack.extend((source, target, deeper, id(item)) for source, target in pieces)
        return mark


def restored(form: Any) -> Any:
    """The value that `plain` was given, as nearly as its type allows; a `Placeholder` stands for what cannot be made.

    Classes are looked for among what the program has imported; nothing is imported, and no constructor runs.
    """
    return _restored(form, 0)


def _restored(form: Any, level: int) -> Any:
    kind = type(form)
    if level > 3 * DEPTH:
        return Placeholder(cut(f"deeper than {DEPTH} levels"))
    if kind is list:
        return [_restored(one, level + 1) if type(one) in {dict, list} else one for one in form]
    if kind is not dict:
        return form
    inner = {key: _restored(one, level + 1) if type(one) in {dict, list} else one for key, one in form.items()}
    return inner if TAG not in form else _made(form, inner)


def _made(form: Mark, inner: Mark) -> Any:
    maker = MAKERS.get(form[TAG]) if isinstance(form[TAG], str) else None
    if maker is not None:
        try:
            return maker(inner)
        except Exception:  # noqa: BLE001 - a recording may hold anything, and the class may have changed since
            maker = None
    state = inner.get("state")
    return Placeholder(form, state if isinstance(state, dict) else None)
