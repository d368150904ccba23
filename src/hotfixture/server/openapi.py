"""The OpenAPI description of the server: written by hand, checked against the server by a test that fuzzes it."""

from __future__ import annotations

from typing import Any

from hotfixture import __version__
from hotfixture.plans.seed.files import COMPRESSIONS
from hotfixture.server.front import SECURITY
from hotfixture.server.problems import TITLES
from hotfixture.server.schemas import SCHEMAS
from hotfixture.server.seeding import DIALECTS, FORMS, MOST_SHARDS
from hotfixture.server.settings import ServerSettings
from hotfixture.server.uploads import MEDIA_TYPES

Json = dict[str, Any]


def document(settings: ServerSettings, *, tokens: bool) -> Json:
    """The description, for a server with these settings."""
    metrics = _plain("metrics", "Counters for Prometheus.", "text/plain")
    paths = {
        "/api/generate/{type}": {"get": _generate(settings)},
        "/api/generators": {"get": _generators()},
        "/api/generators/{type}": {"get": _generator()},
        "/api/seed": {"post": _seed()},
        "/api/jobs": {"get": _jobs()},
        "/api/jobs/{id}": {"get": _job(), "delete": _cancel()},
        "/api/download/{id}": {"get": _download()},
        "/metrics": {"get": _open(metrics) if settings.open_metrics else metrics},
        "/health": {"get": _open(_plain("health", "Whether the server lives.", "application/json"))},
        "/health/ready": {"get": _open(_ready("ready"))},
        "/ready": {"get": _open(_ready("is_ready"))},
        "/openapi.json": {"get": _open(_plain("openapi", "This description.", "application/json"))},
    }
    made: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": "MockCraft",
            "version": __version__,
            "description": "Invented values by name, and seeding runs from a schema.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {"schemas": dict(SCHEMAS)},
    }
    if settings.root_path:
        made["servers"] = [{"url": settings.root_path}]
    if tokens:
        made["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        made["security"] = [{"token": []}]
    return made


def _operation(name: str, summary: str, answers: Json, *problems: int, **more: Any) -> Json:
    every = (400, 401, 413, 429, 431, 500, 503)
    answers = answers | {str(status): problem(status) for status in sorted({*every, *problems})}
    return {"operationId": name, "summary": summary, "responses": answers, **more}


def problem(status: int) -> Json:
    """The answer of a status that says what is wrong."""
    headers = {"Retry-After": {"schema": {"type": "string"}}} if status in (429, 503, 507) else {}
    return answer(TITLES[status][1], {"application/problem+json": _ref("Problem")}, headers)


def answer(description: str, content: Json, headers: Json | None = None) -> Json:
    """An answer with the headers that every answer has."""
    every: Json = {name.decode().title(): {"schema": {"type": "string"}} for name, _ in SECURITY[:3]}
    every["X-Request-ID"] = {"required": True, "schema": {"type": "string"}}
    made: Json = {"description": description, "headers": every | (headers or {})}
    return made | ({"content": {kind: {"schema": schema} for kind, schema in content.items()}} if content else {})


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _query(name: str, schema: Json, description: str) -> Json:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


def _path(name: str, pattern: str, description: str, example: str) -> Json:
    schema = {"type": "string", "pattern": pattern}
    return {"name": name, "in": "path", "required": True, "schema": schema, "description": description} | {
        "example": example
    }


_TYPE = _path("type", r"^[A-Za-z0-9_.-]{1,100}$", "A generator, by any of its names.", "first_name")
_JOB = _path("id", r"^[0-9a-f]{32}$", "A job.", "0123456789abcdef0123456789abcdef")
_SEED = _query(
    "seed", {"type": "integer", "minimum": -(2**63), "maximum": 2**64 - 1}, "The same seed gives the same bytes."
)


def _generate(settings: ServerSettings) -> Json:
    count: Json = {"type": "integer", "minimum": 0, "maximum": settings.max_count, "default": 1}
    forms: Json = {"type": "string", "enum": ["json", "ndjson", "csv", "text"], "default": "json"}
    options = {
        "name": "options",
        "in": "query",
        "style": "form",
        "explode": True,
        "schema": {"type": "object", "additionalProperties": {"type": "string"}},
        "description": "Options of the generator, each a parameter of its own: see /api/generators/{type}.",
    }
    parameters = [
        _TYPE,
        _query("count", count, "How many values; more than one give a list."),
        _SEED,
        _query("locale", {"type": "string"}, "Language and country whose customs the values follow."),
        _query("format", forms, "How values are spelled."),
        options,
    ]
    text = {"type": "string"}
    content = {"application/json": {}, "application/x-ndjson": text, "text/csv": text, "text/plain": text}
    return _operation("generate", "Invented values.", {"200": answer("The values.", content)}, 404, 422, 501,
                      parameters=parameters)  # fmt: skip


def _tagged(description: str, schema: str) -> Json:
    tag = {"ETag": {"required": True, "schema": {"type": "string"}}}
    return {
        "200": answer(description, {"application/json": _ref(schema)}, tag),
        "304": answer("Not changed since the tag that was sent.", {}, tag),
    }


def _generators() -> Json:
    group = _query("group", {"type": "string"}, "Only this group.")
    return _operation(
        "generators", "What can be generated.", _tagged("The catalogue.", "Catalogue"), parameters=[group]
    )


def _generator() -> Json:
    return _operation(
        "generator", "One generator.", _tagged("The generator.", "Generator"), 404, 501, parameters=[_TYPE]
    )


def _seed() -> Json:
    parameters = [
        _query("format", {"type": "string", "enum": list(FORMS), "default": "csv"}, "Format of the files."),
        _query(
            "compress", {"type": "string", "enum": list(COMPRESSIONS), "default": ""}, "How each file is compressed."
        ),
        _query("shards", {"type": "integer", "minimum": 1, "maximum": MOST_SHARDS, "default": 1}, "Files a table."),
        _query("dialect", {"type": "string", "enum": list(DIALECTS), "default": "postgresql"}, "Whose SQL, for `sql`."),
        _SEED,
        _query("target", {"type": "string"}, "Fill this database of the administrator's list instead of files."),
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "pattern": "^[\x21-\x7e]{1,200}$"},
            "description": "The same key and request give the same job.",
        },
    ]
    text = {"type": "string", "description": "A seed schema in YAML."}
    form = {"type": "object", "properties": {"schema": text}, "required": ["schema"]}
    content: Json = {
        kind: {"schema": text if kind != "application/json" else {"type": "object"}} for kind in MEDIA_TYPES
    }
    content["multipart/form-data"] = {"schema": form}
    location: Json = {"Location": {"required": True, "schema": {"type": "string"}}}
    location["Idempotency-Replayed"] = {"schema": {"type": "string"}}
    accepted = {"202": answer("The job, new or known by its key.", {"application/json": _ref("Job")}, location)}
    return _operation(
        "seed", "Begin a seeding run.", accepted, 403, 408, 415, 422, 507,
        parameters=parameters, requestBody={"required": True, "content": content},
    )  # fmt: skip


def _jobs() -> Json:
    limit = _query("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}, "How many at most.")
    schema = {"type": "object", "properties": {"jobs": {"type": "array", "items": _ref("Job")}}, "required": ["jobs"]}
    return _operation(
        "jobs", "The newest jobs.", {"200": answer("Jobs.", {"application/json": schema})}, parameters=[limit]
    )


def _job() -> Json:
    shown = answer("The job.", {"application/json": _ref("Job")}, {"Retry-After": {"schema": {"type": "string"}}})
    return _operation("job", "State, progress, rate and errors of a job.", {"200": shown}, 404, parameters=[_JOB])


def _cancel() -> Json:
    job = {"application/json": _ref("Job")}
    answers = {"200": answer("It has ended already.", job), "202": answer("It is being stopped.", job)}
    return _operation("cancel", "Stop a job.", answers, 404, parameters=[_JOB])


def _download() -> Json:
    zipped = {"application/zip": {"type": "string", "contentEncoding": "binary"}}
    tag = {"ETag": {"required": True, "schema": {"type": "string"}}}
    answers = {
        "200": answer("The files as a ZIP archive.", zipped, tag),
        "206": answer("The ranges that were asked for.", zipped | {"multipart/byteranges": {}}, tag),
        "304": answer("Not changed since the tag that was sent.", {}, tag),
        "416": answer(TITLES[416][1], {"text/plain": {"type": "string"}}),
    }
    return _operation("download", "The files of a job that is done.", answers, 404, 409, 410, parameters=[_JOB])


def _plain(name: str, summary: str, kind: str) -> Json:
    schema = {"type": "object"} if kind == "application/json" else {"type": "string"}
    return _operation(name, summary, {"200": answer(summary, {kind: schema})})


def _open(operation: Json) -> Json:
    """An operation that needs no token."""
    return operation | {"security": []}


def _ready(name: str) -> Json:
    state = {"application/json": {"type": "object"}}
    made = _plain(name, "Whether the server can do its work.", "application/json")
    made["responses"]["503"] = answer("It cannot.", state | {"application/problem+json": _ref("Problem")})
    return made
