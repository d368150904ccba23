"""Regular expressions as trees of what may stand where: the part of them from which text can be made.

The supported part: literals, `.`, classes with ranges and negation, `\\d \\w \\s` and their opposites, groups, `|`, and
`? * + {m} {m,} {m,n}`. Open-ended repeats stop after `limit` more. What looks around or back cannot be generated
piece by piece and is refused by name.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, NoReturn

from hotfixture.errors import OptionError

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))  # what `.` and negated classes choose from
DIGITS = "0123456789"
WORD = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz" + DIGITS
_SETS = {"d": DIGITS, "w": WORD, "s": " "}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_MOST_REPEATS = 1000
_LONGEST = 5000  # characters of the longest text
_DEEPEST = 50  # groups inside groups
_REFUSED_GROUPS = {
    "?=": "lookahead",
    "?!": "lookahead",
    "?<=": "lookbehind",
    "?<!": "lookbehind",
    "?P=": "a backreference",
    "?>": "an atomic group",
    "?(": "a conditional",
    "?#": "a comment",
}


class Chars(NamedTuple):
    """One character of a set, in code point order."""

    chars: str


class Chain(NamedTuple):
    """Items one after the other; no items is the empty text."""

    items: tuple[Node, ...]


class Branches(NamedTuple):
    """One of several."""

    branches: tuple[Node, ...]


class Repeat(NamedTuple):
    """`item` from `low` to `high` times."""

    item: Node
    low: int
    high: int


Node = Chars | Chain | Branches | Repeat


@lru_cache(maxsize=256)
def parse(pattern: str, limit: int) -> Node:
    """The tree of `pattern`; OptionError names the construct and its place where it is outside the supported part."""
    parser = _Parser(pattern, limit)
    tree = parser.branches()
    if parser.at < len(pattern):
        parser.refuse("an unmatched )")
    if longest(tree) > _LONGEST:
        raise OptionError("pattern", pattern, f"a pattern whose longest text has at most {_LONGEST} characters")
    return tree


def longest(node: Node) -> int:
    """How many characters the longest text has."""
    match node:
        case Chars():
            return 1
        case Chain(items):
            return sum(map(longest, items))
        case Branches(branches):
            return max(map(longest, branches))
        case Repeat(item, _, high):
            return longest(item) * high


def capacity(node: Node) -> int:
    """How many ways there are through the tree: the number of distinct texts, unless two ways spell the same one."""
    match node:
        case Chars(chars):
            return len(chars)
        case Chain(items):
            total = 1
            for item in items:
                total *= capacity(item)
            return total
        case Branches(branches):
            return sum(map(capacity, branches))
        case Repeat(item, low, high):
            each = capacity(item)
            return sum(each**times for times in range(low, high + 1))


class _Parser:
    """Recursive descent over one pattern."""

    def __init__(self, pattern: str, limit: int) -> None:
        self.pattern = pattern
        self.limit = limit
        self.at = 0
        self.depth = 0

    def refuse(self, what: str) -> NoReturn:
        expected = f"a supported regular expression, not {what} (character {self.at + 1})"
        raise OptionError("pattern", self.pattern, expected)

    def peek(self, text: str) -> bool:
        return self.pattern.startswith(text, self.at)

    def take(self) -> str:
        if self.at >= len(self.pattern):
            self.refuse("one that ends too early")
        self.at += 1
        return self.pattern[self.at - 1]

    def branches(self) -> Node:
        found = [self.chain()]
        while self.peek("|"):
            self.at += 1
            found.append(self.chain())
        return found[0] if len(found) == 1 else Branches(tuple(found))

    def chain(self) -> Node:
        items: list[Node] = []
        start = self.at
        while self.at < len(self.pattern) and not (self.peek("|") or self.peek(")")):
            if self.peek("^") or self.peek("$"):
                self.anchor(start)
                continue
            items.append(self.repeated())
        return items[0] if len(items) == 1 else Chain(tuple(items))

    def anchor(self, start: int) -> None:
        """`^` first and `$` last say nothing new about a whole text; elsewhere nothing could match."""
        if self.depth or (self.peek("^") and self.at != start):
            self.refuse("an anchor inside")
        self.at += 1
        if self.pattern[self.at - 1] == "$" and self.at < len(self.pattern) and not self.peek("|"):
            self.refuse("an anchor inside")

    def repeated(self) -> Node:
        if self.at_repeat():
            self.refuse("a repeat of nothing")
        node = self.atom()
        bounds = self.bounds()
        if bounds is None:
            return node
        if self.peek("?"):
            self.at += 1  # lazy or greedy: the same texts match
        if self.at_repeat():
            self.refuse("a repeat of a repeat")
        low, high = bounds
        return Repeat(node, low, high)

    def at_repeat(self) -> bool:
        return self.pattern[self.at : self.at + 1] in tuple("?*+") or self.braces() is not None

    def bounds(self) -> tuple[int, int] | None:
        for sign, low, high in (("?", 0, 1), ("*", 0, self.limit), ("+", 1, 1 + self.limit)):
            if self.peek(sign):
                self.at += 1
                return low, high
        found = self.braces()
        if found is None:
            return None
        least, most, end = found
        low = int(least or 0)
        high = low if most is None else int(most) if most else low + self.limit
        if low > high or high > _MOST_REPEATS:
            self.refuse(f"a repeat from {low} to {high} (at most {_MOST_REPEATS})")
        self.at = end
        return low, high

    def braces(self) -> tuple[str, str | None, int] | None:
        """The bounds of `{…}` as written and where it ends; None where the brace is a literal, as `re` reads it."""
        import re

        found = re.compile(r"\{(\d*)(?:(,)(\d*))?\}", re.ASCII).match(self.pattern, self.at)
        if found is None or not (found[1] or found[2]):
            return None
        return found[1], found[3] if found[2] else None, found.end()

    def atom(self) -> Node:
        char = self.take()
        if char == "(":
            return self.group()
        if char == "[":
            return self.char_class()
        if char == ".":
            return Chars(PRINTABLE)
        if char == "\\":
            return Chars(self.escape())
        return Chars(char)

    def group(self) -> Node:
        if self.peek("?"):
            self.group_kind()
        self.depth += 1
        if self.depth > _DEEPEST:
            self.refuse(f"one with groups nested more than {_DEEPEST} deep")
        inner = self.branches()
        if not self.peek(")"):
            self.refuse("an unclosed (")
        self.at += 1
        self.depth -= 1
        return inner

    def group_kind(self) -> None:
        for sign, name in _REFUSED_GROUPS.items():
            if self.peek(sign):
                self.refuse(name)
        if self.peek("?:"):
            self.at += 2
        elif self.peek("?P<"):
            end = self.pattern.find(">", self.at)
            if end < 0 or not self.pattern[self.at + 3 : end].isidentifier():
                self.refuse("a group without a proper name")
            self.at = end + 1
        else:
            self.refuse("inline flags")

    def escape(self) -> str:
        """The characters an escape outside or inside a class stands for."""
        char = self.take()
        if char.lower() in _SETS:
            known = _SETS[char.lower()]
            return known if char.islower() else "".join(other for other in PRINTABLE if other not in known)
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char in "xu":
            return self.code_point(2 if char == "x" else 4)
        if char in DIGITS:
            self.refuse("a backreference" if char != "0" else "an octal escape")
        if char.isascii() and char.isalnum():
            self.refuse("a word boundary" if char in "bB" else f"the escape \\{char}")
        return char

    def code_point(self, digits: int) -> str:
        text = self.pattern[self.at : self.at + digits]
        if len(text) < digits or not all(char in "0123456789abcdefABCDEF" for char in text):
            self.refuse("a broken hexadecimal escape")
        value = int(text, 16)
        if 0xD800 <= value <= 0xDFFF:
            self.refuse("half a surrogate pair")
        self.at += digits
        return chr(value)

    def char_class(self) -> Node:
        negated = self.peek("^")
        self.at += negated
        chars: set[str] = set()
        first = True
        while first or not self.peek("]"):
            chars |= self.class_item()
            first = False
        self.at += 1
        if negated:
            chars = set(PRINTABLE) - chars
        if not chars:
            self.refuse("a class that holds no printable ASCII character")
        return Chars("".join(sorted(chars)))

    def class_item(self) -> set[str]:
        if self.at >= len(self.pattern):
            self.refuse("an unclosed [")
        low = self.class_char()
        if not self.peek("-") or self.pattern[self.at + 1 : self.at + 2] in ("]", ""):
            return set(low)
        self.at += 1
        high = self.class_char()
        if len(low) != 1 or len(high) != 1 or low > high:
            self.refuse("a range out of order")
        return {chr(code) for code in range(ord(low), ord(high) + 1) if not 0xD800 <= code <= 0xDFFF}

    def class_char(self) -> str:
        char = self.take()
        return self.escape() if char == "\\" else char
