"""The policy file: which columns are sensitive, and which mask each gets.

::

    default: deny              # what nobody has decided about: deny (stops the export) | mask (by type) | pass
    filters: allow             # may a query filter, sort or group by masked columns: allow | refuse
    expressions: refuse        # a query's expression over masked columns: refuse | redact
    functions: [public.age_of] # further functions that queries may call: you vouch for them
    rules:
      - {match: PROD_*.public.customers.email, mask: email}
      - {match: ["*.first_name", "*.last_name"], class: name, mask: full_name}
      - {class: secret, mask: "null"}
      - {type: date, match: patients.*, mask: {shift_dates: {days: 30, by: patient_id}}}
      - {match: "*.id", keep: surrogate numbers}
      - {match: legacy_*.*, mask: redact, optional: true}
    files:                     # rules for files of volumes: see below
      - {match: "logs:**/*.log", text: scrub}

Precedence: of the rules that mean a column, the first from the top decides. `match`, `type` and `class` of one rule
must all hold. A rule that means no column at all is an error, unless it says `optional: true`. A template may mask what
the policy lets pass; on a column the policy masks it may only say the same, or `null`, `fixed` or `redact`, unless
the rule says `may_replace: true`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, TypeVar

from hotfixture.documents import Node, Reader
from hotfixture.errors import HotFixtureError, Where
from hotfixture.schema import Column, TableName
from hotfixture.transforms.file_rules import FileRule, read_rules
from hotfixture.transforms.globs import Glob
from hotfixture.transforms.kinds import NUMERIC, kind_of
from hotfixture.transforms.masks import KEEP, MaskSpec, resolve
from hotfixture.transforms.suspicions import CLASSES

T = TypeVar("T")

Default = Literal["deny", "mask", "pass"]
DEFAULTS: tuple[Default, ...] = ("deny", "mask", "pass")

_KEYS = ("default", "filters", "expressions", "functions", "rules", "files")
_RULE_KEYS = ("match", "type", "class", "mask", "keep", "optional", "may_replace")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: which columns it means, and what becomes of them."""

    mask: MaskSpec | None
    """None: kept as they are."""
    match: tuple[Glob, ...] = ()
    """Any of them; none given means every column."""
    types: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    reason: str = ""
    optional: bool = False
    may_replace: bool = False
    where: Where | None = None

    def means(
        self, provider: str, table: TableName, column: Column, classes: Collection[str], *, folds_case: bool
    ) -> bool:
        """Whether all that the rule says of a column holds; `classes` are those detected for it."""
        named = not self.match or any(
            glob.names(provider, table, column.name, folds_case=folds_case) for glob in self.match
        )
        typed = not self.types or any(is_type(column, name) for name in self.types)
        return named and typed and (not self.classes or not set(self.classes).isdisjoint(classes))

    def concerns(self, provider: str) -> bool:
        """Whether the rule may mean columns of this provider."""
        return not self.match or any(glob.concerns(provider) for glob in self.match)

    def __str__(self) -> str:
        parts = [", ".join(glob.text for glob in self.match)] if self.match else []
        parts += [f"type {', '.join(self.types)}"] if self.types else []
        parts += [f"class {', '.join(self.classes)}"] if self.classes else []
        return " and ".join(parts) or "every column"


@dataclass(frozen=True, slots=True)
class Policy:
    """What an administrator decided. Without a policy file: nothing is masked but what the template says."""

    rules: tuple[Rule, ...] = ()
    default: Default = "pass"
    filters: Literal["allow", "refuse"] = "allow"
    expressions: Literal["refuse", "redact"] = "refuse"
    functions: tuple[str, ...] = ()
    """Functions beyond those known to be harmless that queries may call: the administrator vouches for them."""
    files: tuple[FileRule, ...] = ()

    @classmethod
    def read(cls, node: Node) -> Policy:
        """The policy of a parsed file; InputError with everything that is wrong, each with its place."""
        reader = Reader()
        keys = reader.mapping(node, "the policy", _KEYS, required=("default",))
        policy = cls(
            tuple(_rule(reader, item) for item in reader.items(keys["rules"])) if "rules" in keys else (),
            _choice(reader, keys.get("default"), "default", DEFAULTS),
            _choice(reader, keys.get("filters"), "filters", ("allow", "refuse")),
            _choice(reader, keys.get("expressions"), "expressions", ("refuse", "redact")),
            tuple(reader.texts(keys["functions"], "function")) if "functions" in keys else (),
            read_rules(reader, keys["files"]) if "files" in keys else (),
        )
        reader.finish()
        return policy


def is_type(column: Column, name: str) -> bool:
    """Whether the column is of that kind (`number`: integer, decimal or float), or of such an engine type (`char*`)."""
    kind = kind_of(column)
    return name == kind or (name == "number" and kind in NUMERIC) or fnmatchcase(column.native.lower(), name.lower())


def _choice(reader: Reader, node: Node | None, what: str, choices: tuple[T, ...]) -> T:
    if node is None:
        return choices[0]
    found = reader.choice(node, what, [str(choice) for choice in choices])
    return next(choice for choice in choices if choice == found)


def _rule(reader: Reader, node: Node) -> Rule:
    keys = reader.mapping(node, "a rule", _RULE_KEYS)
    if not any(key in keys for key in ("match", "type", "class")):
        reader.problem("a rule says which columns it means", node.where, "Give match, type or class.")
    mask, reason = _decision(reader, node)
    return Rule(
        mask,
        tuple(_texts(reader, keys.get("match"), "match", Glob.parse)),
        tuple(_texts(reader, keys.get("type"), "type", lambda text, _: text)),
        tuple(reader.choice(item, "class", CLASSES) for item in reader.items(keys["class"])) if "class" in keys else (),
        reason,
        "optional" in keys and reader.boolean(keys["optional"], "optional"),
        "may_replace" in keys and reader.boolean(keys["may_replace"], "may_replace"),
        node.where,
    )


def _decision(reader: Reader, node: Node) -> tuple[MaskSpec | None, str]:
    """The mask, or the reason why there is none."""
    given = node.value if isinstance(node.value, dict) else {}
    if ("mask" in given) == ("keep" in given):
        reader.problem("a rule says either 'mask' or 'keep'", node.where, "For no value at all: mask: null.")
        return None, ""
    if "keep" in given:
        if given["keep"].value in (False, None):
            reader.problem("'keep' is true, or the reason", given["keep"].where)
        reason = given["keep"].value
        return None, reason if isinstance(reason, str) else ""
    spec = attempt(reader, lambda: resolve(MaskSpec.parse(given["mask"])))
    return (None if spec is None or spec.name == KEEP else spec), ""


def _texts(reader: Reader, node: Node | None, what: str, make: Callable[[str, Where], T]) -> list[T]:
    found = []
    for item in reader.items(node) if node else []:
        made = attempt(reader, lambda item=item: make(reader.text(item, what), item.where))  # type: ignore[misc]  # mypy infers no lambda with a default
        if made is not None:
            found.append(made)
    return found


def attempt(reader: Reader, make: Callable[[], T]) -> T | None:
    """What `make` gives; None, and its problems noted, where it fails."""
    try:
        return make()
    except HotFixtureError as error:
        reader.problems.extend(error.problems)
        return None


__all__ = ["DEFAULTS", "Policy", "Rule", "attempt", "is_type"]
