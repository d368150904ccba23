"""The smallest instance of a JSON Schema: what a description without examples tells of an answer."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
_DEEPEST = 32
_SIMPLE: Json = {"string": "", "integer": 0, "number": 0, "boolean": False, "null": None, "array": [], "object": {}}
_FORMATS = {
    "date": "2000-01-01",
    "date-time": "2000-01-01T00:00:00Z",
    "email": "somebody@example.test",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.test/",
}


def smallest(schema: Any, document: Json, depth: int = 0) -> Any:
    """An instance: what the schema gives as its example, default, constant or first choice, else the least."""
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return None
    schema = resolved(schema, document)
    for name in ("example", "default", "const"):
        if name in schema:
            return schema[name]
    for name in ("examples", "enum"):
        if schema.get(name) and isinstance(schema[name], list):
            return schema[name][0]
    for name in ("anyOf", "oneOf"):
        if schema.get(name):
            return smallest(schema[name][0], document, depth + 1)
    if schema.get("allOf"):
        return _all(schema, document, depth)
    return _by_type(schema, document, depth)


def _all(schema: Json, document: Json, depth: int) -> Any:
    parts = [smallest(one, document, depth + 1) for one in schema["allOf"]]
    merged: Json = {}
    for part in parts:
        if not isinstance(part, dict):
            return part
        merged |= part
    return merged


def _by_type(schema: Json, document: Json, depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "null")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {name: smallest(inner, document, depth + 1) for name, inner in (schema.get("properties") or {}).items()}
    if kind == "array":
        return [smallest(schema.get("items"), document, depth + 1) for _ in range(int(schema.get("minItems", 0)) or 1)]
    if kind == "string":
        return _FORMATS.get(schema.get("format", ""), "x" * int(schema.get("minLength", 0)))
    if kind in ("integer", "number"):
        return schema.get("minimum", 0)
    return _SIMPLE.get(kind)


def resolved(schema: Json, document: Json) -> Json:
    """What a reference within the document stands for; nothing where it leads nowhere or in a circle."""
    for _ in range(_DEEPEST):
        if "$ref" not in schema:
            break
        found: Any = document
        for name in str(schema["$ref"]).removeprefix("#/").split("/"):
            found = found.get(name.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, dict) else {}
        schema = found if isinstance(found, dict) else {}
    return schema
