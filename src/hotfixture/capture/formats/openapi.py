"""OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1): a description inferred from what was recorded, and its examples.

The description holds for every exchange it was made of: paths become templates where segments look like identifiers,
schemas are those that all bodies of an operation and status share. Reading gives an interaction for each response that
has an example, or a schema from which the smallest instance can be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import yaml

from hotfixture import __version__
from hotfixture.capture.comparing.recorded import ordered
from hotfixture.capture.formats import whole
from hotfixture.capture.formats.documents import document
from hotfixture.capture.formats.exchanges import Exchange, exchanges, header, interaction_from
from hotfixture.capture.formats.instances import resolved, smallest
from hotfixture.capture.records import Interaction
from hotfixture.capture.sanitising import bodies
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.errors import InputError, MissingExtraError, Where

Json = dict[str, Any]
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_EXAMPLES = 3


class _OpenApi:
    """Reads and writes descriptions."""

    def recognised(self, path: Path, head: str) -> bool:
        """By the key that every description begins with, or soon has."""
        return path.suffix in (".json", ".yaml", ".yml") and any(
            line.lstrip(' {"').startswith("openapi") for line in head.splitlines()[:40]
        )

    def read(self, path: Path, sanitiser: Sanitiser) -> Iterator[Interaction]:
        """An interaction for each response that has, or tells, an example."""
        document = _document(path)
        server = str((document.get("servers") or [{"url": ""}])[0].get("url") or "")
        base = server if "://" in server else f"http://localhost{server}"
        number = 0
        for template, operations in (document.get("paths") or {}).items():
            for method in _METHODS:
                for exchange in _told(document, base + template, method, operations.get(method)):
                    number += 1
                    yield interaction_from(exchange, sanitiser, number)

    def write(self, interactions: Iterable[Interaction], path: Path) -> list[str]:
        """One description of all services; with several, each path says its server."""
        lost = ["times, order and single exchanges: what is kept is their shape, and some examples"]
        services: dict[str, dict[tuple[str, str], list[Exchange]]] = {}
        for interaction, exchange in exchanges(ordered(interactions), lost):
            url = urlsplit(exchange.url)
            place = f"{url.scheme}://{url.netloc.rpartition('@')[2]}"
            template = _numbered(interaction.operation.partition(" ")[2] or url.path or "/")
            services.setdefault(place, {}).setdefault((template, exchange.method.lower()), []).append(exchange)
        description = _description(services)
        text = msgspec.json.encode(description)
        if path.suffix in (".yaml", ".yml"):
            whole(path, yaml.safe_dump(description, allow_unicode=True, sort_keys=False).encode())
        else:
            whole(path, msgspec.json.format(text, indent=2) + b"\n")
        return lost


def _numbered(template: str) -> str:
    """The template with a name of its own for each of its holes, as OpenAPI wants it."""
    numbers = count(2)
    first, *others = template.split("{id}")
    return first + "".join(
        ("{id}" if place == 0 else f"{{id{next(numbers)}}}") + part for place, part in enumerate(others)
    )


def _description(services: Mapping[str, Mapping[tuple[str, str], list[Exchange]]]) -> Json:
    paths: dict[str, Json] = {}
    for place, operations in services.items():
        for (template, method), found in sorted(operations.items()):
            if method not in _METHODS:
                continue
            item = paths.setdefault(template, {})
            if len(services) > 1:
                known = item.setdefault("servers", [])
                known += [] if {"url": place} in known else [{"url": place}]
            item[method] = _merged(item.get(method), _operation(template, method, found))
    return {
        "openapi": "3.1.0",
        "info": {"title": ", ".join(services) or "nothing recorded", "version": "recorded",
                 "description": f"Inferred from recordings by Hot Fixture Tool {__version__}."},
        "servers": [{"url": place} for place in services],
        "paths": paths,
    }  # fmt: skip


def _merged(known: Json | None, new: Json) -> Json:
    """The same path of another service: its answers stand beside."""
    return new if known is None else {**new, **known, "responses": {**new["responses"], **known["responses"]}}


def _operation(template: str, method: str, found: list[Exchange]) -> Json:
    made: Json = {"operationId": f"{method} {template}", "parameters": [*_in_path(template), *_in_query(found)]}
    sent = [one for one in found if one.request_body]
    if sent:
        content = _content([(one.request_body or b"", one.request_headers) for one in sent])
        made["requestBody"] = {"required": len(sent) == len(found), "content": content}
    statuses = sorted({one.status for one in found if one.status})
    made["responses"] = {str(status): _response([one for one in found if one.status == status]) for status in statuses}
    return made


def _in_path(template: str) -> Iterator[Json]:
    for part in template.split("/"):
        if part.startswith("{"):
            yield {"name": part.strip("{}"), "in": "path", "required": True, "schema": {"type": "string"}}


def _in_query(found: list[Exchange]) -> Iterator[Json]:
    queries = [dict(parse_qsl(urlsplit(one.url).query, keep_blank_values=True)) for one in found]
    for name in dict.fromkeys(name for query in queries for name in query):
        always = all(name in query for query in queries)
        yield {"name": name, "in": "query", "required": always, "schema": {"type": "string"}}


def _response(found: list[Exchange]) -> Json:
    made: Json = {"description": found[0].reason or f"Recorded {len(found)} times."}
    answered = [(one.body, one.headers) for one in found if one.body]
    return made | ({"content": _content(answered)} if answered else {})


def _content(found: list[tuple[bytes, Any]]) -> Json:
    """By media type: the schema that holds for all bodies, and some of them as examples."""
    kinds: dict[str, list[Any]] = {}
    for data, headers in found:
        media = header(headers, "content-type").partition(";")[0].strip().lower() or "application/octet-stream"
        kinds.setdefault(media, []).append(_value(bodies.decompressed(data, headers), media))
    return {media: _described(values, media) for media, values in kinds.items()}


def _value(data: bytes, media: str) -> Any:
    if media == "application/json" or media.endswith("+json"):
        try:
            return msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
    return data.decode("utf-8", "replace")


def _described(values: list[Any], media: str) -> Json:
    if media != "application/json" and not media.endswith("+json"):
        return {"schema": {"type": "string"}} if media.startswith("text/") else {}
    unique = list({msgspec.json.encode(value): value for value in values}.values())[:_EXAMPLES]
    examples = {f"recorded {number}": {"value": value} for number, value in enumerate(unique, 1)}
    return {"schema": schema_of(values), "examples": examples}


def schema_of(values: Iterable[Any]) -> Json:
    """The JSON Schema that all values satisfy; MissingExtraError without the library that infers it."""
    try:
        from genson import SchemaBuilder
    except ModuleNotFoundError:
        raise MissingExtraError("inferring schemas", "capture") from None
    builder = SchemaBuilder(schema_uri=None)
    for value in values:
        builder.add_object(value)
    made: Json = builder.to_schema()
    return made


def _document(path: Path) -> Json:
    found = document(path, "OpenAPI description")
    if not isinstance(found, dict) or not isinstance(found.get("paths", {}), dict):
        raise InputError("no OpenAPI description: it has no paths", where=Where(str(path)))
    return found


def _told(document: Json, url: str, method: str, operation: Json | None) -> Iterator[Exchange]:
    """An exchange for each response of an operation."""
    if not isinstance(operation, dict):
        return
    asked = resolved(operation.get("requestBody") or {}, document)
    request = next(iter(_instances(document, asked.get("content"))), None)
    sent = [] if request is None else [("content-type", request[0])]
    for status, response in (operation.get("responses") or {}).items():
        told: list[tuple[str, bytes | None]] = [*_instances(document, resolved(response, document).get("content"))]
        for media, body in told or [("", None)]:
            yield Exchange(
                method=method.upper(), url=url, request_headers=sent, request_body=request and request[1],
                status=int(status) if str(status).isdigit() else 200,
                headers=[("content-type", media)] if media else [], body=body,
            )  # fmt: skip


def _instances(document: Json, content: Json | None) -> list[tuple[str, bytes]]:
    """Media type and body of each example; of the smallest instance of the schema where there is none."""
    found = []
    for media, described in (content or {}).items():
        given = [one["value"] for one in (described.get("examples") or {}).values() if "value" in one]
        given = given or ([described["example"]] if "example" in described else [])
        values = given or [smallest(described["schema"], document)] if "schema" in described or given else []
        found += [(media, value.encode() if isinstance(value, str) and "json" not in media
                   else msgspec.json.encode(value)) for value in values]  # fmt: skip
    return found


OPENAPI = _OpenApi()
