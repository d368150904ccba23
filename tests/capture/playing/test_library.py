"""Laws of a playback's library: each recording answers once, in its order, and the exact one before one like it."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from hotfixture.capture.playing import matching
from hotfixture.capture.playing.library import Library
from hotfixture.capture.records import Interaction
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.transforms.masks.keys import MaskingKey

SANITISER = Sanitiser(MaskingKey(bytes(range(32))))
UUIDS = [f"{number:08x}-5f0c-4c2e-9d0f-6a1f4dbb6f10" for number in range(3)]
TIMES = [f"2026-11-2{number}T16:00:00Z" for number in range(3)]

plain = st.one_of(st.none(), st.booleans(), st.integers(0, 2), st.sampled_from(["a", "b"]))
passing = st.sampled_from([*UUIDS, *TIMES])
bodies = st.none() | st.dictionaries(
    st.sampled_from(["x", "y"]), plain | passing | st.lists(plain, max_size=2), max_size=2
)
methods = st.sampled_from(["GET", "GET", "POST", "DELETE"])
paths = st.sampled_from(["/a", "/a/1", "/b", "/b/2"])
scopes = st.sampled_from([None, "test_one", "test_two"])


@st.composite
def asked(draw: st.DrawFn) -> dict[str, Any]:
    """A request of few kinds, so that the same is often asked twice."""
    body = draw(bodies)
    return {
        "method": draw(methods), "url": f"https://api.example{draw(paths)}", "headers": [],
        "body": None if body is None else {"json": body},
    }  # fmt: skip


recordings = st.lists(st.tuples(asked(), scopes), max_size=25)


def library(recorded: list[tuple[dict[str, Any], str | None]], noise: matching.Noise = frozenset()) -> Library:
    """A library of these, whose answers are their positions."""
    made = [
        Interaction(
            id=f"x-{number}", number=number, timestamp="", service="api.example", operation=operation(request),
            request=request, start_time=float(number), duration_ms=1.0, status="success", kind="http",
            response={"status": 200, "n": number}, scope=scope,
        )
        for number, (request, scope) in enumerate(recorded)
    ]  # fmt: skip
    return Library(made, SANITISER, noise)


def operation(request: dict[str, Any]) -> str:
    return f"{request['method']} …"


def parts(request: dict[str, Any]) -> matching.Parts:
    return matching.parts_of("http", "api.example", operation(request), request)


def take(found: Library, request: dict[str, Any], scope: str | None = None) -> int | None:
    """The position of what answers."""
    one = found.take(parts(request), scope)
    return None if one is None else one.number


def exact(request: dict[str, Any]) -> bytes:
    return matching.exact_key(parts(request))


def loose(request: dict[str, Any]) -> bytes:
    return matching.loose_key(parts(request), SANITISER)


@given(recordings)
def test_a_recording_played_in_its_own_order_answers_in_that_order(recorded: list[Any]) -> None:
    found = library(recorded)
    assert [take(found, request, scope) for request, scope in recorded] == list(range(len(recorded)))
    assert found.left() == []


@given(recordings, st.randoms(use_true_random=False))
def test_questions_that_change_nothing_may_come_in_any_interleaving(recorded: list[Any], chance: random.Random) -> None:
    """Each question keeps the order of its own answers, whatever the others do."""
    recorded = [({**request, "method": "GET"}, scope) for request, scope in recorded]
    by_key: dict[Any, list[int]] = defaultdict(list)
    for number, (request, scope) in enumerate(recorded):
        by_key[loose(request), scope].append(number)
    waiting = [list(found) for found in by_key.values()]
    found = library(recorded)
    while waiting := [one for one in waiting if one]:
        number = chance.choice(waiting).pop(0)
        request, scope = recorded[number]
        assert take(found, request, scope) == number
    assert found.left() == []


@given(recordings, st.lists(st.tuples(asked(), scopes), max_size=40))
def test_whatever_is_asked_nothing_is_given_twice_and_only_what_answers_it(
    recorded: list[Any], questions: list[Any]
) -> None:
    found = library(recorded)
    given_out = []
    for request, scope in questions:
        number = take(found, request, scope)
        if number is None:  # then indeed nothing that fits is left
            assert all(
                loose(recorded[one][0]) != loose(request) for one in range(len(recorded)) if one not in given_out
            )
        else:
            assert loose(recorded[number][0]) == loose(request)
            given_out.append(number)
    assert len(set(given_out)) == len(given_out)
    assert {one.number for one in found.left()} == set(range(len(recorded))) - set(given_out)


@given(recordings, st.lists(st.tuples(asked(), scopes), max_size=40))
def test_what_was_recorded_exactly_so_comes_before_what_is_like_it(recorded: list[Any], questions: list[Any]) -> None:
    found = library(recorded)
    left = set(range(len(recorded)))
    for request, scope in questions:
        same = {number for number in left if exact(recorded[number][0]) == exact(request)}
        number = take(found, request, scope)
        if same:
            assert number in same
            own = {one for one in same if recorded[one][1] == scope}
            assert not own or number in own
        left.discard(-1 if number is None else number)


@given(recordings)
def test_what_answers_again_is_the_last_that_was_played(recorded: list[Any]) -> None:
    found = library(recorded)
    for request, scope in recorded:
        take(found, request, scope)
    for request, _ in recorded:
        again = found.again(parts(request))
        same = [number for number, (other, _) in enumerate(recorded) if exact(other) == exact(request)]
        assert again is not None
        assert again.number == max(same)


@given(asked(), asked())
def test_requests_that_are_exactly_equal_are_like_each_other(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert exact(one) != exact(other) or loose(one) == loose(other)
    assert loose(one) != loose(other) or (one["method"], one["url"]) == (other["method"], other["url"])


SECRETS = [SANITISER.cleaner.instead.secret(text * 3) for text in ("aB3dE5fG7", "xY1zW9vU8")]
IN_PLACES = st.sampled_from([*SECRETS, *UUIDS, *TIMES, "x", "a longer text of no interest", 7, 7.0, True, None, ""])
NAMED = st.dictionaries(
    st.sampled_from(["id", "token", "pin", "sent_at", "email"]),
    IN_PLACES | st.lists(IN_PLACES | st.lists(IN_PLACES, min_size=2, max_size=2), max_size=3)
    | st.dictionaries(st.sampled_from(["id", "token", "x"]), IN_PLACES, max_size=2),
    max_size=3,
)  # fmt: skip


@st.composite
def alike(draw: st.DrawFn) -> tuple[matching.Parts, matching.Parts]:
    """Two questions that differ in few places, often only in what a loose key forgives."""
    body, segments, query = draw(NAMED), draw(st.lists(IN_PLACES.map(str), max_size=2)), draw(NAMED)

    def other(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: other(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [other(inner) for inner in value]
        for sort in (SECRETS, UUIDS, TIMES, [7, 7.0]):
            if value in sort and type(value) is not bool:
                return draw(st.sampled_from(sort))
        return value

    def made(body: Any, segments: list[str], query: Any, port: int) -> matching.Parts:
        asked = "&".join(f"{name}={value}" for name, value in query.items() if not isinstance(value, list | dict))
        request = {"method": "POST", "url": f"http://localhost:{port}/{'/'.join(segments)}?{asked}", "headers": [],
                   "body": {"json": body}}  # fmt: skip
        return parts(request)

    return made(body, segments, query, 80), made(other(body), list(map(other, segments)), other(query), 81)


@given(alike(), st.sampled_from([frozenset(), frozenset({("POST …", "body.id")}), frozenset({("POST …", "query.id")})]))
def test_rough_keys_are_equal_wherever_loose_ones_are(
    pair: tuple[matching.Parts, matching.Parts], noise: matching.Noise
) -> None:
    noisy = frozenset(operation for operation, _ in noise)
    loose = {matching.loose_key(one, SANITISER, noise) for one in pair}
    rough = {matching.rough_key(one, SANITISER, noisy) for one in pair}
    event(f"{len(loose)} loose")
    assert len(loose) > 1 or len(rough) == 1


def test_rough_keys_tell_apart_what_short_values_tell_apart() -> None:
    asked = [{"method": "POST", "url": f"https://api.example/a?n={number % 2}", "headers": [],
              "body": {"json": {"q": {"id": number}, "words": "some longer text of many words"}}}
             for number in range(6)]  # fmt: skip
    assert len({matching.rough_key(parts(one), SANITISER) for one in asked}) == 6


@given(asked(), st.sampled_from([*UUIDS, *TIMES]), st.sampled_from([*UUIDS, *TIMES]))
def test_values_that_pass_never_tell_requests_apart_and_others_always_do(
    request: dict[str, Any], one: str, other: str
) -> None:
    first, second = ({**request, "body": {"json": {"x": value, "n": 1}}} for value in (one, other))
    assert loose(first) == loose(second)
    assert loose({**request, "body": {"json": {"x": one, "n": 2}}}) != loose(first)
    assert loose({**request, "body": {"json": {"x": "other", "n": 1}}}) != loose(first)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=10), st.integers(6, 9))
def test_noise_is_forgiven_where_it_was_learned_and_nowhere_else(values: list[int], live: int) -> None:
    def request(amount: int, nonce: int) -> dict[str, Any]:
        body = {"json": {"amount": amount, "nonce": nonce}}
        return {"method": "POST", "url": "https://api.example/a", "headers": [], "body": body}

    recorded = [(request(1, value), None) for value in values]
    noisy = library(recorded, frozenset({("POST …", "body.nonce")}))
    assert [take(noisy, request(1, live)) for _ in values] == list(range(len(values)))
    assert take(library(recorded, frozenset({("GET …", "body.nonce")})), request(1, live)) is None
    assert take(library(recorded, frozenset({("POST …", "body.nonce")})), request(2, live)) is None
