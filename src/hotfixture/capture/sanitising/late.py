"""Secrets that were learned late: what was cleaned and written before is cleaned of them, too."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import msgspec

from hotfixture.capture.sanitising import hints, message_forms
from hotfixture.capture.sanitising.places import BYTES, TAG

if TYPE_CHECKING:
    from hotfixture.capture.sanitising.learned import Learned

_DEEPEST = 4
LONG_NUMBER = 10**7
"""Numbers from here on may be secrets by themselves."""


def line(data: bytes, secrets: Learned) -> bytes:
    """A line of JSON without the secrets; the same object where none stands in it."""
    packed = b'"packed"' in data or b'"base64"' in data or b'"$type"' in data or hints.flags_of(data) & hints.PACKED
    if not packed and not secrets.stands_in(data):
        return data
    value = msgspec.json.decode(data)
    made = cleaned(value, secrets)
    return data if made is value else msgspec.json.encode(made) + (b"\n" if data.endswith(b"\n") else b"")


def cleaned(value: Any, secrets: Learned) -> Any:
    """A value without the secrets; the same object where none stands in it."""
    if isinstance(value, str):
        return text(value, secrets)
    if isinstance(value, list | tuple):
        made = [cleaned(inner, secrets) for inner in value]
        return value if all(new is old for new, old in zip(made, value, strict=True)) else made
    if isinstance(value, dict):
        return _dict(value, secrets)
    if type(value) is int and value >= LONG_NUMBER:
        told = secrets.text(str(value))
        return int(told) if told != str(value) and told.isdigit() else value
    return value


def _dict(value: dict[str, Any], secrets: Learned) -> dict[str, Any]:
    if "packed" in value or "base64" in value:
        changed = _form(value, secrets)
        if changed is not None:
            return changed
    if message_forms.is_message(value):
        return message_forms.again(value, secrets) or value
    if value.get(TAG) in BYTES:
        return _octets(value, secrets)
    made = {text(key, secrets): cleaned(inner, secrets) for key, inner in value.items()}
    same = all(made.get(key) is inner for key, inner in value.items())
    return value if same else made


def _octets(mark: dict[str, Any], secrets: Learned) -> dict[str, Any]:
    """A mark of bytes."""
    try:
        data = base64.b64decode(mark["value"], validate=True)
    except (ValueError, TypeError, KeyError):
        return mark
    clean = secrets.replaced(data)
    return mark if clean is data else {**mark, "value": base64.b64encode(clean).decode()}


def _form(form: dict[str, Any], secrets: Learned) -> dict[str, Any] | None:
    """A body that is kept in Base64; None where nothing stands in it, or it is no body."""
    try:
        if "packed" in form:
            inner = {key: part for key, part in form.items() if key != "packed"}
            made = cleaned(inner, secrets)
            return None if made is inner else dict(made)
        data = base64.b64decode(form["base64"])
    except (ValueError, TypeError):
        return None
    clean = secrets.replaced(data)
    return None if clean is data else {**form, "base64": base64.b64encode(clean).decode()}


def text(value: str, secrets: Learned, depth: int = 0) -> str:
    """A text without the secrets, also where another text is packed in it."""
    made = secrets.text(value)
    if depth < _DEEPEST and len(made) >= 24:
        for start, end, packed in reversed(list(hints.unpacked(made))):
            inner = text(packed.text, secrets, depth + 1)
            if inner != packed.text:
                made = made[:start] + packed.spell(inner) + made[end:]
    return made


__all__ = ["cleaned", "line", "text"]
