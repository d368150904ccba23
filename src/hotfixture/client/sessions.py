"""Where a session is kept between commands: a file of the user's own (0600) in the state folder, or the keyring.

A session belongs to the daemon's URL and the account: under a profile that names another it is not found.
"""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotfixture.client.credentials import Session
from hotfixture.client.profiles import NAME, Profile, folder, replace
from hotfixture.errors import HotFixtureError, InputError, MissingExtraError, Where

if TYPE_CHECKING:
    from types import ModuleType

SERVICE = "hotfixture"
"""Under which name the keyring keeps sessions; the user's name there is the profile's."""
_FIELDS = ("token", "account", "expires", "renew_at", "renewable_until")
_LONGEST = 1 << 16


def load(profile: Profile) -> Session | None:
    """The session of a profile; None where there is none. InputError where others may read its file."""
    found = _found(profile)
    try:
        return Session(**{field: found[field] for field in _FIELDS})
    except (KeyError, TypeError):
        return None


def is_ended(profile: Profile) -> bool:
    """Whether the last thing said was a logout: then no key logs in by itself."""
    return _found(profile).get("ended") is True


def save(profile: Profile, session: Session | None) -> None:
    """Keep a session, or forget it where it is None. HotFixtureError where it cannot be kept."""
    _save(profile, _text(profile, session) if session else "")


def end(profile: Profile) -> None:
    """Forget the session, and keep that it was ended. HotFixtureError where that cannot be kept."""
    _save(profile, json.dumps({"url": profile.url, "account": profile.account, "ended": True}))


def shut(profile: Profile) -> None:
    """Let nobody else read the session's file any more, so that the session can be ended."""
    if not profile.keyring and os.name == "posix":
        with suppress(OSError):
            _path(profile).chmod(0o600)


def _found(profile: Profile) -> dict[str, Any]:
    """What is kept for a profile; empty where that is nothing, or another daemon's or account's."""
    text = _keyring().get_password(SERVICE, profile.name) if profile.keyring else _read(_path(profile))
    try:
        found: dict[str, Any] = dict(json.loads(text or "{}"))
    except (ValueError, TypeError):
        return {}
    same = found.get("url") == profile.url and profile.account in ("", found.get("account"))
    return found if same else {}


def _save(profile: Profile, text: str) -> None:
    if profile.keyring:
        _save_in_keyring(profile, text)
        return
    path = _path(profile)
    try:
        if not text:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace(path, text.encode())
    except OSError as error:
        raise HotFixtureError(f"the session cannot be kept in {path}: {error.strerror}") from None


def _text(profile: Profile, session: Session) -> str:
    facts: dict[str, Any] = {field: getattr(session, field) for field in _FIELDS}
    return json.dumps({"url": profile.url, **facts})


def _path(profile: Profile) -> Path:
    if not NAME.fullmatch(profile.name):
        raise InputError(f"profile {profile.name[:80]!r}: expected a name of letters, digits, _ and -")
    return folder("state") / "sessions" / f"{profile.name}.json"


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(_LONGEST).decode()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {getattr(error, 'strerror', 'no text')}", where=Where(str(path))) from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        hint = f"End the session and log in again: hfit logout; if it must stay: chmod 600 '{path}'"
        raise InputError("others may read this session's token", where=Where(str(path)), hint=hint)
    return text


def _keyring() -> ModuleType:
    try:
        import keyring
    except ModuleNotFoundError as error:
        raise MissingExtraError("the system's keyring", "keyring") from error
    return keyring


def _save_in_keyring(profile: Profile, text: str) -> None:
    keyring = _keyring()
    try:
        if text:
            keyring.set_password(SERVICE, profile.name, text)
        elif keyring.get_password(SERVICE, profile.name):
            keyring.delete_password(SERVICE, profile.name)
    except keyring.errors.KeyringError as error:
        hint = "Keep the session in a file instead: hfit config … without --keyring."
        raise HotFixtureError(f"the keyring does not take the session: {type(error).__name__}", hint=hint) from None
