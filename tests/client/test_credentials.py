"""Sessions: opened by a signature, renewed in time, opened again while the key answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from tests.client.daemon import Daemon, problem

from hotfixture.client import Client
from hotfixture.client.calls import Call
from hotfixture.client.credentials import Credentials, Session
from hotfixture.client.signing import sign_by
from hotfixture.errors import HotFixtureError, InputError, RefusedError
from hotfixture.identity import challenges, signatures

GET: Call[dict[str, int]] = Call(method="GET", path="/api/thing", returns=dict[str, int])
ACCOUNT = "dev@example.com"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A key file without a passphrase."""
    path = tmp_path / "id_ed25519"
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption())
    path.write_bytes(Ed25519PrivateKey.generate().private_bytes(*form))
    path.chmod(0o600)
    return path


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(time.time() + seconds, UTC).isoformat().replace("+00:00", "Z")


class Logins:
    """Answers logins as a daemon does; every token is another."""

    def __init__(self, daemon: Daemon, *, holds: float = 3600.0, longest: float = 36_000.0) -> None:
        self.host = challenges.host_of(daemon.url)
        self.holds, self.longest = holds, longest
        self.tokens = iter(f"t{number}" for number in range(100))
        self.said: Callable[[challenges.Challenge], str] = lambda made: made.text
        self.made: challenges.Challenge | None = None
        daemon.answers |= {
            "POST /auth/challenge": self.challenge, "POST /auth/session": self.begin, "POST /auth/renew": self.told,
            "DELETE /auth/session": Response(status_code=204), "GET /api/thing": JSONResponse({"a": 1}),
        }  # fmt: skip

    def challenge(self, _: Request) -> Response:
        self.made = challenges.make(self.host, ACCOUNT, time.time())
        told = {"challenge": self.made.nonce, "text": self.said(self.made), "namespace": "x", "expires": moment(300)}
        return JSONResponse(told)

    async def begin(self, request: Request) -> Response:
        assert self.made
        signature = (await request.json())["signature"]
        signatures.verify(signature, self.made.text.encode(), challenges.namespace(self.host))
        return self.told(request)

    def told(self, _: Request) -> Response:
        until = {"expires": moment(self.holds), "renewable_until": moment(self.longest)}
        return JSONResponse({"token": next(self.tokens), "account": ACCOUNT, **until})


def opened(daemon: Daemon, session: Session | None, key: Path | None = None) -> tuple[Client, list[Session | None]]:
    """A client with a session, and each new one that it was told to keep."""
    kept: list[Session | None] = []
    signer = (lambda: sign_by(str(key))) if key else None
    credentials = Credentials(challenges.host_of(daemon.url), session, ACCOUNT, signer, kept.append)
    return Client(daemon.url, credentials=credentials), kept


def ending(expires: float, renew: float, until: float = 9000.0) -> Session:
    now = time.time()
    return Session("old", ACCOUNT, now + expires, now + renew, now + until)


def test_a_signature_opens_a_session(daemon: Daemon, key: Path):
    Logins(daemon)
    with Client(daemon.url) as client:
        session = client.login(ACCOUNT, key)
        assert client.do(GET) == {"a": 1}
    assert session.token == "t0"
    assert 2600 < session.renew_at - time.time() < 2800
    assert daemon.seen[-1].headers["authorization"] == "Bearer t0"
    assert all("authorization" not in request.headers for request in daemon.seen[:2])


@pytest.mark.parametrize("other", ["other.example", "127.0.0.1"])
def test_what_is_no_login_to_this_host_is_not_signed(daemon: Daemon, key: Path, other: str):
    logins = Logins(daemon)
    logins.said = lambda made: made._replace(host=other).text
    with Client(daemon.url) as client, pytest.raises(RefusedError, match="not signed"):
        client.login(ACCOUNT, key)
    assert daemon.paths() == ["POST /auth/challenge"]


def test_a_session_is_renewed_before_it_ends_and_kept(daemon: Daemon):
    Logins(daemon)
    client, kept = opened(daemon, ending(100, -1))
    with client:
        client.do(GET)
        client.do(GET)
    assert daemon.paths() == ["POST /auth/renew", "GET /api/thing", "GET /api/thing"]
    assert [session.token for session in kept if session] == ["t0"]
    assert daemon.seen[1].headers["authorization"] == "Bearer t0"


@pytest.mark.parametrize("skew", [-90_000, 90_000])
def test_a_clock_that_is_wrong_ends_no_session(daemon: Daemon, key: Path, monkeypatch: pytest.MonkeyPatch, skew: int):
    Logins(daemon)
    real = time.time
    monkeypatch.setattr("hotfixture.client.credentials.time", lambda: real() + skew)
    with Client(daemon.url) as client:
        client.login(ACCOUNT, key)
        client.do(GET)
        client.do(GET)
    assert daemon.paths() == ["POST /auth/challenge", "POST /auth/session", "GET /api/thing", "GET /api/thing"]


def test_a_session_that_has_time_is_left_alone(daemon: Daemon):
    Logins(daemon)
    client, kept = opened(daemon, ending(1000, 500))
    with client:
        client.do(GET)
    assert daemon.paths() == ["GET /api/thing"]
    assert kept == []


def test_a_renewal_that_fails_costs_nothing_while_the_session_holds(daemon: Daemon):
    Logins(daemon)
    daemon.answers["POST /auth/renew"] = lambda _: problem(401, "the session cannot be renewed")
    client, _ = opened(daemon, ending(100, -1))
    with client:
        assert client.do(GET) == {"a": 1}
    assert daemon.seen[-1].headers["authorization"] == "Bearer old"


@pytest.mark.parametrize("session", [None, ending(-1, -2), ending(100, -1, 100)])
def test_the_key_opens_another_session_where_the_old_one_has_ended(daemon: Daemon, key: Path, session: Session | None):
    Logins(daemon)
    client, _ = opened(daemon, session, key)
    with client:
        assert client.do(GET) == {"a": 1}
    assert daemon.paths() == ["POST /auth/challenge", "POST /auth/session", "GET /api/thing"]


def test_a_session_that_was_revoked_is_opened_again_once(daemon: Daemon, key: Path):
    Logins(daemon)
    daemon.answers["GET /api/thing"] = lambda request: (
        problem(401, "log in first") if request.headers["authorization"] == "Bearer old" else JSONResponse({"a": 1})
    )
    client, _ = opened(daemon, ending(1000, 500), key)
    with client:
        assert client.do(GET) == {"a": 1}
    daemon.answers["GET /api/thing"] = lambda _: problem(401, "log in first")
    daemon.seen.clear()
    with client, pytest.raises(RefusedError, match="hfit login"):
        client.do(GET)
    assert daemon.paths().count("POST /auth/session") == 1


@pytest.mark.parametrize(("session", "said"), [(None, "not logged in"), (ending(-1, -2), "the session has ended")])
def test_without_a_key_it_says_what_to_do(daemon: Daemon, session: Session | None, said: str):
    client, _ = opened(daemon, session)
    with client, pytest.raises(RefusedError, match=rf"{said}(?s:.*)hfit login"):
        client.do(GET)
    assert daemon.seen == []


def test_a_key_that_does_not_answer_is_named(daemon: Daemon, tmp_path: Path):
    client, _ = opened(daemon, None, tmp_path / "gone")
    with client, pytest.raises(RefusedError, match="no key answers"):
        client.do(GET)


def test_a_service_token_is_sent_as_it_is(daemon: Daemon, key: Path):
    Logins(daemon)
    daemon.answers["GET /api/thing"] = lambda _: problem(401, "log in first")
    client, _ = opened(daemon, Session("hft_a"), key)
    with client, pytest.raises(HotFixtureError):
        client.do(GET)
    assert daemon.paths() == ["GET /api/thing"]


def test_after_a_logout_the_key_is_not_used_until_a_login(daemon: Daemon, key: Path):
    from hotfixture.client.conversations import sent

    Logins(daemon)
    client, kept = opened(daemon, ending(1000, 500), key)
    with client:
        client.carry(client.credentials.end(sent))
        with pytest.raises(RefusedError, match="not logged in"):
            client.do(GET)
        assert daemon.paths() == ["DELETE /auth/session"]
        client.login(ACCOUNT, key)
        assert client.do(GET) == {"a": 1}
    assert kept[0] is None


def test_a_logout_ends_it_at_both_ends(daemon: Daemon):
    from hotfixture.client.conversations import sent

    Logins(daemon)
    client, kept = opened(daemon, ending(1000, 500))
    with client:
        client.carry(client.credentials.end(sent))
        with pytest.raises(RefusedError, match="not logged in"):
            client.do(GET)
    assert daemon.paths() == ["DELETE /auth/session"]
    assert kept == [None]


@pytest.mark.parametrize("account", ["", "dev example", "ж@example.com", "a" * 300])
def test_what_can_be_no_account_is_refused_at_once(daemon: Daemon, key: Path, account: str):
    with Client(daemon.url) as client, pytest.raises(InputError, match="account"):
        client.login(account, key)
    assert daemon.seen == []


def test_a_login_can_be_awaited(daemon: Daemon, key: Path):
    import asyncio

    from hotfixture.client import AsyncClient

    Logins(daemon)

    async def run() -> Any:
        async with AsyncClient(daemon.url) as client:
            await client.login(ACCOUNT, key)
            return await client.do(GET)

    assert asyncio.run(run()) == {"a": 1}
