"""How one text became another, as a unified diff that `patch` and `git apply` understand."""

from __future__ import annotations

from difflib import unified_diff


def unified(old: str, new: str, before: str, after: str) -> str:
    """The diff; `before` and `after` name the two. Empty where the texts are the same."""
    lines = unified_diff(_lines(old), _lines(new), before, after)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """Lines with their ends: only `\\n` ends one, as for `patch`."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])
