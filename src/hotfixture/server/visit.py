"""What is known of one request while it is answered."""

from __future__ import annotations

import re
from itertools import count
from secrets import token_hex
from time import perf_counter
from typing import Any

Scope = Any
"""The scope of ASGI: a mapping."""

ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_PREFIX = token_hex(6)
_NUMBERS = count(1)
KEY = "mockcraft"
"""Where a visit stands in its scope."""

LEAVING = "hotfixture.leaving"
"""Where a request that only waits leaves what is called, in its scope, when the server is to stop."""

_PLACES = {
    "generate": "generate",
    "generators": "generators",
    "seed": "seed",
    "jobs": "jobs",
    "download": "download",
    "templates": "templates",
    "packages": "packages",
    "providers": "providers",
    "volumes": "volumes",
}


class Visit:
    """One request: its id, where it comes from, what was answered."""

    __slots__ = (
        "actor",
        "address",
        "body",
        "complete",
        "endpoint",
        "id",
        "method",
        "owner",
        "path",
        "started",
        "status",
        "written",
    )

    def __init__(self, scope: Scope) -> None:
        self.started = perf_counter()
        self.method: str = scope["method"]
        self.path = path_of(scope)
        self.endpoint = endpoint_of(self.path)
        client = scope.get("client")
        self.address: str = client[0] if client else "local"
        self.id = f"{_PREFIX}{next(_NUMBERS):08x}"
        self.owner = ""
        """The name of who asks; empty where everybody may."""
        self.actor: Any = None
        """Who asks, as the daemon knows them."""
        self.status = 0
        self.complete = False
        """The whole answer was sent."""
        self.written = 0
        """Bytes of the answer's body."""
        self.body = 0
        """Bytes of the request's body."""


def root_of(scope: Scope) -> str:
    """The path below which a proxy shows the server: links begin with it."""
    return str(scope.get("root_path", ""))


def path_of(scope: Scope) -> str:
    """The path below `root_of`: what rights, rates and logs go by, as routes do."""
    root, path = root_of(scope), scope["path"]
    return str(path[len(root) :] if path.startswith(f"{root}/") else path)


def endpoint_of(path: str) -> str:
    """The endpoint that a path belongs to, as rate limits and metrics call it."""
    parts = path.split("/", 3)
    if len(parts) > 2 and parts[1] == "api":
        return _PLACES.get(parts[2], "other")
    return "auth" if len(parts) > 1 and parts[1] == "auth" else "other"


def visit_of(scope: Scope) -> Visit:
    """The visit of a scope."""
    found: Visit = scope[KEY]
    return found
