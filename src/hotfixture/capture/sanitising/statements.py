"""Statements of SQL: parameters and rows cleaned by the names of the columns that they belong to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hotfixture.capture.sanitising.columns import Atom, atoms
from hotfixture.capture.sanitising.places import TAG

if TYPE_CHECKING:
    from hotfixture.capture.sanitising.sanitiser import Sanitiser

_SHORT = 10_000
"""Characters of the longest statement that is remembered: those of programs come again, those of dumps do not."""
_NAMED = re.compile(r"%\((\w+)\)s|[:@$](\w+)")
_remembered = lru_cache(maxsize=4096)(atoms)


def _atoms(statement: str) -> tuple[Atom, ...]:
    return (_remembered if len(statement) <= _SHORT else atoms)(statement)


def columns_of(statement: str) -> tuple[str, ...]:
    """The column that each hole of a statement belongs to, empty where none is seen; as many as there are holes."""
    return tuple(one.column for one in _atoms(statement) if one.hole)


def _columns_by_name(statement: str) -> dict[str, str]:
    """The column of each hole that has a name."""
    named = ((_NAMED.match(statement, one.start), one.column) for one in _atoms(statement) if one.hole and one.column)
    return {match[1] or match[2]: column for match, column in named if match}


def _with_clean_literals(statement: str, sanitiser: Sanitiser) -> str:
    """The statement with surrogates in the places of literals that belong to columns with telling names."""
    pieces, done = [], 0
    for one in _atoms(statement):
        if not one.hole and one.column and sanitiser.cleaner.decisions.of(one.column).hides:
            pieces += [statement[done : one.start], _literal(one.column, statement[one.start : one.end], sanitiser)]
            done = one.end
    return "".join((*pieces, statement[done:])) if pieces else statement


def _literal(column: str, quoted: str, sanitiser: Sanitiser) -> str:
    mark = quoted[0]
    value = quoted[1:-1].replace(mark * 2, mark)
    made = str(next(iter(sanitiser.value({column: value}).values())))
    return mark + made.replace(mark, mark * 2) + mark


def request(parts: Any, sanitiser: Sanitiser) -> Any:
    """Statement and parameters."""
    if not isinstance(parts, dict) or "statement" not in parts:
        return sanitiser.value(parts)
    others = {name: inner for name, inner in parts.items() if name != "parameters"}
    if isinstance(others["statement"], str):
        others["statement"] = _with_clean_literals(others["statement"], sanitiser)
    made = dict(sanitiser.value(others))
    if "parameters" in parts:
        told = parts["statement"] if isinstance(parts["statement"], str) else ""
        given = parts["parameters"]
        sets = given if parts.get("many") and isinstance(given, list) else [given]
        cleaned = [_parameters(told, one, sanitiser) for one in sets]
        made["parameters"] = cleaned if sets is given else cleaned[0]
    return {name: made[name] for name in parts}


def _parameters(statement: str, given: Any, sanitiser: Sanitiser) -> Any:
    """One set of parameters, by the columns of their holes."""
    if not isinstance(given, dict) or TAG in given:
        return _row(columns_of(statement), given, sanitiser)
    columns = _columns_by_name(statement)
    made: dict[str, Any] = {}
    for name, value in given.items():
        called = name if sanitiser.cleaner.decisions.of(name).hides else columns.get(name, name)
        made[name] = next(iter(sanitiser.value({called: value}).values()))
    return made


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
