"""Settings come from flags, environment and file; the masking key is found, made, and never shown."""

from __future__ import annotations

import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hotfixture.errors import InputError
from hotfixture.settings import KEY_FILE, load, masking_key, pinned_time

HEX = bytes(range(32)).hex()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "config"


def write(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "settings.toml").write_text(text)


def test_without_anything_the_defaults_hold(folder: Path):
    settings = load(environment={}, folder=folder)
    assert (settings.providers, settings.debug, settings.key_file) == ({}, False, None)


def test_a_flag_wins_over_the_environment_and_that_over_the_file(folder: Path):
    write(folder, 'debug = true\nkey_file = "a"\n[providers]\nA = "file"\nB = "file"\nC = "file"\n')
    environment = {"HFIT_PROVIDER_B": "env", "HFIT_PROVIDER_C": "env", "HFIT_KEY_FILE": "b", "OTHER": "x"}
    settings = load(environment=environment, folder=folder, providers={"C": "flag"})
    assert settings.providers == {"A": "file", "B": "env", "C": "flag"}
    assert (settings.debug, settings.key_file) == (True, Path("b"))
    assert load(environment=environment, folder=folder, debug=False, key_file=Path("c")).key_file == Path("c")
    assert not load(environment={"HFIT_DEBUG": "1"}, folder=folder, debug=False).debug


def test_volumes_are_named_as_providers_are(folder: Path):
    write(folder, '[volumes]\na = "/file"\nb-b = "/file"\nc = "/file"\n')
    settings = load(
        environment={"HFIT_VOLUME_c": "/env", "HFIT_VOLUME_a": "/env"}, folder=folder, volumes={"a": "/flag"}
    )
    assert settings.volumes == {"a": "/flag", "b-b": "/file", "c": "/env"}


@pytest.mark.parametrize("name", ["", "a b", "a=b", "1"])
def test_a_name_that_could_not_stand_in_a_template_is_refused(folder: Path, name: str):
    for given in ({"environment": {f"HFIT_PROVIDER_{name}": "x"}}, {"environment": {}, "providers": {name: "x"}}):
        with pytest.raises(InputError, match="expected a name"):
            load(folder=folder, **given)


def test_another_settings_file_is_named_by_the_environment(tmp_path: Path, folder: Path):
    (tmp_path / "other.toml").write_text("debug = true")
    assert load(environment={"HFIT_SETTINGS": str(tmp_path / "other.toml")}, folder=folder).debug


def test_a_settings_file_that_is_named_must_be_there(tmp_path: Path, folder: Path):
    with pytest.raises(InputError, match="cannot be read"):
        load(environment={"HFIT_SETTINGS": str(tmp_path / "absent.toml")}, folder=folder)


def test_the_process_environment_is_used_by_default(monkeypatch: pytest.MonkeyPatch, folder: Path):
    monkeypatch.setenv("HFIT_PROVIDER_X", "sqlite:///x.db")
    assert load(folder=folder).providers["X"] == "sqlite:///x.db"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("debug = 1", "debug: expected bool, found int"),
        ("debugg = true", "unknown setting 'debugg'"),
        ('masking_key = "x"', "unknown setting 'masking_key'"),
        ("[providers]\nA = 1", "providers: 'A'"),
        ("debug =\nx = 1", r"settings\.toml:1"),
    ],
)
def test_a_wrong_settings_file_is_refused_with_its_place(folder: Path, text: str, message: str):
    write(folder, text)
    with pytest.raises(InputError, match=message) as caught:
        load(environment={}, folder=folder)
    assert "settings.toml" in str(caught.value)


@pytest.mark.parametrize("name", ["HFIT_MASKINGKEY", "HFIT_MASK_KEY", "HFIT_KEYFILE"])
def test_a_mistyped_variable_is_refused(folder: Path, name: str):
    with pytest.raises(InputError, match="unknown environment variable"):
        load(environment={name: HEX}, folder=folder)


def test_variables_of_others_are_left_alone(folder: Path):
    load(environment={"HFIT_TEST_POSTGRESQL_URL": "x", "HFITD_PORT": "1"}, folder=folder)


def test_the_key_of_the_environment_is_used(folder: Path):
    settings = load(environment={"HFIT_MASKING_KEY": f" {HEX}\n"}, folder=folder)
    assert masking_key(settings) == (bytes(range(32)), "HFIT_MASKING_KEY")
    assert not folder.exists()


def test_a_key_file_flag_wins_over_the_environment(tmp_path: Path, folder: Path):
    other = tmp_path / "k"
    other.write_text(HEX[::-1])
    other.chmod(0o600)
    settings = load(environment={"HFIT_MASKING_KEY": HEX}, folder=folder, key_file=other)
    assert masking_key(settings) == (bytes.fromhex(HEX[::-1]), str(other))


@pytest.mark.parametrize("text", ["", HEX[:62], HEX + "0", "x" * 64, "00" * 32, "ab" * 32, HEX * 20])
def test_a_weak_or_malformed_key_is_refused_without_showing_it(folder: Path, text: str):
    with pytest.raises(InputError) as caught:
        masking_key(load(environment={"HFIT_MASKING_KEY": text}, folder=folder))
    assert not text or text not in str(caught.value)


def test_a_pinned_time_is_in_whole_seconds():
    assert pinned_time({}) is None
    assert pinned_time({"SOURCE_DATE_EPOCH": "1729000000"}) == "2024-10-15T13:46:40+00:00"
    for wrong in ("yesterday", "1.5", "9" * 30):
        with pytest.raises(InputError, match="SOURCE_DATE_EPOCH"):
            pinned_time({"SOURCE_DATE_EPOCH": wrong})


def test_an_absent_key_is_made_once_and_said_once(folder: Path):
    said: list[str] = []
    settings = load(environment={}, folder=folder)
    first = masking_key(settings, say=said.append)
    assert masking_key(settings, say=said.append) == first
    assert len(first[0]) == 32
    assert len(said) == 1
    assert str(folder / KEY_FILE) in said[0]
    assert first[0].hex() not in said[0]
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]


@pytest.mark.skipif(sys.platform == "win32", reason="permission bits are POSIX")
def test_the_made_key_is_for_its_owner_alone(folder: Path):
    masking_key(load(environment={}, folder=folder))
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="permission bits are POSIX")
def test_a_key_that_others_may_read_is_refused(folder: Path):
    settings = load(environment={}, folder=folder)
    masking_key(settings)
    (folder / KEY_FILE).chmod(0o640)
    with pytest.raises(InputError, match=r"others may read this masking key .mode 640"):
        masking_key(settings)


def test_many_that_make_a_key_at_once_get_the_same(folder: Path):
    settings = load(environment={}, folder=folder)
    said: list[str] = []
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: masking_key(settings, say=said.append), range(64)))
    assert len(keys) == 1
    assert len(said) == 1


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="--key-file"):
        masking_key(load(environment={}, folder=tmp_path / "file" / "x"))


def test_no_secret_shows_in_a_repr(folder: Path):
    settings = load(
        environment={"HFIT_MASKING_KEY": HEX, "HFIT_PROVIDER_A": "postgresql://u:hunter2@h/d"}, folder=folder
    )
    assert HEX not in repr(settings)
    assert "hunter2" not in repr(settings)
