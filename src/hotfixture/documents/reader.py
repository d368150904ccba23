"""Checks the nodes of a file and collects everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from hotfixture.documents.nodes import Node, Text
from hotfixture.errors import InputError, Problem, UnknownNameError, Where

_SPOKEN = {
    kind: f"{'an' if kind == 'integer' else 'a'} {kind}"
    for kind in ("mapping", "list", "text", "boolean", "integer", "number")
}


def folded(name: str) -> str:
    """The name without case, `_` and `-`: `templateName`, `template_name` and `template-name` are one key."""
    return name.replace("_", "").replace("-", "").lower()


class Reader:
    """Checks nodes and collects what is wrong; `finish` raises all of it as one InputError.

    Every method says in `what` what the value is for ("the limit"). A wrong node is noted and gives a placeholder of
    the right type, so that reading goes on; because `finish` raises, no placeholder is ever used.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def finish(self) -> None:
        """Raise InputError with all problems in the order of their places; nothing where there are none."""
        if self.problems:
            raise InputError.of(dict.fromkeys(self.problems))

    def problem(self, message: str, where: Where | None, hint: str = "") -> None:
        """Note one problem."""
        self.problems.append(Problem(message, where, hint))

    def expected(self, expected: str, node: Node, what: str, hint: str = "") -> None:
        """Note that `node` is not what was expected; says its kind, never its value."""
        self.problem(f"{what}: expected {expected}, found {_SPOKEN.get(node.kind, node.kind)}", node.where, hint)

    def unknown(self, kind: str, name: str, known: Collection[str], where: Where | None) -> None:
        """Note a name that means nothing, with the nearest known ones."""
        self._unknown("", kind, name, known, where)

    def _unknown(self, start: str, kind: str, name: str, known: Collection[str], where: Where | None) -> None:
        found = UnknownNameError(kind, name, list(known), where=where).problems
        self.problems.extend(problem._replace(message=start + problem.message) for problem in found)

    def names(self, node: Node, what: str) -> dict[str, Node]:
        """A mapping whose keys the user chooses; empty for nothing."""
        if isinstance(node.value, dict):
            return node.value
        if node.value is not None:
            self.expected("a mapping", node, what)
        return {}

    def mapping(
        self,
        node: Node,
        what: str,
        known: Collection[str],
        *,
        required: Collection[str] = (),
        also: Mapping[str, str] | None = None,
    ) -> dict[str, Node]:
        """A mapping by the keys of `known`, spelled as there; `template_name` and `templateName` are the same key.

        A key that is not known is noted with the nearest one, so is a required one that is missing. A key whose
        value is nothing (`where:`) counts as absent. `also` gives other words for known keys.
        """
        spelled = {folded(name): meant for name, meant in (also or {}).items()} | {folded(name): name for name in known}
        found: dict[str, Node] = {}
        for name, value in self.names(node, what).items():
            where = (node.keys or {}).get(name)
            meant = spelled.get(folded(name))
            if meant is None:
                self._unknown(f"{what}: ", "key", name, known, where)
            elif meant in found:
                self.problem(f"{what}: the key {meant!r} stands here twice, once as {name!r}", where)
            elif value.value is not None:
                found[meant] = value
        for name in required:
            if name not in found:
                self.problem(f"{what}: {name!r} is missing", node.where)
        return found

    def items(self, node: Node) -> list[Node]:
        """A list; a single value that is neither list nor nothing is a list of one."""
        if isinstance(node.value, list):
            return node.value
        return [] if node.value is None else [node]

    def text(self, node: Node, what: str, *, empty: bool = False) -> str:
        """A text; a number or boolean is refused with the hint to quote it. `empty` allows the empty text."""
        if not isinstance(node.value, str):
            quotable = node.kind in ("integer", "number", "boolean")
            self.expected("a text", node, what, f"Put it in quotes: '{node.text}'." if quotable else "")
            return ""
        if not node.value and not empty:
            self.problem(f"{what}: expected a text, found an empty one", node.where)
        return node.value

    def placed(self, node: Node, what: str) -> Text:
        """A text with its place, as `text` reads it."""
        value = self.text(node, what)
        return replace(node.as_text(), value=value)

    def texts(self, node: Node, what: str) -> list[str]:
        """A list of texts; a single text is a list of one."""
        return [self.text(item, what) for item in self.items(node)]

    def integer(self, node: Node, what: str, *, low: int | None = None, high: int | None = None) -> int:
        """An integer in [low, high]; None leaves a side open."""
        value = node.value
        if not isinstance(value, int) or isinstance(value, bool):
            self.expected("an integer", node, what)
            return low or 0
        if (low is not None and value < low) or (high is not None and value > high):
            span = f"{'…' if low is None else low} to {'…' if high is None else high}"
            self.problem(f"{what}: expected {span}, found {value}", node.where)
        return value

    def number(self, node: Node, what: str, *, low: float | None = None, high: float | None = None) -> float:
        """An integer or a number in [low, high] as float; None leaves a side open."""
        value = node.value
        if not isinstance(value, int | float) or isinstance(value, bool):
            self.expected("a number", node, what)
            return low or 0.0
        if not (low is None or value >= low) or not (high is None or value <= high):
            span = f"{'…' if low is None else low} to {'…' if high is None else high}"
            self.problem(f"{what}: expected {span}, found {node.text}", node.where)
        return float(value)

    def boolean(self, node: Node, what: str) -> bool:
        """true or false."""
        if not isinstance(node.value, bool):
            self.expected("true or false", node, what)
        return node.value is True

    def choice(self, node: Node, what: str, choices: Collection[str]) -> str:
        """One of `choices`, spelled as there; compared without case, `_` and `-`."""
        name = self.text(node, what)
        meant = next((choice for choice in choices if folded(choice) == folded(name)), None)
        if meant is None and name:
            names = ", ".join(choices)
            (problem,) = UnknownNameError("word", name, list(choices), where=node.where).problems
            near = problem.hint if problem.hint.startswith("Did") else ""  # the message has the list already
            self.problem(f"{what}: expected one of {names}; {problem.message}", node.where, near)
        return meant or next(iter(choices))
