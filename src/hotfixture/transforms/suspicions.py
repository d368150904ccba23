"""What makes a column look sensitive: the classes, the mask proposed for each, and what a suspicion says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hotfixture.schema import TableName
from hotfixture.transforms.masks import MaskSpec

PROPOSALS: Mapping[str, Any] = {
    "email": "email",
    "phone": "phone",
    "first_name": "first_name",
    "last_name": "last_name",
    "full_name": "full_name",
    "user_name": "user_name",
    "street": "address_line",
    "postcode": "postcode",
    "city": "city",
    "birth_date": {"shift_dates": 365},
    "card": "card",
    "card_code": "null",
    "iban": "iban",
    "account": "permute",
    "tax_id": "permute",
    "national_id": "permute",
    "passport": "permute",
    "ip": "ipv4",
    "mac": "mac",
    "device": "permute",
    "coordinates": {"noise": {"absolute": 0.5}},
    "secret": "null",
    "url": "url",
    "gender": "sex",
    "health": "redact",
    "belief": "redact",
    "salary": {"noise": 0.2},
    "vehicle": "permute",
    "image": "null",
    "free_text": "scrub",
}
"""The class of data a column may hold, and the mask that suits a text (or the class's own type) best."""

CLASSES = tuple(PROPOSALS)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A column that looks sensitive: why, how surely, and what to do. Never holds a value of the column."""

    table: TableName
    column: str
    kind: str
    """One of CLASSES."""
    mask: MaskSpec
    confidence: float
    """0 … 1: above 0.5 it is more likely than not."""
    evidence: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column} looks like {self.kind} ({self.confidence:.0%}): {self.evidence}"
