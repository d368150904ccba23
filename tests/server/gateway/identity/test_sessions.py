"""Sessions: renewed while the key stands, ended at once; tokens that nobody but the daemon can make."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import jwt
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.server.gateway.identity.conftest import Start, fresh_key
from tests.server.gateway.identity.running import Daemon
from tests.server.gateway.identity.test_logins import DEV, events

from hotfixture.identity.private import PrivateKey
from hotfixture.server.gateway.actors import system
from hotfixture.server.gateway.identity import accounts, known, signing
from hotfixture.server.gateway.identity.changes import changed
from hotfixture.server.gateway.tables import SESSIONS, SIGNING_KEYS


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, unverified."""
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def test_a_token_names_its_daemon_account_and_time(start: Start) -> None:
    daemon = start(url="https://fixtures.example.com", session=1800.0)
    key, now = fresh_key(), time.time()
    accounts.add_user(daemon.state, system(), DEV, keys=[key.public])
    daemon.host = "fixtures.example.com"
    claims = claims_of(daemon.token(key, DEV))
    assert (claims["iss"], claims["aud"], claims["sub"]) == ("fixtures.example.com",) * 2 + (DEV,)
    assert claims["iat"] == claims["nbf"] <= now + 2
    assert abs(claims["exp"] - now - 1800) < 5
    assert len(claims["jti"]) == 32


def test_a_renewed_token_holds_and_the_chain_ends(start: Start) -> None:
    daemon, key = start(session=1000.0, session_longest=3000.0), fresh_key()
    accounts.add_user(daemon.state, system(), DEV, keys=[key.public])
    told = daemon.log_in(key, DEV).json()
    session = claims_of(told["token"])["sid"]
    shift(daemon, session, 900)
    renewed = daemon.ask("POST", "/auth/renew", told["token"])
    assert renewed.status_code == 200, renewed.text
    assert renewed.json()["token"] != told["token"]
    assert claims_of(renewed.json()["token"])["exp"] - time.time() == pytest.approx(1000, abs=5)
    assert daemon.who(renewed.json()["token"]).status_code == 200
    shift(daemon, session, 900)
    assert daemon.ask("POST", "/auth/renew", told["token"]).status_code == 200
    shift(daemon, session, 700)  # 2,500 of 3,000 seconds have passed
    last = daemon.ask("POST", "/auth/renew", renewed.json()["token"]).json()
    assert claims_of(last["token"])["exp"] - time.time() == pytest.approx(500, abs=5)
    assert last["expires"] == last["renewable_until"]
    shift(daemon, session, 501)
    assert daemon.ask("POST", "/auth/renew", last["token"]).status_code == 401
    assert [event["kind"] for event in events(daemon, "session.")] == [
        *["session.renewed"] * 3,
        "session.renewal-refused",
    ]


def shift(daemon: Daemon, session: str, seconds: float) -> None:
    """So much time has passed for the session in the store."""
    with daemon.state.change() as connection:
        values = {"begun": SESSIONS.c.begun - seconds, "expires": SESSIONS.c.expires - seconds}
        connection.execute(SESSIONS.update().where(SESSIONS.c.id == session).values(**values))


def test_a_logout_ends_every_token_of_the_session_at_once_and_no_other(daemon: Daemon, dev: PrivateKey) -> None:
    first, other = daemon.token(dev, DEV), daemon.token(dev, DEV)
    second = daemon.ask("POST", "/auth/renew", first).json()["token"]
    assert daemon.ask("DELETE", "/auth/session", first).status_code == 204
    assert [daemon.who(token).status_code for token in (first, second, other)] == [401, 401, 200]
    assert daemon.ask("POST", "/auth/renew", second).status_code == 401
    assert daemon.client.delete("/auth/session").status_code == 401
    assert events(daemon, "session.ended")[0]["actor"] == DEV


@pytest.mark.parametrize("deed", ["key", "user", "disabled"])
def test_sessions_end_with_the_key_or_the_user_on_every_daemon(two: tuple[Daemon, Daemon], deed: str) -> None:
    """At once where it was done, within a second elsewhere."""
    here, there = two
    boss, key = fresh_key(), fresh_key()
    accounts.add_user(here.state, system(), "root@example.com", roles=["admin"], keys=[boss.public])
    accounts.add_user(here.state, system(), DEV, keys=[key.public])
    admin, token = here.token(boss, "root@example.com"), there.token(key, DEV)
    assert [daemon.who(token).status_code for daemon in two] == [200, 200]
    path = f"/api/users/{DEV}"
    if deed == "disabled":
        answer = here.ask("PATCH", path, admin, json={"disabled": True})
        assert answer.status_code == 200
    else:
        whole = path if deed == "user" else f"{path}/keys/{key.public.fingerprint}"
        answer = here.ask("DELETE", whole, admin)
        assert answer.status_code == 204
    assert here.who(token).status_code == 401
    time.sleep(known.FRESH + 0.05)
    assert there.who(token).status_code == 401
    assert there.log_in(key, DEV).status_code == 401


def test_other_roles_count_at_once(daemon: Daemon, dev: PrivateKey, admin: str) -> None:
    token = daemon.token(dev, DEV)
    assert daemon.ask("GET", "/api/users", token).status_code == 403
    assert daemon.ask("PATCH", f"/api/users/{DEV}", admin, json={"roles": ["admin"]}).status_code == 200
    assert daemon.ask("GET", "/api/users", token).status_code == 200


def part(value: object) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def forgeries(daemon: Daemon, token: str) -> dict[str, str]:
    """Tokens that say what a good one says, and that the daemon did not sign."""
    claims, header = claims_of(token), jwt.get_unverified_header(token)
    (published,) = daemon.client.get("/.well-known/jwks.json").json()["keys"]
    stranger = Ed25519PrivateKey.generate()
    public = jwt.PyJWK(published).key
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    head, body, signature = token.split(".")

    def signed(key: Any, algorithm: str, **more: Any) -> str:
        return jwt.encode(claims, key, algorithm, headers={"kid": header["kid"], **more})

    return {
        "alg none": f"{part(header | {'alg': 'none'})}.{body}.",
        "alg none with the signature": f"{part(header | {'alg': 'none'})}.{body}.{signature}",
        "hs256 by the public key": signed(raw, "HS256"),
        "hs256 by its base64": signed(published["x"] + "0123456789", "HS256"),
        "another key under our kid": signed(stranger, "EdDSA"),
        "another key under its kid": signed(stranger, "EdDSA", kid="0123456789abcdef"),
        "no kid": jwt.encode(claims, stranger, "EdDSA"),
        "its own key in the header": signed(stranger, "EdDSA", jwk={"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}),
        "another account": f"{head}.{part(claims | {'sub': 'root@example.com'})}.{signature}",
        "a later end": f"{head}.{part(claims | {'exp': claims['exp'] + 9999})}.{signature}",
        "no signature": f"{head}.{body}.",
        "a cut signature": token[:-4],
        "no parts": "x",
        "empty parts": "..",
        "endless": f"{head}.{body}{'A' * 5000}.{signature}",
    }


def test_a_token_that_the_daemon_did_not_sign_is_not_believed(daemon: Daemon, dev: PrivateKey) -> None:
    token = daemon.token(dev, DEV)
    for name, forged in forgeries(daemon, token).items():
        answer = daemon.who(forged)
        assert answer.status_code == 401, name
        assert answer.headers["www-authenticate"] == "Bearer"
    assert daemon.who(token).status_code == 200
    assert daemon.client.get("/api/whoami").status_code == 401
    assert daemon.client.get("/api/whoami", headers={"authorization": f"Basic {token}"}).status_code == 401


def test_a_token_signed_by_the_daemon_for_something_else_is_not_believed(daemon: Daemon, dev: PrivateKey) -> None:
    """Another audience, another issuer, not yet, no longer, without an end, without a session."""
    good, ring, now = claims_of(daemon.token(dev, DEV)), daemon.keeper.known.ring(), time.time()
    changes: list[dict[str, Any]] = [
        {"aud": "other"}, {"iss": "other"}, {"nbf": int(now) + 60}, {"exp": int(now) - 1}, {"exp": "9999999999"},
        {"exp": None}, {"sid": None}, {"sid": "0" * 32}, {"sub": "root@example.com"}, {"sub": None}, {"sid": ["a"]},
        {"aud": ["hotfixture", "other"]} | {"iss": "x"}, {"nbf": None}, {"jti": None},
    ]  # fmt: skip
    for change in changes:
        claims = {name: value for name, value in (good | change).items() if value is not None}
        assert daemon.who(ring.sign(claims, now)).status_code == 401, change
    assert daemon.who(ring.sign(good, now)).status_code == 200


@given(st.text(alphabet=st.characters(codec="latin-1"), max_size=200))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_noise_is_no_token(text: str) -> None:
    ring = signing.Ring([signing.SigningKey("k", KEY, KEY.public_key(), 0.0, None)])
    assert ring.knows(text) in {True, False}
    assert ring.read(text, 1.0, audience="a") is None
    assert ring.read(f"{part({'alg': 'EdDSA', 'kid': text})}.{part(text)}.AAAA", 1.0, audience="a") is None


KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def test_refusals_of_tokens_are_audited_once_a_minute(daemon: Daemon, dev: PrivateKey) -> None:
    token = daemon.token(dev, DEV)
    daemon.ask("DELETE", "/auth/session", token)
    for _ in range(5):
        daemon.who(token)
        daemon.who("x")
    refused = [(event["subject"], event["facts"]["reason"]) for event in events(daemon, "token.refused")]
    assert sorted(refused) == [("", "no token of this daemon's that holds now"), (DEV, "the session has ended")]


def test_a_clock_that_jumps_lets_nobody_in_for_longer(
    daemon: Daemon, dev: PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forward: what has expired by the new time is refused. Back: a few seconds change nothing, and logins go on."""
    token, real = daemon.token(dev, DEV), time.time
    monkeypatch.setattr(time, "time", lambda: real() + 3601)
    daemon.keeper.known.forget()
    assert daemon.who(token).status_code == 401
    monkeypatch.setattr(time, "time", lambda: real() - 3)
    daemon.keeper.known.forget()
    assert daemon.who(token).status_code == 200
    monkeypatch.setattr(time, "time", lambda: real() - 86_400)
    daemon.keeper.known.forget()
    assert daemon.who(token).status_code == 401  # it does not hold yet
    assert daemon.who(daemon.token(dev, DEV)).status_code == 200
    monkeypatch.setattr(time, "time", real)
    daemon.keeper.known.forget()
    assert daemon.who(token).status_code == 200


# ---- signing keys


def published(daemon: Daemon) -> list[str]:
    """The ids of the published keys."""
    answer = daemon.client.get("/.well-known/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    return [key["kid"] for key in answer.json()["keys"]]


def test_a_published_key_verifies_what_the_daemon_signs(daemon: Daemon, dev: PrivateKey) -> None:
    token = daemon.token(dev, DEV)
    found = jwt.PyJWKSet.from_dict(daemon.client.get("/.well-known/jwks.json").json())
    key = found[jwt.get_unverified_header(token)["kid"]]
    assert jwt.decode(token, key, ["EdDSA"], audience="hotfixture", issuer="hotfixture")["sub"] == DEV


def test_a_next_key_is_published_before_it_signs_and_an_old_one_as_long_as_its_tokens_hold(
    two: tuple[Daemon, Daemon],
) -> None:
    here, there = two
    key = fresh_key()
    accounts.add_user(here.state, system(), DEV, keys=[key.public])
    (first,) = published(here)
    old = here.token(key, DEV)
    second = signing.rotate(here.state, here.keeper.seal, system(), longest=3600.0, early=1.0)
    time.sleep(known.FRESH + 0.05)
    assert published(here) == published(there) == [first, second]
    assert jwt.get_unverified_header(there.token(key, DEV))["kid"] == first
    later(here, signing.SHORTEST_EARLY + 1)
    new = there.token(key, DEV)
    assert jwt.get_unverified_header(new)["kid"] == second
    assert [daemon.who(token).status_code for daemon in two for token in (old, new)] == [200] * 4
    later(here, 3600 + signing.SLACK + 1)
    here.keeper.tend()
    assert published(here) == published(there) == [second]
    assert [event["subject"] for event in events(here, "signing-key.")] == [first, second]


def later(daemon: Daemon, seconds: float) -> None:
    """So many seconds have passed for the signing keys in the store."""
    with daemon.state.change() as connection:
        c = SIGNING_KEYS.c
        values = {"active_from": c.active_from - seconds, "retired": c.retired - seconds}
        connection.execute(SIGNING_KEYS.update().values(**values))
        changed(connection)
    time.sleep(known.FRESH + 0.05)


def test_a_key_that_somebody_saw_is_worth_nothing_at_once(two: tuple[Daemon, Daemon]) -> None:
    here, there = two
    key = fresh_key()
    accounts.add_user(here.state, system(), DEV, keys=[key.public])
    old = there.token(key, DEV)
    made = signing.rotate(here.state, here.keeper.seal, system(), longest=3600.0, at_once=True)
    time.sleep(known.FRESH + 0.05)
    assert published(here) == published(there) == [made]
    assert [daemon.who(old).status_code for daemon in two] == [401, 401]
    new = here.token(key, DEV)
    assert there.who(new).status_code == 200


def test_a_token_of_a_key_made_a_moment_ago_elsewhere_is_believed(two: tuple[Daemon, Daemon]) -> None:
    here, there = two
    key = fresh_key()
    accounts.add_user(here.state, system(), DEV, keys=[key.public])
    there.who(there.token(key, DEV))  # there has just looked
    signing.rotate(here.state, here.keeper.seal, system(), longest=3600.0, at_once=True)
    here.keeper.known.look()
    there.keeper.known._checked = time.monotonic()
    assert there.who(here.token(key, DEV)).status_code == 200


def test_keys_are_replaced_in_good_time_and_once(two: tuple[Daemon, Daemon]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    here, there = two
    now, (first,) = time.time(), published(here)
    with ThreadPoolExecutor(8) as pool:
        due = now + signing.USED - signing.EARLY + 60
        list(pool.map(lambda d: signing.tend(d.state, d.keeper.seal, longest=3600.0, now=due), [here, there] * 8))
    with here.state.read() as connection:
        rows = connection.execute(sa.select(SIGNING_KEYS).order_by(SIGNING_KEYS.c.active_from)).all()
    assert rows[0].id == first
    assert len(rows) == 2
    assert rows[1].active_from - due >= signing.EARLY - 120
    assert rows[0].retired == rows[1].active_from + 3600 + signing.SLACK


def test_private_keys_are_sealed_in_the_store(daemon: Daemon) -> None:
    with daemon.state.read() as connection:
        (row,) = connection.execute(sa.select(SIGNING_KEYS)).all()
    opened = signing._opened(row, daemon.keeper.seal)
    raw = opened.private.private_bytes_raw()
    stored = b"".join(path.read_bytes() for path in daemon.settings.folder.glob("hfitd.sqlite*"))
    assert raw not in stored
    assert base64.b64encode(raw) not in stored
    assert base64.b64encode(opened.public.public_bytes_raw()) in stored  # the search finds what is there


def test_another_seal_key_is_named(daemon: Daemon, start: Start) -> None:
    from hotfixture.errors import HotFixtureError
    from hotfixture.server.gateway.seals import Seal

    with daemon.state.read() as connection, pytest.raises(HotFixtureError, match="does not open"):
        signing.opened(connection, Seal(bytes(range(32))))


def test_a_session_that_has_ended_is_not_begun_again_by_a_clock_that_is_set_back(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon, key = start(session=3.0), fresh_key()
    accounts.add_user(daemon.state, system(), DEV, keys=[key.public])
    token, real = daemon.token(key, DEV), time.time
    assert daemon.who(token).status_code == 200
    while daemon.who(token).status_code == 200:
        time.sleep(0.1)
    time.sleep(1)
    monkeypatch.setattr(time, "time", lambda: real() - 3)
    daemon.keeper.known.forget()
    assert daemon.who(token).status_code == 401
    assert daemon.who(daemon.token(key, DEV)).status_code == 200
