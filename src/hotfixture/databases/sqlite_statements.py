"""A SQLite script, statement by statement, in time that grows with its length only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from sqlite3 import complete_statement

from hotfixture.errors import DatabaseError

_SHORT = 1 << 14
"""Characters up to which a statement is looked at anew after each line that might end it."""


def statements(lines: Iterable[str]) -> Iterator[str]:
    """The statements of a script of this project's making, with what stands before them.

    Rows are long, and texts in them may hold line after line that ends in a semicolon: behind the line that ends in
    VALUES a statement can only end where the apostrophes so far are even, and there it does. DatabaseError where the
    script ends inside a statement.
    """
    parts: list[str] = []
    length = quotes = 0
    in_rows = False
    for line in lines:
        parts.append(line)
        length += len(line)
        quotes += line.count("'") if in_rows else 0
        in_rows = in_rows or (parts[0].startswith("INSERT INTO ") and line.endswith(" VALUES\n"))
        if not line.rstrip("\r\n").endswith(";") or (quotes % 2 and length > _SHORT):
            continue
        whole = "".join(parts)
        if complete_statement(whole):
            yield whole
            parts, length, quotes, in_rows = [], 0, 0, False
    rest = "".join(parts).strip()
    if rest and not all(line.startswith("--") for line in rest.splitlines()):
        raise DatabaseError("the script ends inside a statement: it is not whole")
