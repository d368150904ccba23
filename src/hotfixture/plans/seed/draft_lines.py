"""How a draft is written: YAML whose columns stand on one line each."""

from __future__ import annotations

from typing import Any

import yaml


class Dumper(yaml.SafeDumper):
    """Columns on one line each."""


class Line(dict[str, Any]):
    """A mapping that stands on one line."""


Dumper.add_representer(
    Line, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)
)
