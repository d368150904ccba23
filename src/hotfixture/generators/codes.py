"""Codes by template: what stands at each place, and check characters computed from the others.

In a template `#` is a digit, `!` a digit but 0, `?` a capital letter, `*` a digit or capital letter, `&` one that is
not mistaken for another (no 0 1 I O), `~` a hexadecimal digit, `=` a place of the check number, `{name}` one of the
texts (of equal length, letters and digits) of that slot; everything else stands for itself::

    container = coded("logistics.container_number", "{owner}U######=", check=checks.iso_6346,
                      valid=checks.is_iso_6346, slots={"owner": ("ZZX", "ZZY")}, doc="…", source="ISO 6346")
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

from hotfixture.draws import Draw
from hotfixture.generators import lanes, values
from hotfixture.generators.base import generator
from hotfixture.generators.options import Option

if TYPE_CHECKING:
    from hotfixture.generators.base import AnyDraws, Column, Generator

Check: TypeAlias = Callable[[Sequence["Column"]], "Column"]
"""From the letters and digits of a code, as numbers 0 … 35 and 0 in the places of the check, to the check number."""
Valid: TypeAlias = Callable[[str], bool]

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SETS: Mapping[str, str] = {
    "#": DIGITS,
    "!": "123456789",
    "?": LETTERS,
    "*": DIGITS + LETTERS,
    "&": "23456789ABCDEFGHJKLMNPQRSTUVWXYZ",
    "~": "0123456789abcdef",
}
_MOST_COMBINATIONS = 1 << 31  # neighbouring places become one draw while they are fewer than this


class Template:
    """One template, taken apart."""

    __slots__ = ("_checks", "_columns", "_last", "groups", "marks", "places")

    def __init__(self, text: str, slots: Mapping[str, Sequence[str]], marks: str) -> None:
        self.marks = tuple(map(ord, marks))
        self.places = tuple(_places(text, slots))
        """What may stand one after the other: texts of equal length; none for a place of the check number."""
        self.groups = tuple(_groups([len(texts) for texts in self.places if len(texts) > 1]))
        # For each of the places its columns of ASCII codes; a check number counts as 0 until it is known.
        self._columns = [
            [tuple(map(ord, column)) for column in zip(*(texts or ("0",)), strict=True)] for texts in self.places
        ]
        single = [
            (texts, column) for texts, columns in zip(self.places, self._columns, strict=True) for column in columns
        ]
        self._checks = [place for place, (texts, _) in enumerate(single) if not texts]
        self._last = max((place for place, (_, column) in enumerate(single) if len(column) > 1), default=0)

    def capacity(self) -> int:
        """How many codes there are."""
        return prod(len(set(texts)) for texts in self.places if texts)

    def signs(self, draws: AnyDraws) -> list[Column]:
        """The characters' ASCII codes, column by column; `0` in the places of the check number."""
        index = self._indices(draws)
        found: list[Column] = []
        for columns in self._columns:
            if len(columns[0]) > 1:
                drawn = next(index)
                found += [values.lookup(column, drawn) for column in columns]
            else:
                found += [column[0] for column in columns]
        return found

    def _indices(self, draws: AnyDraws) -> Iterator[Column]:
        for lane, sizes in enumerate(self.groups):
            rest = draws.lane(lane).below(prod(sizes))
            for size in sizes:
                quotient = rest // size
                yield rest - quotient * size
                rest = quotient

    def spell(
        self,
        draws: AnyDraws,
        check: Check | None,
        avoid: int | None = None,
        instead: Mapping[int, Column] | None = None,
    ) -> Column:
        """The codes; where the check number would be `avoid`, the last drawn digit is the next one instead.

        `instead` gives the ASCII codes of places that something else has decided.
        """
        signs = self.signs(draws)
        for place, sign in (instead or {}).items():
            signs[place] = sign
        if check:
            number = _checked(signs, check)
            if avoid is not None:
                following = (signs[self._last] - ord("0") + 1) % 10 + ord("0")
                signs[self._last] = values.where(number == avoid, following, signs[self._last])
                number = _checked(signs, check)
            for place in reversed(self._checks):
                signs[place] = values.lookup(self.marks, number % len(self.marks))
                number = number // len(self.marks)
        return _texts(draws, signs)

    def pattern(self) -> str:
        """The regular expression of the codes."""
        import re

        marks = tuple(map(chr, self.marks))
        parts = ("|".join(map(re.escape, texts or marks)) for texts in self.places)
        return "".join(f"(?:{part})" for part in parts)


def _places(text: str, slots: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    rest = text
    while rest:
        if rest[0] == "{":
            name, _, rest = rest[1:].partition("}")
            yield tuple(slots[name])
            continue
        yield () if rest[0] == "=" else tuple(SETS.get(rest[0], rest[0]))
        rest = rest[1:]


def _groups(sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """The sizes in runs whose product stays small."""
    run: list[int] = []
    for size in sizes:
        if run and prod(run) * size > _MOST_COMBINATIONS:
            yield tuple(run)
            run = []
        run.append(size)
    if run:
        yield tuple(run)


def _checked(signs: Sequence[Column], check: Check) -> Column:
    return check([values.lookup(_VALUES, sign) for sign in signs if _counts(sign)])


_VALUES = tuple(int(chr(code), 36) if chr(code).isalnum() else 0 for code in range(128))


def _counts(sign: Column) -> bool:
    """Whether a place counts for the check: hyphens and blanks do not."""
    return not isinstance(sign, int) or chr(sign).isalnum()


def _texts(draws: AnyDraws, signs: Sequence[Column]) -> Column:
    if isinstance(draws, Draw):
        return "".join(map(chr, signs))
    import numpy as np

    matrix = np.empty((len(draws), len(signs)), np.uint8)
    for place, sign in enumerate(signs):
        matrix[:, place] = sign
    return values.fixed_text(matrix)


def coded(
    name: str,
    templates: str | Mapping[str, str],
    *,
    doc: str,
    source: str,
    option: Option | None = None,
    check: Check | Mapping[str, Check] | None = None,
    valid: Valid | Mapping[str, Valid] | None = None,
    slots: Mapping[str, Sequence[str]] | None = None,
    marks: str = DIGITS,
    avoid: int | None = None,
    capacity: int | None = None,
) -> Generator:
    """The generator `name` of codes of a template, or of the template that the option names.

    `check` computes the number for the places `=`, which is spelled in the digits `marks`; `valid` says of a finished
    code, by a road of its own, whether that number is right. Both may differ from template to template. A check number
    `avoid` is never issued: the last drawn place, a digit, gives way; `capacity` then says how many codes remain.
    """

    @cache
    def template(choice: str) -> Template:
        return Template(templates if isinstance(templates, str) else templates[choice], slots or {}, marks)

    def of(table: Any, choice: str) -> Any:
        return table.get(choice) if isinstance(table, Mapping) else table

    def code(draws: AnyDraws, **options: str) -> Column:
        choice = _choice(options)
        return template(choice).spell(draws.lane(lanes.own(name)), of(check, choice), avoid)

    @cache
    def pattern(choice: str) -> str:
        return template(choice).pattern()

    def holds(value: Any, **options: str) -> bool:
        choice = _choice(options)
        right = of(valid, choice)
        return _fits(pattern(choice), value) and (right is None or right(value))

    code.__doc__ = doc
    made = generator(
        name,
        options=(option,) if option else (),
        source=source,
        holds=holds,
        capacity=lambda **options: template(_choice(options)).capacity() if avoid is None else capacity,
    )
    return made(code)


def _choice(options: Mapping[str, str]) -> str:
    """What the one option says; nothing where there is none."""
    return next(iter(options.values()), "")


def _fits(pattern: str, value: str) -> bool:
    import re

    return re.fullmatch(pattern, value) is not None


def variant(name: str, templates: Mapping[str, Any], default: str, help: str) -> Option:  # noqa: A002 - as Option has it
    """The option that names a template; letters may be written large or small."""
    spelled = {choice.lower(): choice for choice in templates}
    return Option(
        name, "choice", default, help, choices=tuple(templates), fold=lambda text: spelled.get(text.lower(), text)
    )
