"""CREATE TABLE statements as the server shows them, cut to what the rows of a package need."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from hotfixture.databases.base import Ddl, DdlOption, Dialect
from hotfixture.databases.mysql_connection import SQL_MODE
from hotfixture.databases.mysql_dialect import check_names

if TYPE_CHECKING:
    from hotfixture.schema import Table

Fetch = Callable[[str], list[tuple[object, ...]]]

_NAME = r"`((?:[^`]|``)+)`"
_INDEX = re.compile(rf"^  (?:FULLTEXT |SPATIAL )?KEY {_NAME} (?:USING \w+ )?\({_NAME}")
_FOREIGN = re.compile(rf"^  CONSTRAINT {_NAME} FOREIGN KEY \(.*\) REFERENCES {_NAME}(\.?)")
_COUNTER = re.compile(r"^(\)(?: (?!COMMENT=)\S+)*?) AUTO_INCREMENT=\d+")
_IDENTITY = re.compile(rf"^  {_NAME} .*\bAUTO_INCREMENT\b")
_SEQUENCE = re.compile(rf"\bnextval\((?:`(?:[^`]|``)+`\.)?{_NAME}\)", re.IGNORECASE)

# Defaults such as 0000-00-00 are kept, and tables may be created before those they refer to.
_BEGIN = f"""SET @hotfixture_checks = @@foreign_key_checks;
SET @hotfixture_mode = @@sql_mode;
SET foreign_key_checks = 0;
SET sql_mode = '{SQL_MODE}';"""
_END = "SET sql_mode = @hotfixture_mode;\nSET foreign_key_checks = @hotfixture_checks;"


def ddl(fetch: Fetch, dialect: Dialect, tables: Sequence[Table], *, option: DdlOption, indexes: bool) -> Ddl:
    """Statements for the tables among `tables`; references stand in them, so that they run with foreign_key_checks off.

    A reference to a table that is not among them is left out: no row could satisfy it. Views are left out.
    """
    wanted = [table for table in tables if table.kind != "view"]
    check_names(name for table in wanted for name in (table.name.name, *(column.name for column in table.columns)))
    shown = {table.name.name: str(fetch(f"SHOW CREATE TABLE {dialect.table(table.name)}")[0][1]) for table in wanted}
    lines = [_BEGIN]
    if option == "drop-create":
        lines += [f"DROP TABLE IF EXISTS {dialect.table(table.name)};" for table in wanted]
    lines += list(_sequences(fetch, dialect, shown.values()))
    keep = {name.lower() for name in shown}
    for text in shown.values():
        lines.append(_statement(text, keep, needed=_needed(wanted), indexes=indexes))
    return Ddl("\n".join([*lines, _END]) + "\n")


def _needed(tables: Sequence[Table]) -> set[tuple[str, str]]:
    """Table and first column of the keys that references point at: those need their index, unique or not."""
    return {
        (reference.target.name.lower(), reference.target_columns[0].lower())
        for table in tables
        for reference in table.references
    }


def _statement(text: str, keep: set[str], *, needed: set[tuple[str, str]], indexes: bool) -> str:
    first, *body = text.split("\n")
    table = _unquoted(re.findall(_NAME, first)[0]).lower()
    # Lines up to the first that starts with a parenthesis are columns, keys and constraints; table options follow.
    end = next(number for number, line in enumerate(body) if line.startswith(")"))
    identity = next((_unquoted(m[1]).lower() for m in map(_IDENTITY.match, body[:end]) if m), "")
    kept = [
        line.removesuffix(",")
        for line in body[:end]
        if _stays(line, keep) and (indexes or _is_needed(line, {*needed, (table, identity)}, table))
    ]
    options = [_COUNTER.sub(r"\1", body[end]), *body[end + 1 :]]
    head = first.replace("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ", 1)
    return "\n".join([head, ",\n".join(kept), *options]) + ";"


def _stays(line: str, keep: set[str]) -> bool:
    foreign = _FOREIGN.match(line)
    return not foreign or (not foreign[3] and _unquoted(foreign[2]).lower() in keep)


def _is_needed(line: str, needed: set[tuple[str, str]], table: str) -> bool:
    index = _INDEX.match(line)
    return not index or (table, _unquoted(index[2]).lower()) in needed


def _unquoted(name: str) -> str:
    return name.replace("``", "`")


def _sequences(fetch: Fetch, dialect: Dialect, shown: Iterable[str]) -> Iterator[str]:
    """MariaDB's sequences that defaults draw from, going on where they are."""
    for name in dict.fromkeys(_unquoted(found) for text in shown for found in _SEQUENCE.findall(text)):
        quoted = dialect.identifier(name)
        text = str(fetch(f"SHOW CREATE SEQUENCE {quoted}")[0][1])
        yield text.replace("CREATE SEQUENCE ", "CREATE SEQUENCE IF NOT EXISTS ", 1) + ";"
        value = fetch(f"SELECT next_not_cached_value FROM {quoted}")[0][0]
        yield f"DO SETVAL({quoted}, {value}, 0);"
