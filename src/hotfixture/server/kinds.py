"""The kinds of settings: how each is read from a text (flag, variable) and from a node of the file, and shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hotfixture.documents import Node
from hotfixture.errors import InputError
from hotfixture.server import units

ENDPOINTS = (
    "generate", "generators", "seed", "jobs", "download",
    "auth", "templates", "packages", "providers", "volumes", "other",
)  # fmt: skip
"""What rate limits and metrics tell apart."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of setting."""

    expected: str
    of_text: Callable[[str], Any]
    """Raises ValueError where a text is none of it."""
    show: Callable[[Any], str] = str
    mapping: bool = False
    listed: bool = False
    nested: bool = False
    """It has no text form: only the file can say it."""

    def shown(self, value: Any) -> str:
        """A value as the file would write it; empty for none."""
        return "" if value in (None, "", (), {}) else self.show(value)

    def parse(self, text: str, origin: str) -> Any:
        """The value of a flag or a variable; InputError says which."""
        try:
            return self.of_text(text)
        except ValueError:
            raise InputError(f"{origin}: expected {self.expected}") from None

    def read(self, node: Node) -> Any:
        """The value of a node; InputError with its place, never with its text (it may be a password)."""
        if self.mapping and isinstance(node.value, dict):
            return self._checked(node, {name: self._scalar(inner) for name, inner in node.value.items()})
        if self.listed and isinstance(node.value, list):
            return tuple(self._scalar(inner) for inner in node.value)
        return self._checked(node, self._scalar(node))

    def _scalar(self, node: Node) -> str:
        if isinstance(node.value, dict | list) or node.value is None:
            raise InputError(f"expected {self.expected}, found {node.kind}", where=node.where)
        return node.text

    def _checked(self, node: Node, value: Any) -> Any:
        try:
            return self.of_text(value)
        except ValueError:
            raise InputError(f"expected {self.expected}", where=node.where) from None


def _texts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _truth(text: str) -> bool:
    if text.lower() not in ("1", "0", "true", "false", "yes", "no"):
        raise ValueError
    return text.lower() in ("1", "true", "yes")


def _pairs(value: str | dict[str, str]) -> dict[str, str]:
    if isinstance(value, dict):
        return value
    pairs = [part.partition("=") for part in _texts(value)]
    if any(not sign for _, sign, _ in pairs):
        raise ValueError
    return {name.strip(): rest.strip() for name, _, rest in pairs}


def _rates(value: str | dict[str, str]) -> dict[str, str]:
    pairs = _pairs(value)
    if set(pairs) - set(ENDPOINTS):
        raise ValueError
    return {name: units.rate(text) for name, text in pairs.items()}


def _targets(value: str | dict[str, str]) -> dict[str, str]:
    pairs = _pairs(value)
    if any("://" not in url or not name.replace("-", "_").isidentifier() for name, url in pairs.items()):
        raise ValueError
    return pairs


def integer(low: int, high: int) -> Kind:
    """An integer between two bounds, both included."""

    def of_text(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError
        return value

    return Kind(f"an integer, {low} … {high}", of_text)


def choice(*names: str) -> Kind:
    """One of some words."""

    def of_text(text: str) -> str:
        if text.lower() not in names:
            raise ValueError
        return text.lower()

    return Kind(f"one of {', '.join(names)}", of_text)


def _shown_pairs(value: dict[str, str]) -> str:
    return ", ".join(f"{name}={text}" for name, text in value.items())


TEXT = Kind("a text", str)
TEXTS = Kind("texts, separated by commas", _texts, ", ".join, listed=True)
TRUTH = Kind("true or false", _truth, lambda value: str(value).lower())
PATH = Kind("a path", lambda text: Path(text).expanduser())
SIZE = Kind("a size such as 10 MiB", units.size, units.spelled_size)
SECONDS = Kind("a length of time such as 90s, 30m or 24h", units.seconds, units.spelled_seconds)
RATE = Kind("a rate such as 600/minute, or off", units.rate)
RATES = Kind(f"rates by endpoint ({', '.join(ENDPOINTS)})", _rates, _shown_pairs, mapping=True)
TARGETS = Kind("names and URLs", _targets, lambda _: "", mapping=True)
