"""The policy's rules for files of volumes: which files they mean, and what becomes of what stands in them.

::

    files:
      - {match: "exports:**/customers*.csv", columns: {email: email, "*_name": full_name, id: {keep: a number}}}
      - {match: "events:*.ndjson", paths: {"$.user.email": email, "$.at": keep, "$.note": scrub}}
      - {match: ["logs:**", "mails:*.txt"], text: scrub}
      - {match: "scans:**", binary: [png, pdf]}
      - {match: "logos:**", keep: the company's own pictures}

Of the rules that mean a file, the first from the top decides; `match` is `volume:path`, with `*`, `?`, `[…]` within one
name and `**` for any folders. A file that no rule means falls to `default`: `deny` refuses it, `mask` scrubs texts and
refuses the rest, `pass` lets it pass as it is. So does a column or path that the rule does not name.

`columns` reads CSV by its header (`delimiter: ";"` where it cannot be told); `paths` reads JSON and NDJSON, by the
ending of the name; `text` is `scrub` with its options, or another mask of each line; `binary` is `refuse` (so it is
unless said), `pass`, or the kinds that pass, told by their first bytes. `encoding` is `utf-8` unless said. What is
compressed (`.gz`, `.zst`) or packed (`.zip`) is opened, handled by the rule for what is inside, and closed again.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from hotfixture.documents import Node, Reader
from hotfixture.errors import HotFixtureError, Where
from hotfixture.transforms.masks import KEEP, MaskSpec, resolve

KEYS = ("match", "columns", "paths", "text", "binary", "keep", "encoding", "delimiter")
KINDS = (
    "bzip2", "elf", "exe", "gif", "ico", "jpeg", "mp3", "mp4", "office", "ogg", "parquet", "pdf", "png", "sqlite",
    "tar", "tiff", "wasm", "webp", "woff", "xz",
)  # fmt: skip
"""Binary files that are told by their first bytes."""
_WAYS = ("columns", "paths", "text", "binary", "keep")


@dataclass(frozen=True, slots=True)
class FileRule:
    """One rule: which files it means, and what becomes of them."""

    match: tuple[tuple[str, str], ...]
    """Patterns of volumes, each with a pattern of paths."""
    columns: tuple[tuple[str, MaskSpec | None], ...] = ()
    """Patterns of column names with their masks, None for those that are kept; the first that means a column counts."""
    paths: tuple[tuple[str, MaskSpec | None], ...] = ()
    """Paths into documents, in the same way."""
    text: MaskSpec | None = None
    binary: tuple[str, ...] = ()
    """The kinds of binary files that pass; `*` is all."""
    keep: bool = False
    reason: str = ""
    encoding: str = "utf-8"
    delimiter: str = ""
    where: Where | None = None

    def column(self, name: str) -> tuple[bool, MaskSpec | None]:
        """Whether the rule decides about a column, and its mask."""
        return next(((True, spec) for pattern, spec in self.columns if fnmatchcase(name, pattern)), (False, None))

    def __str__(self) -> str:
        return ", ".join(f"{volume}:{path}" for volume, path in self.match)


def read_rules(reader: Reader, node: Node) -> tuple[FileRule, ...]:
    """The rules of the section `files`; problems go to the reader."""
    return tuple(_rule(reader, item) for item in reader.items(node))


def _rule(reader: Reader, node: Node) -> FileRule:
    keys = reader.mapping(node, "a rule for files", KEYS, required=("match",))
    ways = [way for way in _WAYS if way in keys]
    if not ways or ("keep" in keys and len(ways) > 1):
        reader.problem(
            "a rule for files says what becomes of them", node.where, "Give columns, paths, text or binary; or keep."
        )
    if "keep" in keys and keys["keep"].value is False:
        reader.problem("'keep' is true, or the reason", keys["keep"].where)
    reason = keys["keep"].value if "keep" in keys else ""
    return FileRule(
        tuple(_match(reader, item) for item in reader.items(keys["match"])) if "match" in keys else (),
        _masks(reader, keys.get("columns"), "columns"),
        _masks(reader, keys.get("paths"), "paths"),
        _text(reader, keys.get("text")),
        _binary(reader, keys.get("binary")),
        "keep" in keys,
        reason if isinstance(reason, str) else "",
        _encoding(reader, keys.get("encoding")),
        _delimiter(reader, keys.get("delimiter")),
        node.where,
    )


def _match(reader: Reader, node: Node) -> tuple[str, str]:
    text = reader.text(node, "match")
    volume, colon, path = text.partition(":")
    if text and (not colon or not volume or not path or path.startswith("/") or ".." in path.split("/")):
        reader.problem(f"{text!r} is no pattern of files", node.where, "Write volume:path, such as logs:**/*.log.")
    return volume, path


def _masks(reader: Reader, node: Node | None, what: str) -> tuple[tuple[str, MaskSpec | None], ...]:
    return tuple((name, _mask(reader, inner)) for name, inner in reader.names(node, what).items()) if node else ()


def _mask(reader: Reader, node: Node) -> MaskSpec | None:
    """The mask; None for `keep`, and where it is wrong."""
    if isinstance(node.value, dict) and list(node.value) == [KEEP]:
        return None
    try:
        spec = resolve(MaskSpec.parse(node))
    except HotFixtureError as error:
        reader.problems.extend(error.problems)
        return None
    return None if spec.name == KEEP else spec


def _text(reader: Reader, node: Node | None) -> MaskSpec | None:
    if node is None:
        return None
    spec = _mask(reader, node)
    if spec is None:
        reader.problem("text: expected scrub or another mask", node.where, "To let files pass, say keep: and why.")
    return spec


def _binary(reader: Reader, node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    if not isinstance(node.value, list):
        return ("*",) if reader.choice(node, "binary", ("refuse", "pass")) == "pass" else ()
    return tuple(reader.choice(item, "binary", KINDS) for item in reader.items(node))


def _encoding(reader: Reader, node: Node | None) -> str:
    if node is None:
        return "utf-8"
    name = reader.text(node, "encoding")
    try:
        b"aa".decode(name, "replace")
    except LookupError:
        reader.problem("encoding: expected the name of one, such as utf-8, latin-1, cp1252 or utf-16", node.where)
        return "utf-8"
    return name


def _delimiter(reader: Reader, node: Node | None) -> str:
    text = reader.text(node, "delimiter") if node else ""
    if text and (len(text) != 1 or text in '"\r\n'):
        reader.problem("delimiter: expected one character", node.where if node else None)
    return text
