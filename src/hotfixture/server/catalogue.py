"""GET /api/generators: what can be generated, with options, ranges and an example each."""

from __future__ import annotations

import json
from hashlib import sha256
from threading import Lock
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from hotfixture import generators
from hotfixture.errors import HotFixtureError
from hotfixture.files.plain import json_text
from hotfixture.generators.base import Generator
from hotfixture.server import queries
from hotfixture.server.downloads import etag_matches


class Catalogue:
    """The routes of the catalogue; it is made once, when somebody first asks."""

    def __init__(self, kept_by: str) -> None:
        self._keep = f"{kept_by}, max-age=300"
        self._lock = Lock()
        self._found: list[dict[str, Any]] = []
        self._whole: tuple[bytes, str] | None = None

    async def listed(self, request: Request) -> Response:
        """All of them, or those of one group."""
        group = queries.read(request.scope, ("group",)).get("group")
        body, tag = await to_thread.run_sync(self._all)
        if group is not None:
            body, tag = _spelled([one for one in self._found if one["group"] == group])
        return self._answer(request, body, tag)

    async def one(self, request: Request) -> Response:
        """One of them, by any of its names."""
        queries.read(request.scope, ())
        made = generators.find(request.path_params["type"][:200])
        return self._answer(request, *_spelled(await to_thread.run_sync(described, made)))

    def _answer(self, request: Request, body: bytes, tag: str) -> Response:
        headers = {"etag": tag, "cache-control": self._keep}
        if etag_matches(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="application/json")

    def _all(self) -> tuple[bytes, str]:
        with self._lock:
            if self._whole is None:
                self._found = [described(made) for made in _known()]
                self._whole = _spelled(self._found)
            return self._whole


def _known() -> list[Generator]:
    found = []
    for name in generators.names():
        try:
            found.append(generators.find(name))
        except HotFixtureError:  # of an installed package that lacks a part of its own
            continue
    return found


def _spelled(value: Any) -> tuple[bytes, str]:
    if isinstance(value, list):
        groups = sorted({one["group"] for one in value})
        value = {"groups": groups, "generators": value}
    body = json_text(value).encode()
    return body, f'"{sha256(body).hexdigest()[:32]}"'


def described(made: Generator) -> dict[str, Any]:
    """One generator as the API shows it."""
    return {
        "name": made.name,
        "group": made.group,
        "description": made.doc,
        "example": json.loads(json_text(generators.generate(made.name, seed=1))),
        "options": [
            {
                "name": option.name,
                "kind": option.kind,
                "default": json.loads(json_text(option.default)),
                "expected": option.expected,
                "help": option.help,
            }
            for option in made.options
        ],
        "capacity": made.capacity(),
        "source": made.source,
        "version": made.version,
    }
