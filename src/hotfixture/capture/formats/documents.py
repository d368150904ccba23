"""Documents of other tools in YAML or JSON, read within bounds: neither how deep they go nor what their aliases expand
to is the sender's to choose.

`hotfixture.documents` reads what people write, and knows the place of each value: too dear for cassettes of megabytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import yaml

from hotfixture.capture.formats import LARGEST, bounded
from hotfixture.errors import InputError, Where

DEEPEST = 500
"""Lists and objects in each other; libyaml goes down by calls in each other, and ends the process where they are too
many."""
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def document(path: Path, what: str) -> Any:
    """What a file holds, JSON by its name, else YAML; InputError says that it is no `what`, why, and the line."""
    data = bounded(path)
    try:
        if path.suffix == ".json":
            return msgspec.json.decode(data)
        _check(data)
        return yaml.load(data, Loader=_LOADER)  # noqa: S506 - a safe loader, the faster one of two
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = Where(str(path), mark.line + 1 if mark else 0)
        raise InputError(f"no {what}: {getattr(error, 'problem', None) or 'not YAML'}", where=where) from None
    except RecursionError:
        raise InputError(f"no {what}: {_TOO_DEEP}", where=Where(str(path))) from None
    except ValueError as error:  # a date that there is not, too
        raise InputError(f"no {what}: {type(error).__name__}", where=Where(str(path))) from None


_TOO_DEEP = "lists or objects stand too deep in each other"


def _check(data: bytes) -> None:
    """YAMLError where the document goes too deep, or its aliases expand to more than a file may have."""
    sizes: dict[str, int] = {}
    open_: list[tuple[str | None, int]] = []
    size = 0
    events: Any = yaml.parse(data, Loader=_LOADER)
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            open_.append((event.anchor, size))
            size = 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_.pop()
            size = _anchored(sizes, anchor, size) + before
        elif isinstance(event, yaml.ScalarEvent):
            size += _anchored(sizes, event.anchor, 1 + len(event.value))
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                raise _refused("an alias stands within itself", event)
            size += sizes[event.anchor]
        if len(open_) > DEEPEST or size > LARGEST:
            raise _refused(_TOO_DEEP if len(open_) > DEEPEST else "its aliases expand to too much", event)


def _refused(problem: str, event: Any) -> yaml.YAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)


def _anchored(sizes: dict[str, int], anchor: str | None, size: int) -> int:
    if anchor is not None:
        sizes[anchor] = size
    return size
