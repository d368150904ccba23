"""What a call of gRPC asks and is answered: its messages by what they say, and how it ended.

Metadata, deadlines, the bytes of messages and the text for debugging are about the connection and the moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def is_question(request: Any) -> bool:
    """Whether this is the request of a gRPC interaction."""
    return isinstance(request, Mapping) and {"method", "arity", "messages"} <= request.keys()


def question(request: Mapping[str, Any]) -> Any:
    """`{method, messages}`, and what was sent on a stream after its first message as `later`."""
    later = {"later": _said(request["later"])} if request.get("later") else {}
    return {"method": request["method"], "messages": _said(request["messages"]), **later}


def is_answer(response: Any) -> bool:
    """Whether this is the whole answer of a gRPC interaction."""
    return isinstance(response, Mapping) and {"code", "messages"} <= response.keys()


def answer(response: Any) -> Any:
    """`{code, messages}`, and `details` where it failed; what is no answer of gRPC stays."""
    if not is_answer(response):
        return response
    details = {"details": response["details"]} if response.get("details") else {}
    return {"code": response["code"], **details, "messages": _said(response["messages"])}


def _said(forms: Any) -> list[Any]:
    return [said(one) for one in forms]


def said(form: Any) -> Any:
    """What a message says; of bytes that say nothing to anybody, the bytes."""
    if not isinstance(form, Mapping) or "raw" not in form:
        return form
    data = form.get("data")
    return {"raw": form["raw"]} if data is None else data
