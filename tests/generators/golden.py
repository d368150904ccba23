"""The values that are promised for ever: one digest for each generator under each choice.

`python -m tests.generators.golden [GROUP]…` adds digests of what is new (in these groups), and replaces those of a
generator whose version was raised. It refuses to change any other: same seed, same values, in every release.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from tests.generators.cases import CASES, draws, label

from hotfixture.generators.base import Generator

FILE = Path(__file__).with_name("golden.json")
ROWS = 200
FAR = 10**9
"""A row far from the start, so that not only small row numbers are promised."""


def digest(made: Generator, options: dict[str, Any]) -> str:
    """The hash of the first rows and of some far away, written as Python writes them; each is made once a process."""
    name = label((made, options))
    if name not in _digests:
        _digests[name] = _digest(made, options)
    return _digests[name]


_digests: dict[str, str] = {}


def _digest(made: Generator, options: dict[str, Any]) -> str:
    far = 0 if made.by_row else FAR
    values = [value for first in (0, far) for value in made(draws(made, first, ROWS), **options).to_pylist()]
    return blake2b("\n".join(map(repr, values)).encode(), digest_size=16).hexdigest()


def read() -> dict[str, dict[str, Any]]:
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def merged(promised: dict[str, dict[str, Any]], groups: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
    """What is promised, with what is new (in `groups`, if any); SystemExit where a promise would be broken."""
    found = dict(promised)
    for case in CASES:
        made, options = case
        if groups and made.group not in groups:
            continue
        entry = {"version": made.version, "digest": digest(made, options)}
        before = promised.get(label(case), entry)
        if before["version"] == entry["version"] and before != entry:
            raise SystemExit(f"{label(case)}: its values changed; raise the version of {made.name}, or undo the change")
        found[label(case)] = entry
    return dict(sorted(found.items()))


if __name__ == "__main__":
    FILE.write_text(json.dumps(merged(read(), sys.argv[1:]), indent=1) + "\n", encoding="utf-8", newline="\n")
