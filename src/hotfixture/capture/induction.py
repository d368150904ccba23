"""Rules of recordings: which requests are of one kind, what in them chooses the answer, how the answer is made.

First the calls of one endpoint are put together (paths of HTTP become templates). Where their answers are of several
shapes, a field of the request that tells the shapes apart splits them; what no field explains stays an exact rule of
its own. Each part becomes one rule. At last every recording is held against the rules, and where they say something
else, an exact rule is put before them: what was recorded is always answered as it was recorded.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import msgspec

from hotfixture.capture.analysis.statistics import wilson
from hotfixture.capture.comparing.answers import is_http_answer, response_of
from hotfixture.capture.comparing.differences import canonical
from hotfixture.capture.comparing.paths import Place, at, written
from hotfixture.capture.comparing.requests import asked, said
from hotfixture.capture.comparing.tolerances import looks
from hotfixture.capture.mocks import Answer, Mocks, Rule
from hotfixture.capture.records import Interaction
from hotfixture.capture.templates import ABSENT, hole, holed, literal, spelled
from hotfixture.capture.weaving import Weaver, asked_by, places_of, varying

IDENTIFIER = re.compile(r"\d+|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{16,}", re.IGNORECASE)
SPLITS = 12
"""Values of a field that may choose the answer."""
DEEPEST = 3
NAMES = 3
"""Different names in one place of a path, from which that place is a hole."""
FINISHED = {"success", "error"}
Name = tuple[str, str, str]
"""Kind, service and operation."""


@dataclass
class Case:
    """One question, and what it was answered, in turn."""

    view: Any
    answers: list[Answer]
    key: bytes
    passing: set[Place] = field(default_factory=set)
    """Places of the response that changed while the question was the same, and are new each time."""

    @property
    def steady(self) -> bool:
        """Whether it was always answered the same, but for what is new each time."""
        return len(self.answers) == 1

    @property
    def last(self) -> Answer:
        """The answer to learn from: the last that was no failure, if there is one."""
        good = [one for one in self.answers if not failing(one)]
        return (good or self.answers)[-1]

    @property
    def seen(self) -> int:
        """How often it was asked."""
        return sum(one.seen for one in self.answers)


def failing(answer: Answer) -> bool:
    """Whether an answer is an error, of the call or of the server."""
    return answer.status == "error" or (is_http_answer(answer.response) and answer.response["status"] >= 500)


def refusing(answer: Answer) -> bool:
    """Whether an answer is an error, of the call, of the server, or of the request."""
    return failing(answer) or (is_http_answer(answer.response) and answer.response["status"] >= 400)


def rules_of(found: Iterable[Interaction]) -> list[Rule]:
    """The rules, in the order of their services and operations; exact ones stand before those with holes."""
    calls: dict[Name, list[Interaction]] = defaultdict(list)
    for one in found:
        if one.status in FINISHED:
            calls[one.kind, one.service, one.operation].append(one)
    endpoints = list(_merged({name: _cases(own) for name, own in calls.items()}))
    general = _sorted(rule for name, cases in endpoints for rule in _split(name, cases, 0))
    mocks = Mocks(general)
    exact = [_exact(name, case) for name, cases in endpoints for case in cases if not _foretold(name, case, mocks)]
    stated = {(rule.kind, rule.service, rule.operation, canonical(rule.when)) for rule in exact}
    more = (
        rule for rule in general
        if len(rule.known) > 1 or (rule.kind, rule.service, rule.operation, canonical(rule.when)) not in stated
    )  # fmt: skip
    return _sorted([*exact, *more])


def _sorted(rules: Iterable[Rule]) -> list[Rule]:
    return sorted(
        rules,
        key=lambda rule: (
            rule.service, rule.operation, rule.kind, not rule.exact, -_weight(rule.when), canonical(rule.when),
        ),
    )  # fmt: skip


def _weight(when: Any) -> int:
    """How much a rule asks for: the more, the earlier it is tried."""
    if isinstance(when, dict | list):
        return 0 if hole(when) else sum(map(_weight, when.values() if isinstance(when, dict) else when))
    return 1


def _cases(calls: Iterable[Interaction]) -> list[Case]:
    """The questions of one endpoint in one fixed order."""
    grouped: dict[bytes, tuple[Any, list[Interaction]]] = {}
    for one in calls:
        view = asked(one)
        grouped.setdefault(canonical(view), (view, []))[1].append(one)
    return [_case(view, alike, key) for key, (view, alike) in sorted(grouped.items())]


def _case(view: Any, alike: Sequence[Interaction], key: bytes) -> Case:
    answers = [_answer(one) for one in alike]
    passing = _passing([one.response for one in answers]) if len({_ended(one) for one in answers}) == 1 else None
    if passing is not None:
        answers[0].seen = len(answers)
        return Case(view, answers[:1], key, passing)
    told = [(list(run)) for _, run in groupby(answers, key=_whole)]
    if len(told) == 1:
        told[0][0].seen = len(answers)
        return Case(view, told[0][:1], key)
    return Case(view, answers, key)


def _answer(one: Interaction) -> Answer:
    failure = msgspec.to_builtins(one.failure) if one.failure is not None else None
    return Answer(
        response=response_of(one), status=one.status, failure=failure, error=one.error, error_type=one.error_type
    )


def _whole(answer: Answer) -> bytes:
    return canonical([answer.status, answer.error_type, answer.error, answer.response])


def _ended(answer: Answer) -> tuple[Any, ...]:
    return answer.status, answer.error_type


def _passing(responses: Sequence[Any]) -> set[Place] | None:
    """The places in which answers to one question differ, if all of these hold UUIDs or timestamps; else None."""
    places = varying(responses)
    if places and any(map(holed, responses)):
        return None  # what looks like a hole is kept as a whole
    for place in places:
        sorts = {looks(at(one, place)) for one in responses}
        if len(sorts) > 1 or None in sorts:
            return None
    return set(places)


def _merged(endpoints: dict[Name, list[Case]]) -> Iterator[tuple[Name, list[Case]]]:
    """Endpoints; as one those of HTTP whose paths differ in one name only, and whose answers all repeat that name."""
    groups: dict[tuple[Any, ...], list[Name]] = defaultdict(list)
    for name in endpoints:
        if name[0] == "http":
            method, _, path = name[2].partition(" ")
            segments = path.split("/")
            for place in range(2, len(segments)):
                groups[name[1], method, place, *segments[:place], "", *segments[place + 1 :]].append(name)
    taken: set[Name] = set()
    for key, names in sorted(groups.items(), key=lambda each: (-len(each[1]), repr(each[0]))):
        cases = [case for name in names for case in endpoints[name]]
        if len(names) >= NAMES and not taken.intersection(names) and _repeated(cases, ("path", key[2] - 1)):
            taken.update(names)
            path = "/".join(["", *key[4 : 3 + key[2]], "{id}", *key[4 + key[2] :]])
            yield ("http", key[0], f"{key[1]} {path}"), sorted(cases, key=lambda case: case.key)
    yield from ((name, cases) for name, cases in endpoints.items() if name not in taken)


def _repeated(cases: Sequence[Case], place: Place) -> bool:
    """Whether all answers have what stands at this place of their requests, all at the same place."""
    common: set[Place] | None = None
    for case in cases:
        wanted, answer = spelled(at(case.view, place)), _said(case.last)
        own = {inner for inner in places_of(answer) if _is(at(answer, inner), wanted)}
        common = own if common is None else common & own
    return bool(common)


def _is(value: Any, wanted: str) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and str(value) == wanted


def _said(answer: Answer) -> Any:
    return said(answer.response.get("body")) if is_http_answer(answer.response) else answer.response


def _steadiness(cases: Sequence[Case]) -> float:
    """The share of the answers that the rule is made of: of those to one question that changed it has the last."""
    good = [one for case in cases for one in case.answers if not failing(one)] or [case.last for case in cases]
    return sum(case.last.seen for case in cases) / sum(one.seen for one in good)


def _code(answer: Answer) -> int | None:
    """The status of an answer of HTTP."""
    return answer.response["status"] if is_http_answer(answer.response) else None


def _shape(case: Case) -> tuple[Any, ...]:
    """What answers must have in common to be made by one rule."""
    answer = case.last
    content, code = _said(answer), _code(answer)
    inner = tuple(sorted(content)) if isinstance(content, dict) else type(content).__name__
    return answer.status, answer.error_type, code, inner


def _split(name: Name, cases: list[Case], depth: int) -> Iterator[Rule]:
    """Rules for the calls of one endpoint, one for each shape of answer that the requests tell apart."""
    shapes = Counter(_shape(case) for case in cases)
    if len(shapes) > 1 and depth < DEEPEST and (place := _chooser(cases)) is not None:
        parts: dict[bytes, list[Case]] = defaultdict(list)
        for case in cases:
            parts[_spelled(at(case.view, place, ABSENT))].append(case)
        for _, part in sorted(parts.items()):
            yield from _split(name, part, depth + 1)
        return
    common = min(shapes, key=lambda shape: (shape[0] == "error", -shapes[shape], repr(shape)))
    if common[0] != "error":
        yield _general(name, [case for case in cases if _shape(case) == common], cases)


def _exact(name: Name, case: Case) -> Rule:
    return Rule(
        kind=name[0], service=name[1], operation=name[2], when=case.view, exact=True, seen=case.seen,
        answers=[_literal(one) for one in case.answers], confidence=round(wilson(case.seen, case.seen)[0], 4),
    )  # fmt: skip


def _general(name: Name, cases: Sequence[Case], among: Sequence[Case]) -> Rule:
    """The rule of answers of one shape; `among` are all cases that its requests meet."""
    views = [case.view for case in cases]
    keys = _keys(views)
    open_ = [] if len(views) > 1 else [*keys, *_passing_in(views[0])]
    seen = sum(case.seen for case in cases)
    sources = varying(views) or open_
    outer = [place for place in places_of(views[0]) if any(place == one[: len(place)] for one in sources)]
    passing = set().union(*(case.passing for case in cases))
    woven = Weaver(views, places=outer, passing=passing).weave([_unstyled(case.last.response) for case in cases])
    variants = _variants(among, cases[0].last)
    share = round(1 - sum(one.share for one in variants), 4)
    surely = wilson(seen, seen)[0]
    return Rule(
        kind=name[0], service=name[1], operation=name[2],
        when=_opened(asked_by(views), open_),
        by=[written(place) for place in keys],
        known=[[at(view, place) for place in keys] for view in views],
        answers=[Answer(response=_styled(woven.template, cases), share=share, seen=seen)],
        variants=variants,
        seen=sum(case.seen for case in among),
        confidence=round(woven.foretold * surely * share * _steadiness(cases), 4),
        why=[{**one, "confidence": round(one["foretold"] * surely, 4)} for one in woven.why],
    )  # fmt: skip


def _literal(answer: Answer) -> Answer:
    return msgspec.structs.replace(answer, response=literal(answer.response))


def _spelled(value: Any) -> bytes:
    return b"" if value is ABSENT else canonical(value)


def _chooser(cases: Sequence[Case]) -> Place | None:
    """The place of the request whose values tell the shapes of the answers apart, with the fewest values; a value must
    have been asked with more than once, on the whole, or it explains nothing."""
    found = []
    for place in varying([case.view for case in cases]):
        shapes: dict[bytes, set[Any]] = defaultdict(set)
        for case in cases:
            shapes[_spelled(at(case.view, place, ABSENT))].add(_shape(case))
        pure = all(len(one) == 1 for one in shapes.values())
        if pure and len(shapes) <= SPLITS and 2 * len(shapes) <= len(cases):
            found.append((len(shapes), written(place), place))
    return min(found)[2] if found else None


def _keys(views: Sequence[Any]) -> list[Place]:
    """The places of requests by which a recorded one is known again: those that differ, but for what is new each time.
    Of a single request, the places of its path that hold an identifier."""
    if len(views) == 1:
        path = views[0].get("path") if isinstance(views[0], dict) else None
        return [("path", number) for number, one in enumerate(path or ()) if IDENTIFIER.fullmatch(str(one))]
    places = varying(views)
    fixed = [place for place in places if not _new_each_time(views, place)]
    return fixed or places


def _new_each_time(views: Sequence[Any], place: Place) -> bool:
    values = [at(view, place, ABSENT) for view in views]
    sorts = {looks(one) for one in values}
    return place[:1] != ("path",) and len(sorts) == 1 and None not in sorts and len(set(values)) == len(values)


def _passing_in(view: Any) -> list[Place]:
    """The places of a request, but for its path, that hold a UUID or a timestamp: the next request has others."""
    return [place for place in places_of(view) if place[:1] != ("path",) and looks(at(view, place)) is not None]


def _opened(when: Any, places: Sequence[Place]) -> Any:
    """A single request's rule with holes where its path holds an identifier, and where a value passes."""
    for place in places:
        held, last = at(when, place[:-1]), place[-1]
        found = at(held, (last,)) if hole(held) is None else None  # what looks like a hole is kept as a whole
        if isinstance(found, str):
            held[last] = {"$any": "digits" if found.isdecimal() else looks(found) or "text"}
    return when


def _unstyled(response: Any) -> Any:
    """An answer without how its body is spelled: that is nothing to foretell."""
    if not _is_styled(response):
        return response
    return {**response, "body": {name: one for name, one in response["body"].items() if name != "style"}}


def _is_styled(response: Any) -> bool:
    return is_http_answer(response) and isinstance(response.get("body"), dict) and "style" in response["body"]


def _styled(template: Any, cases: Sequence[Case]) -> Any:
    """The template of an answer with the spelling that most of its bodies had."""
    styles = Counter(case.last.response["body"]["style"] for case in cases if _is_styled(case.last.response))
    if not styles or not isinstance(template.get("body"), dict) or "json" not in template["body"]:
        return template
    style = min(styles, key=lambda one: (-styles[one], one))
    return {**template, "body": {**template["body"], "style": style}}


def _variants(cases: Sequence[Case], usual: Answer) -> list[Answer]:
    """The errors among the answers, but for those that are as the usual answer is, each with its share."""
    total = sum(case.seen for case in cases)
    counts: Counter[bytes] = Counter()
    samples: dict[bytes, Answer] = {}
    for case in cases:
        for one in case.answers:
            if refusing(one) and (_ended(one), _code(one)) != (_ended(usual), _code(usual)):
                key = _whole(one)
                counts[key] += one.seen
                samples.setdefault(key, one)
    return [
        msgspec.structs.replace(_literal(samples[key]), share=round(counts[key] / total, 4), seen=counts[key])
        for key in sorted(counts, key=lambda key: (-counts[key], key))
    ]


def _foretold(name: Name, case: Case, rules: Mocks) -> bool:
    """Whether the rules say of a recorded request what it was answered."""
    found = rules.find(*name, case.view)
    if found is None or not case.steady or found.answer.status != case.last.status:
        return False
    return case.last.status != "error" and canonical(found.beside(case.last.response)) == canonical(case.last.response)
