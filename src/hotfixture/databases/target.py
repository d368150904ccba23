"""Where seeding writes: `Target`, the few verbs that every engine offers to a plan of invented rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, ClassVar, Self

from hotfixture.errors import UnsupportedError

if TYPE_CHECKING:
    import pyarrow as pa

    from hotfixture.schema import Schema, Table

MARKS = "_mockcraft_marks"
"""Name of the table, collection or hash in the target that says how far each table of each plan has come."""


def late(table: Table) -> str:
    """The name of the mark that says how far the late references of a table are filled."""
    return f"{table.name} late"


def _checks_none(target: Target) -> UnsupportedError:
    """What the verbs of engines that enforce references answer for the others, which are never asked."""
    return UnsupportedError(f"{target.name} checks no references: rows come by `put` alone")


class Target(ABC):
    """Where seeding writes: batches of typed columns, each stored together with the mark of how far its table has come.

    A plan is named by its digest. The rows of one table are put in order, from the mark on, by one target at a time;
    different tables may be put by several targets at once. No error carries a password or a row's values.
    """

    name: ClassVar[str]
    """The engine's name: `postgresql`, `mysql`, `sqlite`, `mongodb`, `redis`."""

    @classmethod
    @abstractmethod
    def open(cls, url: str) -> Self:
        """A connection that may write.

        Raises InputError where the URL is malformed, DatabaseError where the server is unreachable or refuses.
        """

    @abstractmethod
    def close(self) -> None:
        """End the connection; what was not finished is not stored."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def existing(self) -> Schema:
        """The tables (collections) that stand there, without the marks; an empty schema for Redis."""

    @abstractmethod
    def create(self, tables: Sequence[Table], *, replace: bool) -> None:
        """Make the missing ones of `tables`, parents first, with keys, indexes and references.

        With `replace`, those that stand there are removed first, rows included (Redis: the keys of their patterns).
        """

    def compare(self, tables: Sequence[Table]) -> None:  # noqa: B027 - engines without a catalogue have nothing to compare with
        """InputError with everything that keeps rows of `tables` out of those that stand there; writes nothing."""

    @abstractmethod
    def marks(self, plan: str) -> dict[str, int]:
        """Table name to rows done, for each table of the plan that has begun; empty for an unknown plan."""

    @abstractmethod
    def note(self, plan: str, name: str, rows: int) -> None:
        """Set a mark of the plan by itself: that of a table, or one that says how a table has grown."""

    @abstractmethod
    def put(self, plan: str, table: Table, batch: pa.RecordBatch, *, first: int) -> None:
        """Store rows `first` … `first + n - 1` of the table and the mark `first + n`, together.

        Atomic where the engine can. Where it cannot (a MongoDB without transactions, a Redis Cluster), putting the
        same rows again after a break changes nothing, so resuming at the mark loses nothing and doubles nothing.
        The batch has the table's columns, typed; columns that the engine computes may be left out.
        Raises DatabaseError where the engine refuses a row, naming table and, where known, row number.
        """

    def put_part(self, plan: str, table: Table, batch: pa.RecordBatch, *, first: int, mark: str) -> None:  # noqa: ARG002 - engines with references use them
        """`put`, with another mark than the table's own: several targets store parts of one table at once."""
        raise _checks_none(self)

    enforces: ClassVar[bool] = False
    """References are checked as rows come: those inside a ring are put as nulls first and come with `fill`."""

    def fill(self, plan: str, table: Table, batch: pa.RecordBatch, *, first: int) -> None:  # noqa: ARG002 - as above
        """Give rows `first` … `first + n - 1`, found by identity, the batch's other columns; the mark is `late`."""
        raise _checks_none(self)

    def alone(self, plan: str) -> AbstractContextManager[None]:  # noqa: ARG002 - engines with locks take one
        """Keeps other runs of the plan out, also one that was killed while the engine still finishes its last rows.

        DatabaseError where another run stays at it.
        """
        return nullcontext()

    def together(self) -> AbstractContextManager[None]:
        """All that is put inside, or nothing of it; references that can wait hold at its end only."""
        raise _checks_none(self)

    def arrays(self, table: Table) -> frozenset[str]:  # noqa: ARG002 - engines with arrays look into the table
        """The columns that hold lists as they are, where others hold their JSON text."""
        return frozenset()

    @abstractmethod
    def finish(self, tables: Sequence[Table]) -> None:
        """What comes after all rows: sequences set past the largest value, late references filled and enforced."""

    def identity(self, table: Table) -> tuple[str, ...]:
        """The columns that `remove` needs: the table's identity, all its columns where it has none."""
        return table.identity or tuple(column.name for column in table.columns)

    @abstractmethod
    def remove(self, table: Table, keys: pa.RecordBatch) -> int:
        """Remove the rows whose columns `identity(table)` equal a row of `keys`; says how many there were.

        Rows that are already gone are no error. Without an identity, one row is removed for each row of `keys`.
        """

    def remove_rings(self, table: Table, keys: pa.RecordBatch) -> int:
        """`remove` for rows that point at themselves, which some engines let go by other means only."""
        return self.remove(table, keys)

    @abstractmethod
    def forget(self, plan: str) -> None:
        """Remove the marks of a plan; an unknown plan is no error."""

    @abstractmethod
    def count(self, table: Table) -> int:
        """Rows of the table, whoever wrote them; 0 where it does not exist."""

    @abstractmethod
    def read(self, table: Table, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The named columns of all rows, of the Arrow types that `table` gives them, in no promised order."""
