"""Pieces of Markdown, and texts that stand in the source, for the pages that are generated."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [list(header), ["---"] * len(header), *([str(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def code(text: str, language: str = "text") -> str:
    """A block of code."""
    return f"```{language}\n{text.rstrip()}\n```"


def tick(text: object) -> str:
    """Inline code; nothing for nothing."""
    return f"`{text}`" if str(text) else ""


def document(module: Any) -> str:
    """A module's docstring as Markdown: what follows `::` is a block of code."""
    text, blocks = inspect.cleandoc(module.__doc__ or ""), []
    for part in text.split("\n\n"):
        shown = part
        if blocks and blocks[-1].endswith("::"):
            blocks[-1] = blocks[-1][:-1].rstrip(":") + (":" if len(blocks[-1]) > 2 else "")
            shown = code(textwrap.dedent(part))
        blocks.append(shown)
    return "\n\n".join(block for block in blocks if block)


def said(kind: Any) -> Iterator[tuple[str, str]]:
    """Each field of a class with the text under it, which only the source holds."""
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef)
    for field, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            yield ast.unparse(field.target), " ".join(str(below.value.value).split())
