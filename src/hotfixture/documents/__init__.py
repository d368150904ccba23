"""A YAML file with the place of every value, and a reader over it that finds all problems of the file at once.

Scalars follow the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema): `no`, `on`, `1:30` and
`2024-10-15` are text. Refused, with the place: duplicate keys, tags of other schemas, merge keys, several documents,
and what is too big, too deep or grows too far through aliases. Accepted beyond YAML: `list[integer]` and `${name}`
without quotes inside `{…}` and `[…]`.
"""

from __future__ import annotations

from hotfixture.documents.nodes import Node, Scalar, Text, place
from hotfixture.documents.parser import parse, read
from hotfixture.documents.reader import Reader, folded

__all__ = ["Node", "Reader", "Scalar", "Text", "folded", "parse", "place", "read"]
