"""The settings of the server: one frozen object, read from flags over the environment over a YAML file.

Every field says by `setting` what it means; flags (`--max-count`), variables (`MOCKCRAFT_MAX_COUNT`), keys of the
file (`max_count:`) and the reference page all come from here. Settings that may hold a password have no flag: the
process list shows flags to everybody.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from hotfixture.documents import Node, Reader, read
from hotfixture.errors import InputError, UnknownNameError, Where
from hotfixture.server import kinds
from hotfixture.server.kinds import Kind

_TARGET = "SEED_TARGET_"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}")


def setting(kind: Kind, default: Any, meaning: str, *, secret: bool = False) -> Any:
    """A field of the settings; one that is `secret` has no flag and shows in no repr."""
    facts = {"kind": kind, "help": meaning, "secret": secret}
    if isinstance(default, dict | tuple):
        return field(default_factory=lambda: default, metadata=facts, repr=not secret)
    return field(default=default, metadata=facts, repr=not secret)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What one server runs with."""

    PREFIX: ClassVar[str] = "MOCKCRAFT_"
    """Of its environment variables."""
    NOT_OFFERED: ClassVar[frozenset[str]] = frozenset()
    """Settings that nobody may set, in a form that takes over most of these."""

    host: str = setting(kinds.TEXT, "127.0.0.1", "Address to listen on; `0.0.0.0` for all.")
    port: int = setting(kinds.integer(0, 65_535), 8080, "Port to listen on; 0 takes a free one.")
    root_path: str = setting(kinds.TEXT, "", "Path below which a proxy shows this server, such as `/mockcraft`.")
    trusted_proxies: tuple[str, ...] = setting(
        kinds.TEXTS, (), "Addresses or networks whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed."
    )
    data: Path | None = setting(  # noqa: RUF009 - `setting` is `field`
        kinds.PATH, None, "Folder for jobs and their files; several servers share one. Default: the user's data folder."
    )
    store: str = setting(
        kinds.TEXT,
        "",
        "Where jobs are kept: nothing for a SQLite file in `data`, or a `postgresql://` URL for several servers.",
        secret=True,
    )
    token_file: Path | None = setting(  # noqa: RUF009 - as above
        kinds.PATH, None, "File of access tokens, one `name:sha256` a line; without one everybody may use the server."
    )
    open_metrics: bool = setting(kinds.TRUTH, False, "`/metrics` needs no token.")
    cors_origins: tuple[str, ...] = setting(
        kinds.TEXTS, (), "Origins whose pages may call the server, such as `https://app.example`; `*` for all."
    )
    rate_limit: str = setting(kinds.RATE, "6000/minute", "Requests of one address to one endpoint; `off` for none.")
    rate_limits: Mapping[str, str] = setting(
        kinds.RATES,
        {"seed": "60/minute"},
        "Other limits by endpoint: `generate`, `generators`, `seed`, `jobs`, `download`, `other`.",
    )
    rate_store: str = setting(
        kinds.TEXT, "", "Where requests are counted: nothing for memory, or a `redis://` URL to share.", secret=True
    )
    max_body: int = setting(kinds.SIZE, 1 << 20, "Largest body of a request.")
    max_count: int = setting(kinds.integer(1, 10**12), 1_000_000, "Most values of one request.")
    max_response: int = setting(kinds.SIZE, 1 << 30, "Largest answer of values; it is cut off there.")
    max_concurrent: int = setting(kinds.integer(1, 100_000), 512, "Requests in work at once; more are answered 503.")
    request_timeout: float = setting(kinds.SECONDS, 60.0, "Longest time for the body of a request to arrive.")
    max_rows: int = setting(kinds.integer(1, 10**12), 100_000_000, "Most rows of one job.")
    max_queued: int = setting(kinds.integer(1, 10**6), 100, "Jobs that may wait.")
    workers: int = setting(kinds.integer(0, 1000), 2, "Jobs this server runs at once, each in a process of its own.")
    job_timeout: float = setting(kinds.SECONDS, 3600.0, "Longest run of a job.")
    job_disk: int = setting(kinds.SIZE, 10 << 30, "Most disk a job may fill, its ZIP file included.")
    disk: int = setting(kinds.SIZE, 50 << 30, "Most disk all jobs together may fill.")
    job_memory: int = setting(kinds.SIZE, 4 << 30, "Most memory of a job's process, where the system can bound it.")
    job_attempts: int = setting(kinds.integer(1, 1000), 5, "How often a job whose worker died is begun again.")
    keep: float = setting(kinds.SECONDS, 86_400.0, "How long a finished job's file can be downloaded.")
    keep_records: float = setting(
        kinds.SECONDS, 7 * 86_400.0, "How long jobs and their idempotency keys are remembered after they ended."
    )
    remove_after_download: bool = setting(kinds.TRUTH, False, "A file is removed when it has been downloaded whole.")
    seed_targets: Mapping[str, str] = setting(
        kinds.TARGETS, {}, "Databases that jobs may fill: names and URLs. A request gives the name.", secret=True
    )
    log_level: str = setting(
        kinds.choice("debug", "info", "warning", "error"), "info", "Least level of what is logged."
    )
    log_form: str = setting(kinds.choice("json", "text"), "json", "Log lines as JSON, or as text for people.")
    sentry_dsn: str = setting(kinds.TEXT, "", "Where defects are reported to (needs sentry-sdk).", secret=True)
    shutdown: float = setting(kinds.SECONDS, 30.0, "How long running requests may take to end when the server stops.")

    @property
    def kept_by(self) -> str:
        """Which caches may keep an answer that is the same for all: only the asker's own where tokens are asked for."""
        return "private" if self.token_file else "public"

    @property
    def folder(self) -> Path:
        """The folder of jobs."""
        if self.data is not None:
            return self.data
        from platformdirs import user_data_path

        return user_data_path("hotfixture", appauthor=False) / "server"


S = TypeVar("S", bound=ServerSettings)


def described(form: type[ServerSettings] = ServerSettings) -> list[Field[Any]]:
    """The settings with kind, meaning and default, in the order of the reference page."""
    return [setting for setting in fields(form) if setting.name not in form.NOT_OFFERED]


def default_of(setting: Field[Any]) -> Any:
    """The default of a setting."""
    if setting.default is not MISSING:
        return setting.default
    factory: Any = setting.default_factory
    return factory()


def table(form: type[ServerSettings] = ServerSettings) -> list[tuple[str, str, str, str, str]]:
    """Key, flag, variable, default and meaning of every setting, for the reference page."""
    rows = []
    for setting in described(form):
        kind: Kind = setting.metadata["kind"]
        flag = "" if setting.metadata["secret"] or kind.nested else f"--{setting.name.replace('_', '-')}"
        variable = form.PREFIX + (f"{_TARGET}<NAME>" if setting.name == "seed_targets" else setting.name.upper())
        shown = kind.shown(default_of(setting))
        rows.append((setting.name, flag, "" if kind.nested else variable, shown, setting.metadata["help"]))
    return rows


def load(
    flags: Mapping[str, Any] | None = None,
    *,
    config: Path | None = None,
    environment: Mapping[str, str] | None = None,
    form: type[S] = ServerSettings,  # type: ignore[assignment]  # the default of the type variable
) -> S:
    """The settings. `flags` are texts by setting, None where not given.

    Relative paths of the file are taken from the file's folder, those of flags and variables from the present one.
    Raises InputError with all problems of the file (line and column), or of a flag or variable.
    """
    environment = os.environ if environment is None else environment
    _check_variables(form, environment)
    named = environment.get(f"{form.PREFIX}CONFIG")
    path = config or (Path(named) if named else None)
    found = _from_file(form, path) if path else {}
    found |= _from_environment(form, environment)
    found |= {
        name: _kind(form, name).parse(value, f"--{name.replace('_', '-')}")
        for name, value in (flags or {}).items()
        if value is not None
    }
    targets = {**found.get("seed_targets", {}), **_targets(form, environment)}
    return form(**{**found, "seed_targets": targets})


def _kind(form: type[ServerSettings], name: str) -> Kind:
    kind: Kind = next(setting.metadata["kind"] for setting in described(form) if setting.name == name)
    return kind


def _from_file(form: type[ServerSettings], path: Path) -> dict[str, Any]:
    root = read(path)
    reader = Reader()
    found = reader.mapping(root, "the settings", [setting.name for setting in described(form)])
    made = {name: _read(reader, _kind(form, name), name, node) for name, node in found.items()}
    reader.finish()
    beside = path.absolute().parent
    return {name: beside / value if isinstance(value, Path) else value for name, value in made.items()}


def _read(reader: Reader, kind: Kind, name: str, node: Node) -> Any:
    try:
        return kind.read(node)
    except InputError as error:
        reader.problems.extend(problem._replace(message=f"{name}: {problem.message}") for problem in error.problems)
        return None


def _from_environment(form: type[ServerSettings], environment: Mapping[str, str]) -> dict[str, Any]:
    plain = [setting for setting in described(form) if setting.name != "seed_targets" and not _nested(setting)]
    names = {form.PREFIX + setting.name.upper(): setting.name for setting in plain}
    return {names[key]: _kind(form, names[key]).parse(text, key) for key, text in environment.items() if key in names}


def _nested(setting: Field[Any]) -> bool:
    kind: Kind = setting.metadata["kind"]
    return kind.nested


def _targets(form: type[ServerSettings], environment: Mapping[str, str]) -> dict[str, str]:
    start = form.PREFIX + _TARGET
    return {key.removeprefix(start).lower(): url for key, url in environment.items() if key.startswith(start) and url}


def _check_variables(form: type[ServerSettings], environment: Mapping[str, str]) -> None:
    """A variable that is nearly one of ours is refused: a mistyped limit would be no limit, unnoticed."""
    config, start = f"{form.PREFIX}CONFIG", form.PREFIX + _TARGET
    known = [config, *(form.PREFIX + setting.name.upper() for setting in described(form))]
    ours = [key for key in environment if key.startswith(form.PREFIX) and not key.startswith(start)]
    for key in ours:
        if key not in known and get_close_matches(key, known, cutoff=0.85):
            raise UnknownNameError("environment variable", key, known, where=Where("environment"))
