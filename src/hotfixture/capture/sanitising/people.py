"""Surrogates of what belongs to people: by the masks of a policy where one is given, else by those that detection
proposes. Key and domains are those of databases, so one person is the same invented person here and there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from hotfixture.capture.sanitising import known
from hotfixture.capture.sanitising.rules import spelled
from hotfixture.errors import HotFixtureError
from hotfixture.transforms.masks.keys import MaskingKey
from hotfixture.transforms.suspicions import PROPOSALS

if TYPE_CHECKING:
    from hotfixture.transforms.masks import Mask, MaskSpec

STAR = "*"
MOST = 1 << 17
"""Masked values that are remembered."""
_NUMBERS = frozenset({"card", "iban", "phone"})
"""Classes whose surrogates are remembered, so that one that comes back stays: nobody has the same by chance, as people
have the same names."""


Holding = Callable[[str], Iterable[Any]]


class People:
    """Masked values, each worked out once."""

    def __init__(self, key: MaskingKey, proposals: Mapping[str, Any] | None = None) -> None:
        self._key = key
        self._proposals = {**PROPOSALS, **(proposals or {})}
        self._masks: dict[tuple[Any, type], Mask] = {}
        self._made: dict[tuple[Any, type, str], str] = {}
        self._sources: list[Holding] = []
        self._looked_for: set[str] = set()
        """Texts that were looked for in all of them."""
        self._collecting = threading.RLock()
        self._adopted: set[str] = set()
        self.collect: Callable[[Any], Iterable[str]] = lambda _: ()
        """Set by the cleaner: what in a clean value belongs to people."""

    def of(self, kind: str | MaskSpec, value: Any, siblings: Any = None) -> Any:
        """What stands for one value, of the value's own type; null stays null, and an empty text empty.

        `siblings` are what else the row, the object, has: masks may read them (`by`, `when`).
        """
        if value is None or value == "" or isinstance(value, bool):
            return value
        text = str(value)
        sort = type(value)
        if self._is_surrogate(text):
            return value
        if siblings and len(self._reads(kind, sort)) > 1:
            beside = self._beside(kind, value, siblings)
            return beside if isinstance(value, str) else _number(beside, value)
        made = self._made.get((_name(kind), sort, text))
        if made is None:
            self.prepare(kind, [value])
            made = self._made[_name(kind), sort, text]
        return made if isinstance(value, str) else _number(made, value)

    def prepare(self, kind: str | MaskSpec, values: Iterable[Any]) -> None:
        """Work out many at once, which costs little more than one."""
        if len(self._made) >= MOST:
            self._made.clear()
        by_type: dict[type, dict[str, None]] = {}
        for value in values:
            if (_name(kind), type(value), str(value)) not in self._made:
                by_type.setdefault(type(value), {})[str(value)] = None
        for sort, texts in by_type.items():
            made = self._applied(kind, sort, list(texts))
            for text, one in zip(texts, made, strict=True):
                self._made[_name(kind), sort, text] = one
            if isinstance(kind, str) and kind in _NUMBERS:
                self._adopted.update(made)

    def adopt(self, holding: Holding) -> None:
        """Take the texts in clean values for surrogates of people. `holding` gives the values that may hold a text, but
        for those that it has given; it is asked when first it matters."""
        self._sources.append(holding)
        self._looked_for.clear()

    def _is_surrogate(self, text: str) -> bool:
        if text in self._adopted or ("@" in text and known.email(text)) or not text.strip(STAR):
            return True
        if not self._sources or text in self._looked_for:
            return False
        with self._collecting:  # who asks for the same meanwhile waits until it is known
            for holding in self._sources:
                for value in holding(text):
                    self._adopted.update(self.collect(value))
            if len(self._looked_for) >= MOST:
                self._looked_for.clear()
            self._looked_for.add(text)
        return text in self._adopted

    def _applied(self, kind: str | MaskSpec, sort: type, texts: list[str]) -> list[str]:
        import pyarrow as pa

        from hotfixture.transforms.masks import Row

        try:
            mask = self._mask(kind, sort)
            row = Row({mask.column.name: pa.array(texts, pa.string())}, self._key)
            return [one if one is not None else "" for one in mask.apply(row).to_pylist()]
        except (HotFixtureError, ValueError, KeyError, pa.ArrowException):
            if len(texts) > 1:  # one odd value shall not decide about the others
                return [made for text in texts for made in self._applied(kind, sort, [text])]
            return [STAR * max(len(text), 3) for text in texts]

    def _reads(self, kind: str | MaskSpec, sort: type) -> tuple[str, ...]:
        try:
            return self._mask(kind, sort).reads
        except HotFixtureError:
            return ()

    def _beside(self, kind: str | MaskSpec, value: Any, siblings: Any) -> str:
        """What a mask makes of a value that reads other columns of its row."""
        import pyarrow as pa

        from hotfixture.transforms.masks import Row

        mask = self._mask(kind, type(value))
        named = {spelled(str(name)): inner for name, inner in siblings.items()} if hasattr(siblings, "items") else {}
        others = {name: named.get(spelled(name)) for name in mask.reads if name != mask.column.name}
        texts = {name: str(other) if isinstance(other, str | int | float) else None for name, other in others.items()}
        columns = {name: pa.array([text], pa.string()) for name, text in texts.items()}
        try:
            row = Row({**columns, mask.column.name: pa.array([str(value)], pa.string())}, self._key)
            return mask.apply(row).to_pylist()[0] or ""
        except (HotFixtureError, ValueError, KeyError, pa.ArrowException):
            return STAR * max(len(str(value)), 3)

    def _mask(self, kind: str | MaskSpec, sort: type) -> Mask:
        import pyarrow as pa

        from hotfixture.schema import Column
        from hotfixture.transforms.masks import MaskSpec, bind

        asked = (_name(kind), sort)
        if asked not in self._masks:
            spec = MaskSpec.parse(self._proposals[kind]) if isinstance(kind, str) else kind
            arrow = pa.int64() if sort is int else pa.float64() if sort is float else pa.string()
            self._masks[asked] = bind(spec, Column("\x00value", arrow))  # a name that no sibling has
        return self._masks[asked]


def _name(kind: str | MaskSpec) -> Any:
    return kind if isinstance(kind, str) else str(kind)


def _number(made: str, value: Any) -> Any:
    """A number where the mask gave one."""
    try:
        return type(value)(made)
    except (ValueError, TypeError):
        return type(value)(0) if isinstance(value, int | float) else made
