"""What stands in bodies that are no plain JSON: forms, lines of JSON, events, XML, HTML, parts, binaries."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from hotfixture.capture.sanitising import urls
from hotfixture.capture.sanitising.decisions import NOTHING, Decision
from hotfixture.files.signatures import kind_of

if TYPE_CHECKING:
    from hotfixture.capture.sanitising.cleaning import Cleaner
    from hotfixture.capture.sanitising.sanitiser import Sanitiser

PICTURES = frozenset({"png", "jpeg", "gif", "webp", "ico", "tiff", "mp3", "mp4", "ogg", "woff", "wasm"})
OPAQUE = frozenset({"pdf", "parquet", "xz", "bzip2"})
"""Kinds whose texts stand in them packed in ways that are not looked into."""
_BOUNDARY = re.compile(
    r"multipart/[\w.+-]+\s*;.*?boundary\s*=\s*(?:\"([^\"]+)\"|([^\s;,]+))", re.IGNORECASE | re.DOTALL
)
_NAME = re.compile(rb"(?<!\w)name\s*=\s*\"?([^\";\r\n]+)", re.IGNORECASE)
_TYPE = re.compile(rb"content-type\s*:\s*([^\r\n]+)", re.IGNORECASE)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_KEY = re.compile(r'"([^"\\\n]{1,64})"\s*:')
_EVENT = re.compile(r"(data|id|event|retry)?(:[ ]?)(.*)", re.DOTALL)
_ELEMENT = re.compile(r"<([A-Za-z_][\w:.-]*)((?:\s[^<>]*)?)>([^<>]+)</")
_CDATA = re.compile(r"<([A-Za-z_][\w:.-]*)(?:\s[^<>]*)?>\s*<!\[CDATA\[")
_TAG = re.compile(r"<[A-Za-z][^<>]*>")
_ATTRIBUTE = re.compile(
    r"(?<![\w:.-])([A-Za-z_:][\w:.-]*)\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'<>=`]+))"
)
_NAMED = re.compile(
    r"<((?:\w+:)?(?:name|key))>\s*([^<>]{1,100})</\1>\s*"
    r"<(?:\w+:)?(?:value|string|data)(?:\s[^<>]{0,200})?>(?:\s*<string>)?([^<>]+)</",
    re.IGNORECASE,
)
"""An element with a name, and after it one with a value: XML-RPC, property lists, Hadoop."""
READABLE = re.compile(rb"[\x20-\x7e\t\r\n]{14,}")
_WIDE = re.compile(rb"(?:[\x20-\x7e]\x00){10,}")
_ODD = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_MEMBERS = 1000


def is_textual(text: str) -> bool:
    """Whether next to no control characters stand in it."""
    return len(_ODD.findall(text[:4096])) * 50 <= min(len(text), 4096) and "\x00" not in text


def text(text: str, kind: str, cleaner: Cleaner) -> str:
    """A text that came under a content type, cleaned as what it is."""
    lower = kind.lower()
    if "x-www-form-urlencoded" in lower:
        names = {pair.partition("=")[0] for pair in text.split("&")}
        return text if cleaner.leaves(text, names) else urls.form(text, cleaner)
    if "event-stream" in lower or text.startswith(("data:", "event:", "id:", "retry:")):
        return _by_line(text, partial(_event, cleaner=cleaner), cleaner)
    if "ndjson" in lower or "jsonl" in lower or "json-seq" in lower or text[:1] in "{[":
        return _by_line(text, cleaner.text, cleaner) if "\n" in text.strip() else cleaner.text(text)
    if "csv" in lower or "tab-separated" in lower:
        return table(text, cleaner)
    if "xml" in lower or "html" in lower or text[:256].lstrip()[:1] == "<":
        return markup(text, cleaner)
    return cleaner.text(text)


def _by_line(text: str, change: Callable[[str], str], cleaner: Cleaner) -> str:
    """Each line by itself, but for those in which there is plainly nothing."""
    if cleaner.leaves(text, set(_KEY.findall(text))):
        return text
    return _LINE.sub(lambda match: _line(match[1], change, cleaner) + match[2], text)


def _line(line: str, change: Callable[[str], str], cleaner: Cleaner) -> str:
    return line if not line or cleaner.leaves(line, set(_KEY.findall(line))) else change(line)


def _event(line: str, cleaner: Cleaner) -> str:
    """One line of an event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""
    match = _EVENT.fullmatch(line)
    if match is None or not match[3]:
        return cleaner.text(line)
    return (match[1] or "") + match[2] + cleaner.text(match[3])


def table(text: str, cleaner: Cleaner) -> str:
    """Rows of fields (RFC 4180, whatever parts them), cleaned by the names in the first row; then as a text."""
    first = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(",;\t|", key=first.count)
    names = [name.strip(' "\r\ufeff') for name in first.split(delimiter)]
    decisions = [cleaner.decisions.of(name) for name in names]
    if not any(decision.hides for decision in decisions):
        return cleaner.text(text)
    pieces, column = [first], 0
    for match in re.finditer(rf'("(?:[^"]|"")*"|[^{delimiter}\r\n]*)([{delimiter}\r\n]|\Z)', text[len(first) :]):
        decision = decisions[column] if column < len(decisions) else NOTHING
        pieces += [_field(match[1], decision, cleaner), match[2]]
        column = column + 1 if match[2] == delimiter else 0
    return cleaner.text("".join(pieces))


def _field(field: str, decision: Decision, cleaner: Cleaner) -> str:
    quoted = field[:1] == '"' and len(field) > 1
    bare = field[1:-1].replace('""', '"') if quoted else field
    if not decision.hides or not bare.strip():
        return field
    made = str(cleaner.instead.of(decision, bare))
    return '"' + made.replace('"', '""') + '"' if quoted else made


def markup(text: str, cleaner: Cleaner) -> str:
    """XML or HTML: elements and attributes with telling names, inputs by theirs; then all of it as a text."""
    text = _ELEMENT.sub(partial(_element, cleaner=cleaner), text)
    text = _NAMED.sub(partial(_pair, cleaner=cleaner), _cdata(text, cleaner))
    return cleaner.text(_TAG.sub(partial(_tag, cleaner=cleaner), text))


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _element(match: re.Match[str], cleaner: Cleaner) -> str:
    decision = cleaner.decisions.of(_local(match[1]))
    if not decision.hides or not match[3].strip():
        return match[0]
    inner = match[3]
    bare = inner.strip()
    made = inner.replace(bare, str(cleaner.instead.of(decision, bare)))
    return f"<{match[1]}{match[2]}>{made}</"


def _pair(match: re.Match[str], cleaner: Cleaner) -> str:
    decision, bare = cleaner.decisions.of(match[2].strip()), match[3].strip()
    if not decision.hides or not bare:
        return match[0]
    start = match.start(3) - match.start()
    return match[0][:start] + match[3].replace(bare, str(cleaner.instead.of(decision, bare))) + "</"


def _cdata(text: str, cleaner: Cleaner) -> str:
    """The contents of elements with telling names that stand in CDATA sections."""
    pieces, done = [], 0
    for match in _CDATA.finditer(text):
        end = text.find("]]>", match.end())
        if end < 0:
            break
        decision = cleaner.decisions.of(_local(match[1]))
        if match.start() >= done and decision.hides and end > match.end():
            pieces += [text[done : match.end()], str(cleaner.instead.of(decision, text[match.end() : end]))]
            done = end
    return "".join((*pieces, text[done:]))


def _tag(match: re.Match[str], cleaner: Cleaner) -> str:
    found = {one[1].lower(): one[str(one.lastgroup)] for one in _ATTRIBUTE.finditer(match[0])}
    named = next((found[key] for key in ("name", "id", "property", "key") if found.get(key)), "")
    if found.get("type", "").lower() == "password":
        named = "password"
    return _ATTRIBUTE.sub(partial(_attribute, named=named, cleaner=cleaner), match[0])


def _attribute(match: re.Match[str], named: str, cleaner: Cleaner) -> str:
    name = _local(match[1]).lower()
    value = match[str(match.lastgroup)]
    decision = cleaner.decisions.of(named if name in ("value", "content") else name)
    if not decision.hides or not value or name in ("name", "id", "type", "for", "class", "key"):
        return match[0]
    start, end = (place - match.start() for place in match.span(str(match.lastgroup)))
    return match[0][:start] + str(cleaner.instead.of(decision, value)) + match[0][end:]


def boundary(kind: str) -> bytes:
    """The boundary of a multipart type; empty for any other."""
    match = _BOUNDARY.match(kind)
    return (match[1] or match[2]).encode("latin-1", "replace") if match else b""


def multipart(
    data: bytes, mark: bytes, change: Callable[[bytes, str, str], bytes], head: Callable[[bytes], bytes]
) -> bytes:
    """The body with each part changed: `change` is given the part, its type, and the name of its field; `head` the
    headers of a part, which hold names of files."""
    pieces = re.split(rb"((?:\A|\r?\n)--" + re.escape(mark) + rb"(?:--)?[ \t]*(?=\r?\n|\Z))", data)
    return b"".join(piece if number % 2 else _changed(piece, change, head) for number, piece in enumerate(pieces))


def _changed(piece: bytes, change: Callable[[bytes, str, str], bytes], clean: Callable[[bytes], bytes]) -> bytes:
    """One part; what stands before the first, or behind the last, has no head."""
    found = _BLANK_LINE.search(piece)
    if found is None:
        return change(piece, "text/plain", "") if piece.strip() else piece
    head, inner = piece[: found.end()], piece[found.end() :]
    kind, name = _TYPE.search(head), _NAME.search(head)
    made = change(inner, kind[1].decode("latin-1") if kind else "", name[1].decode("latin-1") if name else "")
    return clean(head) + made


def binary_kind(data: bytes) -> str:
    """The kind of a binary body, by its first bytes; `unknown` for most."""
    kind = kind_of(data[:4096])
    return "unknown" if kind == "text" else kind


def readable_cleaned(data: bytes, cleaner: Cleaner) -> bytes:
    """The bytes with surrogates in the places of what can be read in them and is secret; the same where nothing is."""
    made = cleaner.secrets.replaced(data)
    made = READABLE.sub(lambda match: _narrow(match[0], cleaner), made)
    return _WIDE.sub(lambda match: _wide(match[0], cleaner), made)


def _narrow(piece: bytes, cleaner: Cleaner) -> bytes:
    text = piece.decode("latin-1")
    made = cleaner.text(text)
    return piece if made == text else made.encode("latin-1", "replace")


def _wide(piece: bytes, cleaner: Cleaner) -> bytes:
    text = piece.decode("utf-16-le", "replace")
    made = cleaner.text(text)
    return piece if made == text else made.encode("utf-16-le")


def zip_is_clean(data: bytes, sanitiser: Sanitiser) -> bool:
    """Whether nothing secret is seen in the members of an archive, and all of them can be seen."""
    left = sanitiser.rules.largest
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > _MEMBERS or sum(member.file_size for member in members) > left:
                return False
            for member in members:
                with archive.open(member) as file:
                    inner = file.read(left + 1)
                left -= len(inner)
                if left < 0 or readable_cleaned(inner, sanitiser.cleaner) != inner:
                    return False
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError, EOFError, ValueError):
        return False
    return True
