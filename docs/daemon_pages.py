"""The reference pages of the daemon: its settings, who may do what, and the API with all that is sent and answered."""

from __future__ import annotations

import json
import re
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, get_args, get_origin

import marked
import meanings
import msgspec
from marked import table, tick

from hotfixture.server import settings as server_settings
from hotfixture.server import units
from hotfixture.server.gateway import access, openapi, places
from hotfixture.server.gateway.actors import ROLES, Actor
from hotfixture.server.gateway.app import operations
from hotfixture.server.gateway.operations import Operation
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.problems import HTTPError

Keys = Callable[[Iterable[str], str, Mapping[str, str], set[str]], str]
"""What makes a table of keys and their meanings."""


# ---- settings and authority


def hfitd_page(keys: Keys) -> str:
    """The settings of the daemon, the keys of providers and volumes, and who may do what."""
    rows = (
        (tick(key), tick(flag), tick(variable), tick(default), meaning)
        for key, flag, variable, default, meaning in server_settings.table(DaemonSettings)
    )
    header = ("key of the file", "flag", "variable", "default", "meaning")
    parts = ["# The daemon", meanings.HFITD, "## Settings", table(header, rows)]
    parts += ["## Providers", meanings.PROVIDERS, keys(places._PROVIDER, "provider", {}, {"url"}), _defaults()]
    parts += ["## Volumes", meanings.VOLUMES, keys(_volume_keys(), "volume", {}, {"place"})]
    parts += ["## Roles", meanings.ROLES, _actions()]
    parts += ["## Templates", meanings.OWNERSHIP, _templates()]
    parts += ["## Everything else", meanings.ELSE]
    return "\n\n".join(parts)


def _defaults() -> str:
    shown = []
    for field in fields(places.Provider):
        if isinstance(field.default, bool):
            shown.append(f"`{field.name}: {str(field.default).lower()}`")
        elif isinstance(field.default, float):
            shown.append(f"`{field.name}: {units.spelled_seconds(field.default)}`")
        elif isinstance(field.default, int):
            shown.append(f"`{field.name}: {field.default}`")
    return f"Without them: {', '.join(shown)}."


def _volume_keys() -> list[str]:
    return [field.name for field in fields(places.Place) if field.name not in ("name", "where")]


def _actions() -> str:
    """Actions by roles; what a service token of a role may not do is marked."""
    names = sorted(set().union(*access.ACTIONS.values()))
    assert set(names) == set(meanings.ACTIONS)
    rows = []
    for name in names:
        cells = ["yes" if name in access.ACTIONS[role] else "–" for role in ROLES]
        token = any(access.may(Actor("token:t", "token", frozenset({role})), name) for role in ("developer", "author"))
        rows.append((tick(name), meanings.ACTIONS[name], *cells, "yes" if token else "–"))
    return table(("action", "which is to", *ROLES, "service token"), rows)


WHOSE: Mapping[str, Mapping[str, Any]] = {
    "written oneself": {"owner": "me", "team": "mine"},
    "of one's team": {"owner": "else", "team": "mine"},
    "shared with one's team": {"owner": "else", "team": "theirs", "shared": ("mine",)},
    "of others": {"owner": "else", "team": "theirs"},
}
"""Templates, as somebody called `me` of the team `mine` meets them."""
DONE_TO_TEMPLATES = ("template.read", "template.change", "template.delete", "template.share", "template.inspect",
                     "template.approve", "package.request")  # fmt: skip


def _templates() -> str:
    """What `access.check` answers, asked for each role, deed and ownership."""
    rows = []
    for role in ROLES:
        for action in DONE_TO_TEMPLATES:
            cells = [_verdict(role, action, whose) for whose in WHOSE]
            rows.append((role, tick(action), *cells))
    return table(("role", "action", *WHOSE), rows)


def _verdict(role: Any, action: str, whose: str) -> str:
    if action == "template.approve" and whose == "written oneself":
        return "403"  # decided by the revision's author, not by the template's owner: approvals.approve
    try:
        access.check(Actor("me", "user", frozenset({role}), frozenset({"mine"})), action, **WHOSE[whose])
    except HTTPError as error:
        return str(error.status)
    return "yes"


# ---- the API


def openapi_text() -> str:
    """The description of a daemon with the settings that it has without any."""
    described = openapi.document(DaemonSettings(), operations())
    return json.dumps(described, indent=1, ensure_ascii=False, default=str) + "\n"


def api_page() -> str:
    """Every operation by its tag, then every type that is sent or answered."""
    offered = operations()
    tags = list(dict.fromkeys(operation.tags[0] for operation in offered))
    parts = ["# The API of the daemon", meanings.API]
    for tag in tags:
        parts += [f"## {tag.capitalize()}"]
        for operation in offered:
            parts += _operation(operation) if operation.tags[0] == tag else ()
    parts += ["## Values, seeding and health", meanings.API_OF_MOCKCRAFT, _others(offered)]
    parts += ["## Types", meanings.API_TYPES]
    for kind in _structs(offered):
        parts += [f"### {_name(kind)}", (kind.__doc__ or "").strip(), _fields(kind)]
    return "\n\n".join(filter(None, parts))


def _operation(operation: Operation) -> Iterator[str]:
    yield f"### {operation.method} {openapi.plain_path(operation)}"
    yield " ".join(filter(None, (f"{operation.summary.rstrip('.')}.", operation.notes)))
    roles = [role for role, actions in access.ACTIONS.items() if operation.action in actions]
    allowed = f"{tick(operation.action)}: {', '.join(roles)}" if operation.action else "anybody, without login"
    facts = [f"- Who may: {allowed}"]
    if operation.query is not None:
        facts.append(f"- Parameters: {_spelled(operation.query)}")
    if operation.body is not None:
        facts.append(f"- Body: {'a text' if operation.body is bytes else _spelled(operation.body)}")
    facts.append(f"- Answer: {operation.status if operation.returns or _is_file(operation) else 204}"
                 f"{', ' + _answer(operation) if operation.returns or _is_file(operation) else ''}")  # fmt: skip
    yield "\n".join(facts)
    if operation.body_example is not None and operation.body is not bytes:
        yield marked.code(json.dumps(msgspec.to_builtins(operation.body_example), ensure_ascii=False, indent=1), "json")


def _is_file(operation: Operation) -> bool:
    """Whether the answer is something else than an object; the manifest is JSON of a file."""
    return operation.media != "application/json" or operation.path.endswith("/manifest")


def _answer(operation: Operation) -> str:
    return _spelled(operation.returns) if operation.returns is not None else tick(operation.media)


def _others(offered: Sequence[Operation]) -> str:
    """What `mockcraft server` answers too, from its own description."""
    own = {(operation.method.lower(), openapi.plain_path(operation)) for operation in offered}
    described = openapi.document(DaemonSettings(), offered)["paths"]
    rows = [
        (tick(f"{method.upper()} {path}"), found["summary"])
        for path, methods in described.items()
        for method, found in methods.items()
        if (method, path) not in own
    ]
    return table(("request", "what"), rows)


def _structs(offered: Iterable[Operation]) -> list[Any]:
    """Every type of a request or answer, those inside them too, in the order of their names."""
    found: dict[str, Any] = {}
    waiting = [kind for one in offered for kind in (one.query, one.body, one.returns) if kind is not None]
    while waiting:
        kind = waiting.pop()
        if get_origin(kind) is not None:
            waiting += get_args(kind)
        elif isinstance(kind, types.UnionType):
            waiting += kind.__args__
        elif isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__name__ not in found:
            found[kind.__name__] = kind
            waiting += typing.get_type_hints(kind).values()
    return [kind for name, kind in sorted(found.items()) if name != "Page"]


def _name(kind: Any) -> str:
    return str(kind.__name__)


def _spelled(kind: Any) -> str:
    """A type with a link to its table."""
    if get_origin(kind) is list:
        return f"a list of {_spelled(get_args(kind)[0])}"
    if get_origin(kind) is not None and get_origin(kind).__name__ == "Page":
        return f"a page of {_spelled(get_args(kind)[0])}"
    return f"[{_name(kind)}](#{_name(kind).lower()})"


def _fields(kind: Any) -> str:
    """The fields of a type."""
    texts = {name: text for parent in reversed(kind.__mro__) for name, text in _texts(parent)}
    annotated = {name: note for parent in reversed(kind.__mro__) for name, note in _notes(parent)}
    rows = [
        (tick(field.encode_name), tick(_plain(annotated[field.name])), "yes" if field.required else _default(field),
         texts.get(field.name, ""))
        for field in msgspec.structs.fields(kind)
    ]  # fmt: skip
    return table(("field", "type", "required, or without it", "meaning"), rows) if rows else ""


def _texts(kind: Any) -> Iterator[tuple[str, str]]:
    return marked.said(kind) if kind.__module__.startswith("hotfixture.") else iter(())


def _notes(kind: Any) -> Iterator[tuple[str, str]]:
    found = vars(kind).get("__annotations__", {}) if kind.__module__.startswith("hotfixture.") else {}
    return iter(found.items())


def _plain(note: str) -> str:
    """An annotation in words of JSON."""
    return re.sub(r"tuple\[(\w+), \.\.\.\]", r"list[\1]", str(note)).replace(" | UnsetType", "")


def _default(field: Any) -> str:
    if field.default is msgspec.UNSET:
        return ""
    if field.default is not msgspec.NODEFAULT:
        return "" if field.default in ("", None, ()) else tick(json.dumps(field.default))
    return ""
