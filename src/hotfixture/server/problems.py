"""Errors as RFC 9457 problem documents (`application/problem+json`), all problems of a file at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.responses import Response

from hotfixture.errors import (
    CapacityError,
    DatabaseError,
    HotFixtureError,
    InputError,
    MissingExtraError,
    Problem,
    RefusedError,
    UnknownNameError,
    UnsupportedError,
)
from hotfixture.server.logs import log

MEDIA_TYPE = "application/problem+json"
DEFECT = "an internal error; the server's log has more under this id"
NO_STORE = {"cache-control": "no-store"}
TITLES: Mapping[int, tuple[str, str]] = {
    400: ("input", "What was asked is wrong"),
    401: ("token", "A valid access token is needed"),
    403: ("refused", "The rules of this server forbid it"),
    404: ("not-found", "There is no such thing here"),
    405: ("method", "This method is not offered here"),
    406: ("format", "No such format is offered"),
    408: ("slow", "The request did not arrive in time"),
    409: ("conflict", "It contradicts what stands here"),
    410: ("gone", "It is no longer here"),
    411: ("length", "The length of the body must be said"),
    412: ("changed", "Somebody changed it in between"),
    413: ("too-large", "More than this server takes"),
    415: ("media-type", "The body has a type that is not read here"),
    416: ("range", "The range lies outside the file"),
    422: ("schema", "The schema cannot be used"),
    428: ("unconditional", "It must be said what is to be changed"),
    429: ("rate", "Too many requests"),
    431: ("headers", "The headers are too long"),
    500: ("defect", "A defect of this server"),
    501: ("not-installed", "This server was installed without that"),
    503: ("busy", "This server is busy"),
    507: ("disk", "The disk quota is used up"),
}
"""Status → the end of the problem type's URN, and its title."""


class HTTPError(Exception):
    """What a route answers instead: a status, problems, headers."""

    is_audited = False
    """Whether the audit knows of it already."""

    def __init__(
        self, status: int, problems: str | Iterable[Problem], headers: Mapping[str, str] | None = None
    ) -> None:
        self.status = status
        self.problems = [Problem(problems)] if isinstance(problems, str) else list(problems)
        self.headers = dict(headers or {})
        super().__init__(self.problems[0].message)


def status_of(error: HotFixtureError) -> int:
    """The status that answers an error of the project."""
    if isinstance(error, MissingExtraError | UnsupportedError):
        return 501
    if isinstance(error, DatabaseError):  # no route opens another database than the store of jobs
        return 503
    if isinstance(error, RefusedError):
        return 403
    if isinstance(error, UnknownNameError) and error.problems[0].message.startswith("unknown generator"):
        return 404
    if isinstance(error, CapacityError):
        return 422
    return 400 if isinstance(error, InputError) else 500


def described(problem: Problem) -> dict[str, Any]:
    """One problem as JSON: message, and where known line, column and hint."""
    found: dict[str, Any] = {"message": problem.message}
    if problem.where:
        found |= {key: value for key, value in zip(("source", "line", "column"), problem.where, strict=True) if value}
    return found | ({"hint": problem.hint} if problem.hint else {})


def document(status: int, problems: Iterable[Problem], request_id: str = "") -> dict[str, Any]:
    """The problem document."""
    slug, title = TITLES.get(status, ("other", "It could not be done"))
    listed = list(problems)
    found: dict[str, Any] = {"type": f"urn:hotfixture:problem:{slug}", "title": title, "status": status}
    found["detail"] = "; ".join(problem.message for problem in listed[:3])
    found["problems"] = [described(problem) for problem in listed[:1000]]
    return found | ({"request_id": request_id} if request_id else {})


def answer(
    status: int, problems: str | Iterable[Problem], request_id: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    """The response that carries a problem document."""
    listed = [Problem(problems)] if isinstance(problems, str) else problems
    body = json.dumps(document(status, listed, request_id), ensure_ascii=False).encode()
    return Response(body, status, {"cache-control": "no-store", **(headers or {})}, MEDIA_TYPE)


def of_error(error: HTTPError | HotFixtureError, request_id: str = "") -> Response:
    """The response to an error that was raised on purpose."""
    if isinstance(error, HTTPError):
        return answer(error.status, error.problems, request_id, error.headers)
    status = status_of(error)
    if status >= 500:
        log().error("request failed", id=request_id, problem=error.problems[0].message)
    return answer(status, error.problems, request_id, {"retry-after": "5"} if status == 503 else None)
