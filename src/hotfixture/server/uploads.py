"""Uploaded schemas: read out of a request, checked, and kept from reaching for what is not theirs."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request

from hotfixture.documents import Node, folded, parse
from hotfixture.errors import InputError, Problem
from hotfixture.plans.seed import SeedPlan, read
from hotfixture.server.problems import HTTPError

ORIGIN = "uploaded schema"
"""What problems call it; no file, so nothing can stand beside it."""
MEDIA_TYPES = (
    "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/plain", "application/json",
    "application/octet-stream",
)  # fmt: skip
FIELD = "schema"


async def schema_text(request: Request) -> str:
    """The YAML of a request: its body, or the field `schema` of a form. HTTPError where there is none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "multipart/form-data":
            data = await _of_form(request)
        elif kind in MEDIA_TYPES:
            data = await request.body()
        else:
            raise HTTPError(415, [Problem("the body has no type that is read", hint=f"Send {', '.join(MEDIA_TYPES)}.")])
    except ClientDisconnect:
        raise HTTPError(408, "the body did not arrive") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise HTTPError(422, "the schema is not UTF-8") from None
    if not text.strip():
        raise HTTPError(422, "the schema is empty")
    return text


async def _of_form(request: Request) -> bytes:
    try:
        async with request.form(max_files=1, max_fields=8) as form:
            found = form.get(FIELD)
            if isinstance(found, UploadFile):
                return await found.read()
    except MultiPartException:
        raise HTTPError(400, "the form cannot be read") from None
    if found is None:
        raise HTTPError(422, f"the form has no field {FIELD!r}")
    return found.encode()


def plan_of(text: str, seed: int | None) -> SeedPlan:
    """The plan of an uploaded schema; InputError with all its problems."""
    whole = text if "\n" in text else f"{text}\n"
    problems = list(_reaching(parse(whole, ORIGIN)))
    if problems:
        raise InputError.of(problems)
    return read(whole, seed=seed, origin=ORIGIN)


def _reaching(root: Node) -> Iterator[Problem]:
    """Whatever in an uploaded schema would read files of this machine: generators of lines of a file."""
    sections = root.value.items() if isinstance(root.value, dict) else ()
    for name, section in sections:
        if folded(name) in ("generators", "customgenerators"):
            for definition in section:
                yield from _files(definition)


def _files(definition: Node) -> Iterator[Problem]:
    for key, node in definition.value.items() if isinstance(definition.value, dict) else ():
        if folded(key) == "file":
            where = (definition.keys or {}).get(key, node.where)
            yield Problem("a schema sent to a server may not read files", where, "Write the values into the schema.")
