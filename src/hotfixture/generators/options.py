"""Options of generators: each has a name, a kind, a default, a range and a line of help; wrong ones are refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hotfixture.errors import OptionError

LOCALES = (
    "en", "de", "fr", "es", "it", "pt_BR", "ja", "ru",
    "en_GB", "en_CA", "en_AU", "es_MX", "fr_CA", "de_AT", "de_CH",
    "nl", "pl", "cs", "sv", "da", "nb", "fi", "pt_PT", "uk", "tr", "el", "hu", "ro",
    "ko", "zh", "ar", "he", "hi", "id", "vi",
)  # fmt: skip
"""Languages, each at home in one country (`en` in the United States, `pt_BR` in Brazil); see data/locales.tsv."""

_LOCALE_FOLDS = {"pt": "pt_BR", "no": "nb", "nn": "nb", "iw": "he", "in": "id", "cmn": "zh", "en_uk": "en_GB"}
"""Other codes for a language: ISO 639 codes that were withdrawn, macrolanguages, customary mistakes."""


class Option:
    """One named option of a generator.

    `kind` is one of KINDS, or `list[kind]`, whose text form is separated by commas. `low` and `high` bound a number, a
    date or the length of a list, both ends included; `choices` names the texts allowed; `fold` may map other spellings
    to one of them. A default of None means: not given.
    """

    __slots__ = ("choices", "default", "fold", "help", "high", "kind", "low", "name")

    def __init__(
        self,
        name: str,
        kind: str,
        default: Any,
        help: str,  # noqa: A002 - the word that every command line uses for it
        *,
        low: Any = None,
        high: Any = None,
        choices: tuple[str, ...] = (),
        fold: Callable[[str], str] | None = None,
    ) -> None:
        self.name, self.kind, self.default, self.help = name, kind, default, help
        self.low, self.high, self.choices, self.fold = low, high, choices, fold

    def __repr__(self) -> str:
        return f"<Option {self.name}: {self.kind}>"

    @property
    def expected(self) -> str:
        """The range, as an error says it: `an integer, 0 … 120`."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        low, high = (_shown(bound) for bound in (self.low, self.high))
        span = f"{low} … {high}" if low and high else f"at least {low}" if low else f"at most {high}" if high else ""
        kind = WORDS.get(self.kind) or f"a list of {self.kind[5:-1]} values"
        return f"{kind}, {span}" if span else kind

    def preset(self, default: Any) -> Option:
        """This option with another default."""
        return Option(
            self.name, self.kind, default, self.help, low=self.low, high=self.high, choices=self.choices, fold=self.fold
        )

    def validate(self, value: Any) -> Any:
        """`value` in this option's kind and range; a text is read as on the command line. Raises OptionError."""
        if value is None and self.default is None:
            return None
        try:
            read = self._read(value)
        except (TypeError, ValueError, ArithmeticError):
            raise OptionError(self.name, value, self.expected) from None
        if not self._fits(read):
            raise OptionError(self.name, value, self.expected)
        return read

    def _read(self, value: Any) -> Any:
        if self.kind.startswith("list["):
            parts = value.split(",") if isinstance(value, str) else value
            return tuple(KINDS[self.kind[5:-1]](part) for part in parts)
        read = KINDS[self.kind](value)
        return self.fold(read) if self.fold else read

    def _fits(self, value: Any) -> bool:
        if self.choices and value not in self.choices:
            return False
        size = len(value) if self.kind.startswith("list[") else value
        return (self.low is None or size >= self.low) and (self.high is None or size <= self.high)


def _shown(bound: Any) -> str:
    return "" if bound is None else str(bound)


def _integer(value: Any) -> int:
    if isinstance(value, str):
        return int(value)
    if isinstance(value, bool) or value != int(value):
        raise ValueError
    return int(value)


def _float(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    number = float(value)
    if number - number != 0:  # infinities and NaN are no bounds of anything
        raise ValueError
    return number


def _decimal(value: Any) -> Any:
    from decimal import Decimal

    if isinstance(value, bool):
        raise TypeError
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError
    return number


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[_lower(value)]


def _lower(value: Any) -> str:
    text = _text(value).lower()
    if text not in ("true", "yes", "1", "false", "no", "0"):
        raise ValueError
    return text


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _date(value: Any) -> Any:
    from datetime import date, datetime

    if isinstance(value, datetime):
        raise TypeError
    return value if isinstance(value, date) else date.fromisoformat(value)


def _timestamp(value: Any) -> Any:
    from datetime import datetime

    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _time(value: Any) -> Any:
    from datetime import time

    return value if isinstance(value, time) else time.fromisoformat(value)


KINDS: Mapping[str, Callable[[Any], Any]] = {
    "integer": _integer, "float": _float, "decimal": _decimal, "boolean": _boolean, "text": _text, "choice": _text,
    "date": _date, "timestamp": _timestamp, "time": _time,
}  # fmt: skip
WORDS: Mapping[str, str] = {
    "integer": "an integer", "float": "a number", "decimal": "a decimal number", "boolean": "true or false",
    "text": "a text", "choice": "a word", "date": "a date (YYYY-MM-DD)", "timestamp": "a timestamp (ISO 8601)",
    "time": "a time of day (HH:MM:SS)",
}  # fmt: skip


_BY_LOWER: Mapping[str, str] = {locale.lower(): locale for locale in LOCALES}


def _locale(text: str) -> str:
    """`pt-br`, `PT_br`, `en_US`, `de-CH`, `nb_NO.UTF-8`, `zh-Hans-CN` as one of LOCALES; other texts as they are."""
    folded = text.partition(".")[0].replace("-", "_").lower()
    language = folded.partition("_")[0]
    for wanted in (folded, language):
        found = _BY_LOWER.get(wanted) or _LOCALE_FOLDS.get(wanted)
        if found:
            return found
    return text


LOCALE = Option(
    "locale", "choice", "en", "Language and country whose customs the value follows.", choices=LOCALES, fold=_locale
)
