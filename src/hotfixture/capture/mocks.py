"""Mocks: what to answer to which request. One file format of our own, and the flat one of the first framework.

The flat file maps `service.operation` to a response. The other, which `hfit capture baseline --generalise` writes::

    {
      "format": "hotfixture mocks", "version": 1,
      "rules": [
        {
          "kind": "http", "service": "api.shop.example", "operation": "GET /users/{id}",
          "when": {"method": "GET", "path": ["users", {"$any": "digits"}]},
          "by": ["path[1]"], "known": [["5"], ["7"]],
          "answers": [{"response": {"status": 200, "body": {"json": {"id": {"$request": "path[1]", "as": "integer"},
                                                                     "name": {"$recorded": ["Ann", "Bo"]}}}}}],
          "variants": [{"status": "error", "failure": {…}, "share": 0.1, "seen": 1}],
          "seen": 10, "confidence": 0.61, "why": [{"place": "body.json.id", "is": "path[1]", "confidence": 0.7}]
        }
      ]
    }

- `when` is met by requests as `comparing.requests.view` shows them; with `"exact": true` they must equal it. The first
  rule that is met answers, exact ones before all others. Rules of HTTP are found by method and path, those of other
  kinds by their operation.
- `answers` are templates (see `templates`). Where there are several, they are given in turn, and the last for ever.
- `known` are the values at the places `by` of the requests that were recorded; `$recorded` lists are in their order.
- `variants` are what the same request was answered too, mostly errors, with their share; they are not served unless
  asked for, and a comparison takes them for right answers.
- `seen` counts the recordings behind a rule. `confidence` (0 to 1) is the share of an answer's values that the rule
  foretells, times the lower bound of Wilson's interval for so many recordings: it falls with variance, rises with
  counts.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from hotfixture.capture.comparing.differences import canonical
from hotfixture.capture.comparing.paths import Place, at, parsed
from hotfixture.capture.comparing.requests import view
from hotfixture.capture.formats import whole
from hotfixture.capture.templates import NOTHING, SORTS, Asked, faults, filled, holed, meets, unknown_sorts
from hotfixture.errors import CaptureError, Problem, Where

FORMAT = "hotfixture mocks"
VERSION = 1


class Answer(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is answered: a response or a failure, as recordings have them."""

    response: Any = None
    status: str = "success"
    failure: dict[str, Any] | None = None
    error: str | None = None
    error_type: str | None = None
    share: float = 1.0
    seen: int = 1


class Rule(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Which requests are meant, and what is answered."""

    kind: str = ""
    """Empty: any."""
    service: str
    operation: str
    when: Any = None
    """None: any request."""
    exact: bool = False
    by: list[str] = []
    known: list[list[Any]] = []
    answers: list[Answer]
    variants: list[Answer] = []
    seen: int = 0
    confidence: float = 1.0
    why: list[dict[str, Any]] = []


@dataclass(frozen=True)
class Found:
    """The rule that answers a request, and how."""

    rule: Rule
    asked: Asked
    answer: Answer

    @property
    def response(self) -> Any:
        """The response, its holes filled; None of a failure."""
        return filled(self.answer.response, self.asked)

    def beside(self, real: Any = NOTHING, answer: Answer | None = None) -> Any:
        """The response (or a variant) to be compared with a real one, or to be served; see `templates.filled`."""
        return filled((answer or self.answer).response, self.asked, real)


class _File(msgspec.Struct, kw_only=True):
    format: str
    version: int
    rules: list[Rule]


class Mocks:
    """Rules and flat responses, and who answers what. Answers in turn are counted: `rewind` begins anew."""

    def __init__(self, rules: Iterable[Rule] = (), flat: Mapping[str, Any] | None = None) -> None:
        self.rules = list(rules)
        self.flat = dict(flat or {})
        self._turns: Counter[Any] = Counter()
        self._known: dict[int, tuple[list[Place], dict[bytes, int]]] = {}
        self._exact: dict[tuple[str, str, bytes], Rule] = {}
        self._patterns: dict[tuple[str, str], list[Rule]] = defaultdict(list)
        for rule in self.rules:
            place = _place(rule.kind, rule.operation, rule.when)
            for service in {rule.service, ""}:
                if rule.exact:
                    self._exact.setdefault((service, place, canonical(rule.when)), rule)
                else:
                    self._patterns[service, place].append(rule)

    def __len__(self) -> int:
        return len(self.rules) + len(self.flat)

    def rewind(self) -> None:
        """Answers that are given in turn begin anew."""
        self._turns.clear()

    def find(self, kind: str, service: str, operation: str, request: Any) -> Found | None:
        """The rule that answers; None where none does. An empty service stands for any.

        `request` is as a recording has it, or as `comparing.requests.view` shows it.
        """
        asked = view(request)
        rule = self._rule(kind, service, operation, asked)
        if rule is None:
            return self._flat(service, operation, asked)
        turn_of = (id(rule), canonical(asked))
        turn = self._turns[turn_of]
        self._turns[turn_of] += 1
        answer = rule.answers[min(turn, len(rule.answers) - 1)]
        return Found(rule, Asked(asked, self._example(rule, asked), turn), answer)

    def answer(self, kind: str, service: str, operation: str, request: Any) -> Any:
        """The response to a request, as a recording would have it; None where no mock answers it, and for those that
        answer with an exception (see `find`). Of HTTP it is `{status, headers, body}`, the body a form."""
        found = self.find(kind, service, operation, request)
        return None if found is None else found.response

    def _rule(self, kind: str, service: str, operation: str, asked: Any) -> Rule | None:
        place = _place(kind, operation, asked)
        exact = self._exact.get((service, place, canonical(asked)))
        if exact is not None and exact.kind in ("", kind):
            return exact
        for rule in self._patterns.get((service, place), ()):
            if rule.kind in ("", kind) and (rule.when is None or meets(rule.when, asked)):
                return rule
        return None

    def _example(self, rule: Rule, asked: Any) -> int | None:
        """Which of the rule's recorded requests this is; None for one that was not recorded."""
        if not rule.known:
            return None
        if id(rule) not in self._known:
            places = [parsed(place) for place in rule.by]
            told: dict[bytes, int] = {}
            for number, one in enumerate(rule.known):
                told.setdefault(canonical(one), number)
            self._known[id(rule)] = places, told
        places, told = self._known[id(rule)]
        return told.get(canonical([at(asked, place) for place in places]))

    def _flat(self, service: str, operation: str, asked: Any) -> Found | None:
        name = f"{service}.{operation}"
        if not service:
            name = next((one for one in self.flat if one.endswith(f".{operation}")), name)
        if name not in self.flat:
            return None
        response = self.flat[name]
        safe = {"$literal": response} if holed(response) else response
        rule = Rule(service=service, operation=operation, answers=[Answer(response=safe)])
        return Found(rule, Asked(asked), rule.answers[0])

    def encoded(self) -> bytes:
        """The file: the same bytes for the same rules."""
        if not self.rules:
            return _pretty(dict(sorted(self.flat.items())))
        flat = [
            Rule(service="", operation=name, answers=[Answer(response=response)])
            for name, response in sorted(self.flat.items())
        ]
        return _pretty({"format": FORMAT, "version": VERSION, "rules": [*self.rules, *flat]})

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file, whole or not at all; InputError where it cannot be written."""
        whole(Path(path), self.encoded())


def _place(kind: str, operation: str, when: Any) -> str:
    """Where a rule is looked for: of HTTP by the method, for templates of paths are guesses; else by the operation."""
    if isinstance(when, dict) and "method" in when and isinstance(when.get("path"), list) and kind in ("", "http"):
        return f"{when['method']} {len(when['path'])}"
    return operation


def _pretty(value: Any) -> bytes:
    text = msgspec.json.encode(value, enc_hook=str)  # keys in their order: it is that of the bytes that are served
    return msgspec.json.format(text, indent=1) + b"\n"


def mocks_of(given: Any) -> Mocks:
    """Mocks of whatever holds them: `Mocks`, a flat dict, the dict of a file, or the path of one."""
    if isinstance(given, Mocks):
        return given
    if isinstance(given, Mapping):
        return _of_dict(dict(given), Where("mocks"))
    return load_mocks(given)


def load_mocks(path: str | os.PathLike[str]) -> Mocks:
    """The mocks of a file, of our own format or flat; CaptureError says what is wrong with it."""
    try:
        read = msgspec.json.decode(Path(path).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        raise CaptureError(f"mocks cannot be read: {said}", where=Where(str(path))) from error
    if not isinstance(read, dict):
        raise CaptureError("expected mocks, an object of responses by service.operation", where=Where(str(path)))
    return _of_dict(read, Where(str(path)))


def _of_dict(read: dict[str, Any], where: Where) -> Mocks:
    if read.get("format") != FORMAT:
        return Mocks(flat=read)
    try:
        file = msgspec.convert(read, _File)
    except msgspec.ValidationError as error:
        raise CaptureError(f"not a file of mocks: {error}", where=where) from error
    if file.version > VERSION:
        raise CaptureError(
            f"mocks of version {file.version}, expected at most {VERSION}", where=where, hint="Use a newer version."
        )
    problems = [
        Problem(f"rule {number} ({rule.operation}): {fault}", where)
        for number, rule in enumerate(file.rules, 1)
        for fault in _faults(rule)
    ]
    if problems:
        raise CaptureError.of(problems)
    flat = {rule.operation: rule.answers[0].response for rule in file.rules if not rule.service and rule.when is None}
    return Mocks([rule for rule in file.rules if rule.service or rule.when is not None], flat)


def _faults(rule: Rule) -> Iterator[str]:
    """What is wrong with a rule that somebody wrote."""
    if not rule.answers:
        yield "expected an answer, found none"
    for sort in unknown_sorts(rule.when):
        yield f"unknown sort {sort!r}, expected one of {', '.join(sorted(SORTS))}"
    for answer in (*rule.answers, *rule.variants):
        yield from faults(answer.response, len(rule.known))


__all__ = ["FORMAT", "VERSION", "Answer", "Found", "Mocks", "Rule", "load_mocks", "mocks_of"]
