"""Charts as inline SVG: bars, spreads and lines. Colours are the page's, so that they follow its light or dark theme;
each says in words what it shows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hotfixture.capture.analysis.wording import escaped, milliseconds

WIDTH, ROW, LABEL, RIGHT = 860, 26, 310, 160
LONGEST_LABEL = 38


def _svg(title: str, described: str, height: int, inner: str, *, width: int = WIDTH) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escaped(title)}: {escaped(described)}">'
        f"<title>{escaped(title)}</title><desc>{escaped(described)}</desc>{inner}</svg>"
    )


def _label(text: str, row: int) -> str:
    short = text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"
    place = f'x="{LABEL - 10}" y="{row * ROW + 17}"'
    return f'<text class="label" {place}>{escaped(short)}<title>{escaped(text)}</title></text>'


def bars(title: str, rows: Sequence[tuple[str, float, float]]) -> str:
    """A bar for each label: a value, and how much of it is bad."""
    most = max((value for _, value, _ in rows), default=0) or 1
    span = WIDTH - LABEL - RIGHT
    inner = ""
    for number, (label, value, bad) in enumerate(rows):
        length, red = span * value / most, span * bad / most
        top = number * ROW + 4
        inner += (
            f'{_label(label, number)}<rect class="bar" x="{LABEL}" y="{top}" width="{length:.1f}" height="18" rx="2"/>'
            + (f'<rect class="bad" x="{LABEL}" y="{top}" width="{red:.1f}" height="18" rx="2"/>' if bad else "")
            + f'<text x="{LABEL + length + 6:.1f}" y="{number * ROW + 17}">{value:,.0f}{_bad(bad)}</text>'
        )
    described = "; ".join(f"{label} {value:,.0f}{_bad(bad)}" for label, value, bad in rows)
    return _svg(title, described, len(rows) * ROW + 6, inner)


def _bad(count: float) -> str:
    return f" ({count:,.0f} failed)" if count else ""


def spreads(title: str, rows: Sequence[tuple[str, Sequence[float]]]) -> str:
    """For each label least, median, 95th, 99th percentile and greatest, on a logarithmic scale of milliseconds."""
    least = max(min((values[0] for _, values in rows), default=1), 1e-3)
    most = max(max((values[-1] for _, values in rows), default=1), least * 10)
    low, high = math.floor(math.log10(least)), math.ceil(math.log10(most))
    span = (WIDTH - LABEL - RIGHT) / (high - low)

    def x(value: float) -> float:
        return LABEL + (math.log10(max(value, 10.0**low)) - low) * span

    height = len(rows) * ROW
    inner = "".join(_mark(x(10.0**power), height, milliseconds(10.0**power)) for power in range(low, high + 1))
    for number, (label, values) in enumerate(rows):
        inner += _label(label, number) + _spread([x(value) for value in values], number * ROW + 13)
    described = "; ".join(
        f"{label} median {milliseconds(values[1])}, 95th percentile {milliseconds(values[2])}" for label, values in rows
    )
    return _svg(title, described, height + 26, inner)


def _mark(x: float, height: int, text: str) -> str:
    return (
        f'<line class="grid" x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{height}"/>'
        f'<text class="tick" x="{x:.1f}" y="{height + 18}">{escaped(text)}</text>'
    )


def _spread(x: Sequence[float], y: int) -> str:
    least, middle, p95, p99, most = x
    return (
        f'<line class="whisker" x1="{least:.1f}" y1="{y}" x2="{most:.1f}" y2="{y}"/>'
        f'<rect class="bar" x="{middle:.1f}" y="{y - 7}" width="{max(p95 - middle, 1):.1f}" height="14" rx="2"/>'
        f'<line class="median" x1="{middle:.1f}" y1="{y - 8}" x2="{middle:.1f}" y2="{y + 8}"/>'
        f'<circle class="bad" cx="{p99:.1f}" cy="{y}" r="3.5"/>'
    )


def line(title: str, values: Sequence[float]) -> str:
    """A small line of a value over sessions."""
    width, height = 140, 28
    most = max(values, default=1) or 1
    step = (width - 8) / max(len(values) - 1, 1)
    points = " ".join(
        f"{4 + n * step:.1f},{height - 4 - (height - 8) * one / most:.1f}" for n, one in enumerate(values)
    )
    last = points.rpartition(" ")[2].split(",")
    inner = f'<polyline class="line" points="{points}"/><circle class="dot" cx="{last[0]}" cy="{last[1]}" r="3"/>'
    described = ", ".join(milliseconds(one) for one in values)
    return _svg(title, described, height, inner, width=width)
