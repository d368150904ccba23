"""Who asks: a user with a session, a service token, or the administrator at the daemon's own machine."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

Role = Literal["developer", "author", "approver", "admin"]
ROLES: tuple[Role, ...] = ("developer", "author", "approver", "admin")


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody the daemon knows."""

    name: str
    kind: Literal["user", "token", "system"]
    roles: frozenset[Role]
    teams: frozenset[str] = frozenset()
    address: str = "local"
    session: str = ""
    """The id of the session or service token."""
    templates: tuple[str, ...] = ("*",)
    """Globs of the template names that may be asked for; a service token has few."""
    expires: float | None = None
    request: str = ""
    """The id of the request in which it acts."""

    def reaches(self, template: str) -> bool:
        """Whether a template's name is among those that this actor may ask for."""
        return any(fnmatchcase(template, glob) for glob in self.templates)


def system(name: str = "hfitd") -> Actor:
    """The administrator at the machine's own command line: who can read the store need not log in to it."""
    return Actor(name, "system", frozenset(ROLES))
