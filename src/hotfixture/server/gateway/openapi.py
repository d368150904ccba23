"""The OpenAPI description of the daemon: MockCraft's, and one entry for each operation, made from the operation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from hotfixture.server import openapi as mockcraft
from hotfixture.server.gateway import access
from hotfixture.server.gateway.operations import Operation
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.openapi import Json

_HOLE = re.compile(r"\{([a-z_]+)(?::[a-z]+)?\}")
_REF = "#/components/schemas/{name}"
_PROBLEM = "#/components/responses/Problem{status}"
_ALWAYS = (400, 401, 403, 404, 413, 429, 431, 500, 503)
_NAMED = r"^[^\x00-\x1f/\\]{1,200}$"


def document(settings: DaemonSettings, operations: Sequence[Operation]) -> Json:
    """The description of a daemon with these settings."""
    made = mockcraft.document(settings, tokens=True)
    for path, methods in made["paths"].items():
        for described in methods.values():
            _guard(described, access.mockcrafts(path))
    made["info"] |= {
        "title": "Hot Fixture Tool",
        "description": "Masked, complete packages of production data by approved templates; invented data.",
    }
    types = list(_types(operations))
    found, components = msgspec.json.schema_components(types, ref_template=_REF)
    made["components"]["schemas"] |= components
    schemas = dict(zip(map(_named, types), found, strict=True))
    statuses = sorted({status for operation in operations for status in _problems(operation)})
    made["components"]["responses"] = {f"Problem{status}": mockcraft.problem(status) for status in statuses}
    for operation in operations:
        made["paths"].setdefault(plain_path(operation), {})[operation.method.lower()] = _described(operation, schemas)
    made["paths"] = dict(sorted(made["paths"].items()))
    plain: Json = msgspec.json.decode(msgspec.json.encode(made))  # defaults that are tuples become lists
    return plain


def _guard(described: Json, action: str) -> None:
    """Say of an operation of MockCraft's who may ask it here."""
    if "security" in described:  # open to everybody: nobody's roles are looked at
        action = ""
    if action:
        described["responses"].setdefault("403", mockcraft.problem(403))
    described["description"] = _allowed(action)


def _problems(operation: Operation) -> list[int]:
    """The statuses of what may be wrong."""
    return sorted({*_ALWAYS, *operation.problems})


def _types(operations: Iterable[Operation]) -> Iterable[Any]:
    known: dict[str, Any] = {}
    for operation in operations:
        for kind in (operation.body, operation.returns, operation.query):
            if kind is not None and kind is not bytes:
                known[_named(kind)] = kind
    return known.values()


def _named(kind: Any) -> str:
    return repr(kind)


def _described(operation: Operation, schemas: Mapping[str, Any]) -> Json:
    answers = {str(operation.status): _success(operation, schemas)} if operation.status != 204 else {}
    if operation.returns is None and operation.media == "application/json":
        answers["204"] = mockcraft.answer("Done.", {})
    answers |= {str(status): {"$ref": _PROBLEM.format(status=status)} for status in _problems(operation)}
    made: Json = {
        "operationId": operation_id(operation),
        "summary": operation.summary,
        "description": " ".join(filter(None, (operation.notes, _allowed(operation.action)))),
        "tags": list(operation.tags),
        "parameters": [*_path(operation), *_query(operation)],
        "responses": answers,
    }
    if operation.body is not None:
        made["requestBody"] = {"required": True, "content": _content(operation, schemas)}
    return made if operation.action else made | {"security": []}


def plain_path(operation: Operation) -> str:
    """The path as OpenAPI writes it: holes have names only."""
    return _HOLE.sub(r"{\1}", operation.path)


def operation_id(operation: Operation) -> str:
    """A name made of method and path: `get_templates_name`."""
    words = re.findall(r"[a-z0-9]+", _HOLE.sub(r"\1", operation.path.removeprefix("/api")))
    return "_".join([operation.method.lower(), *words])


def _allowed(action: str) -> str:
    if not action:
        return "Nobody need be known."
    roles = [role for role, actions in access.ACTIONS.items() if action in actions]
    return f"Needs `{action}`: {', '.join(roles) or 'nobody'}."


def _success(operation: Operation, schemas: Mapping[str, Any]) -> Json:
    if operation.returns is not None:
        return mockcraft.answer(operation.summary, {"application/json": schemas[_named(operation.returns)]})
    return mockcraft.answer(operation.summary, {operation.media: {}})


def _content(operation: Operation, schemas: Mapping[str, Any]) -> Json:
    if operation.body is bytes:
        content: Json = {"schema": {"type": "string"}}
        media = "application/yaml"
    else:
        content, media = {"schema": schemas[_named(operation.body)]}, "application/json"
    if operation.body_example is not None:
        content["example"] = msgspec.to_builtins(operation.body_example)
    return {media: content}


def _path(operation: Operation) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": _NAMED}}
        for name in _HOLE.findall(operation.path)
    ]


def _query(operation: Operation) -> list[Json]:
    if operation.query is None:
        return []
    (found,), components = msgspec.json.schema_components([operation.query], ref_template=_REF)
    schema = components[found["$ref"].rpartition("/")[2]]
    needed = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": inner}
        for name, inner in schema["properties"].items()
    ]
