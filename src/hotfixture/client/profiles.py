"""Which daemon, as whom: flags over environment over `hfit.toml` in the platform's configuration folder.

The file names daemons, each a profile; `hfit config` writes it::

    default = "work"
    [profiles.work]
    url = "https://fixtures.example.com"
    account = "dev@example.com"
    key = "/home/dev/.ssh/id_ed25519"

Environment: `HFIT_PROFILE`, `HFIT_URL`, `HFIT_TOKEN`, `HFIT_ACCOUNT`, `HFIT_KEY`. A token never stands in the file.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hotfixture.errors import HotFixtureError, InputError, Problem, UnknownNameError, Where

FILE = "hfit.toml"
DEFAULT = "default"
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST = 1 << 20
_KEYS: Mapping[str, type] = {
    "url": str, "account": str, "key": str, "ca": str, "keyring": bool, "insecure_http": bool,
}  # fmt: skip
_HOW = "Configure one: hfit config URL ACCOUNT KEYFILE; or set HFIT_URL and HFIT_TOKEN."


@dataclass(frozen=True, slots=True)
class Profile:
    """One daemon, and who one is there."""

    name: str
    url: str
    account: str = ""
    key: str = ""
    """The key file, its public half where an agent has the rest, or the fingerprint (`SHA256:…`) of an agent's key."""
    ca: Path | None = None
    keyring: bool = False
    """Whether the session's token is kept in the system's keyring."""
    insecure_http: bool = False
    token: str = field(default="", repr=False)
    """A token of the environment; empty where a session is used."""


@dataclass(frozen=True, slots=True)
class Written:
    """What the file says."""

    path: Path
    default: str = DEFAULT
    profiles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def folder(kind: str) -> Path:
    """The platform's folder of configuration (`config`) or state (`state`) of this tool.

    Raises InputError where the system names no home folder, as in some cron jobs and containers.
    """
    try:
        found = _xdg(kind) if sys.platform == "linux" else _platforms(kind)
    except RuntimeError:  # as pathlib says it
        found = Path()
    if not found.is_absolute():
        variable = f"XDG_{kind.upper()}_HOME"
        hint = f"Set HOME or {variable}; with HFIT_URL and HFIT_TOKEN in the environment no folder is needed."
        raise InputError("there is no home folder: neither HOME nor the user's entry names one", hint=hint)
    return found


_BELOW_HOME = {"config": ".config", "state": ".local/state"}


def _xdg(kind: str) -> Path:
    """What platformdirs says on Linux: importing it takes 7 ms of the 120 that a cold `hfit whoami` may cost."""
    base = os.environ.get(f"XDG_{kind.upper()}_HOME", "").strip()
    return Path(base or Path("~", _BELOW_HOME[kind]).expanduser(), "hotfixture")


def _platforms(kind: str) -> Path:
    import platformdirs

    return Path(getattr(platformdirs, f"user_{kind}_dir")("hotfixture", appauthor=False))


def load(
    name: str | None = None,
    *,
    url: str | None = None,
    insecure_http: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Profile:
    """The profile to use; arguments are flags. InputError where none is configured or the file is wrong."""
    environment = os.environ if environment is None else environment
    name = name or environment.get("HFIT_PROFILE") or None
    url = url or environment.get("HFIT_URL") or None
    told = _told(environment)
    if url and not name:
        # An address without a profile's name is a daemon of its own: it gets no key, account or token of another one.
        return Profile(_name_of(url), url, insecure_http=insecure_http, **told)
    written = read()
    chosen = name or written.default
    if chosen not in written.profiles:
        if name:
            raise UnknownNameError("profile", name, list(written.profiles), where=Where(str(written.path)), hint=_HOW)
        raise InputError("no daemon is configured", hint=_HOW)
    facts = dict(written.profiles[chosen])
    if "ca" in facts:
        facts["ca"] = Path(facts["ca"]).expanduser()
    facts |= {"url": url or facts["url"]} | told
    facts["insecure_http"] = insecure_http or facts.get("insecure_http", False)
    return Profile(chosen, **facts)


def _told(environment: Mapping[str, str]) -> dict[str, Any]:
    """What the environment says of who one is."""
    found: dict[str, Any] = {}
    if environment.get("HFIT_TOKEN"):
        found["token"] = environment["HFIT_TOKEN"].strip()
    if environment.get("HFIT_ACCOUNT"):
        found["account"] = environment["HFIT_ACCOUNT"]
    if environment.get("HFIT_KEY"):
        found["key"] = environment["HFIT_KEY"]
    return found


def _name_of(url: str) -> str:
    """A profile's name for a daemon that is only named by its URL."""
    from hashlib import sha256

    return f"url-{sha256(url.encode()).hexdigest()[:16]}"


def read(path: Path | None = None) -> Written:
    """What the file says; nothing where there is none. InputError with all that is wrong with it."""
    import tomllib

    path = path or folder("config") / FILE
    try:
        with path.open("rb") as file:
            found = tomllib.loads(file.read(_LONGEST).decode())
    except (FileNotFoundError, NotADirectoryError):
        return Written(path)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=Where(str(path))) from None
    except ValueError as error:
        raise InputError(f"not TOML: {error}", where=Where(str(path))) from None
    problems = list(_problems(found, Where(str(path))))
    if problems:
        raise InputError.of(problems)
    return Written(path, found.get("default", DEFAULT), found.get("profiles", {}))


def _problems(found: Mapping[str, Any], where: Where) -> list[Problem]:
    known = ("default", "profiles")
    problems: list[Problem] = [
        problem
        for name in found
        if name not in known
        for problem in UnknownNameError("setting", name, known, where=where).problems
    ]
    profiles = found.get("profiles", {})
    if not isinstance(profiles, dict) or not isinstance(found.get("default", ""), str):
        return [*problems, Problem("expected default = NAME and tables [profiles.NAME]", where)]
    for name, facts in profiles.items():
        problems += _problems_of(name, facts, where)
    return problems


def _problems_of(name: str, facts: object, where: Where) -> list[Problem]:
    if not NAME.fullmatch(name) or not isinstance(facts, dict):
        return [Problem(f"profiles: {name!r}: expected a table under a name of letters, digits, _ and -", where)]
    problems: list[Problem] = []
    for key, value in facts.items():
        if key not in _KEYS:
            problems += UnknownNameError(f"setting of profile {name}:", key, list(_KEYS), where=where).problems
        elif not isinstance(value, _KEYS[key]):
            problems.append(Problem(f"profile {name}: {key}: expected {_KEYS[key].__name__}", where))
    if "url" not in facts:
        problems.append(Problem(f"profile {name}: expected a url", where))
    return problems


def save(profile: Profile, *, default: bool, path: Path | None = None) -> Path:
    """Write a profile into the file; what else stands there, comments too, stays. The file's path is returned."""
    path = path or folder("config") / FILE
    written = read(path)
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    table = "".join(f"{key} = {_toml(value)}\n" for key, value in _facts(profile).items())
    text = _with_table(text, f"[profiles.{profile.name}]", table)
    if default or profile.name == DEFAULT or not written.profiles:
        text = _with_default(text, profile.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace(path, text.encode())
    except OSError as error:
        raise HotFixtureError(f"cannot write {path}: {error.strerror}") from None
    read(path)
    return path


def replace(path: Path, content: bytes) -> None:
    """Write a file of the user's own (0600), whole or not at all."""
    from secrets import token_hex

    aside = path.with_name(f".{path.name}.{token_hex(6)}")
    try:
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - pathlib cannot create a file with its mode at once
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _facts(profile: Profile) -> dict[str, Any]:
    found = {key: getattr(profile, key) for key in _KEYS}
    return {key: str(value) if isinstance(value, Path) else value for key, value in found.items() if value}


def _toml(value: str | bool) -> str:
    import json

    # TOML's basic strings take JSON's escapes; only DEL must be escaped as well.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _with_table(text: str, head: str, table: str) -> str:
    """The text with one table's lines replaced, or put behind all others."""
    pattern = re.compile(rf"^{re.escape(head)}[ \t]*(#[^\n]*)?\n?(?:(?!\[)[^\n]*\n?)*", re.MULTILINE)
    if pattern.search(text):
        return pattern.sub(lambda _: f"{head}\n{table}\n", text, count=1).rstrip("\n") + "\n"
    return f"{text.rstrip()}\n\n{head}\n{table}".lstrip("\n")


def _with_default(text: str, name: str) -> str:
    line = f"default = {_toml(name)}\n"
    found = re.compile(r"^default[ \t]*=[^\n]*\n?", re.MULTILINE).search(text)
    head = text.find("[")
    if found and (head < 0 or found.start() < head):
        return text[: found.start()] + line + text[found.end() :]
    return line + text
