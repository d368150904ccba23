"""What a request asks for, in one shape for all kinds of calls: what mocks match on and drift is told by.

Of HTTP it is `{method, path: [segments], query: {name: value}, body}`; the host is the service's, and headers are
about the connection more than about the question. Of gRPC it is `{method, messages}`. Of all other kinds it is the
request as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from hotfixture.capture.comparing import rpc
from hotfixture.capture.records import Interaction
from hotfixture.capture.sanitising import bodies

FORM_KEYS = {"json", "text", "base64"}


def asked(interaction: Interaction) -> Any:
    """What an interaction asked for."""
    return view(interaction.request)


def view(request: Any) -> Any:
    """What a request asks for; a view is its own view."""
    if rpc.is_question(request):
        return rpc.question(request)
    if not is_http(request):
        return request
    parts = urlsplit(request["url"])
    return {
        "method": request["method"],
        "path": segments(parts.path),
        "query": grouped(parse_qsl(parts.query, keep_blank_values=True)),
        "body": said(request.get("body")),
    }


def is_http(request: Any) -> bool:
    """Whether this is the request of an HTTP interaction."""
    return isinstance(request, dict) and isinstance(request.get("url"), str) and isinstance(request.get("method"), str)


def said(form: Any) -> Any:
    """What a recorded body says: parsed JSON, the fields of a form, a text, bytes."""
    value = bodies.value_of(form) if isinstance(form, dict) else form
    return None if value in ("", b"") else value  # no body and an empty one are the same question


def body(given: Any) -> Any:
    """What the body of a mock says: that of a form (`{"json": …}`, `{"text": …}`), else it stands for itself."""
    return said(given) if is_form(given) else given


def is_form(value: Any) -> bool:
    """Whether this is a body as mocks of our own keep it, rather than what a body says."""
    return isinstance(value, dict) and len(FORM_KEYS & value.keys()) == 1 and value.keys() <= _ALL_FORM_KEYS


_ALL_FORM_KEYS = FORM_KEYS | {"encodings", "charset", "style", "packed", "cut", "size"}


def grouped(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Values by name; one that comes more than once is a list."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def segments(path: str) -> list[str]:
    """The pieces of a path, as they are meant."""
    return [unquote(segment) for segment in path.split("/")[1:]]
