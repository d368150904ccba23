"""What somebody wrote about one mask: its name and options, with the place; nothing is resolved yet.

::

    email                                     # a mask, or a generator by any of its names
    {keep_last: 4}                            # a mask and its main option
    {email: {by: customer_id, unique: true}}  # a mask and its options
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hotfixture.documents import Node
from hotfixture.errors import InputError, Where

FORMS = "Write a name (email), a name with its main option ({keep_last: 4}) or with options ({email: {by: id}})."


@dataclass(frozen=True, slots=True)
class MaskSpec:
    """The name of a mask and its options as they were written. Two are equal where they say the same."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    main: Any = None
    """The value that stood directly behind the name (`{keep_last: 4}`); None where options were named."""
    where: Where | None = field(default=None, compare=False)

    @classmethod
    def parse(cls, raw: Any, where: Where | None = None) -> MaskSpec:
        """The spec that plain YAML (or a `Node`) says; InputError where it has no such form."""
        if isinstance(raw, MaskSpec):
            return raw
        if isinstance(raw, Node):
            return cls.parse(raw.plain(), raw.where)
        if raw is None:
            return cls("null", where=where)
        if isinstance(raw, str) and raw.strip():
            return cls(raw.strip(), where=where)
        if isinstance(raw, Mapping) and len(raw) == 1:
            return cls._named(*next(iter(raw.items())), where)
        raise InputError("a mask is one name, perhaps with options", where=where, hint=FORMS)

    @classmethod
    def _named(cls, name: Any, value: Any, where: Where | None) -> MaskSpec:
        name = "null" if name is None else str(name)
        if value is None:
            return cls(name, where=where)
        if isinstance(value, Mapping):
            return cls(name, dict(value), where=where)
        return cls(name, main=value, where=where)

    def with_options(self, **options: Any) -> MaskSpec:
        """This spec with options added or replaced."""
        return replace(self, options={**self.options, **options})

    def plain(self) -> Any:
        """What `parse` would read back: for manifests, and for the plan that is shown."""
        if self.main is not None:
            return {self.name: self.main}
        return {self.name: dict(self.options)} if self.options else self.name

    def __str__(self) -> str:
        plain = self.plain()
        return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False, default=str).replace('"', "")
