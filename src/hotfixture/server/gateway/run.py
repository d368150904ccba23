"""Starts the daemon: checks that it is safe to listen, then serves until it is told to stop."""

from __future__ import annotations

import ssl
from dataclasses import replace
from ipaddress import ip_address
from urllib.parse import urlsplit

from hotfixture.errors import InputError, RefusedError
from hotfixture.server import logs
from hotfixture.server.gateway.app import build
from hotfixture.server.gateway.seals import Seal
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.run import listen, run

_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2: forward secrecy and authenticated encryption; those of TLS 1.3 have both."""


def serve(settings: DaemonSettings) -> None:
    """Serve until SIGTERM or SIGINT: running requests end, running jobs are handed back.

    Raises RefusedError where it would listen beyond this machine without TLS, InputError, DatabaseError or
    MissingExtraError where settings name what cannot be used; before anything is served.
    """
    check(settings)
    Seal.of(settings)  # a key that is missing or open to others is said here, in words, and not by what starts later
    logs.configure(settings.log_level, settings.log_form)
    logs.report_to(settings.sentry_dsn)
    listening = listen(settings)
    try:
        port = listening.getsockname()[1]
        app = build(replace(settings, port=port, url=origin(settings, port)))
    except BaseException:
        listening.close()
        raise
    run(app, settings, listening, **_tls(settings))


def check(settings: DaemonSettings) -> None:
    """RefusedError or InputError where it is not safe to listen as the settings say."""
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise InputError("tls_cert and tls_key: expected both or neither")
    parts = urlsplit(settings.url)
    if settings.url and not (parts.scheme in ("http", "https") and parts.hostname):
        raise InputError(f"url: expected one such as https://fixtures.example.com, found {settings.url!r}")
    _tls(settings)
    if is_loopback(settings.host) or settings.behind_proxy or settings.tls_cert:
        return
    raise RefusedError(
        f"{settings.host} is not loopback, and there is no TLS: sessions and data could be read on the way",
        hint="Give --tls-cert and --tls-key, or --behind-proxy true where a proxy does TLS.",
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address; a name other than localhost counts as reachable."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def origin(settings: DaemonSettings, port: int) -> str:
    """The address that clients use: as configured, else where the daemon listens."""
    if settings.url:
        return settings.url.rstrip("/")
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{'https' if settings.tls_cert else 'http'}://{host}:{port}"


def _tls(settings: DaemonSettings) -> dict[str, object]:
    if not settings.tls_cert:
        return {}
    try:  # said before anything is served, in words
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        plain = "no certificate and its key in PEM form" if isinstance(error, ssl.SSLError) else error.strerror
        reason = getattr(error, "reason", None) or plain or type(error).__name__
        raise InputError(f"tls_cert and tls_key cannot be used: {reason}") from None
    return {"ssl_certfile": str(settings.tls_cert), "ssl_keyfile": str(settings.tls_key), "ssl_ciphers": _CIPHERS}
