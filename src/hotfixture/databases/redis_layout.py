"""How the rows of a table lie in Redis: the kind of value, the pattern of its key, what goes in, when it expires."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, cast, get_args

from hotfixture.errors import InputError, OptionError, UnknownNameError

if TYPE_CHECKING:
    import pyarrow as pa

    from hotfixture.schema import Table

Kind = Literal["hash", "string", "json", "list", "set", "zset", "stream"]
"""What a key holds. `json` is a string with the row as a JSON object; a `zset` is a sorted set."""

_TYPES: dict[Kind, str] = {"json": "string"}
_HOLE = re.compile(r"\$\{([^{}]*)\}|\$\$")
_GLOB = re.compile(r"([*?\[\]\\^])")


@dataclass(frozen=True)
class KeyPattern:
    """A key with holes: `user:${id}`; `$$` is a dollar sign, braces are braces (`{${tenant}}:cart` has a hash tag)."""

    text: str

    @cached_property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """Text and the column that follows it, in turns; the last column is empty."""
        found: list[tuple[str, str]] = []
        before, place = "", 0
        for hole in _HOLE.finditer(self.text):
            before += self.text[place : hole.start()]
            place = hole.end()
            if hole.group() == "$$":
                before += "$"
            else:
                found.append((before, hole.group(1)))
                before = ""
        return (*found, (before + self.text[place:], ""))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that stand in the holes."""
        return tuple(column for _, column in self.parts if column)

    @property
    def glob(self) -> str:
        """What SCAN takes: every hole is a star."""
        return "".join(glob_of(text) + ("*" if column else "") for text, column in self.parts)

    @property
    def prefix(self) -> str:
        """The text before the first hole."""
        return self.parts[0][0]

    def borders(self) -> dict[str, str]:
        """Of each column but one that ends the key, the character that follows it and so may not stand in it."""
        pairs = zip(self.parts, self.parts[1:], strict=False)
        return {column: text[:1] for (_, column), (text, _) in pairs if text}

    def regex(self, types: dict[str, pa.DataType]) -> re.Pattern[bytes]:
        """What matches the keys of this pattern alone, with one group for each hole."""
        borders = self.borders()
        inside = "".join(
            re.escape(text) + (f"({_of_type(types[column], borders.get(column, ''))})" if column else "")
            for text, column in self.parts
        )
        return re.compile(inside.encode(), re.DOTALL)


def glob_of(text: str) -> str:
    """The pattern of SCAN that means this very text."""
    return _GLOB.sub(r"\\\1", text)


def _of_type(kind: pa.DataType, border: str) -> str:
    import pyarrow as pa

    if pa.types.is_integer(kind):
        return "-?[0-9]+"
    return f"[^{re.escape(border)}]*" if border else ".*"


@dataclass(frozen=True, slots=True)
class Layout:
    """How each row of a table is stored: what `Table.storage` says, complete."""

    kind: Kind
    key: KeyPattern
    value: tuple[str, ...]
    """The columns that go into the value: fields of a hash or stream, members of a JSON object, or one element."""
    score: str = ""
    """The column that orders a sorted set."""
    expire: int = 0
    """Seconds that a key lives after it is written; 0 for ever."""
    jitter: int = 0
    """Up to so many seconds more, the same for a row each time."""

    @property
    def type(self) -> str:
        """What Redis calls the type of these keys."""
        return _TYPES.get(self.kind, self.kind)

    @property
    def shared(self) -> bool:
        """Several rows may go into one key."""
        return self.kind in {"list", "set", "zset", "stream"}

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns by which a row is found again."""
        return tuple(dict.fromkeys((*self.key.columns, *(self.value if self.shared else ()))))

    @classmethod
    def of(cls, table: Table) -> Layout:
        """The layout of a table: `kind` (hash), `key`, `value`, `score`, `expire`, `jitter` from its storage.

        The key is by default the table's name and its primary key, `users:${id}`; the value all columns of a hash, a
        stream or a JSON object, else those that stand neither in key nor score. Raises InputError for what cannot be.
        """
        said = dict(table.storage)
        kind = cast("Kind", said.pop("kind", "hash"))
        if kind not in get_args(Kind):
            raise UnknownNameError("kind of Redis value", kind, get_args(Kind))
        key = KeyPattern(said.pop("key", "") or _default_key(table))
        score = said.pop("score", "")
        value = _names(said.pop("value", "")) or _default_value(table, kind, key, score)
        expire, jitter = (_seconds(name, said.pop(name, "0")) for name in ("expire", "jitter"))
        if said:
            known = ["kind", "key", "value", "score", "expire", "jitter"]
            raise UnknownNameError(f"storage of {table.name} in Redis:", next(iter(said)), known)
        layout = cls(kind, key, value, score, expire, jitter)
        layout._check(table)
        return layout

    def _check(self, table: Table) -> None:
        names = [column.name for column in table.columns]
        for name in (*self.key.columns, *self.value, *((self.score,) if self.score else ())):
            if name not in names:
                raise UnknownNameError(f"column of {table.name}", name, names)
        if bool(self.score) != (self.kind == "zset"):
            hint = "A sorted set has a score, nothing else has one: kind: zset, score: points."
            raise InputError(
                f"{table.name}: kind {self.kind} and score {self.score or 'none'} do not go together", hint=hint
            )
        if not self.value:
            raise InputError(f"{table.name}: no column is left for the value of its keys")
        if not self.shared and not self.key.columns:
            raise InputError(f"{table.name}: the key {self.key.text!r} is the same for all rows", hint="user:${id}")
        if self.jitter and not self.expire:
            raise OptionError("jitter", self.jitter, "an expiry to add it to")


def _default_key(table: Table) -> str:
    if not table.identity:
        hint = "Give it a primary key, or say storage: {key: 'name:${column}'}."
        raise InputError(f"{table.name}: no key tells its rows apart in Redis", hint=hint)
    return ":".join([table.name.name.replace("$", "$$"), *(f"${{{name}}}" for name in table.identity)])


def _default_value(table: Table, kind: Kind, key: KeyPattern, score: str) -> tuple[str, ...]:
    names = tuple(column.name for column in table.columns)
    if kind in {"hash", "json", "stream"}:
        return names
    return tuple(name for name in names if name not in {*key.columns, score})


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _seconds(name: str, text: str) -> int:
    if not text.isdecimal():
        raise OptionError(name, text, "a whole number of seconds")
    return int(text)
