"""Names of files that stay inside their folder on every system: what a parameter, an archive or a volume may say.

Refused are separators, `..`, absolute and drive forms, NUL, control and invisible characters, what Windows strips or
reserves (trailing dots and blanks, `CON`, `aux.txt`, streams `a:b`;
https://learn.microsoft.com/windows/win32/fileio/naming-a-file), and characters that another layer may turn into one of
these: by compatibility normalisation (U+FF0F, U+2024), or in the reader's eye (U+2215).
"""

from __future__ import annotations

import re
from unicodedata import category, normalize

from hotfixture.errors import InputError

LONGEST_SEGMENT = 255
LONGEST_PATH = 1024
_FORBIDDEN = frozenset('/\\:<>"|?*')
_GLOB = frozenset("*?[]")
_SLASHES = frozenset("\u2044\u2215\u2216\u29f5\u29f8\u29f9\u2571\u2572\u27cb\u27cd\u3033\u1735\u2236\ua789")
"""Look like a separator or a colon, yet no normalisation says so."""
_INVISIBLE = frozenset(("Cc", "Cf", "Co", "Cs", "Zl", "Zp"))
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\..*)?", re.IGNORECASE | re.DOTALL)


def check_segment(name: str, *, glob: bool = False) -> str:
    """`name`, which is one file or folder name; InputError says what in it is not allowed.

    With `glob`, `*`, `?` and `[…]` are patterns.
    """
    problem = _problem(name, glob)
    if problem:
        raise InputError(f"{_shown(name)} is no safe file name: {problem}")
    return name


def _problem(name: str, glob: bool) -> str:
    if not name:
        return "it is empty"
    if len(name.encode("utf-8", "replace")) > LONGEST_SEGMENT:
        return f"it is longer than {LONGEST_SEGMENT} bytes"
    plain = normalize("NFKC", name)
    for text in (name, plain):
        if text.strip(".") == "" or text.endswith((".", " ")) or text.startswith(" "):
            return "dots or blanks at its end, or nothing else"
        if _RESERVED.fullmatch(text):
            return "Windows reserves it"
    allowed = _GLOB if glob else frozenset[str]()
    # What normalisation makes out of a character is never meant as a pattern.
    bad = (set(name) & (_FORBIDDEN | _SLASHES)) - allowed or (set(plain) - set(name)) & (_FORBIDDEN | _GLOB | _SLASHES)
    bad |= {character for character in {*name, *plain} if category(character) in _INVISIBLE}
    return f"the character {' '.join(sorted(f'U+{ord(c):04X}' for c in bad))}" if bad else ""


def check_path(path: str, *, glob: bool = False) -> str:
    """`path`, which is relative with `/` between safe names; InputError says what in it is not allowed.

    With `glob`, the names may be patterns, `**` among them.
    """
    if len(path) > LONGEST_PATH:
        raise InputError(f"a path of {len(path)} characters; at most {LONGEST_PATH} are allowed")
    if path.startswith(("/", "\\", "~")) or re.match(r"[A-Za-z]:", path):
        raise InputError(f"{_shown(path)} is no path below its folder: it is absolute")
    for segment in path.split("/"):
        check_segment(segment, glob=glob)
    return path


_HOLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_.]*\}")


def check_pattern(path: str) -> str:
    """`path`, a pattern below a volume in which each `${name}` will be replaced."""
    check_path(_HOLE.sub("x", path), glob=True)
    return path


def check_value(text: str) -> str:
    """`text`, which takes the place of a `${name}` in a path: it is no separator and no pattern, and adds no dots.

    The segment it becomes part of is checked again, with `check_path`.
    """
    if not text:
        raise InputError("an empty text cannot stand in a path")
    plain = normalize("NFKC", text)
    bad = {*text, *plain} & (_FORBIDDEN | _GLOB | _SLASHES | frozenset("~$%{}"))
    bad |= {character for character in {*text, *plain} if category(character) in _INVISIBLE}
    if bad:
        named = " ".join(sorted(f"U+{ord(character):04X}" for character in bad))
        raise InputError(f"{_shown(text)} cannot stand in a path: the character {named}")
    if ".." in plain or plain.startswith((".", " ")) or plain.endswith((".", " ")):
        raise InputError(f"{_shown(text)} cannot stand in a path: dots or blanks at its ends, or two dots")
    return text


def _shown(text: str) -> str:
    """The text for an error: what is not printable as `\\x…`, and not all of it where it is long."""
    return ascii(text if len(text) <= 60 else f"{text[:57]}...")
