"""What the URLs of all engines have in common: where their databases are, and what to do where there are none."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from hotfixture.errors import InputError

REACH = "Check host and port of the URL, and that the server runs."
"""What to do about a server that does not answer."""


def file_of(url: str) -> Path:
    """The file of a SQLite database: `sqlite:///relative.db`, `sqlite:////absolute.db`."""
    return Path(unquote(url.partition(":///")[2]))


def missing_file(url: str) -> Path | None:
    """The file of a SQLite database that is not there yet, and that `open_target` would make; None for all others."""
    path = file_of(url)
    return path if url.lower().startswith("sqlite:///") and path.name and not path.exists() else None


def no_file(path: Path) -> InputError:
    """What is said where that file is not there, and is not to be made."""
    hint = "A relative path follows three slashes, an absolute one four."
    return InputError(f"no SQLite database at {path}", hint=hint)
