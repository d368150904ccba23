"""Logging in: who signed a fresh challenge of this daemon with a key of the account, and nobody else."""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from tests.identity import ssh
from tests.server.gateway.identity.conftest import Start, fresh_key
from tests.server.gateway.identity.running import Daemon

from hotfixture.identity import challenges, keys, signatures, signers
from hotfixture.identity.fields import string
from hotfixture.identity.private import PrivateKey
from hotfixture.server.gateway.actors import system
from hotfixture.server.gateway.identity import accounts, logins, nonces, throttles
from hotfixture.server.gateway.tables import AUDIT, CHALLENGES, SESSIONS, THROTTLES

DEV = "dev@example.com"


@pytest.fixture(scope="session")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A key file of every kind, by name."""
    return ssh.make_all(tmp_path_factory.mktemp("keys"))


def events(daemon: Daemon, kind: str = "") -> list[dict[str, Any]]:
    """The audit events of a kind, or all, oldest first, with their facts read."""
    query = sa.select(AUDIT).order_by(AUDIT.c.seq)
    with daemon.state.read() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    return [row | {"facts": json.loads(row["facts"])} for row in rows if row["kind"].startswith(kind)]


def signed(asked: dict[str, Any], key: PrivateKey) -> str:
    """The signature of a challenge."""
    return signatures.sign(key, asked["text"].encode(), asked["namespace"])


@pytest.mark.parametrize("name", ssh.KINDS)
def test_ssh_keygen_logs_in_with_every_kind_of_key(daemon: Daemon, key_files: dict[str, Path], name: str) -> None:
    public = keys.read(key_files[name].with_suffix(".pub").read_text())
    accounts.add_user(daemon.state, system(), DEV, keys=[public])
    asked = daemon.challenge(DEV)
    command = ("ssh-keygen", "-Y", "sign", "-f", str(key_files[name]), "-n", asked["namespace"], "-q")
    answer = daemon.answer(asked, ssh.run(*command, given=asked["text"].encode()).decode())
    assert answer.status_code == 201, answer.text
    assert daemon.who(answer.json()["token"]).json()["name"] == DEV


@pytest.mark.parametrize("name", ["ed25519", "rsa3072"])
def test_a_key_in_an_agent_logs_in(daemon: Daemon, key_files: dict[str, Path], name: str) -> None:
    public = keys.read(key_files[name].with_suffix(".pub").read_text())
    accounts.add_user(daemon.state, system(), DEV, keys=[public])
    with ssh.agent() as environment:
        ssh.add(environment, key_files[name])
        signer = signers.of_fingerprint(public.fingerprint, environment)
        assert daemon.log_in(signer, DEV).status_code == 201


def test_a_login_tells_who_and_how_long_and_is_audited(daemon: Daemon, dev: PrivateKey) -> None:
    answer = daemon.log_in(dev, DEV)
    told = answer.json()
    who = daemon.who(told["token"]).json()
    assert who == {
        "name": DEV, "kind": "user", "roles": ["developer"], "teams": ["payments"], "templates": ["*"],
        "expires": told["expires"],
    }  # fmt: skip
    assert answer.headers["cache-control"] == "no-store"
    (event,) = events(daemon, "login.")
    assert (event["kind"], event["actor"], event["address"]) == ("login.succeeded", DEV, "127.0.0.1")
    assert event["request"] == answer.headers["x-request-id"]
    assert event["facts"]["fingerprint"] == dev.public.fingerprint
    assert accounts.user(daemon.state, DEV).keys[0].last_used


def test_a_challenge_is_kept_as_its_hash_and_used_up_by_its_login(daemon: Daemon, dev: PrivateKey) -> None:
    asked = daemon.challenge(DEV)
    with daemon.state.read() as connection:
        (row,) = connection.execute(sa.select(CHALLENGES)).mappings()
    assert asked["challenge"] not in json.dumps(dict(row))
    signature = signed(asked, dev)
    assert daemon.answer(asked, signature).status_code == 201
    assert daemon.answer(asked, signature).status_code == 401  # replayed


def test_a_challenge_answered_twenty_times_at_once_gives_one_session(daemon: Daemon, dev: PrivateKey) -> None:
    from concurrent.futures import ThreadPoolExecutor

    asked = daemon.challenge(DEV)
    signature = signed(asked, dev)
    with ThreadPoolExecutor(20) as pool:
        statuses = sorted(pool.map(lambda _: daemon.answer(asked, signature).status_code, range(20)))
    assert statuses[0] == 201
    assert set(statuses[1:]) <= {401, 429}
    with daemon.state.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(SESSIONS)).scalar() == 1


def refusals(daemon: Daemon, dev: PrivateKey) -> dict[str, tuple[dict[str, Any], str]]:
    """Challenges with answers that are all wrong, each in one way."""
    other, big = fresh_key(), rsa.generate_private_key(65537, 3072)
    rsa_key = PrivateKey(keys.of_key(big.public_key()), big)
    accounts.add_user(daemon.state, system(), "rsa@example.com", keys=[rsa_key.public])
    accounts.add_user(daemon.state, system(), "off@example.com", keys=[other.public])
    accounts.change_user(daemon.state, system(), "off@example.com", disabled=True)
    accounts.add_user(daemon.state, system(), "old@example.com", keys=[fresh_key().public])
    asked = {account: daemon.challenge(f"{account}@example.com") for account in ("dev", "rsa", "off", "old", "nobody")}
    again = [daemon.challenge(DEV) for _ in range(7)]
    late, purpose, host = daemon.challenge(DEV), daemon.challenge(DEV), daemon.challenge(DEV)
    change(daemon, late, expires=time.time() - 1)
    change(daemon, purpose, purpose="renewal")
    change(daemon, host, host="other.example.com")
    moved = host["text"].replace(daemon.host, "other.example.com")
    sha1 = big.sign(signatures._signed(asked["rsa"]["text"].encode(), asked["rsa"]["namespace"]),
                    padding.PKCS1v15(), hashes.SHA1())  # fmt: skip
    whole = signed(again[2], dev)
    return {
        "unknown account": (asked["nobody"], signed(asked["nobody"], dev)),
        "wrong key": (asked["dev"], signed(asked["dev"], fresh_key())),
        "key of another account": (again[0], signed(again[0], rsa_key)),
        "removed key": (asked["old"], signed(asked["old"], fresh_key())),
        "disabled account": (asked["off"], signed(asked["off"], other)),
        "expired": (late, signed(late, dev)),
        "other purpose": (purpose, signed(purpose, dev)),
        "other host": (host, signatures.sign(dev, moved.encode(), challenges.namespace("other.example.com"))),
        "other text": (again[1], signatures.sign(dev, b"another text", again[1]["namespace"])),
        "truncated": (again[2], whole[: len(whole) // 2]),
        "empty": (again[3], ""),
        "other namespace": (again[4], signatures.sign(dev, again[4]["text"].encode(), "git")),
        "other challenge": (again[5], signed(again[6], dev)),
        "never made": ({"challenge": "A" * 43}, signed(again[6], dev)),
        "rsa with sha-1": (asked["rsa"], sha1_armour(rsa_key, asked["rsa"]["namespace"], sha1)),
    }


def change(daemon: Daemon, asked: dict[str, Any], **values: object) -> None:
    """Another challenge in the store than was told."""
    with daemon.state.change() as connection:
        digest = nonces.digest_of(asked["challenge"])
        connection.execute(CHALLENGES.update().where(CHALLENGES.c.digest == digest).values(**values))


def sha1_armour(key: PrivateKey, space: str, raw: bytes) -> str:
    """An SSHSIG whose RSA signature is by SHA-1, as old agents make them."""
    import base64

    head = b"SSHSIG\0\0\0\1" + string(key.public.blob) + string(space) + string("") + string("sha512")
    body = base64.b64encode(head + string(string("ssh-rsa") + string(raw))).decode()
    return f"-----BEGIN SSH SIGNATURE-----\n{body}\n-----END SSH SIGNATURE-----\n"


def test_whatever_is_wrong_is_refused_in_the_same_words_and_audited(
    daemon: Daemon, dev: PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttles, "ACCOUNT", throttles.Rule(1000, 1.0))
    monkeypatch.setattr(throttles, "ADDRESS", throttles.Rule(1000, 1.0))
    wrong = refusals(daemon, dev)
    answers = {name: daemon.answer(*given) for name, given in wrong.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(wrong, 401)
    bodies = {json.dumps(answer.json() | {"request_id": ""}) for answer in answers.values()}
    headers = {frozenset(set(answer.headers) - {"date"}) for answer in answers.values()}
    assert len(bodies) == len(headers) == 1
    audited = events(daemon, "login.failed")
    assert len(audited) == len(wrong)
    assert all(event["facts"]["reason"] for event in audited)
    with daemon.state.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(SESSIONS)).scalar() == 0
    assert daemon.log_in(dev, DEV).status_code == 201


def test_neither_an_answer_nor_its_time_tells_whether_an_account_is_known(
    daemon: Daemon, dev: PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The medians of a hundred attempts each, in turns, differ by less than a machine in use varies: half."""
    monkeypatch.setattr(throttles, "ACCOUNT", throttles.Rule(10_000, 1.0))
    monkeypatch.setattr(throttles, "ADDRESS", throttles.Rule(10_000, 1.0))
    key, spent = fresh_key(), {DEV: [], "nobody@example.com": []}  # type: dict[str, list[float]]
    for _ in range(100):
        for account, times in spent.items():
            asked = daemon.challenge(account)
            signature = signed(asked, key)
            begun = time.perf_counter()
            assert daemon.answer(asked, signature).status_code == 401
            times.append(time.perf_counter() - begun)
    known, unknown = (statistics.median(times) for times in spent.values())
    assert 0.5 < known / unknown < 2
    first, second = (daemon.challenge(account) for account in spent)
    assert set(first) == set(second)
    assert len(first["challenge"]) == len(second["challenge"])


def test_a_name_that_is_not_the_daemons_gets_no_challenge(start: Start) -> None:
    """Else somebody in between could pass on a challenge of the real daemon under their own name."""
    named = start(url="https://fixtures.example.com")
    for host, status in {
        "fixtures.example.com": 200, "Fixtures.Example.com:443": 200, "evil.example.com": 400,
        "fixtures.example.com:8443": 400, named.host: 400, "a\nb": 400,
    }.items():  # fmt: skip
        body = {"account": DEV, "host": host}
        answer = named.client.post("/auth/challenge", json=body, headers={"host": "evil.example.com"})
        assert answer.status_code == status, host
    unnamed = start()
    port = unnamed.host.rpartition(":")[2]
    for host, status in {f"localhost:{port}": 200, f"[::1]:{port}": 200, "localhost": 400, "evil.example": 400}.items():
        body = {"account": DEV, "host": host}
        answer = unnamed.client.post("/auth/challenge", json=body)
        assert answer.status_code == status, host
        told = status == 200 or "It listens as" in answer.json()["problems"][0]["hint"]
        assert told, host
    assert (
        "fixtures.example.com"
        not in named.client.post("/auth/challenge", json={"account": DEV, "host": "evil.example"}).json()["problems"][
            0
        ]["hint"]
    )  # where the name is more than this machine's, it is not told


def test_bad_bodies_are_refused(daemon: Daemon) -> None:
    for path, body in (
        ("/auth/challenge", {}),
        ("/auth/challenge", {"account": "a b", "host": daemon.host}),
        ("/auth/challenge", {"account": DEV, "host": daemon.host, "more": 1}),
        ("/auth/session", {"challenge": 1, "signature": ""}),
    ):
        answer = daemon.client.post(path, json=body)
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every wait is of a hundred seconds, which no machine is too slow to see."""
    monkeypatch.setattr(throttles.Rule, "wait", lambda rule, failures: 100.0 * (failures > rule.free))


def test_a_wait_doubles_up_to_its_longest() -> None:
    for rule in (throttles.ACCOUNT, throttles.ADDRESS):
        waits = [rule.wait(number) for number in range(200)]
        assert waits[: rule.free + 4] == [0.0] * (rule.free + 1) + [2.0, 4.0, 8.0]
        assert waits == sorted(waits)
        assert waits[-1] == rule.longest


@pytest.mark.usefixtures("patient")
def test_failures_make_the_account_wait_and_then_be_forgotten(daemon: Daemon, dev: PrivateKey) -> None:
    stranger = fresh_key()
    for _ in range(throttles.ACCOUNT.free):
        assert daemon.log_in(stranger, DEV).status_code == 401
    assert daemon.log_in(dev, DEV).status_code == 201  # free failures cost nothing, and a success clears them
    for _ in range(throttles.ACCOUNT.free + 1):
        assert daemon.log_in(stranger, DEV).status_code == 401
    for path, body in (
        ("/auth/challenge", {"account": DEV, "host": daemon.host}),
        ("/auth/challenge", {"account": DEV.upper(), "host": daemon.host}),
    ):
        answer = daemon.client.post(path, json=body)
        assert answer.status_code == 429
        assert 50 <= int(answer.headers["retry-after"]) <= 100
    assert daemon.client.post("/auth/challenge", json={"account": "x", "host": daemon.host}).status_code == 200
    with daemon.state.change() as connection:
        connection.execute(THROTTLES.update().values(until=0.0))
    assert daemon.log_in(dev, DEV).status_code == 201


@pytest.mark.usefixtures("patient")
def test_a_challenge_from_before_the_wait_does_not_get_around_it(daemon: Daemon, dev: PrivateKey) -> None:
    kept = [daemon.challenge(DEV) for _ in range(throttles.ACCOUNT.free + 2)]
    statuses = [daemon.answer(asked, signed(asked, fresh_key())).status_code for asked in kept]
    assert statuses == [401] * (throttles.ACCOUNT.free + 1) + [429]
    assert daemon.answer(kept[-1], signed(kept[-1], dev)).status_code == 429


@pytest.mark.usefixtures("patient")
def test_an_address_waits_whatever_names_it_tries(daemon: Daemon) -> None:
    key, now = fresh_key(), time.time()
    for number in range(throttles.ADDRESS.free + 1):
        assert daemon.log_in(key, f"user{number}").status_code == 401
    assert daemon.client.post("/auth/challenge", json={"account": "new", "host": daemon.host}).status_code == 429
    with daemon.state.change() as connection:
        assert throttles.wait(connection, "new", "127.0.0.1", now) > 0
        assert throttles.wait(connection, "new", "192.0.2.1", now) == 0
        for number in range(30):
            throttles.failed(connection, "", f"2001:db8::{number:x}", now)
        assert throttles.wait(connection, "", "2001:db8::ffff:1", now) > 0  # one customer's network
        assert throttles.wait(connection, "", "2001:db8:0:1::1", now) == 0
        throttles.forget(connection, now + throttles.FORGOTTEN + 60)
        assert connection.execute(sa.select(sa.func.count()).select_from(THROTTLES)).scalar() == 0


def test_a_flood_of_challenges_is_bounded_and_forgotten(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "MOST", 3)
    for _ in range(3):
        daemon.challenge(DEV)
    answer = daemon.client.post("/auth/challenge", json={"account": DEV, "host": daemon.host})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    monkeypatch.setattr(logins, "MOST_OF_ONE", 3)
    assert daemon.client.post("/auth/challenge", json={"account": DEV, "host": daemon.host}).status_code == 429
    with daemon.state.change() as connection:
        connection.execute(CHALLENGES.update().values(address="192.0.2.1"))
    monkeypatch.setattr(logins, "MOST", 5)
    daemon.challenge(DEV)  # others' are not this address's
    with daemon.state.change() as connection:
        connection.execute(CHALLENGES.update().values(expires=time.time() - 1))
    daemon.challenge(DEV)
    with daemon.state.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(CHALLENGES)).scalar() == 1


def test_a_login_that_cannot_be_audited_does_not_happen(
    daemon: Daemon, dev: PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hotfixture.errors import DatabaseError
    from hotfixture.server.gateway import audit

    asked = daemon.challenge(DEV)

    def away(*_: object, **__: object) -> None:
        raise DatabaseError("the audit cannot be written")

    with monkeypatch.context() as patched:
        patched.setattr(audit, "record", away)
        assert daemon.answer(asked, signed(asked, dev)).status_code == 503
    with daemon.state.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(SESSIONS)).scalar() == 0
    assert daemon.answer(asked, signed(asked, dev)).status_code == 201  # nor was the challenge used up
