"""What a cold start of the commands costs over that of Python itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.measure import Figure, Scale, command, medians

COMMANDS = {
    "mockcraft generate firstname": ["mockcraft", "generate", "firstname"],
    "hfit --help": ["hfit", "--help"],
}
MORE = 80
"""Milliseconds that a command may take more than `python -c pass`."""


def starts(scale: Scale) -> Iterator[Figure]:
    """The median of each, in turns."""
    folder = Path(sys.executable).parent
    words = {"python -c pass": [sys.executable, "-c", "pass"]}
    words |= {name: [str(folder / program), *rest] for name, (program, *rest) in COMMANDS.items()}
    works = {name: partial(command, *line, stdout=subprocess.DEVNULL) for name, line in words.items()}
    found = {name: seconds * 1000 for name, seconds in medians(works, scale.starts).items()}
    base = found.pop("python -c pass")
    for name, taken in found.items():
        yield Figure(f"cold start: {name}", taken, base, "ms", "python -c pass", taken - base, "ms more", MORE)
