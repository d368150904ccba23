"""Random databases for tests of subsets: every kind of key, references of every shape, and what must come out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from sqlite3 import connect

KEYS = {
    "integer": (("id", "INTEGER PRIMARY KEY"),),
    "text": (("id", "TEXT NOT NULL PRIMARY KEY"),),
    "pair": (("a", "INTEGER NOT NULL"), ("b", "TEXT NOT NULL")),
    "unique": (("code", "TEXT NOT NULL UNIQUE"),),
    "nullable": (("id", "TEXT PRIMARY KEY"),),
    "none": (),
}
Row = dict[str, int | str | None]


@dataclass
class Link:
    """A reference: its columns here, and the table and columns there."""

    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    required: bool
    types: tuple[str, ...]


@dataclass
class Shape:
    """A table with its rows; a row's number is its place."""

    name: str
    key: str
    links: list[Link] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    @property
    def key_columns(self) -> tuple[str, ...]:
        return tuple(name for name, _ in KEYS[self.key])

    def identity(self, number: int) -> tuple[object, ...]:
        """What the rows of a table are ordered by."""
        if self.key in ("nullable", "none"):
            return (number,)
        return tuple(self.rows[number][name] for name in self.key_columns)

    def statements(self, *, text: str = "TEXT") -> tuple[list[str], list[str]]:
        """For servers: what makes the table and fills it, and what adds its references then."""
        kinds = {"TEXT": text, "INTEGER": "INTEGER"}
        parts = [
            f"{n} {kinds[k.split()[0]]} {k.partition(' ')[2]}" for n, k in KEYS[self.key] if self.key != "nullable"
        ]
        parts += [f"id {text} UNIQUE"] if self.key == "nullable" else []
        parts += ["u INTEGER UNIQUE", "v INTEGER"]
        for link in self.links:
            pairs = zip(link.columns, link.types, strict=True)
            parts += [f"{c} {kinds[t]} {'NOT NULL' if link.required else ''}" for c, t in pairs]
        parts += ["PRIMARY KEY (a, b)"] if self.key == "pair" else []
        fill = [f"INSERT INTO {self.name} VALUES ({', '.join(map(_literal, row.values()))})" for row in self.rows]
        add = []
        for link in self.links:
            # InnoDB wants the columns in the order of the index that they refer to: `a` before `b`.
            pairs = list(zip(link.target_columns, link.columns, strict=True))
            pairs = pairs if text == "TEXT" else sorted(pairs)
            own, target = (", ".join(pair[n] for pair in pairs) for n in (1, 0))
            add.append(f"ALTER TABLE {self.name} ADD FOREIGN KEY ({own}) REFERENCES {link.target} ({target})")
        return [f"CREATE TABLE {self.name} ({', '.join(parts)})", *fill], add

    def ddl(self) -> str:
        parts = [f"{name} {kind}" for name, kind in KEYS[self.key]] + ["u INTEGER UNIQUE", "v INTEGER"]
        for link in self.links:
            parts += [
                f"{c} {t} {'NOT NULL' if link.required else ''}" for c, t in zip(link.columns, link.types, strict=True)
            ]
        parts += ["PRIMARY KEY (a, b)"] if self.key == "pair" else []
        parts += [
            f"FOREIGN KEY ({', '.join(k.columns)}) REFERENCES {k.target} ({', '.join(k.target_columns)})"
            for k in self.links
        ]
        return f"CREATE TABLE {self.name} ({', '.join(parts)})"


def _literal(value: int | str | None) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def shapes(random: Random, *, orphans: bool = False, most: int = 5, rows: int = 7) -> dict[str, Shape]:
    """Up to `most` tables with up to `rows` rows each; `orphans` lets some references dangle."""
    names = [f"t{number}" for number in range(random.randint(1, most))]
    random.shuffle(names)
    tables = {name: Shape(name, random.choice(list(KEYS))) for name in names}
    for table in tables.values():
        _fill(table, random, rows)
    for _ in range(random.randint(0, 2 * len(tables))):
        _link(tables, random, orphans=orphans)
    return tables


def _fill(table: Shape, random: Random, rows: int) -> None:
    count = random.randint(0, rows)
    numbers = random.sample(range(20), count)
    for number in numbers:
        row: Row = {}
        for name in table.key_columns:
            row[name] = f"k'{number}" if name in ("code", "b") or table.key in ("text", "nullable") else number % 3
        if table.key == "integer":
            row["id"] = number * 1000
        if table.key == "nullable" and random.random() < 0.3:
            row["id"] = None
        row["u"] = None if random.random() < 0.3 else number + 100
        row["v"] = random.randint(0, 2)
        table.rows.append(row)
    if table.key == "none" and count:
        table.rows.append(dict(table.rows[0]) | {"u": None})
        table.rows.append(dict(table.rows[0]) | {"u": None})


def _link(tables: dict[str, Shape], random: Random, *, orphans: bool) -> None:
    child, target = random.choice(list(tables.values())), random.choice(list(tables.values()))
    wanted = list(target.key_columns) if target.key_columns and random.random() < 0.7 else ["u"]
    random.shuffle(wanted)
    number = len(child.links)
    columns = tuple(f"r{number}_{name}" for name in wanted)
    whole = [row for row in target.rows if all(row[name] is not None for name in wanted)]
    required = bool(whole) and random.random() < 0.4
    kinds = {"u": "INTEGER"} | {column: kind.split()[0] for column, kind in KEYS[target.key]}
    types = tuple(kinds[column] for column in wanted)
    child.links.append(Link(columns, target.name, tuple(wanted), required, types))
    for row in child.rows:
        values: list[int | str | None] = [None] * len(wanted)
        if whole and (required or random.random() < 0.8):
            parent = random.choice(whole)
            values = [parent[name] for name in wanted]
        if orphans and random.random() < 0.2:
            values = [f"gone{random.randint(0, 2)}" if isinstance(value, str) else 999 for value in values]
        if len(values) > 1 and not required and random.random() < 0.2:
            values[random.randrange(len(values))] = None
        row.update(zip(columns, values, strict=True))


def build(path: str, tables: dict[str, Shape]) -> None:
    """A SQLite file with these tables."""
    database = connect(path)
    for table in tables.values():
        database.execute(table.ddl())
        for row in table.rows:
            database.execute(
                f"INSERT INTO {table.name} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())
            )
    database.commit()
    database.close()


@dataclass
class Wanted:
    """A subset by brute force: rows as (table, number)."""

    tables: dict[str, Shape]
    include: dict[str, tuple[int | None, int | None]]
    """Table: rows per parent, smallest `v` (both None where there is none)."""

    def rows(self, roots: list[tuple[str, int]]) -> set[tuple[str, int]]:
        """All rows with `v` up to the given value of the root tables, and what they bring."""
        below = {(t, n) for t, v in roots for n, row in enumerate(self.tables[t].rows) if (row["v"] or 0) <= v}
        self._grow(below, self._children)
        everything = set(below)
        self._grow(everything, self._parents)
        return everything

    @staticmethod
    def _grow(found: set[tuple[str, int]], follow) -> None:  # type: ignore[no-untyped-def]  # a method of this class
        work = list(found)
        while work:
            for row in follow(*work.pop()):
                if row not in found:
                    found.add(row)
                    work.append(row)

    def _matches(self, child: Row, link: Link, parent: Row) -> bool:
        pairs = [(child[c], parent[t]) for c, t in zip(link.columns, link.target_columns, strict=True)]
        return all(mine is not None and mine == theirs for mine, theirs in pairs)

    def _children(self, name: str, number: int):  # type: ignore[no-untyped-def]  # yields rows
        for child, (most, least) in self.include.items():
            table = self.tables[child]
            for link in (link for link in table.links if link.target == name):
                found = [
                    n
                    for n, row in enumerate(table.rows)
                    if self._matches(row, link, self.tables[name].rows[number])
                    and (least is None or (row["v"] or 0) >= least)
                ]
                yield from ((child, n) for n in sorted(found, key=table.identity)[:most])

    def _parents(self, name: str, number: int):  # type: ignore[no-untyped-def]  # yields rows
        row = self.tables[name].rows[number]
        for link in self.tables[name].links:
            target = self.tables[link.target]
            yield from ((link.target, n) for n, parent in enumerate(target.rows) if self._matches(row, link, parent))


def values(tables: dict[str, Shape], rows: set[tuple[str, int]]) -> dict[str, Counter[tuple[object, ...]]]:
    """The rows' values as text, per table."""
    found: dict[str, Counter[tuple[object, ...]]] = {}
    for name, number in rows:
        texts = tuple(None if value is None else str(value) for value in tables[name].rows[number].values())
        found.setdefault(name, Counter())[texts] += 1
    return found
