"""Record what services really answer, compare the mocks with it, and play it back.

::

    from hotfixture.capture import capture, wrap

    with capture("checkout") as session:                # everything under it is recorded
        ...
    client = wrap(any_client, service="billing")        # any Python object
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

_PLACES: Mapping[str, str] = {
    "CaptureAnalyzer": "hotfixture.capture.analysis.analyzer",
    "CaptureCollectionReference": "hotfixture.capture.firestore",
    "CaptureDocumentReference": "hotfixture.capture.firestore",
    "CaptureFirestoreClient": "hotfixture.capture.firestore",
    "CaptureGeminiClient": "hotfixture.capture.gemini",
    "CaptureManager": "hotfixture.capture.captures",
    "MockServiceProvider": "hotfixture.capture.providers",
    "RealServiceProvider": "hotfixture.capture.providers",
    "ReplayServiceProvider": "hotfixture.capture.providers",
    "ServiceProvider": "hotfixture.capture.providers",
    "capture": "hotfixture.capture.session",
    "cleanup_old_captures": "hotfixture.capture.captures",
    "create_mock_baseline": "hotfixture.capture.captures",
    "get_current_provider": "hotfixture.capture.providers",
    "get_service_provider": "hotfixture.capture.providers",
    "load_capture_data": "hotfixture.capture.captures",
    "register_service": "hotfixture.capture.services",
    "replay": "hotfixture.capture.playing.playback",
    "reset_global_provider": "hotfixture.capture.providers",
    "set_service_provider": "hotfixture.capture.providers",
    "unregister_service": "hotfixture.capture.services",
    "wrap": "hotfixture.capture.wrapping",
}
"""Each public name is imported when it is first used."""
__all__ = [
    "CaptureAnalyzer",
    "CaptureCollectionReference",
    "CaptureDocumentReference",
    "CaptureFirestoreClient",
    "CaptureGeminiClient",
    "CaptureManager",
    "MockServiceProvider",
    "RealServiceProvider",
    "ReplayServiceProvider",
    "ServiceProvider",
    "capture",
    "cleanup_old_captures",
    "create_mock_baseline",
    "get_current_provider",
    "get_service_provider",
    "load_capture_data",
    "register_service",
    "replay",
    "reset_global_provider",
    "set_service_provider",
    "unregister_service",
    "wrap",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
