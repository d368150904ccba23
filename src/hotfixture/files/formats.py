"""What every format offers: a writer that is a sink, a reader that gives record batches; and the formats by name.

The writers and readers of a format stand in its own module: `Writer(stream, schema, **options)` with `write(batch)` and
`close()`, and `read(stream, **options)`. The same rows and options always give the same bytes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, ClassVar, Self, TypeAlias

from hotfixture.registry import Registry

if TYPE_CHECKING:
    import pyarrow as pa


Options: TypeAlias = Mapping[str, type[bool] | type[int]]


class Writer(ABC):
    """Writes record batches of one schema into a binary stream; `close` ends the file, not the stream."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # After an error the file stays without its end: whoever opened it throws it away.
        if kind is None:
            self.close()

    @abstractmethod
    def write(self, batch: pa.RecordBatch) -> None:
        """Append one batch."""

    @abstractmethod
    def close(self) -> None:
        """Write what is outstanding, and the format's end."""


class Format(ABC):
    """One format of files of rows."""

    name: ClassVar[str]
    suffix: ClassVar[str]
    """With its dot."""
    options: ClassVar[Options] = {}
    """What a writer takes besides, by name: a switch, or a number from 1."""

    @classmethod
    @abstractmethod
    def writer(cls, stream: IO[bytes], schema: pa.Schema) -> Writer:
        """A writer; some formats take options of their own."""

    @classmethod
    @abstractmethod
    def read(cls, stream: IO[bytes], schema: pa.Schema | None = None) -> Iterator[pa.RecordBatch]:
        """The rows, streaming: as columns of `schema`; without one of the file's own types, texts in text formats."""


FORMATS: Registry[type[Format]] = Registry(
    "format",
    {
        "csv": "hotfixture.files.delimited:Csv",
        "json": "hotfixture.files.json_lines:Json",
        "ndjson": "hotfixture.files.json_lines:Ndjson",
        "parquet": "hotfixture.files.parquet:Parquet",
    },
)


@dataclass(frozen=True, slots=True)
class FileFormat:
    """Files as somebody wants them: a format and its options."""

    name: str
    options: Mapping[str, bool | int] = field(default_factory=dict)

    @property
    def suffix(self) -> str:
        """With its dot."""
        return FORMATS.find(self.name).suffix

    def writer(self, stream: IO[bytes], schema: pa.Schema) -> Writer:
        """A writer with the options."""
        return FORMATS.find(self.name).writer(stream, schema, **self.options)
