"""Statements of SQL: parameters and rows cleaned by the names of the columns that they belong to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hotfixture.capture.sanitising.places import TAG

if TYPE_CHECKING:
    from hotfixture.capture.sanitising.sanitiser import Sanitiser

_HOLE = r"(?:\?\d*|%s|%\((?P<pyformat>\w+)\)s|\$\d+|:\w+|@\w+)"
_HOLES = re.compile(_HOLE)
_INSERT = re.compile(r"\b(?:insert|replace)\b[^(]*\binto\s+([\w.\"`\[\]]+)\s*\(([^()]*)\)\s*values\s*", re.IGNORECASE)
_COMPARED = re.compile(
    rf"(?<!\w)[\"`\[]?(\w+)[\"`\]]?\s*(?:=|<>|!=|<=|>=|<|>|\blike\b|\bilike\b|\bin\s*\()\s*(?:\w+\()?\s*({_HOLE})",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"(?<!\w)[\"`\[]?(\w+)[\"`\]]?\s*(?:=|<>|!=|\blike\b|\bilike\b|\bin\s*\()\s*'((?:[^']|'')+)'", re.IGNORECASE
)
_TOKEN = re.compile(r"'(?:[^']|'')*'|[(),;]|[^'(),;]+|'")
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_NAME = re.compile(r"\w+")


@lru_cache(maxsize=4096)
def columns_of(statement: str) -> tuple[str, ...]:
    """The column that each hole of a statement belongs to, empty where none is seen; as many as there are holes."""
    bare = _LITERAL.sub(lambda match: " " * len(match[0]), statement)
    holes = [match.start() for match in _HOLES.finditer(bare)]
    names = dict.fromkeys(holes, "")
    inserted = _INSERT.search(bare)
    if inserted:
        listed = [found[0] for part in inserted[2].split(",") if (found := _NAME.search(part))]
        behind = [place for place in holes if place >= inserted.end()]
        for number, place in enumerate(behind):
            names[place] = listed[number % len(listed)] if listed else ""
    for match in _COMPARED.finditer(bare):
        names[match.start(2)] = match[1]
    return tuple(names[place] for place in holes)


def _with_clean_literals(statement: str, sanitiser: Sanitiser) -> str:
    """The statement with surrogates in the places of literals that belong to columns with telling names."""
    if "'" not in statement:
        return statement
    changes = [*_inserted(statement, sanitiser)]
    for match in _TOLD.finditer(statement):
        if not any(start <= match.start() < end for start, end, _ in changes):
            changes.append((*match.span(2), _literal(match[1], match[2], sanitiser)))
    for start, end, made in sorted(changes, reverse=True):
        statement = statement[:start] + made + statement[end:]
    return statement


def _inserted(statement: str, sanitiser: Sanitiser) -> Iterator[tuple[int, int, str]]:
    """Places of the literals of INSERT statements, and what stands there instead."""
    for insert in _INSERT.finditer(statement):
        names = [found[0] if (found := _NAME.search(part)) else "" for part in insert[2].split(",")]
        depth = column = 0
        for token in _TOKEN.finditer(statement, insert.end()):
            if token[0] == "(":
                depth, column = depth + 1, column if depth else 0
            elif token[0] == ")":
                depth -= 1
            elif token[0] == ",":
                column += depth == 1
            elif token[0] == ";" and not depth:
                break
            elif token[0][0] == "'" and len(token[0]) > 2 and depth == 1 and column < len(names):
                inner = token[0][1:-1]
                yield token.start() + 1, token.end() - 1, _literal(names[column], inner, sanitiser)


def _literal(name: str, inner: str, sanitiser: Sanitiser) -> str:
    """What stands between the quotes."""
    if not sanitiser.cleaner.decisions.of(name).hides:
        return inner
    value = inner.replace("''", "'")
    return str(next(iter(sanitiser.value({name: value}).values()))).replace("'", "''")


def request(parts: Any, sanitiser: Sanitiser) -> Any:
    """Statement and parameters."""
    if not isinstance(parts, dict) or "statement" not in parts:
        return sanitiser.value(parts)
    others = {name: inner for name, inner in parts.items() if name != "parameters"}
    if isinstance(others["statement"], str):
        others["statement"] = _with_clean_literals(others["statement"], sanitiser)
    made = dict(sanitiser.value(others))
    if "parameters" in parts:
        names = columns_of(parts["statement"]) if isinstance(parts["statement"], str) else ()
        given = parts["parameters"]
        sets = given if parts.get("many") and isinstance(given, list) else [given]
        cleaned = [_row(names, one, sanitiser) for one in sets]
        made["parameters"] = cleaned if sets is given else cleaned[0]
    return {name: made[name] for name in parts}


def response(parts: Any, operation: str, sanitiser: Sanitiser) -> Any:
    """Columns and rows."""
    if not isinstance(parts, dict) or not parts.get("columns") or "rows" not in parts:
        return sanitiser.value(parts)
    made = dict(sanitiser.value({name: inner for name, inner in parts.items() if name != "rows"}))
    tables = operation.partition(" ")[2]
    made["rows"] = _rows([str(name) for name in parts["columns"]], parts["rows"], tables, sanitiser)
    return {name: made[name] for name in parts}


def _rows(columns: Sequence[str], rows: Any, tables: str, sanitiser: Sanitiser) -> Any:
    """Rows as documents under the name of their table, so that `name` of `customers` is somebody's."""
    if len(set(columns)) != len(columns) or not all(isinstance(row, list) and len(row) == len(columns) for row in rows):
        return [_row(columns, row, sanitiser) for row in rows]
    named = {tables or "rows": [dict(zip(columns, row, strict=True)) for row in rows]}
    made = sanitiser.value(named)
    return rows if made is named else [list(one.values()) for one in next(iter(made.values()))]


def _row(names: Sequence[str], row: Any, sanitiser: Sanitiser) -> Any:
    """One set of values: by position, or by name."""
    values = row
    marked = isinstance(row, dict) and row.get(TAG) in ("tuple", "list")
    if marked:
        values = row["value"]
    if not isinstance(values, list | tuple) or not names or len(values) > len(names):
        return sanitiser.value(row)
    keyed = {f"{place}": value for place, value in enumerate(values)}
    made = [
        next(iter(sanitiser.value({name or place: value}).values()))
        for name, (place, value) in zip(names, keyed.items(), strict=False)
    ]
    return {**row, "value": made} if marked else made
