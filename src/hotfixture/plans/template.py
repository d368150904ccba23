"""Templates: what a developer may extract, approved once, run with parameters. A YAML file to frozen objects.

::

    templateName: payment-incident        # also template_name, name
    description: …
    parameters: {customer_ids: {type: list[integer], description: …, default: …, min: …, max: …, pattern: …}}
    prepare: [{setVar: account_ids, provider: PROD, query: SELECT …}]
    exports:
      customers: {type: subset, provider: PROD, root: customers, where: …, include: {orders: {limit: 1000}}}
      logins: {provider: PROD, query: SELECT …}
      schema: {type: ddl, provider: PROD, option: if-not-exists}
      invoices: {type: files, volume: invoices, path: "${customer_ids}/*.pdf"}
    references: [comments.user_id -> users.id]
    masks: {support_notes.body: scrub}
    formats: [csv]
    cache: 1h
    retention: 2d

Keys are compared without case, `_` and `-`. SQL is not looked into here, but for the names of the `${…}` in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotfixture.documents import Node, Reader, Text, parse, place
from hotfixture.documents import read as read_document
from hotfixture.errors import InputError, Where
from hotfixture.files.names import check_segment
from hotfixture.plans.declarations import BUILT_IN, NAME, OTHER_NAMES, Parameter, read_parameters
from hotfixture.plans.exports import (
    DdlExport,
    Export,
    FilesExport,
    QueryExport,
    SubsetExport,
    read_exports,
    read_formats,
)
from hotfixture.plans.references import VirtualReference, read_references
from hotfixture.plans.values import PARTS

if TYPE_CHECKING:
    from pathlib import Path

HOLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?:\.([A-Za-z_]+))?\}")
"""`${name}`; of a date_range also `${name.start}`, `${name.end}` and `${name.after}`."""
_KEYS = (
    "templateName", "description", "parameters", "prepare", "exports", "references", "masks", "formats", "cache",
    "retention",
)  # fmt: skip
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}
_LENGTH = re.compile(r"\s*([0-9]{1,6})\s*(s|m|min|h|d)\s*")
_ALSO = {"name": "templateName", "template": "templateName", "format": "formats"}


@dataclass(frozen=True, slots=True)
class Preparation:
    """A query that runs before the exports; its first column becomes the list `${name}`."""

    name: str
    where: Where
    provider: Text
    query: Text


@dataclass(frozen=True, slots=True)
class Template:
    """What one file says."""

    name: str
    where: Where
    parameters: Mapping[str, Parameter]
    """Those declared; those that every template understands are in `BUILT_IN`."""
    declares: bool
    """False without `parameters:`: any parameter that the template uses may then be given."""
    prepare: tuple[Preparation, ...]
    exports: Mapping[str, Export]
    references: tuple[VirtualReference, ...]
    masks: Mapping[str, Node]
    """By `table.column` (or `schema.table.column`, with globs), as written."""
    mask_places: Mapping[str, Where]
    uses: Mapping[str, Where]
    """Every `${name}` and the first place where it stands."""
    description: str = ""
    cache: float = 0.0
    """Seconds for which a daemon may answer with a package that it has made already; 0 for none."""
    retention: float = 0.0
    """Seconds for which a daemon keeps a package at most; 0 for as long as it says itself."""

    def providers(self) -> frozenset[str]:
        """The names of all providers that are read."""
        read = (*self.prepare, *self.exports.values())
        return frozenset(part.provider.value for part in read if not isinstance(part, FilesExport))

    def texts(self) -> Iterator[Text]:
        """Every text in which a `${name}` may stand: queries, conditions, paths."""
        for preparation in self.prepare:
            yield preparation.query
        for export in self.exports.values():
            yield from _texts(export)


def load(path: Path) -> Template:
    """The template of a file; InputError with every problem of it."""
    return from_node(read_document(path))


def from_text(text: str, source: str = "template.yaml") -> Template:
    """The template that `text` is; `source` is what errors call it."""
    return from_node(parse(text, source))


def from_node(node: Node) -> Template:
    """The template of a document."""
    reader = Reader()
    fields = reader.mapping(node, "the template", _KEYS, required=("templateName", "exports"), also=_ALSO)
    nothing = Node(None, node.where)
    formats = read_formats(reader, fields.get("formats", nothing))
    masks = fields.get("masks", nothing)
    uses: dict[str, Where] = {}  # filled once every text is known
    template = Template(
        _name(reader, fields.get("templateName")),
        node.where,
        read_parameters(reader, fields.get("parameters", nothing)),
        "parameters" in fields,
        _preparations(reader, fields.get("prepare", nothing)),
        read_exports(reader, fields.get("exports", nothing), formats),
        read_references(reader, fields.get("references", nothing)),
        reader.names(masks, "masks"),
        masks.keys or {},
        uses,
        reader.text(fields["description"], "description") if "description" in fields else "",
        *(_length(reader, fields[key], key) if key in fields else 0.0 for key in ("cache", "retention")),
    )
    _check_masks(reader, template)
    _check_fixed(reader, template)
    _Scope(reader, template, uses).check()
    reader.finish()
    return template


def _name(reader: Reader, node: Node | None) -> str:
    """The name, which becomes the name of files."""
    if node is None:
        return ""
    name = reader.text(node, "templateName")
    try:
        if name and check_segment(name) and not re.fullmatch(r"[\w.-]+", name):
            raise InputError("letters, digits, _, - and dots are allowed")
    except InputError as error:
        reader.problem(f"templateName: {error.problems[0].message}", node.where, "It names the files of the package.")
    return name


def _length(reader: Reader, node: Node, what: str) -> float:
    """A length of time, in seconds."""
    found = _LENGTH.fullmatch(node.text) if isinstance(node.value, str) else None
    if not found or not int(found[1]):
        reader.expected("a length of time such as 30m, 1h or 2d", node, what)
        return 0.0
    return float(int(found[1]) * _SECONDS[found[2]])


def _preparations(reader: Reader, node: Node) -> tuple[Preparation, ...]:
    found: dict[str, Preparation] = {}
    for item in reader.items(node):
        keys = ("setVar", "provider", "query")
        fields = reader.mapping(item, "preparation", keys, required=keys, also={"name": "setVar", "variable": "setVar"})
        if len(fields) < len(keys):
            continue
        name = reader.text(fields["setVar"], "setVar")
        if not NAME.fullmatch(name) or name in BUILT_IN:
            reader.problem(f"setVar {name!r}: expected a name of letters, digits and _", fields["setVar"].where)
        if name in found:
            reader.problem(f"setVar {name!r}: stands here twice", fields["setVar"].where)
        provider, query = reader.placed(fields["provider"], "provider"), reader.placed(fields["query"], "query")
        found[name] = Preparation(name, fields["setVar"].where, provider, query)
    return tuple(found.values())


def _check_masks(reader: Reader, template: Template) -> None:
    for name, where in template.mask_places.items():
        if not re.fullmatch(r"[^.]+(\.[^.]+){1,3}", name):
            reader.problem(f"mask {name!r}: expected table.column", where)


def _check_fixed(reader: Reader, template: Template) -> None:
    """No parameter stands where only a fixed word may: a provider, a table, a volume."""
    for text in _fixed(template):
        if HOLE.search(text.value):
            reader.problem("a parameter cannot stand here; it becomes a value in SQL or a part of a path", text.where)


def _fixed(template: Template) -> Iterator[Text]:
    yield from (preparation.provider for preparation in template.prepare)
    for export in template.exports.values():
        yield export.volume if isinstance(export, FilesExport) else export.provider
        if isinstance(export, SubsetExport):
            yield from (root.table for root in export.roots)
            yield from (include.table for include in export.include)
            yield from export.exclude


def _texts(export: Export) -> Iterator[Text]:
    match export:
        case QueryExport():
            yield export.query
        case SubsetExport():
            yield from (root.condition for root in export.roots if root.condition)
            yield from (include.condition for include in export.include if include.condition)
        case FilesExport():
            yield from export.paths
        case DdlExport():
            pass


def holes(text: Text) -> Iterator[tuple[str, str, Where]]:
    """Name, part (`start`, or empty) and place of every `${name}` and `${name.start}` in a text."""
    for hole in HOLE.finditer(text.value):
        line = text.value.count("\n", 0, hole.start()) + 1
        column = hole.start() - (text.value.rfind("\n", 0, hole.start()) + 1) + 1
        yield hole[1], hole[2] or "", place(text, line, column)


class _Scope:
    """Which names have a value where; notes every `${name}`, and as a problem where nothing can stand for it."""

    def __init__(self, reader: Reader, template: Template, uses: dict[str, Where]) -> None:
        self._reader = reader
        self._template = template
        self._uses = uses
        self._known = {*template.parameters, *BUILT_IN, *OTHER_NAMES}
        self._later = {preparation.name for preparation in template.prepare}

    def check(self) -> None:
        for preparation in self._template.prepare:
            if preparation.name in self._template.parameters:
                self._reader.problem(f"setVar {preparation.name!r}: a parameter has this name", preparation.where)
            self._check(preparation.query)
            self._known.add(preparation.name)
            self._later.discard(preparation.name)
        for export in self._template.exports.values():
            for text in _texts(export):
                self._check(text)

    def _check(self, text: Text) -> None:
        for name, part, where in holes(text):
            self._uses.setdefault(OTHER_NAMES.get(name, name), where)
            if name in self._later - self._known:
                self._reader.problem(f"{name!r} is prepared later than it is used here", where)
            elif name not in self._known and self._template.declares:
                self._reader.unknown("parameter", name, self._known, where)
            elif part:
                self._check_part(name, part, where)

    def _check_part(self, name: str, part: str, where: Where) -> None:
        parameter = self._template.parameters.get(name) or BUILT_IN.get(OTHER_NAMES.get(name, name))
        kind = str(parameter.type) if parameter else "date_range"
        if kind != "date_range":
            self._reader.problem(f"only a date_range has a part {part!r}; {name!r} is {kind}", where)
        elif part not in PARTS:
            self._reader.unknown("part of a date_range", part, PARTS, where)
