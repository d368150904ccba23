"""Paths into documents that the rules speak of: what stands there is hidden, masked or kept, whatever it is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from hotfixture.capture.sanitising.decisions import Decision
from hotfixture.capture.sanitising.keys import SECRET as KIND
from hotfixture.capture.sanitising.places import Keyed, Places
from hotfixture.capture.sanitising.rules import KEEP
from hotfixture.capture.sanitising.rules import Decision as Ruled
from hotfixture.transforms.masks import MaskSpec

State = tuple[tuple[tuple[str | int, ...], Ruled], ...]
Place = tuple[int, Any]


def ruled(places: Places, value: Any, paths: State) -> None:
    """Change the places of a document as the rules for paths want it."""
    leaves = {(id(container), key): (container, one) for container, key, one in _leaves(value, paths)}
    if not leaves:
        return
    kept = [
        number for number, (container, key) in enumerate(places.at)
        if not _hashable(key) or (id(container), key) not in leaves
    ]  # fmt: skip
    places.texts[:] = [places.texts[number] for number in kept]
    places.at[:] = [places.at[number] for number in kept]
    places.octets[:] = [mark for mark in places.octets if (id(mark), "value") not in leaves]
    others = [one for one in places.keyed if not _covers(one, leaves)]
    chosen = [
        Keyed(container, key, container[key], _decision(one), container if isinstance(container, dict) else None)
        for (_, key), (container, one) in leaves.items()
        if one != KEEP and container[key] is not None
    ]
    places.keyed[:] = [*others, *chosen]


def _hashable(key: Any) -> bool:
    return isinstance(key, str | int)


def _covers(one: Keyed, leaves: dict[Place, Any]) -> bool:
    """Whether the rules decide about a value under a telling key, or about something in it."""
    if (id(one.container), one.key) in leaves:
        return True
    stack = [one.value]
    while stack:
        value = stack.pop()
        items = list(_items(value))
        if any((id(value), key) in leaves for key, _ in items):
            return True
        stack += [inner for _, inner in items]
    return False


def _items(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _decision(one: Ruled) -> Decision:
    return Decision(spec=one, hides=True) if isinstance(one, MaskSpec) else Decision(KIND, hides=True)


def _leaves(value: Any, state: Any, ended: Ruled | None = None) -> Iterator[tuple[Any, Any, Ruled]]:
    """Container, key and decision of each text and number that a path reaches."""
    from hotfixture.transforms.masks.document import below

    for key, inner in _items(value):
        rest: Any = below(state, key)
        one = next((decision for path, decision in rest if not path), ended)
        if isinstance(inner, dict | list):
            if rest:
                yield from _leaves(inner, rest, one)
        elif one is not None:
            yield value, key, one
