"""Rows whose columns agree: one line of a data file, whole or column by column; and structs made of other generators.

Every generator of one `Records` takes the same line for the same draws: `aviation.airport_iata` is the code of the very
airport that `aviation.airport` describes::

    AIRPORTS = Records("aviation/airports", lane=lanes.AIRPORT, source="…", by=("country",))
    airport = AIRPORTS.record("aviation.airport", "iata icao name city country", doc="An airport.")
    airport_iata = AIRPORTS.column("aviation.airport_iata", "iata", doc="Three letters of an airport.")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from hotfixture.errors import UnknownNameError
from hotfixture.generators import values
from hotfixture.generators.base import generator
from hotfixture.generators.options import Option
from hotfixture.generators.pools import Pool, table

if TYPE_CHECKING:
    import pyarrow as pa

    from hotfixture.generators.base import AnyDraws, Column, Generator


class Records:
    """The lines of data/<place>.tsv, all alike, or as often as a column `weight` of whole numbers says.

    `by` names columns that an option of the same name narrows to one value. Without a lane the draws themselves choose,
    as in generators that were there before.
    """

    def __init__(self, place: str, *, lane: int | None, source: str, by: tuple[str, ...] = ()) -> None:
        self.place, self.lane, self.source = place, lane, source
        self.options = tuple(
            Option(name, "text", None, f"Only entries whose {name.replace('_', ' ')} is this one.") for name in by
        )

    def columns(self) -> dict[str, Pool]:
        """The columns of the file, by name."""
        return table(self.place)

    def index(self, draws: AnyDraws, **options: str | None) -> Column:
        """The number of the line that these draws mean."""
        lines, weights = self._lines(tuple(options.items()))
        lot = draws if self.lane is None else draws.lane(self.lane)
        return values.lookup(lines, values.weighted(lot, weights) if weights else lot.below(len(lines)))

    def another(self, draws: AnyDraws, index: Column, lane: int) -> Column:
        """The number of a line that is not the one at `index`, for the other end of a way."""
        size = len(next(iter(self.columns().values())))
        return (index + 1 + draws.lane(lane).below(size - 1)) % size

    def at(self, index: Column, column: str) -> Column:
        """One column at the numbers of lines, as whole values."""
        return values.take(self.columns()[column], index)

    def check(self, **options: str | None) -> None:
        """UnknownNameError where no line has the value asked for."""
        self._lines(tuple(options.items()))

    def _lines(self, wanted: tuple[tuple[str, str | None], ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return _narrowed(self.place, tuple((name, value) for name, value in wanted if value is not None))

    def column(self, name: str, column: str, *, doc: str, type: str = "string") -> Generator:  # noqa: A002 - the plain word, keyword-only
        """The generator `name`: one column of the line."""

        def cell(draws: AnyDraws, **options: str | None) -> Column:
            return self.at(self.index(draws, **options), column)

        @cache
        def possible(**options: str | None) -> set[Any]:
            cells = self.columns()[column]
            return {cells[line] for line in self._lines(tuple(options.items()))[0]}

        return self._made(cell, name, doc=doc, type=type, possible=possible, key=lambda value: value)

    def record(self, name: str, columns: str, *, doc: str) -> Generator:
        """The generator `name`: a struct of several columns of one line; columns of whole numbers are 64-bit."""
        fields = columns.split()

        def row(draws: AnyDraws, **options: str | None) -> Column:
            index = self.index(draws, **options)
            return values.record({field: self.at(index, field) for field in fields})

        @cache
        def possible(**options: str | None) -> set[tuple[Any, ...]]:
            return {
                tuple(self.columns()[field][line] for field in fields)
                for line in self._lines(tuple(options.items()))[0]
            }

        def typed(**_: Any) -> pa.DataType:
            import pyarrow as pa

            return pa.struct([(field, self.columns()[field].array.type) for field in fields])

        return self._made(
            row, name, doc=doc, type=typed, possible=possible, key=lambda value: tuple(value[field] for field in fields)
        )

    def _made(
        self,
        function: Callable[..., Column],
        name: str,
        *,
        doc: str,
        type: str | Callable[..., pa.DataType],  # noqa: A002 - the plain word, keyword-only
        possible: Callable[..., set[Any]],
        key: Callable[[Any], Any],
    ) -> Generator:
        """A generator whose values are those whose `key` is among `possible(**options)`."""
        function.__doc__ = doc
        made = generator(
            name,
            type=type,
            options=self.options,
            source=self.source,
            holds=lambda value, **options: key(value) in possible(**options),
            capacity=lambda **options: len(possible(**options)),
            check=self.check,
        )
        return made(function)


@lru_cache(maxsize=512)
def _narrowed(place: str, wanted: tuple[tuple[str, str], ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The lines that have the wanted values, and the running sums of their weights, if there are any."""
    from itertools import accumulate

    columns = table(place)
    lines = tuple(range(len(next(iter(columns.values())))))
    for name, value in wanted:
        cells = columns[name]
        kept = tuple(line for line in lines if str(cells[line]).casefold() == value.casefold())
        if not kept:
            raise UnknownNameError(name.replace("_", " "), value, sorted({str(cells[line]) for line in lines}))
        lines = kept
    if "weight" not in columns:
        return lines, ()
    return lines, tuple(accumulate(columns["weight"][line] for line in lines))


def together(
    name: str,
    parts: Mapping[str, Generator],
    *,
    doc: str,
    source: str = "the generators of the single parts",
    agrees: Callable[[Mapping[str, Any]], bool] = lambda value: True,  # noqa: ARG005 - what it would be given
) -> Generator:
    """The generator `name`: a struct whose fields are what each generator makes of the same draws, by its defaults.

    Parts are independent where they draw from lanes of their own names, and agree where they share a lane;
    `agrees(value)` states what must hold between them.
    """

    def whole(draws: AnyDraws) -> Column:
        return values.record({field: part(draws) for field, part in parts.items()})

    def typed(**_: Any) -> pa.DataType:
        import pyarrow as pa

        return pa.struct([(field, part.arrow_type()) for field, part in parts.items()])

    def holds(value: Mapping[str, Any]) -> bool:
        return all(part.holds(value[field]) for field, part in parts.items()) and agrees(value)

    whole.__doc__ = doc
    return generator(name, type=typed, source=source, holds=holds)(whole)
