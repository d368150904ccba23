"""Which daemon, as whom: flags over environment over file; and a file that stays a person's own."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.client import profiles
from hotfixture.client.profiles import Profile, load, save
from hotfixture.errors import HotFixtureError, InputError, UnknownNameError

WORK = Profile("work", "https://work.example", "dev@example.com", "/keys/id")
HOME = Profile("default", "http://localhost:8443")


@pytest.fixture
def file(home: Path) -> Path:
    """The settings file, with two daemons in it."""
    save(HOME, default=False)
    return save(WORK, default=False)


def write(text: str) -> None:
    path = profiles.folder("config") / profiles.FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("given", ["", " ", "/elsewhere"])
@pytest.mark.parametrize("kind", ["config", "state"])
def test_the_folders_are_the_platform_s(monkeypatch: pytest.MonkeyPatch, kind: str, given: str):
    import platformdirs

    monkeypatch.setenv(f"XDG_{kind.upper()}_HOME", given)
    own = {"config": platformdirs.user_config_path, "state": platformdirs.user_state_path}[kind]
    assert profiles.folder(kind) == own("hotfixture", appauthor=False)


def test_what_is_saved_is_loaded(file: Path):
    assert load("work", environment={}) == WORK
    assert load(environment={}) == HOME
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_flag_wins_over_the_environment_and_that_over_the_file(file: Path):
    environment = {"HFIT_PROFILE": "work", "HFIT_URL": "https://env.example", "HFIT_ACCOUNT": "ci", "HFIT_KEY": "/k"}
    found = load(environment=environment)
    assert (found.url, found.account, found.key) == ("https://env.example", "ci", "/k")
    assert load("default", url="https://flag.example", environment=environment).url == "https://flag.example"
    assert load("default", environment={"HFIT_PROFILE": "work"}).url == HOME.url


def test_url_and_token_of_the_environment_need_no_file_and_no_home(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(profiles, "folder", lambda _: pytest.fail("looked for a folder"))
    found = load(environment={"HFIT_URL": "https://ci.example", "HFIT_TOKEN": "hft_a\n"})
    assert (found.url, found.token) == ("https://ci.example", "hft_a")
    assert "hft_a" not in repr(found)


def test_an_address_alone_gets_no_key_or_account_of_another_daemon(file: Path):
    save(Profile("default", "https://a.example", "dev@example.com", "/keys/id"), default=True)
    found = load(url="https://other.example", environment={})
    assert (found.account, found.key, found.ca) == ("", "", None)


def test_without_anything_configured_it_says_how(home: Path):
    with pytest.raises(InputError, match="hfit config URL ACCOUNT KEYFILE"):
        load(environment={})
    with pytest.raises(UnknownNameError, match="wrok"):
        load("wrok", environment={})


def test_a_machine_without_a_home_says_so(monkeypatch: pytest.MonkeyPatch):
    def nobody(path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setattr(Path, "expanduser", nobody)
    monkeypatch.setattr("platformdirs.user_config_dir", lambda *_, **__: "~/.config/hotfixture")
    with pytest.raises(InputError, match=r"no home folder(?s:.*)HFIT_URL and HFIT_TOKEN"):
        load(environment={})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("profiles = 3", "expected default"),
        ("default = 3\n[profiles]", "expected default"),
        ("defualt = 'a'", "Did you mean default"),
        ("[profiles.a]\nurl = 3", "url: expected str"),
        ("[profiles.a]\nurl = 'https://a'\nacount = 'b'", "Did you mean account"),
        ("[profiles.a]\naccount = 'b'", "expected a url"),
        ("[profiles.'a b']\nurl = 'https://a'", "letters, digits"),
        ("[profiles.a", "not TOML"),
    ],
)
def test_what_is_wrong_in_the_file_is_said_with_its_place(home: Path, text: str, said: str):
    write(text)
    with pytest.raises(InputError, match=said) as caught:
        load(environment={})
    assert "hfit.toml" in str(caught.value)


def test_all_that_is_wrong_is_said_at_once(home: Path):
    write("x = 1\n[profiles.a]\nacount = 'b'\n")
    with pytest.raises(InputError) as caught:
        load(environment={})
    assert len(caught.value.problems) == 3


def test_comments_and_other_daemons_stay_when_one_is_written(home: Path):
    write(
        '# mine\ndefault = "b"  # also mine\n\n[profiles.a]\nurl = "https://a"\n# of a\n\n[profiles.b] # second\nurl = "https://b"\n'
    )
    path = save(Profile("a", "https://new", keyring=True), default=False)
    text = path.read_text()
    assert text.startswith('# mine\ndefault = "b"  # also mine\n')
    found = tomllib.loads(text)
    assert found == {
        "default": "b", "profiles": {"a": {"url": "https://new", "keyring": True}, "b": {"url": "https://b"}},
    }  # fmt: skip
    save(Profile("c", "https://c"), default=True)
    assert tomllib.loads(path.read_text())["default"] == "c"
    assert load("b", environment={}).url == "https://b"


def test_the_first_daemon_is_the_default(home: Path):
    save(WORK, default=False)
    assert load(environment={}) == WORK


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1, max_size=30)


@given(TEXT, TEXT, st.booleans())
def test_any_text_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, url: str, key: str, keyring: bool
):
    path = tmp_path_factory.mktemp("any") / "hfit.toml"
    save(Profile("a", url, key=key, keyring=keyring), default=False, path=path)
    save(Profile("b-2", "https://b"), default=True, path=path)
    save(Profile("a", url, key=key, keyring=keyring), default=False, path=path)
    found = profiles.read(path)
    assert found.default == "b-2"
    assert found.profiles["a"] == {"url": url, "key": key} | ({"keyring": True} if keyring else {})


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path):
    tmp_path.chmod(0o500)
    with pytest.raises(HotFixtureError, match="cannot write"):
        save(WORK, default=False, path=tmp_path / "inner" / "hfit.toml")
