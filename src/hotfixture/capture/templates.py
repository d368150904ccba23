"""Answers with holes: what a mock fills in from the request, from what was recorded, or anew each time.

A template is JSON in which an object with one of these keys is a hole:

- `{"$request": "path[1]", "as": "integer"}`: the value at that place of the request (`comparing.requests.view`);
- `{"$recorded": [5, 7, 5]}`: the value that was recorded with that request; for one that was not, that of another;
- `{"$made": "uuid", "like": …}`: a new value of a generator, each time it is asked for (`uuid`, `timestamp`; spelled as
  `like` is, a timestamp between `low` and `high`); with `"recorded": […]` as `$recorded`, but for a request that was
  not recorded a value of its own;
- `{"$text": ["/users/", {"$request": "path[1]"}]}`: texts and holes, joined;
- `{"$literal": …}`: what stands there, should it look like a hole;
- `{"$absent": true}` among recorded values: the key was not there.

In what a rule asks of a request, `{"$any": "integer"}` is a hole that takes any value of that sort.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hotfixture.capture.comparing.differences import canonical
from hotfixture.capture.comparing.paths import Place, at, parsed, written
from hotfixture.capture.comparing.tolerances import UUID, instant, looks

HOLES = {"$request", "$recorded", "$made", "$text", "$literal", "$absent", "$any"}
ABSENT: Mapping[str, Any] = {"$absent": True}
NOTHING: Any = object()
"""Stands for a real value where there is none: a mock is asked, not compared."""


@dataclass(frozen=True)
class Asked:
    """A request that a template is filled for."""

    request: Any
    """As `comparing.requests.view` shows it."""
    example: int | None = None
    """Which of the recorded requests it is; None for one that was not recorded."""
    turn: int = 0
    """How many times it was asked before."""

    def draw(self, place: Place, *, anew: bool) -> int:
        """A number that is the same for the same request and place, and where it is made `anew`, the same turn."""
        return zlib.crc32(canonical([self.request, list(place), self.turn if anew else 0]))

    @property
    def other(self) -> int:
        """A number that is the same for the same request: all holes take the values of one recording."""
        return zlib.crc32(canonical(self.request))


def hole(value: Any) -> str | None:
    """The key of a hole; None for what is none. What has such a key and means itself stands in a `$literal`."""
    if isinstance(value, dict):
        return next((key for key in value if key in HOLES), None)
    return None


def holed(value: Any) -> bool:
    """Whether something in a value looks like a hole."""
    if isinstance(value, dict):
        return hole(value) is not None or any(map(holed, value.values()))
    return isinstance(value, list) and any(map(holed, value))


def literal(value: Any) -> Any:
    """A template that stands for exactly this value."""
    if isinstance(value, dict):
        inner = {key: literal(one) for key, one in value.items()}
        return {"$literal": value} if hole(value) else inner
    if isinstance(value, list | tuple):
        return [literal(one) for one in value]
    return value


def filled(template: Any, asked: Asked, real: Any = NOTHING, place: Place = ()) -> Any:
    """The value of a template. Where `real` is given, holes that take any value of a sort take the real one if it is of
    that sort: such places cannot differ but in their sort. So do made ones of requests that were recorded, for the real
    service makes them anew as well."""
    name = hole(template)
    if name is not None:
        return _FILLERS[name](template, asked, real, place)
    if isinstance(template, dict):
        return _object(template, asked, real, place)
    if isinstance(template, list):
        return [filled(one, asked, _inner(real, number), (*place, number)) for number, one in enumerate(template)]
    return template


def _object(template: dict[str, Any], asked: Asked, real: Any, place: Place) -> dict[str, Any]:
    made = {key: filled(one, asked, _inner(real, key), (*place, key)) for key, one in template.items()}
    return {key: value for key, value in made.items() if value is not ABSENT}


def _inner(real: Any, step: str | int) -> Any:
    if real is NOTHING:
        return NOTHING
    return at(real, (step,), ABSENT)


def _request(template: Any, asked: Asked, _real: Any, _place: Place) -> Any:
    return converted(at(asked.request, parsed(template["$request"])), template.get("as"))


def converted(value: Any, sort: str | None) -> Any:
    """A value of the request as the answer has it."""
    try:
        if sort == "integer":
            return int(value)
        if sort == "number":
            return float(value)
    except (TypeError, ValueError):
        return value
    return spelled(value) if sort == "text" else value


def spelled(value: Any) -> str:
    """A value as it stands within a text."""
    return value if isinstance(value, str) else canonical(value).decode()


def _recorded(template: Any, asked: Asked, real: Any, _place: Place) -> Any:
    held = template["$recorded"]
    if asked.example is None and real is not NOTHING and any(_of_one_sort(real, one) for one in held):
        return real
    return _present(held[asked.other % len(held) if asked.example is None else asked.example])


def _present(value: Any) -> Any:
    return ABSENT if value == ABSENT else value


def _of_one_sort(value: Any, other: Any) -> bool:
    if value is ABSENT or other == ABSENT:
        return value is ABSENT and other == ABSENT
    return sort_of(value) == sort_of(other)


def _made(template: Any, asked: Asked, real: Any, place: Place) -> Any:
    held, sort = template.get("recorded"), template["$made"]
    if real is not NOTHING and takes(sort, real):
        return real
    if held is not None and asked.example is not None:
        return _present(held[asked.example])
    return _MAKERS[sort](template, asked.draw(place, anew=held is None))


def _uuid(template: Any, draw: int) -> str:
    from hotfixture import generators

    made = str(generators.generate("uuid", first=draw))
    like = template.get("like", made)
    if "-" not in like:
        made = made.replace("-", "")
    return made.upper() if like.isupper() else made


def _timestamp(template: Any, draw: int) -> str:
    from hotfixture import generators

    low, high = instant(template["low"]), instant(template["high"])
    assert low is not None
    assert high is not None
    until = max(high, low + timedelta(seconds=1))
    made = generators.generate("timestamp", first=draw, low=_wall(low), high=_wall(until))
    return _as_spelled(made.replace(tzinfo=UTC), template["like"])


def _wall(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _as_spelled(moment: datetime, like: str) -> str:
    """A moment in the spelling of another: separator, digits of the second, zone."""
    zone = re.search(r"(Z|[+-]\d\d:?\d\d)$", like)
    shift = instant(like)
    assert shift is not None
    text = moment.astimezone(shift.tzinfo).strftime("%Y-%m-%d" + like[10] + "%H:%M:%S")
    digits = re.search(r"\.(\d+)", like)
    fraction = f".{moment.microsecond:06d}000000"[: len(digits[1]) + 1] if digits else ""
    return text + fraction + (zone[1] if zone else "")


def _text(template: Any, asked: Asked, _real: Any, place: Place) -> str:
    return "".join(spelled(filled(part, asked, NOTHING, (*place, at))) for at, part in enumerate(template["$text"]))


_MAKERS: Mapping[str, Callable[[Any, int], str]] = {"uuid": _uuid, "timestamp": _timestamp}
_FILLERS: Mapping[str, Callable[[Any, Asked, Any, Place], Any]] = {
    "$request": _request,
    "$recorded": _recorded,
    "$made": _made,
    "$text": _text,
    "$literal": lambda template, *_: template["$literal"],
    "$absent": lambda *_: ABSENT,
    "$any": lambda *_: None,
}


def sort_of(value: Any) -> str:
    """The sort of a value: what a hole of a request may ask for."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return looks(value) or ("digits" if value.isdecimal() else "text")
    return "list" if isinstance(value, list | tuple) else "object"


SORTS = {"value", "null", "boolean", "integer", "number", "text", "digits", "uuid", "timestamp", "list", "object"}
"""What a hole of a request may ask for."""


def faults(template: Any, known: int, place: Place = ()) -> Iterator[str]:
    """What is wrong with a template that somebody wrote, a sentence for each hole that cannot be filled; `known` is the
    number of recorded requests of its rule."""
    name = hole(template)
    if name is None:
        inner = template.items() if isinstance(template, dict) else enumerate(template if _is_list(template) else ())
        for step, one in inner:
            yield from faults(one, known, (*place, step))
    elif name != "$literal":
        wanted = _WANTED.get(name)
        if wanted is not None and not wanted[0](template, known):
            yield f"{written(place) or 'the response'}: expected {wanted[1]}"
        elif name == "$text":
            for number, one in enumerate(template["$text"]):
                yield from faults(one, known, (*place, number))


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_request(template: dict[str, Any], _known: int) -> bool:
    return isinstance(template["$request"], str) and template.get("as") in (None, "integer", "number", "text")


def _is_recorded(template: dict[str, Any], known: int) -> bool:
    return _is_list(template["$recorded"]) and len(template["$recorded"]) >= max(known, 1)


def _is_made(template: dict[str, Any], known: int) -> bool:
    sort, held = template["$made"], template.get("recorded")
    spelled_so = isinstance(template.get("like", ""), str)
    if sort == "timestamp":
        spelled_so = all(instant(template.get(name)) is not None for name in ("like", "low", "high"))
    return sort in ("uuid", "timestamp") and spelled_so and (held is None or (_is_list(held) and len(held) >= known))


_WANTED: Mapping[str, tuple[Callable[[dict[str, Any], int], bool], str]] = {
    "$request": (_is_request, 'a place of the request, such as {"$request": "path[1]", "as": "integer"}'),
    "$recorded": (_is_recorded, "a list with a value for each of the requests in `known`, and one at least"),
    "$made": (_is_made, "`uuid`, or `timestamp` with `like`, `low` and `high`"),
    "$text": (lambda template, _: _is_list(template["$text"]), "a list of texts and holes"),
}
"""By hole: whether it can be filled, and what it should be."""


def unknown_sorts(when: Any) -> Iterator[str]:
    """The sorts that a rule asks for and nothing is of."""
    name = hole(when)
    if name == "$any":
        if when["$any"] not in SORTS:
            yield str(when["$any"])
    elif name is None:
        for one in when.values() if isinstance(when, dict) else when if _is_list(when) else ():
            yield from unknown_sorts(one)


def takes(sort: str, value: Any) -> bool:
    """Whether a hole takes a value: `value` takes anything, `text` any text, `number` whole numbers too."""
    if sort == "value":
        return True
    if sort == "uuid":
        return isinstance(value, str) and UUID.fullmatch(value) is not None
    own = sort_of(value)
    return own == sort or (sort == "text" and isinstance(value, str)) or (sort == "number" and own == "integer")


def meets(when: Any, request: Any) -> bool:
    """Whether a request is one that a rule is for. Objects may have more keys than the rule names; lists may not."""
    name = hole(when)
    if name == "$any":
        return takes(when["$any"], request)
    if name == "$literal":
        return canonical(when["$literal"]) == canonical(request)
    if isinstance(when, dict):
        return isinstance(request, dict) and all(
            key in request and meets(one, request[key]) for key, one in when.items()
        )
    if isinstance(when, list):
        return (
            isinstance(request, list)
            and len(when) == len(request)
            and all(meets(one, other) for one, other in zip(when, request, strict=True))
        )
    return when == request and isinstance(when, bool) == isinstance(request, bool)
