"""A session as one JSON file, as the contract has it: written so that it can be read line by line.

The first line ends where the interactions begin, each interaction has a line of its own, and bodies stand in it whole.
Files that another tool wrote are read as well, at once.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from hotfixture.capture import upgrades
from hotfixture.capture.records import VERSION, Interaction
from hotfixture.errors import CaptureError, Where

_START = b'"interactions":['
_END = b"]}"
LARGEST = 2**31
"""Bytes of a file of another tool, which is read as a whole; ours are read line by line."""
_interaction = msgspec.json.Decoder(Interaction).decode
Facts = dict[str, Any]


def write(path: Path, facts: Facts, interactions: Iterable[Interaction]) -> int:
    """Write a session, as a whole or not at all; gives the number of its interactions. OSError.

    `facts` stand first: `session_id`, `timestamp` and `total_interactions` among them.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    count = 0
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123 - of a descriptor made with its mode
            file.write(msgspec.json.encode(facts | {"version": VERSION})[:-1] + b"," + _START)
            for one in interactions:
                file.write((b",\n" if count else b"\n") + msgspec.json.encode(one))
                count += 1
            file.write(b"\n" + _END + b"\n")
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    return count


def read(path: Path) -> Iterator[Interaction]:
    """The interactions of a file, in its order; CaptureError says the line of what cannot be read."""
    for number, one in lines(path):
        try:
            yield one if isinstance(one, Interaction) else _interaction(one)
        except (msgspec.MsgspecError, RecursionError, ValueError) as error:
            raise CaptureError(f"no interaction: {error}", where=Where(str(path), number)) from None


def lines(path: Path) -> Iterator[tuple[int, bytes | Interaction]]:
    """The same with their numbers; those in lines of this version as they stand there."""
    try:
        with path.open("rb") as file:
            first = file.readline(2**20)
    except OSError as error:
        raise CaptureError(
            f"{path}: {error.strerror}", hint="`hfit capture list` shows the sessions there are."
        ) from None
    if first.startswith(b'{"session_id"') and first.endswith(_START + b"\n"):
        facts = _decoded(first[: -len(_START) - 2] + b"}", path, 1)
        upgrades.known(_version(facts), Where(str(path), 1))
        yield from _by_line(path, _version(facts))
    else:
        yield from enumerate(_at_once(path), 1)


def facts(path: Path) -> Facts:
    """What a file says before its interactions; all of it where it is not ours."""
    with path.open("rb") as file:
        first = file.readline(2**20)
    if first.endswith(_START + b"\n"):
        return dict(_decoded(first[: -len(_START) - 2] + b"}", path, 1))
    return {name: value for name, value in _whole(path).items() if name != "interactions"}


def _version(facts: Any) -> int:
    version = facts.get("version", 0)
    return version if isinstance(version, int) else -1


def _by_line(path: Path, version: int) -> Iterator[tuple[int, bytes | Interaction]]:
    with path.open("rb") as file:
        file.readline()
        for number, line in enumerate(file, 2):
            if line.startswith(_END):
                return
            body = line.rstrip(b"\n").removesuffix(b",")
            yield number, body if version == VERSION else _raised(body, version, path, number)
    raise CaptureError(f"{path}: it breaks off", hint="Its folder beside it, if there is one, can still be read.")


def _raised(body: bytes, version: int, path: Path, number: int) -> Interaction:
    try:
        return _upgraded(_decoded(body, path, number), version)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise CaptureError(f"no interaction: {error}", where=Where(str(path), number)) from None


def _upgraded(old: Any, version: int) -> Interaction:
    return msgspec.convert(upgrades.upgraded(old, version), Interaction)


def _at_once(path: Path) -> Iterator[Interaction]:
    session = _whole(path)
    version = _version(session)
    upgrades.known(version, Where(str(path)))
    found = session.get("interactions")
    if not isinstance(found, list):
        raise CaptureError(f"{path}: no session: expected a list under `interactions`")
    seen: Counter[str] = Counter()
    for number, old in enumerate(found, 1):
        try:
            one = _upgraded(old, version)
        except (msgspec.ValidationError, TypeError, ValueError, AttributeError) as error:
            raise CaptureError(f"{path}: interaction {number}: {error}") from None
        if version == 0:  # whose ids were lengths of lists, and met again
            seen[one.id] += 1
            one.number = number
            one.id = one.id if seen[one.id] == 1 else f"{one.id}-{seen[one.id]}"
        yield one


def _whole(path: Path) -> Facts:
    if path.stat().st_size > LARGEST:
        raise CaptureError(f"{path}: more than {LARGEST} bytes, and not in lines")
    session = _decoded(path.read_bytes(), path, 1)
    if not isinstance(session, dict):
        raise CaptureError(f"{path}: no session: expected an object, found {type(session).__name__}")
    return session


def _decoded(data: bytes, path: Path, line: int) -> Any:
    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        _refuse(data, path, line, error)
    except RecursionError:
        raise CaptureError("lists or objects stand too deep in each other", where=Where(str(path), line)) from None


def _refuse(data: bytes, path: Path, line: int, error: Exception) -> NoReturn:
    """Say the line: msgspec says the byte."""
    said = str(error)
    _, found, at = said.rpartition("(byte ")
    position = int(at.rstrip(")")) if found and at.rstrip(")").isdigit() else 0
    hint = "It is compressed; unpack it first." if data[:2] in (b"\x1f\x8b", b"PK", b"\x28\xb5") else ""
    hint = hint or ("Other tools' files: `hfit capture convert`." if not data.lstrip().startswith(b"{") else "")
    raise CaptureError(f"no JSON: {said}", where=Where(str(path), line + data.count(b"\n", 0, position)), hint=hint)
