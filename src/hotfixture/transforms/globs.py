"""Patterns of columns: `PROD_*.public.customers.email`, or shorter from the left: `customers.email`, `*.email`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from hotfixture.errors import InputError, Where
from hotfixture.schema import TableName

_PART = re.compile(r'(?:"((?:[^"]|"")+)"|([^."]+))(\.|\Z)')
_PARTS = ("column", "table", "schema", "provider")
FORM = "Write provider.schema.table.column, or fewer parts from the right; * and ? stand for what you leave open."


@dataclass(frozen=True, slots=True)
class Glob:
    """One pattern, in parts from the column leftwards; a part that is not given matches all."""

    text: str
    column: str
    table: str = "*"
    schema: str = "*"
    provider: str = "*"
    where: Where | None = None

    @classmethod
    def parse(cls, text: str, where: Where | None = None) -> Glob:
        """The pattern; a name with a dot stands in double quotes. InputError where it has no such form."""
        parts, at = [], 0
        while at < len(text):
            match = _PART.match(text, at)
            if not match:
                break
            parts.append(_literal(match[1]) if match[1] else match[2])
            at = match.end()
        if not 1 <= len(parts) <= 4 or at < len(text) or text.endswith("."):
            raise InputError(f"{text!r} is no pattern of columns", where=where, hint=FORM)
        return cls(text, **dict(zip(_PARTS, reversed(parts), strict=False)), where=where)

    def names(self, provider: str, table: TableName, column: str, *, folds_case: bool = False) -> bool:
        """Whether the pattern means this column; names compare without case where the engine does so."""
        return (
            fnmatchcase(provider, self.provider)
            and _same(table.schema, self.schema, folds_case)
            and _same(table.name, self.table, folds_case)
            and _same(column, self.column, folds_case)
        )

    def concerns(self, provider: str) -> bool:
        """Whether the pattern may mean columns of this provider."""
        return fnmatchcase(provider, self.provider)


def _literal(quoted: str) -> str:
    """A quoted name with its wildcards taken literally."""
    return re.sub(r"([*?\[])", r"[\1]", quoted.replace('""', '"'))


def _same(name: str, pattern: str, folds_case: bool) -> bool:
    return fnmatchcase(name.lower(), pattern.lower()) if folds_case else fnmatchcase(name, pattern)
