"""A journal that has ended, written anew without secrets that were learned only after some of its lines stood there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from hotfixture.capture import blobs
from hotfixture.capture.records import Interaction
from hotfixture.capture.sanitising.interactions import fitted

Change = Callable[[bytes], bytes]
"""Given a line: the clean line, the same object where nothing is to be done."""
_BLOB = b'"blob":"'
_INTERACTION = b'{"id"'


def rewrite(path: Path, change: Change) -> int:
    """Put every line of a journal as `change` gives it, bodies in blobs too; how many lines were changed.

    The new file takes the place of the old one as a whole, or, with OSError, not at all.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    changed = 0
    left: set[Path] = set()
    try:
        with path.open("rb") as lines, open(os.open(draft, _NEW, 0o600), "wb") as out:  # noqa: PTH123 - made with its mode
            for line in lines:
                made = _line(line, change, path.parent, left)
                changed += made is not line
                out.write(made)
            os.fsync(out.fileno())
        if changed:
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    for blob in left if changed else ():
        blob.unlink(missing_ok=True)
    return changed


_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


def _line(line: bytes, change: Change, folder: Path, left: set[Path]) -> bytes:
    """The clean line; blobs that it no longer needs are added to `left`."""
    if not line.startswith(_INTERACTION) or not line.endswith(b"\n"):
        return change(line) if line.endswith(b"\n") else line
    old = blobs.whole(msgspec.json.decode(line, type=Interaction), folder) if _BLOB in line else None
    whole = msgspec.json.encode(old) if old is not None else line
    made = change(whole)
    if made is whole:
        return line
    old = old or msgspec.json.decode(line, type=Interaction)
    new = fitted(old, msgspec.json.decode(made, type=Interaction))
    clean = msgspec.json.encode(new) + b"\n"
    if len(clean) > blobs.LARGEST_LINE:
        clean = msgspec.json.encode(blobs.put_aside(new, folder)) + b"\n"
    names = {part.partition(b'"')[0].decode() for part in line.split(_BLOB)[1:]}
    left |= {folder / blobs.FOLDER / name for name in names if name.encode() not in clean}
    return clean
