"""Templates of examples: what is the same in all of them, what comes from the request, what is new each time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hotfixture.capture.comparing.differences import canonical
from hotfixture.capture.comparing.paths import Place, at, written
from hotfixture.capture.comparing.tolerances import instant, looks
from hotfixture.capture.templates import ABSENT, converted, hole, literal, sort_of, spelled

LONGEST = 200
"""Elements of lists that are looked into; longer ones are taken as a whole."""
PLACES = 200
"""Places of a request that answers are looked for in."""
TELLING = 4
"""Characters of a value from which finding it again in one single answer is no chance."""
NAMING = {"id", "ids", "key", "code", "no", "nr", "number", "num", "name", "slug", "ref", "uuid"}
"""Words of keys whose values name something."""
_BEFORE = ("/", "=")
"""What stands before a name within an address."""


def asked_by(views: Sequence[Any]) -> Any:
    """What a rule asks of requests so that all of these meet it: what they have in common, and holes."""
    first = views[0]
    if all(canonical(one) == canonical(first) for one in views[1:]):
        return literal(first)
    if all(isinstance(one, Mapping) for one in views):
        common = [key for key in first if all(key in one for one in views)]
        return {key: asked_by([one[key] for one in views]) for key in common}
    if all(isinstance(one, list) and len(one) == len(first) <= LONGEST for one in views):
        return [asked_by(column) for column in zip(*views, strict=True)]
    return {"$any": _sort(views)}


def _sort(values: Sequence[Any]) -> str:
    sorts = {sort_of(one) for one in values}
    if len(sorts) == 1:
        return sorts.pop()
    if sorts == {"integer", "number"}:
        return "number"
    return "text" if sorts <= {"text", "digits", "uuid", "timestamp"} else "value"


def varying(views: Sequence[Any], place: Place = ()) -> list[Place]:
    """The places in which requests differ, as deep as may be."""
    first = views[0]
    if any(one is ABSENT for one in views):
        return [] if all(one is ABSENT for one in views) else [place]
    if all(canonical(one) == canonical(first) for one in views[1:]):
        return []
    if all(isinstance(one, Mapping) for one in views):
        keys = dict.fromkeys(key for one in views for key in one)
        return [found for key in keys for found in varying([one.get(key, ABSENT) for one in views], (*place, key))]
    if all(isinstance(one, list) and len(one) == len(first) <= LONGEST for one in views):
        columns = enumerate(zip(*views, strict=True))
        return [found for number, column in columns for found in varying(column, (*place, number))]
    return [place]


@dataclass
class Woven:
    """A template, and how well it foretells."""

    template: Any = None
    scores: list[float] = field(default_factory=list)
    """Of every value in the answer: the chance that the template says it of a request that was not recorded."""
    why: list[dict[str, Any]] = field(default_factory=list)

    @property
    def foretold(self) -> float:
        """The mean of the scores; 1 of an answer without values."""
        return sum(self.scores) / len(self.scores) if self.scores else 1.0


class Weaver:
    """Makes the template of the answers that were given to some requests, one answer each."""

    def __init__(self, views: Sequence[Any], *, places: Sequence[Place], passing: set[Place]) -> None:
        """`places` of the requests may be echoed; at those that are `passing` answers change by themselves."""
        self._passing = passing
        self._lone = len(views) == 1
        self._sources = [(place, [at(view, place, ABSENT) for view in views]) for place in places[:PLACES]]
        self._woven = Woven()

    def weave(self, answers: Sequence[Any]) -> Woven:
        """The template of all of them."""
        self._woven = Woven()
        self._woven.template = self._column((), answers)
        return self._woven

    def _column(self, place: Place, values: Sequence[Any]) -> Any:
        first = values[0]
        if ABSENT not in values and (echo := self._echo(place, values)) is not None:
            return self._told(place, echo, 1.0)
        if all(isinstance(one, Mapping) and hole(one) is None for one in values):
            keys = dict.fromkeys(key for one in values for key in one)
            return {key: self._column((*place, key), [one.get(key, ABSENT) for one in values]) for key in keys}
        if all(isinstance(one, list) and len(one) == len(first) <= LONGEST for one in values):
            return [self._column((*place, number), column) for number, column in enumerate(zip(*values, strict=True))]
        return self._leaf(place, values)

    def _leaf(self, place: Place, values: Sequence[Any]) -> Any:
        passing = place in self._passing
        counts = Counter(map(canonical, values))
        if len(counts) == 1 and not passing and values[0] is not ABSENT:
            self._woven.scores.append(1.0)
            return literal(values[0])
        sorts = {looks(one) for one in values}
        if sorts <= {"uuid", "timestamp"} and len(sorts) == 1:
            return self._told(place, _made(sorts.pop() or "", values, passing=passing), 1.0)
        return self._told(place, {"$recorded": list(values)}, counts.most_common(1)[0][1] / len(values))

    def _told(self, place: Place, made: dict[str, Any], score: float) -> dict[str, Any]:
        self._woven.scores.append(score)
        what = made.get("$request") or made.get("$made") or ("part of the request" if "$text" in made else "recorded")
        self._woven.why.append({"place": written(place), "is": what, "foretold": round(score, 4)})
        return made

    def _echo(self, to: Place, values: Sequence[Any]) -> dict[str, Any] | None:
        if isinstance(values[0], bool) or values[0] in (None, "", [], {}):
            return None
        for place, source in self._sources:
            if (sort := _conversion(source, values)) is not None and self._is_proof(to, source):
                return {"$request": written(place), **({"as": sort} if sort else {})}
        if all(isinstance(one, str) for one in values):
            woven = (self._within(to, place, source, values) for place, source in self._sources)
            return next(filter(None, woven), None)
        return None

    def _is_proof(self, to: Place, source: Sequence[Any]) -> bool:
        """Whether that two values are alike tells that one is made of the other. Of one recording a short one proves
        nothing: many things are 1; unless the key says that it names something."""
        if not self._lone or isinstance(source[0], dict | list) or len(spelled(source[0])) >= TELLING:
            return True
        return isinstance(to[-1] if to else None, str) and not NAMING.isdisjoint(_words(str(to[-1])))

    def _within(self, to: Place, place: Place, source: Sequence[Any], values: Sequence[str]) -> dict[str, Any] | None:
        """A text that holds a value of the request, the rest being the same in all examples."""
        pieces = set()
        for one, text in zip(source, values, strict=True):
            if one is ABSENT or isinstance(one, dict | list | bool) or one is None or not spelled(one):
                return None
            pieces.add(tuple(_standing_alone(spelled(one)).split(text)))
            if len(pieces) > 1:
                return None
        constant = pieces.pop()
        if len(constant) < 2 or not (self._is_proof(to, source) or all(one[-1:] in _BEFORE for one in constant[:-1])):
            return None
        parts: list[Any] = []
        for number, text in enumerate(constant):
            parts += [{"$request": written(place)}] * (number > 0) + [text] * bool(text)
        return {"$text": parts}


def _standing_alone(text: str) -> re.Pattern[str]:
    """Where a text stands by itself: 1 is no part of 12, but of IMG1.png."""
    before, after = (
        r"\d" if edge.isdigit() else r"[^\W\d_]" if edge.isalpha() else r"(?!)" for edge in (text[0], text[-1])
    )
    return re.compile(rf"(?<!{before}){re.escape(text)}(?!{after})")


def _words(key: str) -> set[str]:
    return set(re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower()))


def _conversion(source: Sequence[Any], values: Sequence[Any]) -> str | None:
    """How the values are made of those of a request: "" as they are, else by a conversion; None where not at all."""
    if all(one is not ABSENT and canonical(one) == canonical(value) for one, value in zip(source, values, strict=True)):
        return ""
    for sort, given, types in (("integer", str, int), ("number", str, float), ("text", int | float, str)):
        if all(
            isinstance(value, types) and isinstance(one, given) and not isinstance(one, bool)
            and not isinstance(value, bool) and converted(one, sort) == value
            for one, value in zip(source, values, strict=True)
        ):  # fmt: skip
            return sort
    return None


def _made(sort: str, values: Sequence[str], *, passing: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"$made": sort, "like": values[0]}
    if sort == "timestamp":
        ordered = sorted(values, key=lambda one: instant(one) or one)
        made |= {"low": ordered[0], "high": ordered[-1]}
    return made if passing else {**made, "recorded": list(values)}


def places_of(view: Any, place: Place = ()) -> Iterator[Place]:
    """Every place of a request, the outer ones first."""
    if place:
        yield place
    if isinstance(view, Mapping):
        for key, inner in view.items():
            yield from places_of(inner, (*place, key))
    elif isinstance(view, list) and len(view) <= LONGEST:
        for number, inner in enumerate(view):
            yield from places_of(inner, (*place, number))
