"""One frozen object read from a file, the environment and flags; and the masking key.

A flag wins over the environment, the environment over the file `settings.toml` in the platform's configuration folder::

    debug = false
    key_file = "/run/secrets/masking.key"
    [providers]
    PROD_REPLICA = "postgresql://…"
    [volumes]
    invoices = "s3://bucket/prefix"

Environment: `HFIT_PROVIDER_<NAME>`, `HFIT_VOLUME_<NAME>`, `HFIT_MASKING_KEY`, `HFIT_KEY_FILE`, `HFIT_DEBUG`, and
`HFIT_SETTINGS`, which names another file; and `SOURCE_DATE_EPOCH`, the time that a manifest shall name.
A key itself is never read from the settings file, and neither keys nor URLs show in a repr, an error or a log.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hotfixture.errors import InputError, Problem, UnknownNameError, Where

KEY_FILE = "masking.key"
_PROVIDER = "HFIT_PROVIDER_"
_VOLUME = "HFIT_VOLUME_"
_OF_CLIENT = ("HFIT_PROFILE", "HFIT_URL", "HFIT_TOKEN", "HFIT_ACCOUNT", "HFIT_KEY")
"""Read by `hotfixture.client.profiles`."""
_VARIABLES = ("HFIT_MASKING_KEY", "HFIT_KEY_FILE", "HFIT_DEBUG", "HFIT_SETTINGS", *_OF_CLIENT)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_LONGEST_FILE = 1 << 20
_ADVICE = "Make one with: openssl rand -hex 32"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the commands and calls of one process run with."""

    folder: Path
    """The configuration folder; it need not exist."""
    providers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """URLs by name; they may hold passwords."""
    volumes: Mapping[str, str] = field(default_factory=dict)
    """Folders or buckets by name."""
    key_text: str | None = field(default=None, repr=False)
    """`HFIT_MASKING_KEY` as given; None where it is not set (set to nothing, it is refused)."""
    key_file: Path | None = None
    debug: bool = False


def load(
    *,
    providers: Mapping[str, str] | None = None,
    volumes: Mapping[str, str] | None = None,
    key_file: Path | None = None,
    debug: bool | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """The settings; the arguments but the last two are flags. InputError says all that is wrong with them.

    `environment` and `folder` default to the process's own environment and the platform's configuration folder.
    A key given by the flag wins over one in the environment.
    """
    environment = os.environ if environment is None else environment
    folder = folder or _folder()
    named_file = _path(environment.get("HFIT_SETTINGS"))
    written = _file(named_file or folder / "settings.toml", required=named_file is not None)
    _check_environment(environment)
    file = key_file or _path(environment.get("HFIT_KEY_FILE")) or _path(written.get("key_file"))
    return Settings(
        folder,
        _merged(written.get("providers", {}), environment, _PROVIDER, providers or {}),
        _merged(written.get("volumes", {}), environment, _VOLUME, volumes or {}),
        None if key_file else environment.get("HFIT_MASKING_KEY"),
        file,
        _flag(environment.get("HFIT_DEBUG", "")) or bool(written.get("debug")) if debug is None else debug,
    )


def _folder() -> Path:
    from platformdirs import user_config_path

    return user_config_path("hotfixture", appauthor=False)


def _path(text: str | None) -> Path | None:
    return Path(text).expanduser() if text else None


def _flag(text: str) -> bool:
    if text.lower() not in ("", "0", "1", "true", "false", "yes", "no"):
        raise InputError("HFIT_DEBUG: expected 1 or 0")
    return text.lower() in ("1", "true", "yes")


def _merged(
    written: Mapping[str, str], environment: Mapping[str, str], prefix: str, flags: Mapping[str, str]
) -> dict[str, str]:
    """URLs by name: those of the flags over those of the environment over those of the file."""
    named = {name.removeprefix(prefix): url for name, url in environment.items() if name.startswith(prefix)}
    for name in (*named, *flags):
        if not _NAME.fullmatch(name):
            raise InputError(f"provider or volume {name!r}: expected a name of letters, digits, _ and -")
    return {**written, **named, **flags}


def _check_environment(environment: Mapping[str, str]) -> None:
    """A variable that is nearly one of ours is refused: with a mistyped key another key would mask, unnoticed."""
    from difflib import get_close_matches

    ours = (name for name in environment if name.startswith("HFIT_"))
    strangers = [name for name in ours if name not in _VARIABLES and not name.startswith((_PROVIDER, _VOLUME))]
    wrong = [name for name in strangers if get_close_matches(name, _VARIABLES, cutoff=0.85)]
    if wrong:
        raise UnknownNameError("environment variable", wrong[0], _VARIABLES)


def _file(path: Path, *, required: bool) -> dict[str, Any]:
    """What a settings file says; nothing where there is none and none is required."""
    import tomllib

    try:
        with path.open("rb") as file:
            found = tomllib.loads(file.read(_LONGEST_FILE).decode())
    except OSError as error:
        if isinstance(error, FileNotFoundError | NotADirectoryError) and not required:
            return {}
        raise InputError(f"cannot be read: {error.strerror}", where=Where(str(path))) from None
    except ValueError as error:  # TOML's own, and text that is not UTF-8
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        where = Where(str(path), int(place[1]), int(place[2])) if place else Where(str(path))
        # The parser's message may quote the file, which holds passwords.
        raise InputError("not TOML", where=where) from None
    problems = list(_problems(found, Where(str(path))))
    if problems:
        raise InputError.of(problems)
    return found


_TYPES: dict[str, type] = {"debug": bool, "key_file": str, "providers": dict, "volumes": dict}


def _problems(found: Mapping[str, Any], where: Where) -> list[Problem]:
    problems: list[Problem] = []
    for name, value in found.items():
        if name not in _TYPES:
            problems.extend(UnknownNameError("setting", name, list(_TYPES), where=where).problems)
        elif not isinstance(value, _TYPES[name]):
            problems.append(Problem(f"{name}: expected {_TYPES[name].__name__}, found {type(value).__name__}", where))
    for table in ("providers", "volumes"):
        urls = found.get(table)
        for name, url in urls.items() if isinstance(urls, dict) else ():
            if not isinstance(url, str) or not _NAME.fullmatch(name):
                problems.append(Problem(f'{table}: {name!r}: expected NAME = "url"', where))
    return problems


def pinned_time(environment: Mapping[str, str] | None = None) -> str | None:
    """The time that `SOURCE_DATE_EPOCH` gives (https://reproducible-builds.org/specs/source-date-epoch/), ISO 8601.

    None where it is not set; InputError where it holds no number of seconds.
    """
    from datetime import UTC, datetime

    seconds = (os.environ if environment is None else environment).get("SOURCE_DATE_EPOCH")
    if not seconds:
        return None
    try:
        return datetime.fromtimestamp(int(seconds), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        where = Where("environment")
        raise InputError("SOURCE_DATE_EPOCH: expected whole seconds since 1970", where=where) from None


def masking_key(settings: Settings, *, say: Callable[[str], None] | None = None) -> tuple[bytes, str]:
    """The masking key (at least 32 bytes) and where it came from, for people.

    The first of: the key file of the flag, `HFIT_MASKING_KEY`, a key file of the environment or the settings, a key of
    the user's own in the configuration folder. Where the last does not exist it is made, for the user alone to read,
    and `say` is told so in one sentence. InputError where a key is too short, malformed, or open to others.
    """
    if settings.key_text is not None:
        return _parse(settings.key_text, "HFIT_MASKING_KEY"), "HFIT_MASKING_KEY"
    if settings.key_file:
        return read_key(settings.key_file, closed_to=0o007), str(settings.key_file)
    own = settings.folder / KEY_FILE
    if not own.exists():
        made = make_key(own)
        if made and say:
            say(f"A masking key of your own was made in {own}; keep it: another key gives other masks.")
    return read_key(own, closed_to=0o077), str(own)


def _parse(text: str, origin: str) -> bytes:
    digits = text.strip()
    if not re.fullmatch(r"[0-9a-fA-F]*", digits):
        raise InputError(f"{origin}: expected hexadecimal digits", hint=_ADVICE)
    if not 64 <= len(digits) <= 1024 or len(digits) % 2:
        raise InputError(f"{origin}: expected 64 hexadecimal digits or more, found {len(digits)}", hint=_ADVICE)
    key = bytes.fromhex(digits)
    if len(set(key)) < 8:  # a random key has so few different bytes once in 10^40
        raise InputError(f"{origin}: this key is not random", hint=_ADVICE)
    return key


def read_key(path: Path, *, closed_to: int, what: str = "masking key") -> bytes:
    """The key in a file of hexadecimal digits (at least 32 bytes).

    InputError where it cannot be read, is too short, or the permission bits `closed_to` let others read it.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            data = file.read(4096)
    except OSError as error:
        raise InputError(f"the {what} cannot be read: {error.strerror}", where=Where(str(path))) from None
    if os.name == "posix" and mode & closed_to:
        hint = f"Close it: chmod 600 '{path}'; if others have read it, make a new one."
        raise InputError(f"others may read this {what} (mode {mode:03o})", where=Where(str(path)), hint=hint)
    return _parse(data.decode("ascii", "replace"), str(path))


def make_key(path: Path) -> bool:
    """A new random key of 32 bytes in `path`, mode 0600, whole or not at all; False where one stands there."""
    from secrets import token_hex

    beside = path.with_name(f"{path.name}.{token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_new(beside, token_hex(32) + "\n")
        try:
            return _publish(beside, path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        hint = "Set HFIT_MASKING_KEY, or give --key-file."
        raise InputError(f"no masking key can be made: {error.strerror}", where=Where(str(path)), hint=hint) from None


def _write_new(path: Path, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:  # noqa: PTH123 - pathlib cannot create a file with its mode at once
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _publish(beside: Path, path: Path) -> bool:
    """Give the finished file its name unless there is one already: a hard link cannot overwrite, a rename could."""
    try:
        path.hardlink_to(beside)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if path.exists():
            return False
        beside.rename(path)
    return True
