"""Settings: flags over the environment over the file; what is wrong with a file comes all at once, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from hotfixture.cli.mockcraft import mockcraft
from hotfixture.errors import InputError, UnknownNameError
from hotfixture.server.settings import ServerSettings, default_of, described, load, table


def written(folder: Path, text: str) -> Path:
    path = folder / "server.yaml"
    path.write_text(text)
    return path


def test_without_anything_the_defaults_stand() -> None:
    assert load(environment={}) == ServerSettings()


@pytest.mark.parametrize(
    ("flags", "environment", "expected"),
    [({}, {}, 1000), ({}, {"MOCKCRAFT_PORT": "2000"}, 2000), ({"port": "3000"}, {"MOCKCRAFT_PORT": "2000"}, 3000)],
)
def test_a_flag_wins_over_a_variable_and_a_variable_over_the_file(
    tmp_path: Path, flags: dict[str, str], environment: dict[str, str], expected: int
) -> None:
    found = load(flags, config=written(tmp_path, "port: 1000\nhost: 10.0.0.1\n"), environment=environment)
    assert (found.port, found.host) == (expected, "10.0.0.1")


def test_the_file_knows_sizes_times_lists_rates_and_targets(tmp_path: Path) -> None:
    text = """
max_body: 2 MiB
keep: 90m
cors_origins: [https://a.example, https://b.example]
rate_limit: 10/second
rate_limits: {seed: 5/hour, generate: "off"}
seed_targets: {shop: "postgresql://u:p@h/shop"}
remove_after_download: true
data: ~/jobs
"""
    found = load(config=written(tmp_path, text), environment={"MOCKCRAFT_SEED_TARGET_CRM": "sqlite:///crm.db"})
    assert (found.max_body, found.keep, found.rate_limit) == (2 << 20, 5400, "10/second")
    assert found.cors_origins == ("https://a.example", "https://b.example")
    assert found.rate_limits == {"seed": "5/hour", "generate": ""}
    assert found.seed_targets == {"shop": "postgresql://u:p@h/shop", "crm": "sqlite:///crm.db"}
    assert found.remove_after_download is True
    assert found.folder == Path("~/jobs").expanduser()


def test_the_variable_config_names_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "port: 1234\n")
    assert load(environment={"MOCKCRAFT_CONFIG": str(path)}).port == 1234


def test_all_that_is_wrong_with_a_file_is_said_at_once_with_line_and_column(tmp_path: Path) -> None:
    text = "prot: 80\nport: 99999\nkeep: soon\nmax_body: [1]\nrate_limits: {sed: 1/second}\nlog_level: loud\n"
    with pytest.raises(InputError) as error:
        load(config=written(tmp_path, text), environment={})
    places = [(problem.where.line, problem.where.column) for problem in error.value.problems if problem.where]
    assert places == [(1, 1), (2, 7), (3, 7), (4, 11), (5, 14), (6, 12)]
    assert "Did you mean port?" in str(error.value)


def test_an_error_never_tells_a_secret(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        load(config=written(tmp_path, "seed_targets: {a b: 'postgresql://u:hunter2@h/x'}\n"), environment={})
    assert "hunter2" not in str(error.value)
    shown = repr(load(environment={"MOCKCRAFT_STORE": "postgresql://u:hunter2@h/x"}))
    assert "hunter2" not in shown


def test_a_mistyped_variable_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="MOCKCRAFT_PROT"):
        load(environment={"MOCKCRAFT_PROT": "80"})


@pytest.mark.parametrize("value", ["", "x", "-1", "65536", "8080.5"])
def test_a_wrong_flag_says_its_name_and_range(value: str) -> None:
    with pytest.raises(InputError, match="--port: expected an integer, 0 … 65535"):
        load({"port": value}, environment={})


def test_every_setting_survives_being_written_as_its_default_is_shown() -> None:
    for setting in described():
        kind, default = setting.metadata["kind"], default_of(setting)
        shown = kind.shown(default)
        if shown:
            assert kind.parse(shown, setting.name) == default, setting.name


def test_every_setting_is_a_flag_but_for_those_that_may_hold_a_password() -> None:
    shown = CliRunner().invoke(mockcraft, ["server", "--help"]).output
    secret = {setting.name for setting in described() if setting.metadata["secret"]}
    assert secret == {"store", "rate_store", "seed_targets", "sentry_dsn"}
    for name, flag, variable, _, meaning in table():
        assert (f"{flag} " in shown) if flag else (f"--{name.replace('_', '-')} " not in shown)
        assert variable.startswith("MOCKCRAFT_")
        assert meaning.endswith(".")


def test_a_server_that_cannot_start_says_why_and_exits(tmp_path: Path) -> None:
    done = CliRunner().invoke(mockcraft, ["server", "--token-file", str(tmp_path / "none"), "--data", str(tmp_path)])
    assert isinstance(done.exception, InputError)
