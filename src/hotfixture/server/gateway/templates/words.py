"""How texts of requests are bounded, and times told."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from hotfixture.server.gateway.identity.members import TEAM
from hotfixture.server.gateway.identity.moments import moment
from hotfixture.server.problems import HTTPError

__all__ = ["NAME", "message_of", "moment", "spoken", "team_name"]
NAME = re.compile(r"[\w.-]{1,200}")
"""What the name of a template can be; anything else means none."""
_LONGEST = 500


def message_of(text: str) -> str:
    """The message of a change; HTTPError 400 where it is too long, or not a text to be read."""
    said = text.strip()
    if len(said) > _LONGEST:
        raise HTTPError(400, f"message: at most {_LONGEST} characters, found {len(said)}")
    if any(ord(letter) < 32 and letter not in "\n\t" for letter in said):
        raise HTTPError(400, "message: expected text without control characters")
    return said


def team_name(text: str) -> str:
    """The name of a team; HTTPError 400 where it can be none."""
    if not TEAM.fullmatch(text):
        raise HTTPError(400, "team: expected a name of lower-case letters, digits, `-` and `_`")
    return text


def spoken(seconds: float) -> str:
    """A time in a sentence: `2026-11-21 14:02 UTC`."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
