"""The JSON Schema of the seed schema's format, for editors: made from the tables that the reader itself goes by."""

from __future__ import annotations

from typing import Any

from hotfixture.generators import names
from hotfixture.plans.seed import balance, constraints, reading, relations, series, sizes, types
from hotfixture.plans.seed.columns import KINDS

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TEXT = {"type": "string"}
_TEXTS = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_FREE: dict[str, Any] = {}
"""Anything goes: what it must be depends on what stands beside it, which the command's own check says better."""
_REFERENCE = {"anyOf": [_TEXT, {"$ref": "#/$defs/reference"}]}

_COLUMN: dict[str, Any] = {
    "type": {"type": "string", "examples": sorted({*types.NAMES, "varchar(80)", "decimal(10,2)"})},
    "primary_key": {"type": "boolean"},
    "unique": {"type": "boolean"},
    "nulls": {**_SHARE, "description": "The share of rows that are null."},
    "null_group": {**_TEXT, "description": "Columns of one group are null together."},
    "nullable": {"type": "boolean"},
    "seed_key": {**_TEXT, "description": "What the values hang on; the column may then be renamed."},
    "group": {**_TEXT, "description": "Columns of one group describe one person or place."},
    "hidden": {"type": "boolean", "description": "Made for other columns to compute with, written nowhere."},
    "description": _TEXT,
}
_KINDS: dict[str, Any] = {
    "params": {"type": "object", "description": "Options of the generator."},
    "locale": _TEXT,
    "values": {"type": ["array", "object"], "description": "A list, or a mapping of values to weights."},
    "weights": {"type": "array", "items": {"type": "number", "minimum": 0}},
    "value": _FREE,
    "references": _REFERENCE,
    "distribution": {"enum": list(relations.DISTRIBUTIONS)},
    "exponent": {"type": "number"}, "roots": _SHARE, "branching": {"type": "integer"},
    "one_to_one": {"type": "boolean"},
    "line_no": {"type": "boolean", "description": "The number of the row among the children of its parent, from 1."},
    "expression": {"type": ["string", "number", "boolean"], "description": "SQL over row, parents and children."},
    "after": _TEXT, "before": _TEXT, "within": _TEXT, "at_least": _TEXT, "every": _TEXT, "start": _TEXT,
    "states": {"type": "object", "required": ["transitions"]},
    "series": {"type": "object", "required": ["at"], "properties": dict.fromkeys(series.KEYS, _FREE)},
    "balance": {
        "type": "object", "required": ["of"], "additionalProperties": False,
        "properties": {**dict.fromkeys(balance.KEYS, _TEXT), "start": {"type": ["number", "string"]}},
    },
    "fields": {"$ref": "#/$defs/columns"},
    "items": {"$ref": "#/$defs/column"},
    "size": {"type": ["string", "integer"]},
    "cases": {"type": "array", "items": {"type": "object"}},
    "references_any": {"type": "object"},
    "type_of": _TEXT,
}  # fmt: skip


def json_schema() -> dict[str, Any]:
    """The schema, draft 2020-12."""
    return {
        "$schema": DRAFT,
        "title": "MockCraft seed schema",
        "type": "object",
        "properties": _root(),
        "additionalProperties": False,
        "$defs": {
            "table": _table(),
            "columns": _named("#/$defs/column"),
            "column": _column(),
            "reference": _reference(),
        },
    }


def _root() -> dict[str, Any]:
    tables = _named("#/$defs/table")
    known: dict[str, Any] = {
        "name": _TEXT, "description": _TEXT, "version": _FREE, "seed": {"type": "integer"}, "locale": _TEXT,
        "tables": tables, "collections": tables, "relations": {"type": "array", "items": {"type": "object"}},
        "constraints": {"type": "array", "items": _constraint("table")}, "generators": {"type": ["object", "array"]},
    }  # fmt: skip
    return _spelled({key: known[key] for key in reading.SCHEMA_KEYS}, reading.SCHEMA_ALSO)


def _constraint(*more: str) -> dict[str, Any]:
    """A unique or a check; `more` are keys that it must have."""
    known: dict[str, Any] = {
        **dict.fromkeys(constraints.KEYS, _TEXT), "unique": _FREE, "columns": _TEXTS,
        "nulls_distinct": {"type": "boolean"}, **dict.fromkeys(more, _TEXT),
    }  # fmt: skip
    return {"type": "object", "properties": known, "additionalProperties": False, "required": list(more)}


def _table() -> dict[str, Any]:
    size = {
        "anyOf": [
            {"type": "integer", "minimum": 0},
            {"type": "string", "pattern": sizes.PATTERN},
            {"type": "object", "required": ["per"]},
        ]
    }
    known: dict[str, Any] = {
        "count": size, "columns": {"$ref": "#/$defs/columns"}, "primary_key": _TEXTS, "unique": {"type": "array"},
        "checks": _TEXTS, "constraints": {"type": "array", "items": _constraint()},
        "references": {"type": "array", "items": _REFERENCE}, "seed_key": _TEXT, "schema": _TEXT,
        "existing": {"type": "boolean"}, "redis": {"type": "object"}, "mongodb": {"type": "object"},
        "description": _TEXT,
    }  # fmt: skip
    properties = {"name": _TEXT, **{key: known[key] for key in reading.TABLE_KEYS}}
    return {"type": "object", "properties": _spelled(properties, reading.TABLE_ALSO), "additionalProperties": False}


def _column() -> dict[str, Any]:
    generator = {"type": "string", "examples": [name.partition(".")[2] for name in names()]}
    keys = dict.fromkeys(key for kind in KINDS.values() for key in (kind.key, *kind.keys))
    properties = {"name": _TEXT, **_COLUMN, **{key: generator if key == "generator" else _KINDS[key] for key in keys}}
    shape = {"type": "object", "properties": _spelled(properties, reading.COLUMN_ALSO), "additionalProperties": False}
    return {"anyOf": [{"type": "string", "description": "The type alone."}, shape]}


def _reference() -> dict[str, Any]:
    return {"type": "object", "properties": _spelled(dict.fromkeys(relations.KEYS, _FREE), relations.ALSO)}


def _named(member: str) -> dict[str, Any]:
    """A list of mappings with names, or a mapping by name."""
    return {
        "anyOf": [
            {"type": "array", "items": {"$ref": member}},
            {"type": "object", "additionalProperties": {"$ref": member}},
        ]
    }


def _spelled(properties: dict[str, Any], also: dict[str, str]) -> dict[str, Any]:
    """The properties under their other words, too."""
    return properties | {other: properties[name] for other, name in also.items() if name in properties}
