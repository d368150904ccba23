"""The query of a request as text by name; unknown, doubled and wrong parameters are refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import parse_qsl

from hotfixture.errors import InputError, OptionError, UnknownNameError
from hotfixture.server.visit import Scope

_MOST = 64


def read(scope: Scope, known: Collection[str] | None = None) -> dict[str, str]:
    """The parameters; `known` names those that may be there (None: all)."""
    raw: bytes = scope["query_string"]
    if not raw:
        return {}
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST, errors="strict")
    except (ValueError, UnicodeDecodeError):
        raise InputError(f"the query: expected at most {_MOST} parameters name=value in UTF-8") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if known is not None and name not in known:
            raise UnknownNameError("parameter", name, sorted(known))
        if name in found:
            raise InputError(f"the parameter {name!r} is given twice")
        found[name] = value
    return found


def integer(values: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """An integer parameter within its range."""
    text = values.get(name)
    if text is None:
        return default
    expected = f"an integer, {low} … {high}"
    if len(text) > 24:
        raise OptionError(name, f"{text[:24]}…", expected)
    try:
        value = int(text)
    except ValueError:
        raise OptionError(name, text, expected) from None
    if not low <= value <= high:
        raise OptionError(name, value, expected)
    return value


def choice(values: Mapping[str, str], name: str, default: str, names: Collection[str]) -> str:
    """A parameter that is one of some words."""
    value = values.get(name, default)
    if value not in names:
        raise OptionError(name, value[:64], f"one of {', '.join(names)}")
    return value


def truth(values: Mapping[str, str], name: str) -> bool:
    """A parameter that is true or false; false where it is absent."""
    return choice(values, name, "false", ("true", "false", "1", "0")) in ("true", "1")
