"""Bridges to Faker and Mimesis: `faker:color_name`, `mimesis:person.full_name`, where those packages are installed.

Their values keep the laws of this project as far as they can: each is made from a random state that is seeded by its
draw alone, so batches and order make no difference. What they give may change with their releases, and what they derive
from the clock (Faker's `date_this_year`) changes with it. Seeding anew for every value is slow: prefer the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, time
from functools import lru_cache
from importlib import import_module
from typing import Any

from hotfixture.draws import Draw
from hotfixture.errors import InputError, MissingExtraError, OptionError, UnknownNameError
from hotfixture.generators.base import AnyDraws, Column, Generator
from hotfixture.generators.options import Option

_IDLE: dict[tuple[str, str], list[Any]] = {}
"""What makes values, by name and locale, while nobody uses it: two threads never seed the same one."""


_MOST = 10_000
"""Largest number for what does not look like a bound of values: lengths and counts, which would fill the memory."""
_BOUNDS = frozenset({"min", "max", "value", "start", "end", "low", "high", "year", "age", "step", "minimum", "maximum"})


class AnyOption(Option):
    """An option of a foreign function: JSON where the text reads as JSON, else the text itself."""

    __slots__ = ()

    @property
    def expected(self) -> str:
        """What an error says of it."""
        return f"JSON or a text, numbers of things at most {_MOST}"

    def validate(self, value: Any) -> Any:
        """The value; OptionError for what is neither text, number, truth value, list nor mapping, or too many."""
        read = _json(value) if isinstance(value, str) else value
        if read is not None and not isinstance(read, (str, int, float, list, tuple, dict)):
            raise OptionError(self.name, value, self.expected)
        counts = not _BOUNDS & set(self.name.split("_")) or self.name.endswith(("chars", "length", "words"))
        if counts and isinstance(read, (int, float)) and read > _MOST:
            raise OptionError(self.name, value, self.expected)
        return read


def _json(text: str) -> Any:
    from json import loads

    try:
        return loads(text)
    except ValueError:
        return text


@lru_cache(maxsize=1024)
def find(name: str) -> Generator:
    """The generator of a bridge; MissingExtraError where its package is absent, UnknownNameError for a wrong name."""
    package, _, inner = name.partition(":")
    method = _BRIDGES[package](inner, None)
    return Generator(
        _function(package, inner),
        name,
        options=(_LOCALES[package], *_options(method)),
        type="string",
        source=f"the package {package}, reseeded by the draw of each value",
        holds=lambda value, **_: isinstance(value, str),
        capacity=None,
        check=None,
        version=1,
        by_row=False,
    )


_LOCALES = {
    "faker": Option("locale", "text", None, "A locale of Faker, such as de or de_AT."),
    "mimesis": Option("locale", "text", None, "A locale of Mimesis, such as de or pt-br."),
}


def _options(method: Callable[..., Any]) -> Iterator[Option]:
    from inspect import Parameter, signature

    for parameter in signature(method).parameters.values():
        if parameter.kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY) and parameter.name != "locale":
            yield AnyOption(parameter.name, "text", None, "As the package documents it.")


def _function(package: str, inner: str) -> Callable[..., Column]:
    """The function of the generator: one value, or as many as there are draws."""

    def bridge(draws: AnyDraws, *, locale: str | None, **options: Any) -> Column:
        given = {name: value for name, value in options.items() if value is not None}
        idle = _IDLE.setdefault((f"{package}:{inner}", locale or ""), [])
        try:
            maker = idle.pop()
        except IndexError:
            maker = _BRIDGES[package](inner, locale)

        def made(bits: int) -> str:
            _seed(maker, bits)
            try:
                return _text(maker(**given))
            except Exception as error:  # whatever foreign code raises is about what it was asked for
                raise InputError(f"{package}:{inner}: {type(error).__name__}: {error}") from error

        try:
            return _each(draws, made)
        finally:
            idle.append(maker)

    bridge.__doc__ = f"What `{inner}` of the package {package} makes, as a text."
    return bridge


def _each(draws: AnyDraws, made: Callable[[int], str]) -> Column:
    """`made` of each draw."""
    if isinstance(draws, Draw):
        return made(draws.bits)
    import pyarrow as pa

    return pa.array([made(bits) for bits in draws.bits.tolist()], pa.string())


def _seed(method: Any, bits: int) -> None:
    """Sets the random state behind a bound method."""
    owner = method.__self__
    if hasattr(owner, "reseed"):
        owner.reseed(bits)
    else:
        owner.generator.seed_instance(bits)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, bytes):
        from base64 import b64encode

        return b64encode(value).decode()
    if isinstance(value, (dict, list, tuple, set, bool)):
        from json import dumps

        plain = sorted(value, key=str) if isinstance(value, set) else value
        return dumps(plain, default=_text, ensure_ascii=False)
    return str(value)


def _package(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise MissingExtraError(f"the bridge to {name}", name) from error


def _of_faker(inner: str, locale: str | None) -> Callable[..., Any]:
    faker = _package("faker")
    try:
        providers = faker.Faker(locale).factories[0].providers
    except AttributeError:
        raise OptionError("locale", locale, "a locale of Faker, such as en_US or de_AT") from None
    known = {name: getattr(provider, name) for provider in reversed(providers) for name in _public(provider)}
    return _named("faker", inner, known)


def _of_mimesis(inner: str, locale: str | None) -> Callable[..., Any]:
    package = _package("mimesis")
    wanted = (locale or "en").replace("_", "-").lower()
    known = [each.value for each in package.Locale]
    if wanted not in known:
        raise OptionError("locale", locale, f"one of {', '.join(known)}")
    whole = package.Generic(package.Locale(wanted))
    group, _, method = inner.lower().partition(".")
    groups = [name for name in dir(whole) if not name.startswith("_") and hasattr(getattr(whole, name), "reseed")]
    if group not in groups:
        raise UnknownNameError("provider of Mimesis", group, groups)
    provider = getattr(whole, group)
    return _named("mimesis", method, {name: getattr(provider, name) for name in _public(provider) if name != "reseed"})


def _public(provider: Any) -> list[str]:
    """The names of a provider's own methods."""
    found = (name for name in dir(type(provider)) if not name.startswith("_"))
    return [
        name
        for name in found
        if callable(getattr(type(provider), name)) and hasattr(getattr(provider, name), "__self__")
    ]


def _named(package: str, inner: str, known: dict[str, Callable[..., Any]]) -> Callable[..., Any]:
    if inner not in known:
        raise UnknownNameError(f"generator of {package}", inner, sorted(known))
    return known[inner]


_BRIDGES: dict[str, Callable[[str, str | None], Callable[..., Any]]] = {"faker": _of_faker, "mimesis": _of_mimesis}
