"""Where two values differ: each place with the type of the difference and how bad it is.

Severities: `breaking` (code that works with one side may fail with the other), `likely` (it may come to another
result), `cosmetic` (it hardly can notice). Two values *agree* when all their differences are cosmetic.
"""

from __future__ import annotations

import base64
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import msgspec

from hotfixture.capture.comparing.paths import Ignored, Place, written
from hotfixture.capture.comparing.tolerances import DEFAULT, Tolerance, instants_agree, looks, numbers_agree

Severity = Literal["breaking", "likely", "cosmetic"]
DEEPEST = 200
"""Levels that are walked; what stands deeper is compared as a whole."""


class Difference(msgspec.Struct, frozen=True):
    """One place where the two sides differ."""

    type: str
    """`type_mismatch`, `value_mismatch`, `missing_key_in_mock`, `extra_key_in_mock`, `length_mismatch`,
    `order_mismatch`; of whole answers also `status_mismatch`, `header_mismatch`, `timing_mismatch`."""
    path: str
    real: Any
    mock: Any
    severity: Severity

    def told(self, real: str = "real", mock: str = "mock") -> dict[str, Any]:
        """As JSON, with these names for the two sides."""
        sides = {real: _readable(self.real), mock: _readable(self.mock)}
        return {"type": self.type, "path": self.path, **sides, "severity": self.severity}

    def __str__(self) -> str:
        return f"{self.path or '(the whole)'}: {self.type.replace('_', ' ')}: {brief(self.real)} / {brief(self.mock)}"


def _readable(value: Any) -> Any:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def brief(value: Any, most: int = 80) -> str:
    """A value as a reader of one line wants it."""
    try:
        text = msgspec.json.encode(value, enc_hook=str).decode()
    except (TypeError, ValueError, RecursionError):
        text = f"({type(value).__name__})"
    return text if len(text) <= most else f"{text[: most - 1]}…"


def agree(found: Iterable[Difference]) -> bool:
    """Whether nothing but cosmetic differences were found."""
    return all(one.severity == "cosmetic" for one in found)


def compare_values(
    real: Any, mock: Any, *, tolerance: Tolerance = DEFAULT, ignore: Iterable[str] | Ignored = ()
) -> list[Difference]:
    """Every difference between what a service really answers and what a mock does, in the order of the real value.

    `ignore` holds patterns of places, as `paths` has them.
    """
    ignored = ignore if isinstance(ignore, Ignored) else Ignored(ignore)
    return list(_Walk(tolerance, ignored).compare((), real, mock))


def canonical(value: Any) -> bytes:
    """The same bytes for the same value, whatever the order of its keys; numbers that are equal are written alike."""
    try:
        return msgspec.json.encode(_evened(value), order="deterministic", enc_hook=str)
    except (RecursionError, ValueError, TypeError):
        return _told_one_by_one(value)


def _told_one_by_one(value: Any) -> bytes:
    """The same for values that JSON cannot have or the stack cannot take: each scalar and each end of a container."""
    told: list[str] = []
    left: list[Any] = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            pairs = sorted(((str(key), inner) for key, inner in one.items()), key=lambda pair: pair[0], reverse=True)
            left += [_END, *(part for key, inner in pairs for part in (inner, key))]
            told.append("{")
        elif isinstance(one, list | tuple):
            left += [_END, *reversed(one)]
            told.append("[")
        else:
            told.append("end" if one is _END else repr(_evened(one)))
    return "\0".join(told).encode("utf-8", "surrogatepass")


_END = object()


def _evened(value: Any) -> Any:
    if isinstance(value, float):
        if not math.isfinite(value):
            return f"\0{value}"  # JSON would make null of it
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, dict):
        return {str(key): _evened(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_evened(inner) for inner in value]
    return value


class _Walk:
    """Goes down both values side by side."""

    def __init__(self, tolerance: Tolerance, ignored: Ignored) -> None:
        self._tolerance, self._ignored = tolerance, ignored

    def compare(self, place: Place, real: Any, mock: Any) -> Iterator[Difference]:
        if self._ignored.patterns and place in self._ignored:
            return
        if len(place) > DEEPEST:
            if canonical(real) != canonical(mock):
                yield _difference("value_mismatch", place, None, None, "likely")
        elif isinstance(real, dict) and isinstance(mock, dict):
            yield from self._objects(place, real, mock)
        elif isinstance(real, list | tuple) and isinstance(mock, list | tuple):
            yield from self._lists(place, real, mock)
        else:
            yield from self._leaves(place, real, mock)

    def _objects(self, place: Place, real: dict[Any, Any], mock: dict[Any, Any]) -> Iterator[Difference]:
        for key, value in real.items():
            inner = (*place, str(key))
            if key in mock:
                yield from self.compare(inner, value, mock[key])
            elif inner not in self._ignored and not (value is None and self._tolerance.null_is_missing):
                yield _difference("missing_key_in_mock", inner, value, None, _of_presence(value))
        for key, value in mock.items():
            inner = (*place, str(key))
            if key in real or inner in self._ignored or (value is None and self._tolerance.null_is_missing):
                continue
            yield _difference("extra_key_in_mock", inner, None, value, _of_presence(value))

    def _lists(self, place: Place, real: Sequence[Any], mock: Sequence[Any]) -> Iterator[Difference]:
        if len(real) != len(mock):
            yield _difference("length_mismatch", place, len(real), len(mock), "likely")
        paired = self._by_key(real, mock)
        if paired is None:
            if self._reordered(real, mock):
                if not self._tolerance.any_order:
                    yield _difference("order_mismatch", place, list(real), list(mock), "likely")
                return
            paired = [(number, number) for number in range(min(len(real), len(mock)))]
        elif any(one != other for one, other in paired) and not self._tolerance.any_order:
            order = [other for _, other in paired]
            if order != sorted(order):
                yield _difference("order_mismatch", place, None, None, "cosmetic")
        for one, other in paired:
            yield from self.compare((*place, one), real[one], mock[other])

    def _by_key(self, real: Sequence[Any], mock: Sequence[Any]) -> list[tuple[int, int]] | None:
        """Pairs of the elements of two lists of objects, by a key that tells them apart; None where none does."""
        for key in self._tolerance.keys:
            ours, theirs = _numbered(real, key), _numbered(mock, key)
            if not ours or not theirs:
                continue
            common = [name for name in ours if name in theirs]
            if 2 * len(common) < min(len(ours), len(theirs)) or not common:
                return None
            pairs = [(ours[name], theirs[name]) for name in common]
            left = [ours[name] for name in ours if name not in theirs]
            right = [theirs[name] for name in theirs if name not in ours]
            return sorted([*pairs, *zip(left, right, strict=False)])
        return None

    @staticmethod
    def _reordered(real: Sequence[Any], mock: Sequence[Any]) -> bool:
        if len(real) != len(mock) or len(real) < 2 or list(real) == list(mock):
            return False
        ours, theirs = [canonical(one) for one in real], [canonical(one) for one in mock]
        return ours != theirs and Counter(ours) == Counter(theirs)

    def _leaves(self, place: Place, real: Any, mock: Any) -> Iterator[Difference]:
        if _number(real) and _number(mock):
            if not numbers_agree(real, mock, self._tolerance):
                yield _difference("value_mismatch", place, real, mock, "likely")
            elif self._tolerance.strict_numbers and type(real) is not type(mock):
                yield _difference("type_mismatch", place, real, mock, "cosmetic")
        elif type(real) is not type(mock):
            yield _difference("type_mismatch", place, real, mock, "breaking")
        elif real != mock and not (isinstance(real, str) and instants_agree(real, mock, self._tolerance)):
            yield _difference("value_mismatch", place, real, mock, "likely")


def _difference(type_: str, place: Place, real: Any, mock: Any, severity: Severity) -> Difference:
    return Difference(type_, written(place), real, mock, severity)


def _of_presence(value: Any) -> Severity:
    """Code that asks for a key that is not there fails; one that is null it had to expect."""
    return "likely" if value is None else "breaking"


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numbered(elements: Sequence[Any], key: str) -> dict[Any, int]:
    """Index by the value of a key; empty unless all elements are objects that have it, each its own."""
    found: dict[Any, int] = {}
    for number, element in enumerate(elements):
        if not isinstance(element, dict) or not isinstance(element.get(key), str | int):
            return {}
        found[element[key]] = number
    return found if len(found) == len(elements) else {}


def differences(old_request: Any, new_request: Any, noise: Iterable[str] | Ignored = ()) -> list[Difference]:
    """How a request differs from the recorded one (`real` is the recorded side, `mock` the new one).

    Types: `value_changed`, `type_changed`, `field_removed`, `field_added`, `length_changed`, `order_changed`. Left out
    are the places of `noise`, and values that are both a UUID, or both a timestamp: these change with every run.
    Requests are compared as `requests.asked` shows them where they are of HTTP, else as they stand.
    """
    return [one for one in changes(old_request, new_request, noise) if not _passes(one)]


def changes(old_request: Any, new_request: Any, noise: Iterable[str] | Ignored = ()) -> list[Difference]:
    """The same, with values that change with every run."""
    from hotfixture.capture.comparing.requests import view

    found = compare_values(view(old_request), view(new_request), ignore=noise)
    return [Difference(_CHANGES[one.type], one.path, one.real, one.mock, one.severity) for one in found]


def _passes(one: Difference) -> bool:
    return one.type == "value_changed" and looks(one.real) is not None and looks(one.real) == looks(one.mock)


_CHANGES = {
    "value_mismatch": "value_changed",
    "type_mismatch": "type_changed",
    "missing_key_in_mock": "field_removed",
    "extra_key_in_mock": "field_added",
    "length_mismatch": "length_changed",
    "order_mismatch": "order_changed",
}
_SAID = {
    "field_removed": "was recorded ({0}), is not asked",
    "field_added": "is asked ({1}), was not recorded",
    "length_changed": "recorded {0} elements, asked {1}",
    "order_changed": "the same elements in another order",
}


def said(type_: str, path: str, recorded: Any, asked: Any) -> str:
    """How a request differs from the recorded one at one place, for people: wherever the two are compared."""
    pattern = _SAID.get(type_, "recorded {0}, asked {1}")
    return f"{path or 'the request'}: {pattern.format(brief(recorded), brief(asked))}"
