"""What every engine offers to backup: `Backup` dumps a database, restores it elsewhere and says what both hold."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, ClassVar, Literal, Self
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    import pyarrow as pa

Opener = Callable[[Path, Literal["rb", "wb"]], IO[bytes]]
"""Opens a file of the backup for reading or writing; it compresses, and adds its own ending to the name."""

_KEY = blake2b(b"hotfixture backup", digest_size=32).digest()
"""Fixed, since digests of one backup are compared wherever it is restored. It keeps accidents apart, not forgers."""


@dataclass(frozen=True, slots=True)
class Content:
    """What one table holds: two tables with equal contents hold the same rows, in whatever order."""

    name: str
    rows: int
    digest: str = ""
    """Of all rows, 32 hexadecimal digits; empty where there are none of its own (a view)."""
    structure: str = ""
    """A digest of columns, keys, references and checks; empty where the engine has none."""
    expires: bool = False
    """Rows vanish by themselves, so that fewer may be found later."""


class Digest:
    """A digest of rows that does not depend on their order: the sum of their keyed hashes."""

    def __init__(self) -> None:
        self.rows = 0
        self._sums = [0, 0]

    def add(self, batch: pa.RecordBatch) -> None:
        """Take the rows of a batch in."""
        import numpy as np

        from hotfixture.draws import Draws
        from hotfixture.prf import cmac

        if not batch.num_rows:
            return
        halves = [np.zeros(batch.num_rows, np.uint64) for _ in self._sums]
        for number, field in enumerate(batch.columns):
            tags = cmac(_KEY, field).view("<u8").astype(np.uint64)
            if field.null_count:  # a null hashes as the empty value does
                tags[field.is_null().to_numpy(zero_copy_only=False)] = np.uint64(0xA5A5A5A5A5A5A5A5)
            # Mixed after every field: else a sum would not see which fields stood in one row.
            halves = [Draws(half ^ tags[:, place]).lane(number).bits for place, half in enumerate(halves)]
        self.rows += batch.num_rows
        self._sums = [(s + int(h.sum(dtype=np.uint64))) % 2**64 for s, h in zip(self._sums, halves, strict=True)]

    def __str__(self) -> str:
        return "".join(f"{half:016x}" for half in self._sums)


def digest_of(text: str) -> str:
    """32 hexadecimal digits for a text."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Restoring:
    """How a dump is restored."""

    check: Callable[[Backup], None]
    """Raises where the result is not as it should be; called before anything takes effect, if the engine can."""
    replace: bool = False
    """What stands in the database is removed first."""
    owners: bool = False
    """Objects get their owners and rights back, where they are part of a dump."""


class Backup(ABC):
    """One database to dump, restore and compare. No error and no command line carries a password."""

    engine: ClassVar[str]
    """The engine's name in the manifest; a backup is restored by the same one."""
    undoes: ClassVar[bool]
    """A restore that fails leaves the database as it was."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End what is open."""
        return

    @property
    def database(self) -> str:
        """The database's own name."""
        return unquote(urlsplit(self.url).path).rstrip("/").rpartition("/")[2]

    @abstractmethod
    def server(self) -> str:
        """Name and version of the server, `PostgreSQL 15.4`."""

    @abstractmethod
    def tool(self) -> str:
        """Name and version of the program that dumps; an error says how to get one that is missing."""

    @contextmanager
    def held(self) -> Iterator[None]:
        """One consistent view for the contents and the dump inside, where the engine can share one."""
        yield

    @abstractmethod
    def contents(self) -> list[Content]:
        """What every table holds, in the order of their names."""

    def objects(self) -> list[str]:
        """Lines that say all else there is (indexes, functions, triggers), equal after a restore by the same server."""
        return []

    @abstractmethod
    def is_empty(self) -> bool:
        """Whether nothing stands in the database, or there is none yet."""

    @abstractmethod
    def dump(self, folder: Path, opener: Opener) -> None:
        """Write the database into files in `folder`."""

    @abstractmethod
    def restore(self, folder: Path, opener: Opener, options: Restoring) -> None:
        """Write what `dump` has written into this database, and have it checked."""

    @abstractmethod
    def clear(self) -> None:
        """Remove everything that stands in the database."""

    @abstractmethod
    def scratch(self) -> AbstractContextManager[Backup]:
        """A new, empty database beside this one; it is gone afterwards, whatever happens."""


def differences(expected: Sequence[Content], found: Sequence[Content], *, structure: bool = True) -> Iterator[str]:
    """A sentence for each table that is missing, that nobody expected, or that holds something else."""
    there = {content.name: content for content in found}
    for content in expected:
        other = there.pop(content.name, None)
        if other is None:
            if not content.expires:
                yield f"{content.name}: expected {content.rows} rows, found no such table"
        elif content.expires and other.rows < content.rows:
            continue
        elif other.rows != content.rows:
            yield f"{content.name}: expected {content.rows} rows, found {other.rows}"
        elif other.digest != content.digest:
            yield f"{content.name}: {content.rows} rows as expected, but not the same ones"
        elif structure and other.structure != content.structure:
            yield f"{content.name}: its columns, keys, references or checks are not the same"
    yield from (f"{name}: not expected, found {content.rows} rows" for name, content in there.items())
