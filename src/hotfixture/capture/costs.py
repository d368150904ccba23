"""Limits for services that cost money: calls and money in one session of a provider, of each service and of all.

Amounts are US dollars. A limit comes from what was given, else from the environment (`TEST_MAX_CALLS`,
`TEST_MAX_COST`; for one service `TEST_MAX_CALLS_GEMINI`, `TEST_MAX_COST_GEMINI`), else from the table here. Prices are
estimates: `TEST_PRICE_GEMINI=call,million_in,million_out` gives one's own.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

from hotfixture.errors import OptionError, RefusedError

ALL = ""
"""In the place of a service: all together."""


class Price(NamedTuple):
    """US dollars of a call, and of a million tokens that go in and come out."""

    call: float = 0.0
    tokens_in: float = 0.0
    tokens_out: float = 0.0


CALLS: Mapping[str, float] = {"gemini": 1_000, "firestore": 100_000}
MONEY: Mapping[str, float] = {"gemini": 10.0}
PRICES: Mapping[str, Price] = {"gemini": Price(0.0, 0.30, 2.50), "firestore": Price(0.000_001_8)}
"""Of the usual models and operations, to the order of magnitude."""


class Guard:
    """Counts calls and money of one session; a call over a limit is refused before it is made."""

    def __init__(
        self,
        calls: Mapping[str, float] | None = None,
        money: Mapping[str, float] | None = None,
        prices: Mapping[str, Price] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._environment = os.environ if environment is None else environment
        self._calls, self._money, self._prices = calls or {}, money or {}, prices or {}
        self._lock = threading.Lock()
        self.calls: dict[str, int] = {}
        self.money: dict[str, float] = {}

    def before(self, service: str) -> None:
        """One more call; RefusedError where it would go over a limit."""
        with self._lock:
            for name in (service, ALL):
                self._check(name)
            for name in (service, ALL):
                self.calls[name] = self.calls.get(name, 0) + 1
                self.money[name] = self.money.get(name, 0.0) + self._price(service).call

    def after(self, service: str, answer: Any) -> None:
        """What an answer says of tokens counts too."""
        usage = answer.get("usage_metadata") if isinstance(answer, dict) else None
        if not isinstance(usage, dict):
            return
        price = self._price(service)
        told = _number(usage.get("candidates_token_count")) + _number(usage.get("thoughts_token_count"))
        cost = (_number(usage.get("prompt_token_count")) * price.tokens_in + told * price.tokens_out) / 1e6
        with self._lock:
            for name in (service, ALL):
                self.money[name] = self.money.get(name, 0.0) + cost

    def _check(self, service: str) -> None:
        calls = self._limit("TEST_MAX_CALLS", service, self._calls, CALLS)
        money = self._limit("TEST_MAX_COST", service, self._money, MONEY)
        called, spent = self.calls.get(service, 0), self.money.get(service, 0.0)
        if calls is not None and called >= calls:
            self._refuse("TEST_MAX_CALLS", service, f"{called} calls were made, the limit is {calls:g}")
        if money is not None and spent >= money:
            self._refuse("TEST_MAX_COST", service, f"about ${spent:.4f} was spent, the limit is ${money:g}")

    def _refuse(self, variable: str, service: str, said: str) -> None:
        name = _variable(variable, service)
        raise RefusedError(
            f"{service or 'all services'}: {said} for one session",
            hint=f"Set {name} to allow more, or run these tests with TEST_MODE=mock or replay.",
        )

    def _limit(
        self, variable: str, service: str, given: Mapping[str, float], table: Mapping[str, float]
    ) -> float | None:
        name = _variable(variable, service)
        said = self._environment.get(name)
        if service in given:
            return given[service]
        if not said:
            return table.get(service)
        try:
            if not math.isnan(limit := float(said)):
                return limit
        except ValueError:
            pass
        raise OptionError(name, said, "a number")

    def _price(self, service: str) -> Price:
        name = _variable("TEST_PRICE", service)
        said = self._environment.get(name)
        if service in self._prices or not said:
            return self._prices.get(service) or PRICES.get(service, Price())
        try:
            return Price(*(float(part) for part in said.split(",")))
        except (ValueError, TypeError):
            raise OptionError(name, said, "call,million_in,million_out in US dollars") from None


def _variable(name: str, service: str) -> str:
    return f"{name}_{service.upper()}" if service else name


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
