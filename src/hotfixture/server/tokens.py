"""Access tokens: kept as SHA-256 digests by name; the token itself is shown once, when it is made.

SHA-256 without salt is enough here: a token has 256 random bits, so there is no dictionary to try.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from starlette.responses import Response

from hotfixture.errors import InputError, Problem, Where
from hotfixture.server import problems
from hotfixture.server.visit import Visit

_LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,62}):([0-9a-f]{64})")
_LONGEST_FILE = 1 << 20


def make(name: str) -> tuple[str, str]:
    """A new token, and its line for the file."""
    from secrets import token_urlsafe

    token = f"mc_{token_urlsafe(32)}"
    line = f"{name}:{_digest(token.encode())}"
    if not _LINE.fullmatch(line):
        raise InputError(f"token name {name!r}: expected letters, digits, `_`, `.` and `-`")
    return token, line


def read(path: Path) -> dict[str, str]:
    """Digest → name, of a file of lines `name:sha256`; InputError with the line of every problem."""
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST_FILE).decode("utf-8", "replace")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=Where(str(path))) from None
    found: dict[str, str] = {}
    problems = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        match = _LINE.fullmatch(line)
        if match:
            found[match[2]] = match[1]
        elif line and not line.startswith("#"):
            # The line is not quoted: it may be a token by mistake.
            problems.append(Problem("expected `name:sha256`", Where(str(path), number, 1)))
    if problems:
        raise InputError.of(problems)
    if not found:
        raise InputError("holds no token", where=Where(str(path)), hint="Make one: mockcraft server --make-token NAME")
    return found


def owner_of(tokens: Mapping[str, str], header: bytes) -> str:
    """The name of the token in an `Authorization` header; empty where it is none of ours."""
    scheme, _, token = header.partition(b" ")
    if scheme.lower() != b"bearer" or not 8 <= len(token) <= 512:
        return ""
    return tokens.get(_digest(token.strip()), "")  # by digest: how long the search takes says nothing of a token


class TokenDoor:
    """Lets in who holds a token of the file; everybody where there is no file."""

    def __init__(self, known: Mapping[str, str] | None) -> None:
        self._known = known

    async def __call__(self, visit: Visit, authorization: bytes) -> Response | None:
        """None where the request may pass, else its refusal."""
        if self._known is None:
            return None
        visit.owner = owner_of(self._known, authorization)
        if visit.owner:
            return None
        return problems.answer(401, "no valid access token", visit.id, {"www-authenticate": "Bearer"})


def _digest(token: bytes) -> str:
    return sha256(token).hexdigest()
