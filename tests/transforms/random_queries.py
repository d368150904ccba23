"""Random SELECTs over the tables of `test_evasion`, full of names that could mean several things."""

from __future__ import annotations

from random import Random

NAMES = ["a", "users", "pub", "a", "b"]
"""Aliases and CTEs: few, so that they hide each other and the tables."""

COLUMNS = ["id", "email", "x", "name", "id", "email", "name", "w", "a"]


class RandomQueries:
    """Queries of one dialect; most of them mean nothing to a server, the others mean something surprising."""

    def __init__(self, dialect: str, seed: int) -> None:
        self.dialect = dialect
        self._random = Random(seed)

    def query(self, depth: int = 3, ctes: tuple[str, ...] = ()) -> str:
        """One query of one or two columns."""
        if depth > 0 and self._chance(0.15):
            parts = [f"SELECT {self._column()}, {self._column()} FROM {self._from(0, ctes)}" for _ in range(2)]
            return " UNION ALL ".join(parts)
        return self._select(depth, ctes, 0)

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _one(self, choices: list[str]) -> str:
        return self._random.choice(choices)

    def _column(self) -> str:
        column = self._one(COLUMNS)
        return f"{self._one(NAMES)}.{column}" if self._chance(0.3) else column

    def _expression(self, depth: int) -> str:
        kind = self._random.random()
        if kind < 0.62 or depth <= 0:
            return self._column()
        if kind < 0.7:
            return f"upper({self._expression(depth - 1)})"
        if kind < 0.9:
            return f"({self._select(depth - 1, (), 1)})"
        if self.dialect == "postgresql" and kind < 0.94:
            return f"{self._one(NAMES)}::text"
        return f"coalesce({self._expression(depth - 1)}, 'k')"

    def _source(self, depth: int, ctes: tuple[str, ...]) -> str:
        kind = self._random.random()
        alias = self._one(NAMES)
        postgresql = self.dialect == "postgresql"
        if kind < 0.6 or depth <= 0:
            table = self._one(["users", "pub", "users", "pub", *ctes])
            columns = f"({', '.join(self._random.sample(COLUMNS[:4], 2))})" if postgresql and self._chance(0.2) else ""
            return f"{table} AS {alias}{columns}" if self._chance(0.4) else table
        if postgresql and kind < 0.7:
            return f"LATERAL ({self.query(depth - 1)}) AS {alias}"
        if kind < 0.78:
            group = f"({self._source(depth - 1, ctes)} JOIN {self._source(depth - 1, ctes)} ON 1 = 1)"
            return f"{group} AS {alias}" if postgresql and self._chance(0.5) else group
        return f"({self.query(depth - 1)}) AS {alias}"

    def _from(self, depth: int, ctes: tuple[str, ...]) -> str:
        text = self._source(depth, ctes)
        for _ in range(self._random.choice([0, 0, 1, 1, 2])):
            source = self._source(depth, ctes)
            joins = [f", {source}", f" NATURAL JOIN {source}", f" CROSS JOIN {source}", f" JOIN {source} ON 1 = 1"]
            joins += [f" {side} JOIN {source} USING ({self._one(COLUMNS)})" for side in ("LEFT", "RIGHT", "INNER")]
            text += self._one(joins)
        return text

    def _select(self, depth: int, ctes: tuple[str, ...], columns: int) -> str:
        names = (
            [self._one(NAMES) for _ in range(self._random.choice([1, 2]))] if depth > 0 and self._chance(0.25) else []
        )
        seen = (*ctes, *names) if self._chance(0.5) else ctes
        parts = [f"{name} AS ({self.query(depth - 1, seen)})" for name in names]
        start = f"WITH {'RECURSIVE ' if self._chance(0.3) else ''}{', '.join(parts)} " if parts else ""
        results = [self._result(depth, columns) for _ in range(columns or self._random.choice([1, 2, 2]))]
        text = f"{start}SELECT {', '.join(results)} FROM {self._from(depth, (*ctes, *names, *names))}"
        return f"{text} LIMIT 1" if columns else text

    def _result(self, depth: int, columns: int) -> str:
        if not columns and self._chance(0.15):
            return self._one(["*", f"{self._one(NAMES)}.*"])
        return self._expression(depth) + (f" AS {self._one(COLUMNS)}" if self._chance(0.6) else "")
