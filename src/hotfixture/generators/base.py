"""What a generator is: a pure function of draws, with a name, declared options, a type and a predicate of its own.

A generator is written once, for a vector of draws (`Draws`, an Arrow array comes out) and for one (`Draw`, a plain
value comes out, without numpy or pyarrow). Everything about it is declared beside the function, nothing is inspected::

    @generator("people.first_name", options=(LOCALE, SEX), type="string", source="…", holds=_is_first_name)
    def first_name(draws: AnyDraws, *, locale: str, sex: str) -> Column:
        '''A first name in use where the locale is spoken.'''
        return values.take(pool(f"{locale}/first_{sex}"), draws.lane(lanes.FIRST_NAME).below(…))

The operations that work on one and on many stand in `values`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from hotfixture.draws import Draw, Draws, keep_freed
from hotfixture.errors import UnknownNameError
from hotfixture.generators.options import Option
from hotfixture.generators.values import AnyDraws, Column, ready

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["AnyDraws", "Column", "Generator", "generator"]

Function: TypeAlias = Callable[..., Column]

TYPES: Mapping[str, str] = {
    "string": "string", "bool": "bool_", "int32": "int32", "int64": "int64", "uint64": "uint64",
    "float64": "float64", "date32": "date32",
}  # fmt: skip
"""Names of Arrow types a decorator may give as text, and the pyarrow function that makes each."""


PIECE = 1 << 15
"""Rows made in one go: intermediate vectors stay in the processor's cache, which is up to five times as fast."""
WIDE = 1 << 16
"""Rows of numbers and moments made in one go: they need fewer vectors, and each call costs as much as 5000 numbers."""


class Generator:
    """One kind of invented value."""

    __slots__ = (
        "_capacity", "_check", "_function", "_holds", "_type", "by_row", "doc", "name", "options", "source", "version",
    )  # fmt: skip

    def __init__(
        self,
        function: Function,
        name: str,
        *,
        options: tuple[Option, ...],
        type: str | Callable[..., pa.DataType],  # noqa: A002 - the plain word, keyword-only
        source: str,
        holds: Callable[..., bool],
        capacity: int | Callable[..., int | None] | None,
        check: Callable[..., None] | None,
        version: int,
        by_row: bool,
    ) -> None:
        self._function, self._type, self._holds, self._capacity = function, type, holds, capacity
        self._check = check
        self.name = name
        """`group.short_name`."""
        self.doc = (function.__doc__ or "").strip()
        self.options = options
        self.source = source
        """Where the rule comes from: a standard, a registry's reserved range, a data file."""
        self.version = version
        """Raised when the same draws give other values than before."""
        self.by_row = by_row
        """The bits of the draws are row numbers themselves, not hashes of them: for sequences and permutations."""

    @property
    def group(self) -> str:
        """The field of life: `people`, `places`, …"""
        return self.name.partition(".")[0]

    def __repr__(self) -> str:
        return f"<Generator {self.name}>"

    def __call__(self, draws: AnyDraws, **options: Any) -> Any:
        """One value a draw: an Arrow array of `arrow_type(**options)` for `Draws`, a plain value for a `Draw`.

        Raises OptionError for an option outside its range, UnknownNameError for one that does not exist.
        """
        if isinstance(draws, Draw):
            return self._function(draws, **self.settle(options))
        if 0 < len(draws) <= PIECE:
            return self.over((draws,), **options)
        size = self.piece(**options)
        pieces = (Draws(draws.bits[start : start + size]) for start in range(0, len(draws), size))
        return self.over(pieces, len(draws), **options)

    def piece(self, **options: Any) -> int:
        """How many rows are best made in one go."""
        return WIDE if _is_flat(self.arrow_type(**options)) else PIECE

    def over(self, pieces: Iterable[Draws], rows: int | None = None, /, **options: Any) -> pa.Array:
        """One array for all pieces; quickest where each has as many draws as `piece` says, made when asked for.

        `rows` is how many draws all pieces have together, where that is known.
        """
        import pyarrow as pa

        keep_freed()
        settled, wanted = self.settle(options), self.arrow_type(**options)
        made = (_as_arrow(self._function(piece, **settled), wanted) for piece in pieces)
        if rows is not None and rows > PIECE and _is_flat(wanted):
            return _filled(made, rows, wanted)
        arrays = list(made)
        if not arrays:
            return pa.array([], wanted)
        return arrays[0] if len(arrays) == 1 else pa.concat_arrays(arrays)

    def settle(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The options completed by defaults and validated; texts are read as the command line would."""
        known = {option.name: option for option in self.options}
        for name in options:
            if name not in known:
                raise UnknownNameError(f"option of {self.name}", name, list(known))
        settled = {
            name: known[name].validate(options[name]) if name in options else known[name].default for name in known
        }
        if self._check:
            self._check(**settled)
        return settled

    def preset(self, name: str, **options: Any) -> Generator:
        """The generator `name`: this one, with other defaults; raises as `settle` does."""
        settled = self.settle(options)
        return Generator(
            self._function,
            name,
            options=tuple(option.preset(settled[option.name]) for option in self.options),
            type=self._type,
            source=self.source,
            holds=self._holds,
            capacity=self._capacity,
            check=self._check,
            version=self.version,
            by_row=self.by_row,
        )

    def arrow_type(self, **options: Any) -> pa.DataType:
        """The Arrow type of the array under these options."""
        if not isinstance(self._type, str):
            return self._type(**self.settle(options))
        import pyarrow as pa

        return getattr(pa, TYPES[self._type])()

    def capacity(self, **options: Any) -> int | None:
        """How many distinct values there are under these options; None where that is unbounded or unknown."""
        if callable(self._capacity):
            return self._capacity(**self.settle(options))
        return self._capacity

    def holds(self, value: Any, **options: Any) -> bool:
        """Whether `value` (plain Python) is one that this generator may give under these options."""
        return self._holds(value, **self.settle(options))


def _is_flat(kind: pa.DataType) -> bool:
    """Whether values have a fixed width of whole bytes."""
    import pyarrow as pa

    return bool(pa.types.is_primitive(kind)) and kind.bit_width >= 8


def _filled(arrays: Iterable[pa.Array], rows: int, wanted: pa.DataType) -> pa.Array:
    """The arrays (of fixed width, without nulls) one after the other, each copied to its place as soon as it is made.

    Keeping them all first would take fresh memory for each: that costs as much as making the values.
    """
    import numpy as np
    import pyarrow as pa

    width, place = wanted.bit_width // 8, 0
    whole = pa.allocate_buffer(rows * width)
    target = np.frombuffer(whole, np.uint8)
    for array in arrays:
        size = len(array) * width
        target[place : place + size] = np.frombuffer(array.buffers()[1], np.uint8, size, array.offset * width)
        place += size
    return pa.Array.from_buffers(wanted, rows, [None, whole])


def _as_arrow(made: Column, wanted: pa.DataType) -> pa.Array:
    """What a function made, as an Arrow array of the declared type."""
    import pyarrow as pa

    column = ready(made)
    column = column if isinstance(column, pa.Array) else pa.array(column, from_pandas=False)
    return column if column.type == wanted else column.cast(wanted)


def generator(
    name: str,
    *,
    type: str | Callable[..., pa.DataType] = "string",  # noqa: A002 - the plain word, keyword-only
    source: str,
    holds: Callable[..., bool],
    options: tuple[Option, ...] = (),
    capacity: int | Callable[..., int | None] | None = None,
    check: Callable[..., None] | None = None,
    version: int = 1,
    by_row: bool = False,
) -> Callable[[Function], Generator]:
    """Makes a `Generator` of a function `(draws, *, option, …)`; every option is passed, by keyword, validated.

    `type` names an Arrow type (see TYPES) or is a function of the options that returns one. `holds(value, **options)`
    is the generator's own predicate: a plain Python check of one value. `capacity` is a number or a function of the
    options. `check(**options)` raises OptionError where options are right one by one but not together.
    """

    def make(function: Function) -> Generator:
        return Generator(
            function, name, options=options, type=type, source=source, holds=holds, capacity=capacity,
            check=check, version=version, by_row=by_row,
        )  # fmt: skip

    return make
