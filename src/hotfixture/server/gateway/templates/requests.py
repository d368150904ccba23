"""What requests about templates have in common: bodies of YAML, entity tags, and answers that carry one."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from hotfixture.server.gateway.operations import JSON, Ask
from hotfixture.server.gateway.templates.revisions import read_text
from hotfixture.server.problems import NO_STORE, HTTPError

YAML = frozenset({"application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/plain", ""})
MOST = 1000


def yaml_of(ask: Ask) -> str:
    """The text of a body; HTTPError 415, 413, 422 where it is none that can be read."""
    said = ask.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if said not in YAML:
        raise HTTPError(415, "expected a body of application/yaml")
    return read_text(ask.body)


def tagged(told: msgspec.Struct, digest: str, status: int = 200) -> Response:
    """The answer with the digest as its entity tag."""
    return Response(msgspec.json.encode(told), status, {**NO_STORE, "etag": f'"{digest}"'}, JSON)


def check_unchanged(ask: Ask, digest: str) -> None:
    """HTTPError 412 where `If-Match` names another text than the one that stands here."""
    said = ask.request.headers.get("if-match")
    if said is None or said.strip() == "*":
        return
    if f'"{digest}"' not in (tag.strip() for tag in said.split(",")):
        raise HTTPError(412, f"somebody changed it: its digest is now {digest}")


def check_limit(limit: int) -> None:
    """HTTPError 400 for a length that no list has."""
    if not 1 <= limit <= MOST:
        raise HTTPError(400, f"limit: expected 1 … {MOST}")


def number_of(ask: Ask) -> int:
    """The revision in the path; HTTPError 404 where it is no number."""
    text = ask.path["number"]
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise HTTPError(404, "a revision has a number from 1 on")
    return int(text)
