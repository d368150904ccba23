"""The report of an analysis: Markdown, JSON, or one self-contained HTML page, by the name of the file."""

from __future__ import annotations

from pathlib import Path

import msgspec

from hotfixture.capture.analysis.markdown import markdown
from hotfixture.capture.analysis.wording import Analysis, moment
from hotfixture.errors import CaptureError, Where


def report(analysis: Analysis, output: Path | None = None) -> str:
    """The report, in the form that the name of `output` asks for, and also written to it; CaptureError where it cannot
    be."""
    text = written(analysis, form_of(output or ""))
    if output is not None:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CaptureError(f"the report cannot be written: {error.strerror}", where=Where(str(output))) from error
    return text


def form_of(name: str | Path) -> str:
    """The form that a file's name asks for: `html`, `json`, else `markdown`."""
    return {".html": "html", ".htm": "html", ".json": "json"}.get(Path(name).suffix.lower(), "markdown")


def written(analysis: Analysis, form: str) -> str:
    """The report as `html` or `json`; in any other form it is Markdown."""
    if form == "html":
        from hotfixture.capture.analysis.page import page

        return page(analysis)
    return as_json(analysis) if form == "json" else markdown(analysis)


def as_json(analysis: Analysis) -> str:
    """The whole analysis, with the moment of its making."""
    return msgspec.json.format(msgspec.json.encode({"generated": moment(), **analysis}, enc_hook=str)).decode() + "\n"
