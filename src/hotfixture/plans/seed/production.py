"""Databases that look like production are seeded only when somebody has named them."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from hotfixture.errors import RefusedError

_LOOKS = re.compile(r"(?:^|[^a-z])(?:prod|prd|production|live|master|primary)(?:[^a-z]|$)", re.IGNORECASE)


def refuse_production(url: str, named: str = "") -> None:
    """RefusedError where the host, the user or the database of `url` looks like production and `named` is not its name.

    `named` is the database's name (for SQLite the file's, without folders), so that a command pasted elsewhere stops.
    """
    parts = urlsplit(url)
    name = unquote(parts.path).rstrip("/").rpartition("/")[2]
    looks = [part for part in (parts.hostname or "", unquote(parts.username or ""), name) if _LOOKS.search(part)]
    if looks and named != name:
        raise RefusedError(
            f"{looks[0]!r} looks like production; nothing was written",
            hint=f"If you mean it, name the database: --production {name or parts.hostname}",
        )
