"""Bodies that are too large for a line: files beside the journals, named by the digest of what they hold.

In a line, such a body is `{"blob": <sha256>, "of": "text"}` beside the other keys of its form, where `of` is the key
that it takes the place of: `text`, `base64` or `json`. Readers of journals never see that: `whole` puts it back.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from hotfixture.capture.records import Interaction
from hotfixture.errors import CaptureError

LARGEST_LINE = 64 * 1024
"""Bytes of a line above which its large bodies go to files."""
LARGEST_BLOB = 2**31
FOLDER = "blobs"
Form = dict[Any, Any]
_KINDS = ("http", "grpc")
_KEYS = ("text", "base64", "json")
_NAME = re.compile(r"[0-9a-f]{64}")


def _replaced(interaction: Interaction, change: Callable[[Form], Form]) -> Interaction:
    """A copy with another form in every place where the form of a body may stand."""
    if interaction.kind not in _KINDS:
        return interaction
    sides = {"request": interaction.request, "response": interaction.response}
    return msgspec.structs.replace(interaction, **{name: _side(side, change) for name, side in sides.items()})


def _side(side: Any, change: Callable[[Form], Form]) -> Any:
    if not isinstance(side, dict):
        return side
    side = dict(side)
    if isinstance(form := side.get("body"), dict):
        side["body"] = change(form)
    if isinstance(forms := side.get("messages"), list):
        side["messages"] = [change(form) if isinstance(form, dict) else form for form in forms]
    return side


def put_aside(interaction: Interaction, folder: Path) -> Interaction:
    """The interaction with the names of blobs in place of its large bodies, that stand in the folder; OSError."""

    def change(form: Form) -> Form:
        for of in _KEYS:
            if of in form and len(data := _bytes(of, form[of])) > LARGEST_LINE // 2:
                rest = {name: value for name, value in form.items() if name != of}
                return {"blob": _write(data, folder / FOLDER), "of": of, **rest}
        return form

    return _replaced(interaction, change)


def _bytes(of: str, value: Any) -> bytes:
    if of == "text":
        return str(value).encode("utf-8", "surrogatepass")
    return base64.b64decode(value) if of == "base64" else msgspec.json.encode(value)


def _write(data: bytes, folder: Path) -> str:
    """The name of a file that holds the data; it is there as a whole or not at all."""
    name = sha256(data).hexdigest()
    path = folder / name
    if path.exists():
        return name
    folder.mkdir(mode=0o700, exist_ok=True)
    draft = folder / f".{name}.{os.getpid()}"
    try:
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(file, "wb", buffering=0) as stream:  # noqa: PTH123 - of a descriptor made with its mode
            left = memoryview(data)
            while left:
                left = left[stream.write(left) :]
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return name


def whole(interaction: Interaction, folder: Path) -> Interaction:
    """The interaction with its bodies back in their places; CaptureError where one is missing or has been changed."""
    return _replaced(interaction, partial(_back, folder))


def side(kind: str, value: Any, folder: Path) -> Any:
    """The same of the request, or the response, of an interaction of that kind."""
    return _side(value, partial(_back, folder)) if kind in _KINDS else value


def _back(folder: Path, form: Form) -> Form:
    if "blob" not in form:
        return form
    of = form.get("of")
    data = _read(form["blob"], folder / FOLDER)
    return {of: _value(of, data), **{name: value for name, value in form.items() if name not in {"blob", "of"}}}


def _value(of: Any, data: bytes) -> Any:
    if of == "text":
        return data.decode("utf-8", "surrogatepass")
    if of == "base64":
        return base64.b64encode(data).decode()
    if of == "json":
        return msgspec.json.decode(data)
    raise CaptureError(f"a body is kept as {of!r}: expected one of {', '.join(_KEYS)}")


def _read(name: Any, folder: Path) -> bytes:
    """What a blob holds. Its name is nothing but a digest: a path would lead out of the session."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise CaptureError(f"{name!r:.100} is no name of a blob: expected 64 hexadecimal digits")
    path = folder / name
    try:
        if path.is_symlink() or path.stat().st_size > LARGEST_BLOB:
            raise CaptureError(f"{path}: a blob is a plain file of at most {LARGEST_BLOB} bytes")
        data = path.read_bytes()
    except OSError as error:
        raise CaptureError(f"{path}: {error.strerror}", hint="The folder of a session is moved as a whole.") from None
    if sha256(data).hexdigest() != name:
        raise CaptureError(f"{path}: what it holds is not what its name says; it was changed or damaged")
    return data
