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

ORIGIN = "schema.yaml"
"""What problems call an uploaded schema."""
MEDIA_TYPES = (
    "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/plain", "application/json",
    "application/octet-stream",
)  # fmt: skip
FIELD = "schema"
_FILES = {"file", "path", "csvfile", "filename"}


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
    """Whatever in an uploaded schema would read files of this machine."""
    if not isinstance(root.value, dict):
        return
    for section, node in root.value.items():
        if folded(section) in ("generators", "customgenerators", "tables", "collections"):
            yield from _files(node, section)


def _files(node: Node, what: str) -> Iterator[Problem]:
    names = node.value.items() if isinstance(node.value, dict) else ()
    for name, inner in names:
        where = (node.keys or {}).get(name, inner.where)
        # A column may be called `file`; then its value says how it is made, and is no path.
        if folded(name) in _FILES and isinstance(inner.value, str) and _is_path(inner.value):
            yield Problem("a schema sent to a server may not read files", where, "Write the values into the schema.")
        if folded(name) not in ("params", "options"):
            yield from _files(inner, name)
    if isinstance(node.value, list):
        for inner in node.value:
            yield from _files(inner, what)


def _is_path(text: str) -> bool:
    return any(mark in text for mark in ("/", "\\", "."))
