"""What a file is, told by its first bytes (https://www.rfc-editor.org/rfc/rfc6838, the formats' own documents)."""

from __future__ import annotations

LOOKED_AT = 1 << 12
"""Bytes that are looked at; a tar tells itself at byte 257."""

_FIRST: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"),
    (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF87a", "gif"), (b"GIF89a", "gif"),
    (b"%PDF-", "pdf"), (b"PAR1", "parquet"), (b"SQLite format 3\0", "sqlite"), (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"), (b"\x7fELF", "elf"), (b"MZ", "exe"), (b"II*\0", "tiff"), (b"MM\0*", "tiff"),
    (b"OggS", "ogg"), (b"ID3", "mp3"), (b"\xff\xfb", "mp3"), (b"\0asm", "wasm"), (b"wOFF", "woff"), (b"wOF2", "woff"),
    (b"\0\0\1\0", "ico"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
)  # fmt: skip
_LATER: tuple[tuple[int, bytes, str], ...] = ((4, b"ftyp", "mp4"), (8, b"WEBP", "webp"), (257, b"ustar", "tar"))
PACKED = frozenset({"gzip", "zstd", "zip"})
"""What can be opened."""
TEXT, UNKNOWN = "text", "unknown"


def kind_of(head: bytes, *, encoding: str = "utf-8") -> str:
    """`text`, a kind of binary file, or `unknown`; `head` is the beginning of the file, or all of it.

    A text is what can be decoded and holds no zero and next to no other control characters.
    """
    for start, name in _FIRST:
        if head.startswith(start):
            return name
    for at, mark, name in _LATER:
        if head[at : at + len(mark)] == mark:
            return name
    return TEXT if _is_text(head[:LOOKED_AT], encoding) else UNKNOWN


def _is_text(head: bytes, encoding: str) -> bool:
    import codecs

    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head, len(head) < LOOKED_AT)
    except UnicodeError:
        return False
    odd = sum(character < " " and character not in "\t\n\r\f\x1b" for character in text)
    return "\0" not in text and odd * 50 <= len(text)
