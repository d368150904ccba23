"""Changes of single values in a template's YAML text that leave everything else, comments too, as it stands.

Every edit is read back: where the document does not say exactly what it should, the edit is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from hotfixture.documents import Node, folded, parse
from hotfixture.errors import InputError

_HINT = "Send the whole text instead."
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What JSON may hold as it is, and YAML reads as the end of a line, or not at all."""
_CLOSES = {"[": "]", "{": "}"}


def with_description(text: str, description: str | None) -> str:
    """The text with another description; None takes it away."""
    return _edited(text, lambda root: (root, "description"), description)


def with_default(text: str, parameter: str, value: object) -> str:
    """The text in which a declared parameter has another default; None takes it away.

    InputError where the parameter is not declared, or its declaration cannot be changed by itself.
    """
    return _edited(text, lambda root: (_declaration(root, parameter), "default"), value)


def _edited(text: str, find: Callable[[Node], tuple[Node, str]], value: object) -> str:
    root = parse(text)
    owner, key = find(root)
    wanted = _said(owner, key) | {key: _plain(value)}
    try:
        made = _set(text, owner, key, value)
        expected = parse(made)
        changed, _ = find(expected)
        alone = _without(root, owner) == _without(expected, changed) and _occurrences(root, owner) == 1
        if _said(changed, key) == wanted and alone:
            return made
    except (InputError, IndexError, ValueError):
        pass  # written in a way that the edit does not know: aliases, other line ends
    raise InputError(f"{key} cannot be changed by itself here", where=owner.where, hint=_HINT)


def _said(node: Node, key: str) -> dict[str, Any]:
    """What a declaration says, its key spelled in the one way; `x: integer` says the type alone."""
    if not isinstance(node.value, dict):
        return {"type": node.text}
    return {(key if folded(name) == key else name): inner.plain() for name, inner in node.value.items()}


def _without(root: Node, part: Node) -> Any:
    """The whole document, but for one part of it."""
    if root is part:
        return None
    if isinstance(root.value, dict):
        return {name: _without(inner, part) for name, inner in root.value.items()}
    return [_without(inner, part) for inner in root.value] if isinstance(root.value, list) else root.value


def _occurrences(root: Node, part: Node) -> int:
    """How often a part stands in the document: an alias is the very part that it names."""
    return (root is part) + sum(_occurrences(inner, part) for inner in root)


def _plain(value: object) -> Any:
    """A value as it is read again; InputError where it would be another one."""
    found = parse(f"a: {_written(value)}").plain()["a"]
    if found != value:
        raise InputError("expected texts, numbers, booleans, or lists of them")
    return found


def _written(value: object) -> str:
    """A value in JSON, which is YAML; InputError for what neither can say."""
    try:
        made = json.dumps(value, ensure_ascii=False, allow_nan=False)
        return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", made)
    except (TypeError, ValueError):
        raise InputError("expected texts, numbers, booleans, or lists of them") from None


def _declaration(root: Node, parameter: str) -> Node:
    """What a template says of a parameter, in a mapping by name or in a list."""
    declared = _get(root, "parameters")
    if declared is not None and isinstance(declared.value, dict) and parameter in declared.value:
        return declared.value[parameter]
    for item in declared.value if declared is not None and isinstance(declared.value, list) else ():
        name = _get(item, "name")
        if name is not None and name.text == parameter:
            return item
    raise InputError(f"the template declares no parameter {parameter[:80]!r}")


def _get(node: Node, key: str) -> Node | None:
    found = node.value if isinstance(node.value, dict) else {}
    return next((inner for name, inner in found.items() if folded(name) == key), None)


def _set(text: str, owner: Node, key: str, value: object) -> str:
    start = _index(text, owner)
    if not isinstance(owner.value, dict):  # `name: integer` becomes a mapping
        end = start + len(owner.raw)
        return f"{text[:start]}{{type: {owner.raw}, {key}: {_written(value)}}}{text[end:]}"
    present = _get(owner, key)
    if present is not None:
        begin = _index(text, present)
        return text[:begin] + _replacement(text, begin, present, value) + text[_end(text, begin, present) :]
    if text[start : start + 1] == "{":
        comma = ", " if owner.value else ""
        return f"{text[: start + 1]}{key}: {_written(value)}{comma}{text[start + 1 :]}"
    at = _second_key(text, owner)
    return f"{text[:at]}{key}: {_written(value)}\n{' ' * (owner.where.column - 1)}{text[at:]}"


def _second_key(text: str, owner: Node) -> int:
    """Where the second key of a block begins, so that a name stays first; of one key, where it begins."""
    places = sorted((where.line, where.column) for where in (owner.keys or {}).values())
    line, column = places[1] if len(places) > 1 else places[0]
    return _offset(text, line, column)


def _replacement(text: str, begin: int, present: Node, value: object) -> str:
    blank = " " if text[begin - 1 : begin] == ":" else ""  # `default:` and nothing after it
    newline = "\n" if present.style in ("|", ">") and present.style else ""
    return f"{blank}{_written(value)}{newline}"


def _end(text: str, begin: int, node: Node) -> int:
    """Where a value ends: a scalar where its text does, a list in brackets behind them."""
    if not isinstance(node.value, list | dict):
        return begin + len(node.raw)
    if text[begin] not in _CLOSES:
        raise ValueError("a block of several lines")
    depth, at, quote = 0, begin, ""
    while at < len(text):
        letter = text[at]
        if quote:
            at += letter == "\\" and quote == '"'
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        else:
            depth += (letter in "[{") - (letter in "]}")
            if not depth:
                break
        at += 1
    return at + 1


def _index(text: str, node: Node) -> int:
    return _offset(text, node.where.line, node.where.column)


def _offset(text: str, line: int, column: int) -> int:
    """The index of a place; lines end at `\\n`."""
    at = 0
    for _ in range(line - 1):
        at = text.index("\n", at) + 1
    return at + column - 1
