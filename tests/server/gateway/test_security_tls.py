"""TLS as the daemon serves it and as the client insists on it."""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from tests.server.gateway.daemons import Daemon, set_up
from tests.server.serving import BIN

from hotfixture.client import Client
from hotfixture.errors import DatabaseError

DAY = timedelta(days=1)


def certificate(folder: Path, name: str, *hosts: str, until: datetime | None = None) -> tuple[Path, Path]:
    """A certificate that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    until = until or datetime.now(UTC) + DAY
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = [x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host) for host in hosts]
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(until - 3 * DAY)
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    cert_file, key_file = folder / f"{name}.crt", folder / f"{name}.key"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key_file.write_bytes(key.private_bytes(*form))
    key_file.chmod(0o600)
    return cert_file, key_file


class Tls(Daemon):
    """A daemon that speaks TLS."""

    def __init__(self, folder: Path, cert: Path, key: Path, *flags: str, log: str = "log") -> None:
        super().__init__(folder, "--tls-cert", str(cert), "--tls-key", str(key), *flags, log=log)
        self.url = self.url.replace("http:", "https:")
        self.client.close()
        self.client = httpx.Client(
            base_url=self.url, verify=ssl.create_default_context(cafile=cert), timeout=30, trust_env=False
        )

    @property
    def place(self) -> tuple[str, int]:
        """Where it listens."""
        return "127.0.0.1", int(self.url.rpartition(":")[2])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a daemon."""
    folder = tmp_path_factory.mktemp("tls")
    set_up(folder, more="workers: 0\n")
    return folder


@pytest.fixture(scope="module")
def daemon(folder: Path) -> Iterator[Tls]:
    """A daemon with a certificate for this machine's address."""
    daemon = Tls(folder, *certificate(folder, "right", "127.0.0.1"))
    yield daemon
    daemon.stop()


def hfit(folder: Path, url: str, *command: str, ca: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the client with a home of its own."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("HFIT")}
    own |= {"HOME": str(folder / "home"), "HFIT_URL": url, "HFIT_TOKEN": "hft_" + "0" * 72}
    own |= {"SSL_CERT_FILE": str(ca)} if ca else {}
    return subprocess.run([BIN / "hfit", *command], env=own, capture_output=True, text=True, timeout=60, check=False)


def test_the_daemon_speaks_tls_and_says_so_to_browsers(daemon: Tls) -> None:
    headers = daemon.somebody("dev@x.test")
    answer = daemon.client.get("/api/whoami", headers=headers)
    assert answer.json()["name"] == "dev@x.test"
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_versions_of_tls_are_refused(daemon: Tls, version: ssl.TLSVersion) -> None:
    """Asked with every cipher allowed, so that the version alone is what is refused."""
    context = _trusting_all(version)
    with socket.create_connection(daemon.place, timeout=5) as open_socket, pytest.raises((ssl.SSLError, OSError)):
        context.wrap_socket(open_socket)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_new_versions_of_tls_are_spoken_with_strong_ciphers(daemon: Tls, version: ssl.TLSVersion) -> None:
    context = _trusting_all(version)
    with socket.create_connection(daemon.place, timeout=5) as open_socket, context.wrap_socket(open_socket) as tls:
        assert tls.version() == version.name.replace("v1_", "v1.")
        name, _, bits = tls.cipher() or ("", "", 0)
        assert bits >= 128
        assert "GCM" in name or "CHACHA20" in name


WEAK = ["AES128-SHA", "AES256-SHA", "DES-CBC3-SHA", "RC4-SHA", "NULL-SHA256", "ECDHE-ECDSA-AES128-SHA", "aNULL"]


@pytest.mark.parametrize("cipher", WEAK)
def test_weak_ciphers_are_refused(daemon: Tls, cipher: str) -> None:
    context = _trusting_all(ssl.TLSVersion.TLSv1_2)
    try:
        context.set_ciphers(f"{cipher}:@SECLEVEL=0")
    except ssl.SSLError:
        return  # not even known here
    with socket.create_connection(daemon.place, timeout=5) as open_socket, pytest.raises((ssl.SSLError, OSError)):
        context.wrap_socket(open_socket)


def _trusting_all(version: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    return context


def test_who_speaks_no_tls_is_told_nothing(daemon: Tls) -> None:
    with socket.create_connection(daemon.place, timeout=5) as open_socket:
        open_socket.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        with suppress(ConnectionResetError):
            assert b"HTTP/1.1 2" not in open_socket.recv(1000)


def test_the_client_talks_to_a_certificate_it_knows_and_to_no_other(daemon: Tls, folder: Path) -> None:
    known = hfit(folder, daemon.url, "whoami", ca=folder / "right.crt")
    assert "log in" in known.stderr  # the token is nobody's, but the daemon was reached
    unknown = hfit(folder, daemon.url, "whoami")
    assert unknown.returncode != 0
    assert "certificate" in unknown.stderr
    assert "Traceback" not in unknown.stderr
    assert "hft_" not in unknown.stderr


def test_the_client_refuses_a_certificate_for_another_name(daemon: Tls, folder: Path) -> None:
    other = daemon.url.replace("127.0.0.1", "localhost")
    with Client(other, token="t", ca=folder / "right.crt") as client, pytest.raises(DatabaseError, match="certificate"):
        client.whoami()


def test_the_client_refuses_an_expired_certificate(folder: Path) -> None:
    cert, key = certificate(folder, "expired", "127.0.0.1", until=datetime.now(UTC) - DAY)
    daemon = Tls(folder, cert, key, log="log-expired")
    try:
        with Client(daemon.url, token="t", ca=cert) as client, pytest.raises(DatabaseError, match="certificate"):
            client.whoami()
        assert not [line for line in daemon.lines() if line.get("event") == "request"]
    finally:
        daemon.stop()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_the_command_refuses_to_listen_in_the_open_without_tls(folder: Path, host: str) -> None:
    command = [BIN / "hfitd", "serve", "--config", folder / "hfitd.yaml", "--host", host]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert "there is no TLS" in done.stderr
    assert "serving" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("what", ["certificate", "key", "other"])
def test_what_is_no_certificate_with_its_key_is_one_clear_error(folder: Path, tmp_path: Path, what: str) -> None:
    cert, key = certificate(tmp_path, "one", "localhost")
    if what == "other":
        _, key = certificate(tmp_path, "two", "localhost")
    else:
        (cert if what == "certificate" else key).write_text("nothing of the kind")
    flags = ["--config", folder / "hfitd.yaml", "--tls-cert", cert, "--tls-key", key]
    done = subprocess.run([BIN / "hfitd", "serve", *flags], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "tls_cert and tls_key cannot be used" in done.stderr
    assert "Traceback" not in done.stderr
