"""WireMock's stub mappings (https://wiremock.org/docs/stubbing/): one file with `mappings`, or one mapping.

The same request answered differently becomes a scenario: each answer moves it to the state in which the next is given.
As WireMock's own recordings, mappings ask for no scheme, host or port, so that they answer wherever they are served:
these stand in `metadata`. Only what was asked of several hosts asks for the host, too.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from hotfixture.capture.comparing.recorded import ordered
from hotfixture.capture.formats import bounded, whole
from hotfixture.capture.formats.exchanges import Exchange, exchanges, imported
from hotfixture.capture.records import Interaction
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.errors import InputError, Where

Json = dict[str, Any]
_STARTED = "Started"
"""What WireMock calls the first state of every scenario."""
_TRANSPORT = {"transfer-encoding", "content-length", "connection", "keep-alive", "date"}
"""Headers that a server makes itself."""
_OURS, _ORIGIN = "hotfixture", "origin"


class _WireMock:
    """Reads and writes stub mappings."""

    def recognised(self, path: Path, head: str) -> bool:
        """By its first key, or by a request beside a response with what only it has."""
        squeezed = "".join(head.split())
        return path.suffix == ".json" and (
            squeezed.startswith('{"mappings":') or ('"urlPath' in squeezed and '"response":{' in squeezed)
        )

    def read(self, path: Path, sanitiser: Sanitiser) -> Iterator[Interaction]:
        """One interaction for each mapping, scenarios in the order of their states."""
        try:
            found = msgspec.json.decode(bounded(path))
            mappings = found.get("mappings", [found])
        except (msgspec.DecodeError, AttributeError, RecursionError) as error:
            raise InputError(f"no WireMock mappings: {type(error).__name__}", where=Where(str(path))) from None
        yield from imported(_ordered(mappings), _exchange, "mapping", path, sanitiser)

    def write(self, interactions: Iterable[Interaction], path: Path) -> list[str]:
        """One mapping for each exchange; the same answer to the same request once."""
        lost: list[str] = ["times of single calls", "the order of different requests"]
        asked: dict[bytes, dict[str, list[Exchange]]] = {}
        for _, exchange in exchanges(ordered(interactions), lost):
            key = msgspec.json.encode(_request(exchange), order="deterministic")
            asked.setdefault(key, {}).setdefault(_origin(exchange), []).append(exchange)
        questions = [
            (_request(answers[0], by_host=len(hosts) > 1), answers)
            for hosts in asked.values()
            for answers in hosts.values()
        ]
        mappings = [
            mapping
            for number, (request, answers) in enumerate(questions, 1)
            for mapping in _mappings(request, answers, f"recorded-{number}")
        ]
        whole(path, msgspec.json.format(msgspec.json.encode({"mappings": mappings}), indent=2) + b"\n")
        return lost


def _mappings(request: Json, answers: Sequence[Exchange], scenario: str) -> Iterator[Json]:
    responses = [_response(answer) for answer in answers]
    metadata = {_OURS: {_ORIGIN: _origin(answers[0])}}
    if all(response == responses[0] for response in responses):
        yield {"request": request, "response": responses[0], "metadata": metadata}
        return
    for number, response in enumerate(responses):
        state = {"scenarioName": scenario, "requiredScenarioState": f"answer {number + 1}" if number else _STARTED}
        last = number + 1 == len(responses)
        yield {**state, **({} if last else {"newScenarioState": f"answer {number + 2}"}),
               "request": request, "response": response, "metadata": metadata}  # fmt: skip


def _origin(exchange: Exchange) -> str:
    url = urlsplit(exchange.url)
    return f"{url.scheme}://{url.netloc.rpartition('@')[2]}"


def _request(exchange: Exchange, *, by_host: bool = False) -> Json:
    url = urlsplit(exchange.url)
    made: Json = {"method": exchange.method, "urlPath": url.path or "/"}
    if by_host:
        made |= {"host": {"equalTo": url.hostname or ""}} | ({"port": url.port} if url.port else {})
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(url.query, keep_blank_values=True):
        query.setdefault(name, []).append(value)
    if query:
        made["queryParameters"] = {
            name: {"equalTo": values[0]} if len(values) == 1 else {"hasExactly": [{"equalTo": one} for one in values]}
            for name, values in query.items()
        }
    if exchange.request_body:
        made["bodyPatterns"] = [_pattern(exchange.request_body)]
    return made


def _pattern(body: bytes) -> Json:
    value = _json(body)
    if value is not None:
        return {"equalToJson": value}
    try:
        return {"equalTo": body.decode()}
    except UnicodeDecodeError:
        return {"binaryEqualTo": base64.b64encode(body).decode()}


def _json(body: bytes) -> Any:
    """The object or list of a body that is JSON; None of any other."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return value if isinstance(value, dict | list) else None


def _response(exchange: Exchange) -> Json:
    headers: Json = {}
    for name, value in exchange.headers:
        if name.lower() not in _TRANSPORT:
            headers[name] = value if name not in headers else [*_listed(headers[name]), value]
    made: Json = {"status": exchange.status}
    made |= {"statusMessage": exchange.reason} if exchange.reason else {}
    made |= {"headers": headers} if headers else {}
    if exchange.body:
        try:
            made["body"] = exchange.body.decode()
        except UnicodeDecodeError:
            made["base64Body"] = base64.b64encode(exchange.body).decode()
    return made


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _ordered(mappings: Sequence[Json]) -> Iterator[Json]:
    """Mappings of a scenario from its first state on; others as they stand."""
    waiting = [one for one in mappings if isinstance(one, dict)]
    states = dict.fromkeys((one.get("scenarioName") for one in waiting), _STARTED)
    while waiting:
        found = next((one for one in waiting if _reached(one, states)), waiting[0])
        waiting.remove(found)
        if found.get("newScenarioState"):
            states[found.get("scenarioName")] = found["newScenarioState"]
        yield found


def _reached(mapping: Json, states: dict[Any, str]) -> bool:
    required = mapping.get("requiredScenarioState")
    return required is None or states[mapping.get("scenarioName")] == required


def _exchange(mapping: Json) -> Exchange:
    request, response = mapping["request"], mapping["response"]
    status = int(response.get("status", 200))
    headers = [(name, str(one)) for name, value in (response.get("headers") or {}).items() for one in _listed(value)]
    return Exchange(
        method=request.get("method", "ANY"), url=_url(mapping), request_headers=[],
        request_body=_asked_body(request), status=status, reason=response.get("statusMessage", ""),
        headers=headers, body=_answered(response),
    )  # fmt: skip


def _url(mapping: Json) -> str:
    request = mapping["request"]
    path = next((request[name] for name in ("url", "urlPath", "urlPattern", "urlPathPattern") if name in request), "/")
    query = [
        (name, one)
        for name, pattern in (request.get("queryParameters") or {}).items()
        for one in [each["equalTo"] for each in pattern.get("hasExactly", [pattern]) if "equalTo" in each]
    ]
    origin = (mapping.get("metadata") or {}).get(_OURS, {}).get(_ORIGIN) or _asked_of(request)
    return f"{origin}{path}{'?' + urlencode(query) if query else ''}"


def _asked_of(request: Json) -> str:
    """Scheme, host and port that a mapping asks for."""
    host = (request.get("host") or {}).get("equalTo") or "localhost"
    port = f":{request['port']}" if "port" in request else ""
    return f"{request.get('scheme', 'http')}://{host}{port}"


def _asked_body(request: Json) -> bytes | None:
    for pattern in request.get("bodyPatterns") or ():
        if "equalToJson" in pattern:
            value = pattern["equalToJson"]
            return value.encode() if isinstance(value, str) else msgspec.json.encode(value)
        if "equalTo" in pattern:
            return str(pattern["equalTo"]).encode()
        if "binaryEqualTo" in pattern:
            return base64.b64decode(pattern["binaryEqualTo"])
    return None


def _answered(response: Json) -> bytes | None:
    if "jsonBody" in response:
        return msgspec.json.encode(response["jsonBody"])
    if "base64Body" in response:
        return base64.b64decode(response["base64Body"])
    return str(response["body"]).encode() if "body" in response else None


WIREMOCK = _WireMock()
