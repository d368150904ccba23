"""The program under test: it asks a service for exchange rates and books what was exchanged."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import urllib3


class Rates:
    """A client of the service at `url`; it logs in when it is made."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._http = urllib3.PoolManager()
        self._url = url
        told = self._ask("POST", "/login", {"user": user, "password": password})
        self._headers = {"authorization": f"Bearer {told['access_token']}"}

    @classmethod
    def from_environment(cls) -> Rates:
        """As the settings of the program say."""
        return cls(os.environ["RATES_URL"], os.environ["RATES_USER"], os.environ["RATES_PASSWORD"])

    def rate(self, currency: str) -> float:
        """What one euro is worth."""
        return float(self._ask("GET", f"/rates/{currency}")["rate"])

    def exchange(self, currency: str, amount: float) -> dict[str, Any]:
        """Book an exchange; gives the booking."""
        return self._ask("POST", "/bookings", {"currency": currency, "amount": amount})

    def booking(self, number: int) -> dict[str, Any]:
        """A booking; KeyError where there is none of that number."""
        return self._ask("GET", f"/bookings/{number}")

    def ticks(self) -> Iterator[dict[str, Any]]:
        """Rates as they change, one by one."""
        answer = self._http.request("GET", f"{self._url}/ticks", headers=self._headers, preload_content=False)
        for line in answer:
            if line.startswith(b"data: "):
                yield json.loads(line.removeprefix(b"data: "))

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        headers = getattr(self, "_headers", {})
        answer = (
            self._http.request(method, self._url + path, json=body, headers=headers)
            if body is not None
            else (self._http.request(method, self._url + path, headers=headers))
        )
        if answer.status == 404:
            raise KeyError(path)
        told: dict[str, Any] = answer.json()
        return told
