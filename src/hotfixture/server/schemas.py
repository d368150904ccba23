"""The shapes of the API's JSON, as JSON Schemas for its description."""

from __future__ import annotations

from typing import Any

from hotfixture.server.jobs import STATES

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "type": [schema["type"], "null"]}


def _object(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_FOUND = _object(
    {"message": _TEXT, "source": _TEXT, "line": _COUNT, "column": _COUNT, "hint": _TEXT},
    "source", "line", "column", "hint",
)  # fmt: skip
_MOMENT = {"type": "string", "format": "date-time"}

SCHEMAS: dict[str, Any] = {
    "Problem": _object(
        {
            "type": _TEXT,
            "title": _TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": _TEXT,
            "problems": {"type": "array", "items": _FOUND},
            "request_id": _TEXT,
        },
        "request_id",
    ),
    "Job": _object(
        {
            "id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "state": {"type": "string", "enum": [*STATES, "cancelling"]},
            "created": _MOMENT,
            "started": _or_null(_MOMENT),
            "ended": _or_null(_MOMENT),
            "expires": _or_null(_MOMENT),
            "rows": _COUNT,
            "rows_done": _COUNT,
            "progress": {"type": "number", "minimum": 0, "maximum": 1},
            "rows_per_second": _or_null({"type": "integer"}),
            "remaining_seconds": _or_null({"type": "integer"}),
            "attempt": {"type": "integer", "minimum": 0},
            "format": _or_null(_TEXT),
            "target": _or_null(_TEXT),
            "seed": _or_null({"type": "integer"}),
            "problems": {"type": "array", "items": _FOUND},
            "size": _or_null(_COUNT),
            "sha256": _or_null(_TEXT),
            "download": _or_null(_TEXT),
        }
    ),
    "Generator": _object(
        {
            "name": _TEXT,
            "group": _TEXT,
            "description": _TEXT,
            "example": {},
            "options": {
                "type": "array",
                "items": _object({"name": _TEXT, "kind": _TEXT, "default": {}, "expected": _TEXT, "help": _TEXT}),
            },
            "capacity": _or_null(_COUNT),
            "source": _TEXT,
            "version": _COUNT,
        }
    ),
    "Catalogue": _object(
        {
            "groups": {"type": "array", "items": _TEXT},
            "generators": {"type": "array", "items": {"$ref": "#/components/schemas/Generator"}},
        }
    ),
}
