"""What becomes of the values under a key: decided once for each name, by the rules, the policy, and the name itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from hotfixture.capture.sanitising.keys import HIDDEN, PERSONAL, SECRET, bare, is_people, kind_of
from hotfixture.capture.sanitising.rules import KEEP, Rules, spelled
from hotfixture.capture.sanitising.rules import SECRET as RULED
from hotfixture.transforms.detect import words
from hotfixture.transforms.masks import MaskSpec
from hotfixture.transforms.policy import Rule

MOST = 1 << 16
"""Names that are remembered; a document may have a million."""
_SHAPING = frozenset({"$type", "value", "Value"})
"""Keys that say something of the dict they stand in."""
_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z_.$-]{0,60}\d{0,4}")
_NO_TOKENS = frozenset({"null", "redact", "fixed", "keep_last", "keep_first"})
"""Masks that a policy may put on secrets: a recording that is to be replayed needs surrogates instead."""


@dataclass(frozen=True, slots=True)
class Decision:
    """About one key."""

    kind: str = ""
    """The class of its value; empty where nothing is known."""
    spec: MaskSpec | None = None
    """The mask, where a policy or the rules give one."""
    people: bool = False
    """Whether people, or one, stand under it: there `name` is somebody's."""
    bare: str = ""
    """The class within a person."""
    odd: bool = False
    """The name itself may be something to be hidden."""
    cookie: bool = False
    """Whether the value is cookies, of which only the values are secret."""
    hides: bool = False
    """Whether something is done about its value."""


NOTHING = Decision()


class Decisions:
    """Decisions by name."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._by_name: dict[tuple[str, str], Decision] = {}
        self.plain: dict[str, Decision] = {}
        """Of names whose decision does not depend on what they stand in."""
        self.calm: set[str] = set()
        """Names that say nothing of texts and numbers under them, where no person is spoken of; what stands in a dict
        with such keys alone is looked at without asking for each."""
        self.calm_within: set[str] = set()
        """The same within a person."""
        self._ruled = tuple(_named(rules.policy.rules)) if rules.policy else ()
        self.policed = rules.policy is not None
        """Whether masks of one object agree, as those of a row do: see `persons`."""

    def of(self, name: str) -> Decision:
        """The decision about a key, wherever it stands."""
        found = self.plain.get(name)
        if found is None:
            if len(self.plain) >= MOST:
                self.plain.clear()
                self.calm.clear()
                self.calm_within.clear()
            found = self._decide(name)
            found = self.plain[name] = NOTHING if found == NOTHING else found
            self._calmed(name, found)
        return found

    def _calmed(self, name: str, decision: Decision) -> None:
        if not (decision.hides or decision.odd or name in _SHAPING):
            self.calm.add(name)
            if not decision.bare:
                self.calm_within.add(name)

    def within(self, name: str, around: str) -> Decision:
        """The decision about a key in a table, or under a key that is called `around`."""
        specific = [pair for pair in self._ruled if pair[1] and fnmatchcase(spelled(name), pair[0])]
        for _, table, rule in specific:
            if table in _numbers(around):
                return self._by_rule(name, rule)
        return self.of(name)

    def _decide(self, name: str) -> Decision:
        ruled = self._rules.named(name)
        people = is_people(name)
        if ruled == KEEP:
            return Decision(people=people)
        if ruled == RULED:
            return Decision(SECRET, people=people, hides=True)
        if isinstance(ruled, MaskSpec):
            return Decision(spec=ruled, people=people, hides=True)
        rule = self._rule(name)
        if rule is not None:
            return self._by_rule(name, rule)
        kind = kind_of(name)
        if kind not in HIDDEN and kind not in PERSONAL:
            kind = ""
        return Decision(
            kind, people=people, bare="" if kind else bare(name), odd=_is_odd(name), hides=bool(kind),
            cookie=bool(kind) and "cookie" in name.lower(),
        )  # fmt: skip

    def _by_rule(self, name: str, rule: Rule) -> Decision:
        kind = kind_of(name)
        if rule.mask is None:
            return Decision(people=is_people(name)) if kind not in HIDDEN else Decision(kind, hides=True)
        if kind in HIDDEN and rule.mask.name in _NO_TOKENS:
            return Decision(kind, people=is_people(name), hides=True)
        return Decision(spec=rule.mask, people=is_people(name), hides=True)

    def _rule(self, name: str) -> Rule | None:
        """The first rule that means such a column; of those for one table each, the first that masks."""
        plain, kind = spelled(name), kind_of(name)
        first: Rule | None = None
        for column, table, rule in self._ruled:
            if column and not fnmatchcase(plain, column):
                continue
            if rule.classes and kind not in rule.classes:
                continue
            if not table:
                return first or rule
            if rule.mask is not None and first is None:
                first = rule
        return first


def _is_odd(name: str) -> bool:
    """Whether a name is no identifier: it may be somebody's address, or a token."""
    return len(name) >= 8 and not _PLAIN.fullmatch(name)


def _named(rules: tuple[Rule, ...]) -> Iterator[tuple[str, str, Rule]]:
    """Pattern of columns, name of a table (empty for any) and rule: of those that say a name or a class."""
    for rule in rules:
        if rule.types:
            continue
        if not rule.match and rule.classes:
            yield "", "", rule
        for glob in rule.match:
            if set(glob.column) - set("*?"):
                yield spelled(glob.column), spelled(glob.table) if set(glob.table) - set("*?") else "", rule


def _numbers(name: str) -> frozenset[str]:
    """A name as singular and plural: what stands under `customer` is a row of `customers`."""
    plain = "_".join(words(name))
    return frozenset({plain, plain + "s", plain.removesuffix("s"), plain.removesuffix("es"), plain + "es"})


__all__ = ["NOTHING", "Decision", "Decisions"]
