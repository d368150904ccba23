"""The exports of a template: a query, a subset, the definition of tables, files of a volume."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hotfixture.documents import Node, Reader, Text
from hotfixture.errors import InputError, Where
from hotfixture.files.formats import FORMATS, FileFormat
from hotfixture.files.names import check_pattern
from hotfixture.plans.declarations import named

DDL_OPTIONS: tuple[Literal["if-not-exists", "drop-create"], ...] = ("if-not-exists", "drop-create")
_NAME = re.compile(r"\w(?:[\w.$ -]{0,98}[\w$-])?")
SCRIPT = "sql"
"""As a format: the script itself, which is there anyway."""
EVERY = "*"
"""As an included table: every table that refers to one already in the subset."""


@dataclass(frozen=True, slots=True)
class QueryExport:
    """The rows of one query, loaded into `table`."""

    name: str
    where: Where
    provider: Text
    query: Text
    table: str
    """The export's name where the template says no other."""
    formats: tuple[FileFormat, ...] = ()


@dataclass(frozen=True, slots=True)
class Root:
    """Rows that a subset begins with."""

    table: Text
    condition: Text | None = None
    limit: int | None = None
    """At most so many, the first by key."""


@dataclass(frozen=True, slots=True)
class Include:
    """Children that a subset takes along: rows of `table` that refer to rows already in it."""

    table: Text
    """A table, or `*`."""
    condition: Text | None = None
    limit: int | None = None
    """At most so many rows of the table, the first by key."""
    per_parent: int | None = None
    """At most so many rows for each parent."""
    via: tuple[str, ...] = ()
    """Follow only these references: by name, by column, or `column, column`; empty for all."""
    all: bool = False
    """Every row of the table that the condition allows, whether it refers to the subset or not."""


@dataclass(frozen=True, slots=True)
class SubsetExport:
    """A referentially complete slice."""

    name: str
    where: Where
    provider: Text
    roots: tuple[Root, ...]
    include: tuple[Include, ...] = ()
    exclude: tuple[Text, ...] = ()
    """Tables that are never entered."""
    depth: int | None = None
    """At most so many steps from parent to child; None without limit."""
    formats: tuple[FileFormat, ...] = ()


@dataclass(frozen=True, slots=True)
class DdlExport:
    """The definition of the tables that the other exports of the provider fill."""

    name: str
    where: Where
    provider: Text
    option: Literal["if-not-exists", "drop-create"] = "if-not-exists"
    include_indexes: bool | None = None
    """None: as the parameter `include_indexes` says, else true."""
    tables: tuple[Text, ...] = ()
    """More tables (globs) than the other exports need."""


@dataclass(frozen=True, slots=True)
class FilesExport:
    """Files of a volume."""

    name: str
    where: Where
    volume: Text
    paths: tuple[Text, ...]
    """Patterns below the volume, with `${name}`."""
    filter: tuple[str, ...] = ()
    """Words such as `mtime:7`, `sort:mtime:desc`, `limit:1`."""


Export: TypeAlias = QueryExport | SubsetExport | DdlExport | FilesExport

_ALSO = {"format": "formats", "sql": "query", "option": "option", "paths": "path", "ddl_option": "option"}


def read_exports(reader: Reader, node: Node, formats: tuple[FileFormat, ...]) -> dict[str, Export]:
    """The exports by name; `formats` are the template's own."""
    found: dict[str, Export] = {}
    for name, where, inner in named(reader, node, "exports"):
        if not _NAME.fullmatch(name):
            reader.problem(f"export {name!r}: expected a name of letters, digits, _, -, $ and dots", where)
        export = _read(reader, name, where, inner, formats)
        if export:
            found[name] = export
    return found


def _read(reader: Reader, name: str, where: Where, node: Node, formats: tuple[FileFormat, ...]) -> Export | None:
    kind = _kind(reader, name, where, node)
    if not kind:
        return None
    what = f"export {name!r}"
    keys, required, build = _KINDS[kind]
    fields = reader.mapping(node, what, ("type", *keys), required=required, also=_ALSO)
    if "formats" in fields:
        formats = read_formats(reader, fields["formats"])
    return build(_Fields(reader, what, fields, name, where, formats))


def _kind(reader: Reader, name: str, where: Where, node: Node) -> str:
    """`query`, `subset`, `ddl` or `files`; empty where none can be told, which is noted."""
    written = reader.names(node, f"export {name!r}")
    lower = {key.lower(): value for key, value in written.items()}
    if "type" in lower:
        before = len(reader.problems)
        kind = reader.choice(lower["type"], f"type of export {name!r}", tuple(_KINDS))
        return kind if len(reader.problems) == before else ""
    if "query" in lower or "sql" in lower:
        return "query"
    if isinstance(node.value, dict):
        reader.problem(f"export {name!r}: expected a 'query' or a 'type'", where, f"Types: {', '.join(_KINDS)}.")
    return ""


def read_formats(reader: Reader, node: Node) -> tuple[FileFormat, ...]:
    """Formats of files beside the script, `sql`: one, a list, or a mapping by format with the options of each."""
    return tuple(found for item in reader.items(node) for found in _formats(reader, item) if found.name != SCRIPT)


def _formats(reader: Reader, node: Node) -> Iterator[FileFormat]:
    if not isinstance(node.value, dict):
        yield FileFormat(reader.choice(node, "format", (SCRIPT, *FORMATS)))
        return
    for written, inner in node.value.items():
        name = reader.choice(Node(written, (node.keys or {})[written]), "format", (SCRIPT, *FORMATS))
        known = FORMATS.find(name).options if name != SCRIPT else {}
        found = reader.mapping(inner, f"format {name!r}", tuple(known))
        what = f"of format {name!r}"
        yield FileFormat(
            name,
            {
                key: reader.boolean(value, f"{key} {what}")
                if known[key] is bool
                else reader.integer(value, f"{key} {what}", low=1)
                for key, value in found.items()
            },
        )


@dataclass(frozen=True, slots=True)
class _Fields:
    """What an export says, with the shared ways to read it."""

    reader: Reader
    what: str
    found: dict[str, Node]
    name: str
    where: Where
    formats: tuple[FileFormat, ...]

    def placed(self, key: str) -> Text:
        node = self.found.get(key)
        return self.reader.placed(node, f"{key} of {self.what}") if node else Text("", self.where)

    def condition(self, key: str) -> Text | None:
        return self.placed(key) if key in self.found else None

    def count(self, key: str) -> int | None:
        node = self.found.get(key)
        return self.reader.integer(node, f"{key} of {self.what}", low=0) if node else None

    def flag(self, key: str) -> bool | None:
        node = self.found.get(key)
        return self.reader.boolean(node, f"{key} of {self.what}") if node else None

    def words(self, key: str) -> tuple[str, ...]:
        return tuple(str(text) for text in self.texts(key))

    def texts(self, key: str) -> tuple[Text, ...]:
        node = self.found.get(key)
        items = self.reader.items(node) if node else []
        return tuple(self.reader.placed(item, f"{key} of {self.what}") for item in items)


def _query(fields: _Fields) -> QueryExport:
    table = str(fields.placed("table")) or fields.name
    return QueryExport(
        fields.name, fields.where, fields.placed("provider"), fields.placed("query"), table, fields.formats
    )


def _subset(fields: _Fields) -> SubsetExport:
    return SubsetExport(
        fields.name,
        fields.where,
        fields.placed("provider"),
        _roots(fields),
        _includes(fields),
        fields.texts("exclude"),
        fields.count("depth"),
        fields.formats,
    )


def _roots(fields: _Fields) -> tuple[Root, ...]:
    """From `root:` with `where:`, `limit:`, `order:` beside it; or from `roots:`, by table."""
    reader, found = fields.reader, fields.found
    if ("root" in found) == ("roots" in found):
        reader.problem(f"{fields.what}: expected either 'root' or 'roots'", fields.where)
        return ()
    if "root" in found:
        return (Root(fields.placed("root"), fields.condition("where"), fields.count("limit")),)
    for key in ("where", "limit"):
        if key in found:
            reader.problem(f"{fields.what}: {key!r} stands beside 'root'; with 'roots', under each", found[key].where)
    return tuple(
        Root(table, inner.condition("where"), inner.count("limit"))
        for table, inner in _tables(fields, "roots", ("where", "limit"))
    )


def _includes(fields: _Fields) -> tuple[Include, ...]:
    if "include" not in fields.found:
        return ()
    keys = ("where", "limit", "per_parent", "via", "all")
    return tuple(
        Include(
            table,
            inner.condition("where"),
            inner.count("limit"),
            inner.count("per_parent"),
            inner.words("via"),
            inner.flag("all") or False,
        )
        for table, inner in _tables(fields, "include", keys)
    )


def _tables(fields: _Fields, key: str, keys: tuple[str, ...]) -> list[tuple[Text, _Fields]]:
    """Table and options: of a mapping by table, of a list of tables, of a list of mappings with `table`, of `all`."""
    reader, node = fields.reader, fields.found[key]
    if not isinstance(node.value, dict):
        return [_table(fields, key, keys, item) for item in reader.items(node)]
    places = node.keys or {}
    return [
        (Text(name, places[name]), _options(fields, f"{key} {name!r}", keys, inner, places[name]))
        for name, inner in node.value.items()
    ]


def _table(fields: _Fields, key: str, keys: tuple[str, ...], node: Node) -> tuple[Text, _Fields]:
    if isinstance(node.value, dict):
        inner = _options(fields, key, ("table", *keys), node, node.where)
        return inner.placed("table"), inner
    text = fields.reader.placed(node, f"{key} of {fields.what}")
    word = Text(EVERY, text.where) if key == "include" and text.value == "all" else text
    return word, _options(fields, key, keys, Node(None, node.where), node.where)


def _options(fields: _Fields, what: str, keys: tuple[str, ...], node: Node, where: Where) -> _Fields:
    what = f"{what} of {fields.what}"
    required = ("table",) if "table" in keys else ()
    found = fields.reader.mapping(node, what, keys, required=required)
    return _Fields(fields.reader, what, found, fields.name, where, ())


def _ddl(fields: _Fields) -> DdlExport:
    node = fields.found.get("option")
    option = fields.reader.choice(node, f"option of {fields.what}", DDL_OPTIONS) if node else DDL_OPTIONS[0]
    spelled = next(known for known in DDL_OPTIONS if known == option)
    return DdlExport(
        fields.name,
        fields.where,
        fields.placed("provider"),
        spelled,
        fields.flag("include_indexes"),
        fields.texts("tables"),
    )


def _files(fields: _Fields) -> FilesExport:
    paths = fields.texts("path")
    for path in paths:
        try:
            check_pattern(path.value)
        except InputError as error:
            fields.reader.problem(f"path of {fields.what}: {error.problems[0].message}", path.where)
    words = fields.texts("filter")
    for word in words:
        _check_word(fields, word)
    return FilesExport(fields.name, fields.where, fields.placed("volume"), paths, tuple(word.value for word in words))


def _check_word(fields: _Fields, word: Text) -> None:
    """Note what is wrong with a word that chooses among the files."""
    from hotfixture.files.listing import Filter

    try:
        Filter.parse([word.value], now=0)
    except InputError as error:
        fields.reader.problem(f"filter of {fields.what}: {error.problems[0].message}", word.where)
    if word.value.partition(":")[0] in ("name", "type", "depth"):
        fields.reader.problem(f"filter of {fields.what}: the path says which names", word.where)


_KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...], Callable[[_Fields], Export]]] = {
    "query": (("provider", "query", "table", "formats"), ("provider", "query"), _query),
    "subset": (
        ("provider", "root", "roots", "where", "limit", "include", "exclude", "depth", "formats"),
        ("provider",),
        _subset,
    ),
    "ddl": (("provider", "option", "include_indexes", "tables"), ("provider",), _ddl),
    "files": (("volume", "path", "filter"), ("volume", "path"), _files),
}
"""What an export of each type may say, what it must say, and what reads it."""
