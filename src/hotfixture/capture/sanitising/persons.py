"""What one object says of one person, or place, agrees: as `transforms.coherence` has it for rows of a database.

Only where a policy gives the masks: then a recording has the same people as the packages that are made by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache

from hotfixture.capture.sanitising.decisions import Decision
from hotfixture.capture.sanitising.places import Keyed
from hotfixture.transforms.masks import MaskSpec, resolve

MOST = 4096
"""Sorts of objects that are remembered."""
Sort = tuple[tuple[str, str], ...]


@cache
def families() -> frozenset[str]:
    """Masks that agree within one object."""
    from hotfixture.transforms.masks.families import PERSON, PLACE

    return frozenset(PERSON | PLACE)


class Persons:
    """Decisions about the members of objects, worked out once for each sort of object."""

    def __init__(self) -> None:
        self._known: dict[Sort, dict[str, MaskSpec]] = {}

    def agreed(self, keyed: Sequence[Keyed]) -> Sequence[Keyed]:
        """The same places; masks of what stands in one object follow its leading member."""
        groups: dict[int, list[int]] = {}
        for number, one in enumerate(keyed):
            if one.decision.spec is not None and one.container is one.siblings and _is_plain(one):
                groups.setdefault(id(one.container), []).append(number)
        made = list(keyed)
        for numbers in groups.values():
            if len(numbers) > 1:
                specs = self._specs([keyed[number] for number in numbers])
                for number in numbers:
                    one = keyed[number]
                    made[number] = one._replace(decision=replace(one.decision, spec=specs[one.key]))
        return made

    def _specs(self, members: Iterable[Keyed]) -> dict[str, MaskSpec]:
        specs = {one.key: one.decision.spec for one in members if one.decision.spec is not None}
        sort = tuple((name, str(spec)) for name, spec in specs.items())
        if sort not in self._known:
            if len(self._known) >= MOST:
                self._known.clear()
            from hotfixture.transforms.coherence import cohere

            self._known[sort] = cohere({name: resolve(spec) for name, spec in specs.items()})
        return self._known[sort]


def _is_plain(one: Keyed) -> bool:
    return (
        isinstance(one.container, dict) and isinstance(one.key, str) and isinstance(one.value, str) and one.value != ""
    )


def is_of_family(decision: Decision) -> bool:
    """Whether a value is masked together with others of its object."""
    return decision.spec is not None and resolve(decision.spec).name in families()
