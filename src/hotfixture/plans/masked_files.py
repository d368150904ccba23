"""Files of volumes under the policy: what a rule says becomes of each, streaming, whatever its size.

Whatever is compressed or packed is opened, handled by the rule for what is inside, and closed again. What no rule
decides about falls to the policy's default. Everything that is refused is named, with the rule's place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hotfixture.errors import InputError, RefusedError
from hotfixture.files import signatures
from hotfixture.files.globs import matches, segment_matches
from hotfixture.plans import masked_delimited, masked_packed, masked_text
from hotfixture.plans.masked_documents import Documents
from hotfixture.transforms.file_rules import FileRule
from hotfixture.transforms.masks import MaskSpec

if TYPE_CHECKING:
    from hotfixture.plans.witness import Maskers
    from hotfixture.transforms.policy import Policy

Pieces = Iterator[bytes]
Treatment = Literal["columns", "paths", "text", "binary", "kept", "packed"]
_LINES = frozenset({".ndjson", ".jsonl", ".jsonlines"})
_HINT = "Add a rule for it to 'files:' of the policy."


@dataclass(slots=True)
class FileMasks:
    """What the policy makes of files."""

    policy: Policy
    maskers: Maskers
    aside: Path | None = None
    """Where archives wait that must be read from their end; the system's own place for such where None."""
    shown: Path | None = None
    """Where the inside of packed files is written as well, for whoever must see it; nowhere where None."""
    treated: dict[str, int] = field(default_factory=dict)
    """How many files, those inside archives included, were treated in which way."""

    def rule(self, volume: str, name: str) -> FileRule | None:
        """The first rule that means the file."""
        for rule in self.policy.files:
            if any(segment_matches(volume, glob) and matches(name, path) for glob, path in rule.match):
                return rule
        return None

    def is_kept(self, volume: str, name: str) -> bool:
        """Whether the file passes as it is, whatever it holds: any part of it may be read by itself."""
        rule = self.rule(volume, name)
        return rule.keep if rule else self.policy.default == "pass"

    def passes(self, volume: str, name: str, head: bytes) -> bool:
        """Whether a binary file with this beginning passes as it is."""
        rule = self.rule(volume, name)
        if rule is None or not rule.binary or not head:
            return False
        kind = signatures.kind_of(head, encoding=rule.encoding)
        return kind not in {*signatures.PACKED, signatures.TEXT} and not {kind, "*"}.isdisjoint(rule.binary)

    def masked(self, volume: str, name: str, pieces: Pieces) -> Pieces:
        """The bytes of the file as the policy lets them pass.

        RefusedError, perhaps when some have passed already, for what nobody has decided about, a binary file of a kind
        that no rule lets pass, and a file that is not what its rule takes it for.
        """
        try:
            yield from self._member(volume, name, pieces)
        except (InputError, RefusedError) as error:
            kind = InputError if isinstance(error, InputError) else RefusedError
            raise kind.of(
                problem._replace(message=f"{volume}:{name}: {problem.message}") for problem in error.problems
            ) from error

    def inside(self, volume: str, name: str, pieces: Pieces, above: FileRule | None) -> Pieces:
        """As `masked`, for a file in an archive or compressed file whose rule holds where it has none of its own."""
        made = self._member(volume, name, pieces, above)
        if self.shown is None:
            yield from made
            return
        path = self.shown / volume / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            for piece in made:
                file.write(piece)
                yield piece

    def _member(self, volume: str, name: str, pieces: Pieces, above: FileRule | None = None) -> Pieces:
        found = self.rule(volume, name) or above
        head, whole = _peeked(pieces)
        kind = signatures.kind_of(head, encoding=found.encoding if found else "utf-8") if head else signatures.TEXT
        opens = kind in signatures.PACKED and not (found.keep if found else self.policy.default == "pass")
        if opens:
            return masked_packed.opened(self, masked_packed.Packed(kind, volume, name, whole, found))
        rule = found or self._default()
        if rule.keep:
            self._count("kept")
            return whole
        if kind != signatures.TEXT:
            return self._binary(kind, rule, whole)
        return masked_text.encoded(self._text(name, rule, masked_text.decoded(whole, rule.encoding)), rule.encoding)

    def _default(self) -> FileRule:
        """What stands for a rule where none means a file."""
        if self.policy.default == "pass":
            return FileRule((), keep=True)
        if self.policy.default == "mask":
            return FileRule((), text=MaskSpec("scrub"))
        raise RefusedError("nobody has decided about this file", hint=_HINT)

    def _binary(self, kind: str, rule: FileRule, pieces: Pieces) -> Pieces:
        if kind in rule.binary or "*" in rule.binary:
            self._count("binary")
            return pieces
        said = "of an unknown kind" if kind == signatures.UNKNOWN else f"({kind})"
        hint = "Say binary: [png, …] in its rule, or keep: and why; a text in another encoding says encoding:."
        raise RefusedError(f"it is a binary file {said}", where=rule.where, hint=hint)

    def _text(self, name: str, rule: FileRule, texts: Iterator[str]) -> Iterator[str]:
        """A text by its rule: columns and paths for what has them by its name, else as a text."""
        suffix = Path(name).suffix.lower()
        mark, texts = masked_text.unmarked(texts)
        if suffix == ".json" or suffix in _LINES:
            documents = self._documents(rule)
            if documents:
                self._count("paths")
                return chain([mark], documents.lines(texts) if suffix in _LINES else documents.whole(texts))
        elif rule.columns:
            self._count("columns")
            return chain([mark], masked_delimited.masked(texts, self._decide(rule), rule.delimiter, self.maskers))
        if rule.text:
            self._count("text")
            return chain([mark], masked_text.masked(texts, rule.text, self.maskers))
        if self.policy.default == "pass":
            self._count("kept")
            return chain([mark], texts)
        raise RefusedError("nobody has decided about texts of this kind", where=rule.where, hint="Say text: scrub.")

    def _documents(self, rule: FileRule) -> Documents | None:
        if not rule.paths:
            return None
        other: MaskSpec | str = {"deny": "refuse", "pass": "keep"}.get(self.policy.default, "")
        return Documents(rule.paths, other or MaskSpec("redact"), self.maskers, where=rule.where)

    def _decide(self, rule: FileRule) -> masked_delimited.Decide:
        def decide(name: str) -> tuple[bool, MaskSpec | None]:
            known, spec = rule.column(name)
            if known or self.policy.default == "deny":
                return known, spec
            return True, MaskSpec("redact") if self.policy.default == "mask" else None

        return decide

    def _count(self, treatment: Treatment) -> None:
        self.treated[treatment] = self.treated.get(treatment, 0) + 1

    def packed(self) -> None:
        """Count an archive or compressed file."""
        self._count("packed")


def _peeked(pieces: Pieces) -> tuple[bytes, Pieces]:
    """The beginning of a file, and all of it."""
    read: list[bytes] = []
    size = 0
    for piece in pieces:
        read.append(piece)
        size += len(piece)
        if size >= signatures.LOOKED_AT:
            break
    return b"".join(read), chain(read, pieces)
