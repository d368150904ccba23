"""One invented value as text and as JSON: a spelling for the commands, the server and the documentation.

Nothing heavy is imported here: `mockcraft generate firstname` passes this way.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any


def plain_text(value: object) -> str:
    """One value as text: dates, times and durations in ISO 8601, truth in JSON's words, bytes as hexadecimal."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict | list | tuple):
        return json_text(value)
    if (iso := getattr(value, "isoformat", None)) is not None:
        return str(iso())
    if isinstance(value, timedelta):
        return _iso_duration(value)
    return "" if value is None else str(value)


def _iso_duration(length: timedelta) -> str:
    """`PT73028.970533S`: seconds alone, as ISO 8601-2 allows, with a sign in front where it is negative."""
    microseconds = abs(length) // timedelta(microseconds=1)
    fraction = f".{microseconds % 1_000_000:06d}".rstrip("0").rstrip(".")
    return f"{'-' if length < timedelta(0) else ''}PT{microseconds // 1_000_000}{fraction}S"


def json_text(value: object, *, indent: int | None = None) -> str:
    """`value` as JSON; what JSON has no form for stands as `plain_text` spells it, decimals too: no digit is lost."""
    import json

    return json.dumps(value, ensure_ascii=False, indent=indent, default=plain_text)


def flat(name: str, value: Any) -> dict[str, Any]:
    """A structure as one column a field, fields of fields as `outer.inner`; anything else as a column of its own."""
    if not isinstance(value, dict):
        return {name: value}
    parts: dict[str, Any] = {}
    for field, inner in value.items():
        for key, leaf in flat(field, inner).items():
            parts[key if not isinstance(inner, dict) else f"{field}.{key}"] = leaf
    return parts
