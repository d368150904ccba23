"""Text that matches a regular expression: a small compiler from pattern to tree, and the generator over that tree.

The supported part: literals, `.`, classes with ranges and negation, `\\d \\w \\s` and their opposites, groups, `|`, and
`? * + {m} {m,} {m,n}`. Open-ended repeats stop after `limit` more. What looks around or back cannot be generated
piece by piece and is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import count, product
from math import prod
from typing import Any, NamedTuple, NoReturn

from hotfixture.errors import OptionError
from hotfixture.generators import values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.options import Option
from hotfixture.generators.pools import Pool

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


# What a tree is built into: pieces that know their lane. Neighbouring characters become one draw from all their
# combinations while these are few, which is what makes `[A-Z]{2}-\\d{4}` two draws instead of six.
_MOST_COMBINATIONS = 10_000


class Pick:
    """One text out of all combinations of some character sets."""

    __slots__ = ("_pool", "lane", "sets", "size")

    def __init__(self, sets: tuple[str, ...], lane: int) -> None:
        self.sets, self.lane, self.size = sets, lane, prod(map(len, sets))
        self._pool: Pool | None = None

    def spell(self, draws: AnyDraws) -> Column:
        if self.size == 1:
            return "".join(self.sets)
        index = draws.lane(self.lane).below(self.size)
        if isinstance(index, int):
            return self._one(index)
        if self._pool is None:
            self._pool = Pool(["".join(chars) for chars in product(*self.sets)])
        return values.take(self._pool, index)

    def _one(self, index: int) -> str:
        """Entry `index` of the pool without the pool."""
        chars = []
        for choice in reversed(self.sets):
            index, place = divmod(index, len(choice))
            chars.append(choice[place])
        return "".join(reversed(chars))


class Row(NamedTuple):
    """Pieces one after the other."""

    pieces: tuple[Piece, ...]

    def spell(self, draws: AnyDraws) -> Column:
        return values.join(*(piece.spell(draws) for piece in self.pieces)) if self.pieces else ""


class Fork(NamedTuple):
    """One of several pieces, all alike."""

    pieces: tuple[Piece, ...]
    lane: int

    def spell(self, draws: AnyDraws) -> Column:
        index = draws.lane(self.lane).below(len(self.pieces))
        if isinstance(index, int):
            return self.pieces[index].spell(draws)
        return values.select(index, *(piece.spell(draws) for piece in self.pieces))


class Maybe(NamedTuple):
    """The first few of the pieces, every number of them alike, none among them."""

    pieces: tuple[Piece, ...]
    lane: int

    def spell(self, draws: AnyDraws) -> Column:
        times = draws.lane(self.lane).below(len(self.pieces) + 1)
        if isinstance(times, int):
            return "".join(piece.spell(draws) for piece in self.pieces[:times])
        shown = (values.where(times > place, piece.spell(draws), "") for place, piece in enumerate(self.pieces))
        return values.join(*shown)


Piece = Pick | Row | Fork | Maybe


def _build(node: Node, lanes: Iterator[int]) -> Piece:
    match node:
        case Branches(branches):
            lane = next(lanes)
            return Fork(tuple(_build(branch, lanes) for branch in branches), lane)
        case Repeat(item, low, high) if low < high:
            lane = next(lanes)
            rest = Maybe(tuple(_build(item, lanes) for _ in range(high - low)), lane)
            return Row((_build(Repeat(item, low, low), lanes), rest)) if low else rest
        case _:
            pieces = tuple(_merged(_flat(node), lanes))
            return pieces[0] if len(pieces) == 1 else Row(pieces)


def _flat(node: Node) -> Iterator[Node]:
    """What stands one after the other, chains and fixed repeats laid out."""
    match node:
        case Chain(items):
            for item in items:
                yield from _flat(item)
        case Repeat(item, low, high) if low == high:
            for _ in range(low):
                yield from _flat(item)
        case _:
            yield node


def _merged(nodes: Iterator[Node], lanes: Iterator[int]) -> Iterator[Piece]:
    sets: list[str] = []
    for node in nodes:
        fits = isinstance(node, Chars) and prod(map(len, sets)) * len(node.chars) <= _MOST_COMBINATIONS
        if sets and not fits:
            yield Pick(tuple(sets), next(lanes))
            sets.clear()
        if isinstance(node, Chars):
            sets.append(node.chars)
        else:
            yield _build(node, lanes)
    if sets:
        yield Pick(tuple(sets), next(lanes))


@lru_cache(maxsize=64)
def _built(pattern: str, limit: int) -> Piece:
    return _build(parse(pattern, limit), count())


def _check(*, pattern: str, limit: int) -> None:
    parse(pattern, limit)


def _matches(value: Any, pattern: str, limit: int) -> bool:  # noqa: ARG001 - every option is passed
    import re

    return re.fullmatch(pattern, value) is not None


@generator(
    "text.pattern",
    options=(
        Option("pattern", "text", "[A-Z]{2}-\\d{4}", "Regular expression that the values match."),
        Option("limit", "integer", 8, "How many more times `*`, `+` and `{m,}` repeat at most.", low=0, high=100),
    ),
    check=_check,
    capacity=lambda pattern, limit: capacity(parse(pattern, limit)),
    holds=_matches,
    source="the pattern given; every branch, repeat count and character of a class alike",
)
def text_pattern(draws: AnyDraws, *, pattern: str, limit: int) -> Column:
    """A text that matches a regular expression."""
    spelled = _built(pattern, limit).spell(draws)
    return values.same(draws, spelled) if isinstance(spelled, str) else spelled
