"""Kept messages of protobuf cleaned once more, of secrets that were learned after they were written."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from hotfixture.capture.sanitising.protobuf import Names, NotAMessageError, Rewriter

if TYPE_CHECKING:
    from hotfixture.capture.sanitising.learned import Learned

_FIELDS = {"type", "data", "raw"}


def is_message(value: dict[str, Any]) -> bool:
    """Whether a dict is the form of a message, as `messages.message` makes it."""
    return value.keys() == _FIELDS and isinstance(value["raw"], str)


def again(form: dict[str, Any], secrets: Learned) -> dict[str, Any] | None:
    """The form without the secrets; None where none stands in it."""
    try:
        data = base64.b64decode(form["raw"])
    except ValueError:
        return None
    if secrets.replaced(data) is data:
        return None

    def change(_names: Names, value: Any) -> Any:
        return secrets.text(value) if isinstance(value, str) else value

    try:
        made = Rewriter(change, opaque=secrets.replaced).message(data)
    except NotAMessageError:
        made = data
    raw = base64.b64encode(secrets.replaced(made)).decode()
    return {"type": form["type"], "data": _data(form["data"], secrets), "raw": raw}


def _data(value: Any, secrets: Learned) -> Any:
    if isinstance(value, dict):
        return {secrets.text(name): _data(inner, secrets) for name, inner in value.items()}
    if isinstance(value, list):
        return [_data(inner, secrets) for inner in value]
    return _text(value, secrets) if isinstance(value, str) else value


def _text(text: str, secrets: Learned) -> str:
    """A text, or bytes as JSON has them: in Base64."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return secrets.text(text)
    made = secrets.replaced(data)
    return secrets.text(text) if made is data else base64.b64encode(made).decode()
