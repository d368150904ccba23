"""Invented values by name: the registry of generators, and `generate`, which makes values of one of them.

To add a generator: write one function with `@generator` in the file of its field of life, and one word in `catalogue`.
The laws, the golden digests and the documentation find it there. Importing this module costs a few milliseconds: no
numpy, no pyarrow, no generator before it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from hotfixture.draws import Draw, Draws
from hotfixture.errors import OptionError, UnknownNameError
from hotfixture.generators.aliases import ALIASES, GROUP_ALIASES
from hotfixture.generators.catalogue import paths
from hotfixture.registry import Registry

if TYPE_CHECKING:
    from hotfixture.generators.base import Generator

TABLE: Mapping[str, str] = dict(paths())
"""Canonical name → `module:function`."""

BRIDGES = ("faker:", "mimesis:")
"""How names of other packages' functions begin; see `bridges`."""

REGISTRY: Registry[Generator] = Registry("generator", TABLE, group="hotfixture.generators")


def _squeeze(name: str) -> str:
    """`person.first-name`, `firstName` and `first_name` differ in nothing that matters."""
    return "".join(character for character in name.lower() if character.isalnum())


@cache
def _index() -> Mapping[str, str]:
    """Every tolerated spelling, squeezed, and the canonical name it means."""
    spellings: dict[str, str] = {}
    for name in TABLE:
        group, _, short = name.replace("_", "").partition(".")
        for prefix in ("", group, *GROUP_ALIASES.get(name.partition(".")[0], ())):
            spellings.setdefault(prefix + short, name)
    return spellings | dict(ALIASES)


def _alias_of_group(name: str) -> str:
    """What `animal.cat` means, where `cat` is an alias of a generator of the animals; empty where it is none."""
    group, _, short = name.rpartition(".")
    found = ALIASES.get(_squeeze(short), "")
    own = found.partition(".")[0]
    return found if _squeeze(group) in map(_squeeze, (own, *GROUP_ALIASES.get(own, ()))) else ""


def canonical(name: str) -> str:
    """The canonical name that `name` means; UnknownNameError suggests the nearest ones.

    Options may stand behind it: `first_name sex=female` is a name too, and what some aliases mean. So are the names of
    other packages' functions, `faker:…` and `mimesis:…`, which are looked at by `find`.
    """
    found = meant(name)
    if found:
        return found
    known = sorted({*REGISTRY, *(entry.partition(".")[2] for entry in TABLE)})
    raise UnknownNameError("generator", name, known)


def meant(name: str) -> str:
    """As `canonical`, and empty for a name that means nothing: a hundred times cheaper than its suggestions."""
    if name.startswith(BRIDGES):
        return name
    short, options = _parted(name)
    found = _index().get(_squeeze(short)) or _alias_of_group(short)
    if found:
        return f"{found} {options}" if options else found
    return name if name in REGISTRY else ""


def _parted(name: str) -> tuple[str, str]:
    """The name and the options behind it: `First Name sex=female` has a blank of its own."""
    before, sign, _ = name.partition("=")
    short = before.rpartition(" ")[0] if sign else name
    return short, name[len(short) + 1 :]


def find(name: str) -> Generator:
    """The generator that `name` means: `firstname`, `people.first_name` and `person.firstName` are one."""
    return _find(canonical(name))


@lru_cache(maxsize=4096)
def _find(name: str) -> Generator:
    if name.startswith(BRIDGES):
        from hotfixture.generators import bridges

        return bridges.find(name)
    plain, blank, options = name.partition(" ")
    if not blank or name in REGISTRY:
        return REGISTRY.find(name)
    return REGISTRY.find(plain).preset(name, **_read_options(options))


def _read_options(options: str) -> dict[str, str]:
    """`sex=female locale=de` as a mapping."""
    found: dict[str, str] = {}
    for word in options.split():
        option, sign, value = word.partition("=")
        if not sign:
            raise OptionError(option, "", "options behind a name as option=value")
        found[option] = value
    return found


def names() -> list[str]:
    """The canonical names of all generators, those of installed packages included, sorted."""
    return list(REGISTRY)


def generate(name: str, *, count: int | None = None, seed: int = 0, first: int = 0, **options: Any) -> Any:
    """`count` invented values as an Arrow array, or one plain value where no count is given.

    The same name, seed, options and row give the same value for ever: row `i` of an array that begins at row `first`
    is the value made for row `first + i`. Raises UnknownNameError and OptionError.
    """
    for option, number in (("count", count or 0), ("first", first)):
        if number < 0:
            raise OptionError(option, number, "an integer, at least 0")
    made = find(name)
    if made.by_row:
        return made(_rows(first, count), **_keyed(made, seed, options))
    address = f"generate:{made.name}"
    if count is None:
        return made(Draw.from_row(seed, address, first), **options)
    return made.over(_pieces(seed, address, first, count, made.piece(**options)), count, **options)


def _pieces(seed: int, address: str, first: int, count: int, size: int) -> Iterator[Draws]:
    """The draws of rows `first … first + count - 1`, in pieces that stay in the processor's cache."""
    for start in range(first, first + count, size):
        yield Draws.from_rows(seed, address, start, min(size, first + count - start))


def _rows(first: int, count: int | None) -> Draw | Draws:
    """Draws that are the row numbers themselves."""
    if count is None:
        return Draw(first)
    import numpy as np

    return Draws(np.arange(first, first + count, dtype=np.uint64))


def _keyed(made: Generator, seed: int, options: dict[str, Any]) -> dict[str, Any]:
    """The options; a generator over rows that has a `key` gets it from the seed, unless one is given."""
    if "key" in options or all(option.name != "key" for option in made.options):
        return options
    return {"key": seed, **options}
