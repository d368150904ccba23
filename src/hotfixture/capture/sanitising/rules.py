"""What a user decides about the cleaning of recordings, beyond what holds without any rules.

::

    policy: policy.yaml                     # whose masks make the surrogates of people (see transforms.policy)
    key_file: /run/secrets/masking.key      # another key than that of the settings
    hide: [customer_ref, "*_handle"]        # keys, headers, parameters, columns: their values become surrogates
    keep: [session_id, x-request-id]        # of these, nothing is hidden for the sake of the name
    masks: {nickname: user_name, city: city}    # keys whose values get a mask
    paths: {"$.user.ref": secret, "$..trace": keep, "$.owner.label": full_name}    # in documents
    patterns: {ticket: "TCK-[0-9]{8}", plate: {match: "[A-Z]{2}-[0-9]{4}", mask: permute}}    # in any text
    secrets: [secrets.txt]                  # files with one secret a line: replaced wherever they stand
    environment: false                      # else values of variables with names of secrets are replaced, too
    binary: look                            # binary bodies: look (kept where nothing secret is seen) | known (pictures,
                                            # sound, fonts only) | keep | drop
    largest: 64MB                           # what a body may grow to when it is unpacked

Names of keys are compared by their words: `customer_ref` means `customerRef` and `Customer-Ref` as well; `*` and `?`
stand for what is left open. The first of `keep`, `hide` and `masks` that names a key decides, in that order.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from hotfixture.capture.environment import SHORTEST
from hotfixture.documents import Node, Reader, parse, read
from hotfixture.errors import HotFixtureError, InputError, Where
from hotfixture.transforms.detect import words
from hotfixture.transforms.masks import MaskSpec, resolve
from hotfixture.transforms.policy import Policy

T = TypeVar("T")
VARIABLE = "TEST_CAPTURE_RULES"
"""Names the file of rules for everything that is recorded or replayed."""
KEYS = (
    "policy", "key_file", "hide", "keep", "masks", "paths", "patterns", "secrets", "environment", "binary", "largest",
)  # fmt: skip
Binary = Literal["look", "known", "keep", "drop"]
BINARY: tuple[Binary, ...] = ("look", "known", "keep", "drop")
SECRET, KEEP = "secret", "keep"
_SIZE = re.compile(r"(\d+)\s*([KMG]?)B?", re.IGNORECASE)
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
LARGEST = 64 << 20

Decision: TypeAlias = "MaskSpec | str"
"""A mask, or `secret`, or `keep`."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules that hold; the defaults are those without a file."""

    policy: Policy | None = None
    key_file: Path | None = None
    hide: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    masks: tuple[tuple[str, MaskSpec], ...] = ()
    paths: tuple[tuple[tuple[str | int, ...], Decision], ...] = ()
    patterns: tuple[tuple[re.Pattern[str], MaskSpec | None], ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False, compare=False)
    """Texts that are replaced wherever they stand."""
    environment: bool = True
    """Whether values of environment variables with names of secrets are among these texts."""
    binary: Binary = "look"
    largest: int = LARGEST

    def named(self, name: str) -> Decision | None:
        """What is decided about a key; None where nothing is."""
        if not (self.keep or self.hide or self.masks):
            return None
        plain = spelled(name)
        if any(fnmatchcase(plain, pattern) for pattern in self.keep):
            return KEEP
        if any(fnmatchcase(plain, pattern) for pattern in self.hide):
            return SECRET
        return next((spec for pattern, spec in self.masks if fnmatchcase(plain, pattern)), None)


def spelled(name: str) -> str:
    """The words of a name, joined by `_`: what patterns of names are compared with; `*` and `?` stay."""
    pieces = re.split(r"([*?]+)", name)
    return "".join(piece if number % 2 else "_".join(words(piece)) for number, piece in enumerate(pieces))


def load(given: Any = None, environment: Mapping[str, str] | None = None) -> Rules:
    """Rules of a file (a path), of plain values as a file would hold them, or of the file that `TEST_CAPTURE_RULES`
    names; what holds without rules where there is neither. InputError says all that is wrong, each with its place."""
    environment = os.environ if environment is None else environment
    if isinstance(given, Rules):
        return given
    if isinstance(given, str | Path):
        return _read(read(Path(given)), Path(given).parent, environment)
    if given:
        import yaml

        return _read(parse(yaml.safe_dump(_plain(given)), "the rules"), Path(), environment)
    named = environment.get(VARIABLE)
    if named:
        return _read(read(Path(named)), Path(named).parent, environment)
    return _with_environment(Rules(), environment)


def handed(given: Any) -> dict[str, Any] | str:
    """Rules as another process takes them: a path, absolute, or plain values. InputError as `load`."""
    load(given)
    if isinstance(given, str | Path):
        return str(Path(given).absolute())
    values: dict[str, Any] = _plain(given)
    return values


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple | set | frozenset) else (
        str(value) if isinstance(value, Path) else value)  # fmt: skip


def _read(node: Node, folder: Path, environment: Mapping[str, str]) -> Rules:
    reader = Reader()
    keys = reader.mapping(node, "the rules", KEYS)
    rules = Rules(
        policy=_policy(reader, keys.get("policy"), folder),
        key_file=folder / reader.text(keys["key_file"], "key_file") if "key_file" in keys else None,
        hide=_names(reader, keys.get("hide"), "hide"),
        keep=_names(reader, keys.get("keep"), "keep"),
        masks=_masks(reader, keys.get("masks")),
        paths=_paths(reader, keys.get("paths")),
        patterns=_patterns(reader, keys.get("patterns")),
        secrets=_secrets(reader, keys.get("secrets"), folder),
        environment="environment" not in keys or reader.boolean(keys["environment"], "environment"),
        binary=_binary(reader, keys.get("binary")),
        largest=_size(reader, keys.get("largest")),
    )
    reader.finish()
    return _with_environment(rules, environment)


def _with_environment(rules: Rules, environment: Mapping[str, str]) -> Rules:
    if not rules.environment:
        return rules
    return replace(rules, secrets=(*rules.secrets, *of_environment(environment)))


def of_environment(environment: Mapping[str, str]) -> list[str]:
    """The values of variables whose names are those of secrets."""
    from hotfixture.capture.sanitising.keys import SECRET as KIND
    from hotfixture.capture.sanitising.keys import kind_of

    return [
        value
        for name, value in environment.items()
        if len(value) >= SHORTEST and not _PATH.match(value) and not name.startswith(_OURS) and kind_of(name) == KIND
    ]


_PATH = re.compile(r"[/.~\\]|[A-Za-z]:[\\/]|\w+:(?:path|abstract)=|[a-z]+/[\w.-]+:")
"""A file, a socket, a bus: what desktops and agents keep in variables with such names."""
_OURS = ("TEST_CAPTURE", "HFIT_KEY_FILE", "SSH_", "GPG_", "XDG_", "DBUS_", "DESKTOP_")


def _attempt(reader: Reader, make: Callable[[], T]) -> T | None:
    try:
        return make()
    except HotFixtureError as error:
        reader.problems.extend(error.problems)
        return None


def _policy(reader: Reader, node: Node | None, folder: Path) -> Policy | None:
    if node is None:
        return None
    if isinstance(node.value, dict):
        return _attempt(reader, partial(Policy.read, node))
    path = folder / reader.text(node, "policy")
    return _attempt(reader, lambda: Policy.read(read(path)))


def _names(reader: Reader, node: Node | None, what: str) -> tuple[str, ...]:
    return tuple(spelled(name) for name in reader.texts(node, what)) if node else ()


def _mask(reader: Reader, node: Node) -> MaskSpec | None:
    return _attempt(reader, lambda: resolve(MaskSpec.parse(node)))


def _masks(reader: Reader, node: Node | None) -> tuple[tuple[str, MaskSpec], ...]:
    found = {name: _mask(reader, inner) for name, inner in reader.names(node, "masks").items()} if node else {}
    return tuple((spelled(name), spec) for name, spec in found.items() if spec is not None)


def _paths(reader: Reader, node: Node | None) -> tuple[tuple[tuple[str | int, ...], Decision], ...]:
    if node is None:
        return ()
    from hotfixture.transforms.masks.document import steps

    found: list[tuple[tuple[str | int, ...], Decision]] = []
    for path, inner in reader.names(node, "paths").items():
        try:
            place = steps(path)
        except ValueError:
            where = (node.keys or {}).get(path)
            reader.problem(f"{path!r} is no path", where, "$.name, $['a name'], $.list[*].name, $..name")
            continue
        word = inner.value if inner.value in (SECRET, KEEP) else None
        spec = word if isinstance(word, str) else _mask(reader, inner)
        if spec is not None:
            found.append((place, spec))
    return tuple(found)


def _patterns(reader: Reader, node: Node | None) -> tuple[tuple[re.Pattern[str], MaskSpec | None], ...]:
    found = []
    for name, inner in reader.names(node, "patterns").items() if node else ():
        spec = None
        text = inner
        if isinstance(inner.value, dict):
            keys = reader.mapping(inner, f"pattern {name!r}", ("match", "mask"), required=("match",))
            text = keys.get("match", inner)
            spec = _mask(reader, keys["mask"]) if "mask" in keys else None
        if isinstance(text.value, dict):
            continue
        try:
            pattern = re.compile(reader.text(text, f"pattern {name!r}"))
        except re.error as error:
            reader.problem(f"pattern {name!r}: no regular expression: {error.msg}", text.where)
            continue
        if pattern.fullmatch(""):
            reader.problem(f"pattern {name!r} matches nothing at all, and so everywhere", text.where)
            continue
        found.append((pattern, spec))
    return tuple(found)


def _secrets(reader: Reader, node: Node | None, folder: Path) -> tuple[str, ...]:
    found: list[str] = []
    for item in reader.items(node) if node else ():
        path = folder / reader.text(item, "secrets")
        try:
            found += lines(path)
        except InputError as error:
            reader.problem(f"secrets: {error.problems[0].message}", item.where)
    return tuple(found)


def lines(path: Path) -> list[str]:
    """The secrets of a file, one a line; InputError where it cannot be read, which never quotes it."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=Where(str(path))) from None
    except UnicodeDecodeError:
        raise InputError("not UTF-8", where=Where(str(path))) from None
    return [line for line in (line.strip() for line in text.splitlines()) if line and not line.startswith("#")]


def _binary(reader: Reader, node: Node | None) -> Binary:
    found = reader.choice(node, "binary", BINARY) if node else BINARY[0]
    return next(one for one in BINARY if one == found)


def _size(reader: Reader, node: Node | None) -> int:
    if node is None:
        return LARGEST
    match = _SIZE.fullmatch(node.text.strip())
    if not match or not int(match[1]):
        reader.problem(f"largest: expected a size such as 64MB, found {node.text!r}", node.where)
        return LARGEST
    return int(match[1]) * _UNITS[match[2].upper()]
