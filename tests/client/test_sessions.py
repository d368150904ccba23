"""Sessions between commands: for the user alone, and for the daemon they belong to alone."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from hotfixture.client import sessions
from hotfixture.client.credentials import Session
from hotfixture.client.profiles import Profile, folder
from hotfixture.errors import InputError

PROFILE = Profile("work", "https://a.example", "dev@example.com")
SESSION = Session("secret", "dev@example.com", 10.0, 7.5, 20.0)


@pytest.fixture
def path(home: Path) -> Path:
    sessions.save(PROFILE, SESSION)
    return folder("state") / "sessions" / "work.json"


def test_a_session_is_found_again(path: Path):
    assert sessions.load(PROFILE) == SESSION
    assert "secret" not in repr(SESSION)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_it_is_for_the_user_alone(path: Path):
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.chmod(0o640)
    with pytest.raises(InputError, match="others may read"):
        sessions.load(PROFILE)


@pytest.mark.parametrize(
    "other",
    [
        replace(PROFILE, url="https://b.example"),
        replace(PROFILE, url="http://a.example"),
        replace(PROFILE, account="boss@example.com"),
        replace(PROFILE, name="home"),
    ],
)
def test_another_daemon_account_or_profile_never_sees_it(path: Path, other: Profile):
    assert sessions.load(other) is None


def test_a_profile_without_an_account_takes_whoever_logged_in(path: Path):
    assert sessions.load(replace(PROFILE, account="")) == SESSION


@pytest.mark.parametrize("text", ["", "{", "[]", '{"token": "x"}', "null"])
def test_a_damaged_file_is_no_session(path: Path, text: str):
    path.write_text(text)
    assert sessions.load(PROFILE) is None


def test_it_is_forgotten(path: Path):
    sessions.save(PROFILE, None)
    assert not path.exists()
    assert sessions.load(PROFILE) is None
    sessions.save(PROFILE, None)


def test_a_name_that_leads_elsewhere_is_refused(home: Path):
    with pytest.raises(InputError):
        sessions.save(replace(PROFILE, name="../../x"), SESSION)


def test_the_keyring_keeps_it_in_place_of_a_file(home: Path, monkeypatch: pytest.MonkeyPatch):
    keyring = pytest.importorskip("keyring")
    kept: dict[tuple[str, str], str] = {}

    class Backend(keyring.backend.KeyringBackend):
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            return kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            kept[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del kept[service, username]

    before = keyring.get_keyring()
    keyring.set_keyring(Backend())
    try:
        profile = replace(PROFILE, keyring=True)
        sessions.save(profile, SESSION)
        assert sessions.load(profile) == SESSION
        assert list(kept) == [("hotfixture", "work")]
        assert not (folder("state") / "sessions").exists()
        sessions.save(profile, None)
        sessions.save(profile, None)
        assert sessions.load(profile) is None
    finally:
        keyring.set_keyring(before)


def test_a_logout_is_remembered_until_the_next_session(path: Path):
    assert not sessions.is_ended(PROFILE)
    sessions.end(PROFILE)
    assert sessions.load(PROFILE) is None
    assert sessions.is_ended(PROFILE)
    assert "secret" not in path.read_text()
    assert not sessions.is_ended(replace(PROFILE, url="https://b.example"))
    assert not sessions.is_ended(replace(PROFILE, account="boss@example.com"))
    sessions.save(PROFILE, SESSION)
    assert not sessions.is_ended(PROFILE)
