"""Every exception of the project, drawn as a tree; each says where, what was found, what to do.

::

    HotFixtureError              exit 1   something could not be done
    ├── InputError               exit 2   what the user wrote is wrong; carries all problems of a file at once
    │   ├── OptionError                   a `name=value` outside its range
    │   └── UnknownNameError              a name that means nothing; suggests the nearest
    ├── MissingExtraError        exit 2   an optional dependency is absent; carries the install line
    ├── DatabaseError            exit 1   a server is unreachable, refused, or broke off
    │   └── UnsupportedError              the engine or its version cannot do this
    ├── RefusedError             exit 3   the rules forbid it (guard, policy, lineage)
    │   └── LeakError                     an original value stands in the finished package
    ├── CapacityError            exit 1   more distinct values were wanted than there are
    ├── CaptureError             exit 1   something could not be recorded, or a recording cannot be read
    │   ├── ReplayMissError               a playback has no recorded answer to what was asked
    │   └── NetworkBlockedError           a playback keeps the network closed, and something reached for it
    └── PackageError             exit 4   a package is damaged, incomplete or does not load
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self


class Where(NamedTuple):
    """A place in something the user wrote; lines and columns count from 1, 0 means the whole."""

    source: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join(str(part) for part in self if part)


class Problem(NamedTuple):
    """One thing that is wrong: where, what, and what to do about it."""

    message: str
    where: Where | None = None
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        hint = f"\n  {self.hint}" if self.hint else ""
        return f"{place}{self.message}{hint}"


class HotFixtureError(Exception):
    """Something could not be done; `problems` says what, where and what to do."""

    exit_code = 1

    def __init__(self, message: str, *, where: Where | None = None, hint: str = "") -> None:
        self.problems: tuple[Problem, ...] = (Problem(message, where, hint),)
        super().__init__(message)

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> Self:
        """One error out of all problems found, in the order of their places; for classes without own arguments."""
        found = sorted(problems, key=lambda problem: problem.where or Where(""))
        error = cls(found[0].message)
        error.problems = tuple(found)
        return error

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class InputError(HotFixtureError):
    """What the user wrote is wrong: a file, a parameter, an option."""

    exit_code = 2


class OptionError(InputError):
    """An option outside its range, said as `name=value`."""

    def __init__(self, name: str, value: object, expected: str, *, where: Where | None = None) -> None:
        super().__init__(f"{name}={value}: expected {expected}", where=where)
        self.option = name


class UnknownNameError(InputError):
    """A name that means nothing here; the nearest names are suggested, or all where they are few."""

    FEW = 12
    BEGINNING = 4
    """So many letters of a name show what was meant."""

    def __init__(
        self, kind: str, name: str, known: Sequence[str], *, where: Where | None = None, hint: str = ""
    ) -> None:
        from difflib import get_close_matches

        begun = [one for one in known if len(name) >= self.BEGINNING and one.startswith(name)]
        close = get_close_matches(name, known, n=3, cutoff=0.75) or get_close_matches(name, known, n=3, cutoff=0.6)
        near = list(dict.fromkeys([*begun[:2], *close]))[:3] if begun else close
        if near:
            hint = f"Did you mean {' or '.join(near)}?"
        elif 0 < len(known) <= self.FEW:
            hint = " ".join(filter(None, (f"Known: {', '.join(known)}.", hint)))
        super().__init__(f"unknown {kind} {name!r}", where=where, hint=hint)


class MissingExtraError(HotFixtureError):
    """An optional dependency is absent."""

    exit_code = 2

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs an optional part", hint=f"pip install 'hotfixture[{extra}]'")


class DatabaseError(HotFixtureError):
    """A server is unreachable, refused what was asked, or broke off. Never carries credentials or row values."""


class UnsupportedError(DatabaseError):
    """The engine, or its version, cannot do this."""


class RefusedError(HotFixtureError):
    """The rules forbid it: the guard of queries, the policy, or a lineage that cannot be resolved."""

    exit_code = 3


class LeakError(RefusedError):
    """An original value of a masked column stands in the finished package; names the place, never the value."""


class CapacityError(HotFixtureError):
    """More distinct values were wanted than a generator or mask can give."""


class CaptureError(HotFixtureError):
    """Something could not be recorded, or a recording cannot be read."""


class ReplayMissError(CaptureError):
    """A playback has no recorded answer to what was asked; says what came nearest, and where it differs."""


class NetworkBlockedError(CaptureError):
    """A playback keeps the network closed, and something reached for it."""


class PackageError(HotFixtureError):
    """A package is damaged, incomplete, or does not load."""

    exit_code = 4
