"""Deleting a file so that its content is overwritten first, as far as the file system lets anybody.

One pass of random bytes is what NIST SP 800-88 (Clear) asks for. It reaches the blocks that the file has now. It does
not reach copies that the system made by itself: snapshots, copy-on-write (Btrfs, ZFS, APFS), the spare blocks of
an SSD, journals, backups. Encrypt the disk where those matter.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from hotfixture.errors import HotFixtureError, RefusedError, Where

PIECE = 1 << 20


def erase(path: Path, expected: os.stat_result | None = None) -> None:
    """Overwrite a file with random bytes, and delete it.

    Raises RefusedError for what is no plain file, has other names (hard links), or is not the file that was `expected`;
    HotFixtureError where the system refuses.
    """
    flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        if path.is_symlink():
            raise RefusedError("it is a link", where=Where(str(path)))
        with open(os.open(path, flags), "r+b", buffering=0) as file:  # noqa: PTH123 - pathlib opens no descriptor
            found = os.fstat(file.fileno())
            _check(path, found, expected)
            _overwrite(file.fileno(), found.st_size)
        _unlink(path)
    except OSError as error:
        raise HotFixtureError(f"cannot be deleted: {error.strerror}", where=Where(str(path))) from None


def _check(path: Path, found: os.stat_result, expected: os.stat_result | None) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise RefusedError("it is no file", where=Where(str(path)))
    if found.st_nlink > 1:
        raise RefusedError("the file has other names (hard links)", where=Where(str(path)))
    if expected and (found.st_ino, found.st_dev) != (expected.st_ino, expected.st_dev):
        raise RefusedError("another file stands there now", where=Where(str(path)))


def _overwrite(descriptor: int, size: int) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    left = size
    while left:
        left -= os.write(descriptor, os.urandom(min(PIECE, left)))
    os.fsync(descriptor)


def _unlink(path: Path) -> None:
    """Under another name first: a folder's entry that can be recovered tells nothing."""
    from secrets import token_hex

    aside = path.with_name(token_hex(8))
    try:
        path.rename(aside)
    except OSError:  # a folder in which files may be deleted only
        aside = path
    aside.unlink()
