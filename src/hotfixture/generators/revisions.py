"""Version control and releases: commits, branches, semantic versions, packages, feature flags."""

from __future__ import annotations

from functools import cache
from typing import Any

from hotfixture.generators import values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.drawn import counted, entry, hexadecimal, matching, one, row_of, text_of
from hotfixture.generators.options import Option
from hotfixture.generators.pools import Pool, members, pool, table
from hotfixture.generators.vocabularies import vocabulary

_OWN = "our own lists, in the customary shape"


@generator(
    "it.commit_hash",
    options=(
        Option(
            "length",
            "integer",
            40,
            "How many hexadecimal digits: 40 in full, 7 short, 64 with SHA-256.",
            low=4,
            high=64,
        ),
    ),
    source="Git: hexadecimal digits of SHA-1, or of SHA-256",
    holds=lambda value, length: len(value) == length and set(value) <= set("0123456789abcdef"),
    capacity=lambda length: 16**length,
)
def commit_hash(draws: AnyDraws, *, length: int) -> Column:
    """The name of a commit; a short one is how the full one of the same draws begins."""
    digits = hexadecimal(draws.lane(0), 64)
    return digits[:length] if isinstance(digits, str) else text_of(digits[:, :length])


@cache
def _lowered() -> Pool:
    return Pool([f"{verb[0].lower()}{verb[1:]} " for verb in pool("computing/commit_verb").lines])


def _is_message(value: Any, *, style: str) -> bool:
    import re

    found = re.fullmatch(r"(?:([a-z]+)(?:\(([a-z]+)\))?: )?([A-Za-z]+(?: up)?) (.+)", value)
    if found is None:
        return False
    kind, _, verb, what = found.groups()
    fits = what in members("computing/commit_object") and verb.capitalize() in members("computing/commit_verb")
    return fits and (kind is not None) == (style == "conventional")


@generator(
    "it.commit_message",
    options=(Option("style", "choice", "plain", "How it begins.", choices=("plain", "conventional")),),
    source=f"{_OWN}; Conventional Commits 1.0.0",
    holds=_is_message,
)
def commit_message(draws: AnyDraws, *, style: str) -> Column:
    """The first line of a commit message, in the imperative."""
    what = entry(draws.lane(1), pool("computing/commit_object"))
    if style == "plain":
        return values.join(entry(draws.lane(0), pool("computing/commit_verb")), " ", what)
    kind = values.pick(table("computing/commit_type")["value"], row_of(draws.lane(2), "computing/commit_type"))
    return values.join(kind, entry(draws.lane(3), _scopes()), ": ", entry(draws.lane(0), _lowered()), what)


@cache
def _scopes() -> Pool:
    """A scope in parentheses or, one time in three, none."""
    scopes = [f"({scope})" for scope in pool("computing/commit_scope").lines]
    return Pool(["" if place % 3 == 2 else scopes[place % len(scopes)] for place in range(3 * len(scopes))])


@generator(
    "it.branch",
    source=_OWN,
    holds=matching(r"(main|develop)|[a-z]+/([a-z]+-)+[a-z]+(-\d{1,4})?"),
)
def branch(draws: AnyDraws) -> Column:
    """The name of a branch: what kind of work, what it is about, sometimes the number of a ticket."""
    kind, topic = entry(draws.lane(0), pool("computing/branch_type")), entry(draws.lane(1), pool("computing/topic"))
    return values.join(kind, "/", topic, entry(draws.lane(2), _tickets()))


@cache
def _tickets() -> Pool:
    return Pool([*(f"-{number}" for number in range(1, 5000)), *[""] * 4999])


@cache
def _prereleases() -> Pool:
    return Pool([f"-{name}.{number}" for name in ("alpha", "beta", "rc") for number in range(1, 10)])


def _is_version(value: Any, *, prefix: str | None, prerelease: bool, major: int) -> bool:
    end = r"-(alpha|beta|rc)\.[1-9]" if prerelease else ""
    bare = value.removeprefix(prefix or "")
    fits = value == f"{prefix or ''}{bare}" and matching(rf"\d{{1,3}}\.\d{{1,2}}\.\d{{1,2}}{end}")(bare)
    return fits and int(bare.partition(".")[0]) <= major


@generator(
    "it.semantic_version",
    options=(
        Option("prefix", "text", None, "What stands in front, such as v."),
        Option("prerelease", "boolean", False, "With -alpha, -beta or -rc and a number."),
        Option("major", "integer", 9, "Largest major version.", low=0, high=999),
    ),
    source="Semantic Versioning 2.0.0",
    holds=_is_version,
    capacity=lambda prefix, prerelease, major: (major + 1) * 30 * 50 * (27 if prerelease else 1),  # noqa: ARG005 - every option is passed
)
def semantic_version(draws: AnyDraws, *, prefix: str | None, prerelease: bool, major: int) -> Column:
    """A version of three numbers."""
    numbers = [entry(draws.lane(place), counted(0, top)) for place, top in enumerate((major, 29, 49))]
    parts: list[Column] = [prefix or "", numbers[0], ".", numbers[1], ".", numbers[2]]
    if prerelease:
        parts.append(entry(draws.lane(3), _prereleases()))
    return values.join(*parts)


licence = vocabulary(
    "it.licence", "computing/licence", doc="The SPDX identifier of a licence.", source="the SPDX License List, a choice"
)

_FLAGS = ("enable", "use", "show", "allow", "new", "try")


@cache
def _flags(style: str) -> Pool:
    names = [f"{front}-{topic}" for front in _FLAGS for topic in pool("computing/topic").lines]
    return Pool([name.replace("-", "_") for name in names] if style == "snake" else names)


@generator(
    "it.feature_flag",
    options=(Option("style", "choice", "kebab", "How words are tied together.", choices=("kebab", "snake")),),
    source=_OWN,
    holds=lambda value, style: value in _flags(style).lines,
    capacity=lambda style: len(_flags(style)),
)
def feature_flag(draws: AnyDraws, *, style: str) -> Column:
    """The name of a feature flag."""
    return one(draws.lane(0), _flags(style))


_ECOSYSTEMS = {
    "pypi": ("", "-"),
    "npm": ("@example/", "-"),
    "maven": ("com.example:", "-"),
    "go": ("example.com/", "/"),
    "cargo": ("", "_"),
    "nuget": ("Example.", "."),
}


def _package_parts(ecosystem: str) -> tuple[Pool, Pool]:
    fronts, backs = pool("computing/adjective"), pool("computing/noun")
    return (_capitals("adjective"), _capitals("noun")) if ecosystem == "nuget" else (fronts, backs)


@cache
def _capitals(words: str) -> Pool:
    return Pool([word.capitalize() for word in pool(f"computing/{words}").lines])


def _is_package(value: Any, *, ecosystem: str) -> bool:
    front, between = _ECOSYSTEMS[ecosystem]
    first, _, second = value.removeprefix(front).partition(between)
    firsts, seconds = _package_parts(ecosystem)
    return value.startswith(front) and first in firsts.lines and second in seconds.lines


@generator(
    "it.package_name",
    options=(Option("ecosystem", "choice", "pypi", "Whose spelling.", choices=tuple(_ECOSYSTEMS)),),
    source="our own lists, in the spelling of each registry; scopes and domains are reserved ones",
    holds=_is_package,
    capacity=lambda ecosystem: len(_package_parts(ecosystem)[0]) * len(_package_parts(ecosystem)[1]),
)
def package_name(draws: AnyDraws, *, ecosystem: str) -> Column:
    """The name of a software package: an adjective and a noun."""
    front, between = _ECOSYSTEMS[ecosystem]
    first, second = _package_parts(ecosystem)
    return values.join(front, entry(draws.lane(0), first), between, entry(draws.lane(1), second))
