"""Generators that the schema itself defines, without code: lists, patterns, compositions, files of lines, presets.

::

    generators:
      plan:     {values: {free: 6, pro: 3, enterprise: 1}}
      ticket:   {pattern: "[A-Z]{3}-[0-9]{4}"}
      handle:   {compose: "{first_name}.{ticket}"}
      branch:   {file: branches.txt}
      seniority: {generator: integer, params: {low: 0, high: 40}}
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.documents import Node
from hotfixture.errors import InputError
from hotfixture.files.names import check_path
from hotfixture.files.text import to_text
from hotfixture.plans.seed import chosen
from hotfixture.plans.seed.columns import Maker, Nothing, Site
from hotfixture.plans.seed.distinct import Numbered
from hotfixture.plans.seed.frame import Frame

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEYS = ("values", "weights", "pattern", "compose", "file", "generator", "params", "locale", "description")
_WAYS = ("values", "pattern", "compose", "file", "generator")
_HOLE = re.compile(r"\{([^{}]+)\}")
MOST_LINES = 1_000_000
_SAMPLE = 64


@dataclass(slots=True)
class Composed(Maker):
    """Texts and values of other generators side by side."""

    texts: tuple[str, ...]
    """One more than parts: what stands before, between and after them."""
    parts: tuple[Maker, ...]
    arrow: pa.DataType

    def at(self, frame: Frame) -> pa.Array:
        columns: list[object] = [self.texts[0]]
        for part, text in zip(self.parts, self.texts[1:], strict=True):
            columns += [to_text(part.at(frame)).cast(pa.string()), text]
        return pc.binary_join_element_wise(*columns, "")


def make_custom(site: Site, name: str, made: Callable[[Site], Maker]) -> Maker:
    """The maker of a column whose generator the schema defines; `made` makes those of the catalogue."""
    node = site.build.declared.generators[name]
    fields = site.reader.mapping(node, f"generator {name!r}", KEYS)
    ways = [way for way in _WAYS if way in fields]
    if len(ways) != 1:
        return site.problem(f"generator {name!r}: expected one of {', '.join(_WAYS)}", node.where)
    if ways[0] == "compose":
        return _composed(site, name, fields["compose"], made)
    inner = _preset(site, name, ways[0], fields)
    if "values" in inner.fields:
        return chosen.make(inner)
    if name in site.build.composing:
        return site.problem(f"generator {name!r} is made of itself", node.where)
    site.build.composing.append(name)
    found = made(inner)
    site.build.composing.remove(name)
    return found


def _preset(site: Site, name: str, way: str, fields: Mapping[str, Node]) -> Site:
    """The column as though it said itself what the generator says."""
    where = fields[way].where
    if way == "pattern":
        own: dict[str, Node] = {"generator": _node("text.pattern", where), "params": _mapped("pattern", fields[way])}
    elif way == "file":
        own = {"values": Node([_node(line, where) for line in _lines(site, name, fields[way])], where)}
    else:
        own = {key: fields[key] for key in ("values", "weights", "generator", "params", "locale") if key in fields}
    return replace(site, column=replace(site.column, fields=own))


def _node(text: str, where: object) -> Node:
    return Node(text, where, text)  # type: ignore[arg-type]  # `where` is that of another node


def _mapped(name: str, node: Node) -> Node:
    return Node({name: node}, node.where, keys={name: node.where})


def _lines(site: Site, name: str, node: Node) -> list[str]:
    """The lines of a file beside the schema; a problem, and one empty line, where it cannot be read."""
    text, folder = site.reader.text(node, f"file of generator {name!r}"), site.build.folder
    if folder is None:
        site.problem(f"generator {name!r}: a schema that is no file has no files beside it", node.where)
        return [""]
    try:
        path = (folder / check_path(text)).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise InputError(f"{text} lies outside the schema's folder")
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError, InputError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        site.problem(f"generator {name!r}: {text} cannot be read: {reason}", node.where)
        return [""]
    if not 0 < len(lines) <= MOST_LINES:
        site.problem(f"generator {name!r}: expected 1 … {MOST_LINES:,} lines, found {len(lines):,}", node.where)
    return lines[:MOST_LINES] or [""]


def _composed(site: Site, name: str, node: Node, made: Callable[[Site], Maker]) -> Maker:
    """The maker of a composition: each hole is a generator, with draws of its own."""
    text = site.reader.text(node, f"compose of generator {name!r}")
    holes = _HOLE.findall(text)
    if name in site.build.composing:
        return site.problem(f"generator {name!r} is composed of itself", node.where)
    site.build.composing.append(name)
    parts = []
    for number, hole in enumerate(holes):
        column = replace(
            site.column,
            fields={"generator": _node(hole, node.where)},
            seed_key=f"{site.column.seed_key}.{number}",
            unique=False,
            primary_key=False,
        )
        parts.append(made(replace(site, column=column, declared=None)))
    site.build.composing.remove(name)
    composed = Composed(tuple(_HOLE.split(text)[::2]), tuple(parts), pa.string())
    plain = site.table.existing or not (site.column.unique or site.alone)
    plain = plain or any(isinstance(part, Nothing) for part in parts)
    return composed if plain else _told_apart(site, name, composed, node)


def _told_apart(site: Site, name: str, composed: Composed, node: Node) -> Maker:
    """The composition with the number of its row; a problem for one that is a code, which that would break."""
    sample = composed.at(Frame(site.build.tables[site.table.name], np.arange(_SAMPLE, dtype=np.uint64))).to_pylist()
    blank = any(glyph.isspace() for text in sample for glyph in text)
    if not blank and any(glyph.isdigit() for text in sample for glyph in text):
        return site.problem(
            f"unique, but nobody can promise that generator {name!r} composes another code in each row",
            node.where,
            "Write it as a pattern ({pattern: 'K-[0-9]{6}'}), which is dealt out, or leave out unique.",
        )
    return Numbered(composed, " " if blank else ".", pa.string())


def folder_of(origin: str) -> Path | None:
    """The folder of a schema's file, in which files of lines may stand; None for a schema that came as text."""
    path = Path(origin)
    return path.parent if path.is_file() else None
