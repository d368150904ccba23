"""The services that providers give, by name: what makes the real one and the mock; users register their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from hotfixture.capture.capturing import Manager
from hotfixture.errors import HotFixtureError
from hotfixture.registry import Registry

GROUP = "hotfixture.services"
"""Entry points of this group are `Service` objects."""


class Service(NamedTuple):
    """How a service is made in each mode; all but `real` and `mock` may be left out."""

    real: Callable[[], Any]
    mock: Callable[[], Any]
    capture: Callable[[Any, Manager], Any] | None = None
    """Of the real one: one whose calls are described to the manager. Without it every method is."""
    replay: Callable[[], Any] | None = None
    """One that may be made without credentials; its network is answered from recordings."""


_TABLE: Mapping[str, str] = {
    "auth": "hotfixture.capture.services:AUTH",
    "firestore": "hotfixture.capture.services:FIRESTORE",
    "gemini": "hotfixture.capture.services:GEMINI",
}
_services: Registry[Service] = Registry("service", _TABLE, group=GROUP)
_registered: dict[str, Service] = {}


def register_service(
    name: str,
    *,
    real: Callable[[], Any],
    mock: Callable[[], Any],
    capture: Callable[[Any, Manager], Any] | None = None,
    replay: Callable[[], Any] | None = None,
) -> None:
    """Give a service of one's own to all providers of this process, or another in the place of a built-in one."""
    _registered[name] = Service(real, mock, capture, replay)


def unregister_service(name: str) -> None:
    """Take back what was registered under that name."""
    _registered.pop(name, None)


def find(name: str) -> Service:
    """The service of that name; UnknownNameError suggests the nearest."""
    return _registered.get(name) or _services.find(name)


def names() -> list[str]:
    """All that can be asked for."""
    return sorted({*_services, *_registered})


def _missing(package: str) -> HotFixtureError:
    return HotFixtureError(f"the real service needs the package {package}", hint=f"pip install {package}")


def _real_firestore() -> Any:
    try:
        from google.cloud import firestore
    except ImportError as error:
        raise _missing("google-cloud-firestore") from error
    return firestore.Client(project=os.environ.get("TEST_FIRESTORE_PROJECT") or None)


def _replayed_firestore() -> Any:
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import firestore

    credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth is partly typed
    return firestore.Client(project=os.environ.get("TEST_FIRESTORE_PROJECT") or "test", credentials=credentials)


def _capture_firestore(client: Any, manager: Manager) -> Any:
    from hotfixture.capture.firestore import CaptureFirestoreClient

    return CaptureFirestoreClient(client, manager)


def _mock_firestore() -> Any:
    from hotfixture.capture.mock_services import MockFirestore

    return MockFirestore()


def _real_gemini() -> Any:
    key = os.environ.get("TEST_GEMINI_API_KEY")
    if not key:
        raise ValueError("TEST_GEMINI_API_KEY is needed for Gemini with TEST_MODE=real or capture")
    return _gemini(key)


def _gemini(key: str) -> Any:
    try:
        from google import genai
    except ImportError as error:
        raise _missing("google-genai") from error
    return genai.Client(api_key=key)


def _capture_gemini(client: Any, manager: Manager) -> Any:
    from hotfixture.capture.gemini import CaptureGeminiClient

    return CaptureGeminiClient(client, manager)


def _mock_gemini() -> Any:
    from hotfixture.capture.mock_services import MockGemini

    return MockGemini()


def _as_it_is(service: Any, manager: Manager) -> Any:
    """It lives in this process: there is nothing to record."""
    del manager
    return service


def _auth() -> Any:
    from hotfixture.capture.auth import AuthService

    return AuthService()


FIRESTORE = Service(_real_firestore, _mock_firestore, _capture_firestore, _replayed_firestore)
GEMINI = Service(_real_gemini, _mock_gemini, _capture_gemini, lambda: _gemini("replayed"))
AUTH = Service(_auth, _auth, _as_it_is, _auth)
