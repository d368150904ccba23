"""Says where an original stands in a finished package: file, table and column, never the value."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from hotfixture.errors import LeakError, Problem

if TYPE_CHECKING:
    from hotfixture.databases.script import Script
    from hotfixture.transforms.scan import Finding

SHOWN = 20
LOOKED_BACK = 1 << 16
"""Bytes before a finding in which its row begins; in a longer row only the table is named."""
_HINT = "Mask the columns that repeat them (hfit inspect shows which look sensitive), or scrub their text."


def leak(folder: Path, findings: Iterable[Finding], scripts: Iterable[Script]) -> LeakError:
    """The error that names every place, the first of them where there are many."""
    known = list(scripts)
    places = list(dict.fromkeys(_place(folder, finding, known) for finding in findings))
    problems = [Problem(f"{place} holds original values of masked columns") for place in places[:SHOWN]]
    if len(places) > SHOWN:
        problems.append(Problem(f"{len(places) - SHOWN} more places hold original values"))
    return LeakError.of([*problems[:-1], problems[-1]._replace(hint=_HINT)])


def _place(folder: Path, finding: Finding, scripts: Iterable[Script]) -> str:
    known = list(scripts)
    for script in known:
        own = finding.file.endswith(".sql" if len(known) == 1 else f".{script.dialect.name}.sql")
        for start, end, name in script.places if own else ():
            if start <= finding.offset < end:
                columns = script.relations[name].columns
                at = _column(folder / finding.file, start, finding.offset, script.dialect.separator)
                column = f".{columns[at].name}" if at is not None and at < len(columns) else ""
                return f"{finding.file}: {name}{column}"
    return f"{finding.file}: byte {finding.offset:,}"


def _column(path: Path, start: int, offset: int, separator: str) -> int | None:
    """The number of the column at `offset`: the separators outside quotes since its row began; None where it is far."""
    first = max(start, offset - LOOKED_BACK)
    with path.open("rb") as file:
        file.seek(first)
        before = file.read(offset - first).decode("utf-8", "replace")
    if separator == "\t":
        return before[before.rfind("\n") + 1 :].count(separator)
    row = before[before.rfind("\n(") + 1 :] if "\n(" in before else None
    return None if row is None else _outside_quotes(row, separator)


def _outside_quotes(row: str, separator: str) -> int:
    """Separators that stand in no text; doubled and escaped quotes are left out first."""
    plain = row.replace("\\\\", "").replace("\\'", "").replace("''", "")
    return sum(part.count(separator) for part in plain.split("'")[::2])
