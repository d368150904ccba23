"""Exports of a table of people, masked and not, against each engine's own dump; and the load of what was written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.engines import Engine, engine
from bench.measure import WORK, Figure, Ours, Scale, medians, ratio

PLAIN = "name: people\nexports:\n  people: {provider: P, query: SELECT * FROM people}\n"
MASKED = PLAIN + (
    "masks:\n  people.first_name: first_name\n  people.last_name: last_name\n"
    "  people.email: email\n  people.phone: phone\n"
)
MEMORY = 300
"""MB that an export may hold at most."""
TARGETS = {
    # engine: masked without the scan for originals, masked with it, unmasked
    "PostgreSQL": (1.15, 1.6, 1.0),
    "MariaDB": (1.5, None, None),
    "SQLite": (1.0, None, None),
}


def postgresql(scale: Scale) -> Iterator[Figure]:
    """Exports from PostgreSQL and loads into it."""
    yield from _of("postgresql", scale)


def mariadb(scale: Scale) -> Iterator[Figure]:
    """Exports from MariaDB and loads into it."""
    yield from _of("mariadb", scale)


def sqlite(scale: Scale) -> Iterator[Figure]:
    """Exports from SQLite and loads into it."""
    yield from _of("sqlite", scale)


def _of(name: str, scale: Scale) -> Iterator[Figure]:
    with engine(name) as place:
        place.people(scale.rows)
        yield from _exports(place, scale)
        yield from _loads(place, scale)


def _template(text: str) -> Path:
    path = WORK / f"{'masked' if 'masks' in text else 'plain'}.yaml"
    path.write_text(text)
    return path


def _exports(place: Engine, scale: Scale) -> Iterator[Figure]:
    masked, plain = str(_template(MASKED)), str(_template(PLAIN))
    written = str(WORK / "masked.sql")
    bare = Ours(kind="run", template=masked, url=place.url, output=written, scan=False)
    proven = Ours(kind="run", template=masked, url=place.url, output=written)
    unmasked = Ours(kind="run", template=plain, url=place.url, output=str(WORK / "plain.sql"))
    works = {"dump": lambda: place.dump(WORK / "dump.sql"), "bare": bare, "proven": proven, "unmasked": unmasked}
    found = medians(works, scale.runs)
    rows = f"{place.name}, {scale.rows:,} rows × 11"
    named = {"bare": "4 masked, without the scan", "proven": "4 masked, with the scan", "unmasked": "unmasked"}
    for (key, words), target in zip(named.items(), TARGETS[place.name], strict=True):
        ours: Ours = works[key]  # type: ignore[assignment]  # the three that are ours
        note = f"whole process {sorted(ours.whole)[len(ours.whole) // 2]:.2f} s"
        yield ratio(
            f"export {rows}, {words}",
            found[key],
            found["dump"],
            "s",
            against=place.dump_name,
            target=target,
            peak=ours.peak,
            note=note,
        )
    yield _memory(f"memory of the export {rows}, masked, with the scan", proven.peak)


def _memory(work: str, peak: float) -> Figure:
    return Figure(work, peak, None, "MB", "", peak, "MB", MEMORY, peak)


def _loads(place: Engine, scale: Scale) -> Iterator[Figure]:
    """Both scripts hold the same rows, unmasked."""
    files = {"ours": WORK / "plain.sql", "dump": WORK / "dump.sql"}
    found = medians({key: lambda file=file: place.load(file) for key, file in files.items()}, scale.runs)
    work = f"load {place.name}, {scale.rows:,} rows × 11, by {place.client_name}"
    yield ratio(work, found["ours"], found["dump"], "s", against=f"load of {place.dump_name}", target=1.1)


def memory(scale: Scale) -> Iterator[Figure]:
    """The masked export from PostgreSQL at ten times the rows: as much memory."""
    with engine("postgresql") as place:
        place.people(scale.rows * 10)
        ours = Ours(kind="run", template=str(_template(MASKED)), url=place.url, output=str(WORK / "masked.sql"))
        seconds = ours()
        yield _memory(
            f"memory of the export PostgreSQL, {scale.rows * 10:,} rows × 11, masked, {seconds:.1f} s", ours.peak
        )
