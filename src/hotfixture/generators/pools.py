"""Word pools and tables: the text files under data/, read on first use, each alone. They never change once released."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

_MANY = 1024
"""Entries looked up at once, from which their views are worth it."""


class Pool:
    """The entries of one or several data files in a row: a list for one value, an Arrow array for many."""

    __slots__ = ("_array", "_views", "lines")

    def __init__(self, lines: list[Any]) -> None:
        self.lines = lines
        self._array: pa.Array | None = None
        self._views: tuple[NDArray[np.void], list[pa.Buffer]] | None = None

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, index: int) -> Any:
        return self.lines[index]

    @property
    def array(self) -> pa.Array:
        """All entries as one Arrow array."""
        if self._array is None:
            import pyarrow as pa

            self._array = pa.array(self.lines)
        return self._array

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        """The entries at `index`.

        Many texts are looked up as views (16 bytes each, the text itself where it is that short), which numpy gathers
        at once, and only then laid end to end: three quarters of the time of Arrow's own lookup.
        """
        import pyarrow as pa

        if len(index) < _MANY or not pa.types.is_string(self.array.type) or not _views_are_known():
            return self.array.take(pa.array(index))
        import numpy as np

        if self._views is None:
            _, views, *texts = self.array.cast(pa.string_view()).buffers()
            self._views = np.frombuffer(views, "V16"), texts
        views, texts = self._views
        found = [None, pa.py_buffer(views.take(index)), *texts]
        return pa.Array.from_buffers(pa.string_view(), len(index), found).cast(pa.string())


@cache
def _views_are_known() -> bool:
    """Whether this release of pyarrow casts views of texts; the oldest that we take do not."""
    import pyarrow as pa

    try:
        return bool(pa.array(["a"]).cast(pa.string_view()).cast(pa.string())[0].as_py() == "a")
    except (AttributeError, pa.ArrowNotImplementedError):
        return False


@cache
def pool(*names: str) -> Pool:
    """The lines of data/<name>.txt, file after file."""
    return Pool([line for name in names for line in read(f"{name}.txt").splitlines()])


@cache
def members(*names: str) -> frozenset[str]:
    """The lines of data/<name>.txt as a set, for predicates."""
    return frozenset(pool(*names).lines)


@cache
def table(name: str) -> dict[str, Pool]:
    """The columns of data/<name>.tsv by the names in its first line; columns of whole numbers hold integers."""
    head, *rows = (line.split("\t") for line in read(f"{name}.tsv").splitlines())
    return {title: Pool(_typed(list(cells))) for title, cells in zip(head, zip(*rows, strict=True), strict=True)}


def _typed(cells: list[str]) -> list[Any]:
    """Whole numbers as integers. A code with a leading zero is a text: 01067 is a postcode, not a number."""
    numeric = all(cell.removeprefix("-").isdecimal() and str(int(cell)) == cell for cell in cells)
    return [int(cell) for cell in cells] if numeric else list(cells)


def read(name: str) -> str:
    """The text of a data file; through the module's loader, so that a zipped package works too.

    What a country does not have of its own is its language's: `de_AT/last.txt` is `de/last.txt`.
    """
    try:
        return _load(name)
    except OSError:
        folder, _, file = name.partition("/")
        language, _, country = folder.partition("_")
        if not country or not file:
            raise
        return _load(f"{language}/{file}")


def _load(name: str) -> str:
    from os import path

    place = path.join(path.dirname(__file__), "data", *name.split("/"))  # noqa: PTH118, PTH120 - pathlib costs 4 ms of a cold start
    data: bytes = __spec__.loader.get_data(place)  # type: ignore[union-attr]  # loaders of files and archives have it
    return data.decode()


@cache
def facts(locale: str) -> dict[str, Any]:
    """What data/locales.tsv says of a locale: its country, and how names, addresses and postcodes are written."""
    columns = table("locales")
    row = columns["locale"].lines.index(locale)
    return {title: column[row] for title, column in columns.items()}


@cache
def numbers(highest: int) -> Pool:
    """The numbers 1 … `highest` as texts."""
    return Pool([str(number) for number in range(1, highest + 1)])
