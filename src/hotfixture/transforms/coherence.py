"""Masks of one row that describe one person, or one place, draw from one column, so that they agree.

A person follows the e-mail column masked with `email`: names and user name of the row draw from that e-mail in the
domain `email`, so that the same e-mail is the same person in every table. A place follows the first masked column of
address line, street, building number, postcode, city. A name that says `by` or `domain` itself is left alone. Where the
leading column is null or empty, a value draws from itself. Prose masked with `scrub` learns the row's masked names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import takewhile

from hotfixture.transforms.masks import MaskSpec
from hotfixture.transforms.masks.families import PERSON, PLACE, PLACE_LEADERS

_NAMES = ("people.full_name", "people.first_name", "people.last_name")
_OWN = frozenset({"by", "domain"})


def cohere(specs: Mapping[str, MaskSpec]) -> dict[str, MaskSpec]:
    """The resolved specs of one row's columns, each with the column and domain that it draws from."""
    made = dict(specs)
    free = {name: spec for name, spec in specs.items() if _OWN.isdisjoint(spec.options)}
    emails = [name for name, spec in specs.items() if spec.name == "internet.email"]
    for name, spec in free.items():
        if emails and spec.name in PERSON and spec.name != "internet.email":
            leader = _nearest(name, emails)
            made[name] = spec.with_options(**_followed(leader, specs[leader]))
    leaders = _leaders(free)
    for name, spec in free.items():
        if leaders and spec.name in PLACE:
            leader = _nearest(name, leaders)
            made[name] = spec.with_options(**({} if name == leader else {"by": leader}), domain="place")
    return {name: _informed(spec, specs) for name, spec in made.items()}


def _followed(name: str, email: MaskSpec) -> dict[str, object]:
    """The options with which a mask draws what the e-mail of column `name` draws."""
    given = {option: value for option, value in email.options.items() if option in ("by", "domain", "fold")}
    return {"by": name, "domain": "person" if "by" in given else "email"} | given


def _leaders(free: Mapping[str, MaskSpec]) -> list[str]:
    """The columns of the first kind of PLACE_LEADERS that occurs; several where a row has several addresses."""
    for kind in PLACE_LEADERS:
        found = [name for name, spec in free.items() if spec.name == kind]
        if found:
            return found
    return []


def _nearest(name: str, leaders: Iterable[str]) -> str:
    """The leader whose name begins most like `name`: `billing_name` follows `billing_email`."""
    return max(leaders, key=lambda leader: _alike(name, leader))


def _alike(one: str, other: str) -> int:
    """How many characters both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _informed(spec: MaskSpec, specs: Mapping[str, MaskSpec]) -> MaskSpec:
    names = [name for name, other in specs.items() if other.name in _NAMES]
    if spec.name != "scrub" or "names" in spec.options or not names:
        return spec
    return spec.with_options(names=names)
